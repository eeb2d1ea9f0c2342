//! Migrations held in memory: for tests, and for files embedded in a program.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use super::{Listing, Migration, Source, SourceError};
use crate::body::Body;
use crate::checksum::Checksum;
use crate::file_name::{MigrationId, NotAMigration};

/// A list of migrations that can be changed between runs.
#[derive(Default)]
pub struct MemorySource {
    migrations: Mutex<BTreeMap<String, Migration>>,
}

impl MemorySource {
    /// An empty source.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a migration, or replaces the one with that name. The checksum is that of `text`.
    ///
    /// # Errors
    /// When `name` is no migration's name.
    pub fn put(&self, name: &str, text: &str, body: Arc<dyn Body>) -> Result<(), NotAMigration> {
        let id = MigrationId::parse(name)?;
        let migration = Migration {
            description: super::description_of(text),
            checksum: Checksum::of(text.as_bytes()),
            text: Some(text.into()),
            body,
            id,
        };
        self.lock().insert(migration.id.name().to_owned(), migration);
        Ok(())
    }

    /// Takes a migration out.
    pub fn remove(&self, name: &str) {
        self.lock().remove(name);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Migration>> {
        self.migrations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Source for MemorySource {
    async fn list(&self) -> Result<Listing, SourceError> {
        let mut migrations: Vec<_> = self.lock().values().cloned().collect();
        migrations.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(Listing { migrations, skipped: Vec::new() })
    }

    async fn import_checksum(&self, _path: &str) -> Result<Option<Checksum>, SourceError> {
        Ok(None)
    }

    fn describe(&self) -> String {
        "memory".to_owned()
    }
}
