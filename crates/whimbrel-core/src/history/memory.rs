//! The history in memory: the twin of [`super::MongoHistory`] for tests.
//!
//! It can be handed to several migrators at once and shows everything that was written.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use super::{Expected, History, HistoryError, Row, RowChange, StoredSource, Written};

#[derive(Clone, Debug)]
struct Kept {
    row: Row,
    source: Option<Vec<u8>>,
}

/// Rows in memory; clones share them.
#[derive(Clone, Debug, Default)]
pub struct MemoryHistory {
    rows: Arc<Mutex<BTreeMap<String, Kept>>>,
}

impl MemoryHistory {
    /// An empty history.
    pub fn new() -> Self {
        Self::default()
    }

    /// The compare-and-set itself, without any waiting; transactions of tests apply their buffered
    /// writes through it.
    pub fn apply(&self, change: &RowChange) -> Written {
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        let current = rows.get(&change.row.name);
        if Expected::of(current.map(|kept| &kept.row)) != change.expected {
            return Written::Conflict;
        }
        let source = match &change.source {
            StoredSource::Keep => current.and_then(|kept| kept.source.clone()),
            StoredSource::Clear => None,
            StoredSource::Store(bytes) => Some(bytes.clone()),
        };
        rows.insert(change.row.name.clone(), Kept { row: change.row.clone(), source });
        Written::Landed
    }

    /// Whether a change would land now.
    pub fn would_land(&self, change: &RowChange) -> bool {
        let rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        Expected::of(rows.get(&change.row.name).map(|kept| &kept.row)) == change.expected
    }

    /// All rows in order of name, with everything they hold.
    pub fn rows(&self) -> Vec<Row> {
        let rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        rows.values().map(|kept| kept.row.clone()).collect()
    }
}

#[async_trait]
impl History for MemoryHistory {
    async fn read(&self) -> Result<Vec<Row>, HistoryError> {
        Ok(self.rows().into_iter().map(|row| Row { error_detail: None, ..row }).collect())
    }

    async fn read_source(&self, name: &str) -> Result<Option<Vec<u8>>, HistoryError> {
        let rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(rows.get(name).and_then(|kept| kept.source.clone()))
    }

    async fn prepare(&self) -> Result<(), HistoryError> {
        Ok(())
    }

    async fn write(&self, change: &RowChange) -> Result<Written, HistoryError> {
        Ok(self.apply(change))
    }

    async fn rename(&self, old: &str, change: &RowChange) -> Result<Written, HistoryError> {
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(kept) = rows.get(old) else { return Ok(Written::Conflict) };
        if Expected::of(Some(&kept.row)) != change.expected || rows.contains_key(&change.row.name) {
            return Ok(Written::Conflict);
        }
        let source = match &change.source {
            StoredSource::Keep => kept.source.clone(),
            StoredSource::Clear => None,
            StoredSource::Store(bytes) => Some(bytes.clone()),
        };
        rows.remove(old);
        rows.insert(change.row.name.clone(), Kept { row: change.row.clone(), source });
        Ok(Written::Landed)
    }

    async fn remove(&self, row: &Row) -> Result<Written, HistoryError> {
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        let stands = rows.get(&row.name).map(|kept| &kept.row);
        if Expected::of(stands) != Expected::of(Some(row)) {
            return Ok(Written::Conflict);
        }
        rows.remove(&row.name);
        Ok(Written::Landed)
    }

    async fn count(&self) -> Result<u64, HistoryError> {
        Ok(self.rows.lock().unwrap_or_else(PoisonError::into_inner).len() as u64)
    }

    async fn clear(&self) -> Result<u64, HistoryError> {
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        let count = rows.len() as u64;
        rows.clear();
        Ok(count)
    }
}
