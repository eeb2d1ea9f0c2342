//! One step: `running` → body → `completed` or `failed`, with or without a transaction.

use std::sync::Arc;
use std::time::Duration;

use mongodb::bson::{Document, doc};
use tokio::time::Instant;

use super::rows::{Writer, millis};
use super::run::{Held, Run};
use super::scribe::Scribe;
use crate::body::{Body, BodyContext, BodyError, BodyOutcome, Direction};
use crate::database_error::detail_of;
use crate::error::Error;
use crate::event::Event;
use crate::gate::{Gate, StopReason, StopSignal};
use crate::history::{Expected, Row, RowChange, StoredSource, Written};
use crate::plan::Step;
use crate::report::Done;
use crate::source::Migration;
use crate::transaction::{TransactionError, TransactionScope};

/// How often a transaction is tried in all.
const TRANSACTION_ATTEMPTS: u32 = 5;
/// How long trying again may take in all.
const TRANSACTION_PATIENCE: Duration = Duration::from_secs(120);

/// A step with all it needs.
pub(super) struct Prepared<'s> {
    pub(super) step: &'s Step,
    pub(super) migration: Option<Migration>,
    pub(super) body: Arc<dyn Body>,
    pub(super) transaction: bool,
    /// Its place among the steps, from 1, and their number.
    pub(super) place: (usize, usize),
}

/// How a step ended.
pub(super) enum StepEnd {
    Done,
    Failed(Error),
    /// The row was not as planned; nothing was executed.
    Conflict,
}

/// How a body ended, seen from outside.
enum Ended {
    Well(BodyOutcome),
    Badly(BodyError),
}

/// How an attempt in a transaction ended.
enum Attempt {
    Committed(BodyOutcome),
    Failed(BodyError),
    Transient(TransactionError),
    Error(Error),
}

