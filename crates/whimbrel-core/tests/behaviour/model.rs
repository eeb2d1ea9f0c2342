//! A model test of the protocol: two processes, and everything that can go wrong between them and the
//! database, in virtual time.
//!
//! Each process runs the real migrator with the real lease over wrappers of the in-memory twins.
//! The wrappers delay every call, lose requests, lose replies, and stall a whole process (renewals
//! included) for longer than its lease, or cut its connection to the lock alone. The server's clock jumps, as after a failover, and somebody deletes the lock
//! document by hand. What must hold, whatever the interleaving:
//!
//! 1. a row's fence never goes back: no history write of a stale holder lands over its successor's;
//! 2. the work of a transactional migration is committed exactly once;
//! 3. nobody starts a migration that is recorded as completed;
//! 4. in the end everything is applied;
//! 5. once somebody has passed the gate, nobody with an older fence passes it any more.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use mongodb::bson::{DateTime, Document, doc};
use mongodb::error::Error as DriverError;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::time::{Instant, sleep, sleep_until};
use whimbrel_core::Migrator;
use whimbrel_core::audit::MemoryAuditLog;
use whimbrel_core::body::{Body, BodyError};
use whimbrel_core::database_error::DatabaseError;
use whimbrel_core::history::{
    History, HistoryError, MemoryHistory, Row, RowChange, Status, Written,
};
use whimbrel_core::lock::{
    LockDocument, LockError, LockExpectation, LockSettings, LockStore, LockWait, MemoryLock,
    RenewalHost,
};
use whimbrel_core::migrator::{RunOptions, Settings};
use whimbrel_core::plan::{Force, UpTarget};
use whimbrel_core::source::MemorySource;
use whimbrel_core::stores::Stores;
use whimbrel_core::transaction::{
    MongoTransaction, TransactionError, TransactionScope, Transactions,
};
use whimbrel_testing::bodies::{EmptyLoader, FnBody};

use crate::support::RuntimeClock;

const TTL: Duration = Duration::from_secs(1);
const STEPS: usize = 12;
/// Every second one runs in a transaction.
const NAMES: [&str; 4] = ["1_plain.js", "2_transaction.js", "3_plain.js", "4_transaction.js"];

/// The database that both processes see.
#[derive(Clone)]
struct World {
    lock: MemoryLock,
    history: MemoryHistory,
    state: Arc<Mutex<WorldState>>,
}

#[derive(Default)]
struct WorldState {
    /// Session whose uncommitted transaction has written the lock document.
    intent: Option<Document>,
    /// Sessions that a takeover ended.
    killed: Vec<Document>,
    /// Work that landed: migration → number of times each of its steps did.
    effects: BTreeMap<String, Vec<usize>>,
    /// How far the server's clock is off, in milliseconds.
    skew: i64,
    /// The highest fence that has passed the gate.
    passed: i64,
    /// Violations of the invariants.
    violations: Vec<String>,
}

impl World {
    fn new() -> Self {
        let (lock, history) = (MemoryLock::new(), MemoryHistory::new());
        Self { lock, history, state: Arc::default() }
    }

    fn apply_effect(&self, name: &str, step: usize) {
        let mut state = self.state.lock().unwrap();
        state.effects.entry(name.to_owned()).or_insert_with(|| vec![0; STEPS])[step] += 1;
    }

    /// Ends a session, and the transaction in it.
    fn kill(&self, session: &Document) {
        let mut state = self.state.lock().unwrap();
        state.killed.push(session.clone());
        if state.intent.as_ref() == Some(session) {
            state.intent = None;
        }
    }

    /// Watched for invariant 5.
    fn pass_the_gate(&self, fence: i64) {
        let passed = {
            let mut state = self.state.lock().unwrap();
            state.passed = state.passed.max(fence);
            state.passed
        };
        if passed > fence {
            self.violate(format!("fence {fence} passed the gate after fence {passed} had"));
        }
    }

    fn violate(&self, what: String) {
        self.state.lock().unwrap().violations.push(what);
    }

