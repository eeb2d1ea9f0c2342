//! What a plan found that a person should know or must settle.

use std::fmt;

use crate::file_name::{NATIVE_EXTENSION, first_half_of};

/// How serious a finding is for the request at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Shown when asked for.
    Note,
    /// Shown; the run goes on.
    Warning,
    /// Nothing is executed until it is settled.
    Refusal,
}

/// What changed in an applied migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModifiedPart {
    /// Its own text.
    Own,
    /// A file it imports.
    Import(String),
    /// A file it imports is gone.
    ImportGone(String),
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FindingKind {
    /// An applied migration's text is not what ran.
    Modified {
        /// The migration.
        name: String,
        /// What changed.
        part: ModifiedPart,
    },
    /// An applied migration's file is not there.
    Missing {
        /// The migration.
        name: String,
    },
    /// Migrations that came after all that is here: this deployment is older than the database.
    DatabaseNewer {
        /// Which, in order of application; last those that are not applied.
        names: Vec<String>,
    },
    /// A pending file looks like an applied one whose file is gone.
    Renamed {
        /// The applied name.
        old: String,
        /// The pending file.
        new: String,
    },
    /// Two files have one version.
    DuplicateVersion {
        /// Both, and more if there are.
        names: Vec<String>,
    },
    /// Names differ only in case.
    CaseConflict {
        /// Both, and more if there are.
        names: Vec<String>,
    },
    /// A pending migration is older than an applied one.
    OutOfOrder {
        /// The pending one.
        name: String,
        /// The latest applied one.
        after: String,
    },
    /// An applied migration was applied after one with a higher version.
    AppliedOutOfOrder {
        /// The migration.
        name: String,
        /// The one with the higher version.
        after: String,
    },
    /// An `up` failed.
    Failed {
        /// The migration.
        name: String,
        /// Why.
        error: Option<String>,
    },
    /// An `up` was interrupted.
    Interrupted {
        /// The migration.
        name: String,
        /// It ran in a transaction: nothing of it was left.
        transaction: bool,
    },
    /// A rollback was interrupted, not in a transaction.
    RollbackInterrupted {
        /// The migration.
        name: String,
    },
    /// A rollback failed, not in a transaction.
    RollbackFailed {
        /// The migration.
        name: String,
        /// Why.
        error: Option<String>,
    },
    /// To be rolled back, but its file is gone.
    RollbackFileMissing {
        /// The migration.
        name: String,
    },
    /// To be rolled back, but its file is not what was applied.
    RollbackFileModified {
        /// The migration.
        name: String,
    },
}

/// A finding and how serious it is here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub kind: FindingKind,
    /// How serious.
    pub severity: Severity,
}

impl Finding {
    pub(super) fn new(severity: Severity, kind: FindingKind) -> Self {
        Self { kind, severity }
    }

