//! Holding the lease: deadline, renewal on a thread of its own, pause, release.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use mongodb::bson::{DateTime, Document};
use tokio::sync::{oneshot, watch};
use tokio_util::sync::CancellationToken;

use super::acquire::later;
use super::{LockDocument, LockError, LockExpectation, LockStore, RenewalHost};
use crate::clock::Clock;
use crate::gate::StopReason;

/// What lease, guard and renewal share.
#[derive(Debug)]
struct Shared {
    clock: Arc<dyn Clock>,
    ttl: Duration,
    owner: String,
    fence: i64,
    /// On `clock`, in nanoseconds: after it nothing may be started.
    deadline: AtomicU64,
    /// Why it is lost for good, once it is.
    lost: OnceLock<String>,
    /// Cancelled when lost or past the deadline, for those who wait.
    over: CancellationToken,
    /// The document as we last wrote it; locked during a write.
    document: tokio::sync::Mutex<LockDocument>,
    /// Ends the renewals.
    finished: CancellationToken,
    /// How many renewals have landed.
    renewals: watch::Sender<u64>,
    /// No renewal sets an earlier end: who held the lock before may be at work until then.
    least_expiry: Option<DateTime>,
    /// How many were sent. One that got no answer may have landed, so its number is not used again.
    sent: AtomicI64,
}

impl Shared {
    /// Moves the deadline to two thirds of the time to live after `sent`.
    fn renewed(&self, sent: Duration) {
        let deadline = sent + self.ttl * 2 / 3;
        self.deadline
            .store(u64::try_from(deadline.as_nanos()).unwrap_or(u64::MAX), Ordering::SeqCst);
    }

    fn remaining(&self) -> Duration {
        let deadline = Duration::from_nanos(self.deadline.load(Ordering::SeqCst));
        deadline.saturating_sub(self.clock.now())
    }

    fn lose(&self, why: impl Into<String>) {
        let _ = self.lost.set(why.into());
        self.over.cancel();
    }

    fn check(&self) -> Result<(), StopReason> {
        if let Some(why) = self.lost.get() {
            return Err(StopReason::LeaseLost(why.clone()));
        }
        if self.remaining().is_zero() {
            let why = format!("it could not be renewed for two thirds of its {:?}", self.ttl);
            self.lose(why.clone());
            return Err(StopReason::LeaseLost(why));
        }
        Ok(())
    }
}

/// Answers whether the lease still holds; cheap to clone.
#[derive(Clone, Debug)]
pub struct LeaseGuard {
    shared: Arc<Shared>,
}

impl LeaseGuard {
    /// `Err` once the lease is lost or past its deadline; it never becomes `Ok` again.
    ///
    /// # Errors
    /// [`StopReason::LeaseLost`].
    pub fn check(&self) -> Result<(), StopReason> {
        self.shared.check()
    }

    /// How long it still holds without a renewal.
    pub fn remaining(&self) -> Duration {
        match self.shared.lost.get() {
            Some(_) => Duration::ZERO,
            None => self.shared.remaining(),
        }
    }

    /// Waits until the lease is lost.
    ///
    /// # Cancel safety
    /// Nothing is lost when the future is dropped.
    pub async fn lost(&self) -> StopReason {
        loop {
            if let Err(reason) = self.check() {
                return reason;
            }
            let remaining = self.shared.remaining();
            tokio::select! {
                () = self.shared.over.cancelled() => {}
                () = tokio::time::sleep(remaining) => {}
            }
        }
    }
}

/// The held lock. Give it back with [`Lease::release`]; dropping it only ends the renewals.
#[derive(Debug)]
pub struct Lease {
    shared: Arc<Shared>,
    store: Arc<dyn LockStore>,
    renewal_ended: Mutex<Option<oneshot::Receiver<()>>>,
}

impl std::fmt::Debug for dyn LockStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LockStore")
    }
}

