//! The history in a MongoDB collection.
//!
//! Read preference primary and majority concerns are set here on the collection, whatever the URI or
//! the application's client says; on a deployment that refuses them, what it has. [`Bookkeeping`] is the shared
//! description of our three collections; the lock and the audit trail use it too.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::TryStreamExt;
use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{Binary, Bson, Document, doc};
use mongodb::options::{
    Acknowledgment, CollectionOptions, IndexOptions, ReadConcern, ReadPreference,
    SelectionCriteria, WriteConcern,
};
use mongodb::{ClientSession, Collection, Database, IndexModel};

use super::{
    Expected, ForeignTool, History, HistoryError, MalformedRow, Row, RowChange, StoredSource,
    Written,
};
use crate::database_error::{
    DatabaseError, Trouble, is_duplicate_key, is_outcome_unknown, server_error, trouble_of,
};

/// More rows than any project has, so that the history is one reply up to 16 MB.
const BATCH: u32 = 100_000;
/// What a plan depends on.
const PLAN_FIELDS: [&str; 9] = [
    "name",
    "version",
    "status",
    "direction",
    "sequence",
    "checksum",
    "imports",
    "error",
    "transaction",
];
/// How long a majority may take to confirm a write of ours.
const WRITE_CONCERN_TIMEOUT: Duration = Duration::from_secs(20);

/// Where history (`NAME`), audit trail (`NAME_log`) and lock (`NAME_lock`) are kept.
#[derive(Clone, Debug)]
pub struct Bookkeeping {
    database: Database,
    name: String,
    refused: Arc<Refused>,
}

/// The concerns that the deployment was found not to have; shared by all handles of a process.
#[derive(Debug, Default)]
struct Refused {
    read: AtomicBool,
    write: AtomicBool,
}

impl Bookkeeping {
    /// `name` is the history collection's name.
    pub fn new(database: Database, name: impl Into<String>) -> Self {
        Self { database, name: name.into(), refused: Arc::default() }
    }

    /// Whether an operation failed because the deployment has no majority concern. Then that is not asked for any
    /// more, and the operation can be tried again.
    pub(crate) fn has_refused<T>(&self, result: &mongodb::error::Result<T>) -> bool {
        let Err(error) = result else { return false };
        let Some((code, _, message)) = server_error(error) else { return false };
        let message = message.to_lowercase();
        // ReadConcernMajorityNotEnabled, UnknownReplWriteConcern; else BadValue, InvalidOptions, CommandNotSupported and
        // the like of compatible servers, by what they complain of.
        let vague = matches!(code, 2 | 9 | 14 | 72 | 115 | 303 | 40415);
        let read = code == 148
            || (vague && (message.contains("readconcern") || message.contains("read concern")));
        let write = code == 79
            || (vague && (message.contains("writeconcern") || message.contains("write concern")))
            || (code == 2 && message.contains("cannot use 'w'"));
        // Also when another operation has found out meanwhile: this one asked before.
        self.refused.read.fetch_or(read, Ordering::Relaxed);
        self.refused.write.fetch_or(write, Ordering::Relaxed);
        read || write
    }

    /// Majority, unless the deployment has no such thing.
    pub(crate) fn write_concern(&self) -> Option<WriteConcern> {
        (!self.refused.write.load(Ordering::Relaxed)).then(majority)
    }

    /// The database.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// The history collection's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The same collections through another client's database handle.
    pub fn through(&self, database: Database) -> Self {
        Self { database, name: self.name.clone(), refused: Arc::clone(&self.refused) }
    }

    /// The history.
    pub fn history(&self) -> Collection<Document> {
        self.collection("")
    }

    /// The audit trail.
    pub fn log(&self) -> Collection<Document> {
        self.collection("_log")
    }

    /// The lock.
    pub fn lock(&self) -> Collection<Document> {
        self.collection("_lock")
    }

