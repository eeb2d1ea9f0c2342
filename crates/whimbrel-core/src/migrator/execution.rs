//! One execution of a body: with or without a transaction, watched, and its outcome written down.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mongodb::bson::{Document, doc};
use tokio::time::Instant;
use tracing::Instrument;

use super::rows::{Writer, bundle};
use super::run::{Held, Run};
use super::scribe::Scribe;
use super::step::Prepared;
use crate::body::{BodyContext, BodyError, BodyOutcome, Direction};
use crate::database_error::detail_of;
use crate::error::Error;
use crate::event::Event;
use crate::gate::{Gate, StopReason, StopSignal};
use crate::history::{Expected, Row, RowChange, StoredSource, Written};
use crate::operations::OperationLedger;
use crate::transaction::{TransactionError, TransactionScope};

/// How often a transaction is tried in all.
const TRANSACTION_ATTEMPTS: u32 = 5;
/// How long trying again may take in all.
const TRANSACTION_PATIENCE: Duration = Duration::from_secs(120);

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

/// A step whose row says `running`.
pub(super) struct Execution<'e> {
    run: &'e Run<'e>,
    held: &'e Held<'e>,
    prepared: &'e Prepared<'e>,
    /// The row as it stands.
    running: Row,
    /// Its place in the order of application, should it be applied.
    sequence: i64,
    started: Instant,
    /// What the body has sent; of a transaction that is tried again, in all attempts.
    pub(super) ledger: Arc<OperationLedger>,
    source_left_out: AtomicBool,
}

impl<'e> Execution<'e> {
    pub(super) fn new(
        run: &'e Run<'e>,
        held: &'e Held<'e>,
        prepared: &'e Prepared<'e>,
        running: Row,
        sequence: i64,
        started: Instant,
    ) -> Self {
        let mut blank = run.migrator.audit_entry("", &held.stamp.run_id, held.stamp.fence);
        blank.name = Some(running.name.clone());
        blank.direction = Some(prepared.step.direction.as_str());
        let ledger = OperationLedger::new(run.migrator.settings.log.filter_values).with_trail(
            Arc::clone(&run.migrator.stores.audit),
            run.migrator.identity.clone(),
            blank,
        );
        Self {
            run,
            held,
            prepared,
            running,
            sequence,
            started,
            ledger: Arc::new(ledger),
            source_left_out: AtomicBool::new(false),
        }
    }

    /// Runs the body and writes its outcome.
    pub(super) async fn execute(&self) -> Result<BodyOutcome, Error> {
        if self.prepared.transaction { self.in_transaction().await } else { self.plainly().await }
    }

    /// Whether the text was too large to be kept in the history.
    pub(super) fn source_is_left_out(&self) -> bool {
        self.source_left_out.load(Ordering::Relaxed)
    }

    /// Without a transaction: the body, then its outcome.
    async fn plainly(&self) -> Result<BodyOutcome, Error> {
        let outcome = match self.execute_body(None).await {
            Ended::Well(outcome) => outcome,
            Ended::Badly(error) => return Err(self.record_failure(error).await),
        };
        fail::fail_point!("step::before_completed");
        let landed = match self.run.write(self.held, &self.completion(&outcome)).await {
            // The row may stand as `running` now: what was done is done, and only its record is missing.
            Err(error) => return Err(error.not_recorded(&self.running.name)),
            Ok(written) => written,
        };
        fail::fail_point!("step::completed_written");
        match landed {
            Written::Landed => Ok(outcome),
            Written::Conflict => Err(self.row_changed().await),
        }
    }

