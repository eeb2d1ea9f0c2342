//! Finding the files, by the rules of the folder source: every entry is a migration, a reported skip, or an error.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use whimbrel_files::checksum::Checksum;
use whimbrel_files::file_name::{Form, MigrationId, NotAMigration, first_half_of};

/// Extensions of files that a migration may import.
const IMPORTABLE: [&str; 7] = ["js", "mjs", "cjs", "ts", "mts", "cts", "json"];

/// What the macro was asked for; paths are absolute.
pub(crate) struct Request {
    pub(crate) directory: PathBuf,
    pub(crate) imports: Vec<PathBuf>,
    pub(crate) project: Option<PathBuf>,
    pub(crate) manifest: PathBuf,
}

/// One file to be compiled in.
#[derive(Debug)]
pub(crate) struct File {
    /// Relative to the project folder, with `/`.
    pub(crate) path: String,
    pub(crate) absolute: PathBuf,
    pub(crate) checksum: String,
    pub(crate) is_migration: bool,
}

#[derive(Debug)]
pub(crate) struct Collected {
    pub(crate) files: Vec<File>,
    /// Names of entries that are no migrations, and nothing that one could import.
    pub(crate) skipped: Vec<String>,
}

/// Reads everything.
///
/// # Errors
/// What keeps the program from being compiled, naming the file.
pub(crate) fn collect(request: &Request) -> Result<Collected, String> {
    let directory = real(&request.directory)?;
    if !directory.is_dir() {
        return Err(format!("{} is not a folder", directory.display()));
    }
    let project = match &request.project {
        Some(project) => real(project)?,
        None => project_of(&directory, &real(&request.manifest)?),
    };
    let mut collected = Collected { files: Vec::new(), skipped: Vec::new() };
    let mut versions: BTreeMap<String, String> = BTreeMap::new();
    let names = names_in(&directory)?;
    for name in &names {
        let path = directory.join(name);
        if path.is_dir() {
            add_importable(&mut collected.files, &project, &path)?;
            continue;
        }
        match MigrationId::parse(name) {
            Ok(id) if id.form() != Form::Native => {
                let version = id.version().as_str().trim_start_matches('0').to_owned();
                // Whether a file of commands is one, or data beside a script, is found out when the program starts.
                if !id.form().is_commands()
                    && let Some(other) = versions.insert(version, name.clone())
                {
                    return Err(format!(
                        "{other} and {name} have one version; give each a version of its own"
                    ));
                }
                add(&mut collected.files, &project, path, true)?;
            }
            // It belongs to its first half.
            Err(NotAMigration::RollbackHalf)
                if first_half_of(name).is_some_and(|first| names.contains(&first)) =>
            {
                add(&mut collected.files, &project, path, false)?;
            }
            Err(NotAMigration::NoVersion | NotAMigration::Data) if is_importable(&path) => {
                add(&mut collected.files, &project, path, false)?;
                collected.skipped.push(name.clone());
            }
            _ => collected.skipped.push(name.clone()),
        }
    }
    for folder in &request.imports {
        let folder = real(folder)?;
        if !folder.is_dir() {
            return Err(format!("{} is not a folder", folder.display()));
        }
        add_importable(&mut collected.files, &project, &folder)?;
    }
    collected.files.sort_by(|a, b| a.path.cmp(&b.path));
    collected.files.dedup_by(|a, b| a.path == b.path);
    Ok(collected)
}

/// The nearest folder with a `whimbrel.toml`, else the package's own: what imports are recorded relative to, so it must
/// be the folder that the command line takes.
fn project_of(directory: &Path, manifest: &Path) -> PathBuf {
    let configured = directory.ancestors().find(|folder| folder.join("whimbrel.toml").is_file());
    configured.unwrap_or(manifest).to_owned()
}

fn add_importable(files: &mut Vec<File>, project: &Path, folder: &Path) -> Result<(), String> {
    for name in names_in(folder)? {
        let path = folder.join(&name);
        if path.is_dir() {
            if name != "node_modules" {
                add_importable(files, project, &path)?;
            }
        } else if is_importable(&path) {
            add(files, project, path, false)?;
        }
    }
    Ok(())
}

fn is_importable(path: &Path) -> bool {
    path.extension().is_some_and(|found| IMPORTABLE.iter().any(|known| found == *known))
}

