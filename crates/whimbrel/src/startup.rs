//! Migrations when a server starts.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use whimbrel_core::error::causes_of;
use whimbrel_core::event::{Event, Observer};
use whimbrel_core::gate::{StopReason, StopSignal};
use whimbrel_core::lock::LockWait;
use whimbrel_core::plan::{FindingKind, Severity};
use whimbrel_core::readiness::StatusSource;
use whimbrel_core::report::RunReport;
use whimbrel_core::{ErrorClass, RunFailure};

use crate::migrator::Migrator;
use crate::options::RunOptions;

/// Longest silence of a holder before it counts as stuck: never less than its own time to live.
const SILENCE: Duration = Duration::from_secs(60);

/// How a server's migrations are run; write the fields you mean and `..StartupOptions::default()`.
#[derive(Clone, Debug)]
pub struct StartupOptions {
    /// Whether the process ends when migrations cannot be applied: the error goes to standard error, and the exit code
    /// is that of the command line (see [`ErrorClass::exit_code`](crate::ErrorClass::exit_code)). Where the start was
    /// told to stop, it does not: then the application is shutting down. By default `false`: the error is given back.
    pub exit_on_error: bool,
    /// How long to wait while another replica migrates. By default as long as it keeps renewing its lock: a migration
    /// may take hours.
    pub wait: LockWait,
    /// Limit for the whole start, the first query and waiting included. By default none.
    pub timeout: Option<Duration>,
    /// Stops it, as on SIGTERM: after the operation in flight it records how far it came, and gives the lock back.
    pub stop: StopSignal,
}

impl Default for StartupOptions {
    fn default() -> Self {
        Self {
            exit_on_error: false,
            wait: LockWait::WhileRenewed(SILENCE),
            timeout: None,
            stop: StopSignal::new(),
        }
    }
}

/// How a start went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StartupOutcome {
    /// Everything was applied already.
    UpToDate,
    /// This process applied what was due.
    Migrated,
    /// Another process was at it, and everything was applied when it was done.
    MigratedElsewhere,
}

/// What a start did.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct StartupReport {
    /// How it went.
    pub outcome: StartupOutcome,
    /// What was applied and skipped.
    pub run: RunReport,
    /// How long another process was waited for.
    pub waited: Option<Duration>,
    /// Applied migrations that came after all that this program has: it is older than the database.
    pub newer: Vec<String>,
    /// How long all of it took.
    pub duration: Duration,
}

/// Why a server's migrations could not be applied. As an error it reads as its cause.
#[derive(Debug)]
#[non_exhaustive]
pub struct StartupError {
    /// The error, and what was applied before it.
    pub failure: RunFailure,
    /// How long another process was waited for.
    pub waited: Option<Duration>,
}

impl fmt::Display for StartupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.failure.fmt(f)
    }
}

impl std::error::Error for StartupError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.failure.source()
    }
}

impl StartupError {
    /// A stable name for machines.
    pub fn code(&self) -> &'static str {
        self.failure.code()
    }

    /// The next steps for a person, one each.
    pub fn hints(&self) -> Vec<String> {
        self.failure.hints()
    }

    /// What a process ends with that cannot go on.
    pub fn exit_code(&self) -> u8 {
        self.failure.class().exit_code()
    }

    /// The error with its causes and the next steps, a line each, as the command line shows it.
    fn told(&self) -> String {
        let mut text = format!("error: {self}");
        for cause in causes_of(&self.failure.source) {
            text.push_str(&format!("\ncaused by: {cause}"));
        }
        for hint in self.hints() {
            text.push_str(&format!("\nhint: {hint}"));
        }
        text
    }
}

/// Applies migrations when a server starts, however many replicas of it start at the same moment.
///
/// One replica applies what is due; the others wait as long as it keeps renewing its lock, then compare files and
/// history again and start. With nothing to do it is one query. A replica that dies in the middle is replaced by another
/// one when its lease is over.
///
/// ```no_run
/// use whimbrel::{AutoMigrator, Migrator, StartupOptions};
///
/// # async fn example(database: whimbrel::mongodb::Database) -> Result<(), Box<dyn std::error::Error>> {
/// let migrator = Migrator::builder(database).directory("migrations/scripts").build()?;
/// let options = StartupOptions { exit_on_error: true, ..StartupOptions::default() };
/// AutoMigrator::new(migrator).run_on_startup(options).await?;
/// // Everything is applied: serve.
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct AutoMigrator {
    migrator: Migrator,
}

