//! The migrator: the one run loop and the read-only questions.
//!
//! [`run`] is the loop, [`step`] takes one migration through it, [`execution`] runs its body, [`rows`] builds the
//! history rows that are written, [`loading`] looks at what bodies offer, [`scribe`] takes down what a body says and sends. [`status`] answers where
//! everything stands and what a run would do, [`known`] what an execution that was cut off had done, [`repair`]
//! settles what a person decided. Every way to run migrations goes through here; they differ only in the observer
//! they pass.

mod execution;
mod known;
mod loading;
mod repair;
mod rows;
mod run;
mod scribe;
mod status;
mod step;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

pub use known::KnownWork;
use mongodb::bson::doc;
pub use repair::{Decision, Remedy, RepairReport, Repaired};
pub use status::{
    DryProblem, DryRun, DryStep, LockReport, MigrationStatus, StatusReport, VerifyReport,
};
use tracing::Instrument;
use uuid::Uuid;

use crate::audit::{AuditEntry, AuditQuery, AuditRecord};
use crate::body::BodyLoader;
use crate::checksum::Checksum;
use crate::clock::{Clock, SystemClock};
use crate::error::{Error, RunFailure};
use crate::event::{Event, Observer, Silent};
use crate::gate::{StopReason, StopSignal};
use crate::history::{AppliedBy, Row, Status};
use crate::lock::{
    Acquired, LockError, LockRequest, LockSettings, LockWait, StillNeeded, Takeover,
    acquire_if_needed,
};
use crate::operations::FilterValues;
use crate::plan::{
    DownTarget, Force, Plan, PlanError, PlanInput, PlannedFile, Policy, Request, RollbackFrom,
    UpTarget, find, plan,
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
    /// What the audit trail keeps.
    pub log: LogSettings,
    /// Paths relative to the project folder, with `/`: a change in imported files at or below them does not make an
    /// applied migration count as modified. By default none.
    pub ignored_imports: Vec<String>,
}

impl Settings {
    fn ignores(&self, import: &str) -> bool {
        self.ignored_imports.iter().any(|path| {
            path.is_empty()
                || import
                    .strip_prefix(path.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }
}

/// What the audit trail keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogSettings {
    /// How long events are kept. By default for ever.
    pub retention: Option<Duration>,
    /// Whether the filters of operations are recorded with their values. By default only their shapes are.
    pub filter_values: FilterValues,
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
            log: LogSettings::default(),
            ignored_imports: Vec::new(),
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
    /// How long to wait for the lock. By default as the settings say.
    pub lock_wait: Option<LockWait>,
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
    /// Held by what runs or loads bodies: session and runtimes are one per migrator.
    at_work: tokio::sync::Mutex<()>,
}

/// A lock, and what for.
struct Wanted<'a> {
    lock: LockSettings,
    command: &'a str,
    run_id: &'a str,
    transactional: bool,
    takeover: Takeover,
    stop: StopSignal,
}

/// Files and history as they were read, and what a request means for them.
struct Reading {
    listing: Listing,
    rows: Vec<Row>,
    /// Present checksums of the files that rows record as imports.
    imports: HashMap<String, Option<Checksum>>,
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
            at_work: tokio::sync::Mutex::default(),
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

    /// Rolls back, latest applied first, and applies the same again, under one lock.
    ///
    /// Nothing is rolled back that could not be applied again: a missing file or a refusal of `up` ends it before.
    ///
    /// # Errors
    /// [`RunFailure`], which also says what was done before.
    ///
    /// # Cancel safety
    /// As [`Migrator::up`].
    pub async fn redo(
        &self,
        target: DownTarget,
        from: RollbackFrom,
        options: RunOptions,
    ) -> Result<RunReport, RunFailure> {
        run::run(self, RunKind::Redo, Request::Down { target, from }, options).await
    }

    /// What a request would do, with its bodies loaded but not run. Reads only.
    ///
    /// # Errors
    /// When files or history cannot be read, or the request names what is not there. What would be refused, and
    /// what cannot be loaded, is in the answer.
    pub async fn dry_run(&self, request: &Request) -> Result<DryRun, Error> {
        status::dry_run(self, request).await
    }

    /// Whether files and history agree: checksums, order, names, and everything that a person must settle. Reads
    /// only.
    ///
    /// # Errors
    /// When files or history cannot be read.
    pub async fn verify(&self) -> Result<VerifyReport, Error> {
        status::verify(self).await
    }

    /// Who holds the lock, and what is running under it. Reads only.
    ///
    /// # Errors
    /// When lock or history cannot be read.
    pub async fn lock(&self) -> Result<LockReport, Error> {
        status::lock(self).await
    }

