//! What a migration says while it works: told to the observer at once, and what it logs and how far it
//! is written to the audit trail in the background. With every renewal of the lease, what it has sent so far is
//! written there as well.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mongodb::bson::oid::ObjectId;
use mongodb::bson::{Bson, Document, doc};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::Migrator;
use super::run::Held;
use crate::audit::{AuditEntry, AuditLog};
use crate::body::{OutputSink, Said};
use crate::event::{Event, Observer};
use crate::history::AppliedBy;
use crate::operations::OperationLedger;
use crate::plan::Step;

/// How many log entries of one migration the trail takes; the rest is counted.
const MOST_ENTRIES: u64 = 1000;
/// How often the observer learns how far a migration is.
const SHOW_EVERY: Duration = Duration::from_millis(200);
/// The longest message and the largest fields that the trail takes, in bytes.
const LARGEST_MESSAGE: usize = 16 * 1024;
const LARGEST_FIELDS: usize = 64 * 1024;
/// How long the trail may take after the migration has ended.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often the trail learns how far a migration is.
const PROGRESS_EVERY: Duration = Duration::from_secs(10);

/// How much a migration has said; shared with the sink, so that a loop that logs fills no queue.
#[derive(Default)]
struct Measure {
    entries: AtomicU64,
    progress: Mutex<Progress>,
}

/// How far a migration is, and when the trail was last told.
#[derive(Default)]
struct Progress {
    latest: Option<(u64, Option<u64>)>,
    told_at: Option<Instant>,
    is_told: bool,
    shown_at: Option<Instant>,
    is_shown: bool,
}

impl Measure {
    /// Whether the observer has to hear it now. A loop may tell its progress as often as it likes.
    fn shows(&self, said: &Said) -> bool {
        let Said::Progress { done, total } = said else { return true };
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        let is_last = *total == Some(*done);
        let is_due = progress.shown_at.is_none_or(|at| at.elapsed() >= SHOW_EVERY);
        progress.is_shown = is_last || is_due;
        if progress.is_shown {
            progress.shown_at = Some(Instant::now());
        }
        progress.is_shown
    }

    /// Whether the trail has to hear it.
    fn admits(&self, said: &Said) -> bool {
        match said {
            Said::Line { .. } => false,
            Said::Log { .. } => self.entries.fetch_add(1, Ordering::Relaxed) < MOST_ENTRIES,
            Said::Progress { done, total } => {
                let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
                progress.latest = Some((*done, *total));
                progress.is_told = progress.told_at.is_none_or(|at| at.elapsed() >= PROGRESS_EVERY);
                if progress.is_told {
                    progress.told_at = Some(Instant::now());
                }
                progress.is_told
            }
        }
    }
}

/// Writes down what one migration says.
pub(super) struct Scribe {
    said: UnboundedSender<Said>,
    measure: Arc<Measure>,
    writing: JoinHandle<()>,
    observer: Arc<dyn Observer>,
    name: String,
}

impl Scribe {
    pub(super) fn new(
        migrator: &Migrator,
        held: &Held<'_>,
        step: &Step,
        ledger: Arc<OperationLedger>,
    ) -> Self {
        let (said, heard) = unbounded_channel();
        let mut blank = migrator.audit_entry("migration_log", &held.stamp.run_id, held.stamp.fence);
        blank.name = Some(step.name.clone());
        blank.direction = Some(step.direction.as_str());
        let measure: Arc<Measure> = Arc::default();
        let trail = Trail {
            log: Arc::clone(&migrator.stores.audit),
            by: migrator.identity.clone(),
            blank,
            measure: Arc::clone(&measure),
            ledger,
            renewals: held.lease.renewals(),
            operations: ObjectId::new(),
        };
        Self {
            said,
            measure,
            writing: tokio::spawn(trail.write_all(heard)),
            observer: Arc::clone(&migrator.observer),
            name: step.name.clone(),
        }
    }

    /// Where the body's words go.
    pub(super) fn sink(&self) -> OutputSink {
        let (said, observer) = (self.said.clone(), Arc::clone(&self.observer));
        let (name, measure) = (self.name.clone(), Arc::clone(&self.measure));
        // Bodies speak from threads of their own.
        let span = tracing::Span::current();
        Arc::new(move |words| {
            let _entered = span.enter();
            if measure.shows(&words) {
                tell(&*observer, &name, &words);
            }
            if measure.admits(&words) {
                // The other end lives until the body is done.
                let _ = said.send(bounded(words));
            }
        })
    }