impl AutoMigrator {
    /// Runs the migrations of this migrator.
    pub fn new(migrator: Migrator) -> Self {
        Self { migrator }
    }

    /// The migrator.
    pub fn migrator(&self) -> &Migrator {
        &self.migrator
    }

    /// What a readiness endpoint asks: it is ready once [`AutoMigrator::run_on_startup`] ended well.
    pub fn status_source(&self) -> StatusSource {
        self.migrator.status_source()
    }

    /// Applies everything that is due, or waits for who does.
    ///
    /// # Errors
    /// [`StartupError`] when something could not be applied, or is to be settled by a person first. A replica that waited
    /// for one that failed tries what is left, as any later start would.
    ///
    /// # Cancel safety
    /// Dropping the future stops the run, see [`Migrator`], and readiness says so. After `exit_on_error` the process is gone.
    pub async fn run_on_startup(
        &self,
        options: StartupOptions,
    ) -> Result<StartupReport, StartupError> {
        let StartupOptions { exit_on_error, wait, timeout, stop } = options;
        let started = Instant::now();
        self.status_source().set_checking();
        let heard = Arc::new(Heard::default());
        let stop = stop.child();
        let limit = timeout.map(|limit| stop.stop_after(limit, StopReason::RunTimeout(limit)));
        let run = RunOptions { lock_wait: Some(wait), stop, ..RunOptions::default() };
        let hearing = self.migrator.hear(Arc::clone(&heard) as Arc<dyn Observer>);
        let ended = self.migrator.run_migrations(run).await;
        drop((hearing, limit));
        let heard = std::mem::take(&mut *heard.0.lock().unwrap_or_else(PoisonError::into_inner));
        match ended {
            Ok(run) => {
                let outcome = match (run.done.is_empty(), heard.waited) {
                    (false, _) => StartupOutcome::Migrated,
                    (true, Some(_)) => StartupOutcome::MigratedElsewhere,
                    (true, None) => StartupOutcome::UpToDate,
                };
                let (waited, newer) = (heard.waited, heard.newer);
                Ok(StartupReport { outcome, run, waited, newer, duration: started.elapsed() })
            }
            Err(failure) => {
                let error = StartupError { failure, waited: heard.waited };
                if exit_on_error && error.failure.class() != ErrorClass::Interrupted {
                    exit_with(&error);
                }
                Err(error)
            }
        }
    }
}

/// The one place where this library writes and ends the process, because it was asked to.
#[allow(clippy::exit, clippy::print_stderr, reason = "`exit_on_error` asks for it")]
fn exit_with(error: &StartupError) -> ! {
    eprintln!("{}", error.told());
    std::process::exit(i32::from(error.exit_code()))
}

/// What was heard of a start.
#[derive(Default)]
struct Heard(Mutex<HeardSoFar>);

#[derive(Default)]
struct HeardSoFar {
    waiting_since: Option<Instant>,
    waited: Option<Duration>,
    newer: Vec<String>,
}

impl Observer for Heard {
    fn observe(&self, event: &Event) {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::LockWaiting { .. } => {
                let since = *heard.waiting_since.get_or_insert_with(Instant::now);
                heard.waited = Some(since.elapsed());
            }
            Event::Found { finding } => {
                if let FindingKind::DatabaseNewer { names } = &finding.kind
                    && finding.severity < Severity::Refusal
                {
                    heard.newer.clone_from(names);
                }
            }
            _ => {}
        }
        // The wait goes on until anything else happens.
        if !matches!(event, Event::LockWaiting { .. })
            && let Some(since) = heard.waiting_since.take()
        {
            heard.waited = Some(since.elapsed());
        }
    }
}

impl fmt::Display for StartupOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UpToDate => "everything is applied",
            Self::Migrated => "migrated",
            Self::MigratedElsewhere => "migrated by another process",
        })
    }
}
