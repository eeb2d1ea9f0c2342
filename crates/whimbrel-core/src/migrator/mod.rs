//! The migrator: the one run loop and the read-only questions.
//!
//! [`run`] is the loop, [`step`] executes one migration, [`rows`] builds the history rows it writes,
//! [`status`] answers where everything stands. Every way to run migrations goes through here; they
//! differ only in the observer they pass.

mod rows;
mod run;
mod scribe;
mod status;
mod step;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mongodb::bson::Document;
pub use status::{MigrationStatus, StatusReport};
use uuid::Uuid;

use crate::audit::AuditEntry;
use crate::body::BodyLoader;
use crate::clock::{Clock, SystemClock};
use crate::error::{Error, RunFailure};
use crate::event::{Observer, Silent};
use crate::gate::StopSignal;
use crate::history::{AppliedBy, Row};
use crate::lock::{LockRequest, LockSettings, acquire};
use crate::plan::{
    DownTarget, Force, Plan, PlanInput, PlannedFile, Policy, Request, RollbackFrom, UpTarget, plan,
};
use crate::report::{RunKind, RunReport};
use crate::source::{Listing, Source};
use crate::stores::Stores;

/// The settings of every run.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// How the lock is taken and kept.
    pub lock: LockSettings,
    /// What to do with what the plan finds.
    pub policy: Policy,
    /// Whether bodies that do not say run in a transaction. By default `false`.
    pub transaction: bool,
    /// Limit for each migration. By default none.
    pub timeout: Option<Duration>,
    /// Limit for a whole run, from the moment it has the lock. By default none.
    pub run_timeout: Option<Duration>,
    /// How long a stopped run waits for the operation in flight before it gives up on it. By
    /// default 10 s.
    pub grace: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            lock: LockSettings::default(),
            policy: Policy::default(),
            transaction: false,
            timeout: None,
            run_timeout: None,
            grace: Duration::from_secs(10),
        }
    }
}

/// How one run is done.
#[derive(Clone, Debug, Default)]
pub struct RunOptions {
    /// Go on with the rest after a migration failed. By default a run stops at the first failure.
    pub continue_on_error: bool,
    /// Stops the run.
    pub stop: StopSignal,
}

/// Applies and rolls back migrations.
pub struct Migrator {
    source: Arc<dyn Source>,
    loader: Arc<dyn BodyLoader>,
    stores: Stores,
    settings: Settings,
    observer: Arc<dyn Observer>,
    clock: Arc<dyn Clock>,
    identity: AppliedBy,
}

/// Files and history as they were read, and what a request means for them.
struct Reading {
    listing: Listing,
    rows: Vec<Row>,
    plan: Plan,
}

impl Migrator {
    /// A migrator that tells nobody, with default settings.
    pub fn new(source: Arc<dyn Source>, loader: Arc<dyn BodyLoader>, stores: Stores) -> Self {
        Self {
            source,
            loader,
            stores,
            settings: Settings::default(),
            observer: Arc::new(Silent),
            clock: Arc::new(SystemClock),
            identity: AppliedBy::default(),
        }
    }