    /// The compare-and-set, watched for invariant 1.
    fn write_row(&self, change: &RowChange) -> Written {
        let before = self.history.rows().into_iter().find(|row| row.name == change.row.name);
        let written = self.history.apply(change);
        if let (Written::Landed, Some(before)) = (written, before)
            && before.fence > change.row.fence
        {
            self.violate(format!("fence went back: {before:?} -> {:?}", change.row));
        }
        written
    }
}

/// One process: its luck, and whether it is stalled.
#[derive(Clone)]
struct Process {
    world: World,
    number: u32,
    generation: u32,
    luck: Arc<Mutex<StdRng>>,
    stalled_until: Arc<Mutex<Instant>>,
    cut_until: Arc<Mutex<Instant>>,
    /// Work of the open transaction: migration and step.
    scope: Arc<Mutex<Option<Vec<Work>>>>,
}

/// A migration's step.
type Work = (String, usize);

#[derive(Clone, Copy, PartialEq)]
enum Fate {
    Fine,
    RequestLost,
    ReplyLost,
}

impl Process {
    /// Before anything reaches the database: a delay, perhaps a stall of the whole process, and what becomes
    /// of the call.
    async fn call(&self) -> Fate {
        let (delay, stall, fate) = {
            let mut luck = self.luck.lock().unwrap();
            let stall = luck.random_bool(0.04).then(|| luck.random_range(300..4_000));
            let fate = match luck.random_range(0..100) {
                0..3 => Fate::RequestLost,
                3..6 => Fate::ReplyLost,
                _ => Fate::Fine,
            };
            (luck.random_range(0..60), stall, fate)
        };
        if let Some(millis) = stall {
            *self.stalled_until.lock().unwrap() = Instant::now() + Duration::from_millis(millis);
        }
        sleep(Duration::from_millis(delay)).await;
        self.awake().await;
        fate
    }

    /// As [`Self::call`], for the lock, whose connection is sometimes cut while the process goes on.
    async fn lock_call(&self) -> Fate {
        let fate = self.call().await;
        let mut cut_until = self.cut_until.lock().unwrap();
        let mut luck = self.luck.lock().unwrap();
        if luck.random_bool(0.02) {
            *cut_until = Instant::now() + Duration::from_millis(luck.random_range(300..1_500));
        }
        if *cut_until > Instant::now() { Fate::RequestLost } else { fate }
    }

    /// A stalled process does nothing, its renewals included.
    async fn awake(&self) {
        loop {
            let until = *self.stalled_until.lock().unwrap();
            if until <= Instant::now() {
                return;
            }
            sleep_until(until).await;
        }
    }

    fn session(&self) -> Document {
        doc! { "process": self.number, "generation": self.generation }
    }
}

fn lost(doing: &str) -> DatabaseError {
    DatabaseError::new(doing, DriverError::custom("the connection was lost"))
}

#[async_trait]
impl LockStore for Process {
    async fn server_time(&self) -> Result<DateTime, LockError> {
        match self.lock_call().await {
            Fate::Fine => {
                let skew = {
                    let mut luck = self.luck.lock().unwrap();
                    let mut state = self.world.state.lock().unwrap();
                    if luck.random_bool(0.1) {
                        state.skew = luck.random_range(-3_000..30_000);
                    }
                    state.skew
                };
                let now = self.world.lock.server_time().await?.timestamp_millis() + skew;
                // And sometimes it stands still.
                Ok(DateTime::from_millis(now / 1_500 * 1_500))
            }
            _ => Err(lost("asking the time").into()),
        }
    }

    async fn read(&self) -> Result<Option<LockDocument>, LockError> {
        match self.lock_call().await {
            Fate::Fine => {
                if self.luck.lock().unwrap().random_bool(0.002) {
                    self.world.lock.set_document(None);
                }
                self.world.lock.read().await
            }
            _ => Err(lost("reading the lock").into()),
        }
    }

    async fn insert(&self, document: &LockDocument) -> Result<bool, LockError> {
        let fate = self.lock_call().await;
        if fate == Fate::RequestLost {
            return Err(lost("inserting the lock").into());
        }
        let inserted = self.world.lock.insert(document).await;
        if fate == Fate::ReplyLost { Err(lost("inserting the lock").into()) } else { inserted }
    }

