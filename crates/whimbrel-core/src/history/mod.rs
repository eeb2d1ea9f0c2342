//! The history says which migrations ran: one document per migration.
//!
//! [`row`] is the document, [`mongo`] keeps it in a collection, [`memory`] is the twin for tests; both
//! pass the contract tests of `whimbrel-testing`. Every write is a compare-and-set on the row as it
//! was planned, so a run that lost its lock cannot overwrite what its successor wrote.

mod foreign;
mod memory;
mod mongo;
mod row;

use async_trait::async_trait;
pub use foreign::ForeignTool;
pub use memory::MemoryHistory;
pub use mongo::{Bookkeeping, MongoHistory};
pub use row::{AppliedBy, ErrorDetail, MalformedRow, RecordedImport, Row, Status};

use crate::database_error::DatabaseError;

/// Why the history could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// A document of ours that does not have the shape of one.
    #[error("the history collection {collection} holds a document that cannot be read: {source}")]
    Malformed {
        /// The collection.
        collection: String,
        /// Which document and field.
        #[source]
        source: MalformedRow,
    },
    /// The collection belongs to something else.
    #[error("the collection {collection} holds documents that are not Whimbrel's{}", tool.suffix())]
    Foreign {
        /// The collection.
        collection: String,
        /// Whose they look like.
        tool: ForeignTool,
    },
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl HistoryError {
    /// A stable name for machines.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed { .. } => "HISTORY_MALFORMED",
            Self::Foreign { .. } => "HISTORY_FOREIGN",
            Self::Database(_) => "DATABASE",
        }
    }

    /// The next step for a person.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Malformed { collection, source } => {
                let filter = match source.name.strip_prefix("_id: ") {
                    Some(id) => format!("_id: {id}"),
                    None => format!("name: {:?}", source.name),
                };
                Some(format!(
                    "look at it with `db.getCollection({collection:?}).find({{ {filter} }})` and mend the field {}; \
                     nothing was run or written",
                    source.field
                ))
            }
            Self::Foreign { .. } => Some(
                "give Whimbrel a collection of its own with --collection NAME (in whimbrel.toml: \
                 collection = \"NAME\"); nothing was written"
                    .to_owned(),
            ),
            Self::Database(error) => error.hint(),
        }
    }
}

/// The state in which a row must be for a write to land.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// There is no row of that name.
    Absent,
    /// The row is exactly as it was planned.
    Row {
        /// Its status.
        status: Status,
        /// Its fence.
        fence: i64,
        /// Its number of attempts.
        attempts: i32,
    },
}

impl Expected {
    /// The state of a row that was read, or of its absence.
    pub fn of(row: Option<&Row>) -> Self {
        row.map_or(Self::Absent, |row| Self::Row {
            status: row.status,
            fence: row.fence,
            attempts: row.attempts,
        })
    }
}

/// A write to one row.
#[derive(Clone, Debug)]
pub struct RowChange {
    /// What must be there.
    pub expected: Expected,
    /// What shall be there.
    pub row: Row,
    /// What to do with the stored source.
    pub source: StoredSource,
}

/// What a write does with a row's packed source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum StoredSource {
    /// Leaves what is there.
    #[default]
    Keep,
    /// Takes it away: the new one is too large, and the old one is not what ran.
    Clear,
    /// Stores this.
    Store(Vec<u8>),
}

/// Whether a write landed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Written {
    /// The row is as the change says.
    Landed,
    /// The row was not as expected; nothing was written.
    Conflict,
}

/// Keeps the rows.
#[async_trait]
pub trait History: Send + Sync {
    /// All rows, in no particular order, without their sources and error details.
    ///
    /// No collection: no rows. Reads only.
    ///
    /// # Errors
    /// `Foreign` before `Malformed`: another tool's document is not called a broken one of ours.
    async fn read(&self) -> Result<Vec<Row>, HistoryError>;

    /// All rows with the fields that a plan depends on; the others are as if they were absent. For finding out whether
    /// there is anything to do: a row that is written again must have been read by [`History::read`].
    ///
    /// # Errors
    /// As `read`.
    async fn read_for_plan(&self) -> Result<Vec<Row>, HistoryError> {
        self.read().await
    }

    /// The packed source of one row; `None` when there is no row or it has none.
    ///
    /// # Errors
    /// As `read`.
    async fn read_source(&self, name: &str) -> Result<Option<Vec<u8>>, HistoryError>;

    /// Makes sure that names are unique. Called under the lock before the first write; repeatable.
    ///
    /// # Errors
    /// `Database`, among others when duplicate names are already there.
    async fn prepare(&self) -> Result<(), HistoryError>;

    /// Writes one row if it is as expected.
    ///
    /// After an error that leaves the outcome open (connection lost, write concern) the row is read back and
    /// the answer is what it says.
    ///
    /// # Errors
    /// `Database` when even that failed; the row is then as before or as the change says.
    async fn write(&self, change: &RowChange) -> Result<Written, HistoryError>;

    /// As [`History::write`] to the row with the name `old`, which gets the name of the change's row.
    ///
    /// # Errors
    /// As `write`; among others when a row has the new name already.
    async fn rename(&self, old: &str, change: &RowChange) -> Result<Written, HistoryError>;

    /// Takes a row away again, if it is exactly as it was written.
    ///
    /// # Errors
    /// As `write`.
    async fn remove(&self, row: &Row) -> Result<Written, HistoryError>;

    /// How many rows there are.
    ///
    /// # Errors
    /// `Database` when they cannot be counted.
    async fn count(&self) -> Result<u64, HistoryError>;

    /// Deletes all rows and gives their number.
    ///
    /// # Errors
    /// As `write`.
    async fn clear(&self) -> Result<u64, HistoryError>;
}
