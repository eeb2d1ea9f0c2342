//! Sessions: those a script opens, and those that make writes retryable.
//!
//! A script's session owns a driver session behind an asynchronous mutex. Its transaction starts with the
//! first operation that carries it: before that, nothing is sent, also on servers without transactions.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use mongodb::bson::{Document, doc};
use mongodb::error::Error as DriverError;
use mongodb::options::{
    Acknowledgment, ReadConcern, ReadConcernLevel, ReadPreference, SelectionCriteria,
    TransactionOptions, WriteConcern,
};
use mongodb::{ClientSession, Database};
use tokio::sync::Mutex;
use whimbrel_core::database_error::{server_error, write_error_in};

use super::failure::is_retryable;
use super::{Failure, Wire, lock};

/// What the server can do, asked once per migration.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deployment {
    pub(super) retryable_writes: bool,
    pub(super) max_batch: usize,
    pub(super) is_sharded: bool,
}

/// Options of `startTransaction`, as the script gave them.
#[derive(Clone, Debug, Default)]
pub(crate) struct BeginOptions {
    pub(crate) read_concern: Option<String>,
    pub(crate) write_concern: Option<String>,
    pub(crate) journal: Option<bool>,
    pub(crate) write_timeout_ms: Option<u64>,
    pub(crate) max_commit_time_ms: Option<u64>,
}

impl BeginOptions {
    fn build(&self) -> TransactionOptions {
        let mut options = TransactionOptions::default();
        options.selection_criteria =
            Some(SelectionCriteria::ReadPreference(ReadPreference::Primary));
        options.read_concern = self.read_concern.as_ref().map(|level| {
            ReadConcern::from(match level.as_str() {
                "local" => ReadConcernLevel::Local,
                "majority" => ReadConcernLevel::Majority,
                "snapshot" => ReadConcernLevel::Snapshot,
                other => ReadConcernLevel::Custom(other.to_owned()),
            })
        });
        let w = self.write_concern.as_ref().map(|w| match w.as_str() {
            "majority" => Acknowledgment::Majority,
            text => text
                .parse()
                .map_or_else(|_| Acknowledgment::Custom(text.to_owned()), Acknowledgment::Nodes),
        });
        if w.is_some() || self.journal.is_some() || self.write_timeout_ms.is_some() {
            let mut concern = WriteConcern::default();
            concern.w = w;
            concern.journal = self.journal;
            concern.w_timeout = self.write_timeout_ms.map(std::time::Duration::from_millis);
            options.write_concern = Some(concern);
        }
        options.max_commit_time = self.max_commit_time_ms.map(std::time::Duration::from_millis);
        options
    }
}

/// A script's session.
pub(super) struct SessionSlot {
    /// Known without the mutex, which an operation holds as long as it takes.
    pub(super) id: Document,
    inner: Arc<Mutex<Inner>>,
}

struct Inner {
    /// A transaction was begun and neither committed nor aborted.
    in_transaction: bool,
    session: ClientSession,
    /// A transaction that was asked for and whose first operation has not come.
    to_begin: Option<TransactionOptions>,
}

/// A session in use by one operation, its transaction begun if one was asked for.
pub(super) struct Entered(tokio::sync::OwnedMutexGuard<Inner>);

impl Entered {
    pub(super) fn session(&mut self) -> &mut ClientSession {
        &mut self.0.session
    }

    pub(super) fn in_transaction(&self) -> bool {
        self.0.in_transaction
    }
}

impl SessionSlot {
    pub(super) async fn enter(&self) -> Result<Entered, DriverError> {
        let mut inner = Arc::clone(&self.inner).lock_owned().await;
        if let Some(options) = inner.to_begin.take() {
            inner.session.start_transaction().with_options(options).await?;
            inner.in_transaction = true;
        }
        Ok(Entered(inner))
    }

    pub(super) async fn end(&self) {
        let mut inner = self.inner.lock().await;
        inner.to_begin = None;
        if std::mem::take(&mut inner.in_transaction)
            && let Err(error) = inner.session.abort_transaction().await
        {
            tracing::debug!(target: "whimbrel", error = %whimbrel_core::database_error::describe(&error), "abort");
        }
    }
}

