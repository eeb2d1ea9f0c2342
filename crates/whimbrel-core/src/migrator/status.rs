//! Where everything stands and what a run would do, without writing anything.

use mongodb::bson::DateTime;

use super::loading::Looked;
use super::{Migrator, Reading};
use crate::body::{Direction, ForeignRuntime};
use crate::error::{Error, ErrorClass};
use crate::history::{HistoryError, Row, Status};
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
    /// The history is empty, and the audit trail knows better: how the next `up` will refuse.
    pub lost: Option<String>,
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
    let (reading, lock) = read_with_lock(migrator, &Request::Verify).await?;
    migrator.notice_emptied(&reading).await?;
    let entries = &reading.plan.entries;
    let mut findings = reading.plan.findings;
    // What runs this moment has not been cut off.
    let running = if lock.alive { lock.running } else { Vec::new() };
    findings.retain(|finding| {
        !finding.needs_lock()
            || !finding.names().iter().any(|name| running.iter().any(|r| r == name))
    });
    Ok(VerifyReport {
        total: entries.len(),
        applied: entries.iter().filter(|entry| entry.state.is_applied()).count(),
        pending: entries
            .iter()
            .filter(|entry| entry.has_file && entry.state == State::Pending)
            .count(),
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

impl LockReport {
    /// The fence that stands in the document; 0 without one.
    pub fn fence(&self) -> i64 {
        self.document.as_ref().map_or(0, |document| document.fence)
    }
}

pub(super) async fn lock(migrator: &Migrator) -> Result<LockReport, Error> {
    // Who holds the lock can be told also where the history is damaged.
    let rows = migrator.stores.history.read().await.or_else(|error| match error {
        HistoryError::Database(_) => Err(error),
        _ => Ok(Vec::new()),
    })?;
    lock_over(migrator, &rows).await
}

async fn lock_over(migrator: &Migrator, rows: &[Row]) -> Result<LockReport, Error> {
    let store = &migrator.stores.lock;
    let Some(document) = store.read().await? else { return Ok(LockReport::default()) };
    let now = store.server_time().await?;
    let alive = document.owner.is_some() && now <= document.expires_at;
    let of_holder = |row: &&Row| row.status == Status::Running && row.fence == document.fence;
    let running = rows.iter().filter(of_holder).map(|row| row.name.clone()).collect();
    Ok(LockReport { document: Some(document), alive, now: Some(now), running })
}

/// Files, history and lock as they were at one time: a run that ends while they are read would look as if it had been
/// cut off.
async fn read_with_lock(
    migrator: &Migrator,
    request: &Request,
) -> Result<(Reading, LockReport), Error> {
    const TRIES: usize = 3;
    let mut tries = 0;
    loop {
        let before = migrator.stores.lock.read().await?;
        let reading = migrator.read(request).await?;
        let lock = lock_over(migrator, &reading.rows).await?;
        let holder = |document: &Option<LockDocument>| {
            document.as_ref().map(|document| (document.owner.clone(), document.fence))
        };
        tries += 1;
        if holder(&before) == holder(&lock.document) || tries == TRIES {
            return Ok((reading, lock));
        }
    }
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
    /// What would run it, if that is not this program itself.
    pub runtime: Option<ForeignRuntime>,
    /// It is being executed this moment; what becomes of it decides whether it would be executed.
    pub running: bool,
    /// Why it cannot be executed: its body cannot be loaded, or there is no rollback in it.
    pub problem: Option<DryProblem>,
}

/// Why a step could not be executed; a run would end with it before it executes anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DryProblem {
    /// What is wrong.
    pub message: String,
    /// What it would mean for the caller.
    pub class: ErrorClass,
    /// The next steps for a person.
    pub hints: Vec<String>,
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
    /// What came up while the files were looked at.
    pub warnings: Vec<String>,
}

pub(super) async fn dry_run(migrator: &Migrator, request: &Request) -> Result<DryRun, Error> {
    let (reading, lock) = read_with_lock(migrator, request).await?;
    if matches!(request, Request::Up { .. }) {
        migrator.notice_emptied(&reading).await?;
    }
    let running = if lock.alive { lock.running.clone() } else { Vec::new() };
    let mut findings = reading.plan.findings.clone();
    findings.retain(|finding| {
        !finding.needs_lock()
            || !finding.names().iter().any(|name| running.iter().any(|r| r == name))
    });
    let mut steps = Vec::new();
    let (loaded, warnings) = super::loading::load_all(migrator, &reading).await;
    for (step, loaded) in reading.plan.steps.iter().zip(loaded) {
        let (Looked { transaction, runtime }, problem) = match loaded {
            Ok(looked) => (looked, None),
            Err(error) => (Looked::default(), Some(error)),
        };
        let running = running.contains(&step.name);
        steps.push(DryStep {
            name: step.name.clone(),
            direction: step.direction,
            cause: step.cause,
            source: step.source,
            transaction,
            runtime,
            running,
            problem: problem.map(|error| DryProblem {
                class: error.class(),
                hints: error.hints(),
                message: match error {
                    Error::Migration { source, .. } => source.to_string(),
                    other => other.to_string(),
                },
            }),
        });
    }
    Ok(DryRun {
        files: reading.listing.migrations.len(),
        steps,
        already_applied: reading.plan.already_applied,
        restored: reading.plan.restore.into_iter().map(|row| row.name).collect(),
        findings,
        lock: lock.document.filter(|_| lock.alive),
        warnings,
    })
}

pub(super) async fn status(migrator: &Migrator) -> Result<StatusReport, Error> {
    let (reading, report) = read_with_lock(migrator, &Request::Status).await?;
    let lost = match migrator.notice_emptied(&reading).await {
        Ok(()) => None,
        Err(error @ Error::HistoryEmptied { .. }) => Some(error.to_string()),
        Err(error) => return Err(error),
    };
    let alive = report.alive;
    let lock = report.document.filter(|lock| lock.owner.is_some());
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
        lost,
        migrations,
        findings: reading.plan.findings,
        skipped: reading.listing.skipped,
        lock_expired: lock.is_some() && !alive,
        lock,
    })
}
