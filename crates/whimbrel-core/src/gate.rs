//! The gate every operation of a migration passes: may this run still send commands?
//!
//! It closes for three reasons: the run was told to stop, a time limit passed, or the lease is past
//! its deadline. [`crate::lock`] owns the lease; the run loop owns the signal. A body calls
//! [`Gate::check`] before each wire command and starts none once it failed.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::lock::LeaseGuard;

/// Why a run stops before its end.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StopReason {
    /// Somebody asked for it: Ctrl-C, SIGTERM, or the embedding program.
    Cancelled,
    /// The migration ran longer than its time limit.
    Timeout(Duration),
    /// Loading the migration's file took longer than that may.
    LoadTimeout(Duration),
    /// The whole run took longer than its time limit.
    RunTimeout(Duration),
    /// The lease could not be renewed in time, or another process has it.
    LeaseLost(String),
}

impl StopReason {
    /// A stable name for machines.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Cancelled => "INTERRUPTED",
            Self::Timeout(_) | Self::LoadTimeout(_) => "MIGRATION_TIMEOUT",
            Self::RunTimeout(_) => "RUN_TIMEOUT",
            Self::LeaseLost(_) => "LEASE_LOST",
        }
    }
}

impl std::fmt::Display for StopReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Cancelled => f.write_str("interrupted"),
            Self::Timeout(limit) => {
                write!(f, "the migration exceeded its time limit of {limit:?}")
            }
            Self::LoadTimeout(limit) => write!(f, "loading the file took longer than {limit:?}"),
            Self::RunTimeout(limit) => write!(f, "the run exceeded its time limit of {limit:?}"),
            Self::LeaseLost(why) => write!(f, "the lock was lost: {why}"),
        }
    }
}

impl std::error::Error for StopReason {}

/// Tells a run to stop; cheap to clone, all clones are one signal. The first reason stays.
#[derive(Clone, Debug, Default)]
pub struct StopSignal {
    token: CancellationToken,
    reason: Arc<OnceLock<StopReason>>,
    parent: Option<Arc<StopSignal>>,
}

impl StopSignal {
    /// A signal that nobody has given yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A signal of its own that also stops when this one does.
    pub fn child(&self) -> Self {
        Self {
            token: self.token.child_token(),
            reason: Arc::default(),
            parent: Some(Arc::new(self.clone())),
        }
    }

    /// Gives the signal.
    pub fn stop(&self, reason: StopReason) {
        let _ = self.reason.set(reason);
        self.token.cancel();
    }

    /// Gives the signal after this time, unless what comes back is dropped before.
    pub fn stop_after(&self, limit: Duration, reason: StopReason) -> StopTimer {
        let given = self.clone();
        StopTimer(tokio::spawn(async move {
            tokio::time::sleep(limit).await;
            given.stop(reason);
        }))
    }

    /// Why the signal was given, if it was.
    pub fn reason(&self) -> Option<StopReason> {
        if !self.token.is_cancelled() {
            return None;
        }
        let own = self.reason.get().cloned();
        own.or_else(|| self.parent.as_ref().and_then(|parent| parent.reason()))
            .or(Some(StopReason::Cancelled))
    }

    /// Waits until the signal is given.
    ///
    /// # Cancel safety
    /// Nothing is lost when the future is dropped.
    pub async fn stopped(&self) -> StopReason {
        self.token.cancelled().await;
        self.reason().unwrap_or(StopReason::Cancelled)
    }
}

/// A time limit that is running; dropped, it ends nothing any more.
#[derive(Debug)]
pub struct StopTimer(tokio::task::JoinHandle<()>);

impl Drop for StopTimer {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What a body asks before each command; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Gate {
    stop: StopSignal,
    lease: Option<LeaseGuard>,
}

impl Gate {
    /// A gate under a lease. Without one (tests, read-only work) only the signal closes it.
    pub fn new(stop: StopSignal, lease: Option<LeaseGuard>) -> Self {
        Self { stop, lease }
    }

    /// The signal behind the gate.
    pub fn stop_signal(&self) -> &StopSignal {
        &self.stop
    }

    /// `Err` when no further command may be sent.
    ///
    /// # Errors
    /// The reason to stop.
    pub fn check(&self) -> Result<(), StopReason> {
        if let Some(reason) = self.stop.reason() {
            return Err(reason);
        }
        match &self.lease {
            Some(lease) => lease.check(),
            None => Ok(()),
        }
    }

    /// Why the lease does not hold any more, if it does not; whatever else closed the gate.
    pub fn lease_lost(&self) -> Option<StopReason> {
        self.lease.as_ref().and_then(|lease| lease.check().err())
    }

    /// How long the lease still holds without a renewal; `None` without a lease.
    pub fn remaining(&self) -> Option<Duration> {
        self.lease.as_ref().map(LeaseGuard::remaining)
    }

    /// Waits until it is closed.
    ///
    /// # Cancel safety
    /// Nothing is lost when the future is dropped.
    pub async fn closed(&self) -> StopReason {
        tokio::select! {
            reason = self.stop.stopped() => reason,
            reason = self.lost() => reason,
        }
    }

    /// Waits until the lease is lost; for ever without one.
    ///
    /// # Cancel safety
    /// Nothing is lost when the future is dropped.
    pub async fn lost(&self) -> StopReason {
        match &self.lease {
            Some(lease) => lease.lost().await,
            None => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_stops_with_its_parent_but_not_the_other_way_round() {
        let parent = StopSignal::new();
        let (one, two) = (parent.child(), parent.child());
        one.stop(StopReason::Timeout(Duration::from_secs(1)));
        assert_eq!(one.reason(), Some(StopReason::Timeout(Duration::from_secs(1))));
        assert_eq!((parent.reason(), two.reason()), (None, None));
        parent.stop(StopReason::Cancelled);
        assert_eq!(two.reason(), Some(StopReason::Cancelled));
        assert!(Gate::new(two, None).check().is_err());
    }
}
