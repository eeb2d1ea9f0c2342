//! The migrator as applications have it.

use std::fmt;
use std::sync::Arc;

use tokio_util::task::TaskTracker;
use whimbrel_core::event::Observer;
use whimbrel_core::gate::{StopReason, StopSignal};
use whimbrel_core::migrator::{self as core, Decision, RepairReport, StatusReport, VerifyReport};
use whimbrel_core::plan::UpTarget;
use whimbrel_core::readiness::StatusSource;
use whimbrel_core::report::RunReport;
use whimbrel_core::{Error, RunFailure};

use crate::builder::MigratorBuilder;
use crate::observers::{Hearing, Observers};
use crate::options::{BaselineOptions, RollbackOptions, RunOptions};

/// Applies and rolls back migrations of one database, on the application's own connection pool.
///
/// Cheap to clone; clones share everything. Runs of one migrator are done one after another; those of several, in this
/// process or in others, are kept apart by the lock in the database.
///
/// ```no_run
/// use whimbrel::{Migrator, RunOptions};
///
/// # async fn example(database: whimbrel::mongodb::Database) -> Result<(), Box<dyn std::error::Error>> {
/// let migrator = Migrator::builder(database).directory("migrations/scripts").build()?;
/// let report = migrator.run_migrations(RunOptions::default()).await?;
/// println!("{} applied", report.done.len());
/// # Ok(())
/// # }
/// ```
///
/// # Cancel safety
/// A run goes on in a task of its own. When the future of [`Migrator::run_migrations`], [`Migrator::rollback`],
/// [`Migrator::baseline`] or [`Migrator::repair`] is dropped, the run is told to stop: after the operation in flight it
/// records how far it came and gives the lock back, in the background. [`Migrator::shutdown`] waits for that. The other
/// methods only read.
#[derive(Clone)]
pub struct Migrator {
    core: Arc<core::Migrator>,
    status: StatusSource,
    observers: Arc<Observers>,
    tasks: TaskTracker,
    shutdown: StopSignal,
}

impl Migrator {
    /// Begins with the database to migrate; everything else is set on the builder.
    pub fn builder(database: mongodb::Database) -> MigratorBuilder {
        MigratorBuilder::new(database)
    }

    pub(crate) fn new(
        core: core::Migrator,
        status: StatusSource,
        observers: Arc<Observers>,
    ) -> Self {
        let (tasks, shutdown) = (TaskTracker::new(), StopSignal::new());
        Self { core: Arc::new(core), status, observers, tasks, shutdown }
    }

    /// Tells this observer as well, until what is given back is dropped.
    pub(crate) fn hear(&self, observer: Arc<dyn Observer>) -> Hearing {
        self.observers.hear(observer)
    }

    /// Applies what is due. With nothing to do that is one query: no lock, no write.
    ///
    /// Where another process is migrating, it waits, and applies what is left then.
    ///
    /// # Errors
    /// [`RunFailure`], which also says what was applied before it. Nothing is run while anything is to be settled first
    /// or any migration cannot be loaded.
    ///
    /// # Cancel safety
    /// Dropping the future stops the run, see [`Migrator`].
    pub async fn run_migrations(&self, options: RunOptions) -> Result<RunReport, RunFailure> {
        let RunOptions { target, force, stop_on_error, lock_wait, stop } = options;
        let stop = self.stop(&stop);
        let options =
            core::RunOptions { continue_on_error: !stop_on_error, stop: stop.signal(), lock_wait };
        let core = Arc::clone(&self.core);
        let deciding = (target == UpTarget::All).then(|| self.observers.decide());
        let run = async move {
            let ended = core.up(target, force, options).await;
            if let Some(deciding) = deciding {
                deciding.ended(
                    ended.as_ref().err().map(|failure| (failure.code(), failure.to_string())),
                );
            }
            ended
        };
        self.spawned(run).await.unwrap_or_else(|stopped| Err(unrun(stopped)))
    }

    /// Rolls back, latest applied first.
    ///
    /// # Errors
    /// As [`Migrator::run_migrations`].
    ///
    /// # Cancel safety
    /// Dropping the future stops the run, see [`Migrator`].
    pub async fn rollback(&self, options: RollbackOptions) -> Result<RunReport, RunFailure> {
        let RollbackOptions { target, from, stop_on_error, lock_wait, stop } = options;
        let stop = self.stop(&stop);
        let options =
            core::RunOptions { continue_on_error: !stop_on_error, stop: stop.signal(), lock_wait };
        let core = Arc::clone(&self.core);
        let run = async move { core.down(target, from, options).await };
        self.spawned(run).await.unwrap_or_else(|stopped| Err(unrun(stopped)))
    }

