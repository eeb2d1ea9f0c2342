//! The plan: a pure function of files × history × request.
//!
//! [`compare`] says where every migration stands, [`up`] and [`down`] choose the steps, [`verify`] judges without
//! a run in mind, [`finding`] holds what a person should know or must settle first. Nothing here does I/O; the run loop
//! ([`crate::migrator`]) executes the result.

mod compare;
mod down;
mod finding;
mod up;
mod verify;

#[cfg(test)]
mod tests;

use std::collections::HashMap;

pub use compare::{Entry, State};
pub use finding::{Finding, FindingKind, ModifiedPart, Severity};

use unicode_normalization::UnicodeNormalization;

use crate::body::Direction;
use crate::checksum::Checksum;
use crate::file_name::MigrationId;
use crate::history::Row;

/// A file as far as the plan needs it.
#[derive(Clone, Debug)]
pub struct PlannedFile {
    /// Name, version, title.
    pub id: MigrationId,
    /// From its header.
    pub description: Option<String>,
    /// Of its text.
    pub checksum: Checksum,
}

/// Which migrations `up` takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum UpTarget {
    /// All that are due.
    #[default]
    All,
    /// The first so many that are due.
    Count(usize),
    /// Those due up to and including this one, by name, stem or version.
    To(String),
    /// Only these, by name, stem or version.
    Names(Vec<String>),
}

/// What `up` runs although it is applied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Force {
    /// Nothing.
    #[default]
    Nothing,
    /// Everything that is applied and unchanged.
    All,
    /// These, changed or not.
    Names(Vec<String>),
}

/// Which migrations `down` takes, latest applied first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DownTarget {
    /// The last so many.
    Count(usize),
    /// Those applied after this one, which stays.
    To(String),
    /// All.
    All,
    /// Only these, by name, stem or version; failed ones too.
    Names(Vec<String>),
}

/// Which text rolls a migration back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RollbackFrom {
    /// The file if it is there and unchanged; otherwise refuse.
    #[default]
    UnchangedFile,
    /// The file, changed or not.
    File,
    /// The source stored in the history, where the file is gone or changed.
    History,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Only where everything stands.
    Status,
    /// Where everything stands, and all that is to be settled.
    Verify,
    /// Apply.
    Up {
        /// Which.
        target: UpTarget,
        /// What to run again.
        force: Force,
    },
    /// Roll back.
    Down {
        /// Which.
        target: DownTarget,
        /// With which text.
        from: RollbackFrom,
    },
}

/// What to do with a pending migration older than an applied one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OutOfOrder {
    /// Run it.
    Run,
    /// Run it and say so.
    #[default]
    Warn,
    /// Refuse.
    Refuse,
}

/// What to do with an applied migration whose text changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnModified {
    /// Refuse to run anything.
    #[default]
    Refuse,
    /// Say so and go on.
    Warn,
    /// Run it again.
    Rerun,
}

/// What to do with an interrupted `up` that was not transactional.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnInterrupted {
    /// Run it again, with a warning: migrations are idempotent.
    #[default]
    Retry,
    /// Refuse until a person settled it.
    Stop,
}

/// What `up` does where the database has applied migrations that this deployment does not know, because it is older.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NewerDatabase {
    /// Goes on.
    Allow,
    /// Goes on and says so.
    #[default]
    Warn,
    /// Refuses.
    Refuse,
}

/// The settings a plan depends on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// See [`OutOfOrder`].
    pub out_of_order: OutOfOrder,
    /// See [`OnModified`].
    pub on_modified: OnModified,
    /// See [`OnInterrupted`].
    pub on_interrupted: OnInterrupted,
    /// See [`NewerDatabase`].
    pub newer_database: NewerDatabase,
    /// Rust code belongs to other programs, so that it is no news that none is here. By default it is.
    pub native_is_elsewhere: bool,
}

/// Everything a plan is made of.
#[derive(Clone, Copy, Debug)]
pub struct PlanInput<'a> {
    /// In order.
    pub files: &'a [PlannedFile],
    /// In any order.
    pub rows: &'a [Row],
    /// Current checksums of the files that rows record as imports; `None` for a file that is gone.
    /// A path that is not in the map was not looked at and counts as unchanged.
    pub imports: &'a HashMap<String, Option<Checksum>>,
    /// The settings.
    pub policy: Policy,
}

/// Why a step is in the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Never applied, or rolled back.
    Pending,
    /// Its last run failed.
    Failed,
    /// Its last run was interrupted.
    Interrupted,
    /// Applied, and forced.
    Forced,
    /// Applied, and its text changed.
    Modified,
    /// To be rolled back.
    Applied,
}