    /// Takes the lock away from its holder and releases it. A dead holder's is taken as every run would; with
    /// [`Takeover::Forced`] also one that is alive, which is then given time to notice before the lock is free.
    ///
    /// # Errors
    /// `Held` when the holder is alive and this is not forced.
    pub async fn release_lock(
        &self,
        takeover: Takeover,
        reason: Option<&str>,
        stop: StopSignal,
    ) -> Result<LockReport, Error> {
        let before = self.lock().await?;
        if before.document.as_ref().is_none_or(|document| document.owner.is_none()) {
            return Ok(before);
        }
        let run_id = Uuid::new_v4().to_string();
        let mut settings = self.settings.lock;
        settings.wait = LockWait::For(Duration::ZERO);
        let mut entry = self.audit_entry("lock_forced", &run_id, before.fence());
        entry.detail = doc! {
            "reason": reason,
            "wasAlive": before.alive,
            "from": before.document.as_ref().map(crate::lock::LockDocument::to_document),
        };
        // Somebody alive loses the lock the moment it is taken, so that is written down before.
        let forced = before.alive && takeover == Takeover::Forced;
        if forced {
            self.stores.audit.append(entry.clone(), &self.identity).await;
        }
        let lease =
            self.acquire_with(settings, "lock --release", &run_id, false, takeover, stop).await?;
        if !forced {
            self.stores.audit.append(entry, &self.identity).await;
        }
        let rows = self.stores.history.read().await.unwrap_or_default();
        self.end_commands_of_the_dead(&rows).await;
        self.release(&lease, &run_id).await;
        Ok(before)
    }

    /// Events of the audit trail, oldest first. Reads only.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn trail(&self, query: &AuditQuery) -> Result<Vec<AuditRecord>, Error> {
        Ok(self.stores.audit.read(query).await?)
    }

    /// The names of the migrations that these texts mean: names, stems or versions. Reads only.
    ///
    /// # Errors
    /// When a text means none, or several.
    pub async fn names_of(&self, texts: &[String]) -> Result<Vec<String>, Error> {
        let entries = self.read(&Request::Status).await?.plan.entries;
        let name = |text: &String| Ok(find(&entries, text)?.name().to_owned());
        texts.iter().map(name).collect()
    }

    /// As [`Self::names_of`]; a text that means no migration of today is taken as it is, because the trail also
    /// knows those of the past.
    ///
    /// # Errors
    /// When files or history cannot be read, or a text means several.
    pub async fn names_in_trail(&self, texts: &[String]) -> Result<Vec<String>, Error> {
        let entries = self.read(&Request::Status).await?.plan.entries;
        let name = |text: &String| match find(&entries, text) {
            Ok(entry) => Ok(entry.name().to_owned()),
            Err(PlanError::Unknown { .. }) => Ok(text.clone()),
            Err(error) => Err(error),
        };
        let mut names: Vec<String> = texts.iter().map(name).collect::<Result<_, _>>()?;
        // What was renamed is in the trail under its old names too.
        let repairs =
            AuditQuery { events: Some(vec!["repair".to_owned()]), ..AuditQuery::default() };
        let repairs = self.stores.audit.read(&repairs).await?;
        for repair in repairs.iter().rev() {
            let new = repair.detail.get_str("to").unwrap_or_default();
            if let Some(old) = repair.name.as_ref().filter(|_| names.iter().any(|n| n == new)) {
                names.push(old.clone());
            }
        }
        Ok(names)
    }

    /// What executions had sent that were cut off or failed, by the names of their migrations. Reads only.
    ///
    /// # Errors
    /// When history or trail cannot be read.
    pub async fn known_work(&self, names: &[String]) -> Result<Vec<KnownWork>, Error> {
        let rows = self.stores.history.read().await?;
        let wanted = rows.iter().filter(|row| names.contains(&row.name));
        Ok(known::of_rows(&*self.stores.audit, wanted).await?)
    }

    /// Settles by hand what a person decided: all of it, or, where one decision does not fit, nothing.
    ///
    /// # Errors
    /// `Repair` when a decision does not fit what the history says; otherwise as a run.
    pub async fn repair(
        &self,
        decisions: &[Decision],
        reason: Option<&str>,
        stop: StopSignal,
    ) -> Result<RepairReport, Error> {
        repair::repair(self, decisions, reason, stop).await
    }