    fn collection(&self, suffix: &str) -> Collection<Document> {
        let read = !self.refused.read.load(Ordering::Relaxed);
        let mut options = CollectionOptions::default();
        // The client's own concerns would be taken for those that are not set.
        options.read_concern =
            Some(if read { ReadConcern::majority() } else { ReadConcern::local() });
        options.write_concern = Some(
            self.write_concern()
                .unwrap_or_else(|| WriteConcern::builder().w(Acknowledgment::Nodes(1)).build()),
        );
        options.selection_criteria =
            Some(SelectionCriteria::ReadPreference(ReadPreference::Primary));
        self.database.collection_with_options(&format!("{}{suffix}", self.name), options)
    }
}

/// Majority with our time limit.
fn majority() -> WriteConcern {
    WriteConcern::builder().w(Acknowledgment::Majority).w_timeout(WRITE_CONCERN_TIMEOUT).build()
}

/// Rows in a collection.
#[derive(Clone, Debug)]
pub struct MongoHistory {
    bookkeeping: Bookkeeping,
}

impl MongoHistory {
    /// The history of these collections.
    pub fn new(bookkeeping: &Bookkeeping) -> Self {
        Self { bookkeeping: bookkeeping.clone() }
    }

    fn collection(&self) -> Collection<Document> {
        self.bookkeeping.history()
    }

    fn database_error(&self, doing: &str, error: mongodb::error::Error) -> HistoryError {
        let doing = format!("{doing} the history ({})", self.collection().namespace());
        HistoryError::Database(DatabaseError::new(doing, error))
    }

    fn row_of(&self, document: &Document) -> Result<Row, HistoryError> {
        Row::from_document(document).map_err(|source| HistoryError::Malformed {
            collection: self.bookkeeping.name().to_owned(),
            source,
        })
    }

    /// The write of `change` inside a transaction; errors are the driver's, because their labels decide
    /// whether the whole transaction is tried again.
    pub(crate) async fn write_in(
        &self,
        session: &mut ClientSession,
        change: &RowChange,
    ) -> mongodb::error::Result<Written> {
        // Concerns belong to the transaction, not to its statements.
        let collection: Collection<Document> = self
            .bookkeeping
            .database()
            .collection_with_options(self.bookkeeping.name(), CollectionOptions::default());
        match filter_of(&change.row.name, &change.expected) {
            Some(filter) => {
                let result =
                    collection.update_one(filter, update_of(change)).session(session).await?;
                Ok(landed(result.matched_count == 1))
            }
            None => {
                collection.insert_one(insert_of(change)).session(session).await?;
                Ok(Written::Landed)
            }
        }
    }

    /// The same write as a command, for a transaction in another process, and whether it inserts.
    pub(crate) fn command_of(&self, change: &RowChange) -> (Document, bool) {
        let name = self.bookkeeping.name();
        match filter_of(&change.row.name, &change.expected) {
            Some(filter) => {
                let update = doc! { "q": filter, "u": update_of(change) };
                (doc! { "update": name, "updates": [update] }, false)
            }
            None => {
                let mut row = doc! { "_id": mongodb::bson::oid::ObjectId::new() };
                row.extend(insert_of(change));
                (doc! { "insert": name, "documents": [row] }, true)
            }
        }
    }

    /// Whether the row stands as `change` wrote it.
    pub(crate) async fn has_landed(&self, change: &RowChange) -> Result<bool, HistoryError> {
        Ok(self.read_back(change).await? == Written::Landed)
    }

    async fn documents(&self, projection: &Document) -> mongodb::error::Result<Vec<Document>> {
        let collection = self.collection();
        let find = collection.find(doc! {}).projection(projection.clone()).batch_size(BATCH);
        find.await?.try_collect().await
    }

