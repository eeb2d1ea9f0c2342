//! Cursors: each owns a session of its own, or uses the transaction's, and is closed when the migration ends.

use std::sync::Arc;

use futures_util::StreamExt;
use mongodb::bson::{Document, RawDocumentBuf, Timestamp};
use mongodb::raw_batch_cursor::{RawBatch, SessionRawBatchCursor};
use mongodb::{ClientSession, Database};
use tokio::sync::Mutex;

use super::command::strip_concerns;
use super::failure::is_retryable;
use super::{Failure, Kind, Replied, SessionChoice, Wire, lock};

/// Documents as they came, and what comes after them.
pub(crate) struct Batch {
    /// 0 when the cursor is exhausted.
    pub(crate) handle: u32,
    pub(crate) documents: Option<RawBatch>,
    pub(crate) done: bool,
    /// The server's number for the cursor; 0 when it is exhausted.
    pub(crate) id: i64,
    /// The time a snapshot session reads at, where the reply tells it.
    pub(crate) at_cluster_time: Option<Timestamp>,
}

/// An open cursor.
pub(super) struct CursorSlot {
    /// Of a session that is the cursor's own; known without the mutex, which a batch under way holds.
    pub(super) session_id: Option<Document>,
    inner: Mutex<Open>,
}

struct Open {
    cursor: SessionRawBatchCursor,
    session: Owner,
}

/// Whose session the cursor runs in.
enum Owner {
    Own(Box<ClientSession>),
    Script(u32),
    Migration,
}

impl Wire {
    /// Sends a command that answers with a cursor and gives its first batch.
    pub(crate) async fn open(
        &self,
        database: &str,
        mut command: RawDocumentBuf,
        batch_size: u32,
        kind: Kind,
        session: SessionChoice,
    ) -> Result<Batch, Failure> {
        self.mark(&mut command);
        let database = self.client.database(database);
        let (cursor, owner) = match (&self.transaction, session) {
            (Some(transaction), _) => {
                strip_concerns(&mut command);
                let mut session = transaction.enter().await?;
                self.check_gate()?;
                match self.send(&database, command, batch_size, kind, &mut session).await {
                    Ok(cursor) => (cursor, Owner::Migration),
                    Err(Failure::Driver(error)) => {
                        transaction.doom(&error);
                        return Err(error.into());
                    }
                    Err(other) => return Err(other),
                }
            }
            (None, Some(handle)) => {
                let slot = self.slot(handle)?;
                let mut entered = slot.enter().await?;
                self.set_concerns(&mut command, kind, entered.in_transaction());
                let cursor =
                    self.send(&database, command, batch_size, kind, entered.session()).await?;
                (cursor, Owner::Script(handle))
            }
            (None, None) => {
                self.add_concerns(&mut command, kind);
                let mut session = Box::new(self.client.start_session().await?);
                let first =
                    self.send(&database, command.clone(), batch_size, kind, &mut session).await;
                let cursor = match first {
                    Err(Failure::Driver(error)) if kind == Kind::Read && is_retryable(&error) => {
                        self.send(&database, command, batch_size, kind, &mut session).await?
                    }
                    other => other?,
                };
                (cursor, Owner::Own(session))
            }
        };
        let session_id = match &owner {
            Owner::Own(session) => Some(session.id().clone()),
            Owner::Script(_) | Owner::Migration => None,
        };
        let slot =
            Arc::new(CursorSlot { session_id, inner: Mutex::new(Open { cursor, session: owner }) });
        let handle = self.handle();
        let batch = self.advance(&slot, handle).await?;
        if !batch.done {
            lock(&self.cursors).insert(handle, slot);
        }
        Ok(batch)
    }

    async fn send(
        &self,
        database: &Database,
        command: RawDocumentBuf,
        batch_size: u32,
        kind: Kind,
        session: &mut ClientSession,
    ) -> Result<SessionRawBatchCursor, Failure> {
        let ticket = self.may_send(database.name(), &command).await?;
        let mut action = database.run_raw_cursor_command(command);
        if batch_size > 0 {
            action = action.batch_size(batch_size);
        }
        if kind == Kind::Read
            && let Some(from) = self.reads_from()
        {
            action = action.selection_criteria(from);
        }
        let sent = action.session(session).batch().await;
        self.sent(ticket, sent)
    }

    /// The next batch of an open cursor.
    pub(crate) async fn next(&self, handle: u32) -> Result<Batch, Failure> {
        let slot = lock(&self.cursors).get(&handle).cloned();
        let slot = slot.ok_or_else(|| Failure::Argument("the cursor is closed".to_owned()))?;
        let batch = self.advance(&slot, handle).await;
        if !matches!(&batch, Ok(batch) if !batch.done) {
            lock(&self.cursors).remove(&handle);
        }
        batch
    }

    async fn advance(&self, slot: &CursorSlot, handle: u32) -> Result<Batch, Failure> {
        let mut open = slot.inner.lock().await;
        self.check_gate()?;
        let Open { cursor, session } = &mut *open;
        let next = match session {
            Owner::Own(session) => cursor.stream(session).next().await,
            Owner::Script(handle) => {
                let session_slot = self.slot(*handle)?;
                let mut entered = session_slot.enter().await?;
                cursor.stream(entered.session()).next().await
            }
            Owner::Migration => match &self.transaction {
                Some(transaction) => {
                    let mut session = transaction.enter().await?;
                    let next = cursor.stream(&mut session).next().await;
                    if let Some(Err(error)) = &next {
                        transaction.doom(error);
                    }
                    next
                }
                None => None,
            },
        };
        let documents = next.transpose()?;
        let id = documents.as_ref().and_then(id_of).unwrap_or_default();
        let done = id == 0;
        let at_cluster_time = documents.as_ref().and_then(|batch| {
            let cursor = batch.as_raw_document().get_document("cursor");
            cursor.and_then(|cursor| cursor.get_timestamp("atClusterTime")).ok()
        });
        let handle = if done { 0 } else { handle };
        Ok(Batch { handle, documents, done, id, at_cluster_time })
    }

    pub(crate) async fn close_cursor(&self, handle: u32) -> Result<(), Failure> {
        // Dropping it kills the server's cursor in the background.
        lock(&self.cursors).remove(&handle);
        Ok(())
    }
}

impl Replied for SessionRawBatchCursor {
    // What it found is told by its batches, which are not counted.
    fn reply(&self) -> Option<&Document> {
        None
    }
}

fn id_of(batch: &RawBatch) -> Option<i64> {
    let cursor = batch.as_raw_document().get_document("cursor");
    cursor.and_then(|cursor| cursor.get_i64("id")).ok()
}