    async fn replace(
        &self,
        expected: &LockExpectation,
        document: &LockDocument,
    ) -> Result<bool, LockError> {
        let fate = self.lock_call().await;
        if fate == Fate::RequestLost {
            return Err(lost("writing the lock").into());
        }
        let replaced = self.world.lock.replace(expected, document).await;
        if fate == Fate::ReplyLost { Err(lost("writing the lock").into()) } else { replaced }
    }

    async fn claim(&self, owner: &str, fence: i64) -> Result<bool, LockError> {
        let fate = self.lock_call().await;
        if fate == Fate::RequestLost {
            return Err(lost("claiming the lock").into());
        }
        // Waits, as the server does, for a transaction that wrote the same document; and ends one that has
        // outlived its time.
        let waiting = Instant::now();
        loop {
            let intent = self.world.state.lock().unwrap().intent.clone();
            match intent {
                None => break,
                Some(old) if waiting.elapsed() > Duration::from_secs(60) => self.world.kill(&old),
                Some(_) => sleep(Duration::from_millis(10)).await,
            }
        }
        let claimed = self.world.lock.claim(owner, fence).await;
        if fate == Fate::ReplyLost { Err(lost("claiming the lock").into()) } else { claimed }
    }

    async fn highest_fence(&self) -> Result<i64, LockError> {
        let claimed = self.world.lock.claimed().map_or(0, |(_, fence)| fence);
        Ok(self.world.history.rows().iter().map(|row| row.fence).max().unwrap_or(0).max(claimed))
    }

    async fn end_session(&self, session: &Document) {
        if self.lock_call().await != Fate::RequestLost {
            self.world.kill(session);
        }
    }

    async fn end_commands(&self, _: &[String]) {
        let _ = self.lock_call().await;
    }

    fn renewal_host(&self) -> RenewalHost {
        RenewalHost::Task
    }

    async fn for_renewal(&self) -> Result<Arc<dyn LockStore>, LockError> {
        Ok(Arc::new(self.clone()))
    }
}

#[async_trait]
impl History for Process {
    async fn read(&self) -> Result<Vec<Row>, HistoryError> {
        match self.call().await {
            Fate::Fine => self.world.history.read().await,
            _ => Err(lost("reading the history").into()),
        }
    }

    async fn read_source(&self, name: &str) -> Result<Option<Vec<u8>>, HistoryError> {
        self.world.history.read_source(name).await
    }

    async fn prepare(&self) -> Result<(), HistoryError> {
        Ok(())
    }

    async fn write(&self, change: &RowChange) -> Result<Written, HistoryError> {
        match self.call().await {
            Fate::Fine => Ok(self.world.write_row(change)),
            Fate::RequestLost => Err(lost("writing the history").into()),
            // Read back, or not even that: both are within the contract.
            Fate::ReplyLost => {
                let written = self.world.write_row(change);
                let read_back = self.luck.lock().unwrap().random_bool(0.5);
                if read_back { Ok(written) } else { Err(lost("writing the history").into()) }
            }
        }
    }

    async fn rename(&self, old: &str, change: &RowChange) -> Result<Written, HistoryError> {
        self.world.history.rename(old, change).await
    }

    async fn remove(&self, row: &Row) -> Result<Written, HistoryError> {
        self.world.history.remove(row).await
    }

    async fn count(&self) -> Result<u64, HistoryError> {
        self.world.history.count().await
    }

    async fn clear(&self) -> Result<u64, HistoryError> {
        self.world.history.clear().await
    }
}

#[async_trait]
impl Transactions for Process {
    async fn session_id(&self) -> Option<Document> {
        Some(self.session())
    }

    async fn begin(&self) -> Result<Box<dyn TransactionScope>, TransactionError> {
        *self.scope.lock().unwrap() = Some(Vec::new());
        let snapshot = self.world.lock.claimed();
        let scope = ModelScope { process: self.clone(), snapshot, state: Mutex::default() };
        Ok(Box::new(scope))
    }
}

