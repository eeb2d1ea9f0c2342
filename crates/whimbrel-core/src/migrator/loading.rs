//! Loading the bodies of a plan's steps: what each offers, before anything runs, and the one that runs.

use std::sync::Arc;
use std::time::Duration;

use super::run::{Run, is_migrations_own, names};
use super::step::Prepared;
use super::{Migrator, Reading, RunOptions};
use crate::body::{Body, BodyError, BodyFacts, Direction, ForeignRuntime};
use crate::error::Error;
use crate::file_name::MigrationId;
use crate::gate::{Gate, StopReason, StopSignal, StopTimer};
use crate::plan::{Request, Step, StepSource};
use crate::report::RunKind;
use crate::source::{Listing, SourceBundle};

/// How long loading one file may take.
pub(super) const LOADING: Duration = Duration::from_secs(30);

/// What is known of a step whose body was only looked at.
#[derive(Default)]
pub(super) struct Looked {
    pub(super) transaction: bool,
    pub(super) runtime: Option<ForeignRuntime>,
}

/// Loads the bodies of all steps, as a run would before it takes the lock; gives what is known of each, and what
/// is worth a warning.
pub(super) async fn load_all(
    migrator: &Migrator,
    reading: &Reading,
) -> (Vec<Result<Looked, Error>>, Vec<String>) {
    // Only the steps are looked at; what the run is asked for does not matter.
    let mut run = Run::new(migrator, RunKind::Up, Request::Status, &RunOptions::default());
    let (mut loaded, mut warnings) = (Vec::new(), Vec::new());
    let _alone = migrator.at_work.lock().await;
    for step in &reading.plan.steps {
        let prepared = run.prepare(step, &reading.listing, (0, 0)).await;
        loaded.push(prepared.map(|prepared| {
            let told = prepared.warnings.iter().map(|text| format!("{}: {text}", step.name));
            warnings.extend(told);
            Looked { transaction: prepared.transaction, runtime: prepared.runtime }
        }));
    }
    warnings.extend(migrator.loader.release().await);
    (loaded, warnings)
}

