//! Everything a migrator has: the files of a folder, those in the program, and migrations in Rust, in one order.

use std::collections::HashSet;

use async_trait::async_trait;
use whimbrel_core::checksum::Checksum;
use whimbrel_core::file_name::{Form, MigrationId, NATIVE_EXTENSION, NotAMigration};
use whimbrel_core::source::{
    DirectorySource, Listing, Migration as Listed, SkippedEntry, Source, SourceError,
};

use crate::embedded::EmbeddedMigrations;

/// Several sources as one.
pub(crate) struct Sources {
    pub(crate) directory: Option<DirectorySource>,
    pub(crate) embedded: Vec<EmbeddedMigrations>,
    /// What is in the program never changes.
    pub(crate) built_in: Listing,
}

impl Sources {
    /// The entries of embedded folders that are no migrations.
    pub(crate) fn skipped(embedded: &[EmbeddedMigrations]) -> Vec<SkippedEntry> {
        let names = embedded.iter().flat_map(EmbeddedMigrations::skipped);
        let skipped = names.filter_map(|name| {
            let why = match MigrationId::parse(name) {
                Err(why) => why,
                Ok(id) if id.form() == Form::Native => {
                    NotAMigration::Extension(NATIVE_EXTENSION.to_owned())
                }
                Ok(_) => return None,
            };
            Some(SkippedEntry { name: name.to_owned(), why })
        });
        skipped.collect()
    }
}

#[async_trait]
impl Source for Sources {
    async fn list(&self) -> Result<Listing, SourceError> {
        let mut listing = match &self.directory {
            Some(directory) => directory.list().await?,
            None => Listing::default(),
        };
        if self.built_in.migrations.is_empty() && self.built_in.skipped.is_empty() {
            return Ok(listing);
        }
        listing.migrations.extend(self.built_in.migrations.iter().cloned());
        listing.skipped.extend(self.built_in.skipped.iter().cloned());
        listing.migrations.sort_by(|a: &Listed, b| a.id.cmp(&b.id));
        let mut names = HashSet::new();
        for migration in &listing.migrations {
            if !names.insert(migration.id.name()) {
                let name = migration.id.name().to_owned();
                return Err(SourceError::SeveralOfOneName { name });
            }
        }
        Ok(listing)
    }

    async fn import_checksum(&self, path: &str) -> Result<Option<Checksum>, SourceError> {
        if let Some(known) = self.embedded.iter().find_map(|embedded| embedded.checksum(path)) {
            return Ok(Some(known));
        }
        match &self.directory {
            Some(directory) => directory.import_checksum(path).await,
            None => Ok(None),
        }
    }

    fn describe(&self) -> String {
        let directory = self.directory.as_ref().map(Source::describe);
        let embedded = self.embedded.iter().map(|it| format!("{} (embedded)", it.directory()));
        let places: Vec<String> = directory.into_iter().chain(embedded).collect();
        if places.is_empty() { "the program".to_owned() } else { places.join(", ") }
    }
}