    /// A stable name for machines.
    pub fn code(&self) -> &'static str {
        match &self.kind {
            FindingKind::Modified { .. } => "MIGRATION_MODIFIED",
            FindingKind::Missing { .. } => "MIGRATION_MISSING",
            FindingKind::DatabaseNewer { .. } => "DATABASE_NEWER",
            FindingKind::Renamed { .. } => "MIGRATION_RENAMED",
            FindingKind::DuplicateVersion { .. } => "VERSION_DUPLICATE",
            FindingKind::CaseConflict { .. } => "NAME_CASE_CONFLICT",
            FindingKind::OutOfOrder { .. } => "OUT_OF_ORDER",
            FindingKind::AppliedOutOfOrder { .. } => "APPLIED_OUT_OF_ORDER",
            FindingKind::Failed { .. } => "MIGRATION_FAILED",
            FindingKind::Interrupted { .. } => "MIGRATION_INTERRUPTED",
            FindingKind::RollbackInterrupted { .. } => "ROLLBACK_INTERRUPTED",
            FindingKind::RollbackFailed { .. } => "ROLLBACK_FAILED",
            FindingKind::RollbackFileMissing { .. } => "ROLLBACK_FILE_MISSING",
            FindingKind::RollbackFileModified { .. } => "ROLLBACK_FILE_MODIFIED",
        }
    }

    /// The migrations it is about.
    pub fn names(&self) -> Vec<&str> {
        match &self.kind {
            FindingKind::Renamed { old, new } => vec![old, new],
            FindingKind::DatabaseNewer { names }
            | FindingKind::DuplicateVersion { names }
            | FindingKind::CaseConflict { names } => names.iter().map(String::as_str).collect(),
            FindingKind::Modified { name, .. }
            | FindingKind::Missing { name }
            | FindingKind::OutOfOrder { name, .. }
            | FindingKind::AppliedOutOfOrder { name, .. }
            | FindingKind::Failed { name, .. }
            | FindingKind::Interrupted { name, .. }
            | FindingKind::RollbackInterrupted { name }
            | FindingKind::RollbackFailed { name, .. }
            | FindingKind::RollbackFileMissing { name }
            | FindingKind::RollbackFileModified { name } => vec![name],
        }
    }

    /// Whether it may only describe another process at work, so that it counts under the lock alone.
    pub(crate) fn needs_lock(&self) -> bool {
        matches!(
            self.kind,
            FindingKind::RollbackInterrupted { .. } | FindingKind::Interrupted { .. }
        )
    }

    /// The next step for a person.
    pub fn hint(&self) -> Option<String> {
        Some(match &self.kind {
            FindingKind::Modified { name, part: ModifiedPart::Import(path) | ModifiedPart::ImportGone(path) }
                if is_half(path) => format!(
                "restore the pair that ran, run the new one with `whimbrel up --force {name}`, or take it for the one that \
                 ran with `whimbrel repair --accept-checksum {name}`"
            ),
            FindingKind::Modified { name, part: ModifiedPart::ImportGone(path) } => format!(
                "bring {path} back, or take its absence with `whimbrel repair --accept-checksum {name}`; where it is there \
                 under another path, the project folder is not the one it was applied from: a whimbrel.toml marks it"
            ),
            FindingKind::Modified { name, part: ModifiedPart::Import(path) } => format!(
                "restore the text that ran, or take the new one with `whimbrel repair --accept-checksum {name}`; where \
                 {path} belongs to the application and changes with it, the setting checksum.ignore leaves it out"
            ),
            FindingKind::Modified { name, .. } => format!(
                "restore the text that ran, run the new text with `whimbrel up --force {name}`, or take it for the one \
                 that ran with `whimbrel repair --accept-checksum {name}`"
            ),
            FindingKind::Missing { .. } => {
                "normal where the deployment is older than the database; otherwise bring the file back".to_owned()
            }
            FindingKind::DatabaseNewer { .. } => {
                "deploy the release that has them; where an older one may run beside it, newer_database = \"allow\" \
                 says so"
                    .to_owned()
            }
            FindingKind::Renamed { old, new } => {
                format!(
                    "if it is the same migration, `whimbrel repair --rename {old} {new}`; if not, give {new} a \
                     version of its own"
                )
            }
            FindingKind::DuplicateVersion { .. } => {
                "give each a version of its own".to_owned()
            }
            FindingKind::CaseConflict { .. } => {
                "rename one of them: some file systems cannot tell them apart".to_owned()
            }
            FindingKind::OutOfOrder { .. } => {
                "renumber it after the applied ones, or set out_of_order".to_owned()
            }
            FindingKind::AppliedOutOfOrder { .. } => return None,
            FindingKind::Failed { name, .. } => format!(
                "mend the cause and run `whimbrel up`, take back what it did with `whimbrel down {name}`, or settle it \
                 by hand with `whimbrel repair {name}`"
            ),
            FindingKind::Interrupted { name, .. } => format!(
                "`whimbrel history {name} --ops` shows what it did; then run it again with `whimbrel up --force {name}`, \
                 take it back with `whimbrel down {name}`, or settle it by hand with `whimbrel repair {name}`"
            ),
            FindingKind::RollbackInterrupted { name }
            | FindingKind::RollbackFailed { name, .. } => {
                format!(
                    "mend the cause and finish it with `whimbrel down {name}`, or settle it by hand with \
                     `whimbrel repair {name}`"
                )
            }
            FindingKind::RollbackFileMissing { name } if is_native(name) => format!(
                "it is Rust code, so only a program that has it can roll {name} back"
            ),
            FindingKind::RollbackFileMissing { name } => format!(
                "bring the file back, or roll back with the source kept in the history: \
                 `whimbrel down {name} --from-history`"
            ),
            FindingKind::RollbackFileModified { name } => format!(
                "choose the text for {name}: --from-file (as it is now), as in `whimbrel down {name} --from-file`, or \
                 --from-history (as it was applied)"
            ),
        })
    }
}