    /// The documents, once more where the deployment refused our concerns.
    async fn documents_of(&self, projection: Document) -> Result<Vec<Document>, HistoryError> {
        let mut documents = self.documents(&projection).await;
        if self.bookkeeping.has_refused(&documents) {
            documents = self.documents(&projection).await;
        }
        documents.map_err(|e| self.database_error("reading", e))
    }

    fn rows_of(&self, documents: &[Document]) -> Result<Vec<Row>, HistoryError> {
        let rows: Vec<Row> = documents.iter().map(|d| self.row_of(d)).collect::<Result<_, _>>()?;
        if let Some(name) = first_duplicate(&rows) {
            return Err(HistoryError::Malformed {
                collection: self.bookkeeping.name().to_owned(),
                source: MalformedRow {
                    name,
                    field: "name",
                    problem: "stands in more than one document".to_owned(),
                },
            });
        }
        Ok(rows)
    }

    async fn update(
        &self,
        filter: Document,
        change: &RowChange,
    ) -> mongodb::error::Result<Written> {
        let result = self.collection().update_one(filter, update_of(change)).await?;
        Ok(landed(result.matched_count == 1))
    }

    /// The answer to a write: where it is not certain, what stands there decides.
    async fn settled(
        &self,
        result: mongodb::error::Result<Written>,
        change: &RowChange,
    ) -> Result<Written, HistoryError> {
        match result {
            Ok(Written::Landed) => Ok(Written::Landed),
            // A retried write can meet its own first try.
            Ok(Written::Conflict) => self.read_back(change).await,
            Err(error) if is_outcome_unknown(&error) => match self.read_back(change).await {
                Ok(Written::Landed) => Ok(Written::Landed),
                Ok(Written::Conflict) | Err(_) => Err(self.database_error("writing", error)),
            },
            Err(error) => Err(self.database_error("writing", error)),
        }
    }

    /// What a write whose outcome is unknown did, by what stands there now.
    async fn read_back(&self, change: &RowChange) -> Result<Written, HistoryError> {
        let filter = doc! { "name": &change.row.name };
        let found = self
            .collection()
            .find_one(filter)
            .await
            .map_err(|e| self.database_error("reading back", e))?;
        let row = found.map(|document| self.row_of(&document)).transpose()?;
        let wanted = &change.row;
        let ours = row.as_ref().is_some_and(|row| {
            (row.status, row.fence, row.attempts, &row.run_id)
                == (wanted.status, wanted.fence, wanted.attempts, &wanted.run_id)
        });
        Ok(landed(ours))
    }
}

fn landed(yes: bool) -> Written {
    if yes { Written::Landed } else { Written::Conflict }
}

/// The row as it is expected; `None` where none is.
fn filter_of(name: &str, expected: &Expected) -> Option<Document> {
    match expected {
        Expected::Absent => None,
        Expected::Row { status, fence, attempts } => {
            // Rows that a person wrote by hand may lack the numbers; they read as 0.
            let number = |value: i64| {
                if value == 0 {
                    doc! { "$in": [Bson::Null, Bson::Int32(0)] }.into()
                } else {
                    Bson::Int64(value)
                }
            };
            Some(doc! {
                "name": name,
                "status": status.as_str(),
                "fence": number(*fence),
                "attempts": number(i64::from(*attempts)),
            })
        }
    }
}

fn update_of(change: &RowChange) -> Document {
    let mut fields = change.row.to_document();
    match &change.source {
        StoredSource::Keep => {}
        StoredSource::Clear => {
            fields.insert("source", Bson::Null);
        }
        StoredSource::Store(source) => {
            fields.insert("source", binary(source));
        }
    }
    doc! { "$set": fields }
}

fn insert_of(change: &RowChange) -> Document {
    let mut fields = change.row.to_document();
    let source = match &change.source {
        StoredSource::Store(source) => binary(source),
        StoredSource::Keep | StoredSource::Clear => Bson::Null,
    };
    fields.insert("source", source);
    fields
}

