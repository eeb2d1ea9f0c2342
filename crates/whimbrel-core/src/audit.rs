//! The audit trail: an append-only record of everything done, in the `NAME_log` collection.
//!
//! One document per event:
//! ```json
//! { "at": {"$date": "…"}, "event": "migration_completed", "runId": "uuid", "fence": 7,
//!   "name": "001_x.js", "direction": "up", "durationMs": 150, "error": null, "detail": {},
//!   "by": { "host": "…", "pid": 1, "user": "…", "tool": "whimbrel 0.1.0" } }
//! ```
//! The one document that is ever written again is `migration_operations`, of which each execution has at most
//! one: what it has sent so far. A trail that cannot be written does not stop a run; it is logged.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use futures_util::TryStreamExt;
use mongodb::Collection;
use mongodb::bson::oid::ObjectId;
use mongodb::bson::{DateTime, Document, doc};

use crate::database_error::DatabaseError;
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

impl AuditEntry {
    /// An event about nothing in particular.
    pub fn blank(event: &'static str) -> Self {
        Self {
            event,
            run_id: String::new(),
            fence: 0,
            name: None,
            direction: None,
            duration_ms: None,
            error: None,
            detail: Document::new(),
        }
    }

    fn to_document(&self, by: &AppliedBy) -> Document {
        doc! {
            "at": DateTime::now(),
            "event": self.event,
            "runId": &self.run_id,
            "fence": self.fence,
            "name": &self.name,
            "direction": self.direction,
            "durationMs": self.duration_ms,
            "error": &self.error,
            "detail": self.detail.clone(),
            "by": { "host": &by.host, "pid": by.pid, "user": &by.user, "tool": &by.tool },
        }
    }
}

/// An event as it was read. It is only shown, so what is missing or of a strange type reads as empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AuditRecord {
    /// When, by the clock of the process that wrote it.
    pub at: Option<DateTime>,
    /// What happened.
    pub event: String,
    /// The run's UUID.
    pub run_id: String,
    /// The run's fence.
    pub fence: i64,
    /// The migration.
    pub name: Option<String>,
    /// `up` or `rollback`.
    pub direction: Option<String>,
    /// Milliseconds.
    pub duration_ms: Option<i64>,
    /// Message of a failure.
    pub error: Option<String>,
    /// More, by event.
    pub detail: Document,
    /// Who.
    pub by: AppliedBy,
}

impl AuditRecord {
    /// Reads a document.
    pub fn from_document(document: &Document) -> Self {
        let text = |name| document.get_str(name).ok().map(str::to_owned);
        let number = |name| {
            let value = document.get(name);
            value.and_then(|v| v.as_i64().or_else(|| v.as_i32().map(i64::from)))
        };
        let by = document.get_document("by").cloned().unwrap_or_default();
        let who = |name| by.get_str(name).unwrap_or_default().to_owned();
        Self {
            at: document.get_datetime("at").ok().copied(),
            event: text("event").unwrap_or_default(),
            run_id: text("runId").unwrap_or_default(),
            fence: number("fence").unwrap_or(0),
            name: text("name"),
            direction: text("direction"),
            duration_ms: number("durationMs"),
            error: text("error"),
            detail: document.get_document("detail").cloned().unwrap_or_default(),
            by: AppliedBy {
                host: who("host"),
                pid: by
                    .get("pid")
                    .and_then(|p| p.as_i64().or(p.as_i32().map(i64::from)))
                    .unwrap_or(0),
                user: who("user"),
                tool: who("tool"),
            },
        }
    }
}

/// Which events to read: those that fit every condition given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditQuery {
    /// Of these migrations.
    pub names: Option<Vec<String>>,
    /// Of these runs.
    pub run_ids: Option<Vec<String>>,
    /// Of these kinds.
    pub events: Option<Vec<String>>,
    /// Not of these kinds.
    pub except: Vec<String>,
    /// At most so many, the latest.
    pub limit: Option<usize>,
}

/// Keeps events.
#[async_trait]
pub trait AuditLog: Send + Sync {
    /// Adds one event, with the current time and who we are. Failures are logged, not returned.
    async fn append(&self, entry: AuditEntry, by: &AppliedBy);

    /// Writes the event with this id, over what it said before. Failures are logged, not returned.
    async fn record(&self, id: ObjectId, entry: AuditEntry, by: &AppliedBy);

    /// Events, oldest first. No collection: no events. Reads only.
    ///
    /// # Errors
    /// When they cannot be read.
    async fn read(&self, query: &AuditQuery) -> Result<Vec<AuditRecord>, DatabaseError>;

    /// Deletes the events before a time, except those of these runs, and gives their number.
    ///
    /// # Errors
    /// When the database refuses.
    async fn prune(&self, before: DateTime, keep: &[String]) -> Result<u64, DatabaseError>;
}

/// The trail in MongoDB.
#[derive(Clone, Debug)]
pub struct MongoAuditLog {
    bookkeeping: Bookkeeping,
}

impl MongoAuditLog {
    /// The trail of these collections.
    pub fn new(bookkeeping: &Bookkeeping) -> Self {
        Self { bookkeeping: bookkeeping.clone() }
    }

