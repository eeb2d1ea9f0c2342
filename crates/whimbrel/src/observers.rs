//! Who hears what a migrator does: the application's observer, readiness, and `tracing`.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use whimbrel_core::body::OutputLevel;
use whimbrel_core::event::{Event, Observer};
use whimbrel_core::gate::StopReason;
use whimbrel_core::plan::Severity;
use whimbrel_core::readiness::StatusSource;

/// Tells all of them.
pub(crate) struct Observers {
    status: StatusSource,
    own: Vec<Arc<dyn Observer>>,
    traced: bool,
    /// Runs of everything that is due, at work or waiting: only these decide whether a server is ready.
    deciding: AtomicUsize,
    /// Those that hear for a while.
    guests: Mutex<Vec<Arc<dyn Observer>>>,
}

impl Observers {
    pub(crate) fn new(status: StatusSource, own: Vec<Arc<dyn Observer>>, traced: bool) -> Self {
        Self { status, own, traced, deciding: AtomicUsize::new(0), guests: Mutex::default() }
    }

    /// Tells this one too, until what is given back is dropped.
    pub(crate) fn hear(self: &Arc<Self>, guest: Arc<dyn Observer>) -> Hearing {
        self.guests().push(Arc::clone(&guest));
        Hearing { observers: Arc::clone(self), guest }
    }

    /// Begins a run of everything that is due.
    pub(crate) fn decide(self: &Arc<Self>) -> Deciding {
        self.deciding.fetch_add(1, Ordering::Relaxed);
        Deciding { observers: Arc::clone(self), has_ended: false }
    }

    fn guests(&self) -> MutexGuard<'_, Vec<Arc<dyn Observer>>> {
        self.guests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody who hears for a while.
pub(crate) struct Hearing {
    observers: Arc<Observers>,
    guest: Arc<dyn Observer>,
}

impl Drop for Hearing {
    fn drop(&mut self) {
        self.observers.guests().retain(|guest| !Arc::ptr_eq(guest, &self.guest));
    }
}

/// A run of everything that is due, whose end readiness is told.
pub(crate) struct Deciding {
    observers: Arc<Observers>,
    has_ended: bool,
}

impl Deciding {
    /// It came to its end: well, or with this code and text.
    pub(crate) fn ended(mut self, failure: Option<(&'static str, String)>) {
        self.has_ended = true;
        match failure {
            None => self.observers.status.set_ready(),
            Some((code, text)) => self.observers.status.set_failed(code, &text),
        }
    }
}

impl Drop for Deciding {
    fn drop(&mut self) {
        if !self.has_ended {
            let reason = StopReason::Cancelled;
            self.observers.status.set_failed(reason.code(), &reason.to_string());
        }
        self.observers.deciding.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Observer for Observers {
    fn observe(&self, event: &Event) {
        if self.deciding.load(Ordering::Relaxed) > 0 {
            self.status.observe(event);
        }
        if self.traced {
            trace(event);
        }
        // Whoever hears may do anything meanwhile, also stop hearing.
        let guests = self.guests().clone();
        for observer in self.own.iter().chain(&guests) {
            // Whoever only listens must not end the run, and so leave its lock behind.
            let heard = AssertUnwindSafe(|| observer.observe(event));
            if std::panic::catch_unwind(heard).is_err() {
                tracing::error!(target: "whimbrel", "an observer panicked");
            }
        }
    }
}

/// What the run loop does not log itself: what is worth knowing, and what migrations print.
fn trace(event: &Event) {
    match event {
        Event::Found { finding } if finding.severity == Severity::Warning => {
            tracing::warn!(target: "whimbrel", code = finding.code(), "{finding}");
        }
        Event::Planned { skipped_entries, .. } => {
            for entry in skipped_entries.iter().filter(|entry| entry.why.is_suspicious()) {
                tracing::warn!(target: "whimbrel", file = entry.name, "skipped: {}", entry.why);
            }
        }
        Event::LockWaiting { holder, waited } => {
            let seconds = waited.as_secs();
            tracing::info!(target: "whimbrel", holder = holder.holder(), seconds, "waiting for the lock");
        }
        Event::LockTakenOver { from, .. } => {
            tracing::warn!(target: "whimbrel", from = from.holder(), "the lock of a dead process was taken over");
        }
        Event::WasInterrupted { work } => {
            tracing::warn!(target: "whimbrel", name = work.name, "it was cut off, and is settled now");
        }
        Event::Retrying { name, attempt, error } => {
            tracing::info!(target: "whimbrel", name, attempt, error, "its transaction is tried again");
        }
        Event::Warned { name, message } => {
            tracing::warn!(target: "whimbrel", name, "{message}");
        }
        Event::Output { name, level, line } => match level {
            OutputLevel::Debug => tracing::debug!(target: "whimbrel::output", name, "{line}"),
            OutputLevel::Info => tracing::info!(target: "whimbrel::output", name, "{line}"),
            OutputLevel::Warn => tracing::warn!(target: "whimbrel::output", name, "{line}"),
            OutputLevel::Error => tracing::error!(target: "whimbrel::output", name, "{line}"),
        },
        Event::Logged { name, level, message, fields } => match level {
            OutputLevel::Debug => {
                tracing::debug!(target: "whimbrel::output", name, %fields, "{message}");
            }
            OutputLevel::Info => {
                tracing::info!(target: "whimbrel::output", name, %fields, "{message}");
            }
            OutputLevel::Warn => {
                tracing::warn!(target: "whimbrel::output", name, %fields, "{message}");
            }
            OutputLevel::Error => {
                tracing::error!(target: "whimbrel::output", name, %fields, "{message}");
            }
        },
        _ => {}
    }
}