    /// Marks migrations as applied without running them, for a database that has what they do: all, or those up to
    /// and including `last`. One that was cut off half way is finished by doing it again.
    ///
    /// # Errors
    /// `BaselineOnHistory` when migrations were run already.
    pub async fn baseline(
        &self,
        last: Option<&str>,
        reason: Option<&str>,
        stop: StopSignal,
    ) -> Result<RepairReport, Error> {
        repair::baseline(self, last, reason, stop).await
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
        let run_id = Uuid::new_v4().to_string();
        let lease = self.acquire("reset", &run_id, false, Takeover::WhenDead, stop).await?;
        let rows = self.stores.history.read().await;
        if let Ok(rows) = &rows {
            self.end_commands_of_the_dead(rows).await;
        }
        let result: Result<u64, Error> = match ours(rows) {
            Err(error) => Err(error.into()),
            Ok(()) => match lease.guard().check() {
                Ok(()) => self.stores.history.clear().await.map_err(Error::from),
                Err(reason) => Err(reason.into()),
            },
        };
        let mut entry = self.audit_entry("reset", &run_id, lease.fence());
        match &result {
            Ok(rows) => {
                entry.detail.insert("rows", i64::try_from(*rows).unwrap_or(i64::MAX));
            }
            Err(error) => entry.error = Some(error.to_string()),
        }
        self.stores.audit.append(entry, &self.identity).await;
        self.release(&lease, &run_id).await;
        result
    }

    /// Waits until nothing else is run or loaded here, as long as for the lock of another process. What is left of the
    /// wait comes back.
    async fn at_work(
        &self,
        stop: &StopSignal,
        wait: LockWait,
    ) -> Result<(tokio::sync::MutexGuard<'_, ()>, LockWait), LockError> {
        if let Ok(guard) = self.at_work.try_lock() {
            return Ok((guard, wait));
        }
        let started = self.clock.now();
        let waited = || self.clock.now().saturating_sub(started);
        let patience = async {
            match wait {
                LockWait::For(limit) => tokio::time::sleep(limit).await,
                LockWait::WhileRenewed(_) => std::future::pending().await,
            }
        };
        tokio::select! {
            guard = self.at_work.lock() => {
                let left = match wait {
                    LockWait::For(limit) => LockWait::For(limit.saturating_sub(waited())),
                    renewed => renewed,
                };
                Ok((guard, left))
            }
            reason = stop.stopped() => Err(reason.into()),
            () = patience => Err(LockError::HeldHere { waited: waited() }),
        }
    }

    async fn read(&self, request: &Request) -> Result<Reading, Error> {
        let listing = self.source.list().await?;
        let rows = self.stores.history.read().await?;
        self.compare(listing, rows, request).await
    }

    /// As [`Self::read`], with no more of the history than a plan depends on: no row of it may be written again.
    async fn read_for_plan(&self, request: &Request, stop: &StopSignal) -> Result<Reading, Error> {
        let listing = self.source.list().await?;
        // In a task of its own: a run that is told to stop does not wait for a server that does not answer.
        let history = Arc::clone(&self.stores.history);
        let reading = tokio::spawn(async move { history.read_for_plan().await }.in_current_span());
        let rows = tokio::select! {
            read = reading => match read.map_err(tokio::task::JoinError::try_into_panic) {
                Ok(rows) => rows?,
                Err(Ok(panic)) => std::panic::resume_unwind(panic),
                Err(Err(_)) => return Err(StopReason::Cancelled.into()),
            },
            reason = stop.stopped() => return Err(reason.into()),
        };
        self.compare(listing, rows, request).await
    }

    async fn compare(
        &self,
        listing: Listing,
        rows: Vec<Row>,
        request: &Request,
    ) -> Result<Reading, Error> {
        let mut imports = HashMap::new();
        for import in rows.iter().flat_map(|row| &row.imports) {
            // What is not in the map is not compared.
            if !imports.contains_key(&import.path) && !self.settings.ignores(&import.path) {
                let now = self.source.import_checksum(&import.path).await?;
                imports.insert(import.path.clone(), now);
            }
        }
        let plan = self.plan_of(&listing, &rows, &imports, request)?;
        Ok(Reading { listing, rows, imports, plan })
    }