    /// Replaces the settings.
    #[must_use]
    pub fn with_settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// Tells this observer. By default nobody.
    #[must_use]
    pub fn with_observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.observer = observer;
        self
    }

    /// Sets who we are, for history, lock and audit trail.
    #[must_use]
    pub fn with_identity(mut self, identity: AppliedBy) -> Self {
        self.identity = identity;
        self
    }

    /// Replaces the clock that deadlines are kept on. By default [`SystemClock`].
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Applies what is due.
    ///
    /// With nothing to do it reads files and history and returns: no lock, no write.
    ///
    /// # Errors
    /// [`RunFailure`], which also says what was applied before.
    ///
    /// # Cancel safety
    /// Not cancel safe: stop it with `options.stop`, so that it can record and release.
    pub async fn up(
        &self,
        target: UpTarget,
        force: Force,
        options: RunOptions,
    ) -> Result<RunReport, RunFailure> {
        run::run(self, RunKind::Up, Request::Up { target, force }, options).await
    }

    /// Rolls back, latest applied first.
    ///
    /// # Errors
    /// [`RunFailure`], which also says what was rolled back before.
    ///
    /// # Cancel safety
    /// As [`Migrator::up`].
    pub async fn down(
        &self,
        target: DownTarget,
        from: RollbackFrom,
        options: RunOptions,
    ) -> Result<RunReport, RunFailure> {
        run::run(self, RunKind::Down, Request::Down { target, from }, options).await
    }

    /// What a request would do. Reads only.
    ///
    /// # Errors
    /// When files or history cannot be read, or the request names what is not there.
    pub async fn plan(&self, request: &Request) -> Result<Plan, Error> {
        Ok(self.read(request).await?.plan)
    }

    /// Where everything stands. Reads only.
    ///
    /// # Errors
    /// When files, history or lock cannot be read.
    pub async fn status(&self) -> Result<StatusReport, Error> {
        status::status(self).await
    }

    /// Clears the migration history, under the lock, and gives the number of rows it had. What the
    /// migrations did stays; the next `up` runs all of them again. The audit trail and the lock's
    /// fence stay.
    ///
    /// # Errors
    /// When the history is not ours, or the lock cannot be had.
    pub async fn reset(&self, stop: StopSignal) -> Result<u64, Error> {
        // Another tool's collection is refused before anything is touched; damaged rows of ours are a reason
        // to reset, not one against it.
        let ours = |read: Result<Vec<Row>, crate::history::HistoryError>| match read {
            Ok(_) | Err(crate::history::HistoryError::Malformed { .. }) => Ok(()),
            Err(error) => Err(error),
        };
        ours(self.stores.history.read().await)?;
        let lease = self.acquire("reset", false, stop).await?;
        let result: Result<u64, Error> = match ours(self.stores.history.read().await) {
            Err(error) => Err(error.into()),
            Ok(()) => match lease.guard().check() {
                Ok(()) => self.stores.history.clear().await.map_err(Error::from),
                Err(reason) => Err(reason.into()),
            },
        };
        let mut entry = self.audit_entry("reset", &Uuid::new_v4().to_string(), lease.fence());
        match &result {
            Ok(rows) => {
                entry.detail.insert("rows", i64::try_from(*rows).unwrap_or(i64::MAX));
            }
            Err(error) => entry.error = Some(error.to_string()),
        }
        self.stores.audit.append(entry, &self.identity).await;
        lease.release().await;
        result
    }

    async fn read(&self, request: &Request) -> Result<Reading, Error> {
        let listing = self.source.list().await?;
        let rows = self.stores.history.read().await?;
        let mut imports = HashMap::new();
        for import in rows.iter().flat_map(|row| &row.imports) {
            if !imports.contains_key(&import.path) {
                let now = self.source.import_checksum(&import.path).await?;
                imports.insert(import.path.clone(), now);
            }
        }
        let files: Vec<PlannedFile> = listing
            .migrations
            .iter()
            .map(|migration| PlannedFile {
                id: migration.id.clone(),
                description: migration.description.clone(),
                checksum: migration.checksum.clone(),
            })
            .collect();
        let policy = self.settings.policy;
        let input = PlanInput { files: &files, rows: &rows, imports: &imports, policy };
        let plan = plan(input, request)?;
        Ok(Reading { listing, rows, plan })
    }

    async fn acquire(
        &self,
        command: &str,
        transactional: bool,
        stop: StopSignal,
    ) -> Result<crate::lock::Lease, Error> {
        let session =
            if transactional { self.stores.transactions.session_id().await } else { None };
        let request = LockRequest {
            command: format!("{command} (host {}, pid {})", self.identity.host, self.identity.pid),
            session,
            stop,
        };
        let took_over = Mutex::new(None);
        let tell = |what: crate::lock::Acquired<'_>| {
            let event = match what {
                crate::lock::Acquired::Waiting { holder, waited } => {
                    crate::event::Event::LockWaiting { holder: holder.clone(), waited }
                }
                crate::lock::Acquired::TookOver { from } => {
                    *took_over.lock().unwrap_or_else(PoisonError::into_inner) =
                        Some(from.to_document());
                    crate::event::Event::LockTakenOver { from: from.clone() }
                }
            };
            self.observer.observe(&event);
        };
        let lock = self.settings.lock;
        let lease = acquire(&self.stores.lock, &self.clock, lock, &request, &tell).await?;
        let from = took_over.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(from) = from {
            let mut entry = self.audit_entry("lock_taken_over", "", lease.fence());
            entry.detail = from;
            self.stores.audit.append(entry, &self.identity).await;
        }
        Ok(lease)
    }

    fn audit_entry(&self, event: &'static str, run_id: &str, fence: i64) -> AuditEntry {
        AuditEntry {
            event,
            run_id: run_id.to_owned(),
            fence,
            name: None,
            direction: None,
            duration_ms: None,
            error: None,
            detail: Document::new(),
        }
    }
}
