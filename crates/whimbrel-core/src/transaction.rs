//! Transactions around a migration's body.
//!
//! The run loop begins one, the body runs its operations in it, then the loop writes the `completed` row
//! and, last, the fence document beside the lock (only if it is still ours) before it commits. So the body's work, the
//! history and the proof of still holding the lock land together or not at all.
//!
//! [`Transactions`] is what the loop needs; [`MongoTransactions`] is the real one; tests bring their own
//! over the in-memory stores.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use mongodb::bson::{Document, doc};
use mongodb::error::{
    Error as DriverError, TRANSIENT_TRANSACTION_ERROR, UNKNOWN_TRANSACTION_COMMIT_RESULT,
};
use mongodb::options::{ReadConcern, ReadPreference, SelectionCriteria, TransactionOptions};
use mongodb::{Client, ClientSession};
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::body::BodyError;
use crate::database_error::{
    DatabaseError, RemoteError, has_label, is_duplicate_key, server_error,
};
use crate::gate::Gate;
use crate::history::{Bookkeeping, MongoHistory, RowChange, Written};
use crate::lock::confirmation;

/// A transaction is aborted by the server after this long by default (`transactionLifetimeLimitSeconds`).
const DEFAULT_LIFETIME: Duration = Duration::from_secs(60);

/// Why a transaction failed, and what that allows.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct TransactionError {
    /// The whole body may be tried again in a new transaction.
    pub transient: bool,
    /// The commit may be tried again: nobody knows whether it happened.
    pub unknown_commit: bool,
    /// The transaction lived longer than the server allows; trying again would not help.
    pub expired: bool,
    /// The deployment has no transactions.
    pub unsupported: bool,
    /// What the database said.
    #[source]
    pub error: DatabaseError,
}

impl TransactionError {
    /// Sorts a driver error that came after `age` of transaction.
    pub fn of(doing: &str, error: DriverError, age: Duration) -> Self {
        let code = server_error(&error).map(|(code, ..)| code);
        let expired = code == Some(290) || (code == Some(251) && age >= DEFAULT_LIFETIME * 9 / 10);
        let message = server_error(&error).map(|(_, _, message)| message).unwrap_or_default();
        Self {
            transient: !expired && has_label(&error, TRANSIENT_TRANSACTION_ERROR),
            unknown_commit: has_label(&error, UNKNOWN_TRANSACTION_COMMIT_RESULT),
            expired,
            // The driver puts a text of its own in place of the server's.
            unsupported: matches!(code, Some(20 | 263))
                && (message.contains("ransaction numbers") || message.contains("retryable writes")),
            error: DatabaseError::new(doing, error),
        }
    }
}

/// Begins transactions, all of one run in one session.
#[async_trait]
pub trait Transactions: Send + Sync {
    /// The session's id, for the lock document; `None` where there are no sessions.
    async fn session_id(&self) -> Option<Document>;

    /// Begins one. The one before must be committed or aborted.
    ///
    /// # Errors
    /// When the session refuses; nothing is sent yet.
    async fn begin(&self) -> Result<Box<dyn TransactionScope>, TransactionError>;

    /// The run is over: gives the session back.
    async fn release(&self) {}

    /// The run is over, and its lock was lost: whoever has it now ends the session, so it is ended and not used again.
    async fn discard(&self) {}

    /// Begins one where the body runs, in another process.
    ///
    /// # Errors
    /// When it cannot be begun there; always, where these stores know no other process.
    async fn begin_remote(
        &self,
        remote: Arc<dyn RemoteTransaction>,
        gate: Gate,
    ) -> Result<Box<dyn TransactionScope>, BodyError> {
        let _ = (remote, gate);
        let message = "these stores have no transactions in other processes".to_owned();
        Err(BodyError::Load { message, hint: None })
    }
}

/// A transaction in the session of another process, which runs the body with a driver of its own.
#[async_trait]
pub trait RemoteTransaction: Send + Sync {
    /// Begins it; `options` has `writeConcern` if there is to be one. Gives the session's id. The one before must
    /// be over. Once the lease behind `gate` is lost, the process is ended.
    ///
    /// # Errors
    /// When the process cannot be had, or cannot connect.
    async fn begin(&self, options: Document, gate: Gate) -> Result<Document, BodyError>;

    /// Runs a command in it and gives the reply.
    ///
    /// # Errors
    /// The server's error with its labels, or that the process is gone.
    async fn run(&self, database: &str, command: Document) -> Result<Document, DriverError>;