/// Which text a step executes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepSource {
    /// The file.
    File,
    /// The source stored in the history.
    History,
}

/// One thing to execute.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The migration's name.
    pub name: String,
    /// Which way.
    pub direction: Direction,
    /// Why.
    pub cause: Cause,
    /// With which text.
    pub source: StepSource,
    /// The row as planned; the history must still hold it when the step runs.
    pub row: Option<Row>,
}

/// What a request means.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// Where every migration stands: files in order, then rows without a file.
    pub entries: Vec<Entry>,
    /// What to execute, in order.
    pub steps: Vec<Step>,
    /// Names that `up` leaves alone because they are applied.
    pub already_applied: Vec<String>,
    /// What a person should know or must settle.
    pub findings: Vec<Finding>,
    /// Rows of interrupted transactional rollbacks: nothing of them was left, so they are put back
    /// to `completed` before anything else is done.
    pub restore: Vec<Row>,
}

impl Plan {
    /// The findings that forbid executing anything.
    pub fn refusals(&self) -> Vec<Finding> {
        let refusals = self.findings.iter().filter(|f| f.severity == Severity::Refusal);
        refusals.cloned().collect()
    }

    /// Nothing to execute and nothing to settle.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.restore.is_empty()
    }
}

/// A request that cannot be planned.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// No migration has that name, stem or version.
    #[error("there is no migration called {text}")]
    Unknown {
        /// What was asked for.
        text: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// Several migrations fit.
    #[error("{text} could be {}", candidates.join(" or "))]
    Ambiguous {
        /// What was asked for.
        text: String,
        /// The names that fit.
        candidates: Vec<String>,
    },
    /// It is not applied, so it cannot be rolled back or be a target of it.
    #[error("{name} is not applied")]
    NotApplied {
        /// The migration.
        name: String,
    },
    /// It has no file, so it cannot be run.
    #[error("the file of {name} is not there")]
    NoFile {
        /// The migration.
        name: String,
    },
    /// A count of zero.
    #[error("the count must be at least 1")]
    ZeroCount,
}

impl PlanError {
    /// A stable name for machines.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown { .. } => "MIGRATION_UNKNOWN",
            Self::Ambiguous { .. } => "MIGRATION_AMBIGUOUS",
            Self::NotApplied { .. } => "MIGRATION_NOT_APPLIED",
            Self::NoFile { .. } => "MIGRATION_FILE_MISSING",
            Self::ZeroCount => "COUNT_INVALID",
        }
    }

    /// The next step for a person.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unknown { known, .. } if known.is_empty() => {
                Some("there are no migrations yet; `whimbrel create NAME` makes one".to_owned())
            }
            Self::Unknown { .. } | Self::NotApplied { .. } => {
                Some("`whimbrel status` lists the names".to_owned())
            }
            Self::Ambiguous { .. } => Some("give the full file name".to_owned()),
            Self::NoFile { .. } => Some("bring the file back; nothing was run".to_owned()),
            Self::ZeroCount => None,
        }
    }
}

/// Makes the plan.
///
/// # Errors
/// When the request names what is not there. What the files and rows themselves do wrong are findings.
pub fn plan(input: PlanInput<'_>, request: &Request) -> Result<Plan, PlanError> {
    let mut plan = compare::compare(input);
    match request {
        Request::Status => {}
        Request::Verify => verify::judge(&mut plan, input),
        Request::Up { target, force } => up::choose(&mut plan, input, target, force)?,
        Request::Down { target, from } => down::choose(&mut plan, target, *from)?,
    }
    plan.findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    Ok(plan)
}

/// The one entry a person means by `text`.
pub(crate) fn find<'a>(entries: &'a [Entry], text: &str) -> Result<&'a Entry, PlanError> {
    let text: &str = &text.nfc().collect::<String>();
    if let Some(entry) = entries.iter().find(|entry| entry.name() == text) {
        return Ok(entry);
    }
    let found: Vec<_> = entries.iter().filter(|entry| entry.is_meant_by(text)).collect();
    match found.as_slice() {
        [entry] => Ok(entry),
        [] => Err(PlanError::Unknown {
            text: text.to_owned(),
            known: entries.iter().map(|entry| entry.name().to_owned()).collect(),
        }),
        several => Err(PlanError::Ambiguous {
            text: text.to_owned(),
            candidates: several.iter().map(|entry| entry.name().to_owned()).collect(),
        }),
    }
}
