//! Choosing what `up` runs.

use std::collections::HashSet;

use super::{
    Cause, Entry, Finding, FindingKind, Force, NewerDatabase, OnInterrupted, OnModified,
    OutOfOrder, Plan, PlanError, PlanInput, Severity, State, Step, StepSource, UpTarget, find,
};
use crate::body::Direction;
use crate::file_name::{Form, MigrationId, Version};

pub(super) fn choose(
    plan: &mut Plan,
    input: PlanInput<'_>,
    target: &UpTarget,
    force: &Force,
) -> Result<(), PlanError> {
    if *target == UpTarget::Count(0) {
        return Err(PlanError::ZeroCount);
    }
    let forced = forced_names(plan, force)?;
    let wanted = wanted_names(plan, target)?;
    let mut steps = Vec::new();
    for entry in plan.entries.iter().filter(|entry| entry.has_file) {
        let name = entry.name().to_owned();
        if wanted.as_ref().is_some_and(|wanted| !wanted.contains(&name)) {
            continue;
        }
        match cause_of(entry, input, force, forced.contains(&name)) {
            Some(cause) => steps.push(Step {
                name,
                direction: Direction::Up,
                cause,
                source: StepSource::File,
                row: entry.row.clone(),
            }),
            None if entry.state.is_applied() => plan.already_applied.push(name),
            None => {}
        }
    }
    if let UpTarget::Count(count) = target {
        steps.truncate(*count);
    }
    plan.steps = steps;
    judge(plan, input, &forced);
    Ok(())
}

fn forced_names(plan: &Plan, force: &Force) -> Result<HashSet<String>, PlanError> {
    let Force::Names(texts) = force else { return Ok(HashSet::new()) };
    texts.iter().map(|text| Ok(with_file(plan, text)?.name().to_owned())).collect()
}

/// `None`: everything.
fn wanted_names(plan: &Plan, target: &UpTarget) -> Result<Option<HashSet<String>>, PlanError> {
    Ok(match target {
        UpTarget::All | UpTarget::Count(_) => None,
        UpTarget::Names(texts) => Some(
            texts
                .iter()
                .map(|text| Ok(with_file(plan, text)?.name().to_owned()))
                .collect::<Result<_, _>>()?,
        ),
        UpTarget::To(text) => {
            let last = with_file(plan, text)?.name().to_owned();
            let files = plan.entries.iter().filter(|entry| entry.has_file);
            let mut names = HashSet::new();
            for entry in files {
                names.insert(entry.name().to_owned());
                if entry.name() == last {
                    break;
                }
            }
            Some(names)
        }
    })
}

fn with_file<'a>(plan: &'a Plan, text: &str) -> Result<&'a Entry, PlanError> {
    let entry = find(&plan.entries, text)?;
    if entry.has_file {
        return Ok(entry);
    }
    Err(PlanError::NoFile { name: entry.name().to_owned() })
}

fn cause_of(entry: &Entry, input: PlanInput<'_>, force: &Force, named: bool) -> Option<Cause> {
    match entry.state {
        State::Pending => Some(Cause::Pending),
        State::Failed => Some(Cause::Failed),
        State::Interrupted => Some(Cause::Interrupted),
        State::Applied if named || *force == Force::All => Some(Cause::Forced),
        State::Modified if named => Some(Cause::Forced),
        State::Modified if input.policy.on_modified == OnModified::Rerun => Some(Cause::Modified),
        // A rollback that did not end is settled by `down`, never by `up`.
        State::Applied
        | State::Modified
        | State::Missing
        | State::RollbackFailed
        | State::RollbackInterrupted => None,
    }
}