    /// Commits it; may be called again after an error whose label says that the result is unknown.
    ///
    /// # Errors
    /// The server's error with its labels, or that the process is gone.
    async fn commit(&self) -> Result<(), DriverError>;

    /// Aborts it, best effort.
    async fn abort(&self);

    /// The first error the server gave inside it.
    fn doomed(&self) -> Option<DriverError>;

    /// Whether the process is gone, so that nobody there can commit any more.
    fn is_gone(&self) -> bool;
}

/// A transaction under way.
#[async_trait]
pub trait TransactionScope: Send + Sync {
    /// What a body on MongoDB runs its operations in.
    fn mongo(&self) -> Option<Arc<MongoTransaction>>;

    /// The first error the server gave inside it; after that it cannot be committed.
    fn doomed(&self) -> Option<TransactionError>;

    /// The id of its session, for the lock document.
    fn session_id(&self) -> Document;

    /// Writes a history row inside it.
    ///
    /// # Errors
    /// When the server refuses.
    async fn write_history(&self, change: &RowChange) -> Result<Written, TransactionError>;

    /// Its last write: the fence document, if it still has this owner and fence. `false` when it has not.
    ///
    /// # Errors
    /// When the server refuses, among others because a takeover writes there too.
    async fn confirm_lock(&self, owner: &str, fence: i64) -> Result<bool, TransactionError>;

    /// Commits; may be called again after an `unknown_commit` error.
    ///
    /// # Errors
    /// When the commit failed or its result is unknown.
    async fn commit(&self) -> Result<(), TransactionError>;

    /// Aborts, best effort.
    async fn abort(&self);

    /// Ends the session on the server, best effort: after a commit that nobody knows the result of, so that a
    /// transaction which is still open keeps nobody waiting.
    async fn end(&self);
}

/// What a body shares of a transaction: its session, one operation at a time.
#[derive(Debug)]
pub struct MongoTransaction {
    session: Arc<Mutex<ClientSession>>,
    /// Known without the session's mutex, which an operation in flight holds.
    session_id: Document,
    /// The first error, and how old the transaction was then.
    doomed: OnceLock<(DriverError, Duration)>,
    began: Instant,
}

impl MongoTransaction {
    /// The session, once no other operation uses it.
    ///
    /// # Errors
    /// The error that doomed the transaction, if one did: later operations fail at once with it.
    pub async fn enter(&self) -> Result<OwnedMutexGuard<ClientSession>, DriverError> {
        let session = Arc::clone(&self.session).lock_owned().await;
        match self.doomed.get() {
            Some((error, _)) => Err(error.clone()),
            None => Ok(session),
        }
    }

    /// Whether an operation, or somebody who kept it, has the session.
    pub fn is_entered(&self) -> bool {
        self.session.try_lock().is_err()
    }

    /// Records that the server refused an operation. The first error stays.
    pub fn doom(&self, error: &DriverError) {
        let _ = self.doomed.set((error.clone(), self.began.elapsed()));
    }
}

/// Transactions on MongoDB.
#[derive(Debug)]
pub struct MongoTransactions {
    client: Client,
    bookkeeping: Bookkeeping,
    session: SessionSlot,
}

/// The run's session, once it is made; emptied when an operation keeps it for ever.
type SessionSlot = Arc<Mutex<Option<Arc<Mutex<ClientSession>>>>>;

impl MongoTransactions {
    /// The session is made when first asked for.
    pub fn new(bookkeeping: Bookkeeping) -> Self {
        let client = bookkeeping.database().client().clone();
        Self { client, bookkeeping, session: SessionSlot::default() }
    }

    async fn session(&self) -> Result<Arc<Mutex<ClientSession>>, DriverError> {
        let mut slot = self.session.lock().await;
        if let Some(session) = &*slot {
            return Ok(Arc::clone(session));
        }
        let session = Arc::new(Mutex::new(self.client.start_session().await?));
        *slot = Some(Arc::clone(&session));
        Ok(session)
    }
}

#[async_trait]
impl Transactions for MongoTransactions {
    async fn session_id(&self) -> Option<Document> {
        let session = self.session().await.ok()?;
        let id = session.lock().await.id().clone();
        Some(id)
    }

    async fn release(&self) {
        *self.session.lock().await = None;
    }

    async fn discard(&self) {
        let Some(session) = self.session.lock().await.take() else { return };
        let Ok(session) = session.try_lock() else { return };
        let _ = kill_session(&self.bookkeeping, session.id()).await;
    }

