//! The audit trail: an append-only record of everything done, in the `NAME_log` collection.
//!
//! One document per event:
//! ```json
//! { "at": {"$date": "…"}, "event": "migration_completed", "runId": "uuid", "fence": 7,
//!   "name": "001_x.js", "direction": "up", "durationMs": 150, "error": null, "detail": {},
//!   "by": { "host": "…", "pid": 1, "user": "…", "tool": "whimbrel 0.1.0" } }
//! ```
//! A trail that cannot be written does not stop a run; it is logged.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use mongodb::Collection;
use mongodb::bson::{DateTime, Document, doc};

use crate::history::{AppliedBy, Bookkeeping};

/// One event of the trail.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditEntry {
    /// What happened: `run_started`, `migration_completed`, `lock_taken_over`, `reset`, ….
    pub event: &'static str,
    /// The run.
    pub run_id: String,
    /// Its fence; 0 before the lock was taken.
    pub fence: i64,
    /// The migration, where it is about one.
    pub name: Option<String>,
    /// `up` or `rollback`, where it is about one.
    pub direction: Option<&'static str>,
    /// How long it took, in milliseconds.
    pub duration_ms: Option<i64>,
    /// Message of a failure.
    pub error: Option<String>,
    /// More, by event.
    pub detail: Document,
}

/// Takes events.
#[async_trait]
pub trait AuditLog: Send + Sync {
    /// Adds one event, with the current time and who we are. Failures are logged, not returned.
    async fn append(&self, entry: AuditEntry, by: &AppliedBy);
}

/// The trail in MongoDB.
#[derive(Clone, Debug)]
pub struct MongoAuditLog {
    collection: Collection<Document>,
}

impl MongoAuditLog {
    /// The trail of these collections.
    pub fn new(bookkeeping: &Bookkeeping) -> Self {
        Self { collection: bookkeeping.log() }
    }
}

#[async_trait]
impl AuditLog for MongoAuditLog {
    async fn append(&self, entry: AuditEntry, by: &AppliedBy) {
        let document = doc! {
            "at": DateTime::now(),
            "event": entry.event,
            "runId": entry.run_id,
            "fence": entry.fence,
            "name": entry.name,
            "direction": entry.direction,
            "durationMs": entry.duration_ms,
            "error": entry.error,
            "detail": entry.detail,
            "by": { "host": &by.host, "pid": by.pid, "user": &by.user, "tool": &by.tool },
        };
        if let Err(error) = self.collection.insert_one(document).await {
            tracing::warn!(error = %crate::database_error::describe(&error), "the audit trail could not be written");
        }
    }
}

/// The trail in memory, for tests.
#[derive(Clone, Debug, Default)]
pub struct MemoryAuditLog {
    entries: Arc<Mutex<Vec<AuditEntry>>>,
}

impl MemoryAuditLog {
    /// Everything so far.
    pub fn entries(&self) -> Vec<AuditEntry> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl AuditLog for MemoryAuditLog {
    async fn append(&self, entry: AuditEntry, _by: &AppliedBy) {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
    }
}