impl Lease {
    pub(super) async fn start(
        store: Arc<dyn LockStore>,
        clock: Arc<dyn Clock>,
        ttl: Duration,
        document: LockDocument,
        sent: Duration,
        least_expiry: Option<DateTime>,
    ) -> Result<Self, LockError> {
        let shared = Arc::new(Shared {
            clock,
            ttl,
            owner: document.owner.clone().unwrap_or_default(),
            fence: document.fence,
            deadline: AtomicU64::new(0),
            lost: OnceLock::new(),
            over: CancellationToken::new(),
            document: tokio::sync::Mutex::new(document),
            finished: CancellationToken::new(),
            renewals: watch::Sender::new(0),
            least_expiry,
            sent: AtomicI64::new(0),
        });
        shared.renewed(sent);
        let (ended, renewal_ended) = oneshot::channel();
        let renewal = Renewal { shared: Arc::clone(&shared), store: Arc::clone(&store) };
        let started = match store.renewal_host() {
            RenewalHost::Task => {
                tokio::spawn(async move {
                    renewal.run().await;
                    let _ = ended.send(());
                });
                Ok(())
            }
            RenewalHost::Thread => spawn_thread(renewal, ended),
        };
        let lease = Self { shared, store, renewal_ended: Mutex::new(Some(renewal_ended)) };
        match started {
            Ok(()) => Ok(lease),
            Err(error) => {
                lease.release().await;
                Err(LockError::Thread(error))
            }
        }
    }

    /// The acquisition's UUID.
    pub fn owner(&self) -> &str {
        &self.shared.owner
    }

    /// The fence of this acquisition.
    pub fn fence(&self) -> i64 {
        self.shared.fence
    }

    /// Changes with every renewal that has landed.
    pub fn renewals(&self) -> watch::Receiver<u64> {
        self.shared.renewals.subscribe()
    }

    /// For those who need to ask whether it still holds.
    pub fn guard(&self) -> LeaseGuard {
        LeaseGuard { shared: Arc::clone(&self.shared) }
    }

    /// Names the session of the transaction under way in the lock document, so that whoever takes the lock over can
    /// end it. Best effort: without it a takeover waits for the transaction, at most as long as the server lets it live.
    pub async fn name_session(&self, id: Document) {
        let mut document = self.shared.document.lock().await;
        if document.session.as_ref() == Some(&id) || self.shared.check().is_err() {
            return;
        }
        let named = LockDocument {
            session: Some(id),
            renewals: self.shared.sent.fetch_add(1, Ordering::SeqCst) + 1,
            ..document.clone()
        };
        match self.store.replace(&self.shared.expectation(), &named).await {
            Ok(true) => *document = named,
            // The renewal finds out what it means.
            Ok(false) => {}
            Err(error) => {
                tracing::warn!(target: "whimbrel", error = %error, "the lock document does not name the session");
                // It may have landed; a renewal that names it as well does no harm.
                document.session = named.session;
            }
        }
    }

    /// Gives the lock back: clears `owner`, keeps `fence`. Best effort: where it fails the lease
    /// expires by itself. After a lost lease nothing is written.
    /// Gives whether it was given back.
    pub async fn release(&self) -> bool {
        self.shared.finished.cancel();
        let ended = self.renewal_ended.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(ended) = ended {
            let _ = ended.await;
        }
        if self.shared.lost.get().is_some() {
            return false;
        }
        fail::fail_point!("lock::before_release");
        let mut document = self.shared.document.lock().await.clone();
        document.owner = None;
        document.session = None;
        let mut failed = false;
        for _ in 0..3 {
            match self.store.replace(&self.shared.expectation(), &document).await {
                Ok(released) => {
                    fail::fail_point!("lock::released");
                    // One that got no answer may have done it.
                    return released || (failed && self.is_released().await);
                }
                Err(error) => {
                    failed = true;
                    tracing::warn!(target: "whimbrel", error = %error, "could not release the lock; trying again");
                    tokio::time::sleep(self.shared.ttl / 20).await;
                }
            }
        }
        false
    }
}

impl Lease {
    async fn is_released(&self) -> bool {
        let stands = self.store.read().await.ok().flatten();
        stands
            .is_some_and(|document| document.owner.is_none() && document.fence == self.shared.fence)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.shared.finished.cancel();
    }
}

impl Shared {
    fn expectation(&self) -> LockExpectation {
        LockExpectation { owner: Some(self.owner.clone()), fence: self.fence, renewal: None }
    }
}