    /// Where every migration stands, and who holds the lock. Reads only.
    ///
    /// # Errors
    /// When files, history or lock cannot be read.
    ///
    /// # Cancel safety
    /// Nothing is lost when the future is dropped.
    pub async fn migration_status(&self) -> Result<StatusReport, Error> {
        self.core.status().await
    }

    /// Whether files and history agree: checksums, order, names, and everything that a person must settle. Reads only.
    ///
    /// # Errors
    /// When files or history cannot be read; what does not agree is in the report.
    ///
    /// # Cancel safety
    /// Nothing is lost when the future is dropped.
    pub async fn verify(&self) -> Result<VerifyReport, Error> {
        self.core.verify().await
    }

    /// Marks migrations as applied without running them, for a database that has what they do.
    ///
    /// # Errors
    /// `BaselineOnHistory` when migrations were run already; otherwise as a run.
    ///
    /// # Cancel safety
    /// Dropping the future stops it, see [`Migrator`]; what was marked by then stays marked, and doing it again goes on.
    pub async fn baseline(&self, options: BaselineOptions) -> Result<RepairReport, Error> {
        let BaselineOptions { to, reason } = options;
        let stop = self.stop(&StopSignal::new());
        let (core, signal) = (Arc::clone(&self.core), stop.signal());
        let work = async move { core.baseline(to.as_deref(), reason.as_deref(), signal).await };
        self.spawned(work).await.unwrap_or_else(|stopped| Err(stopped.into()))
    }

    /// Settles by hand what a person decided: all of it, or, where one decision does not fit, nothing. `reason` is kept
    /// in the audit trail.
    ///
    /// # Errors
    /// `Repair` when a decision does not fit what the history says; otherwise as a run.
    ///
    /// # Cancel safety
    /// Dropping the future stops it, see [`Migrator`].
    pub async fn repair(
        &self,
        decisions: Vec<Decision>,
        reason: Option<&str>,
    ) -> Result<RepairReport, Error> {
        let stop = self.stop(&StopSignal::new());
        let (core, signal) = (Arc::clone(&self.core), stop.signal());
        let reason = reason.map(str::to_owned);
        let work = async move { core.repair(&decisions, reason.as_deref(), signal).await };
        self.spawned(work).await.unwrap_or_else(|stopped| Err(stopped.into()))
    }

    /// Where this migrator's runs stand at this moment, for a readiness endpoint: ready once everything that was due has
    /// been applied, and then for good.
    pub fn status_source(&self) -> StatusSource {
        self.status.clone()
    }

    /// Stops what is running and waits until it has recorded how far it came and given the lock back. Later calls of
    /// this migrator and its clones are stopped at once.
    ///
    /// To be called before the async runtime ends: a run that is cut off with it is as after a crash, and others wait
    /// until its lease is over. To be called before a [`Client::shutdown`](mongodb::Client::shutdown) of the application as
    /// well, which would end the connections under it.
    ///
    /// # Cancel safety
    /// Dropping the future ends only the waiting.
    pub async fn shutdown(&self) {
        self.shutdown.stop(StopReason::Cancelled);
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// The engine below, for the command line.
    #[doc(hidden)]
    pub fn engine(&self) -> &core::Migrator {
        &self.core
    }

    /// A signal that is given when the caller, a dropped future or a shutdown gives it.
    fn stop(&self, callers: &StopSignal) -> StopOnDrop {
        let own = callers.child();
        let (given, shutdown) = (own.clone(), self.shutdown.clone());
        let watch = tokio::spawn(async move { given.stop(shutdown.stopped().await) });
        StopOnDrop { own, watch }
    }

    /// Runs it in a task, so that it comes to its end whatever becomes of the caller.
    async fn spawned<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, StopReason> {
        // Whoever waits for the end of everything waits for this too, from before it looks whether it may begin.
        let _token = self.tasks.token();
        if let Some(reason) = self.shutdown.reason() {
            return Err(reason);
        }
        let work = tracing::Instrument::in_current_span(work);
        match self.tasks.spawn(work).await {
            Ok(result) => Ok(result),
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                // The async runtime is ending.
                Err(_) => Err(StopReason::Cancelled),
            },
        }
    }
}

impl fmt::Debug for Migrator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Migrator").finish_non_exhaustive()
    }
}

/// Stops a run when the future that waits for it goes away; one that ended is not hurt by it.
struct StopOnDrop {
    own: StopSignal,
    watch: tokio::task::JoinHandle<()>,
}

impl StopOnDrop {
    fn signal(&self) -> StopSignal {
        self.own.clone()
    }
}

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.own.stop(StopReason::Cancelled);
        self.watch.abort();
    }
}

fn unrun(reason: StopReason) -> RunFailure {
    RunFailure { report: RunReport::default(), source: reason.into() }
}
