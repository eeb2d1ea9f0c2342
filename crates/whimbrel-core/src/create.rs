//! Making the next migration file.
//!
//! The name is slugged, so it cannot leave the folder; the file is created only if there is none of that
//! name.

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::file_name::{MigrationId, Version};
use crate::source::SourceError;

/// How the next version is chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Numbering {
    /// A timestamp where the folder's latest version is one, else the next number.
    #[default]
    AsBefore,
    /// A timestamp.
    Timestamp,
}

/// What a migration is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// A `.js` file.
    #[default]
    JavaScript,
    /// A `.ts` file.
    TypeScript,
}

impl Language {
    /// Of a project's first migration: TypeScript where there is a `tsconfig.json`.
    pub fn of_project(folder: &Path) -> Self {
        match folder.join("tsconfig.json").is_file() {
            true => Self::TypeScript,
            false => Self::JavaScript,
        }
    }
}

/// What to create.
#[derive(Clone, Debug)]
pub struct NewMigration {
    /// What a person calls it: `add user indexes`.
    pub name: String,
    /// One line on what it does.
    pub description: Option<String>,
    /// How the version is chosen.
    pub numbering: Numbering,
    /// What the first file of a folder is written in; later ones follow the latest.
    pub language: Language,
    /// Today, `YYYY-MM-DD`, for the header.
    pub date: String,
    /// Now, `YYYYMMDDHHMMSS`, for timestamp versions.
    pub timestamp: String,
}

/// Why no file was made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CreateError {
    /// The name has no letter or digit.
    #[error("the name {name:?} holds no letter or digit")]
    EmptyName {
        /// The name.
        name: String,
    },
    /// The folder cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The file is there already.
    #[error("{} exists already", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The system's error.
        #[source]
        source: std::io::Error,
    },
}

impl CreateError {
    /// A stable name for machines.
    pub fn code(&self) -> &'static str {
        match self {
            Self::EmptyName { .. } => "NAME_EMPTY",
            Self::Source(error) => error.code(),
            Self::Exists { .. } => "FILE_EXISTS",
            Self::Write { .. } => "FILE_NOT_WRITTEN",
        }
    }

    /// The next step for a person.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::EmptyName { .. } => {
                Some("name it like `whimbrel create add_user_indexes`".into())
            }
            Self::Source(error) => error.hint(),
            Self::Exists { .. } => Some("choose another name; nothing was overwritten".into()),
            Self::Write { .. } => Some("check the folder's permissions".into()),
        }
    }
}

/// Letters and digits of any script, everything else as single underscores, lower case, at most 80
/// characters.
pub fn slug(name: &str) -> String {
    let mut slug = String::new();
    for character in name.chars().flat_map(char::to_lowercase) {
        if character.is_alphanumeric() {
            slug.push(character);
        } else if !slug.ends_with('_') && !slug.is_empty() {
            slug.push('_');
        }
    }
    let cut = slug.char_indices().nth(80).map_or(slug.len(), |(at, _)| at);
    slug[..cut].trim_end_matches('_').to_owned()
}

/// Writes the next file of the folder and gives its path. The folder is created if it is not there.
///
/// # Errors
/// See [`CreateError`]; nothing is left behind then.
pub fn create(directory: &Path, new: &NewMigration) -> Result<PathBuf, CreateError> {
    let slug = slug(&new.name);
    if slug.is_empty() {
        return Err(CreateError::EmptyName { name: new.name.clone() });
    }
    std::fs::create_dir_all(directory)
        .map_err(|source| CreateError::Write { path: directory.to_owned(), source })?;
    let (version, language) = next_version(directory, new)?;
    let extension = match language {
        Language::JavaScript => "js",
        Language::TypeScript => "ts",
    };
    let path = directory.join(format!("{version}_{slug}.{extension}"));
    let write = |source| CreateError::Write { path: path.clone(), source };
    let mut file = match std::fs::File::create_new(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            return Err(CreateError::Exists { path });
        }
        Err(error) => return Err(write(error)),
    };
    file.write_all(template(&version, &new.name, new, language).as_bytes()).map_err(write)?;
    Ok(path)
}

fn next_version(directory: &Path, new: &NewMigration) -> Result<(String, Language), CreateError> {
    let unreadable = |source| SourceError::Unreadable { path: directory.to_owned(), source };
    let mut latest: Option<Version> = None;
    let mut language = new.language;
    for entry in std::fs::read_dir(directory).map_err(unreadable)? {
        let name = entry.map_err(unreadable)?.file_name();
        // Files of other tools with a version count too: versions must not collide later.
        let name = name.to_string_lossy();
        let Some((stem, extension)) = name.rsplit_once('.') else { continue };
        if let Ok(id) = MigrationId::parse(&format!("{stem}.js")) {
            let version = Some(id.version().clone());
            if version >= latest && MigrationId::parse(&name).is_ok() {
                language = match extension {
                    "ts" | "mts" | "cts" => Language::TypeScript,
                    "js" | "mjs" | "cjs" => Language::JavaScript,
                    // Command files say nothing on what scripts are written in.
                    _ => language,
                };
            }
            latest = latest.max(version);
        }
    }
    let stamps = latest.as_ref().is_some_and(|version| version.as_str().len() >= 12);
    if new.numbering == Numbering::Timestamp || stamps {
        let now = Version::parse(&new.timestamp);
        // Two files within one second, or a clock that went back: still after the latest.
        let version = match (latest, now) {
            (Some(latest), Some(now)) if stamps && latest >= now => successor(latest.as_str()),
            _ => new.timestamp.clone(),
        };
        return Ok((version, language));
    }
    let version = latest.map_or_else(|| "001".to_owned(), |latest| successor(latest.as_str()));
    Ok((version, language))
}

