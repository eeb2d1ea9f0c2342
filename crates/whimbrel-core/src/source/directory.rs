//! Migrations from the files of one folder.
//!
//! Every entry is either a migration, a reported skip, or an error that names the file. The second half of a pair
//! (`1_x.down.json`) is neither where its first half is there: it belongs to that.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;

use super::{Listing, Migration, SkippedEntry, Source, SourceError};
use crate::body::BodyLoader;
use crate::checksum::Checksum;
use crate::file_name::{
    Form, MigrationId, NATIVE_EXTENSION, NotAMigration, Version, first_half_of,
};

/// So many files are read where they are asked for.
const FEW: usize = 300;

/// The files directly in one folder.
#[derive(Clone)]
pub struct DirectorySource {
    directory: PathBuf,
    project: PathBuf,
    loader: Arc<dyn BodyLoader>,
}

impl DirectorySource {
    /// `project` is the folder that imports are stored relative to.
    pub fn new(
        directory: impl Into<PathBuf>,
        project: impl Into<PathBuf>,
        loader: Arc<dyn BodyLoader>,
    ) -> Self {
        Self { directory: directory.into(), project: project.into(), loader }
    }

    fn read(&self, entries: Vec<(String, bool)>) -> Result<Listing, SourceError> {
        let mut listing = Listing::default();
        let mut names: HashSet<String> = HashSet::with_capacity(entries.len());
        let mut without_commands = Vec::new();
        for (name, is_folder) in entries.iter().cloned() {
            let path = self.directory.join(&name);
            let unreadable = |source| SourceError::Unreadable { path: path.clone(), source };
            let id = match MigrationId::parse(&name) {
                _ if is_folder => Err(NotAMigration::Directory),
                Ok(id) if id.form() == Form::Native => {
                    Err(NotAMigration::Extension(NATIVE_EXTENSION.to_owned()))
                }
                parsed => parsed,
            };
            match id {
                Err(NotAMigration::RollbackHalf)
                    if first_half_of(&name).is_some_and(|first| has(&entries, &first)) => {}
                Err(why) => listing.skipped.push(SkippedEntry { name, why }),
                Ok(id) => {
                    if !names.insert(id.name().to_owned()) {
                        return Err(SourceError::DuplicateName { name: id.name().to_owned() });
                    }
                    let bytes = std::fs::read(&path).map_err(unreadable)?;
                    let version = id.version().clone();
                    match self.migration(id, &path, bytes)? {
                        Some(migration) => listing.migrations.push(migration),
                        None => without_commands.push((name, version)),
                    }
                }
            }
        }
        listing.migrations.sort_by(|a, b| a.id.cmp(&b.id));
        for (name, version) in without_commands {
            let why = why_without_commands(&listing.migrations, &version);
            listing.skipped.push(SkippedEntry { name, why });
        }
        listing.skipped.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(listing)
    }

    /// `None` for data.
    fn migration(
        &self,
        id: MigrationId,
        path: &Path,
        bytes: Vec<u8>,
    ) -> Result<Option<Migration>, SourceError> {
        let checksum = Checksum::of(&bytes);
        let text: Arc<str> = String::from_utf8(bytes)
            .map_err(|e| SourceError::NotUtf8 {
                path: path.to_owned(),
                position: e.utf8_error().valid_up_to(),
            })?
            .into();
        let facts = self.loader.facts_of_file(&id, &text);
        Ok(facts.is_migration.then(|| Migration {
            description: facts.description,
            checksum,
            body: self.loader.file_body(&id, path, Arc::clone(&text)),
            text: Some(text),
            id,
        }))
    }
}

/// Names in order, and whether each is a folder.
fn entries_of(directory: &Path) -> Result<Vec<(String, bool)>, SourceError> {
    let unreadable = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::NotFound => {
            SourceError::MissingDirectory { path: directory.to_owned() }
        }
        std::io::ErrorKind::NotADirectory => {
            SourceError::NotADirectory { path: directory.to_owned() }
        }
        _ => SourceError::Unreadable { path: directory.to_owned(), source },
    };
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry
            .file_name()
            .into_string()
            .map_err(|_| SourceError::NameNotUnicode { path: entry.path() })?;
        let path = entry.path();
        let unreadable = |source| SourceError::Unreadable { path: path.clone(), source };
        let mut kind = entry.file_type().map_err(unreadable)?;
        // Follows links: a linked file is a file.
        if kind.is_symlink() {
            kind = std::fs::metadata(&path).map_err(unreadable)?.file_type();
        }
        entries.push((name, kind.is_dir()));
    }
    entries.sort();
    Ok(entries)
}

/// Data has the version of the migration that imports it, if it has any.
pub fn why_without_commands(migrations: &[Migration], version: &Version) -> NotAMigration {
    match migrations.iter().any(|migration| migration.id.version() == version) {
        true => NotAMigration::Data,
        false => NotAMigration::NoCommands,
    }
}

fn has(entries: &[(String, bool)], name: &str) -> bool {
    entries.binary_search_by(|(entry, _)| entry.as_str().cmp(name)).is_ok()
}

#[async_trait]
impl Source for DirectorySource {
    async fn list(&self) -> Result<Listing, SourceError> {
        // A few hundred small files are read quicker than they are handed to a thread; more would keep a server from
        // answering meanwhile.
        let entries = entries_of(&self.directory)?;
        if entries.len() <= FEW {
            return self.read(entries);
        }
        let source = self.clone();
        let reading = tokio::task::spawn_blocking(move || source.read(entries));
        match reading.await.map_err(tokio::task::JoinError::try_into_panic) {
            Ok(listing) => listing,
            Err(Ok(panic)) => std::panic::resume_unwind(panic),
            Err(Err(_)) => Err(SourceError::Unreadable {
                path: self.directory.clone(),
                source: std::io::Error::other("the program is ending"),
            }),
        }
    }

    async fn import_checksum(&self, path: &str) -> Result<Option<Checksum>, SourceError> {
        let path = self.project.join(path);
        match std::fs::read(&path) {
            Ok(bytes) => Ok(Some(Checksum::of(&bytes))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(SourceError::Unreadable { path, source }),
        }
    }

    fn describe(&self) -> String {
        self.directory.display().to_string()
    }
}
