//! Taking the lease: when it is free, when it is not, and when its holder is dead.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use mongodb::bson::{DateTime, Document};
use uuid::Uuid;

use super::lease::Lease;
use super::{LockDocument, LockError, LockExpectation, LockStore};
use crate::clock::Clock;
use crate::gate::{StopReason, StopSignal};

/// How long to wait for a lock that somebody holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockWait {
    /// At most this long in all; zero does not wait.
    For(Duration),
    /// As long as the holder keeps renewing: at most this long after the last renewal seen.
    WhileRenewed(Duration),
}

/// How the lock is taken and kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockSettings {
    /// Time to live of a lease without renewal; at least one second. By default 30 s.
    pub ttl: Duration,
    /// By default [`LockWait::For`] 60 s.
    pub wait: LockWait,
}

impl Default for LockSettings {
    fn default() -> Self {
        let wait = LockWait::For(Duration::from_secs(60));
        Self { ttl: Duration::from_secs(30), wait }
    }
}

/// Whose lock may be taken away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Takeover {
    /// A dead holder's.
    #[default]
    WhenDead,
    /// Anybody's. A holder that is alive learns of it at its next renewal; before the lock is handed out, as long
    /// is waited as it takes that holder to stop by itself.
    Forced,
}

/// Who wants the lock and what for.
#[derive(Clone, Debug)]
pub struct LockRequest {
    /// `up (host api-1, pid 17)`.
    pub command: String,
    /// Id of the session that the run's transactions use, if it will have any.
    pub session: Option<Document>,
    /// Whose lock may be taken away.
    pub takeover: Takeover,
    /// Ends the wait.
    pub stop: StopSignal,
}

/// What happened on the way to the lock.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Acquired<'a> {
    /// Somebody holds it; told at first and then every ten seconds.
    Waiting {
        /// The document as last seen.
        holder: &'a LockDocument,
        /// How long we have been waiting.
        waited: Duration,
    },
    /// The last holder was dead and we took its place.
    TookOver {
        /// The document as the holder left it.
        from: &'a LockDocument,
        /// It was not found dead, but is forced to yield.
        alive: bool,
    },
    /// The lock is ours, and nothing is done yet: whoever may still believe that it is theirs has to stop first.
    Outlasting {
        /// How long that takes.
        wait: Duration,
    },
}

/// The shortest time to live that can be set.
const LEAST_TTL: Duration = Duration::from_secs(1);

/// How often a waiting person is told.
const TELL_EVERY: Duration = Duration::from_secs(10);

/// Whoever held the lock before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Predecessor {
    /// It gave the lock back, is dead, or never was.
    Gone,
    /// It may not have noticed yet that its document is no longer there, and stops by this time to live.
    MayLive(Duration),
}

/// What a contender has seen of the present holder, on its own clock.
struct Observation {
    document: LockDocument,
    since: Duration,
}

/// Asked before a lock is taken that somebody held while we waited: is it still needed?
pub type StillNeeded<'a> = dyn Fn() -> BoxFuture<'a, bool> + Send + Sync + 'a;

struct Contender<'a> {
    store: &'a Arc<dyn LockStore>,
    clock: &'a Arc<dyn Clock>,
    settings: LockSettings,
    request: &'a LockRequest,
    owner: String,
}