fn is_half(path: &str) -> bool {
    first_half_of(path).is_some()
}

pub(super) fn is_native(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, extension)| extension == NATIVE_EXTENSION)
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            FindingKind::Modified { name, part: ModifiedPart::Own } => {
                write!(f, "{name} was changed after it was applied")
            }
            FindingKind::Modified {
                name,
                part: ModifiedPart::Import(path) | ModifiedPart::ImportGone(path),
            } if is_half(path) => {
                write!(f, "{name} was changed after it was applied: its other half is {path}")
            }
            FindingKind::Modified { name, part: ModifiedPart::Import(path) } => {
                write!(f, "{name} was changed after it was applied: it imports {path}")
            }
            FindingKind::Modified { name, part: ModifiedPart::ImportGone(path) } => {
                write!(
                    f,
                    "{name} was changed after it was applied: {path}, which it imports, is gone"
                )
            }
            FindingKind::Missing { name } => {
                write!(f, "{name} is applied, but its file is not there")
            }
            FindingKind::DatabaseNewer { names } => {
                write!(f, "the database is newer than this deployment, which does not have ")?;
                match names.as_slice() {
                    [first, second, third, _, ..] => {
                        let more = names.len() - 3;
                        write!(f, "{first}, {second}, {third} and {more} more")
                    }
                    few => f.write_str(&few.join(", ")),
                }
            }
            FindingKind::Renamed { old, new } => {
                write!(f, "{new} looks like {old}, which is applied and whose file is gone")
            }
            FindingKind::DuplicateVersion { names } => {
                write!(f, "these migrations have one version: {}", names.join(", "))
            }
            FindingKind::CaseConflict { names } => {
                write!(f, "these names differ only in case: {}", names.join(", "))
            }
            FindingKind::OutOfOrder { name, after } => {
                write!(f, "{name} is older than {after}, which is applied already")
            }
            FindingKind::AppliedOutOfOrder { name, after } => {
                write!(f, "{name} was applied after {after}")
            }
            FindingKind::Failed { name, error } => {
                write!(f, "{name} failed")?;
                error.as_ref().map_or(Ok(()), |error| {
                    write!(f, ": {}", error.lines().next().unwrap_or_default())
                })
            }
            FindingKind::Interrupted { name, transaction: true } => {
                write!(
                    f,
                    "{name} was interrupted; it ran in a transaction, so nothing of it was left"
                )
            }
            FindingKind::Interrupted { name, transaction: false } => {
                write!(f, "{name} was interrupted; part of it may have been done")
            }
            FindingKind::RollbackInterrupted { name } => {
                write!(f, "the rollback of {name} was interrupted; part of it may have been done")
            }
            FindingKind::RollbackFailed { name, error } => {
                write!(f, "the rollback of {name} failed")?;
                error.as_ref().map_or(Ok(()), |error| {
                    write!(f, ": {}", error.lines().next().unwrap_or_default())
                })
            }
            FindingKind::RollbackFileMissing { name } => {
                write!(f, "{name} cannot be rolled back from its file, which is not there")
            }
            FindingKind::RollbackFileModified { name } => {
                write!(
                    f,
                    "{name} was changed after it was applied, so it is unclear how to roll it back"
                )
            }
        }
    }
}
