//! Where everything stands and what a run would do, without writing anything.

use mongodb::bson::DateTime;

use super::Migrator;
use crate::body::Direction;
use crate::error::Error;
use crate::history::Status;
use crate::lock::LockDocument;
use crate::plan::{Cause, Entry, Finding, Request, State, StepSource};
use crate::source::SkippedEntry;

/// Where one migration stands, and whether somebody is running it this moment.
#[derive(Clone, Debug, PartialEq)]
pub struct MigrationStatus {
    /// File and row.
    pub entry: Entry,
    /// It is running under a lease that is alive.
    pub running: bool,
}

impl MigrationStatus {
    /// The stored status; `pending` without a row.
    pub fn status(&self) -> Status {
        self.entry.row.as_ref().map_or(Status::Pending, |row| row.status)
    }

    /// A stable word: `running`, or [`State::as_str`].
    pub fn state(&self) -> &'static str {
        if self.running { "running" } else { self.entry.state.as_str() }
    }
}

/// Where everything stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StatusReport {
    /// Files in order, then applied migrations without a file.
    pub migrations: Vec<MigrationStatus>,
    /// What a person should know.
    pub findings: Vec<Finding>,
    /// Entries of the folder that are no migrations.
    pub skipped: Vec<SkippedEntry>,
    /// The lock, if somebody holds it.
    pub lock: Option<LockDocument>,
    /// The lock's time to live is over: its holder is gone, and the next run takes it over.
    pub lock_expired: bool,
}

impl StatusReport {
    /// How many migrations there are, with or without a file.
    pub fn total(&self) -> usize {
        self.migrations.len()
    }

    /// How many are applied.
    pub fn applied(&self) -> usize {
        self.count(|m| m.entry.state.is_applied() && !m.running)
    }

    /// How many wait to be applied, or are being applied.
    pub fn pending(&self) -> usize {
        self.count(|m| m.entry.state == State::Pending || m.running)
    }

    /// How many failed or were interrupted, either way.
    pub fn failed(&self) -> usize {
        self.count(|m| {
            !m.running
                && matches!(
                    m.entry.state,
                    State::Failed
                        | State::Interrupted
                        | State::RollbackFailed
                        | State::RollbackInterrupted
                )
        })
    }

    fn count(&self, which: impl Fn(&MigrationStatus) -> bool) -> usize {
        self.migrations.iter().filter(|migration| which(migration)).count()
    }
}

/// Whether files and history agree.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VerifyReport {
    /// How many migrations there are, with or without a file.
    pub total: usize,
    /// How many are applied.
    pub applied: usize,
    /// How many wait to be applied.
    pub pending: usize,
    /// What was found, most serious first. A [`Severity::Refusal`](crate::plan::Severity) is a problem.
    pub findings: Vec<Finding>,
    /// Entries of the folder that are no migrations.
    pub skipped: Vec<SkippedEntry>,
}

pub(super) async fn verify(migrator: &Migrator) -> Result<VerifyReport, Error> {
    let reading = migrator.read(&Request::Verify).await?;
    let entries = &reading.plan.entries;
    let mut findings = reading.plan.findings;
    // What runs this moment has not been cut off.
    let running = running_names(migrator).await?;
    findings.retain(|finding| {
        !finding.needs_lock()
            || !finding.names().iter().any(|name| running.iter().any(|r| r == name))
    });
    Ok(VerifyReport {
        total: entries.len(),
        applied: entries.iter().filter(|entry| entry.state.is_applied()).count(),
        pending: entries.iter().filter(|entry| entry.state == State::Pending).count(),
        findings,
        skipped: reading.listing.skipped,
    })
}

/// The lock, and what runs under it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LockReport {
    /// As it stands; `None` where there never was one. Free when it has no owner.
    pub document: Option<LockDocument>,
    /// Somebody holds it whose time is not over.
    pub alive: bool,
    /// The server's clock.
    pub now: Option<DateTime>,
    /// What its holder is executing.
    pub running: Vec<String>,
}