/// The number after `digits`, at least as wide, and at least three digits.
fn successor(digits: &str) -> String {
    let mut number: Vec<u8> = digits.bytes().collect();
    let mut at = number.len();
    loop {
        if at == 0 {
            number.insert(0, b'1');
            break;
        }
        at -= 1;
        if number[at] == b'9' {
            number[at] = b'0';
        } else {
            number[at] += 1;
            break;
        }
    }
    let text: String = number.into_iter().map(char::from).collect();
    format!("{text:0>3}")
}

/// The text of a new file. Line breaks in what people give become spaces: they would leave the comment.
fn template(version: &str, name: &str, new: &NewMigration, language: Language) -> String {
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let name = one_line(name);
    let description = new.description.as_deref().map(one_line).unwrap_or_default();
    let head = format!(
        "// Migration: {version} {name}\n// Description: {description}\n// Created: {date}\n\n",
        date = new.date,
    );
    if language == Language::TypeScript {
        return head + TYPESCRIPT_BODY;
    }
    format!(
        "{head}\
         /**\n\
         \x20* Applies the migration. Must be safe to run again.\n\
         \x20*\n\
         \x20* @param {{import('mongodb').Db}} db\n\
         \x20*/\n\
         export default async function up(db) {{\n\
         \x20 // await db.collection('users').createIndex({{ email: 1 }}, {{ unique: true }});\n\
         }}\n\
         \n\
         /**\n\
         \x20* Takes it back.\n\
         \x20*\n\
         \x20* @param {{import('mongodb').Db}} db\n\
         \x20*/\n\
         export async function rollback(db) {{\n\
         \x20 // await db.collection('users').dropIndex('email_1');\n\
         }}\n",
    )
}

const TYPESCRIPT_BODY: &str = "\
import type { Db } from 'mongodb';

/** Applies the migration. Must be safe to run again. */
export default async function up(db: Db): Promise<void> {
  // await db.collection('users').createIndex({ email: 1 }, { unique: true });
}

/** Takes it back. */
export async function rollback(db: Db): Promise<void> {
  // await db.collection('users').dropIndex('email_1');
}
";

#[cfg(test)]
mod tests {
    use super::*;

    fn new(name: &str) -> NewMigration {
        NewMigration {
            name: name.into(),
            description: Some("Indexes\nfor queries".into()),
            numbering: Numbering::AsBefore,
            language: Language::default(),
            date: "2026-01-02".into(),
            timestamp: "20260102030405".into(),
        }
    }

    fn created(directory: &Path, new: &NewMigration) -> String {
        let path = create(directory, new).unwrap();
        assert_eq!(path.parent().unwrap(), directory);
        path.file_name().unwrap().to_str().unwrap().to_owned()
    }

    #[test]
    fn numbers_count_on() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("new/folder");
        assert_eq!(created(&folder, &new("Add user indexes")), "001_add_user_indexes.js");
        assert_eq!(created(&folder, &new("x")), "002_x.js");
        std::fs::write(folder.join("0099-y.ts"), "").unwrap();
        assert_eq!(created(&folder, &new("z")), "0100_z.ts");
        let text = std::fs::read_to_string(folder.join("0100_z.ts")).unwrap();
        assert!(text.contains("up(db: Db): Promise<void>"), "{text}");
        std::fs::write(folder.join("0101-y.cjs"), "").unwrap();
        assert_eq!(created(&folder, &new("z")), "0102_z.js");
    }

    #[test]
    fn timestamps_go_on_as_timestamps() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("20240101120000-a.js"), "").unwrap();
        assert_eq!(created(folder.path(), &new("b")), "20260102030405_b.js");
        assert_eq!(created(folder.path(), &new("b")), "20260102030406_b.js");
    }

    #[test]
    fn a_name_cannot_leave_the_folder_or_the_comment() {
        let folder = tempfile::tempdir().unwrap();
        let name = created(folder.path(), &new("../../etc/pass\nwd 'x'; drop"));
        assert_eq!(name, "001_etc_pass_wd_x_drop.js");
        let text = std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert!(text.starts_with(
            "// Migration: 001 ../../etc/pass wd 'x'; drop\n// Description: Indexes for queries\n"
        ));
        assert!(matches!(create(folder.path(), &new("../..")), Err(CreateError::EmptyName { .. })));
    }
}