fn spawn_thread(renewal: Renewal, ended: oneshot::Sender<()>) -> std::io::Result<()> {
    std::thread::Builder::new().name("whimbrel-lock".to_owned()).spawn(move || {
        match tokio::runtime::Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => {
                runtime.block_on(renewal.run());
                // Connections are closed in the background; nobody waits for that.
                runtime.shutdown_background();
            }
            Err(error) => renewal.shared.lose(format!("no runtime to renew it: {error}")),
        }
        let _ = ended.send(());
    })?;
    Ok(())
}

/// A holder stops when it could not renew for two thirds of the time to live: so three renewals in a row may be
/// late or lost.
const RENEWALS_PER_TTL: u32 = 6;

/// The loop that keeps a lease alive.
struct Renewal {
    shared: Arc<Shared>,
    store: Arc<dyn LockStore>,
}

impl Renewal {
    async fn run(&self) {
        let shared = &self.shared;
        let mut store: Option<Arc<dyn LockStore>> = None;
        let mut next = shared.ttl / RENEWALS_PER_TTL;
        loop {
            tokio::select! {
                () = shared.finished.cancelled() => return,
                () = tokio::time::sleep(next) => {}
            }
            if shared.check().is_err() {
                return;
            }
            fail::fail_point!("lock::before_renewal");
            let renewed = tokio::select! {
                () = shared.finished.cancelled() => return,
                renewed = tokio::time::timeout(shared.ttl / 4, self.renew(&mut store)) => renewed,
            };
            next = match renewed {
                Ok(Ok(true)) => shared.ttl / RENEWALS_PER_TTL,
                Ok(Ok(false)) => return shared.lose(self.why_not_ours(&store).await),
                // A stalled connection must not use up all the time there is; should the write still land,
                // it is as good as any other renewal of ours.
                Err(_) => {
                    tracing::warn!(target: "whimbrel", "a renewal of the lock got no answer; trying again");
                    Duration::ZERO
                }
                Ok(Err(error)) => {
                    tracing::warn!(target: "whimbrel", error = %error, "could not renew the lock; trying again");
                    (shared.ttl / 20).min(shared.remaining())
                }
            };
        }
    }

    /// Why the document is not ours any more.
    async fn why_not_ours(&self, store: &Option<Arc<dyn LockStore>>) -> &'static str {
        let store = store.as_ref().unwrap_or(&self.store);
        match tokio::time::timeout(self.shared.ttl / 4, store.read()).await {
            Ok(Ok(None)) => "its document was deleted",
            _ => "another process has taken it",
        }
    }

    /// One renewal; `Ok(false)` when the document is no longer ours.
    async fn renew(&self, store: &mut Option<Arc<dyn LockStore>>) -> Result<bool, LockError> {
        let shared = &self.shared;
        let store = match store {
            Some(store) => store,
            None => store.insert(self.store.for_renewal().await?),
        };
        let mut document = shared.document.lock().await;
        let sent = shared.clock.now();
        let now: DateTime = store.server_time().await?;
        let until = later(now, shared.ttl);
        let renewed = LockDocument {
            renewed_at: now,
            renewals: shared.sent.fetch_add(1, Ordering::SeqCst) + 1,
            expires_at: shared.least_expiry.map_or(until, |least| until.max(least)),
            ..document.clone()
        };
        let landed = match store.replace(&shared.expectation(), &renewed).await {
            Err(LockError::Database(error)) => {
                tracing::debug!(target: "whimbrel", error = %error, "renewal without an answer; reading back");
                let stands = store.read().await?;
                match stands {
                    Some(stands) if stands == renewed => true,
                    Some(stands) if stands.owner.as_ref() == Some(&shared.owner) => {
                        return Err(LockError::Database(error));
                    }
                    _ => false,
                }
            }
            other => other?,
        };
        if landed {
            *document = renewed;
            shared.renewed(sent);
            fail::fail_point!("lock::renewed");
            shared.renewals.send_modify(|count| *count += 1);
        }
        Ok(landed)
    }
}

/// The last write of a transaction before its commit: the fence document, if it is still ours.
pub(crate) fn confirmation(owner: &str, fence: i64) -> (Document, Document) {
    use mongodb::bson::doc;
    (
        doc! { "_id": super::document::FENCE_ID, "owner": owner, "fence": fence },
        // Writes even when nothing changes otherwise: a no-op would not conflict with a takeover.
        doc! { "$inc": { "confirmations": 1 } },
    )
}
