//! Where everything stands, without writing anything.

use super::Migrator;
use crate::error::Error;
use crate::history::Status;
use crate::lock::LockDocument;
use crate::plan::{Entry, Finding, Request, State};
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
