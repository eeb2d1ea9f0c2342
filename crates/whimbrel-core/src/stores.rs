//! The stores a run works with, as one value.

use std::sync::Arc;

use mongodb::Database;
use mongodb::options::ClientOptions;

use crate::audit::{AuditLog, MongoAuditLog};
use crate::history::{Bookkeeping, History, MongoHistory};
use crate::lock::{LockStore, MongoLock};
use crate::transaction::{MongoTransactions, Transactions};

/// History, lock, audit trail and transactions of one deployment.
#[derive(Clone)]
pub struct Stores {
    /// Which migrations ran.
    pub history: Arc<dyn History>,
    /// Who may run them.
    pub lock: Arc<dyn LockStore>,
    /// What was done.
    pub audit: Arc<dyn AuditLog>,
    /// All or nothing.
    pub transactions: Arc<dyn Transactions>,
    /// The migrated database; absent only in tests over the in-memory twins.
    pub database: Option<Database>,
}

impl Stores {
    /// The stores of a database, with the history in `collection`.
    ///
    /// `renewal_options` is what a second client that renews the lock connects with; see
    /// [`MongoLock::new`].
    pub fn mongo(
        database: Database,
        collection: &str,
        renewal_options: Option<ClientOptions>,
    ) -> Self {
        let bookkeeping = Bookkeeping::new(database.clone(), collection);
        Self {
            history: Arc::new(MongoHistory::new(&bookkeeping)),
            lock: Arc::new(MongoLock::new(bookkeeping.clone(), renewal_options)),
            audit: Arc::new(MongoAuditLog::new(&bookkeeping)),
            transactions: Arc::new(MongoTransactions::new(bookkeeping)),
            database: Some(database),
        }
    }
}
