//! File names of migrations: what is a version, what is a title, what is neither.
//!
//! A migration's name is its file name in Unicode NFC, with its extension. Its version is the run of
//! digits the name starts with (`001_initial.js`, `1-x.js`, `20240101120000-x.js`), optionally
//! after a single `v` (`v2.js`). Anything else in the folder is not a migration and is reported by
//! the source that reads it, never skipped in silence.
//!
//! A pair `1_x.up.json` and `1_x.down.json` (or `.yaml`, `.yml`) is one migration, called as its first file.

use std::cmp::Ordering;
use std::fmt;

use unicode_normalization::UnicodeNormalization;

/// The extensions of migrations that are JavaScript or TypeScript.
pub const SCRIPT_EXTENSIONS: [&str; 6] = ["js", "mjs", "cjs", "ts", "mts", "cts"];

/// The extensions of command files.
pub const COMMAND_EXTENSIONS: [&str; 3] = ["json", "yaml", "yml"];

/// The extension in the names of migrations that are Rust code, and so no files.
pub const NATIVE_EXTENSION: &str = "rs";

/// What stands before `json` in the two halves of a pair.
const UP: &str = ".up";
const DOWN: &str = ".down";

/// A migration's version: decimal digits, compared as a number of any size.
///
/// `001` and `1` are the same version; the digits are kept as they were written.
#[derive(Clone, Debug)]
pub struct Version(String);

impl Version {
    /// Takes a text of decimal digits; `None` if there is any other character, or none at all.
    pub fn parse(text: &str) -> Option<Self> {
        (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then(|| Self(text.into()))
    }

    /// The digits as they were written, leading zeros included.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn significant(&self) -> &str {
        self.0.trim_start_matches('0')
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Version {}
impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let (a, b) = (self.significant(), other.significant());
        a.len().cmp(&b.len()).then_with(|| a.cmp(b))
    }
}
impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What identifies a migration: its name, and what the name says.
///
/// Ordered by version (numerically), then by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationId {
    name: String,
    version: Version,
    title: String,
}

impl MigrationId {
    /// Reads a file name. `Err` says why the file is no migration.
    pub fn parse(file_name: &str) -> Result<Self, NotAMigration> {
        let name: String = file_name.nfc().collect();
        if name.starts_with('.') {
            return Err(NotAMigration::Hidden);
        }
        let (stem, extension) =
            name.rsplit_once('.').ok_or_else(|| NotAMigration::Extension(String::new()))?;
        if name.ends_with(".d.ts") || name.ends_with(".d.mts") || name.ends_with(".d.cts") {
            return Err(NotAMigration::TypeDeclaration);
        }
        let known = SCRIPT_EXTENSIONS.iter().chain(&COMMAND_EXTENSIONS).chain([&NATIVE_EXTENSION]);
        if !known.copied().any(|known| known == extension) {
            return Err(NotAMigration::Extension(extension.to_owned()));
        }
        if is_commands(&name) && stem.ends_with(DOWN) {
            return Err(NotAMigration::RollbackHalf);
        }
        let stem = stem_of(&name);
        let digits_at = usize::from(stem.starts_with(['v', 'V']));
        let rest = &stem[digits_at..];
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let no_version = match COMMAND_EXTENSIONS.contains(&extension) {
            // Such files most often hold data.
            true => NotAMigration::Data,
            false => NotAMigration::NoVersion,
        };
        let version = Version::parse(&rest[..digits]).ok_or(no_version)?;
        let title = rest[digits..].trim_start_matches(['_', '-', ' ', '.']).to_owned();
        Ok(Self { name, version, title })
    }

    /// What the file is written in.
    pub fn form(&self) -> Form {
        let extension = self.name.rsplit_once('.').map_or("", |(_, extension)| extension);
        match extension {
            NATIVE_EXTENSION => Form::Native,
            "json" => Form::Json,
            "yaml" | "yml" => Form::Yaml,
            "ts" | "mts" | "cts" => Form::TypeScript,
            _ => Form::JavaScript,
        }
    }

