//! The run loop.
//!
//! Read and plan; nothing to do → return. Otherwise check that every body can be loaded, take the lock,
//! read and plan again, execute step by step, release the lock on every path. When a row is not as it was
//! planned, plan again.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use mongodb::bson::{DateTime, Document, doc};
use tracing::Instrument;
use uuid::Uuid;

use super::rows::Writer;
use super::step::StepEnd;
use super::{Migrator, Reading, RunOptions, Wanted, known};
use crate::body::{BodyError, BodyFacts, Direction, RunStamp};
use crate::error::{Error, RunFailure};
use crate::event::Event;
use crate::file_name::MigrationId;
use crate::gate::{Gate, StopReason, StopSignal};
use crate::history::{Expected, Row, RowChange, Status, StoredSource, Written};
use crate::lock::{Lease, LockSettings, Takeover};
use crate::plan::{Finding, Force, Request, Step, UpTarget};
use crate::report::{Failed, RunKind, RunReport, Summary};

/// How often rows may change under a run before it gives up.
const REPLANS: usize = 5;

/// A run under way.
pub(super) struct Run<'a> {
    pub(super) migrator: &'a Migrator,
    pub(super) kind: RunKind,
    /// As it was asked for.
    asked: Request,
    /// What is left of it.
    request: Request,
    pub(super) continue_on_error: bool,
    lock: LockSettings,
    pub(super) stop: StopSignal,
    pub(super) report: RunReport,
    first_error: Option<Error>,
    /// Files and history were read, and the observer was told.
    planned: bool,
    /// Facts of bodies that were inspected, by name and checksum.
    pub(super) inspected: HashMap<(String, String), BodyFacts>,
    /// The names of the rows that stand in the history since we have the lock.
    standing: HashSet<String>,
}

/// A run that holds the lock.
pub(super) struct Held<'l> {
    pub(super) lease: &'l Lease,
    pub(super) stamp: RunStamp,
    /// The highest order of application so far.
    pub(super) sequence: i64,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        migrator: &'a Migrator,
        kind: RunKind,
        request: Request,
        options: &RunOptions,
    ) -> Self {
        Run {
            migrator,
            kind,
            asked: request.clone(),
            request,
            // A rollback that failed has to be settled before anything is applied.
            continue_on_error: options.continue_on_error && kind != RunKind::Redo,
            lock: LockSettings {
                wait: options.lock_wait.unwrap_or(migrator.settings.lock.wait),
                ..migrator.settings.lock
            },
            stop: options.stop.child(),
            report: RunReport { run_id: Uuid::new_v4().to_string(), ..RunReport::default() },
            first_error: None,
            planned: false,
            inspected: HashMap::new(),
            standing: HashSet::new(),
        }
    }
}

pub(super) async fn run(
    migrator: &Migrator,
    kind: RunKind,
    request: Request,
    options: RunOptions,
) -> Result<RunReport, RunFailure> {
    let mut run = Run::new(migrator, kind, request, &options);
    let span = tracing::info_span!(
        target: "whimbrel", "run", run_id = run.report.run_id, kind = kind.as_str()
    );
    run_alone(&mut run).instrument(span).await;
    let run = run;
    match run.first_error {
        None => Ok(run.report),
        Some(source) => Err(RunFailure { report: run.report, source }),
    }
}

/// One after another: a second run of this migrator waits for the first as it would for that of another process.
async fn run_alone(run: &mut Run<'_>) {
    let (migrator, kind) = (run.migrator, run.kind);
    let _alone = match migrator.at_work(&run.stop, run.lock.wait).await {
        Ok((alone, left)) => {
            run.lock.wait = left;
            alone
        }
        Err(error) => {
            run.first_error = Some(error.into());
            return;
        }
    };
    // Whatever ends this future, also a drop, closes the gate of a body that is still running.
    let _close = CloseGate(run.stop.clone());
    let ended = run.go().await;
    for message in migrator.loader.release().await {
        run.observe(Event::Warned { name: String::new(), message });
    }
    let summary = run.report.summary();
    match ended {
        Ok(()) => {}
        // What ended the whole run says more than a migration that failed on the way.
        Err(source) if !is_migrations_own(&source) => run.first_error = Some(source),
        Err(source) => {
            run.first_error.get_or_insert(source);
        }
    }
    if run.planned {
        migrator.observer.observe(&Event::Finished { kind, summary });
    }
    let Summary { successful, skipped, failed, not_started, .. } = summary;
    match &run.first_error {
        None => {
            tracing::info!(target: "whimbrel", successful, skipped, "run ended");
        }
        Some(error) => {
            let code = error.code();
            tracing::error!(
                target: "whimbrel", successful, skipped, failed, not_started, code, %error, "run failed"
            );
        }
    }
}