pub(super) async fn lock(migrator: &Migrator) -> Result<LockReport, Error> {
    let store = &migrator.stores.lock;
    let Some(document) = store.read().await? else { return Ok(LockReport::default()) };
    let now = store.server_time().await?;
    let alive = document.owner.is_some() && now <= document.expires_at;
    let rows = migrator.stores.history.read().await?;
    let of_holder = |status, fence| status == Status::Running && fence == document.fence;
    let running = rows.into_iter().filter(|row| of_holder(row.status, row.fence));
    let running = running.map(|row| row.name).collect();
    Ok(LockReport { document: Some(document), alive, now: Some(now), running })
}

/// What runs under a lease that is alive.
async fn running_names(migrator: &Migrator) -> Result<Vec<String>, Error> {
    let report = lock(migrator).await?;
    Ok(if report.alive { report.running } else { Vec::new() })
}

/// What a run would execute.
#[derive(Clone, Debug, PartialEq)]
pub struct DryStep {
    /// The migration.
    pub name: String,
    /// Which way.
    pub direction: Direction,
    /// Why.
    pub cause: Cause,
    /// With which text.
    pub source: StepSource,
    /// In a transaction.
    pub transaction: bool,
    /// Why it cannot be executed: its body cannot be loaded, or there is no rollback in it.
    pub problem: Option<String>,
}

/// What a run would do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DryRun {
    /// How many files there are.
    pub files: usize,
    /// In order.
    pub steps: Vec<DryStep>,
    /// Left alone because they are applied.
    pub already_applied: Vec<String>,
    /// Rows that would be put back to `completed` first: rollbacks that were cut off inside a transaction.
    pub restored: Vec<String>,
    /// What a person should know, most serious first; a refusal means that nothing would be run.
    pub findings: Vec<Finding>,
    /// Who holds the lock at the moment, if somebody does.
    pub lock: Option<LockDocument>,
}

pub(super) async fn dry_run(migrator: &Migrator, request: &Request) -> Result<DryRun, Error> {
    let reading = migrator.read(request).await?;
    let lock = lock(migrator).await?;
    let mut steps = Vec::new();
    let loaded = super::run::load_all(migrator, &reading).await;
    for (step, loaded) in reading.plan.steps.iter().zip(loaded) {
        let (transaction, problem) = match loaded {
            Ok(transaction) => (transaction, None),
            Err(error) => (false, Some(error)),
        };
        steps.push(DryStep {
            name: step.name.clone(),
            direction: step.direction,
            cause: step.cause,
            source: step.source,
            transaction,
            problem: problem.map(|error| match error {
                Error::Migration { source, .. } => source.to_string(),
                other => other.to_string(),
            }),
        });
    }
    Ok(DryRun {
        files: reading.listing.migrations.len(),
        steps,
        already_applied: reading.plan.already_applied,
        restored: reading.plan.restore.into_iter().map(|row| row.name).collect(),
        findings: reading.plan.findings,
        lock: lock.document.filter(|_| lock.alive),
    })
}

pub(super) async fn status(migrator: &Migrator) -> Result<StatusReport, Error> {
    let reading = migrator.read(&Request::Status).await?;
    let store = &migrator.stores.lock;
    let lock = store.read().await?.filter(|lock| lock.owner.is_some());
    let alive = match &lock {
        Some(lock) => store.server_time().await? <= lock.expires_at,
        None => false,
    };
    let fence = lock.as_ref().filter(|_| alive).map(|lock| lock.fence);
    let migrations = reading
        .plan
        .entries
        .into_iter()
        // Rolled back, and the file is gone: nobody will ever apply it.
        .filter(|entry| entry.has_file || entry.state != State::Pending)
        .map(|entry| {
            let row = entry.row.as_ref();
            let running =
                row.is_some_and(|row| row.status == Status::Running && Some(row.fence) == fence);
            MigrationStatus { entry, running }
        })
        .collect();
    Ok(StatusReport {
        migrations,
        findings: reading.plan.findings,
        skipped: reading.listing.skipped,
        lock_expired: lock.is_some() && !alive,
        lock,
    })
}
