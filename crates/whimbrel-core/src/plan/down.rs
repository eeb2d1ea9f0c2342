//! Choosing what `down` takes back: by order of application, latest first.

use super::{
    Cause, DownTarget, Entry, Finding, FindingKind, Plan, PlanError, RollbackFrom, Severity, State,
    Step, StepSource, find,
};
use crate::body::Direction;

pub(super) fn choose(
    plan: &mut Plan,
    target: &DownTarget,
    from: RollbackFrom,
) -> Result<(), PlanError> {
    let applied = in_order_of_application(&plan.entries);
    let chosen: Vec<Entry> = match target {
        DownTarget::Count(0) => return Err(PlanError::ZeroCount),
        DownTarget::Count(count) => applied.into_iter().take(*count).cloned().collect(),
        DownTarget::All => applied.into_iter().cloned().collect(),
        DownTarget::To(text) => {
            let stays = find(&plan.entries, text)?.name().to_owned();
            let at = applied
                .iter()
                .position(|entry| entry.name() == stays)
                .ok_or(PlanError::NotApplied { name: stays })?;
            applied.into_iter().take(at).cloned().collect()
        }
        DownTarget::Names(texts) => named(plan, texts)?,
    };
    // Findings about other migrations do not stop a rollback.
    for finding in &mut plan.findings {
        finding.severity = Severity::Note;
    }
    for entry in chosen {
        let source = source_of(plan, &entry, from);
        plan.steps.push(Step {
            name: entry.name().to_owned(),
            direction: Direction::Rollback,
            cause: match entry.state {
                State::Failed | State::RollbackFailed => Cause::Failed,
                State::Interrupted | State::RollbackInterrupted => Cause::Interrupted,
                _ => Cause::Applied,
            },
            source,
            row: entry.row,
        });
    }
    Ok(())
}

/// Applied ones, and those whose rollback did not end: they come first in their turn.
fn in_order_of_application(entries: &[Entry]) -> Vec<&Entry> {
    let mut applied: Vec<&Entry> = entries
        .iter()
        .filter(|entry| {
            // A forced run that failed left what was applied before it, at least in part.
            entry.state.is_applied()
                || entry.row.as_ref().is_some_and(|row| row.sequence.is_some())
                || matches!(entry.state, State::RollbackFailed | State::RollbackInterrupted)
        })
        .collect();
    let key = |entry: &Entry| {
        let row = entry.row.as_ref();
        let applied_at = row.and_then(|row| row.applied_at);
        (row.and_then(|row| row.sequence), applied_at, entry.name().to_owned())
    };
    applied.sort_by_key(|entry| std::cmp::Reverse(key(entry)));
    applied
}

fn named(plan: &Plan, texts: &[String]) -> Result<Vec<Entry>, PlanError> {
    let mut chosen: Vec<Entry> = Vec::new();
    for text in texts {
        let entry = find(&plan.entries, text)?;
        if entry.state == State::Pending {
            return Err(PlanError::NotApplied { name: entry.name().to_owned() });
        }
        if !chosen.iter().any(|other| other.name() == entry.name()) {
            chosen.push(entry.clone());
        }
    }
    // Among several, the latest applied goes first; failed ones, which have no place in that order, before.
    chosen.sort_by_key(|entry| {
        let sequence = entry.row.as_ref().and_then(|row| row.sequence);
        std::cmp::Reverse(sequence.unwrap_or(i64::MAX))
    });
    Ok(chosen)
}

/// Decides on the text, or records why it cannot be decided here.
fn source_of(plan: &mut Plan, entry: &Entry, from: RollbackFrom) -> StepSource {
    let name = entry.name().to_owned();
    let refusal = match (entry.has_file, entry.modified, from) {
        (true, false, _) | (true, true, RollbackFrom::File) => return StepSource::File,
        (_, _, RollbackFrom::History) => return StepSource::History,
        (true, true, RollbackFrom::UnchangedFile) => FindingKind::RollbackFileModified { name },
        (false, _, RollbackFrom::UnchangedFile | RollbackFrom::File) => {
            FindingKind::RollbackFileMissing { name }
        }
    };
    plan.findings.push(Finding::new(Severity::Refusal, refusal));
    StepSource::File
}