/// A session of the driver's pool whose transaction numbers we give, so that a write can be sent twice and happen once.
///
/// The driver counts the numbers of its own writes in it, and does not tell how far it is. A write of ours under a number
/// that was used would be taken for the same write sent again, and do nothing. So before the first one a replica set is
/// asked, by a write that changes nothing under the number 0, which no driver gives: it lands where no number was used
/// yet, and is refused with the last number where one was. Afterwards the driver's count must not lie below ours, or its
/// next write in this session would be refused: each number of ours is followed by a transaction that begins and ends
/// without an operation, for which the driver counts on and sends nothing. Then the session goes back to the pool, which
/// [`Client::shutdown`](mongodb::Client::shutdown) of the application waits for.
///
/// Numbers are kept by each shard for itself, so in a sharded cluster nobody can be asked. There, and where the question is
/// not answered, our numbers start at the time, which is above all that a driver counts to, and the session never goes back;
/// on an application's client, which would wait for it, such writes have no number and are sent once.
pub(super) struct WriteSession {
    /// There until it is dropped.
    session: Option<ClientSession>,
    /// The number of our last write.
    number: i64,
    /// How far the driver's count may lie behind ours.
    behind: i64,
    /// The driver cannot catch up with our numbers.
    is_ours: bool,
}

const TRANSACTION_TOO_OLD: i32 = 225;
/// A collection that does not exist: what is deleted from it to learn the number is nothing.
const NOWHERE: &str = "whimbrel_numbers";

impl WriteSession {
    fn new(session: ClientSession) -> Self {
        Self { session: Some(session), number: 0, behind: 0, is_ours: false }
    }

    pub(super) fn session(&mut self) -> Result<&mut ClientSession, DriverError> {
        self.session.as_mut().ok_or_else(|| DriverError::custom("the session is closed"))
    }

    /// Takes the next number.
    pub(super) fn advance(&mut self) -> i64 {
        self.number += 1;
        self.behind += 1;
        self.number
    }

    /// Learns the last number that was used in this session of a replica set. `false` when the server does not say.
    ///
    /// # Errors
    /// When the server does not answer. The session is as it was: nobody minds the number 0.
    async fn ask(&mut self, database: &Database) -> Result<bool, DriverError> {
        let mut is_second = false;
        loop {
            let nothing = doc! { "q": { "_id": NOWHERE }, "limit": 1 };
            let command = doc! { "delete": NOWHERE, "deletes": [nothing], "txnNumber": 0_i64 };
            let error = match database.run_command(command).session(self.session()?).await {
                Ok(reply) if write_error_in(&reply).is_none() => return Ok(true),
                Ok(_) => return Ok(false),
                Err(error) => error,
            };
            match server_error(&error) {
                Some((TRANSACTION_TOO_OLD, _, message)) => {
                    let last = last_number(&message);
                    self.number = last.unwrap_or_default();
                    return Ok(last.is_some());
                }
                _ if is_retryable(&error) && !is_second => is_second = true,
                _ if is_retryable(&error) => return Err(error),
                Some(_) => return Ok(false),
                None => return Err(error),
            }
        }
    }

    /// Starts at the time: above all that a driver counts to.
    fn start_above(&mut self) {
        let since_epoch = std::time::UNIX_EPOCH.elapsed().unwrap_or_default();
        self.number = i64::try_from(since_epoch.as_micros()).unwrap_or(1 << 50);
        self.is_ours = true;
    }

    /// Lets the driver count on. `false` where it cannot.
    async fn catch_up(&mut self) -> bool {
        while self.behind > 0 && !self.is_ours {
            let Ok(session) = self.session() else { return false };
            // Whatever the client's own concern is: one that asks for no confirmation forbids transactions.
            let mut options = TransactionOptions::default();
            options.write_concern = Some(WriteConcern::majority());
            if session.start_transaction().with_options(options).await.is_err()
                || session.abort_transaction().await.is_err()
            {
                return false;
            }
            self.behind -= 1;
        }
        true
    }
}

/// One with numbers that the driver does not know of would make the driver's own writes fail, or be taken for what was
/// written before; so it never gets to the pool, and the server forgets it by itself.
impl Drop for WriteSession {
    fn drop(&mut self) {
        if self.behind > 0 {
            std::mem::forget(self.session.take());
        }
    }
}

/// `… a newer retryable write with txnNumber 11 has already started on this session`.
fn last_number(message: &str) -> Option<i64> {
    let (_, after) = message.rsplit_once("txnNumber ")?;
    let digits = after.bytes().take_while(u8::is_ascii_digit).count();
    after[..digits].parse().ok()
}