    /// Awaits that everything said so far is written. Where that takes too long, the rest is left out, which is
    /// told as a warning.
    ///
    /// A body that was left to itself still holds the other end, so nobody waits for long then.
    pub(super) async fn finish(self, is_left: bool) {
        let Self { said, measure, writing, observer, name } = self;
        drop(said);
        {
            let progress = measure.progress.lock().unwrap_or_else(PoisonError::into_inner);
            if let (Some((done, total)), false) = (progress.latest, progress.is_shown) {
                observer.observe(&Event::Progress { name: name.clone(), done, total });
            }
        }
        let patience = if is_left { Duration::from_secs(1) } else { PATIENCE };
        if tokio::time::timeout(patience, writing).await.is_err() && !is_left {
            let message = "the audit trail could not take all it logged in time".to_owned();
            observer.observe(&Event::Warned { name, message });
        }
    }
}

/// An entry of a size that the trail can take.
fn bounded(said: Said) -> Said {
    let Said::Log { level, mut message, fields } = said else { return said };
    if message.len() > LARGEST_MESSAGE {
        let cut = (0..=LARGEST_MESSAGE).rev().find(|at| message.is_char_boundary(*at));
        message.truncate(cut.unwrap_or_default());
        message.push('…');
    }
    let size =
        mongodb::bson::RawDocumentBuf::try_from(&fields).map_or(0, |raw| raw.as_bytes().len());
    let fields = match size > LARGEST_FIELDS {
        true => doc! { "leftOut": format!("fields of {size} bytes") },
        false => fields,
    };
    Said::Log { level, message, fields }
}

fn tell(observer: &dyn Observer, name: &str, said: &Said) {
    let name = name.to_owned();
    match said {
        Said::Line { level, text } => {
            for line in text.split('\n') {
                let (name, line) = (name.clone(), line.to_owned());
                observer.observe(&Event::Output { name, level: *level, line });
            }
        }
        Said::Log { level, message, fields } => observer.observe(&Event::Logged {
            name,
            level: *level,
            message: message.clone(),
            fields: fields.clone(),
        }),
        Said::Progress { done, total } => {
            observer.observe(&Event::Progress { name, done: *done, total: *total });
        }
    }
}

struct Trail {
    log: Arc<dyn AuditLog>,
    by: AppliedBy,
    blank: AuditEntry,
    measure: Arc<Measure>,
    ledger: Arc<OperationLedger>,
    /// Changes with every renewal of the lease.
    renewals: watch::Receiver<u64>,
    /// Id of the event that says what was sent so far.
    operations: ObjectId,
}

impl Trail {
    async fn write_all(mut self, mut heard: UnboundedReceiver<Said>) {
        loop {
            let said = tokio::select! {
                said = heard.recv() => said,
                Ok(()) = self.renewals.changed() => {
                    self.record_operations().await;
                    continue;
                }
            };
            let Some(said) = said else { break };
            match said {
                Said::Line { .. } => {}
                Said::Log { level, message, fields } => {
                    let detail =
                        doc! { "level": level.as_str(), "message": message, "fields": fields };
                    self.append("migration_log", detail).await;
                }
                Said::Progress { done, total } => self.append_progress(done, total).await,
            }
        }
        let untold = {
            let progress = self.measure.progress.lock().unwrap_or_else(PoisonError::into_inner);
            progress.latest.filter(|_| !progress.is_told)
        };
        if let Some((done, total)) = untold {
            self.append_progress(done, total).await;
        }
        let entries = self.measure.entries.load(Ordering::Relaxed);
        if entries > MOST_ENTRIES {
            let left_out = count(entries - MOST_ENTRIES);
            self.append("migration_log", doc! { "leftOut": left_out }).await;
        }
    }

    /// One event for each execution, written again while it goes on; its outcome has the last state.
    async fn record_operations(&self) {
        let Some(detail) = self.ledger.take_changed() else { return };
        let entry = AuditEntry { event: "migration_operations", detail, ..self.blank.clone() };
        self.log.record(self.operations, entry, &self.by).await;
    }

    async fn append_progress(&self, done: u64, total: Option<u64>) {
        let detail = doc! { "done": count(done), "total": total.map_or(Bson::Null, count) };
        self.append("migration_progress", detail).await;
    }

    async fn append(&self, event: &'static str, detail: Document) {
        let entry = AuditEntry { event, detail, ..self.blank.clone() };
        self.log.append(entry, &self.by).await;
    }
}

fn count(number: u64) -> Bson {
    Bson::Int64(i64::try_from(number).unwrap_or(i64::MAX))
}