    async fn begin_remote(
        &self,
        remote: Arc<dyn RemoteTransaction>,
        gate: Gate,
    ) -> Result<Box<dyn TransactionScope>, BodyError> {
        let mut options = Document::new();
        if let Some(concern) = self.bookkeeping.write_concern()
            && let Ok(concern) = mongodb::bson::serialize_to_document(&concern)
        {
            options.insert("writeConcern", concern);
        }
        let began = Instant::now();
        let session_id = remote.begin(options, gate).await?;
        Ok(Box::new(RemoteScope {
            remote,
            bookkeeping: self.bookkeeping.clone(),
            session_id,
            began,
            written: Mutex::new(None),
        }))
    }

    async fn begin(&self) -> Result<Box<dyn TransactionScope>, TransactionError> {
        let failed = |e| TransactionError::of("beginning the transaction", e, Duration::ZERO);
        let session = self.session().await.map_err(failed)?;
        let mut options = TransactionOptions::default();
        options.read_concern = Some(ReadConcern::local());
        options.write_concern = self.bookkeeping.write_concern();
        options.selection_criteria =
            Some(SelectionCriteria::ReadPreference(ReadPreference::Primary));
        let session_id = {
            let mut session = session.lock().await;
            session.start_transaction().with_options(options).await.map_err(failed)?;
            session.id().clone()
        };
        let transaction = MongoTransaction {
            session,
            session_id,
            doomed: OnceLock::new(),
            began: Instant::now(),
        };
        Ok(Box::new(MongoScope {
            transaction: Arc::new(transaction),
            bookkeeping: self.bookkeeping.clone(),
            slot: Arc::clone(&self.session),
        }))
    }
}

struct MongoScope {
    transaction: Arc<MongoTransaction>,
    bookkeeping: Bookkeeping,
    slot: SessionSlot,
}

/// How long ending a session may take that an operation keeps.
const KILL_PATIENCE: Duration = Duration::from_secs(5);

impl MongoScope {
    fn error(&self, doing: &str, error: DriverError) -> TransactionError {
        TransactionError::of(doing, error, self.transaction.began.elapsed())
    }
}

#[async_trait]
impl TransactionScope for MongoScope {
    fn mongo(&self) -> Option<Arc<MongoTransaction>> {
        Some(Arc::clone(&self.transaction))
    }

    fn doomed(&self) -> Option<TransactionError> {
        let (error, age) = self.transaction.doomed.get()?;
        let doing = "running an operation in the transaction";
        Some(TransactionError::of(doing, error.clone(), *age))
    }

    fn session_id(&self) -> Document {
        self.transaction.session_id.clone()
    }

    async fn write_history(&self, change: &RowChange) -> Result<Written, TransactionError> {
        let mut session = self.transaction.session.lock().await;
        MongoHistory::new(&self.bookkeeping)
            .write_in(&mut session, change)
            .await
            .map_err(|e| self.error("writing the history in the transaction", e))
    }

    async fn confirm_lock(&self, owner: &str, fence: i64) -> Result<bool, TransactionError> {
        let (filter, update) = confirmation(owner, fence);
        let mut session = self.transaction.session.lock().await;
        let lock = self.bookkeeping.lock();
        // A handle without concerns of its own: they belong to the transaction.
        let plain = self.bookkeeping.database().collection_with_options::<Document>(
            lock.name(),
            mongodb::options::CollectionOptions::builder().build(),
        );
        plain
            .update_one(filter, update)
            .session(&mut *session)
            .await
            .map(|result| result.matched_count == 1)
            .map_err(|e| self.error("confirming the lock in the transaction", e))
    }

    async fn commit(&self) -> Result<(), TransactionError> {
        let mut session = self.transaction.session.lock().await;
        session.commit_transaction().await.map_err(|e| self.error("committing the transaction", e))
    }

    async fn abort(&self) {
        let ended = match Arc::clone(&self.transaction.session).try_lock_owned() {
            Ok(mut session) => session.abort_transaction().await,
            // An operation that does not end keeps the session: the server ends both.
            Err(_) => return self.end().await,
        };
        if let Err(error) = ended {
            tracing::debug!(target: "whimbrel", error = %crate::database_error::describe(&error), "abort");
        }
    }

    async fn end(&self) {
        // The next transaction gets a session of its own.
        *self.slot.lock().await = None;
        let _ = kill_session(&self.bookkeeping, &self.transaction.session_id).await;
    }
}

/// Ends a session on the server, and with it a transaction that is open. `Err` when nobody knows whether it ended.
async fn kill_session(bookkeeping: &Bookkeeping, id: &Document) -> Result<(), DriverError> {
    let kill = doc! { "killSessions": [id.clone()] };
    let command = bookkeeping.database().run_command(kill);
    let ended = match tokio::time::timeout(KILL_PATIENCE, command).await {
        Ok(ended) => ended.map(|_| ()),
        Err(_) => Err(DriverError::custom("the server did not answer in time")),
    };
    if let Err(error) = &ended {
        tracing::debug!(target: "whimbrel", error = %crate::database_error::describe(error), "ending a session");
    }
    ended
}