    /// An empty history where the audit trail knows of applied migrations has been lost, unless it was reset: running
    /// everything again would not be what anybody wants.
    async fn notice_emptied(&self, reading: &Reading) -> Result<(), Error> {
        if !reading.rows.is_empty() || reading.listing.migrations.is_empty() {
            return Ok(());
        }
        let events =
            ["migration_completed", "migration_rolled_back", "baseline", "repair", "reset"];
        let query = AuditQuery {
            events: Some(events.map(str::to_owned).to_vec()),
            ..AuditQuery::default()
        };
        let applied = known::applied(self.stores.audit.read(&query).await?);
        // Somebody may have begun while this was read.
        if applied.is_empty() || !self.stores.history.read().await?.is_empty() {
            return Ok(());
        }
        let files = reading.listing.migrations.iter().map(|migration| migration.id.name());
        let names: Vec<&str> = files.filter(|name| applied.contains(*name)).collect();
        let whole = reading.listing.migrations.iter().zip(&names);
        Err(Error::HistoryEmptied {
            is_prefix: whole.take(names.len()).all(|(file, name)| file.id.name() == *name),
            count: applied.len(),
            names: names.into_iter().map(str::to_owned).collect(),
        })
    }

    /// What a request would mean if the history had these rows.
    fn plan_of(
        &self,
        listing: &Listing,
        rows: &[Row],
        imports: &HashMap<String, Option<Checksum>>,
        request: &Request,
    ) -> Result<Plan, PlanError> {
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
        plan(PlanInput { files: &files, rows, imports, policy }, request)
    }

    /// Rows that are `running` while we have the lock belong to runs without one: what they still have at work on
    /// the server must not go on beside us.
    async fn end_commands_of_the_dead(&self, rows: &[Row]) {
        let running = rows.iter().filter(|row| row.status == Status::Running);
        let runs: Vec<String> = running.map(|row| row.run_id.clone()).collect();
        if !runs.is_empty() {
            self.stores.lock.end_commands(&runs).await;
        }
    }

    async fn acquire(
        &self,
        command: &str,
        run_id: &str,
        transactional: bool,
        takeover: Takeover,
        stop: StopSignal,
    ) -> Result<crate::lock::Lease, Error> {
        self.acquire_with(self.settings.lock, command, run_id, transactional, takeover, stop).await
    }

    async fn acquire_with(
        &self,
        lock: LockSettings,
        command: &str,
        run_id: &str,
        transactional: bool,
        takeover: Takeover,
        stop: StopSignal,
    ) -> Result<crate::lock::Lease, Error> {
        let wanted = Wanted { lock, command, run_id, transactional, takeover, stop };
        let lease = self.acquire_if_needed(wanted, None).await?;
        lease.ok_or(Error::Stopped(StopReason::Cancelled))
    }

    /// `None` where the lock became free after a wait and is not needed any more.
    async fn acquire_if_needed(
        &self,
        wanted: Wanted<'_>,
        needed: Option<&StillNeeded<'_>>,
    ) -> Result<Option<crate::lock::Lease>, Error> {
        let Wanted { lock, command, run_id, transactional, takeover, stop } = wanted;
        let session =
            if transactional { self.stores.transactions.session_id().await } else { None };
        let request = LockRequest {
            command: format!("{command} (host {}, pid {})", self.identity.host, self.identity.pid),
            session,
            takeover,
            stop,
        };
        let took_over = Mutex::new(None);
        let tell = |what: Acquired<'_>| {
            let event = match what {
                Acquired::Outlasting { wait } => Event::LockOutlasting { wait },
                Acquired::Waiting { holder, waited } => {
                    Event::LockWaiting { holder: holder.clone(), waited }
                }
                Acquired::TookOver { from, alive } => {
                    *took_over.lock().unwrap_or_else(PoisonError::into_inner) =
                        Some(from.to_document());
                    Event::LockTakenOver { from: from.clone(), alive }
                }
            };
            self.observer.observe(&event);
        };
        let acquired =
            acquire_if_needed(&self.stores.lock, &self.clock, lock, &request, &tell, needed);
        let Some(lease) = acquired.await? else { return Ok(None) };
        let from = took_over.lock().unwrap_or_else(PoisonError::into_inner).take();
        let event = if from.is_some() { "lock_taken_over" } else { "lock_taken" };
        let mut entry = self.audit_entry(event, run_id, lease.fence());
        entry.detail = from.unwrap_or_else(|| doc! { "command": command });
        self.stores.audit.append(entry, &self.identity).await;
        fail::fail_point!("run::locked");
        Ok(Some(lease))
    }

    /// Gives the lock back, and says so in the trail unless it was lost. Whether it was given back.
    async fn release(&self, lease: &crate::lock::Lease, run_id: &str) -> bool {
        let is_free = lease.release().await;
        if is_free {
            let entry = self.audit_entry("lock_released", run_id, lease.fence());
            self.stores.audit.append(entry, &self.identity).await;
        }
        is_free
    }

    fn audit_entry(&self, event: &'static str, run_id: &str, fence: i64) -> AuditEntry {
        AuditEntry { run_id: run_id.to_owned(), fence, ..AuditEntry::blank(event) }
    }
}
