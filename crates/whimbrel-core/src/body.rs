//! What a migration does: the trait object the run loop executes.
//!
//! Embedded JavaScript, Node.js, command files and native Rust are implementations of [`Body`]; they
//! live above this crate. [`BodyLoader`] makes bodies from text and is what a source of files needs.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use mongodb::Database;
use mongodb::bson::Document;

use crate::checksum::Checksum;
use crate::file_name::MigrationId;
use crate::gate::{Gate, StopReason};
use crate::operations::OperationLedger;
use crate::source::{Resolution, SourceBundle};
use crate::transaction::{MongoTransaction, RemoteTransaction};

/// Which way a migration is executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Applies it.
    Up,
    /// Takes it back.
    Rollback,
}

impl Direction {
    /// As stored in the history: `up` or `rollback`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Rollback => "rollback",
        }
    }
}

impl std::fmt::Display for Direction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a body says of itself without running.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BodyFacts {
    /// There is something to apply.
    pub has_up: bool,
    /// There is something that takes it back.
    pub has_rollback: bool,
    /// The body asks to run inside (`true`) or outside (`false`) a transaction; `None` leaves it to
    /// the settings.
    pub transaction: Option<bool>,
    /// The migration's own path relative to the project folder, as in [`BodyOutcome::entry`].
    pub entry: Option<String>,
    /// Files that it imports when it is loaded; running may import more.
    pub imports: Vec<Import>,
    /// Where imports of the project's files lead.
    pub resolutions: Vec<Resolution>,
    /// What runs it, if that is not this program itself.
    pub runtime: Option<ForeignRuntime>,
    /// Things worth telling a person before it runs.
    pub warnings: Vec<String>,
}

/// A program that runs a body in a process of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ForeignRuntime {
    /// Its name for machines, such as `node`.
    pub name: &'static str,
    /// Its name and version for people, such as `Node.js 22.11.0`.
    pub title: String,
    /// What it uses there, such as the driver's version.
    pub detail: Document,
    /// Why it runs there, where nobody asked for it.
    pub reason: Option<String>,
}

/// A file that a body imported, below the project folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// Path relative to the project folder, with `/`.
    pub path: String,
    /// Checksum of the text that was loaded.
    pub checksum: Checksum,
    /// The text that was loaded.
    pub text: Arc<str>,
}

/// What a body gives back when it succeeded.
#[derive(Clone, Debug, Default)]
pub struct BodyOutcome {
    /// The migration's own path relative to the project folder, where it has one; imports of a stored
    /// source are resolved from it.
    pub entry: Option<String>,
    /// Files that count for the checksum besides the migration's own.
    pub imports: Vec<Import>,
    /// Where imports of the project's files led, for when the files are gone.
    pub resolutions: Vec<Resolution>,
    /// Things worth telling a person, such as an operation that nobody awaited.
    pub warnings: Vec<String>,
}

/// How a body failed.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BodyError {
    /// The text cannot be loaded: a syntax error, a missing import, no entry point.
    #[error("{message}")]
    Load {
        /// What is wrong, with file, line and column where there are any; may have several lines.
        message: String,
        /// The next step.
        hint: Option<String>,
    },
    /// The migration itself failed: it threw, or the database refused.
    #[error("{message}")]
    Failed {
        /// The error as a person reads it, class first; may have several lines.
        message: String,
        /// `code`, `codeName`, `labels`, `stack`, `class`; stored as `errorDetail`.
        detail: Document,
        /// The next step.
        hint: Option<String>,
    },
    /// The run stopped it.
    #[error("{reason}")]
    Stopped {
        /// Why.
        reason: StopReason,
        /// Operations that were in flight and whose outcome nobody knows.
        unknown: Vec<String>,
    },
}

/// Who may touch what while a body runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// A file of the project: may read below the project folder and the environment.
    Project,
    /// Code from the history: neither files nor environment.
    Stored,
}

/// How important a line of output is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputLevel {
    /// Diagnostic detail (`console.debug`).
    Debug,
    /// Ordinary output (`console.log`).
    Info,
    /// A warning (`console.warn`).
    Warn,
    /// An error (`console.error`).
    Error,
}