impl Run<'_> {
    /// Inspects the bodies of all steps and says whether any may want a transaction.
    ///
    /// Stops at the first that cannot be loaded, unless the run goes on after errors; then that one
    /// fails in its turn.
    pub(super) async fn inspect_all(&mut self, reading: &Reading) -> Result<bool, Error> {
        let mut transactional = self.migrator.settings.transaction;
        let mut no_rollback = Vec::new();
        for (index, step) in reading.plan.steps.iter().enumerate() {
            match self.prepare(step, &reading.listing, (0, 0)).await {
                Ok(prepared) => transactional |= prepared.transaction,
                Err(Error::NoRollback { names }) => no_rollback.extend(names),
                Err(error) if self.continue_on_error && is_migrations_own(&error) => {}
                Err(error) => {
                    self.note_failure(step, &error);
                    self.report.not_started = names(&reading.plan.steps)
                        .into_iter()
                        .enumerate()
                        .filter_map(|(at, name)| (at != index).then_some(name))
                        .collect();
                    self.tell_not_loaded(step, &error);
                    return Err(error);
                }
            }
        }
        if !no_rollback.is_empty() {
            self.report.not_started = names(&reading.plan.steps);
            return Err(Error::NoRollback { names: no_rollback });
        }
        Ok(transactional)
    }

    /// Finds the body of a step and what it offers.
    pub(super) async fn prepare<'s>(
        &mut self,
        step: &'s Step,
        listing: &Listing,
        place: (usize, usize),
    ) -> Result<Prepared<'s>, Error> {
        let migration =
            listing.migrations.iter().find(|migration| migration.id.name() == step.name).cloned();
        let (body, key) = match (step.source, &migration) {
            (StepSource::File, Some(migration)) => {
                (Arc::clone(&migration.body), migration.checksum.to_string())
            }
            _ => (self.stored_body(step).await?, "history".to_owned()),
        };
        let facts = self.facts(step, &body, key).await?;
        let no_up = || {
            let is_commands =
                MigrationId::parse(&step.name).is_ok_and(|id| id.form().is_commands());
            let (message, hint) = match is_commands {
                true => ("the file has no `up`", "add it: \"up\": [commands]"),
                false => (
                    "the file exports no function up",
                    "export it: `export default async function up(db) { … }`",
                ),
            };
            Error::Migration {
                name: step.name.clone(),
                direction: step.direction,
                executed: false,
                source: Box::new(BodyError::Load {
                    message: message.to_owned(),
                    hint: Some(hint.to_owned()),
                }),
            }
        };
        match step.direction {
            Direction::Up if !facts.has_up => return Err(no_up()),
            Direction::Rollback if !facts.has_rollback => {
                return Err(Error::NoRollback { names: vec![step.name.clone()] });
            }
            _ => {}
        }
        let transaction = facts.transaction.unwrap_or(self.migrator.settings.transaction);
        let BodyFacts { runtime, warnings, .. } = facts;
        Ok(Prepared { step, migration, body, transaction, runtime, warnings, place })
    }

    async fn facts(
        &mut self,
        step: &Step,
        body: &Arc<dyn Body>,
        key: String,
    ) -> Result<BodyFacts, Error> {
        let key = (step.name.clone(), key);
        if let Some(facts) = self.inspected.get(&key) {
            return Ok(facts.clone());
        }
        let facts = self.inspect(body).await.map_err(|source| Error::Migration {
            name: step.name.clone(),
            direction: step.direction,
            executed: false,
            source: Box::new(source),
        })?;
        self.inspected.insert(key, facts.clone());
        Ok(facts)
    }

    /// Loads a body within a limit: a file may wait or loop at its top level.
    async fn inspect(&self, body: &Arc<dyn Body>) -> Result<BodyFacts, BodyError> {
        let limit = self.migrator.settings.timeout.unwrap_or(LOADING).min(LOADING);
        let loading = Loading::start(&self.stop, limit);
        let inspected = body.inspect(Gate::new(loading.stop(), None)).await;
        match (inspected, loading.stop().reason()) {
            // Whatever an interrupted engine makes of it.
            (Err(BodyError::Load { .. }), Some(reason)) => {
                Err(BodyError::Stopped { reason, unknown: Vec::new() })
            }
            (inspected, _) => inspected,
        }
    }

    /// The body kept in the history, if it is what the history says it is.
    async fn stored_body(&self, step: &Step) -> Result<Arc<dyn Body>, Error> {
        let name = || step.name.clone();
        let row = step.row.as_ref().ok_or_else(|| Error::NoStoredSource { name: name() })?;
        let packed = self
            .migrator
            .stores
            .history
            .read_source(&step.name)
            .await?
            .ok_or_else(|| Error::NoStoredSource { name: name() })?;
        let unusable = |source| Error::StoredSource { name: name(), source };
        let bundle = SourceBundle::unpack(&packed).map_err(unusable)?;
        let import = |path: &str| row.imports.iter().find(|i| i.path == path).map(|i| &i.checksum);
        bundle.verify(&row.checksum, import).map_err(unusable)?;
        let id =
            MigrationId::parse(&row.name).map_err(|_| Error::NoStoredSource { name: name() })?;
        Ok(self.migrator.loader.stored_body(&id, bundle))
    }
}

/// Stops the loading of a file that takes too long.
pub(super) struct Loading {
    stop: StopSignal,
    _timer: StopTimer,
}

impl Loading {
    pub(super) fn start(parent: &StopSignal, limit: Duration) -> Self {
        let stop = parent.child();
        let timer = stop.stop_after(limit, StopReason::LoadTimeout(limit));
        Self { stop, _timer: timer }
    }

    pub(super) fn stop(&self) -> StopSignal {
        self.stop.clone()
    }
}