    /// The name of the file that takes this one back, where this is the first half of a pair.
    pub fn rollback_half(&self) -> Option<String> {
        second_half_of(&self.name)
    }

    /// The file name in NFC, with its extension; the key of the history.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The version the name starts with.
    pub fn version(&self) -> &Version {
        &self.version
    }

    /// What follows the version, without the separator and the extension; may be empty.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The name without its extension.
    pub fn stem(&self) -> &str {
        stem_of(&self.name)
    }

    /// Whether a person who typed `text` means this migration: by name, stem or version.
    pub fn is_meant_by(&self, text: &str) -> bool {
        let text: String = text.nfc().collect();
        text == self.name
            || text == self.stem()
            || Version::parse(&text).is_some_and(|version| version == self.version)
    }
}

impl PartialOrd for MigrationId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for MigrationId {
    fn cmp(&self, other: &Self) -> Ordering {
        self.version.cmp(&other.version).then_with(|| self.name.cmp(&other.name))
    }
}

/// A file name without its last extension, and without the `.up` of a pair's first half.
pub fn stem_of(name: &str) -> &str {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    if is_commands(name) { stem.strip_suffix(UP).unwrap_or(stem) } else { stem }
}

/// The name of the first half of a pair, for the name of its second half.
pub fn first_half_of(name: &str) -> Option<String> {
    other_half_of(name, DOWN, UP)
}

/// The name of the second half of a pair, for the name of its first half.
pub fn second_half_of(name: &str) -> Option<String> {
    other_half_of(name, UP, DOWN)
}

fn other_half_of(name: &str, own: &str, other: &str) -> Option<String> {
    let (stem, extension) = name.rsplit_once('.')?;
    let stem = stem.strip_suffix(own).filter(|_| COMMAND_EXTENSIONS.contains(&extension))?;
    Some(format!("{stem}{other}.{extension}"))
}

fn is_commands(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, extension)| COMMAND_EXTENSIONS.contains(&extension))
}

/// What a migration is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Form {
    /// JavaScript: `.js`, `.mjs`, `.cjs`.
    JavaScript,
    /// TypeScript: `.ts`, `.mts`, `.cts`.
    TypeScript,
    /// Database commands in Extended JSON: `.json`.
    Json,
    /// Database commands in Extended JSON, written as YAML: `.yaml`, `.yml`.
    Yaml,
    /// Rust, compiled into the program: `.rs`, which is no file.
    Native,
}

impl Form {
    /// Whether it is a list of database commands.
    pub fn is_commands(self) -> bool {
        matches!(self, Self::Json | Self::Yaml)
    }
}

/// Why a directory entry is not a migration.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotAMigration {
    /// The name starts with a dot.
    Hidden,
    /// The name does not start with a version.
    NoVersion,
    /// The extension is none that migrations have; empty when there is none.
    Extension(String),
    /// A TypeScript declaration file.
    TypeDeclaration,
    /// A directory; only files directly in the folder are migrations.
    Directory,
    /// The second half of a pair, `1_x.down.json`.
    RollbackHalf,
    /// A JSON or YAML file that holds no commands, and lies beside a migration of its version or has no version.
    Data,
    /// A JSON or YAML file with a version of its own, that holds no commands.
    NoCommands,
}

impl NotAMigration {
    /// Whether a person most likely meant the entry to be a migration, so that it deserves a warning.
    pub fn is_suspicious(&self) -> bool {
        match self {
            Self::NoVersion | Self::RollbackHalf | Self::NoCommands => true,
            Self::Extension(extension) => matches!(extension.as_str(), "tsx" | "jsx" | "rs"),
            Self::Hidden | Self::TypeDeclaration | Self::Directory | Self::Data => false,
        }
    }
}

