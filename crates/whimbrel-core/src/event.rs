//! What the run loop tells while it works.
//!
//! People on a terminal, JSON lines, a Node.js callback and a status page are observers of the same
//! events; none of them changes what happens.

use std::time::Duration;

use mongodb::bson::Document;

use crate::body::{Direction, ForeignRuntime, OutputLevel};
use crate::lock::LockDocument;
use crate::migrator::KnownWork;
use crate::plan::{Cause, Finding};
use crate::report::{RunKind, Summary};
use crate::source::SkippedEntry;

/// Something that happened.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// Files and history were read.
    Planned {
        /// The run's UUID.
        run_id: String,
        /// What kind of run.
        kind: RunKind,
        /// Migration files there are.
        files: usize,
        /// Entries of the folder that are no migrations.
        skipped_entries: Vec<SkippedEntry>,
    },
    /// Something a person should know; refusals come as the run's error as well.
    Found {
        /// What.
        finding: Finding,
    },
    /// Somebody else holds the lock; told again every ten seconds.
    LockWaiting {
        /// The lock as last seen.
        holder: LockDocument,
        /// Waiting for so long.
        waited: Duration,
    },
    /// The lock's last holder was dead, or had to yield, and we took its place.
    LockTakenOver {
        /// The lock as it was left.
        from: LockDocument,
        /// It was taken from somebody alive, by force.
        alive: bool,
    },
    /// The lock is ours, and whoever may still believe that it is theirs is given time to stop.
    LockOutlasting {
        /// How long that takes.
        wait: Duration,
    },
    /// What an execution that was cut off had sent, as far as the audit trail knows.
    WasInterrupted {
        /// The execution.
        work: KnownWork,
    },
    /// Migrations that `up` leaves alone, in order.
    AlreadyApplied {
        /// Their names.
        names: Vec<String>,
    },
    /// A migration begins.
    Started {
        /// Its name.
        name: String,
        /// Which way.
        direction: Direction,
        /// Why.
        cause: Cause,
        /// It runs in a transaction.
        transaction: bool,
        /// What runs it, if that is not this program itself.
        runtime: Option<ForeignRuntime>,
        /// Its place among the steps, from 1.
        position: usize,
        /// How many steps there are.
        total: usize,
    },
    /// A migration printed a line.
    Output {
        /// Its name.
        name: String,
        /// How important.
        level: OutputLevel,
        /// Without the line end.
        line: String,
    },
    /// A migration logged something for the audit trail.
    Logged {
        /// Its name.
        name: String,
        /// How important.
        level: OutputLevel,
        /// For people.
        message: String,
        /// For machines.
        fields: Document,
    },
    /// A migration told how far it is, in units of its own.
    Progress {
        /// Its name.
        name: String,
        /// Done so far.
        done: u64,
        /// To be done in all, where that is known.
        total: Option<u64>,
    },
    /// A transaction is tried again.
    Retrying {
        /// The migration.
        name: String,
        /// The coming attempt, from 2.
        attempt: u32,
        /// Why.
        error: String,
    },
    /// A migration ended well.
    Completed {
        /// Its name.
        name: String,
        /// Which way.
        direction: Direction,
        /// How long it took.
        duration: Duration,
    },
    /// Something is worth a warning: most often about a migration that ended well.
    Warned {
        /// The migration; empty where it is about the run.
        name: String,
        /// What.
        message: String,
    },
    /// A migration failed.
    Failed {
        /// Its name.
        name: String,
        /// Which way.
        direction: Direction,
        /// How long it ran.
        duration: Duration,
        /// How.
        error: String,
        /// The error's code.
        code: &'static str,
    },
    /// The run ended, well or not.
    Finished {
        /// What kind of run.
        kind: RunKind,
        /// Its numbers.
        summary: Summary,
    },
}

/// Hears events. Called from the run loop, so it must not block for long.
pub trait Observer: Send + Sync {
    /// Takes one event.
    fn observe(&self, event: &Event);
}

/// Hears nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Observer for Silent {
    fn observe(&self, _event: &Event) {}
}

impl<F: Fn(&Event) + Send + Sync> Observer for F {
    fn observe(&self, event: &Event) {
        self(event);
    }
}