impl OutputLevel {
    /// `debug`, `info`, `warn` or `error`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

/// Something a body says while it runs.
#[derive(Clone, Debug, PartialEq)]
pub enum Said {
    /// Printed text, of one line or several (`console.log`).
    Line {
        /// How important.
        level: OutputLevel,
        /// Without the last line end.
        text: String,
    },
    /// An entry for the audit trail (`log` of the module `whimbrel`).
    Log {
        /// How important.
        level: OutputLevel,
        /// For people.
        message: String,
        /// For machines.
        fields: Document,
    },
    /// How far the body is (`progress` of the module `whimbrel`), in units of its own.
    Progress {
        /// Done so far.
        done: u64,
        /// To be done in all, where that is known.
        total: Option<u64>,
    },
}

/// Takes what a body says.
pub type OutputSink = Arc<dyn Fn(Said) + Send + Sync>;

/// Who sends a command, put on it as `comment: { whimbrel: runId, fence }`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunStamp {
    /// UUID of the run.
    pub run_id: String,
    /// Fence of the lease the run holds.
    pub fence: i64,
}

/// All a body may use while it runs.
#[derive(Clone)]
pub struct BodyContext {
    /// The migrated database; absent only with the in-memory stores of tests.
    pub database: Option<Database>,
    /// Asked before every wire command.
    pub gate: Gate,
    /// The transaction the body runs in, if it does.
    pub transaction: Option<Arc<MongoTransaction>>,
    /// Who we are, for command comments.
    pub stamp: RunStamp,
    /// Told of every command before it is sent and after its reply.
    pub operations: Arc<OperationLedger>,
    /// Takes the body's output.
    pub output: OutputSink,
}

impl std::fmt::Debug for BodyContext {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BodyContext").field("stamp", &self.stamp).finish_non_exhaustive()
    }
}

impl BodyContext {
    /// The migrated database.
    ///
    /// # Errors
    /// `Load` where there is none.
    pub fn require_database(&self) -> Result<Database, BodyError> {
        self.database.clone().ok_or_else(|| BodyError::Load {
            message: "there is no database to run the migration against".to_owned(),
            hint: None,
        })
    }
}

/// A migration's behaviour.
#[async_trait]
pub trait Body: Send + Sync {
    /// Loads the body without running it and says what it offers; stops when the gate closes.
    ///
    /// # Errors
    /// [`BodyError::Load`] when it cannot be loaded, `Stopped` when the gate closed first. Nothing of the
    /// database is touched.
    async fn inspect(&self, gate: Gate) -> Result<BodyFacts, BodyError>;

    /// Executes one direction.
    ///
    /// Each call starts afresh: nothing of an earlier call is visible to it. Operations in flight when
    /// the body's code returns are awaited before this does. No command is sent after
    /// `context.gate` closed.
    ///
    /// # Errors
    /// `Failed` when the migration failed, `Stopped` when the gate closed, `Load` as `inspect`.
    ///
    /// # Cancel safety
    /// The caller polls it to its end; it stops by the gate, not by being dropped.
    async fn run(
        &self,
        direction: Direction,
        context: BodyContext,
    ) -> Result<BodyOutcome, BodyError>;

    /// Whether dropping the future of [`Body::run`] ends all it does. Then that is how it is ended once it was asked to
    /// stop and the grace time is over; other bodies are left alone, because their gate is closed.
    fn ends_when_dropped(&self) -> bool {
        false
    }

    /// Where its transactions have to take place, if not in this program: `None` for most bodies.
    ///
    /// # Errors
    /// `Load` when the body cannot say.
    async fn remote_transaction(&self) -> Result<Option<Arc<dyn RemoteTransaction>>, BodyError> {
        Ok(None)
    }
}

/// What a file's text says before its body is loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFacts {
    /// It is a migration; otherwise data that lies beside them.
    pub is_migration: bool,
    /// What it does, in one line.
    pub description: Option<String>,
}

/// Makes bodies from text; implemented by each engine.
#[async_trait]
pub trait BodyLoader: Send + Sync {
    /// What the text of a file says. By default that it is a migration, and its `// Description:` line.
    fn facts_of_file(&self, _id: &MigrationId, text: &str) -> FileFacts {
        FileFacts { is_migration: true, description: crate::source::description_of(text) }
    }

    /// The body of a file of the project. Does no work that can fail: `inspect` reports errors.
    fn file_body(&self, id: &MigrationId, path: &Path, text: Arc<str>) -> Arc<dyn Body>;

    /// The body of a bundle kept in the history, to be run with [`Trust::Stored`].
    fn stored_body(&self, id: &MigrationId, bundle: SourceBundle) -> Arc<dyn Body>;

    /// The run is over: gives back what it kept for its bodies, such as a process. What is worth telling a person
    /// comes back as warnings. Bodies may be used again afterwards.
    async fn release(&self) -> Vec<String> {
        Vec::new()
    }
}
