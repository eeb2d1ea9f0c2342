//! The errors of a run, each with a stable code and a next step.

use crate::body::{BodyError, Direction};
use crate::create::CreateError;
use crate::database_error::{DatabaseError, Trouble};
use crate::file_name::{Form, MigrationId};
use crate::gate::StopReason;
use crate::history::HistoryError;
use crate::lock::LockError;
use crate::plan::{Finding, PlanError};
use crate::report::RunReport;
use crate::source::{BundleError, SourceError};

/// What can end a run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The migrations cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The history cannot be read or written.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// The lock cannot be had.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The request names what is not there.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// Something must be settled by a person first. Nothing was executed.
    #[error("{}", refused(findings))]
    Refused {
        /// What.
        findings: Vec<Finding>,
    },
    /// A migration failed, or cannot be loaded.
    #[error("{} {name} {}: {source}", noun(*direction), verb(source))]
    Migration {
        /// The migration.
        name: String,
        /// Which way.
        direction: Direction,
        /// It was executed; otherwise it could not even be loaded, and nothing is recorded.
        executed: bool,
        /// How.
        source: Box<BodyError>,
    },
    /// Migrations to be rolled back that say nothing on how. Nothing was executed.
    #[error("there is no rollback in {}", names.join(", "))]
    NoRollback {
        /// Which.
        names: Vec<String>,
    },
    /// To be rolled back from the history, which cannot serve it. Nothing of it was executed.
    #[error("{name} cannot be rolled back from the history: {source}")]
    StoredSource {
        /// The migration.
        name: String,
        /// Why.
        source: BundleError,
    },
    /// To be rolled back from the history, which holds no source of it.
    #[error("{name} cannot be rolled back from the history, which holds no source of it")]
    NoStoredSource {
        /// The migration.
        name: String,
    },
    /// The run was stopped between two migrations.
    #[error(transparent)]
    Stopped(#[from] StopReason),
    /// Somebody else wrote a row that this run was working on.
    #[error("the history of {name} was changed by another process during this run")]
    RowChanged {
        /// The migration.
        name: String,
    },
    /// A transaction could not be committed, and nobody knows whether it was.
    #[error("it is unknown whether the transaction of {name} was committed: {source}")]
    CommitUnknown {
        /// The migration.
        name: String,
        /// What the database said.
        source: DatabaseError,
    },
    /// A migration ran to its end, and that could not be written down.
    #[error("{name} has run, but that could not be recorded: {source}")]
    NotRecorded {
        /// The migration.
        name: String,
        /// Why.
        source: Box<Error>,
    },
    /// Rows of the history disappeared while this run held the lock.
    #[error("{} disappeared from the history during this run", lost(names))]
    HistoryLost {
        /// The names of the rows.
        names: Vec<String>,
    },
    /// The history is empty, although the audit trail knows of migrations that were applied.
    #[error("the history is empty, but the audit trail knows of {count} applied {}", if *count == 1 { "migration" } else { "migrations" })]
    HistoryEmptied {
        /// How many it knows of.
        count: usize,
        /// Those that have a file, in order.
        names: Vec<String>,
        /// They are the first of all files, without a gap.
        is_prefix: bool,
    },
    /// A decision does not fit what the history says. Nothing was written.
    #[error(transparent)]
    Repair(#[from] RepairError),
    /// A baseline was asked for where migrations were run already. Nothing was written.
    #[error("the history holds {rows} {} that ran already", if *rows == 1 { "migration" } else { "migrations" })]
    BaselineOnHistory {
        /// How many were executed.
        rows: usize,
    },
    /// The audit trail cannot be read.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// A new migration could not be made.
    #[error(transparent)]
    Create(#[from] CreateError),
}

/// Why a decision cannot be carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RepairError {
    /// One migration in two decisions.
    #[error("two decisions are about {name}")]
    Contradictory {
        /// The migration.
        name: String,
    },
    /// The migration does not stand so that this would make sense.
    #[error("{remedy} does not fit {name}: {problem}")]
    DoesNotFit {
        /// The migration.
        name: String,
        /// What was to be done.
        remedy: &'static str,
        /// How it stands.
        problem: String,
    },
}

impl RepairError {
    /// A stable name for machines.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Contradictory { .. } => "REPAIR_CONTRADICTORY",
            Self::DoesNotFit { .. } => "REPAIR_DOES_NOT_FIT",
        }
    }
}

