//! What a migration sends to the server: commands, cursors, sessions.
//!
//! Everything a script does ends here as a database command, so the rules stand in one place: the gate is
//! checked before each wire command, commands carry the run's comment, operations of a transactional
//! migration use its session one at a time, retryable ones are tried once more.
//!
//! [`command`] sends single commands, [`cursor`] keeps cursors, [`session`] sessions and retryable writes,
//! [`batch`] splits bulk writes. [`failure`] is what they report to JavaScript.

mod batch;
mod command;
mod cursor;
mod failure;
mod session;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use mongodb::bson::{Bson, Document, RawDocument, RawDocumentBuf, doc};
use mongodb::{Client, Database};
use tokio::sync::OnceCell;
use whimbrel_core::body::BodyContext;
use whimbrel_core::operations::{CommandSender, Ticket};
use whimbrel_core::transaction::MongoTransaction;

pub(crate) use batch::WriteBatch;
pub(crate) use command::{Kind, SessionChoice};
pub(crate) use cursor::Batch;
pub(crate) use failure::Failure;
pub(crate) use session::BeginOptions;
use session::{Deployment, SessionSlot, WriteSession};

/// A migration's connection to the server. Lives as long as the migration.
pub(crate) struct Wire {
    client: Client,
    own: Database,
    sender: CommandSender,
    transaction: Option<Arc<MongoTransaction>>,
    /// The client is an application's, which waits for its sessions when it ends.
    shares_client: bool,
    /// `false` once the numbers of a shared session could not be learnt.
    are_numbers_told: AtomicBool,
    deployment: OnceCell<Deployment>,
    next_handle: AtomicU32,
    sessions: Mutex<HashMap<u32, Arc<SessionSlot>>>,
    cursors: Mutex<HashMap<u32, Arc<cursor::CursorSlot>>>,
    idle_writers: Mutex<Vec<WriteSession>>,
}

impl Wire {
    /// `None` when the context has no database.
    pub(crate) fn new(context: &BodyContext, shares_client: bool) -> Option<Arc<Self>> {
        let own = context.database.clone()?;
        Some(Arc::new(Self {
            client: own.client().clone(),
            own,
            sender: CommandSender::new(context),
            transaction: context.transaction.clone(),
            shares_client,
            are_numbers_told: AtomicBool::new(true),
            deployment: OnceCell::new(),
            next_handle: AtomicU32::new(1),
            sessions: Mutex::default(),
            cursors: Mutex::default(),
            idle_writers: Mutex::default(),
        }))
    }

    /// The migrated database's name.
    pub(crate) fn database_name(&self) -> &str {
        self.own.name()
    }

    fn handle(&self) -> u32 {
        self.next_handle.fetch_add(1, Ordering::Relaxed)
    }

    fn check_gate(&self) -> Result<(), Failure> {
        self.sender.gate().check().map_err(Failure::Stopped)
    }

    async fn may_send(&self, database: &str, command: &RawDocument) -> Result<Ticket, Failure> {
        self.sender.may_send(database, command).await.map_err(Failure::Stopped)
    }

    /// Tells the ledger what became of it.
    fn sent<T: Replied>(
        &self,
        ticket: Ticket,
        sent: mongodb::error::Result<T>,
    ) -> Result<T, Failure> {
        let nothing = Document::new();
        self.sender.sent(ticket, sent.as_ref().map(|value| value.reply().unwrap_or(&nothing)));
        Ok(sent?)
    }

    /// The run's mark on a command, unless the script gave a comment of its own.
    fn mark(&self, command: &mut RawDocumentBuf) {
        if matches!(command.get("comment"), Ok(None))
            && let Ok(comment) = RawDocumentBuf::try_from(&self.sender.comment())
        {
            append_document(command, "comment", &comment);
        }
    }

    /// Closes every cursor and session that is still open. The migration is over; nothing of it is sent
    /// any more except the closing itself.
    pub(crate) async fn close(&self) {
        let cursors: Vec<_> = lock(&self.cursors).drain().map(|(_, cursor)| cursor).collect();
        // Dropping a cursor kills it on the server in the background.
        drop(cursors);
        let sessions: Vec<_> = lock(&self.sessions).drain().map(|(_, session)| session).collect();
        for session in sessions {
            session.end().await;
        }
        lock(&self.idle_writers).clear();
    }

    /// Keeps sessions and their cursors alive: a server forgets them after thirty minutes.
    pub(crate) async fn refresh_sessions(&self) {
        let mut ids: Vec<Bson> = lock(&self.cursors)
            .values()
            .filter_map(|cursor| cursor.session_id.clone().map(Bson::Document))
            .collect();
        ids.extend(lock(&self.sessions).values().map(|session| Bson::Document(session.id.clone())));
        if ids.is_empty() || self.sender.gate().check().is_err() {
            return;
        }
        let admin = self.client.database("admin");
        if let Err(error) = admin.run_command(doc! { "refreshSessions": ids }).await {
            tracing::debug!(target: "whimbrel", error = %whimbrel_core::database_error::describe(&error), "session refresh");
        }
    }
}

/// What a command gives back.
trait Replied {
    /// The server's reply, where the ledger can read results from it.
    fn reply(&self) -> Option<&Document>;
}

impl Replied for Document {
    fn reply(&self) -> Option<&Document> {
        Some(self)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Adds a document at the end of a command.
fn append_document(command: &mut RawDocumentBuf, key: &str, value: &RawDocumentBuf) {
    append_raw(command, 0x03, key, value.as_bytes());
}

/// Adds an element of any type; does nothing to a command that is no document (which cannot happen).
fn append_raw(command: &mut RawDocumentBuf, kind: u8, key: &str, value: &[u8]) {
    let mut bytes = command.as_bytes().to_vec();
    crate::convert::append(&mut bytes, kind, key, value);
    if let Ok(appended) = RawDocumentBuf::from_bytes(bytes) {
        *command = appended;
    }
}