impl Run<'_> {
    async fn go(&mut self) -> Result<(), Error> {
        let reading = self.migrator.read_for_plan(&self.request, &self.stop).await?;
        self.tell_planned(&reading);
        self.planned = true;
        let urgent: Vec<Finding> =
            reading.plan.refusals().into_iter().filter(|f| !f.needs_lock()).collect();
        if !urgent.is_empty() {
            self.tell_findings(&reading);
            self.report.not_started = names(&reading.plan.steps);
            return Err(Error::Refused { findings: urgent });
        }
        if reading.plan.is_empty() && reading.plan.refusals().is_empty() {
            self.tell_findings(&reading);
            self.skip(&reading);
            return Ok(());
        }
        // Nothing runs while anything cannot be loaded.
        let transactional =
            self.check_redo(&reading, false).await? | self.inspect_all(&reading).await?;

        fail::fail_point!("run::before_lock");
        let lease = match self.lease(transactional).await {
            Ok(Ok(lease)) => lease,
            Ok(Err(done)) => {
                self.migrator.stores.transactions.release().await;
                self.tell_findings(&done);
                self.skip(&done);
                return Ok(());
            }
            Err(error) => {
                self.migrator.stores.transactions.release().await;
                self.report.not_started = names(&reading.plan.steps);
                return Err(error);
            }
        };
        let result = self.under_lock(&lease).await;
        let ended = match lease.guard().check() {
            Ok(()) => "run_ended",
            Err(_) => "lock_lost",
        };
        fail::fail_point!("run::before_end");
        let entry = self.entry(ended, lease.fence());
        self.audit(entry, result.as_ref().err()).await;
        // The lock names the session of transactions until it is given back, and whoever takes it over ends that.
        let transactions = &self.migrator.stores.transactions;
        match self.migrator.release(&lease, &self.report.run_id).await {
            true => transactions.release().await,
            false => transactions.discard().await,
        }
        result
    }

    /// The lock; or, where somebody else held it and has done everything by the time it is free, how things stand then.
    async fn lease(&self, transactional: bool) -> Result<Result<Lease, Reading>, Error> {
        let seen = Mutex::new(None);
        let needed = || -> BoxFuture<'_, bool> {
            Box::pin(async {
                // What cannot be read is met again under the lock, and reported from there.
                let Ok(reading) = self.migrator.read_for_plan(&self.request, &self.stop).await
                else {
                    return true;
                };
                let needed = !reading.plan.is_empty() || !reading.plan.refusals().is_empty();
                if !needed {
                    *seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(reading);
                }
                needed
            })
        };
        let wanted = Wanted {
            lock: self.lock,
            command: self.kind.as_str(),
            run_id: &self.report.run_id,
            transactional,
            takeover: Takeover::WhenDead,
            stop: self.stop.clone(),
        };
        let lease = self.migrator.acquire_if_needed(wanted, Some(&needed)).await?;
        let seen = seen.lock().unwrap_or_else(PoisonError::into_inner).take();
        match (lease, seen) {
            (Some(lease), _) => Ok(Ok(lease)),
            (None, Some(reading)) => Ok(Err(reading)),
            (None, None) => Err(Error::Stopped(StopReason::Cancelled)),
        }
    }

    async fn under_lock(&mut self, lease: &Lease) -> Result<(), Error> {
        let stamp = RunStamp { run_id: self.report.run_id.clone(), fence: lease.fence() };
        let mut held = Held { lease, stamp, sequence: 0 };
        let entry = self.entry("run_started", lease.fence());
        self.audit(entry, None).await;
        let limit = self.migrator.settings.run_timeout;
        let limit = limit.map(|limit| self.stop.stop_after(limit, StopReason::RunTimeout(limit)));
        let mut first = true;
        let mut replans = 0;
        loop {
            fail::fail_point!("run::before_reading");
            let reading = self.migrator.read(&self.request).await?;
            held.sequence = reading.rows.iter().filter_map(|row| row.sequence).max().unwrap_or(0);
            self.notice_loss(&reading)?;
            if first && let Err(error) = self.migrator.notice_emptied(&reading).await {
                self.report.not_started = names(&reading.plan.steps);
                return Err(error);
            }
            if first {
                self.tell_findings(&reading);
                self.migrator.end_commands_of_the_dead(&reading.rows).await;
                self.tell_of_the_dead(&held, &reading).await;
            }
            let mut findings = reading.plan.refusals();
            self.spare_redone(&mut findings);
            if !findings.is_empty() {
                self.report.not_started = self.untried(&reading.plan.steps);
                return Err(Error::Refused { findings });
            }
            if std::mem::take(&mut first) {
                self.skip(&reading);
                self.migrator.stores.history.prepare().await?;
                fail::fail_point!("run::prepared");
            }
            self.check_redo(&reading, true).await?;
            self.inspect_all(&reading).await?;
            let finished = self.execute(&held, &reading).await?;
            // Where a row was not as planned, what this run did already is completed in the new plan, or, for
            // those that failed, must not be tried again.
            if finished || !self.narrow() {
                let Some(next) = self.next_phase() else { break };
                self.asked = next.clone();
                self.request = next;
                continue;
            }
            replans += 1;
            if replans == REPLANS {
                return Err(Error::RowChanged { name: "a migration".to_owned() });
            }
        }
        drop(limit);
        self.prune_trail().await;
        Ok(())
    }

    /// What comes after the present request: for a redo, applying again what was rolled back.
    fn next_phase(&self) -> Option<Request> {
        if self.kind != RunKind::Redo || !matches!(self.request, Request::Down { .. }) {
            return None;
        }
        let names: Vec<String> = self.report.done.iter().map(|done| done.name.clone()).collect();
        (!names.is_empty()).then(|| redone(names))
    }

    /// Before a redo takes anything back: could it be applied again? Plans as if it were rolled back already, and
    /// loads what would be applied. Says whether any of that may want a transaction.
    async fn check_redo(&mut self, reading: &Reading, locked: bool) -> Result<bool, Error> {
        if self.kind != RunKind::Redo || !matches!(self.request, Request::Down { .. }) {
            return Ok(false);
        }
        let names = names(&reading.plan.steps);
        let mut rows = reading.rows.clone();
        for row in rows.iter_mut().filter(|row| names.contains(&row.name)) {
            row.status = Status::Pending;
            row.sequence = None;
        }
        let Reading { listing, imports, .. } = reading;
        let again = self.migrator.plan_of(listing, &rows, imports, &redone(names))?;
        let mut findings = again.refusals();
        findings.retain(|finding| locked || !finding.needs_lock());
        self.spare_redone(&mut findings);
        if !findings.is_empty() {
            return Err(Error::Refused { findings });
        }
        let mut transactional = false;
        for step in &again.steps {
            transactional |= self.prepare(step, listing, (0, 0)).await?.transaction;
        }
        Ok(transactional)
    }

    /// What a redo applies again is older than what was applied since, and no news.
    fn spare_redone(&self, findings: &mut Vec<Finding>) {
        if self.kind == RunKind::Redo {
            findings.retain(|finding| finding.code() != "OUT_OF_ORDER");
        }
    }

    /// Rows that stood there since we have the lock are nobody else's to take away: planning anew without
    /// them would run again what is applied.
    fn notice_loss(&mut self, reading: &Reading) -> Result<(), Error> {
        let now: HashSet<String> = reading.rows.iter().map(|row| row.name.clone()).collect();
        let gone = self.standing_without(&reading.rows);
        if !gone.is_empty() {
            return Err(Error::HistoryLost { names: gone });
        }
        self.standing = now;
        Ok(())
    }

    /// The names of rows that stood there since we have the lock, and do not stand among these, in order.
    pub(super) fn standing_without(&self, rows: &[Row]) -> Vec<String> {
        let stands = |name: &&String| !rows.iter().any(|row| row.name == **name);
        let mut gone: Vec<String> = self.standing.iter().filter(stands).cloned().collect();
        gone.sort_unstable();
        gone
    }

    /// Whether the history still has the rows it had, and the one that was just inserted.
    pub(super) async fn history_stands(&mut self, inserted: &str) -> Result<(), Error> {
        self.standing.insert(inserted.to_owned());
        let count = self.migrator.stores.history.count().await?;
        if usize::try_from(count).is_ok_and(|count| count < self.standing.len()) {
            let mut names: Vec<String> = self.standing.iter().cloned().collect();
            names.retain(|name| name != inserted);
            names.sort_unstable();
            return Err(Error::HistoryLost { names });
        }
        Ok(())
    }

    /// Deletes what the trail need not keep any longer; not what it knows of executions that are not settled.
    async fn prune_trail(&self) {
        let Some(retention) = self.migrator.settings.log.retention else { return };
        let Ok(rows) = self.migrator.stores.history.read().await else { return };
        let unsettled = rows.into_iter().filter(|row| row.status != Status::Completed);
        let mut keep: Vec<String> = unsettled.map(|row| row.run_id).collect();
        keep.push(self.report.run_id.clone());
        let age = i64::try_from(retention.as_millis()).unwrap_or(i64::MAX);
        let before = DateTime::now().timestamp_millis().saturating_sub(age);
        let before = DateTime::from_millis(before);
        if let Err(error) = self.migrator.stores.audit.prune(before, &keep).await {
            tracing::warn!(target: "whimbrel", error = %error, "the audit trail could not be pruned");
        }
    }

    /// Tells and records what executions that were cut off had done, as far as the trail knows.
    async fn tell_of_the_dead(&self, held: &Held<'_>, reading: &Reading) {
        let dead = reading.rows.iter().filter(|row| row.status == Status::Running);
        let works = match known::of_rows(&*self.migrator.stores.audit, dead).await {
            Ok(works) => works,
            Err(error) => {
                tracing::warn!(target: "whimbrel", error = %error, "the audit trail could not be read");
                return;
            }
        };
        for work in works {
            let mut entry = self.entry("interruption_found", held.stamp.fence);
            entry.name = Some(work.name.clone());
            entry.direction = Some(work.direction.as_str());
            entry.detail = doc! {
                "runId": &work.run_id,
                "knownUntil": work.known_until,
                "transaction": work.transaction,
            };
            self.audit(entry, None).await;
            self.observe(Event::WasInterrupted { work });
        }
    }

    /// Executes the plan; `false` when a row was not as planned and a new plan is needed.
    async fn execute(&mut self, held: &Held<'_>, reading: &Reading) -> Result<bool, Error> {
        for row in &reading.plan.restore {
            let _ = self.restore(held, row).await?;
        }
        // The rows are no longer as they were planned.
        if !reading.plan.restore.is_empty() {
            return Ok(false);
        }
        let mut sequence = held.sequence;
        let total = reading.plan.steps.len();
        for (index, step) in reading.plan.steps.iter().enumerate() {
            if self.was_tried(&step.name, step.direction) {
                continue;
            }
            if let Err(reason) = self.gate(held.lease).check() {
                self.report.not_started = self.untried(&reading.plan.steps[index..]);
                return Err(reason.into());
            }
            sequence += 1;
            let prepared = self.prepare(step, &reading.listing, (index + 1, total)).await;
            let end = match prepared {
                Ok(prepared) => self.step(held, &prepared, sequence).await,
                Err(error) => {
                    self.tell_not_loaded(step, &error);
                    let (event, detail) = ("migration_failed", Document::new());
                    self.audit_step(held, event, step, None, Some(&error), detail).await;
                    StepEnd::Failed(error)
                }
            };
            match end {
                StepEnd::Done => {}
                StepEnd::Conflict => return Ok(false),
                StepEnd::Failed(error) => {
                    let go_on = self.continue_on_error && is_migrations_own(&error);
                    self.note_failure(step, &error);
                    if !go_on {
                        self.report.not_started = self.untried(&reading.plan.steps[index + 1..]);
                        return Err(error);
                    }
                    self.first_error.get_or_insert(error);
                }
            }
        }
        Ok(true)
    }

    async fn restore(&self, held: &Held<'_>, row: &Row) -> Result<Written, Error> {
        let writer = Writer { stamp: &held.stamp, identity: &self.migrator.identity };
        held.lease.guard().check()?;
        let change = RowChange {
            expected: Expected::of(Some(row)),
            row: writer.restored(row),
            source: StoredSource::Keep,
        };
        fail::fail_point!("run::before_restore");
        Ok(self.migrator.stores.history.write(&change).await?)
    }

    pub(super) fn gate(&self, lease: &Lease) -> Gate {
        Gate::new(self.stop.clone(), Some(lease.guard()))
    }

    pub(super) fn note_failure(&mut self, step: &Step, error: &Error) {
        let (name, direction) = (step.name.clone(), step.direction);
        self.report.failed.push(Failed { name, direction, error: error.to_string() });
    }

    fn was_tried(&self, name: &str, direction: Direction) -> bool {
        let RunReport { done, failed, .. } = &self.report;
        done.iter().any(|done| (done.name.as_str(), done.direction) == (name, direction))
            || failed
                .iter()
                .any(|failed| (failed.name.as_str(), failed.direction) == (name, direction))
    }

    fn untried(&self, steps: &[Step]) -> Vec<String> {
        let untried = steps.iter().filter(|step| !self.was_tried(&step.name, step.direction));
        untried.map(|step| step.name.clone()).collect()
    }

    /// After a new plan was needed: asks only for what is left. `false` when nothing is. Those that failed
    /// stand in the new plan again and are passed over there.
    fn narrow(&mut self) -> bool {
        use crate::plan::{DownTarget, UpTarget};
        let done = &self.report.done;
        let is_done = |text: &str| {
            done.iter()
                .any(|done| MigrationId::parse(&done.name).is_ok_and(|id| id.is_meant_by(text)))
        };
        let mut request = self.asked.clone();
        let left = match &mut request {
            Request::Up { target: UpTarget::Count(count), .. }
            | Request::Down { target: DownTarget::Count(count), .. } => {
                *count = count.saturating_sub(done.len());
                *count > 0
            }
            Request::Down { target: DownTarget::Names(names), .. } => {
                names.retain(|name| !is_done(name));
                !names.is_empty()
            }
            _ => true,
        };
        self.request = request;
        left
    }

    fn skip(&mut self, reading: &Reading) {
        let applied = reading.plan.already_applied.clone();
        if !applied.is_empty() {
            self.migrator.observer.observe(&Event::AlreadyApplied { names: applied.clone() });
        }
        self.report.skipped = applied;
    }

    fn tell_planned(&self, reading: &Reading) {
        self.migrator.observer.observe(&Event::Planned {
            run_id: self.report.run_id.clone(),
            kind: self.kind,
            files: reading.listing.migrations.len(),
            skipped_entries: reading.listing.skipped.clone(),
        });
    }

    fn tell_findings(&self, reading: &Reading) {
        for finding in &reading.plan.findings {
            self.migrator.observer.observe(&Event::Found { finding: finding.clone() });
        }
    }

    pub(super) fn tell_not_loaded(&self, step: &Step, error: &Error) {
        self.migrator.observer.observe(&Event::Failed {
            name: step.name.clone(),
            direction: step.direction,
            duration: Duration::ZERO,
            error: match error {
                Error::Migration { source, .. } => source.to_string(),
                other => other.to_string(),
            },
            code: error.code(),
        });
    }

    fn entry(&self, event: &'static str, fence: i64) -> crate::audit::AuditEntry {
        let mut entry = self.migrator.audit_entry(event, &self.report.run_id, fence);
        entry.direction = self.kind.direction().map(Direction::as_str);
        if matches!(event, "run_ended" | "lock_lost") {
            let summary = self.report.summary();
            let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
            entry.detail = doc! {
                "successful": number(summary.successful),
                "skipped": number(summary.skipped),
                "failed": number(summary.failed),
                "notStarted": number(summary.not_started),
            };
        }
        entry
    }

    async fn audit(&self, mut entry: crate::audit::AuditEntry, error: Option<&Error>) {
        entry.error = error.map(ToString::to_string);
        self.migrator.stores.audit.append(entry, &self.migrator.identity).await;
    }
}

/// Whether going on after the error makes sense: it is about one migration only.
pub(super) fn is_migrations_own(error: &Error) -> bool {
    match error {
        Error::Migration { source, .. } => match source.as_ref() {
            // One that did not stop is still at work; nothing may run beside it.
            BodyError::Stopped {
                reason: StopReason::Timeout(_) | StopReason::LoadTimeout(_),
                unknown,
            } => unknown.is_empty(),
            BodyError::Stopped { .. } => false,
            BodyError::Load { .. } | BodyError::Failed { .. } => true,
        },
        Error::StoredSource { .. } | Error::NoStoredSource { .. } => true,
        _ => false,
    }
}

/// The second half of a redo. Named ones are taken although they are applied still, or changed.
fn redone(names: Vec<String>) -> Request {
    Request::Up { target: UpTarget::Names(names.clone()), force: Force::Names(names) }
}

pub(super) fn names(steps: &[Step]) -> Vec<String> {
    steps.iter().map(|step| step.name.clone()).collect()
}

/// Stops the run when dropped; a run that ended is not hurt by it.
struct CloseGate(StopSignal);

impl Drop for CloseGate {
    fn drop(&mut self) {
        self.0.stop(StopReason::Cancelled);
    }
}