    /// In a transaction, tried again while its errors allow that.
    async fn in_transaction(&self) -> Result<BodyOutcome, Error> {
        let mut attempt = 1;
        loop {
            let failure = match self.attempt().await {
                Attempt::Committed(outcome) => return Ok(outcome),
                Attempt::Error(error) => return Err(error),
                Attempt::Failed(error) => error,
                Attempt::Transient(error) => {
                    let again = attempt < TRANSACTION_ATTEMPTS
                        && self.started.elapsed() < TRANSACTION_PATIENCE
                        && self.run.gate(self.held.lease).check().is_ok();
                    if again {
                        attempt += 1;
                        self.run.observe(Event::Retrying {
                            name: self.running.name.clone(),
                            attempt,
                            error: error.to_string(),
                        });
                        tokio::time::sleep(Duration::from_millis(20 << attempt)).await;
                        continue;
                    }
                    match self.run.gate(self.held.lease).check() {
                        Err(reason) => BodyError::Stopped { reason, unknown: Vec::new() },
                        Ok(()) => failed_by(error, attempt),
                    }
                }
            };
            return Err(self.record_failure(failure).await);
        }
    }

    async fn attempt(&self) -> Attempt {
        let transactions = &self.run.migrator.stores.transactions;
        let begun = match self.prepared.body.remote_transaction().await {
            Ok(Some(remote)) => {
                transactions.begin_remote(remote, self.run.gate(self.held.lease)).await
            }
            Ok(None) => transactions.begin().await.map_err(|error| failed_by(error, 1)),
            Err(error) => Err(error),
        };
        let scope = match begun {
            Ok(scope) => scope,
            Err(error) => return Attempt::Failed(error),
        };
        self.held.lease.name_session(scope.session_id()).await;
        fail::fail_point!("transaction::begun");
        let ended = self.execute_body(Some(scope.as_ref())).await;
        fail::fail_point!("transaction::body_done");
        let doomed = scope.doomed();
        let outcome = match (ended, doomed) {
            (Ended::Badly(stopped @ BodyError::Stopped { .. }), _) => {
                let is_left =
                    matches!(&stopped, BodyError::Stopped { unknown, .. } if !unknown.is_empty());
                // The driver does not know yet of a transaction whose first operation is in flight.
                if is_left {
                    scope.end().await
                } else {
                    scope.abort().await
                }
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
        self.commit(scope.as_ref(), outcome).await
    }

    /// The transaction's last two writes and its commit.
    async fn commit(&self, scope: &dyn TransactionScope, outcome: BodyOutcome) -> Attempt {
        let lease = self.held.lease;
        let guard = lease.guard();
        let lost = |reason: StopReason| Attempt::Error(reason.into());
        if let Err(reason) = guard.check() {
            scope.abort().await;
            return lost(reason);
        }
        match scope.write_history(&self.completion(&outcome)).await {
            Ok(Written::Landed) => {}
            Ok(Written::Conflict) => {
                scope.abort().await;
                return Attempt::Error(self.row_changed().await);
            }
            Err(error) => return give_up(scope, error).await,
        }
        fail::fail_point!("transaction::history_written");
        match scope.confirm_lock(lease.owner(), lease.fence()).await {
            Ok(true) => {}
            Ok(false) => {
                scope.abort().await;
                return lost(StopReason::LeaseLost("another process has taken it".to_owned()));
            }
            Err(error) => return give_up(scope, error).await,
        }
        fail::fail_point!("transaction::lock_confirmed");
        if let Err(reason) = guard.check() {
            scope.abort().await;
            return lost(reason);
        }
        let committing = Instant::now();
        loop {
            match scope.commit().await {
                Ok(()) => {
                    fail::fail_point!("transaction::committed");
                    return Attempt::Committed(outcome);
                }
                Err(error) if error.unknown_commit => {
                    // Once sent it may have happened, whatever becomes of the lease.
                    if committing.elapsed() >= TRANSACTION_PATIENCE || guard.check().is_err() {
                        scope.end().await;
                        let (name, source) = (self.running.name.clone(), error.error);
                        return Attempt::Error(Error::CommitUnknown { name, source });
                    }
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                Err(error) if error.transient => return Attempt::Transient(error),
                Err(error) => {
                    // The driver aborts nothing after a commit; open, it would hold the row that is written next.
                    scope.end().await;
                    return Attempt::Failed(failed_by(error, 1));
                }
            }
        }
    }

    /// Runs the body while watching the clock, the lease and the signal. Its future is never dropped:
    /// a body that does not stop within the grace time is left to itself and its outcome is unknown.
    async fn execute_body(&self, scope: Option<&dyn TransactionScope>) -> Ended {
        fail::fail_point!("body::before");
        let ledger = Arc::clone(&self.ledger);
        let scribe = Scribe::new(self.run.migrator, self.held, self.prepared.step, ledger);
        let ended = self.execute_heard(scope, &scribe).await;
        fail::fail_point!("body::after");
        let is_left = matches!(
            &ended,
            Ended::Badly(BodyError::Stopped { unknown, .. }) if !unknown.is_empty()
        );
        if is_left {
            let own = [self.held.stamp.run_id.clone()];
            self.run.migrator.stores.lock.end_commands(&own).await;
        }
        scribe.finish(is_left).await;
        ended
    }

    async fn execute_heard(&self, scope: Option<&dyn TransactionScope>, scribe: &Scribe) -> Ended {
        let stop = self.run.stop.child();
        let context = BodyContext {
            database: self.run.migrator.stores.database.clone(),
            gate: Gate::new(stop.clone(), Some(self.held.lease.guard())),
            transaction: scope.and_then(TransactionScope::mongo),
            stamp: self.held.stamp.clone(),
            operations: Arc::clone(&self.ledger),
            output: scribe.sink(),
        };
        let (body, direction) = (Arc::clone(&self.prepared.body), self.prepared.step.direction);
        let droppable = body.ends_when_dropped();
        let running = async move { body.run(direction, context).await };
        let mut running = tokio::spawn(running.in_current_span());
        let reason = tokio::select! {
            ended = &mut running => return finished(ended),
            reason = self.interruption(&stop) => reason,
        };
        stop.stop(reason.clone());
        match tokio::time::timeout(self.run.migrator.settings.grace, &mut running).await {
            Ok(ended) => match finished(ended) {
                // It ended well all the same; the lease decides whether that can be recorded.
                Ended::Well(outcome) if !matches!(reason, StopReason::LeaseLost(_)) => {
                    Ended::Well(outcome)
                }
                Ended::Badly(error @ BodyError::Stopped { .. }) => Ended::Badly(error),
                // What the script made of being stopped does not matter.
                _ => Ended::Badly(BodyError::Stopped { reason, unknown: Vec::new() }),
            },
            Err(_) => {
                if droppable {
                    running.abort();
                    // It ends at once, unless its code blocks the thread; such code is past help.
                    let _ = tokio::time::timeout(Duration::from_secs(1), &mut running).await;
                }
                Ended::Badly(BodyError::Stopped {
                    reason,
                    unknown: vec!["the operation in flight".to_owned()],
                })
            }
        }
    }

    /// The time limit counts for the migration, however often its transaction is tried.
    async fn interruption(&self, stop: &StopSignal) -> StopReason {
        let limit = self.run.migrator.settings.timeout;
        let left = limit.map(|limit| limit.saturating_sub(self.started.elapsed()));
        let guard = self.held.lease.guard();
        tokio::select! {
            reason = stop.stopped() => reason,
            reason = guard.lost() => reason,
            () = tokio::time::sleep(left.unwrap_or_default()), if left.is_some() => {
                StopReason::Timeout(limit.unwrap_or_default())
            }
        }
    }

    fn completion(&self, outcome: &BodyOutcome) -> RowChange {
        let writer = Writer { stamp: &self.held.stamp, identity: &self.run.migrator.identity };
        let running = &self.running;
        let (row, source) = match self.prepared.step.direction {
            Direction::Up => {
                let file = self.prepared.migration.as_ref();
                let bundle = file.and_then(|file| {
                    bundle(file, &outcome.entry, &outcome.imports, &outcome.resolutions)
                });
                let has_text = file.is_some_and(|file| file.text.is_some());
                self.source_left_out.store(has_text && bundle.is_none(), Ordering::Relaxed);
                (
                    writer.applied(
                        running,
                        &outcome.imports,
                        self.sequence,
                        self.started.elapsed(),
                    ),
                    bundle.map_or(StoredSource::Clear, StoredSource::Store),
                )
            }
            Direction::Rollback => (writer.rolled_back(running), StoredSource::Keep),
        };
        RowChange { expected: Expected::of(Some(running)), row, source }
    }

    /// Our row is not as we wrote it: another process wrote it, or it is gone.
    async fn row_changed(&self) -> Error {
        let name = self.running.name.clone();
        match self.run.migrator.stores.history.read().await {
            Ok(rows) if !rows.iter().any(|row| row.name == name) => {
                let mut names = self.run.standing_without(&rows);
                names.push(name);
                names.sort_unstable();
                names.dedup();
                Error::HistoryLost { names }
            }
            _ => Error::RowChanged { name },
        }
    }

    /// Writes the failure into the row and gives the run's error. Where even that cannot be done (the
    /// lease or the connection is gone) the row stays `running` and reads as interrupted.
    async fn record_failure(&self, error: BodyError) -> Error {
        let writer = Writer { stamp: &self.held.stamp, identity: &self.run.migrator.identity };
        let detail = match &error {
            BodyError::Failed { detail, .. } => detail.clone(),
            BodyError::Stopped { reason, unknown } => {
                doc! { "code": reason.code(), "outcomeUnknown": unknown.clone() }
            }
            BodyError::Load { .. } => Document::new(),
        };
        let before = self.prepared.step.row.as_ref();
        let change = RowChange {
            expected: Expected::of(Some(&self.running)),
            row: writer.failed(&self.running, before, &error.to_string(), detail),
            source: StoredSource::Keep,
        };
        fail::fail_point!("step::before_failed");
        let name = &self.running.name;
        match self.run.write(self.held, &change).await {
            Ok(Written::Landed) => {}
            Ok(Written::Conflict) => {
                tracing::warn!(target: "whimbrel", name, "the row changed before its failure was recorded");
            }
            Err(error) => {
                tracing::warn!(target: "whimbrel", name, error = %error, "the failure could not be recorded");
            }
        }
        fail::fail_point!("step::failed_written");
        Error::Migration {
            name: name.clone(),
            direction: self.prepared.step.direction,
            executed: true,
            source: Box::new(error),
        }
    }
}

async fn give_up(scope: &dyn TransactionScope, error: TransactionError) -> Attempt {
    scope.abort().await;
    if error.transient { Attempt::Transient(error) } else { Attempt::Failed(failed_by(error, 1)) }
}

fn finished(ended: Result<Result<BodyOutcome, BodyError>, tokio::task::JoinError>) -> Ended {
    match ended {
        Ok(Ok(outcome)) => Ended::Well(outcome),
        Ok(Err(error)) => Ended::Badly(error),
        Err(panic) => Ended::Badly(BodyError::Failed {
            message: format!("the migration panicked: {}", panic_text(panic)),
            detail: Document::new(),
            hint: Some("this is a bug in Whimbrel or in a native migration".to_owned()),
        }),
    }
}

fn panic_text(panic: tokio::task::JoinError) -> String {
    let Ok(payload) = panic.try_into_panic() else { return "it was ended".to_owned() };
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "?".to_owned())
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
            "it is neither a replica set nor a sharded cluster: `export const transaction = false`, or start it as a \
             one-node replica set"
                .to_owned(),
        )
    } else {
        error.error.hint()
    };
    let tried = if attempts > 1 { format!(" (after {attempts} attempts)") } else { String::new() };
    let message = match error.unsupported {
        true => "this server has no transactions".to_owned(),
        false => error.error.to_string(),
    };
    BodyError::Failed {
        message: format!("{message}{tried}"),
        detail: detail_of(error.error.driver_error()),
        hint,
    }
}