impl fmt::Display for NotAMigration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hidden => f.write_str("hidden file"),
            Self::NoVersion => f.write_str(
                "the name does not start with a version, such as 001_ or 20240101120000-",
            ),
            Self::Extension(extension) if extension.is_empty() => f.write_str("no file extension"),
            Self::Extension(extension) => {
                write!(f, "files ending in .{extension} are not migrations")
            }
            Self::TypeDeclaration => f.write_str("type declarations"),
            Self::Directory => f.write_str("directory"),
            Self::RollbackHalf => f.write_str(
                "the second half of a pair whose first half, with .up in place of .down, is not there",
            ),
            Self::NoCommands => {
                f.write_str("its name has a version, but there is no `up`, `rollback` or `down` in it")
            }
            Self::Data => f.write_str("data: a migration has a version in its name and commands in `up`"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(name: &str) -> MigrationId {
        MigrationId::parse(name).unwrap()
    }

    #[test]
    fn names_found_in_the_wild_are_read() {
        for (name, version, title) in [
            ("001_initial_setup.js", "001", "initial_setup"),
            ("1-x.mjs", "1", "x"),
            ("20240101120000-add users.cjs", "20240101120000", "add users"),
            ("v2.js", "2", ""),
            ("7.js", "7", ""),
            ("003_$pecial.v1.js", "003", "$pecial.v1"),
            ("4_x.json", "4", "x"),
            ("4_x.up.json", "4", "x"),
            ("4_x.up.yaml", "4", "x"),
            ("5_backfill.rs", "5", "backfill"),
        ] {
            let id = id(name);
            assert_eq!((id.name(), id.version().as_str(), id.title()), (name, version, title));
        }
    }

    #[test]
    fn everything_else_says_why() {
        for (name, why) in [
            (".DS_Store", NotAMigration::Hidden),
            ("helpers.js", NotAMigration::NoVersion),
            ("víz.js", NotAMigration::NoVersion),
            ("001_x.tsx", NotAMigration::Extension("tsx".into())),
            ("001_x.d.ts", NotAMigration::TypeDeclaration),
            ("README", NotAMigration::Extension(String::new())),
            ("002_data.jsonc", NotAMigration::Extension("jsonc".into())),
            ("002_x.down.json", NotAMigration::RollbackHalf),
            ("countries.json", NotAMigration::Data),
        ] {
            assert_eq!(MigrationId::parse(name).unwrap_err(), why, "{name}");
        }
    }

    #[test]
    fn order_is_numeric_then_by_name() {
        let mut ids: Vec<_> =
            ["10_b.js", "9_z.js", "010_a.js", "20240101_x.js", "0_a.js"].map(id).into();
        ids.sort();
        let names: Vec<_> = ids.iter().map(MigrationId::name).collect();
        assert_eq!(names, ["0_a.js", "9_z.js", "010_a.js", "10_b.js", "20240101_x.js"]);
    }

    #[test]
    fn composed_and_decomposed_names_are_the_same_name() {
        assert_eq!(id("001_caf\u{e9}.js").name(), id("001_cafe\u{301}.js").name());
    }

    #[test]
    fn a_pair_is_called_as_its_first_half() {
        let first = id("001_x.up.json");
        assert_eq!((first.stem(), first.form()), ("001_x", Form::Json));
        assert_eq!(first.rollback_half().as_deref(), Some("001_x.down.json"));
        assert_eq!(first_half_of("001_x.down.json").as_deref(), Some("001_x.up.json"));
        assert!(first.is_meant_by("001_x") && first.is_meant_by("001_x.up.json"));
        assert_eq!((id("001_x.json").rollback_half(), first_half_of("001_x.json")), (None, None));
    }

    #[test]
    fn a_person_may_say_name_stem_or_version() {
        let id = id("002_add_likes.js");
        assert!(
            ["002_add_likes.js", "002_add_likes", "002", "2"].iter().all(|t| id.is_meant_by(t))
        );
        assert!(!["02_add", "add_likes", "3", ""].iter().any(|t| id.is_meant_by(t)));
    }
}