impl Wire {
    pub(super) async fn deployment(&self) -> Deployment {
        let asked = self
            .deployment
            .get_or_try_init(|| async {
                let reply = self.client.database("admin").run_command(doc! { "hello": 1 }).await?;
                let is_sharded = reply.get_str("msg").is_ok_and(|msg| msg == "isdbgrid");
                let replicated = reply.contains_key("setName") || is_sharded;
                let max_batch = reply.get_i32("maxWriteBatchSize").unwrap_or(100_000);
                Ok::<_, DriverError>(Deployment {
                    retryable_writes: replicated
                        && reply.contains_key("logicalSessionTimeoutMinutes")
                        && !self.is_unacknowledged(),
                    max_batch: usize::try_from(max_batch).unwrap_or(100_000).max(1),
                    is_sharded,
                })
            })
            .await;
        // Nothing is remembered of a failure: the next operation asks again.
        asked.copied().unwrap_or(Deployment {
            retryable_writes: false,
            max_batch: 100_000,
            is_sharded: false,
        })
    }

    /// Writes are not confirmed, so they can have no number.
    fn is_unacknowledged(&self) -> bool {
        let concern = self.own.write_concern();
        concern.is_some_and(|concern| concern.w == Some(Acknowledgment::Nodes(0)))
    }

    pub(super) fn slot(&self, handle: u32) -> Result<Arc<SessionSlot>, Failure> {
        let slot = lock(&self.sessions).get(&handle).cloned();
        slot.ok_or_else(|| Failure::Argument("Cannot use a session that has ended".to_owned()))
    }

    /// Opens a session under a handle the caller chose.
    pub(crate) async fn session_start(
        &self,
        handle: u32,
        causal: Option<bool>,
    ) -> Result<(), Failure> {
        let start = self.client.start_session();
        let session = match causal {
            Some(causal) => start.causal_consistency(causal).await?,
            None => start.await?,
        };
        let id = session.id().clone();
        let inner = Arc::new(Mutex::new(Inner { session, to_begin: None, in_transaction: false }));
        lock(&self.sessions).insert(handle, Arc::new(SessionSlot { id, inner }));
        Ok(())
    }

    /// The server's id of a session.
    pub(crate) fn session_id(&self, handle: u32) -> Result<Document, Failure> {
        Ok(self.slot(handle)?.id.clone())
    }

    /// A handle for [`Wire::session_start`].
    pub(crate) fn reserve(&self) -> u32 {
        self.handle()
    }

    pub(crate) async fn session_begin(
        &self,
        handle: u32,
        options: BeginOptions,
    ) -> Result<(), Failure> {
        if self.transaction.is_none() {
            let slot = self.slot(handle)?;
            slot.inner.lock().await.to_begin = Some(options.build());
        }
        Ok(())
    }

    pub(crate) async fn session_commit(&self, handle: u32) -> Result<(), Failure> {
        // Inside the migration's own transaction there is nothing to commit yet.
        if self.transaction.is_some() {
            return Ok(());
        }
        self.check_gate()?;
        let slot = self.slot(handle)?;
        let mut inner = slot.inner.lock().await;
        if inner.to_begin.take().is_some() {
            return Ok(());
        }
        inner.in_transaction = false;
        Ok(inner.session.commit_transaction().await?)
    }

    pub(crate) async fn session_abort(&self, handle: u32) -> Result<(), Failure> {
        if self.transaction.is_some() {
            return Err(Failure::Argument(
                "this migration runs in a transaction of its own: throw an error to abort it"
                    .to_owned(),
            ));
        }
        let slot = self.slot(handle)?;
        let mut inner = slot.inner.lock().await;
        if inner.to_begin.take().is_some() {
            return Ok(());
        }
        inner.in_transaction = false;
        Ok(inner.session.abort_transaction().await?)
    }

    pub(crate) async fn session_end(&self, handle: u32) -> Result<(), Failure> {
        let slot = lock(&self.sessions).remove(&handle);
        if let Some(slot) = slot {
            slot.end().await;
        }
        Ok(())
    }

    /// A session for a retryable write: an idle one, or a new one. `None` where there is none whose number is safe.
    pub(super) async fn writer(&self) -> Result<Option<WriteSession>, Failure> {
        let idle = lock(&self.idle_writers).pop();
        if idle.is_some() || !self.are_numbers_told.load(Ordering::Relaxed) {
            return Ok(idle);
        }
        self.check_gate()?;
        let mut writer = WriteSession::new(self.client.start_session().await?);
        if self.deployment().await.is_sharded || !writer.ask(&self.own).await? {
            if self.shares_client {
                self.are_numbers_told.store(false, Ordering::Relaxed);
                return Ok(None);
            }
            writer.start_above();
        }
        Ok(Some(writer))
    }

    pub(super) async fn give_back(&self, mut writer: WriteSession) {
        if writer.catch_up().await {
            lock(&self.idle_writers).push(writer);
        } else if self.shares_client {
            // It is lost to the application; no other shall be.
            self.are_numbers_told.store(false, Ordering::Relaxed);
        }
    }
}