/// Sets how serious each finding is for `up`, and adds those that depend on the request.
fn judge(plan: &mut Plan, input: PlanInput<'_>, forced: &HashSet<String>) {
    plan.findings.retain_mut(|finding| {
        finding.severity = match &finding.kind {
            FindingKind::Modified { name, .. } if forced.contains(name) => return false,
            FindingKind::Modified { .. } => match input.policy.on_modified {
                OnModified::Refuse => Severity::Refusal,
                OnModified::Warn | OnModified::Rerun => Severity::Warning,
            },
            FindingKind::Renamed { .. }
            | FindingKind::DuplicateVersion { .. }
            | FindingKind::CaseConflict { .. } => Severity::Refusal,
            _ => finding.severity,
        };
        true
    });
    for entry in &plan.entries {
        let name = entry.name().to_owned();
        let row = entry.row.as_ref();
        let transaction = row.is_some_and(|row| row.transaction);
        let found = match entry.state {
            State::Interrupted => {
                let stop = input.policy.on_interrupted == OnInterrupted::Stop;
                let stop = stop && !transaction && !forced.contains(&name);
                let severity = if stop { Severity::Refusal } else { Severity::Warning };
                Finding::new(severity, FindingKind::Interrupted { name, transaction })
            }
            State::RollbackInterrupted => {
                Finding::new(Severity::Refusal, FindingKind::RollbackInterrupted { name })
            }
            State::RollbackFailed => {
                let error = row.and_then(|row| row.error.clone());
                Finding::new(Severity::Refusal, FindingKind::RollbackFailed { name, error })
            }
            _ => continue,
        };
        plan.findings.push(found);
    }
    find_newer(plan, input);
    let severity = match input.policy.out_of_order {
        OutOfOrder::Run => return,
        OutOfOrder::Warn => Severity::Warning,
        OutOfOrder::Refuse => Severity::Refusal,
    };
    let due = plan.steps.iter().filter(|step| step.cause == Cause::Pending);
    let due: Vec<String> = due.map(|step| step.name.clone()).collect();
    find_out_of_order(plan, &due, severity);
}

/// Migrations without a file that came after everything that is here: of a higher version, or, where nothing here waits
/// to be applied, applied later. Those before were taken away once they were applied everywhere, which is no news. They
/// need not be applied: the newer release may be at it this moment, or have failed.
fn find_newer(plan: &mut Plan, input: PlanInput<'_>) {
    let severity = match input.policy.newer_database {
        NewerDatabase::Allow => Severity::Note,
        NewerDatabase::Warn => Severity::Warning,
        NewerDatabase::Refuse => Severity::Refusal,
    };
    let here = || plan.entries.iter().filter(|entry| entry.has_file);
    let sequence = |entry: &Entry| entry.row.as_ref().and_then(|row| row.sequence);
    let version = |entry: &Entry| Version::parse(entry.version());
    let is_native =
        |entry: &Entry| MigrationId::parse(entry.name()).is_ok_and(|id| id.form() == Form::Native);
    let highest = here().filter_map(version).max();
    let last = match here().any(|entry| entry.state == State::Pending) {
        true => None,
        false => here().filter_map(sequence).max(),
    };
    let mut newer: Vec<&Entry> = plan
        .entries
        .iter()
        .filter(|entry| !entry.has_file && entry.state != State::Pending)
        .filter(|entry| !(input.policy.native_is_elsewhere && is_native(entry)))
        .filter(|entry| version(entry) > highest || (last.is_some() && sequence(entry) > last))
        .collect();
    newer.sort_by_key(|entry| (sequence(entry).is_none(), sequence(entry)));
    let names: Vec<String> = newer.into_iter().map(|entry| entry.name().to_owned()).collect();
    if !names.is_empty() {
        plan.findings.push(Finding::new(severity, FindingKind::DatabaseNewer { names }));
    }
}

/// Those of `due` that are older than the latest applied one.
pub(super) fn find_out_of_order(plan: &mut Plan, due: &[String], severity: Severity) {
    let applied = plan.entries.iter().filter(|entry| entry.state.is_applied());
    let latest = applied.filter_map(|entry| MigrationId::parse(entry.name()).ok()).max();
    let Some(latest) = latest else { return };
    for name in due {
        if !MigrationId::parse(name).is_ok_and(|id| id < latest) {
            continue;
        }
        let (name, after) = (name.clone(), latest.name().to_owned());
        let kind = FindingKind::OutOfOrder { name, after };
        plan.findings.push(Finding::new(severity, kind));
    }
}