/// A transaction in another process. What the run loop writes into it travels as commands.
struct RemoteScope {
    remote: Arc<dyn RemoteTransaction>,
    bookkeeping: Bookkeeping,
    session_id: Document,
    began: Instant,
    /// The row as it was written inside it, to find out whether a commit without an answer happened.
    written: Mutex<Option<RowChange>>,
}

impl RemoteScope {
    fn error(&self, doing: &str, error: DriverError) -> TransactionError {
        TransactionError::of(doing, error, self.began.elapsed())
    }

    /// The process is gone: ends its session, so that the outcome stands, and looks what it is.
    async fn settled(&self, error: DriverError) -> Result<(), TransactionError> {
        let doing = "committing the transaction";
        let unknown = |error: DriverError| TransactionError {
            unknown_commit: true,
            transient: false,
            ..self.error(doing, error)
        };
        kill_session(&self.bookkeeping, &self.session_id).await.map_err(unknown)?;
        let written = self.written.lock().await;
        let Some(change) = written.as_ref() else { return Err(self.error(doing, error)) };
        let history = MongoHistory::new(&self.bookkeeping);
        match history.has_landed(change).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(TransactionError {
                transient: false,
                unknown_commit: false,
                ..self.error(doing, error)
            }),
            Err(_) => Err(unknown(error)),
        }
    }
}

#[async_trait]
impl TransactionScope for RemoteScope {
    fn mongo(&self) -> Option<Arc<MongoTransaction>> {
        None
    }

    fn doomed(&self) -> Option<TransactionError> {
        let error = self.remote.doomed()?;
        Some(self.error("running an operation in the transaction", error))
    }

    fn session_id(&self) -> Document {
        self.session_id.clone()
    }

    async fn write_history(&self, change: &RowChange) -> Result<Written, TransactionError> {
        let failed = |error| self.error("writing the history in the transaction", error);
        let (command, is_insert) = MongoHistory::new(&self.bookkeeping).command_of(change);
        let database = self.bookkeeping.database().name();
        let reply = self.remote.run(database, command).await.map_err(failed)?;
        *self.written.lock().await = Some(change.clone());
        match written_in(&reply) {
            Ok(count) if count == 1 || is_insert => Ok(Written::Landed),
            Ok(_) => Ok(Written::Conflict),
            Err(error) if is_duplicate_key(&error) => Ok(Written::Conflict),
            Err(error) => Err(failed(error)),
        }
    }

    async fn confirm_lock(&self, owner: &str, fence: i64) -> Result<bool, TransactionError> {
        let failed = |error| self.error("confirming the lock in the transaction", error);
        let (filter, update) = confirmation(owner, fence);
        let lock = self.bookkeeping.lock();
        let command = doc! { "update": lock.name(), "updates": [{ "q": filter, "u": update }] };
        let database = self.bookkeeping.database().name();
        let reply = self.remote.run(database, command).await.map_err(failed)?;
        written_in(&reply).map(|count| count == 1).map_err(failed)
    }

    async fn commit(&self) -> Result<(), TransactionError> {
        match self.remote.commit().await {
            Ok(()) => Ok(()),
            Err(error) if self.remote.is_gone() => self.settled(error).await,
            Err(error) => Err(self.error("committing the transaction", error)),
        }
    }

    async fn abort(&self) {
        if !self.remote.is_gone() {
            self.remote.abort().await;
        }
        // Of a process that is gone, the server ends the session.
        if self.remote.is_gone() {
            self.end().await;
        }
    }

    async fn end(&self) {
        let _ = kill_session(&self.bookkeeping, &self.session_id).await;
    }
}

/// How many documents a reply says a write touched, or the error inside it.
fn written_in(reply: &Document) -> Result<i64, DriverError> {
    let first = reply.get_array("writeErrors").ok().and_then(|errors| errors.first());
    if let Some(error) = first.and_then(|error| error.as_document()) {
        return Err(DriverError::custom(RemoteError {
            code: error.get_i32("code").ok(),
            message: error.get_str("errmsg").unwrap_or("write error").to_owned(),
            ..RemoteError::default()
        }));
    }
    Ok(reply.get_i32("n").map(i64::from).or_else(|_| reply.get_i64("n")).unwrap_or_default())
}