impl Run<'_> {
    pub(super) async fn step(
        &mut self,
        held: &Held<'_>,
        prepared: &Prepared<'_>,
        sequence: i64,
    ) -> StepEnd {
        let writer = Writer { stamp: &held.stamp, identity: &self.migrator.identity };
        let step = prepared.step;
        let Some(running) = writer.running(step, prepared.migration.as_ref(), prepared.transaction)
        else {
            return StepEnd::Conflict;
        };
        let change = RowChange {
            expected: Expected::of(step.row.as_ref()),
            row: running.clone(),
            source: StoredSource::Keep,
        };
        match self.write(held, &change).await {
            Ok(Written::Landed) => {}
            Ok(Written::Conflict) => return StepEnd::Conflict,
            Err(error) => return StepEnd::Failed(error),
        }
        self.tell_started(prepared);
        self.audit_step(held, "migration_started", step, None, None).await;

        let started = Instant::now();
        let result = if prepared.transaction {
            self.in_transaction(held, prepared, &running, sequence, started).await
        } else {
            self.plainly(held, prepared, &running, sequence, started).await
        };
        let duration = started.elapsed();
        match result {
            Ok(outcome) => {
                let event = match step.direction {
                    Direction::Up => "migration_completed",
                    Direction::Rollback => "migration_rolled_back",
                };
                self.audit_step(held, event, step, Some(duration), None).await;
                for message in outcome.warnings {
                    self.observe(Event::Warned { name: step.name.clone(), message });
                }
                self.observe(Event::Completed {
                    name: step.name.clone(),
                    direction: step.direction,
                    duration,
                });
                self.report.done.push(Done { name: step.name.clone(), duration });
                StepEnd::Done
            }
            Err(error) => {
                self.audit_step(held, "migration_failed", step, Some(duration), Some(&error)).await;
                self.observe(Event::Failed {
                    name: step.name.clone(),
                    direction: step.direction,
                    duration,
                    error: match &error {
                        Error::Migration { source, .. } => source.to_string(),
                        other => other.to_string(),
                    },
                    code: error.code(),
                });
                StepEnd::Failed(error)
            }
        }
    }

    /// Without a transaction: the body, then its outcome.
    async fn plainly(
        &self,
        held: &Held<'_>,
        prepared: &Prepared<'_>,
        running: &Row,
        sequence: i64,
        started: Instant,
    ) -> Result<BodyOutcome, Error> {
        let ended = self.execute_body(held, prepared, None, started).await;
        let outcome = match ended {
            Ended::Well(outcome) => outcome,
            Ended::Badly(error) => {
                return Err(self.record_failure(held, prepared, running, error).await);
            }
        };
        let change =
            self.completion(held, prepared, running, &outcome, sequence, started.elapsed());
        match self.write(held, &change).await? {
            Written::Landed => Ok(outcome),
            Written::Conflict => Err(Error::RowChanged { name: running.name.clone() }),
        }
    }

    /// In a transaction, tried again while its errors allow that.
    async fn in_transaction(
        &self,
        held: &Held<'_>,
        prepared: &Prepared<'_>,
        running: &Row,
        sequence: i64,
        started: Instant,
    ) -> Result<BodyOutcome, Error> {
        let mut attempt = 1;
        loop {
            let end = self.attempt(held, prepared, running, sequence, started).await;
            let failure = match end {
                Attempt::Committed(outcome) => return Ok(outcome),
                Attempt::Error(error) => return Err(error),
                Attempt::Failed(error) => error,
                Attempt::Transient(error) => {
                    let again = attempt < TRANSACTION_ATTEMPTS
                        && started.elapsed() < TRANSACTION_PATIENCE
                        && self.gate(held.lease).check().is_ok();
                    if again {
                        attempt += 1;
                        self.observe(Event::Retrying {
                            name: running.name.clone(),
                            attempt,
                            error: error.to_string(),
                        });
                        tokio::time::sleep(Duration::from_millis(20 << attempt)).await;
                        continue;
                    }
                    match self.gate(held.lease).check() {
                        Err(reason) => BodyError::Stopped { reason, unknown: Vec::new() },
                        Ok(()) => failed_by(error, attempt),
                    }
                }
            };
            return Err(self.record_failure(held, prepared, running, failure).await);
        }
    }

    async fn attempt(
        &self,
        held: &Held<'_>,
        prepared: &Prepared<'_>,
        running: &Row,
        sequence: i64,
        started: Instant,
    ) -> Attempt {
        let scope = match self.migrator.stores.transactions.begin().await {
            Ok(scope) => scope,
            Err(error) => return Attempt::Failed(failed_by(error, 1)),
        };
        let ended = self.execute_body(held, prepared, Some(scope.as_ref()), started).await;
        let doomed = scope.doomed();
        let outcome = match (ended, doomed) {
            (Ended::Badly(stopped @ BodyError::Stopped { .. }), _) => {
                scope.abort().await;
                return Attempt::Failed(stopped);
            }
            (_, Some(error)) if error.transient => {
                scope.abort().await;
                return Attempt::Transient(error);
            }
            // What special advice there is goes with the server's error; otherwise the script's own,
            // which carries the place.
            (Ended::Badly(error), Some(doom)) if !doom.expired && !doom.unsupported => {
                scope.abort().await;
                return Attempt::Failed(error);
            }
            (_, Some(error)) => {
                scope.abort().await;
                return Attempt::Failed(failed_by(error, 1));
            }
            (Ended::Badly(error), None) => {
                scope.abort().await;
                return Attempt::Failed(error);
            }
            (Ended::Well(outcome), None) => outcome,
        };
        self.commit(held, prepared, scope.as_ref(), running, sequence, started, outcome).await
    }

    /// The transaction's last two writes and its commit.
    #[expect(clippy::too_many_arguments, reason = "the parts of one attempt, used here only")]
    async fn commit(
        &self,
        held: &Held<'_>,
        prepared: &Prepared<'_>,
        scope: &dyn TransactionScope,
        running: &Row,
        sequence: i64,
        started: Instant,
        outcome: BodyOutcome,
    ) -> Attempt {
        let guard = held.lease.guard();
        let name = || running.name.clone();
        let lost = |reason: StopReason| Attempt::Error(reason.into());
        if let Err(reason) = guard.check() {
            scope.abort().await;
            return lost(reason);
        }
        let change =
            self.completion(held, prepared, running, &outcome, sequence, started.elapsed());
        match scope.write_history(&change).await {
            Ok(Written::Landed) => {}
            Ok(Written::Conflict) => {
                scope.abort().await;
                return Attempt::Error(Error::RowChanged { name: name() });
            }
            Err(error) => return self.give_up(scope, error).await,
        }
        match scope.confirm_lock(held.lease.owner(), held.lease.fence()).await {
            Ok(true) => {}
            Ok(false) => {
                scope.abort().await;
                return lost(StopReason::LeaseLost("another process has taken it".to_owned()));
            }
            Err(error) => return self.give_up(scope, error).await,
        }
        if let Err(reason) = guard.check() {
            scope.abort().await;
            return lost(reason);
        }
        let committing = Instant::now();
        loop {
            match scope.commit().await {
                Ok(()) => return Attempt::Committed(outcome),
                Err(error) if error.unknown_commit => {
                    // Once sent it may have happened, whatever becomes of the lease.
                    if committing.elapsed() >= TRANSACTION_PATIENCE || guard.check().is_err() {
                        let source = error.error;
                        return Attempt::Error(Error::CommitUnknown { name: name(), source });
                    }
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                Err(error) if error.transient => return Attempt::Transient(error),
                Err(error) => return Attempt::Failed(failed_by(error, 1)),
            }
        }
    }

    async fn give_up(&self, scope: &dyn TransactionScope, error: TransactionError) -> Attempt {
        scope.abort().await;
        if error.transient {
            Attempt::Transient(error)
        } else {
            Attempt::Failed(failed_by(error, 1))
        }
    }

    /// Runs the body while watching the clock, the lease and the signal. Its future is never dropped:
    /// a body that does not stop within the grace time is left to itself and its outcome is unknown.
    async fn execute_body(
        &self,
        held: &Held<'_>,
        prepared: &Prepared<'_>,
        scope: Option<&dyn TransactionScope>,
        started: Instant,
    ) -> Ended {
        let scribe = Scribe::new(self.migrator, held, prepared.step);
        let ended = self.execute_heard(held, prepared, scope, started, &scribe).await;
        let is_left = matches!(
            &ended,
            Ended::Badly(BodyError::Stopped { unknown, .. }) if !unknown.is_empty()
        );
        scribe.finish(is_left).await;
        ended
    }

    async fn execute_heard(
        &self,
        held: &Held<'_>,
        prepared: &Prepared<'_>,
        scope: Option<&dyn TransactionScope>,
        started: Instant,
        scribe: &Scribe,
    ) -> Ended {
        let stop = self.stop.child();
        let context = BodyContext {
            database: self.migrator.stores.database.clone(),
            gate: Gate::new(stop.clone(), Some(held.lease.guard())),
            transaction: scope.and_then(TransactionScope::mongo),
            stamp: held.stamp.clone(),
            output: scribe.sink(),
        };
        let (body, direction) = (Arc::clone(&prepared.body), prepared.step.direction);
        let mut running = tokio::spawn(async move { body.run(direction, context).await });
        let reason = tokio::select! {
            ended = &mut running => return finished(ended),
            reason = self.interruption(held, &stop, started) => reason,
        };
        stop.stop(reason.clone());
        match tokio::time::timeout(self.migrator.settings.grace, &mut running).await {
            Ok(ended) => match finished(ended) {
                // It ended well all the same; the lease decides whether that can be recorded.
                Ended::Well(outcome) if !matches!(reason, StopReason::LeaseLost(_)) => {
                    Ended::Well(outcome)
                }
                Ended::Badly(error @ BodyError::Stopped { .. }) => Ended::Badly(error),
                // What the script made of being stopped does not matter.
                _ => Ended::Badly(BodyError::Stopped { reason, unknown: Vec::new() }),
            },
            Err(_) => Ended::Badly(BodyError::Stopped {
                reason,
                unknown: vec!["the operation in flight".to_owned()],
            }),
        }
    }

    /// The time limit counts for the migration, however often its transaction is tried.
    async fn interruption(
        &self,
        held: &Held<'_>,
        stop: &StopSignal,
        started: Instant,
    ) -> StopReason {
        let limit = self.migrator.settings.timeout;
        let left = limit.map(|limit| limit.saturating_sub(started.elapsed()));
        let guard = held.lease.guard();
        tokio::select! {
            reason = stop.stopped() => reason,
            reason = guard.lost() => reason,
            () = tokio::time::sleep(left.unwrap_or_default()), if left.is_some() => {
                StopReason::Timeout(limit.unwrap_or_default())
            }
        }
    }

    fn completion(
        &self,
        held: &Held<'_>,
        prepared: &Prepared<'_>,
        running: &Row,
        outcome: &BodyOutcome,
        sequence: i64,
        duration: Duration,
    ) -> RowChange {
        let writer = Writer { stamp: &held.stamp, identity: &self.migrator.identity };
        let (row, source) = match prepared.step.direction {
            Direction::Up => (
                writer.applied(running, &outcome.imports, sequence, duration),
                prepared.bundle(outcome).map_or(StoredSource::Clear, StoredSource::Store),
            ),
            Direction::Rollback => (writer.rolled_back(running), StoredSource::Keep),
        };
        RowChange { expected: Expected::of(Some(running)), row, source }
    }

    /// Writes the failure into the row and gives the run's error. Where even that cannot be done (the
    /// lease or the connection is gone) the row stays `running` and reads as interrupted.
    async fn record_failure(
        &self,
        held: &Held<'_>,
        prepared: &Prepared<'_>,
        running: &Row,
        error: BodyError,
    ) -> Error {
        let writer = Writer { stamp: &held.stamp, identity: &self.migrator.identity };
        let detail = match &error {
            BodyError::Failed { detail, .. } => detail.clone(),
            BodyError::Stopped { reason, unknown } => {
                doc! { "code": reason.code(), "outcomeUnknown": unknown.clone() }
            }
            BodyError::Load { .. } => Document::new(),
        };
        let change = RowChange {
            expected: Expected::of(Some(running)),
            row: writer.failed(running, prepared.step.row.as_ref(), &error.to_string(), detail),
            source: StoredSource::Keep,
        };
        match self.write(held, &change).await {
            Ok(Written::Landed) => {}
            Ok(Written::Conflict) => {
                tracing::warn!(
                    name = running.name,
                    "the row changed before its failure was recorded"
                );
            }
            Err(error) => {
                tracing::warn!(name = running.name, error = %error, "the failure could not be recorded");
            }
        }
        Error::Migration {
            name: running.name.clone(),
            direction: prepared.step.direction,
            executed: true,
            source: Box::new(error),
        }
    }

    /// A history write, sent only while the lease holds.
    async fn write(&self, held: &Held<'_>, change: &RowChange) -> Result<Written, Error> {
        held.lease.guard().check()?;
        Ok(self.migrator.stores.history.write(change).await?)
    }

    fn observe(&self, event: Event) {
        self.migrator.observer.observe(&event);
    }

    fn tell_started(&self, prepared: &Prepared<'_>) {
        self.observe(Event::Started {
            name: prepared.step.name.clone(),
            direction: prepared.step.direction,
            cause: prepared.step.cause,
            transaction: prepared.transaction,
            position: prepared.place.0,
            total: prepared.place.1,
        });
    }

    pub(super) async fn audit_step(
        &self,
        held: &Held<'_>,
        event: &'static str,
        step: &Step,
        duration: Option<Duration>,
        error: Option<&Error>,
    ) {
        let mut entry = self.migrator.audit_entry(event, &held.stamp.run_id, held.stamp.fence);
        entry.name = Some(step.name.clone());
        entry.direction = Some(step.direction.as_str());
        entry.duration_ms = duration.map(millis);
        entry.error = error.map(ToString::to_string);
        self.migrator.stores.audit.append(entry, &self.migrator.identity).await;
    }
}

