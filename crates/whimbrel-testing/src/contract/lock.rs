//! What every [`LockStore`] must do, and what the lease must do on top of any. Call it with a lock nobody
//! ever took.

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use whimbrel_core::clock::Clock;
use whimbrel_core::gate::{StopReason, StopSignal};
use whimbrel_core::lock::{
    Acquired, Lease, LockDocument, LockError, LockRequest, LockSettings, LockStore, LockWait,
    Takeover, acquire,
};

fn request(command: &str) -> LockRequest {
    LockRequest {
        command: format!("{command} (host h, pid 1)"),
        session: None,
        takeover: Takeover::WhenDead,
        stop: StopSignal::new(),
    }
}

fn settings(wait: LockWait) -> LockSettings {
    LockSettings { ttl: Duration::from_secs(2), wait }
}

async fn take(
    store: &Arc<dyn LockStore>,
    clock: &Arc<dyn Clock>,
    wait: Duration,
) -> Result<Lease, LockError> {
    acquire(store, clock, settings(LockWait::For(wait)), &request("up"), &|_| {}).await
}

/// Every clause of the contract. Takes some seconds of the runtime's time.
pub async fn check(store: Arc<dyn LockStore>, clock: Arc<dyn Clock>) {
    assert!(store.read().await.unwrap().is_none());
    let lease = take(&store, &clock, Duration::ZERO).await.unwrap();
    assert_eq!(lease.fence(), 1);
    lease.guard().check().unwrap();
    let held = store.read().await.unwrap().unwrap();
    assert_eq!(held.owner.as_deref(), Some(lease.owner()));
    assert_eq!(held.command, "up (host h, pid 1)");

    a_second_one_is_told_who_has_it(&store, &clock).await;
    lease.release().await;
    let released = store.read().await.unwrap().unwrap();
    assert_eq!(
        (released.owner, released.fence),
        (None, 1),
        "release clears the owner, keeps the fence"
    );

    let next = take(&store, &clock, Duration::ZERO).await.unwrap();
    assert_eq!(next.fence(), 2, "the fence grows with every acquisition");
    next.release().await;

    renewals_keep_it(&store, &clock).await;
    contenders_take_turns(&store, &clock).await;
    the_dead_are_succeeded(&store, &clock).await;
    a_stolen_lease_is_lost(&store, &clock).await;
}

async fn a_second_one_is_told_who_has_it(store: &Arc<dyn LockStore>, clock: &Arc<dyn Clock>) {
    let told = AtomicUsize::new(0);
    let tell = |what: Acquired<'_>| {
        if let Acquired::Waiting { holder, .. } = what {
            assert_eq!(holder.holder(), "host h, pid 1");
            told.fetch_add(1, Ordering::SeqCst);
        }
    };
    let wait = LockWait::For(Duration::from_millis(300));
    let error = acquire(store, clock, settings(wait), &request("up"), &tell).await.unwrap_err();
    assert!(matches!(error, LockError::Held { .. }), "{error}");
    assert_eq!(told.load(Ordering::SeqCst), 1);

    let request = request("up");
    request.stop.stop(StopReason::Cancelled);
    let wait = LockWait::For(Duration::from_secs(60));
    let error = acquire(store, clock, settings(wait), &request, &|_| {}).await.unwrap_err();
    assert!(matches!(error, LockError::Stopped(StopReason::Cancelled)), "{error}");
}

async fn renewals_keep_it(store: &Arc<dyn LockStore>, clock: &Arc<dyn Clock>) {
    let lease = take(store, clock, Duration::ZERO).await.unwrap();
    let first = store.read().await.unwrap().unwrap();
    // Twice its time to live, while somebody tries to take it all the time.
    let contender = take(store, clock, Duration::from_secs(4)).await;
    assert!(matches!(contender, Err(LockError::Held { .. })));
    lease.guard().check().unwrap();
    let renewed = store.read().await.unwrap().unwrap();
    assert_eq!(renewed.fence, first.fence);
    assert!(renewed.renewals > first.renewals && renewed.expires_at > first.expires_at);
    lease.release().await;
}