fn add(
    files: &mut Vec<File>,
    project: &Path,
    absolute: PathBuf,
    is_migration: bool,
) -> Result<(), String> {
    let unreadable = |error: std::io::Error| format!("cannot read {}: {error}", absolute.display());
    let bytes = std::fs::read(&absolute).map_err(unreadable)?;
    if let Err(error) = std::str::from_utf8(&bytes) {
        let (path, at) = (absolute.display(), error.valid_up_to());
        return Err(format!("{path} is not UTF-8 text (byte {at})"));
    }
    let Ok(relative) = absolute.strip_prefix(project) else {
        return Err(format!(
            "{} is outside the project folder {}; `project = \"FOLDER\"` names another",
            absolute.display(),
            project.display()
        ));
    };
    let parts = relative.components().filter(|part| *part != Component::CurDir);
    let parts: Vec<_> = parts.map(|part| part.as_os_str().to_string_lossy()).collect();
    let (path, checksum) = (parts.join("/"), Checksum::of(&bytes).to_string());
    files.push(File { path, checksum, is_migration, absolute });
    Ok(())
}

fn names_in(folder: &Path) -> Result<Vec<String>, String> {
    let unreadable = |error: std::io::Error| format!("cannot read {}: {error}", folder.display());
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name().into_string();
        names.push(name.map_err(|name| format!("the name {} is not Unicode", name.display()))?);
    }
    names.sort();
    Ok(names)
}

fn real(path: &Path) -> Result<PathBuf, String> {
    std::fs::canonicalize(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        folder
    }

    fn collected(folder: &Path, directory: &str, imports: &[&str]) -> Result<Collected, String> {
        collect(&Request {
            directory: folder.join(directory),
            imports: imports.iter().map(|path| folder.join(path)).collect(),
            project: None,
            manifest: folder.to_owned(),
        })
    }

    #[test]
    fn migrations_and_what_they_may_import_are_found() {
        let folder = project(&[
            ("m/s/001_a.js", "a\r\n"),
            ("m/s/002_b.up.json", "[]"),
            ("m/s/002_b.down.json", "[]"),
            ("m/s/001_a.json", "[]"),
            ("m/s/lib/c.ts", "c"),
            ("m/s/helper.js", "h"),
            ("m/s/countries.json", "[]"),
            ("m/s/README.md", "r"),
            ("m/helpers/node_modules/x/index.js", "x"),
            ("m/helpers/d.js", "d"),
        ]);
        let Collected { files, skipped } = collected(folder.path(), "m/s", &["m/helpers"]).unwrap();
        let paths: Vec<_> = files.iter().map(|f| (f.path.as_str(), f.is_migration)).collect();
        let expected = [
            ("m/helpers/d.js", false),
            ("m/s/001_a.js", true),
            ("m/s/001_a.json", true),
            ("m/s/002_b.down.json", false),
            ("m/s/002_b.up.json", true),
            ("m/s/countries.json", false),
            ("m/s/helper.js", false),
            ("m/s/lib/c.ts", false),
        ];
        assert_eq!(paths, expected);
        assert_eq!(skipped, ["README.md", "countries.json", "helper.js"]);
        assert_eq!(files[1].checksum, Checksum::of(b"a\n").to_string());
    }

    #[test]
    fn paths_are_relative_to_the_folder_of_the_settings() {
        let folder = project(&[("whimbrel.toml", ""), ("server/m/001_a.js", "")]);
        let found = collect(&Request {
            directory: folder.path().join("server/m"),
            imports: Vec::new(),
            project: None,
            manifest: folder.path().join("server"),
        });
        assert_eq!(found.unwrap().files[0].path, "server/m/001_a.js");
    }

    #[test]
    fn what_cannot_be_embedded_is_named() {
        let folder = project(&[("m/001_a.js", ""), ("m/1_b.js", ""), ("n/001_a.js", "")]);
        std::fs::write(folder.path().join("n/002_b.js"), [0xff]).unwrap();
        let error = |directory: &str| collected(folder.path(), directory, &[]).unwrap_err();
        assert!(error("m").contains("001_a.js and 1_b.js have one version"), "{}", error("m"));
        assert!(error("n").contains("002_b.js is not UTF-8"), "{}", error("n"));
        assert!(error("nowhere").contains("cannot read"), "{}", error("nowhere"));
        let outside = collect(&Request {
            directory: folder.path().join("n"),
            imports: Vec::new(),
            project: Some(folder.path().join("m")),
            manifest: folder.path().to_owned(),
        });
        assert!(outside.unwrap_err().contains("outside the project folder"));
    }
}