/// Takes the lock, or says who has it.
///
/// `tell` hears of waiting and takeover.
///
/// # Errors
/// `Held` after the wait, `Stopped` when the request's signal came, otherwise what the database said. The
/// lock is then not ours.
pub async fn acquire(
    store: &Arc<dyn LockStore>,
    clock: &Arc<dyn Clock>,
    settings: LockSettings,
    request: &LockRequest,
    tell: &(dyn Fn(Acquired<'_>) + Send + Sync),
) -> Result<Lease, LockError> {
    match acquire_if_needed(store, clock, settings, request, tell, None).await? {
        Some(lease) => Ok(lease),
        // It is always needed.
        None => Err(LockError::Stopped(StopReason::Cancelled)),
    }
}

/// As [`acquire`]; `None` where the lock became free after a wait and is not needed any more, because whoever held it
/// has done the work. Nothing is written then.
///
/// # Errors
/// As [`acquire`].
pub async fn acquire_if_needed<'a>(
    store: &'a Arc<dyn LockStore>,
    clock: &'a Arc<dyn Clock>,
    settings: LockSettings,
    request: &'a LockRequest,
    tell: &(dyn Fn(Acquired<'_>) + Send + Sync),
    needed: Option<&StillNeeded<'_>>,
) -> Result<Option<Lease>, LockError> {
    let owner = Uuid::new_v4().to_string();
    let contender = Contender { store, clock, settings, request, owner };
    contender.run(tell, needed).await
}

impl Contender<'_> {
    async fn run(
        &self,
        tell: &(dyn Fn(Acquired<'_>) + Send + Sync),
        needed: Option<&StillNeeded<'_>>,
    ) -> Result<Option<Lease>, LockError> {
        let started = self.clock.now();
        let mut was_held = false;
        let mut seen: Option<Observation> = None;
        let mut told: Option<Duration> = None;
        loop {
            if let Some(reason) = self.request.stop.reason() {
                return Err(reason.into());
            }
            let current = self.store.read().await?;
            let now = self.clock.now();
            let since = match (&seen, &current) {
                (Some(seen), Some(current)) if seen.document == *current => seen.since,
                _ => now,
            };
            seen = current.clone().map(|document| Observation { document, since });
            let is_held = current.as_ref().is_some_and(|document| document.owner.is_some());
            if !is_held
                && std::mem::take(&mut was_held)
                && let Some(needed) = needed
                && !needed().await
            {
                return Ok(None);
            }
            was_held |= is_held;
            if let Some(lease) =
                self.try_take(current.as_ref(), now.saturating_sub(since), tell).await?
            {
                return Ok(Some(lease));
            }
            let waited = now.saturating_sub(started);
            if let Some(current) = current {
                let patience_over = match self.settings.wait {
                    LockWait::For(limit) => waited >= limit,
                    LockWait::WhileRenewed(limit) => {
                        now.saturating_sub(since) >= limit.max(self.time_to_live_of(&current))
                    }
                };
                // The lock of a dead holder is worth the rest of the observation, however short the wait.
                if patience_over
                    && (current.owner.is_none()
                        || self.store.server_time().await? <= current.expires_at)
                {
                    return Err(LockError::Held { holder: Box::new(current), waited });
                }
                let tell_again = told.is_none_or(|at| now.saturating_sub(at) >= TELL_EVERY);
                if current.owner.is_some() && tell_again {
                    tell(Acquired::Waiting { holder: &current, waited });
                    told = Some(now);
                }
            }
            self.pause(waited).await;
        }
    }

    /// Takes the lock if it is free or its holder is dead; `None` when it is not, or somebody was
    /// quicker.
    async fn try_take(
        &self,
        current: Option<&LockDocument>,
        unchanged: Duration,
        tell: &(dyn Fn(Acquired<'_>) + Send + Sync),
    ) -> Result<Option<Lease>, LockError> {
        let Some(current) = current else {
            let highest = self.store.highest_fence().await?;
            let before = if highest > 0 {
                Predecessor::MayLive(self.settings.ttl)
            } else {
                Predecessor::Gone
            };
            let lease = self.try_write(None, highest + 1, before).await?;
            // The document was there and is gone: somebody deleted it, perhaps under a holder at work.
            return match lease {
                Some(lease) if highest > 0 => {
                    self.outlast(lease, self.settings.ttl, tell).await.map(Some)
                }
                other => Ok(other),
            };
        };
        if current.owner.is_none() {
            return self.try_write(Some(current), current.fence + 1, Predecessor::Gone).await;
        }
        let dead = self.is_dead(current, unchanged).await?;
        if !dead && self.request.takeover == Takeover::WhenDead {
            return Ok(None);
        }
        let before = if dead {
            Predecessor::Gone
        } else {
            Predecessor::MayLive(self.time_to_live_of(current))
        };
        let Some(lease) = self.try_write(Some(current), current.fence + 1, before).await? else {
            return Ok(None);
        };
        tell(Acquired::TookOver { from: current, alive: !dead });
        if dead {
            return Ok(Some(lease));
        }
        self.outlast(lease, self.time_to_live_of(current), tell).await.map(Some)
    }

    /// Waits until a holder with this time to live, whose document is no longer there, must have stopped: it does
    /// so two thirds of its time to live after its last renewal, and the document was ours after that.
    ///
    /// Where the wait ends early the lock is not given back, so that it keeps others out until it expires.
    async fn outlast(
        &self,
        lease: Lease,
        ttl: Duration,
        tell: &(dyn Fn(Acquired<'_>) + Send + Sync),
    ) -> Result<Lease, LockError> {
        let wait = ttl * 2 / 3;
        tell(Acquired::Outlasting { wait });
        let guard = lease.guard();
        tokio::select! {
            () = tokio::time::sleep(wait) => Ok(lease),
            reason = guard.lost() => Err(reason.into()),
            reason = self.request.stop.stopped() => Err(reason.into()),
        }
    }

    /// Both conditions of a takeover: the server's clock, and our own.
    ///
    /// The holder stops two thirds of its time to live after its last renewal, and we saw that renewal at the
    /// earliest when it had landed. So the second condition alone keeps the two apart, also when a failover
    /// brings a primary whose clock is far ahead; the first one adds to it where clocks are right.
    async fn is_dead(
        &self,
        current: &LockDocument,
        unchanged: Duration,
    ) -> Result<bool, LockError> {
        if unchanged < self.time_to_live_of(current) * 2 / 3 {
            return Ok(false);
        }
        Ok(self.store.server_time().await? > current.expires_at)
    }

    /// The holder's time to live: what it stops by is in its document. At least the least that settings allow.
    fn time_to_live_of(&self, current: &LockDocument) -> Duration {
        let millis = current.expires_at.timestamp_millis() - current.renewed_at.timestamp_millis();
        Duration::from_millis(u64::try_from(millis).unwrap_or(0)).max(LEAST_TTL)
    }

    /// Writes ourselves into the document; `None` when somebody was quicker.
    async fn try_write(
        &self,
        current: Option<&LockDocument>,
        fence: i64,
        before: Predecessor,
    ) -> Result<Option<Lease>, LockError> {
        fail::fail_point!("lock::before_write");
        // Counted from before anything is sent, so that our deadline is never later than others think.
        let sent = self.clock.now();
        let now = self.store.server_time().await?;
        // Others stay out until both of us would have stopped, whatever becomes of us.
        let keeps_out = match before {
            Predecessor::Gone => self.settings.ttl,
            Predecessor::MayLive(ttl) => self.settings.ttl.max(ttl),
        };
        let document = LockDocument {
            owner: Some(self.owner.clone()),
            fence,
            acquired_at: now,
            renewed_at: now,
            renewals: 0,
            expires_at: later(now, keeps_out),
            command: self.request.command.clone(),
            session: self.request.session.clone(),
        };
        let result = match current {
            None => self.store.insert(&document).await,
            Some(current) => {
                let expected = LockExpectation {
                    owner: current.owner.clone(),
                    fence: current.fence,
                    renewal: Some((current.renewals, current.renewed_at)),
                };
                self.store.replace(&expected, &document).await
            }
        };
        fail::fail_point!("lock::written");
        let ours = match result {
            Ok(true) => true,
            // A retried write can meet its own first try; and after an error only the document knows.
            Ok(false) | Err(LockError::Database(_)) => {
                let stands = self.store.read().await?;
                let ours = stands.is_some_and(|d| d.owner == document.owner && d.fence == fence);
                match (ours, result) {
                    (false, Err(error)) => {
                        // It may still come to stand there; it must not keep others waiting then.
                        self.give_back(&document, before).await;
                        return Err(error);
                    }
                    (ours, _) => ours,
                }
            }
            Err(error) => return Err(error),
        };
        if !ours {
            return Ok(None);
        }
        let lease = Lease::start(
            Arc::clone(self.store),
            Arc::clone(self.clock),
            self.settings.ttl,
            document.clone(),
            sent,
            (before != Predecessor::Gone).then_some(document.expires_at),
        )
        .await?;
        // A transaction of the last holder that is still open ends here, or makes the claim wait; renewals keep
        // the lease meanwhile.
        if let Some(session) = current.and_then(|current| current.session.as_ref()) {
            self.store.end_session(session).await;
        }
        fail::fail_point!("lock::before_claim");
        let claimed = self.store.claim(&self.owner, fence).await;
        fail::fail_point!("lock::claimed");
        match claimed {
            Ok(true) if lease.guard().check().is_ok() => Ok(Some(lease)),
            // Nothing was done under it, so it is given back even when it is past its deadline.
            Ok(_) => {
                drop(lease);
                self.give_back(&document, before).await;
                Ok(None)
            }
            Err(error) => {
                drop(lease);
                self.give_back(&document, before).await;
                Err(error)
            }
        }
    }

    /// Clears ourselves out of the document, best effort. Where the one before may still be at work, the document
    /// keeps others out until it expires instead: by then that one has stopped.
    async fn give_back(&self, document: &LockDocument, before: Predecessor) {
        if before != Predecessor::Gone {
            return;
        }
        let expected =
            LockExpectation { owner: document.owner.clone(), fence: document.fence, renewal: None };
        let released = LockDocument { owner: None, session: None, ..document.clone() };
        let _ = self.store.replace(&expected, &released).await;
    }

    /// Short at first, because most runs are short; never longer than a tenth of the time to live.
    async fn pause(&self, waited: Duration) {
        let longest = (self.settings.ttl / 10).min(Duration::from_millis(500));
        let base =
            (waited / 10).clamp(Duration::from_millis(20), longest.max(Duration::from_millis(20)));
        // A jitter from the owner's UUID and the time waited keeps contenders apart.
        let jitter = self.owner.bytes().fold(waited.as_millis() as u64, |sum, byte| {
            sum.wrapping_mul(31).wrapping_add(u64::from(byte))
        }) % 10;
        let pause = base + base * jitter as u32 / 20;
        tokio::select! {
            _ = tokio::time::sleep(pause) => {}
            _ = self.request.stop.stopped() => {}
        }
    }
}

pub(super) fn later(at: DateTime, by: Duration) -> DateTime {
    let millis = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
    DateTime::from_millis(at.timestamp_millis().saturating_add(millis))
}
