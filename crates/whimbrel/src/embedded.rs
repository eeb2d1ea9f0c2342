//! Migrations that are compiled into the program.

use std::sync::Arc;

use whimbrel_core::checksum::Checksum;
use whimbrel_core::source::{BundleFile, SourceBundle};

/// A file in the program.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct EmbeddedFile {
    /// Relative to the project folder, with `/`.
    pub path: &'static str,
    /// As the history has it.
    pub checksum: &'static str,
    /// The text.
    pub text: &'static str,
    /// It is a migration, not something that one imports.
    pub is_migration: bool,
}

/// The migration files of a folder, compiled into the program by [`embed_migrations!`](crate::embed_migrations).
#[derive(Clone, Copy, Debug)]
pub struct EmbeddedMigrations {
    directory: &'static str,
    files: &'static [EmbeddedFile],
    skipped: &'static [&'static str],
}

impl EmbeddedMigrations {
    #[doc(hidden)]
    pub const fn __new(
        directory: &'static str,
        files: &'static [EmbeddedFile],
        skipped: &'static [&'static str],
    ) -> Self {
        Self { directory, files, skipped }
    }

    /// The folder, as it was given.
    pub(crate) fn directory(&self) -> &'static str {
        self.directory
    }

    pub(crate) fn migrations(&self) -> impl Iterator<Item = &'static EmbeddedFile> {
        self.files.iter().filter(|file| file.is_migration)
    }

    pub(crate) fn skipped(&self) -> impl Iterator<Item = &'static str> {
        self.skipped.iter().copied()
    }

    /// The checksum of any file.
    pub(crate) fn checksum(&self, path: &str) -> Option<Checksum> {
        let file = self.files.iter().find(|file| file.path == path)?;
        Some(Checksum::from_stored(file.checksum))
    }

    /// All files, with a migration as the entry: it may import any of them.
    pub(crate) fn bundle(&self, entry: &str) -> SourceBundle {
        let file = |file: &EmbeddedFile| BundleFile {
            path: file.path.to_owned(),
            text: Arc::from(file.text),
        };
        let files = self.files.iter().map(file).collect();
        SourceBundle { entry: entry.to_owned(), files, resolutions: Vec::new() }
    }
}

pub(crate) fn name_of(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}