#[derive(Default)]
struct ScopeState {
    change: Option<RowChange>,
    committed: bool,
    over: bool,
}

struct ModelScope {
    process: Process,
    /// The fence document as the transaction sees it: writing it fails when it has changed since.
    snapshot: Option<(String, i64)>,
    state: Mutex<ScopeState>,
}

impl ModelScope {
    fn error(&self, transient: bool, unknown_commit: bool) -> TransactionError {
        TransactionError {
            transient,
            unknown_commit,
            expired: false,
            unsupported: false,
            error: lost("working in the transaction"),
        }
    }

    fn is_killed(&self) -> bool {
        let session = self.process.session();
        self.process.world.state.lock().unwrap().killed.contains(&session)
    }

    fn drop_intent(&self) {
        let mut state = self.process.world.state.lock().unwrap();
        if state.intent == Some(self.process.session()) {
            state.intent = None;
        }
    }

    /// The commit as the server does it: all or nothing.
    fn commit_now(&self) -> bool {
        let mut state = self.state.lock().unwrap();
        if state.committed {
            return true;
        }
        if state.over || self.is_killed() {
            return false;
        }
        let world = &self.process.world;
        let Some(change) = state.change.take() else { return false };
        // Write conflicts were found when the rows were written; nobody else can have written them since,
        // unless the session was killed.
        if !world.history.would_land(&change) {
            state.over = true;
            return false;
        }
        assert_eq!(world.write_row(&change), Written::Landed);
        for (name, step) in self.process.scope.lock().unwrap().take().unwrap_or_default() {
            world.apply_effect(&name, step);
        }
        state.committed = true;
        true
    }
}

#[async_trait]
impl TransactionScope for ModelScope {
    fn mongo(&self) -> Option<Arc<MongoTransaction>> {
        None
    }

    fn doomed(&self) -> Option<TransactionError> {
        self.is_killed().then(|| self.error(true, false))
    }

    fn session_id(&self) -> Document {
        self.process.session()
    }

    async fn write_history(&self, change: &RowChange) -> Result<Written, TransactionError> {
        if self.process.call().await != Fate::Fine || self.is_killed() {
            return Err(self.error(true, false));
        }
        if !self.process.world.history.would_land(change) {
            return Ok(Written::Conflict);
        }
        self.state.lock().unwrap().change = Some(change.clone());
        Ok(Written::Landed)
    }

    async fn confirm_lock(&self, owner: &str, fence: i64) -> Result<bool, TransactionError> {
        if self.process.call().await != Fate::Fine || self.is_killed() {
            return Err(self.error(true, false));
        }
        let world = &self.process.world;
        let mut state = world.state.lock().unwrap();
        if world.lock.claimed() != self.snapshot {
            return Err(self.error(true, false));
        }
        if self.snapshot != Some((owner.to_owned(), fence)) {
            return Ok(false);
        }
        state.intent = Some(self.process.session());
        Ok(true)
    }

    async fn commit(&self) -> Result<(), TransactionError> {
        match self.process.call().await {
            Fate::RequestLost => Err(self.error(false, true)),
            fate => {
                let committed = self.commit_now();
                self.drop_intent();
                match (committed, fate) {
                    (_, Fate::ReplyLost) => Err(self.error(false, true)),
                    (true, _) => Ok(()),
                    (false, _) => Err(self.error(true, false)),
                }
            }
        }
    }

    async fn abort(&self) {
        let mut state = self.state.lock().unwrap();
        if !state.committed {
            state.over = true;
            state.change = None;
        }
        drop(state);
        self.drop_intent();
    }

    async fn end(&self) {
        if self.process.call().await != Fate::RequestLost {
            self.process.world.kill(&self.process.session());
        }
    }
}

