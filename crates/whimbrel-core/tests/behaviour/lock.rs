//! The contract on both locks, and what the document's fields mean.

use std::sync::Arc;
use std::time::Duration;

use mongodb::bson::{DateTime, Document, doc};
use tokio::time::Instant;
use whimbrel_core::clock::SystemClock;
use whimbrel_core::gate::StopSignal;
use whimbrel_core::history::Bookkeeping;
use whimbrel_core::lock::{
    Acquired, LockDocument, LockError, LockExpectation, LockRequest, LockSettings, LockStore,
    LockWait, MemoryLock, MongoLock, RenewalHost, Takeover, acquire,
};
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
    let takeover = Takeover::WhenDead;
    LockRequest { command: "up".into(), session: None, takeover, stop: StopSignal::new() }
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
    let settings = LockSettings { ttl: Duration::from_secs(1), ..LockSettings::default() };
    let lease = acquire(&store, &clock, settings, &request(), &|_| {}).await.unwrap();
    assert_eq!(lease.fence(), 58);
    lease.release().await;
}

/// How long `work` took in virtual time, and the waits it told of.
async fn timed(
    store: &Arc<dyn LockStore>,
    request: &LockRequest,
) -> (Result<whimbrel_core::lock::Lease, LockError>, Duration, Vec<Duration>) {
    let clock = Arc::new(RuntimeClock(Instant::now())) as _;
    let settings = LockSettings { wait: LockWait::For(Duration::ZERO), ..LockSettings::default() };
    let waits = std::sync::Mutex::new(Vec::new());
    let tell = |what: Acquired<'_>| {
        if let Acquired::Outlasting { wait } = what {
            waits.lock().unwrap().push(wait);
        }
    };
    let started = Instant::now();
    let lease = acquire(store, &clock, settings, request, &tell).await;
    (lease, started.elapsed(), waits.into_inner().unwrap())
}

#[tokio::test(start_paused = true)]
async fn a_document_deleted_under_its_holder_gives_it_time_to_stop() {
    let lock = MemoryLock::new();
    let store: Arc<dyn LockStore> = Arc::new(lock.clone());
    let (first, took, waits) = timed(&store, &request()).await;
    let first = first.unwrap();
    assert!(took < Duration::from_secs(1) && waits.is_empty(), "nobody can be there yet");
    lock.set_document(None);
    lock.set_highest_fence(first.fence());
    let guard = first.guard();
    let (second, took, waits) = timed(&store, &request()).await;
    assert_eq!(second.unwrap().fence(), 2);
    assert_eq!(waits, [Duration::from_secs(20)]);
    assert!(took >= Duration::from_secs(20));
    assert!(guard.check().is_err(), "the first holder has stopped by then");
}

#[tokio::test(start_paused = true)]
async fn a_lock_is_taken_from_the_living_only_by_force_and_after_they_have_stopped() {
    let lock = MemoryLock::new();
    let store: Arc<dyn LockStore> = Arc::new(lock.clone());
    let first = timed(&store, &request()).await.0.unwrap();
    let guard = first.guard();
    let (refused, ..) = timed(&store, &request()).await;
    assert!(matches!(refused, Err(LockError::Held { .. })));
    guard.check().unwrap();
    let forced = LockRequest { takeover: Takeover::Forced, ..request() };
    let (second, took, waits) = timed(&store, &forced).await;
    let second = second.unwrap();
    assert_eq!((second.fence(), waits), (2, vec![Duration::from_secs(20)]));
    assert!(took >= Duration::from_secs(20));
    assert!(guard.check().is_err());
    second.guard().check().unwrap();
    first.release().await;
    second.guard().check().unwrap();
    assert_eq!(lock.document().unwrap().owner.as_deref(), Some(second.owner()));
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

/// A lock with a server whose clock stands still, and with faults.
#[derive(Clone)]
struct Faulty {
    lock: MemoryLock,
    /// Claims get an answer.
    claims: bool,
    /// Writes get an answer.
    writes: bool,
    /// Renewals get an answer.
    renewals: bool,
}

fn no_answer() -> LockError {
    let error = mongodb::error::Error::custom("the connection was lost");
    LockError::Database(whimbrel_core::database_error::DatabaseError::new("asking", error))
}

#[async_trait::async_trait]
impl LockStore for Faulty {
    async fn server_time(&self) -> Result<DateTime, LockError> {
        Ok(DateTime::from_millis(1_700_000_000_000))
    }
    async fn read(&self) -> Result<Option<LockDocument>, LockError> {
        self.lock.read().await
    }
    async fn insert(&self, document: &LockDocument) -> Result<bool, LockError> {
        self.lock.insert(document).await
    }
    async fn replace(
        &self,
        expected: &LockExpectation,
        document: &LockDocument,
    ) -> Result<bool, LockError> {
        let landed = self.lock.replace(expected, document).await;
        if self.writes { landed } else { std::future::pending().await }
    }
    async fn claim(&self, owner: &str, fence: i64) -> Result<bool, LockError> {
        if self.claims { self.lock.claim(owner, fence).await } else { Err(no_answer()) }
    }
    async fn highest_fence(&self) -> Result<i64, LockError> {
        self.lock.highest_fence().await
    }
    async fn end_session(&self, _: &Document) {}
    async fn end_commands(&self, _: &[String]) {}
    fn renewal_host(&self) -> RenewalHost {
        RenewalHost::Task
    }
    async fn for_renewal(&self) -> Result<Arc<dyn LockStore>, LockError> {
        Ok(Arc::new(Self { writes: self.renewals, ..self.clone() }))
    }
}

#[tokio::test(start_paused = true)]
async fn a_claim_that_fails_keeps_others_out_while_the_one_before_may_be_at_work() {
    for (deleted, is_held) in [(true, true), (false, false)] {
        let lock = MemoryLock::new();
        let healthy: Arc<dyn LockStore> = Arc::new(lock.clone());
        let first = timed(&healthy, &request()).await.0.unwrap();
        if deleted {
            lock.set_document(None);
            lock.set_highest_fence(first.fence());
        } else {
            first.release().await;
        }
        let faulty = Faulty { lock: lock.clone(), claims: false, writes: true, renewals: true };
        let (failed, ..) = timed(&(Arc::new(faulty) as _), &request()).await;
        assert!(matches!(failed, Err(LockError::Database(_))));
        let owner = lock.document().unwrap().owner;
        assert_eq!(owner.is_some(), is_held, "it expires instead of being free at once");
    }
}

#[tokio::test(start_paused = true)]
async fn each_renewal_that_was_sent_has_a_number_of_its_own() {
    let lock = MemoryLock::new();
    let faulty = Faulty { lock: lock.clone(), claims: true, writes: true, renewals: false };
    let lease = timed(&(Arc::new(faulty) as _), &request()).await.0.unwrap();
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..20 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        seen.insert(lock.document().unwrap().renewals);
    }
    // The server's clock stands still, so nothing else tells them apart.
    assert!(seen.len() >= 3, "{seen:?}");
    assert!(lease.guard().check().is_err(), "none of them counts for the holder");
}
