//! A migrator over the in-memory twins, and a clock on the runtime's time.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use mongodb::bson::Document;
use tokio::time::Instant;
use whimbrel_core::Migrator;
use whimbrel_core::audit::MemoryAuditLog;
use whimbrel_core::clock::Clock;
use whimbrel_core::event::Event;
use whimbrel_core::history::MemoryHistory;
use whimbrel_core::lock::MemoryLock;
use whimbrel_core::source::MemorySource;
use whimbrel_core::stores::Stores;
use whimbrel_core::transaction::{TransactionError, TransactionScope, Transactions};
use whimbrel_testing::bodies::EmptyLoader;

/// The runtime's clock, which tests may pause.
#[derive(Debug)]
pub(crate) struct RuntimeClock(pub(crate) Instant);

impl Clock for RuntimeClock {
    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

/// Everything in memory.
pub(crate) struct Bench {
    pub(crate) source: Arc<MemorySource>,
    pub(crate) history: MemoryHistory,
    pub(crate) lock: MemoryLock,
    pub(crate) audit: MemoryAuditLog,
    pub(crate) events: Arc<Mutex<Vec<Event>>>,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self {
            source: Arc::new(MemorySource::new()),
            history: MemoryHistory::new(),
            lock: MemoryLock::new(),
            audit: MemoryAuditLog::default(),
            events: Arc::default(),
        }
    }

    pub(crate) fn migrator(&self) -> Migrator {
        let events = Arc::clone(&self.events);
        let stores = Stores {
            history: Arc::new(self.history.clone()),
            lock: Arc::new(self.lock.clone()),
            audit: Arc::new(self.audit.clone()),
            transactions: Arc::new(NoTransactions),
            database: None,
        };
        Migrator::new(Arc::clone(&self.source) as _, Arc::new(EmptyLoader), stores)
            .with_clock(Arc::new(RuntimeClock(Instant::now())))
            .with_observer(Arc::new(move |event: &Event| {
                events.lock().unwrap().push(event.clone());
            }))
    }

    /// `name=status` of every row.
    pub(crate) fn rows(&self) -> Vec<String> {
        let rows = self.history.rows();
        rows.iter().map(|row| format!("{}={}", row.name, row.status.as_str())).collect()
    }
}

struct NoTransactions;

#[async_trait]
impl Transactions for NoTransactions {
    async fn session_id(&self) -> Option<Document> {
        None
    }

    async fn begin(&self) -> Result<Box<dyn TransactionScope>, TransactionError> {
        panic!("no test here begins one")
    }
}
