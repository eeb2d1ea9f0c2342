//! The few operations the lease needs of a database.

use std::sync::Arc;

use async_trait::async_trait;
use mongodb::bson::{DateTime, Document};

use super::{LockDocument, LockError};

/// The state in which the document must be for a write to land.
#[derive(Clone, Debug, PartialEq)]
pub struct LockExpectation {
    /// Its owner.
    pub owner: Option<String>,
    /// Its fence.
    pub fence: i64,
    /// Number and time of its last renewal; `None` to accept any (the owner's own writes). The time alone would not do:
    /// two renewals can have the same, when the server's clock is set back or stands still.
    pub renewal: Option<(i64, DateTime)>,
}

/// Where the renewals of a lease run.
///
/// In production each lease has a thread of its own, so that nothing else in the process can starve it.
/// Under a virtual clock they must be tasks of the test's own runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RenewalHost {
    /// An operating system thread with a runtime and connection of its own.
    Thread,
    /// A task on the current runtime.
    Task,
}

/// Keeps the lock document. An error leaves open whether the write took effect; the caller reads back.
#[async_trait]
pub trait LockStore: Send + Sync {
    /// The primary's clock.
    ///
    /// # Errors
    /// When the server cannot be asked.
    async fn server_time(&self) -> Result<DateTime, LockError>;

    /// The document; `None` when there never was one.
    ///
    /// # Errors
    /// When it cannot be read.
    async fn read(&self) -> Result<Option<LockDocument>, LockError>;

    /// Creates the document; `false` when there is one already.
    ///
    /// # Errors
    /// When the outcome is unknown or the write was refused.
    async fn insert(&self, document: &LockDocument) -> Result<bool, LockError>;

    /// Replaces the document if it is as expected; `false` when it is not.
    ///
    /// # Errors
    /// As `insert`.
    async fn replace(
        &self,
        expected: &LockExpectation,
        document: &LockDocument,
    ) -> Result<bool, LockError>;

    /// Writes owner and fence into the fence document, which nothing else ever writes: a transaction that
    /// confirmed an older fence and is not over makes this wait, one that confirms later finds it changed.
    /// `false` when a higher fence stands there.
    ///
    /// # Errors
    /// As `insert`.
    async fn claim(&self, owner: &str, fence: i64) -> Result<bool, LockError>;

    /// The highest fence that history and audit trail know; 0 when they know none.
    ///
    /// # Errors
    /// When they cannot be read.
    async fn highest_fence(&self) -> Result<i64, LockError>;

    /// Ends a dead holder's transaction session on the server. Best effort, reports nothing.
    async fn end_session(&self, session: &Document);

    /// Ends commands of dead runs that are still at work on the server; they carry the run's id as their
    /// comment. Best effort, reports nothing.
    async fn end_commands(&self, run_ids: &[String]);

    /// Where renewals run.
    fn renewal_host(&self) -> RenewalHost;

    /// The store to renew through, called on the renewal's own runtime. By default, in the Mongo store, a
    /// second client with connections of its own.
    ///
    /// # Errors
    /// When the client cannot be made.
    async fn for_renewal(&self) -> Result<Arc<dyn LockStore>, LockError>;
}
