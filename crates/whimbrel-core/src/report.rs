//! What a run did.

use std::time::Duration;

use serde::Serialize;

use crate::body::Direction;

/// A migration that was executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// Its name.
    pub name: String,
    /// Which way.
    pub direction: Direction,
    /// How long it took.
    pub duration: Duration,
}

/// A migration that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    /// Its name.
    pub name: String,
    /// Which way.
    pub direction: Direction,
    /// How.
    pub error: String,
}

/// What a run did, and what it did not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunReport {
    /// UUID of the run.
    pub run_id: String,
    /// Executed, in order.
    pub done: Vec<Done>,
    /// Left alone because they are applied.
    pub skipped: Vec<String>,
    /// Failed; at most one unless the run goes on after errors.
    pub failed: Vec<Failed>,
    /// Planned and never started.
    pub not_started: Vec<String>,
}

/// The numbers of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Executed, either direction.
    pub successful: usize,
    /// Those of them that were rolled back.
    pub rolled_back: usize,
    /// Already applied.
    pub skipped: usize,
    /// Failed.
    pub failed: usize,
    /// Planned and never started.
    pub not_started: usize,
}

impl RunReport {
    /// Its numbers.
    pub fn summary(&self) -> Summary {
        Summary {
            successful: self.done.len(),
            rolled_back: self
                .done
                .iter()
                .filter(|done| done.direction == Direction::Rollback)
                .count(),
            skipped: self.skipped.len(),
            failed: self.failed.len(),
            not_started: self.not_started.len(),
        }
    }
}

/// Which run a report or an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunKind {
    /// Applying.
    Up,
    /// Rolling back.
    Down,
    /// Rolling back, then applying the same again.
    Redo,
}

impl RunKind {
    /// The direction of its steps, where they have one.
    pub fn direction(self) -> Option<Direction> {
        match self {
            Self::Up => Some(Direction::Up),
            Self::Down => Some(Direction::Rollback),
            Self::Redo => None,
        }
    }

    /// The command's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Redo => "redo",
        }
    }
}