async fn contenders_take_turns(store: &Arc<dyn LockStore>, clock: &Arc<dyn Clock>) {
    let inside = Arc::new(AtomicUsize::new(0));
    let last_fence = Arc::new(AtomicI64::new(0));
    let order = Arc::new(Mutex::new(Vec::new()));
    let mut contenders = Vec::new();
    for number in 0..8 {
        let (store, clock) = (Arc::clone(store), Arc::clone(clock));
        let (inside, last_fence, order) =
            (Arc::clone(&inside), Arc::clone(&last_fence), Arc::clone(&order));
        contenders.push(tokio::spawn(async move {
            let lease = take(&store, &clock, Duration::from_secs(60)).await.unwrap();
            assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0, "two hold the lock at once");
            assert!(last_fence.swap(lease.fence(), Ordering::SeqCst) < lease.fence());
            tokio::time::sleep(Duration::from_millis(20)).await;
            inside.fetch_sub(1, Ordering::SeqCst);
            lease.release().await;
            order.lock().unwrap().push(number);
        }));
    }
    for contender in contenders {
        contender.await.unwrap();
    }
    assert_eq!(order.lock().unwrap().len(), 8, "everybody had a turn");
}

async fn the_dead_are_succeeded(store: &Arc<dyn LockStore>, clock: &Arc<dyn Clock>) {
    let now = store.server_time().await.unwrap();
    let dead = LockDocument {
        owner: Some("dead".into()),
        fence: store.read().await.unwrap().unwrap().fence + 1,
        acquired_at: now,
        renewed_at: now,
        renewals: 0,
        expires_at: mongodb::bson::DateTime::from_millis(now.timestamp_millis() + 1500),
        command: "down (host gone, pid 2)".into(),
        session: Some(mongodb::bson::doc! { "id": 1 }),
    };
    let current = store.read().await.unwrap().unwrap();
    let expected =
        whimbrel_core::lock::LockExpectation { owner: None, fence: current.fence, renewal: None };
    assert!(store.replace(&expected, &dead).await.unwrap());
    let before = clock.now();
    let took_over = AtomicUsize::new(0);
    let tell = |what: Acquired<'_>| {
        if let Acquired::TookOver { from, alive: false } = what {
            assert_eq!(from.holder(), "host gone, pid 2");
            took_over.fetch_add(1, Ordering::SeqCst);
        }
    };
    let wait = LockWait::WhileRenewed(Duration::from_secs(30));
    let lease = acquire(store, clock, settings(wait), &request("up"), &tell).await.unwrap();
    assert_eq!(took_over.load(Ordering::SeqCst), 1);
    assert_eq!(lease.fence(), dead.fence + 1);
    assert!(clock.now() - before >= Duration::from_millis(1400), "not before it expired");
    lease.release().await;
}

async fn a_stolen_lease_is_lost(store: &Arc<dyn LockStore>, clock: &Arc<dyn Clock>) {
    let lease = take(store, clock, Duration::ZERO).await.unwrap();
    let held = store.read().await.unwrap().unwrap();
    let thief = LockDocument { owner: Some("thief".into()), fence: held.fence + 1, ..held.clone() };
    let expected = whimbrel_core::lock::LockExpectation {
        owner: held.owner.clone(),
        fence: held.fence,
        renewal: None,
    };
    assert!(store.replace(&expected, &thief).await.unwrap());
    let reason = lease.guard().lost().await;
    assert!(matches!(reason, StopReason::LeaseLost(_)));
    assert!(lease.guard().check().is_err(), "it never becomes good again");
    lease.release().await;
    let stands = store.read().await.unwrap().unwrap();
    assert_eq!(stands.owner.as_deref(), Some("thief"), "a lost lease releases nothing");
    let free = LockDocument { owner: None, ..stands.clone() };
    let expected = whimbrel_core::lock::LockExpectation {
        owner: stands.owner,
        fence: stands.fence,
        renewal: None,
    };
    assert!(store.replace(&expected, &free).await.unwrap());
}
