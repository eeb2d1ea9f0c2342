//! One step: `running` → body → `completed` or `failed`, told and written down.
//!
//! [`super::execution`] runs the body and writes its outcome; here is what stands around it.

use std::sync::Arc;
use std::time::Duration;

use mongodb::bson::{Document, doc};
use tokio::time::Instant;
use tracing::Instrument;

use super::execution::Execution;
use super::rows::{Writer, millis};
use super::run::{Held, Run};
use crate::body::{Body, Direction, ForeignRuntime};
use crate::error::Error;
use crate::event::Event;
use crate::history::{Expected, RowChange, StoredSource, Written};
use crate::operations::Totals;
use crate::plan::Step;
use crate::report::Done;
use crate::source::Migration;

/// A step with all it needs.
pub(super) struct Prepared<'s> {
    pub(super) step: &'s Step,
    pub(super) migration: Option<Migration>,
    pub(super) body: Arc<dyn Body>,
    pub(super) transaction: bool,
    pub(super) runtime: Option<ForeignRuntime>,
    /// What is worth telling before it runs.
    pub(super) warnings: Vec<String>,
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
        fail::fail_point!("step::before_running");
        match self.write(held, &change).await {
            Ok(Written::Landed) => {}
            Ok(Written::Conflict) => return StepEnd::Conflict,
            Err(error) => return StepEnd::Failed(error),
        }
        fail::fail_point!("step::running_written");
        // A row can be inserted into a history that somebody has just dropped.
        if step.row.is_none()
            && let Err(error) = self.history_stands(&step.name).await
        {
            // Nothing of it was run, so it leaves no trace where the history is written anew.
            let removed = self.migrator.stores.history.remove(&running).await;
            tracing::warn!(target: "whimbrel", name = step.name, removed = ?removed, "the history has lost rows");
            return StepEnd::Failed(error);
        }
        self.tell_started(prepared);
        for message in &prepared.warnings {
            let (name, message) = (step.name.clone(), message.clone());
            self.observe(Event::Warned { name, message });
        }
        let detail = prepared.runtime.as_ref().map_or_else(Document::new, |runtime| {
            let mut detail = doc! { "runtime": runtime.name };
            detail.extend(runtime.detail.clone());
            if let Some(reason) = &runtime.reason {
                detail.insert("reason", reason);
            }
            detail
        });
        self.audit_step(held, "migration_started", step, None, None, detail).await;

        let span = tracing::info_span!(
            target: "whimbrel",
            "migration",
            name = step.name,
            direction = step.direction.as_str(),
            transaction = prepared.transaction,
        );
        tracing::info!(target: "whimbrel", parent: &span, "migration started");
        let started = Instant::now();
        let (result, mut detail, totals, source_left_out) = {
            let execution = Execution::new(self, held, prepared, running, sequence, started);
            let result = execution.execute().instrument(span.clone()).await;
            let detail = execution.ledger.to_document().unwrap_or_default();
            (result, detail, execution.ledger.totals(), execution.source_is_left_out())
        };
        let duration = started.elapsed();
        let duration_ms = millis(duration);
        // What a body sent on a driver of its own is not known.
        let known = (totals.commands > 0).then_some(totals);
        let number = |of: fn(&Totals) -> u64| known.as_ref().map(of);
        let (commands, inserted) =
            (number(|totals| totals.commands), number(|totals| totals.inserted));
        let (modified, deleted) =
            (number(|totals| totals.modified), number(|totals| totals.deleted));
        match &result {
            Ok(_) => tracing::info!(
                target: "whimbrel", parent: &span,
                duration_ms, commands, inserted, modified, deleted, "migration completed"
            ),
            Err(error) => tracing::error!(
                target: "whimbrel", parent: &span,
                duration_ms, commands, inserted, modified, deleted, code = error.code(), %error,
                "migration failed"
            ),
        }
        let name = step.name.clone();
        match result {
            Ok(outcome) => {
                if source_left_out {
                    detail.insert("sourceLeftOut", true);
                }
                let event = match step.direction {
                    Direction::Up => "migration_completed",
                    Direction::Rollback => "migration_rolled_back",
                };
                self.audit_step(held, event, step, Some(duration), None, detail).await;
                for message in outcome.warnings {
                    self.observe(Event::Warned { name: name.clone(), message });
                }
                let direction = step.direction;
                self.observe(Event::Completed { name: name.clone(), direction, duration });
                self.report.done.push(Done { name, direction, duration });
                StepEnd::Done
            }
            Err(error) => {
                let (event, took) = ("migration_failed", Some(duration));
                self.audit_step(held, event, step, took, Some(&error), detail).await;
                self.observe(Event::Failed {
                    name,
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

    /// A history write, sent only while the lease holds.
    pub(super) async fn write(
        &self,
        held: &Held<'_>,
        change: &RowChange,
    ) -> Result<Written, Error> {
        held.lease.guard().check()?;
        fail::fail_point!("history::before_write");
        Ok(self.migrator.stores.history.write(change).await?)
    }

    pub(super) fn observe(&self, event: Event) {
        self.migrator.observer.observe(&event);
    }

    fn tell_started(&self, prepared: &Prepared<'_>) {
        self.observe(Event::Started {
            name: prepared.step.name.clone(),
            direction: prepared.step.direction,
            cause: prepared.step.cause,
            transaction: prepared.transaction,
            runtime: prepared.runtime.clone(),
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
        detail: Document,
    ) {
        let mut entry = self.migrator.audit_entry(event, &held.stamp.run_id, held.stamp.fence);
        entry.name = Some(step.name.clone());
        entry.direction = Some(step.direction.as_str());
        entry.duration_ms = duration.map(millis);
        entry.error = error.map(ToString::to_string);
        entry.detail = detail;
        self.migrator.stores.audit.append(entry, &self.migrator.identity).await;
    }
}
