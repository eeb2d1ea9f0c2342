//! What the JavaScript of the package asks for.

use std::time::Duration;

use serde::Deserialize;
use whimbrel::{DownTarget, Force, LockWait, RollbackFrom, UpTarget};

/// One call of the application.
#[derive(Deserialize)]
#[serde(tag = "call", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(crate) enum Request {
    /// `runMigrations`.
    Up { target: Target, force: Forced, stop_on_error: bool, lock_wait: Option<u64> },
    /// `rollbackMigrations`.
    Down { target: Target, from: Option<From>, stop_on_error: bool, lock_wait: Option<u64> },
    /// `runOnStartup`.
    Startup { lock_wait: Option<u64>, timeout: Option<u64> },
    /// `getMigrationStatus` and what is made of it.
    Status,
    /// `verify`.
    Verify,
    /// `baseline`.
    Baseline { to: Option<String>, reason: Option<String> },
    /// `createMigration`.
    Create { name: String, description: Option<String>, timestamp: bool },
}

/// Which migrations.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Target {
    /// All of them: of a rollback, all that are applied.
    All,
    /// So many.
    Count(usize),
    /// Up to this one, itself included; of a rollback, down to it, itself not included.
    To(String),
    /// Exactly these.
    Names(Vec<String>),
}

impl Target {
    pub(crate) fn up(self) -> UpTarget {
        match self {
            Self::All => UpTarget::All,
            Self::Count(count) => UpTarget::Count(count),
            Self::To(name) => UpTarget::To(name),
            Self::Names(names) => UpTarget::Names(names),
        }
    }

    pub(crate) fn down(self) -> DownTarget {
        match self {
            Self::All => DownTarget::All,
            Self::Count(count) => DownTarget::Count(count),
            Self::To(name) => DownTarget::To(name),
            Self::Names(names) => DownTarget::Names(names),
        }
    }
}

/// What is run although it is applied.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Forced {
    /// Nothing.
    Nothing,
    /// Everything.
    All,
    /// These.
    Names(Vec<String>),
}

impl Forced {
    pub(crate) fn force(self) -> Force {
        match self {
            Self::Nothing => Force::Nothing,
            Self::All => Force::All,
            Self::Names(names) => Force::Names(names),
        }
    }
}

/// Which text rolls back.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum From {
    /// The file, also when it was changed.
    File,
    /// What the history kept.
    History,
}

impl From {
    pub(crate) fn rollback(from: Option<Self>) -> RollbackFrom {
        match from {
            None => RollbackFrom::UnchangedFile,
            Some(Self::File) => RollbackFrom::File,
            Some(Self::History) => RollbackFrom::History,
        }
    }
}

/// For how long to wait for the lock.
pub(crate) fn lock_wait(millis: Option<u64>) -> Option<LockWait> {
    millis.map(|millis| LockWait::For(Duration::from_millis(millis)))
}