    fn collection(&self) -> Collection<Document> {
        self.bookkeeping.log()
    }

    /// The latest ones first. Within one millisecond, the ids of a process give the order.
    async fn documents(
        &self,
        query: &AuditQuery,
        filter: Document,
    ) -> mongodb::error::Result<Vec<Document>> {
        let collection = self.collection();
        let latest = doc! { "at": -1, "_id": -1 };
        let mut find = collection.find(filter).sort(latest).allow_disk_use(true);
        if let Some(limit) = query.limit {
            find = find.limit(i64::try_from(limit).unwrap_or(i64::MAX));
        }
        find.await?.try_collect().await
    }

    fn error(&self, doing: &str, error: mongodb::error::Error) -> DatabaseError {
        DatabaseError::new(
            format!("{doing} the audit trail ({})", self.collection().namespace()),
            error,
        )
    }
}

fn not_written(error: &mongodb::error::Error) {
    tracing::warn!(target: "whimbrel", error = %crate::database_error::describe(error), "the audit trail could not be written");
}

#[async_trait]
impl AuditLog for MongoAuditLog {
    async fn append(&self, entry: AuditEntry, by: &AppliedBy) {
        fail::fail_point!("audit::append");
        if let Err(error) = self.collection().insert_one(entry.to_document(by)).await {
            not_written(&error);
        }
    }

    async fn record(&self, id: ObjectId, entry: AuditEntry, by: &AppliedBy) {
        fail::fail_point!("audit::record");
        let update = doc! { "$set": entry.to_document(by) };
        if let Err(error) =
            self.collection().update_one(doc! { "_id": id }, update).upsert(true).await
        {
            not_written(&error);
        }
    }

    async fn read(&self, query: &AuditQuery) -> Result<Vec<AuditRecord>, DatabaseError> {
        let mut filter = Document::new();
        for (field, wanted) in
            [("name", &query.names), ("runId", &query.run_ids), ("event", &query.events)]
        {
            if let Some(wanted) = wanted {
                filter.insert(field, doc! { "$in": wanted });
            }
        }
        if !query.except.is_empty() {
            let event = filter.entry("event".to_owned()).or_insert_with(|| doc! {}.into());
            if let Some(event) = event.as_document_mut() {
                event.insert("$nin", &query.except);
            }
        }
        let mut documents = self.documents(query, filter.clone()).await;
        if self.bookkeeping.has_refused(&documents) {
            documents = self.documents(query, filter).await;
        }
        let documents = documents.map_err(|e| self.error("reading", e))?;
        Ok(documents.iter().rev().map(AuditRecord::from_document).collect())
    }

    async fn prune(&self, before: DateTime, keep: &[String]) -> Result<u64, DatabaseError> {
        let filter = doc! { "at": { "$lt": before }, "runId": { "$nin": keep } };
        let deleted = self.collection().delete_many(filter).await;
        deleted.map(|result| result.deleted_count).map_err(|e| self.error("pruning", e))
    }
}

/// The trail in memory, for tests.
#[derive(Clone, Debug, Default)]
pub struct MemoryAuditLog {
    entries: Arc<Mutex<Vec<Kept>>>,
}

/// An event in memory: its id where it may be written again, when it was written, and what it says.
type Kept = (Option<ObjectId>, DateTime, AuditEntry);

impl MemoryAuditLog {
    /// Everything so far.
    pub fn entries(&self) -> Vec<AuditEntry> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.iter().map(|(_, _, entry)| entry.clone()).collect()
    }
}

#[async_trait]
impl AuditLog for MemoryAuditLog {
    async fn append(&self, entry: AuditEntry, _by: &AppliedBy) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.push((None, DateTime::now(), entry));
    }

    async fn record(&self, id: ObjectId, entry: AuditEntry, _by: &AppliedBy) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        match entries.iter_mut().find(|(own, _, _)| *own == Some(id)) {
            Some(stands) => *stands = (Some(id), DateTime::now(), entry),
            None => entries.push((Some(id), DateTime::now(), entry)),
        }
    }

    async fn read(&self, query: &AuditQuery) -> Result<Vec<AuditRecord>, DatabaseError> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = |wanted: &Option<Vec<String>>, text: &str| {
            wanted.as_ref().is_none_or(|wanted| wanted.iter().any(|one| one == text))
        };
        let mut found: Vec<AuditRecord> = entries
            .iter()
            .filter(|(_, _, entry)| {
                fits(&query.names, entry.name.as_deref().unwrap_or_default())
                    && fits(&query.run_ids, &entry.run_id)
                    && fits(&query.events, entry.event)
                    && !query.except.iter().any(|one| one == entry.event)
            })
            .map(|(_, at, entry)| {
                let mut document = entry.to_document(&AppliedBy::default());
                document.insert("at", *at);
                AuditRecord::from_document(&document)
            })
            .collect();
        let limit = query.limit.unwrap_or(usize::MAX).min(found.len());
        Ok(found.split_off(found.len() - limit))
    }

    async fn prune(&self, before: DateTime, keep: &[String]) -> Result<u64, DatabaseError> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let count = entries.len();
        entries.retain(|(_, at, entry)| *at >= before || keep.contains(&entry.run_id));
        Ok((count - entries.len()) as u64)
    }
}