/// Does its steps one after another, asking the gate before each.
fn body(process: &Process, name: &'static str, transaction: bool) -> Arc<dyn Body> {
    let process = process.clone();
    FnBody::new(move |_, context| {
        let process = process.clone();
        async move {
            let rows = process.world.history.rows();
            let row = rows.iter().find(|row| row.name == name);
            if row.is_some_and(|row| row.status == Status::Completed) {
                process.world.violate(format!("{name} was started although it is completed"));
            }
            if context.gate.check().is_ok() {
                process.world.pass_the_gate(context.stamp.fence);
            }
            for step in 0..STEPS {
                // Work between two commands, so that a migration takes longer than a lease.
                let work = process.luck.lock().unwrap().random_range(0..150);
                sleep(Duration::from_millis(work)).await;
                process.awake().await;
                if let Err(reason) = context.gate.check() {
                    return Err(BodyError::Stopped { reason, unknown: Vec::new() });
                }
                process.world.pass_the_gate(context.stamp.fence);
                // Checked; what is sent now may land late.
                let _ = process.call().await;
                if transaction {
                    if let Some(work) = &mut *process.scope.lock().unwrap() {
                        work.push((name.to_owned(), step));
                    }
                } else {
                    process.world.apply_effect(name, step);
                }
            }
            Ok(())
        }
    })
    .with_facts(|facts| facts.transaction = Some(transaction))
    .shared()
}

/// Runs `up` again and again, as restarted pods do, until everything is applied.
async fn run_process(mut process: Process) {
    for generation in 0..2_000 {
        process.generation = generation;
        let source = MemorySource::new();
        for (at, name) in NAMES.into_iter().enumerate() {
            source.put(name, name, body(&process, name, at % 2 == 1)).unwrap();
        }
        let shared = Arc::new(process.clone());
        let stores = Stores {
            history: Arc::clone(&shared) as _,
            lock: Arc::clone(&shared) as _,
            audit: Arc::new(MemoryAuditLog::default()),
            transactions: shared as _,
            database: None,
        };
        let settings = Settings {
            lock: LockSettings { ttl: TTL, wait: LockWait::WhileRenewed(TTL * 5) },
            ..Settings::default()
        };
        let migrator = Migrator::new(Arc::new(source), Arc::new(EmptyLoader), stores)
            .with_settings(settings)
            .with_clock(Arc::new(RuntimeClock(Instant::now() - Duration::from_secs(5))));
        let result = migrator.up(UpTarget::All, Force::Nothing, RunOptions::default()).await;
        if result.is_ok() {
            return;
        }
        sleep(Duration::from_millis(200)).await;
    }
}

async fn simulate(seed: u64) -> Result<(), String> {
    let world = World::new();
    let start = |number: u32| {
        run_process(Process {
            world: world.clone(),
            number,
            generation: 0,
            luck: Arc::new(Mutex::new(StdRng::seed_from_u64(seed * 2 + u64::from(number)))),
            stalled_until: Arc::new(Mutex::new(Instant::now())),
            cut_until: Arc::new(Mutex::new(Instant::now())),
            scope: Arc::default(),
        })
    };
    tokio::join!(start(0), start(1));

    let state = world.state.lock().unwrap();
    if let Some(violation) = state.violations.first() {
        return Err(violation.clone());
    }
    let unfinished: Vec<_> =
        world.history.rows().into_iter().filter(|row| row.status != Status::Completed).collect();
    if world.history.rows().len() != NAMES.len() || !unfinished.is_empty() {
        return Err(format!("not everything was applied: {unfinished:?}"));
    }
    for (at, name) in NAMES.into_iter().enumerate() {
        let times = state.effects.get(name).cloned().unwrap_or_default();
        let sound = if at % 2 == 1 {
            times == [1; STEPS]
        } else {
            times.len() == STEPS && times.iter().all(|&n| n >= 1)
        };
        if !sound {
            return Err(format!("{name}: its steps landed {times:?} times"));
        }
    }
    Ok(())
}

#[test]
fn whatever_happens_the_invariants_hold() {
    let number = |name: &str| std::env::var(name).ok()?.parse().ok();
    let first = number("MODEL_FIRST").unwrap_or(0);
    let seeds: u64 = number("MODEL_SEEDS").unwrap_or(600);
    for seed in first..first + seeds {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        if let Err(problem) = runtime.block_on(simulate(seed)) {
            panic!("seed {seed}: {problem}");
        }
    }
}
