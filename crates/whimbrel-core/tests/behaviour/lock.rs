//! The contract on both locks, and what the document's fields mean.

use std::sync::Arc;
use std::time::Duration;

use mongodb::bson::{Document, doc};
use tokio::time::Instant;
use whimbrel_core::clock::SystemClock;
use whimbrel_core::gate::StopSignal;
use whimbrel_core::history::Bookkeeping;
use whimbrel_core::lock::{LockRequest, LockSettings, LockStore, MemoryLock, MongoLock, acquire};
use whimbrel_testing::TestDatabase;
use whimbrel_testing::contract;

use crate::support::RuntimeClock;

#[tokio::test(start_paused = true)]
async fn contract_in_memory() {
    let clock = RuntimeClock(Instant::now());
    contract::lock::check(Arc::new(MemoryLock::new()), Arc::new(clock)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn contract_on_mongo() {
    let test = TestDatabase::start().await;
    let options = mongodb::options::ClientOptions::parse(test.uri()).await.unwrap();
    let bookkeeping = Bookkeeping::new(test.database(), "migrations");
    let store = MongoLock::new(bookkeeping, Some(options));
    contract::lock::check(Arc::new(store), Arc::new(SystemClock)).await;
}

fn request() -> LockRequest {
    LockRequest { command: "up".into(), session: None, stop: StopSignal::new() }
}

#[tokio::test]
async fn a_missing_document_starts_above_every_known_fence() {
    let test = TestDatabase::start().await;
    let rows = test.database().collection::<Document>("migrations");
    rows.insert_one(doc! { "name": "x", "fence": 41_i64 }).await.unwrap();
    let log = test.database().collection::<Document>("migrations_log");
    log.insert_one(doc! { "event": "x", "fence": 57_i64 }).await.unwrap();
    let bookkeeping = Bookkeeping::new(test.database(), "migrations");
    let store: Arc<dyn LockStore> = Arc::new(MongoLock::new(bookkeeping, None));
    let clock = Arc::new(SystemClock) as _;
    let lease =
        acquire(&store, &clock, LockSettings::default(), &request(), &|_| {}).await.unwrap();
    assert_eq!(lease.fence(), 58);
    lease.release().await;
}

#[tokio::test(start_paused = true)]
async fn a_takeover_ends_the_dead_holders_session_first() {
    let lock = MemoryLock::new();
    let store: Arc<dyn LockStore> = Arc::new(lock.clone());
    let clock = Arc::new(RuntimeClock(Instant::now())) as _;
    let settings = LockSettings::default();
    let with_session = LockRequest { session: Some(doc! { "id": "of the dead" }), ..request() };
    let dead = acquire(&store, &clock, settings, &with_session, &|_| {}).await.unwrap();
    let guard = dead.guard();
    // Dropped without release: renewals end, the document stays.
    drop(dead);
    let started = Instant::now();
    let next = acquire(&store, &clock, settings, &request(), &|_| {}).await.unwrap();
    assert_eq!(lock.ended_sessions(), [doc! { "id": "of the dead" }]);
    assert!(started.elapsed() >= Duration::from_secs(30));
    next.guard().check().unwrap();
    assert!(guard.check().is_err(), "the dead one's deadline passed long before");
}