fn binary(bytes: &[u8]) -> Bson {
    Bson::Binary(Binary { subtype: BinarySubtype::Generic, bytes: bytes.to_vec() })
}

#[async_trait]
impl History for MongoHistory {
    async fn read(&self) -> Result<Vec<Row>, HistoryError> {
        let documents = self.documents_of(doc! { "source": 0, "errorDetail": 0 }).await?;
        if let Some(tool) = documents.iter().find_map(ForeignTool::of) {
            let collection = self.bookkeeping.name().to_owned();
            return Err(HistoryError::Foreign { collection, tool });
        }
        self.rows_of(&documents)
    }

    async fn read_for_plan(&self) -> Result<Vec<Row>, HistoryError> {
        let fields = PLAN_FIELDS.map(|field| (field.to_owned(), Bson::Int32(1)));
        let documents = self.documents_of(Document::from_iter(fields)).await?;
        match self.rows_of(&documents) {
            // What another tool's documents are told by is not among these fields.
            Err(_) => self.read().await,
            rows => rows,
        }
    }

    async fn read_source(&self, name: &str) -> Result<Option<Vec<u8>>, HistoryError> {
        let found = self
            .collection()
            .find_one(doc! { "name": name })
            .projection(doc! { "source": 1 })
            .await
            .map_err(|e| self.database_error("reading a source from", e))?;
        Ok(found.and_then(|document| match document.get("source") {
            Some(Bson::Binary(binary)) => Some(binary.bytes.clone()),
            _ => None,
        }))
    }

    async fn prepare(&self) -> Result<(), HistoryError> {
        let index = IndexModel::builder()
            .keys(doc! { "name": 1 })
            .options(IndexOptions::builder().unique(true).build())
            .build();
        let created = match self.collection().create_index(index.clone()).await {
            // The driver does not repeat it; it may be repeated, because an index that is there is left alone.
            Err(error) if trouble_of(&error) == Trouble::Unreachable => {
                self.collection().create_index(index).await
            }
            other => other,
        };
        created
            .map(|_| ())
            .map_err(|e| self.database_error("creating the unique index on name in", e))
    }

    async fn write(&self, change: &RowChange) -> Result<Written, HistoryError> {
        let filter = filter_of(&change.row.name, &change.expected);
        let result = match filter {
            Some(filter) => self.update(filter, change).await,
            None => match self.collection().insert_one(insert_of(change)).await {
                Ok(_) => Ok(Written::Landed),
                Err(error) if is_duplicate_key(&error) => Ok(Written::Conflict),
                Err(error) => Err(error),
            },
        };
        self.settled(result, change).await
    }

    async fn rename(&self, old: &str, change: &RowChange) -> Result<Written, HistoryError> {
        let result = match filter_of(old, &change.expected) {
            Some(filter) => self.update(filter, change).await,
            None => Ok(Written::Conflict),
        };
        self.settled(result, change).await
    }

    async fn remove(&self, row: &Row) -> Result<Written, HistoryError> {
        let Some(filter) = filter_of(&row.name, &Expected::of(Some(row))) else {
            return Ok(Written::Conflict);
        };
        let deleted = self.collection().delete_one(filter).await;
        deleted
            .map(|result| landed(result.deleted_count == 1))
            .map_err(|e| self.database_error("taking a row from", e))
    }

    async fn count(&self) -> Result<u64, HistoryError> {
        let counted = self.collection().count_documents(doc! {}).await;
        counted.map_err(|e| self.database_error("counting", e))
    }

    async fn clear(&self) -> Result<u64, HistoryError> {
        self.collection()
            .delete_many(doc! {})
            .await
            .map(|result| result.deleted_count)
            .map_err(|e| self.database_error("clearing", e))
    }
}

fn first_duplicate(rows: &[Row]) -> Option<String> {
    let mut names: Vec<&str> = rows.iter().map(|row| row.name.as_str()).collect();
    names.sort_unstable();
    names.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0].to_owned())
}
