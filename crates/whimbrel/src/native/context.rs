//! What a migration in Rust may use.

use mongodb::bson::{Bson, Document};
use mongodb::{ClientSession, Database};
use tokio::sync::OwnedMutexGuard;
use whimbrel_core::body::{BodyContext, OutputLevel, OutputSink, Said};
use whimbrel_core::gate::{Gate, StopReason};
use whimbrel_core::operations::CommandSender;

/// The run was stopped, a time limit is over, or the lock is lost: the migration should end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Cancelled(pub StopReason);

/// What a migration in Rust is given.
pub struct MigrationContext {
    database: Database,
    gate: Gate,
    output: OutputSink,
    comment: Document,
    session: Option<OwnedMutexGuard<ClientSession>>,
}

impl MigrationContext {
    pub(super) fn new(
        database: Database,
        context: &BodyContext,
        session: Option<OwnedMutexGuard<ClientSession>>,
    ) -> Self {
        let (gate, output) = (context.gate.clone(), context.output.clone());
        let comment = CommandSender::new(context).comment();
        Self { database, gate, output, comment, session }
    }

    /// The migrated database, on the application's own client.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// The transaction's session, if the migration runs in a transaction: only operations with this session are part of
    /// it.
    ///
    /// ```
    /// # use whimbrel::mongodb::bson::{Document, doc};
    /// # use whimbrel::{MigrationContext, MigrationResult};
    /// async fn up(mut context: MigrationContext) -> MigrationResult {
    ///     let accounts = context.database().collection::<Document>("accounts");
    ///     let session = context.session().ok_or("this migration needs a transaction")?;
    ///     accounts.insert_one(doc! { "_id": 1 }).session(&mut *session).await?;
    ///     accounts.insert_one(doc! { "_id": 2 }).session(session).await?;
    ///     Ok(())
    /// }
    /// ```
    pub fn session(&mut self) -> Option<&mut ClientSession> {
        self.session.as_deref_mut()
    }

    /// Whether the migration may go on; to be asked between batches.
    ///
    /// # Errors
    /// [`Cancelled`] with the reason, to be given back with `?`: the history says that it was stopped, not that it
    /// failed.
    pub fn checkpoint(&self) -> Result<(), Cancelled> {
        self.gate.check().map_err(Cancelled)
    }

    /// Waits until the migration should end, for `tokio::select!`.
    ///
    /// # Cancel safety
    /// Nothing is lost when the future is dropped.
    pub async fn cancelled(&self) -> Cancelled {
        Cancelled(self.gate.closed().await)
    }

    /// The run's mark, `{ whimbrel: runId, fence }`, for operations that take long: `.comment(context.comment())`. Where the
    /// migration is cut off, what carries it is ended on the server, so that it does not go on beside the next run.
    pub fn comment(&self) -> Bson {
        Bson::Document(self.comment.clone())
    }

    /// Tells how far it is, in units of its own: the observer hears it, and so does readiness.
    pub fn progress(&self, done: u64, total: Option<u64>) {
        (self.output)(Said::Progress { done, total });
    }

    /// Writes an entry to the audit trail, with fields for machines.
    pub fn log(&self, message: impl Into<String>, fields: Document) {
        (self.output)(Said::Log { level: OutputLevel::Info, message: message.into(), fields });
    }
}

impl std::fmt::Debug for MigrationContext {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let is_transaction = self.session.is_some();
        f.debug_struct("MigrationContext")
            .field("database", &self.database.name())
            .field("transaction", &is_transaction)
            .finish_non_exhaustive()
    }
}