/// A few of the names, and how many more there are.
fn lost(names: &[String]) -> String {
    match names {
        [] => "rows".to_owned(),
        [one] => one.clone(),
        [first, rest @ ..] => format!("{first} and {} more", rest.len()),
    }
}

fn refused(findings: &[Finding]) -> String {
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    format!("nothing was run, because {}", lines.join("; "))
}

fn verb(source: &BodyError) -> &'static str {
    match source {
        BodyError::Stopped { .. } => "was stopped",
        BodyError::Load { .. } | BodyError::Failed { .. } => "failed",
    }
}

fn noun(direction: Direction) -> &'static str {
    match direction {
        Direction::Up => "migration",
        Direction::Rollback => "rollback of",
    }
}

/// What an error means for the caller, and so for an exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorClass {
    /// A migration failed.
    Migration,
    /// The request, the files or the configuration are wrong.
    Usage,
    /// The lock is held.
    LockHeld,
    /// A state that a person must settle.
    Drift,
    /// The database cannot be reached, or does not let us in.
    Connection,
    /// Interrupted by a signal.
    Interrupted,
}

impl ErrorClass {
    /// The exit code of a program that ends with such an error: 1 a migration failed, 2 usage or configuration, 3 the
    /// lock is held, 4 a state that a person must settle, 5 no connection or no right, 130 interrupted.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Migration => 1,
            Self::Usage => 2,
            Self::LockHeld => 3,
            Self::Drift => 4,
            Self::Connection => 5,
            Self::Interrupted => 130,
        }
    }
}