fn finished(ended: Result<Result<BodyOutcome, BodyError>, tokio::task::JoinError>) -> Ended {
    match ended {
        Ok(Ok(outcome)) => Ended::Well(outcome),
        Ok(Err(error)) => Ended::Badly(error),
        Err(panic) => Ended::Badly(BodyError::Failed {
            message: format!("the migration's engine panicked: {panic}"),
            detail: Document::new(),
            hint: Some("this is a bug in Whimbrel or in a native migration".to_owned()),
        }),
    }
}

/// A transaction's own error as the migration's failure, with what to do about it.
fn failed_by(error: TransactionError, attempts: u32) -> BodyError {
    let hint = if error.expired {
        Some(
            "a transaction may last 60 seconds by default (transactionLifetimeLimitSeconds): split the migration, or \
             run it without a transaction (`export const transaction = false`)"
                .to_owned(),
        )
    } else if error.unsupported {
        Some(
            "this server has no transactions (it is not a replica set): `export const transaction = false`, \
             or start it as a one-node replica set"
                .to_owned(),
        )
    } else {
        error.error.hint()
    };
    let tried = if attempts > 1 { format!(" (after {attempts} attempts)") } else { String::new() };
    BodyError::Failed {
        message: format!("{}{tried}", error.error),
        detail: detail_of(error.error.driver_error()),
        hint,
    }
}
