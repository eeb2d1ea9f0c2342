//! The rows a run writes: how each step changes a migration's document.

use std::sync::Arc;
use std::time::Duration;

use mongodb::bson::{DateTime, Document};

use crate::body::{Direction, Import, RunStamp};
use crate::history::{AppliedBy, RecordedImport, Row, Status};
use crate::plan::Step;
use crate::source::{BundleFile, Migration, Resolution, SourceBundle};

/// Who writes.
pub(super) struct Writer<'a> {
    pub(super) stamp: &'a RunStamp,
    pub(super) identity: &'a AppliedBy,
}

impl Writer<'_> {
    pub(super) fn sign(&self, row: &mut Row) {
        row.run_id.clone_from(&self.stamp.run_id);
        row.fence = self.stamp.fence;
        row.applied_by = self.identity.clone();
    }

    /// The row while the step runs. `None` when there is neither file nor row to make it from.
    pub(super) fn running(
        &self,
        step: &Step,
        migration: Option<&Migration>,
        transaction: bool,
    ) -> Option<Row> {
        let mut row = match (&step.row, migration) {
            (Some(row), _) => row.clone(),
            (None, Some(migration)) => fresh(migration),
            (None, None) => return None,
        };
        if step.direction == Direction::Up
            && let Some(migration) = migration
        {
            // It runs the file's present text.
            row.version = migration.id.version().as_str().to_owned();
            row.description.clone_from(&migration.description);
            row.checksum = migration.checksum.clone();
            row.imports = Vec::new();
        }
        row.status = Status::Running;
        row.direction = step.direction;
        row.transaction = transaction;
        row.attempts = row.attempts.saturating_add(1);
        row.error = None;
        row.error_detail = None;
        self.sign(&mut row);
        Some(row)
    }

    /// After an `up` that ended well.
    pub(super) fn applied(
        &self,
        running: &Row,
        imports: &[Import],
        sequence: i64,
        duration: Duration,
    ) -> Row {
        Row {
            status: Status::Completed,
            rollback: false,
            rolled_back_at: None,
            // A migration that is run again keeps its place in the order.
            sequence: running.sequence.or(Some(sequence)),
            applied_at: Some(DateTime::now()),
            execution_time: Some(millis(duration)),
            imports: recorded(imports),
            ..running.clone()
        }
    }

    /// After a rollback that ended well.
    pub(super) fn rolled_back(&self, running: &Row) -> Row {
        Row {
            status: Status::Pending,
            rollback: true,
            rolled_back_at: Some(DateTime::now()),
            sequence: None,
            applied_at: None,
            execution_time: None,
            ..running.clone()
        }
    }

    /// After a failure. What ran in a transaction left nothing, so a migration that was applied before is
    /// applied as before: after a rollback that failed, and after a forced run that failed.
    pub(super) fn failed(
        &self,
        running: &Row,
        before: Option<&Row>,
        error: &str,
        detail: Document,
    ) -> Row {
        let applied_before = before.filter(|row| row.status == Status::Completed);
        let (mut row, status) = match applied_before {
            Some(before) if running.transaction => (before.clone(), Status::Completed),
            _ => (running.clone(), Status::Failed),
        };
        if status == Status::Completed {
            row.direction = Direction::Up;
            row.attempts = running.attempts;
            self.sign(&mut row);
        }
        Row { status, error: Some(error.to_owned()), error_detail: Some(detail), ..row }
    }

    /// Applied, on somebody's word: nothing of it was executed now. `None` when there is neither file nor row.
    pub(super) fn marked_applied(
        &self,
        row: Option<&Row>,
        migration: Option<&Migration>,
        imports: &[Import],
        sequence: i64,
    ) -> Option<Row> {
        let mut marked = match (row, migration) {
            (Some(row), _) => row.clone(),
            (None, Some(migration)) => fresh(migration),
            (None, None) => return None,
        };
        if let Some(migration) = migration {
            marked.version = migration.id.version().as_str().to_owned();
            marked.description.clone_from(&migration.description);
            marked.checksum = migration.checksum.clone();
            marked.imports = recorded(imports);
        }
        marked.status = Status::Completed;
        marked.direction = Direction::Up;
        marked.rollback = false;
        marked.rolled_back_at = None;
        marked.sequence = marked.sequence.or(Some(sequence));
        marked.applied_at = marked.applied_at.or(Some(DateTime::now()));
        marked.error = None;
        marked.error_detail = None;
        self.sign(&mut marked);
        Some(marked)
    }

    /// Not applied, on somebody's word: the next `up` runs it.
    pub(super) fn marked_pending(&self, row: &Row) -> Row {
        let mut marked = Row {
            status: Status::Pending,
            direction: Direction::Up,
            rollback: false,
            rolled_back_at: None,
            sequence: None,
            applied_at: None,
            execution_time: None,
            error: None,
            error_detail: None,
            ..row.clone()
        };
        self.sign(&mut marked);
        marked
    }

    /// An interrupted transactional rollback: applied, as before it.
    pub(super) fn restored(&self, row: &Row) -> Row {
        let mut row = Row {
            status: Status::Completed,
            direction: Direction::Up,
            error: Some("its rollback was interrupted and left nothing".to_owned()),
            ..row.clone()
        };
        self.sign(&mut row);
        row
    }
}

fn fresh(migration: &Migration) -> Row {
    Row {
        name: migration.id.name().to_owned(),
        version: migration.id.version().as_str().to_owned(),
        description: migration.description.clone(),
        status: Status::Pending,
        direction: Direction::Up,
        rollback: false,
        sequence: None,
        applied_at: None,
        execution_time: None,
        checksum: migration.checksum.clone(),
        imports: Vec::new(),
        error: None,
        error_detail: None,
        attempts: 0,
        transaction: false,
        run_id: String::new(),
        fence: 0,
        applied_by: AppliedBy::default(),
        rolled_back_at: None,
    }
}

/// The text to keep in the history, packed with its imports; `None` without a text, or when it is too large.
pub(super) fn bundle(
    migration: &Migration,
    entry: &Option<String>,
    imports: &[Import],
    resolutions: &[Resolution],
) -> Option<Vec<u8>> {
    let text = migration.text.clone()?;
    let entry = entry.clone().unwrap_or_else(|| migration.id.name().to_owned());
    let mut files = vec![BundleFile { path: entry.clone(), text }];
    files.extend(
        imports
            .iter()
            .map(|import| BundleFile { path: import.path.clone(), text: Arc::clone(&import.text) }),
    );
    SourceBundle { entry, files, resolutions: resolutions.to_vec() }.pack()
}

fn recorded(imports: &[Import]) -> Vec<RecordedImport> {
    let record = |import: &Import| RecordedImport {
        path: import.path.clone(),
        checksum: import.checksum.clone(),
    };
    imports.iter().map(record).collect()
}

pub(super) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