impl Error {
    /// A stable name for machines.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Source(error) => error.code(),
            Self::History(error) => error.code(),
            Self::Lock(error) => error.code(),
            Self::Plan(error) => error.code(),
            Self::Refused { findings } => findings.first().map_or("REFUSED", Finding::code),
            Self::Migration { source, .. } => match source.as_ref() {
                BodyError::Load { .. } => "MIGRATION_NOT_LOADED",
                BodyError::Failed { .. } => "MIGRATION_FAILED",
                BodyError::Stopped { reason, .. } => reason.code(),
            },
            Self::NoRollback { .. } => "ROLLBACK_MISSING",
            Self::StoredSource { .. } => "STORED_SOURCE_UNUSABLE",
            Self::NoStoredSource { .. } => "STORED_SOURCE_MISSING",
            Self::Stopped(reason) => reason.code(),
            Self::RowChanged { .. } => "HISTORY_CHANGED",
            Self::CommitUnknown { .. } => "COMMIT_UNKNOWN",
            Self::NotRecorded { .. } => "OUTCOME_NOT_RECORDED",
            Self::HistoryLost { .. } | Self::HistoryEmptied { .. } => "HISTORY_LOST",
            Self::Repair(error) => error.code(),
            Self::BaselineOnHistory { .. } => "BASELINE_ON_HISTORY",
            Self::Database(_) => "DATABASE",
            Self::Create(error) => error.code(),
        }
    }

    /// The same, as what kept a migration's completion from being recorded.
    pub(crate) fn not_recorded(self, name: &str) -> Self {
        Self::NotRecorded { name: name.to_owned(), source: Box::new(self) }
    }

    /// What it means for the caller.
    pub fn class(&self) -> ErrorClass {
        let database = |error: &DatabaseError| match error.trouble() {
            Trouble::Configuration => ErrorClass::Usage,
            Trouble::Operation => ErrorClass::Migration,
            Trouble::Unreachable | Trouble::Authentication | Trouble::NotAuthorized => {
                ErrorClass::Connection
            }
        };
        match self {
            Self::Source(_) | Self::Plan(_) | Self::Create(_) => ErrorClass::Usage,
            Self::NotRecorded { source, .. } => source.class(),
            Self::Repair(_) => ErrorClass::Usage,
            Self::Database(error)
            | Self::History(HistoryError::Database(error))
            | Self::Lock(LockError::Database(error)) => database(error),
            Self::History(HistoryError::Malformed { .. } | HistoryError::Foreign { .. })
            | Self::Lock(LockError::Malformed(_)) => ErrorClass::Drift,
            Self::Lock(LockError::Held { .. } | LockError::HeldHere { .. }) => ErrorClass::LockHeld,
            Self::Lock(LockError::Thread(_)) => ErrorClass::Migration,
            Self::Lock(LockError::Stopped(reason)) | Self::Stopped(reason) => stopped(reason),
            Self::Migration { source, .. } => match source.as_ref() {
                BodyError::Stopped { reason, .. } => stopped(reason),
                BodyError::Load { .. } | BodyError::Failed { .. } => ErrorClass::Migration,
            },
            Self::CommitUnknown { .. } => ErrorClass::Migration,
            Self::Refused { .. }
            | Self::NoRollback { .. }
            | Self::StoredSource { .. }
            | Self::NoStoredSource { .. }
            | Self::HistoryLost { .. }
            | Self::HistoryEmptied { .. }
            | Self::BaselineOnHistory { .. }
            | Self::RowChanged { .. } => ErrorClass::Drift,
        }
    }

    /// The next steps for a person, one each.
    pub fn hints(&self) -> Vec<String> {
        match self {
            Self::Source(error) => error.hint().into_iter().collect(),
            Self::History(error) => error.hint().into_iter().collect(),
            Self::Lock(error) => error.hint().into_iter().collect(),
            Self::Plan(error) => error.hint().into_iter().collect(),
            Self::Create(error) => error.hint().into_iter().collect(),
            Self::Refused { findings } => {
                let (modified, others): (Vec<&Finding>, Vec<&Finding>) =
                    findings.iter().partition(|finding| finding.code() == "MIGRATION_MODIFIED");
                let mut hints: Vec<String> = match modified.as_slice() {
                    [] => Vec::new(),
                    [one] => one.hint().into_iter().collect(),
                    several => {
                        let names: Vec<&str> =
                            several.iter().flat_map(|finding| finding.names()).collect();
                        vec![format!(
                            "restore the texts that ran, run the new ones with `whimbrel up --force {0}`, or take them for \
                             those that ran with `whimbrel repair --accept-checksum {0}`",
                            names.join(" ")
                        )]
                    }
                };
                hints.extend(others.into_iter().filter_map(Finding::hint));
                hints.dedup();
                hints
            }
            Self::Migration { source, .. } => match source.as_ref() {
                BodyError::Load { hint, .. } | BodyError::Failed { hint, .. } => {
                    hint.iter().cloned().collect()
                }
                BodyError::Stopped { reason, unknown } => {
                    let mut hints: Vec<String> = unknown
                        .iter()
                        .map(|operation| format!("{operation} may still be running on the server"))
                        .collect();
                    hints.extend(after_stop(reason));
                    hints
                }
            },
            Self::NoRollback { names } => {
                let mut hints: Vec<String> =
                    names.iter().map(|name| how_to_roll_back(name).to_owned()).collect();
                hints.dedup();
                hints
            }
            Self::NoStoredSource { name } if name.ends_with(".rs") => {
                vec![format!("it is Rust code, so only a program that has it can roll {name} back")]
            }
            Self::NoStoredSource { name } | Self::StoredSource { name, .. } => {
                vec![format!("bring the file back and run `whimbrel down {name}` again")]
            }
            Self::RowChanged { .. } => {
                vec!["run the command again: it starts from what the history says now".to_owned()]
            }
            Self::CommitUnknown { name, .. } => vec![format!(
                "`whimbrel status` shows what stands; if {name} is not applied, `whimbrel up` runs it again"
            )],
            Self::NotRecorded { name, source } => {
                let mut hints = source.hints();
                hints.push(format!(
                    "everything it does is done: `whimbrel repair --mark-applied {name}` records that; \
                     otherwise the next `whimbrel up` runs it again"
                ));
                hints
            }
            Self::HistoryLost { .. } => vec![
                "nothing more was run, because what is applied would run again: restore the collection from a \
                 backup, or write it anew with `whimbrel baseline --to NAME`, the last one that was applied"
                    .to_owned(),
            ],
            Self::HistoryEmptied { names, is_prefix, .. } => vec![
                match names.last() {
                    None => "restore the collection from a backup".to_owned(),
                    Some(last) if *is_prefix => format!(
                        "restore the collection from a backup, or write it anew with `whimbrel baseline --to {last}`"
                    ),
                    Some(_) => format!(
                        "restore the collection from a backup, or write it anew with `whimbrel repair --mark-applied {}`",
                        names.join(" ")
                    ),
                },
                "where everything shall run again, `whimbrel reset --yes` says so".to_owned(),
            ],
            Self::Repair(_) => vec!["`whimbrel status` shows how it stands; nothing was written".to_owned()],
            Self::BaselineOnHistory { .. } => vec![
                "a baseline is for a database without a history; mark single migrations with \
                 `whimbrel repair --mark-applied NAME`"
                    .to_owned(),
            ],
            Self::Database(error) => error.hint().into_iter().collect(),
            Self::Stopped(reason) => after_stop(reason).into_iter().collect(),
        }
    }
}

/// What gives a migration a rollback.
fn how_to_roll_back(name: &str) -> &'static str {
    let id = MigrationId::parse(name).ok();
    let is_half = id.as_ref().is_some_and(|id| id.rollback_half().is_some());
    match id.map_or(Form::JavaScript, |id| id.form()) {
        Form::Native => {
            "give it a rollback in the program; if there is nothing to take back, let it do nothing"
        }
        Form::Json | Form::Yaml if is_half => {
            "add the pair's other half, with .down in its name; if there is nothing to take back, let it be []"
        }
        Form::Json | Form::Yaml => {
            "add \"rollback\": [commands] to the file; if there is nothing to take back, let it be []"
        }
        _ => {
            "export an async function rollback(db) from the file; if there is nothing to take back, let it be empty"
        }
    }
}

/// What to do after a run was stopped.
fn after_stop(reason: &StopReason) -> Option<String> {
    let text = match reason {
        StopReason::Cancelled => "run the command again: what was stopped begins anew",
        StopReason::Timeout(_) => {
            "raise the limit with --timeout, or make the migration work in smaller steps"
        }
        StopReason::LoadTimeout(_) => {
            "code at the top level of a file, and of what it imports, must end by itself"
        }
        StopReason::RunTimeout(_) => "run the command again: it goes on where this one ended",
        StopReason::LeaseLost(_) => {
            "run the command again: it starts from what the history says. `whimbrel history` shows whether somebody took \
             the lock; if nobody did, look at the network to the database"
        }
    };
    Some(text.to_owned())
}

fn stopped(reason: &StopReason) -> ErrorClass {
    match reason {
        StopReason::Cancelled => ErrorClass::Interrupted,
        StopReason::LeaseLost(_) => ErrorClass::LockHeld,
        StopReason::Timeout(_) | StopReason::LoadTimeout(_) | StopReason::RunTimeout(_) => {
            ErrorClass::Migration
        }
    }
}

/// The sources of an error, without those whose text the one above already says.
pub fn causes_of(error: &dyn std::error::Error) -> Vec<String> {
    let mut causes = Vec::new();
    let mut said = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let text = cause.to_string();
        if !said.contains(&text) {
            causes.push(text.clone());
        }
        said = text;
        next = cause.source();
    }
    causes
}

/// A run that failed, and what it did before. As an error it reads as its cause.
#[derive(Debug)]
pub struct RunFailure {
    /// What was applied, what failed, what never started.
    pub report: RunReport,
    /// Why it ended; with several failures the first.
    pub source: Error,
}

impl RunFailure {
    /// A stable name for machines.
    pub fn code(&self) -> &'static str {
        self.source.code()
    }

    /// What it means for the caller.
    pub fn class(&self) -> ErrorClass {
        self.source.class()
    }

    /// The next steps for a person, one each.
    pub fn hints(&self) -> Vec<String> {
        self.source.hints()
    }
}

impl std::fmt::Display for RunFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.source.fmt(f)
    }
}

impl std::error::Error for RunFailure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.source()
    }
}
