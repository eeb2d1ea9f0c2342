//! What `verify` holds against files and history: everything that a person should settle, whether or not it is in
//! the way of the next run.

use super::finding::is_native;
use super::{Finding, FindingKind, OutOfOrder, Plan, PlanInput, Severity, State, up};
use crate::file_name::MigrationId;

pub(super) fn judge(plan: &mut Plan, input: PlanInput<'_>) {
    for finding in &mut plan.findings {
        finding.severity = match &finding.kind {
            // Rust code is in another program, where it belongs.
            FindingKind::Missing { name }
                if input.policy.native_is_elsewhere && is_native(name) =>
            {
                Severity::Note
            }
            _ => Severity::Refusal,
        };
    }
    for entry in &plan.entries {
        let name = entry.name().to_owned();
        let row = entry.row.as_ref();
        let error = row.and_then(|row| row.error.clone());
        let transaction = row.is_some_and(|row| row.transaction);
        let (severity, kind) = match entry.state {
            State::Failed => (Severity::Refusal, FindingKind::Failed { name, error }),
            // Nothing of it was left.
            State::Interrupted if transaction => {
                (Severity::Note, FindingKind::Interrupted { name, transaction })
            }
            State::Interrupted => {
                (Severity::Refusal, FindingKind::Interrupted { name, transaction })
            }
            State::RollbackInterrupted => {
                (Severity::Refusal, FindingKind::RollbackInterrupted { name })
            }
            State::RollbackFailed => {
                (Severity::Refusal, FindingKind::RollbackFailed { name, error })
            }
            _ => continue,
        };
        plan.findings.push(Finding::new(severity, kind));
    }
    let due = plan.entries.iter().filter(|entry| entry.has_file && entry.state == State::Pending);
    let due: Vec<String> = due.map(|entry| entry.name().to_owned()).collect();
    let severity = match input.policy.out_of_order {
        OutOfOrder::Run => Severity::Note,
        OutOfOrder::Warn => Severity::Warning,
        OutOfOrder::Refuse => Severity::Refusal,
    };
    up::find_out_of_order(plan, &due, severity);
    find_applied_out_of_order(plan);
}

/// Migrations that were applied after one with a higher version: normal where branches are merged.
fn find_applied_out_of_order(plan: &mut Plan) {
    let mut applied: Vec<(i64, MigrationId)> = plan
        .entries
        .iter()
        .filter(|entry| entry.state.is_applied())
        .filter_map(|entry| {
            Some((entry.row.as_ref()?.sequence?, MigrationId::parse(entry.name()).ok()?))
        })
        .collect();
    applied.sort();
    let mut latest: Option<&MigrationId> = None;
    for (_, id) in &applied {
        match latest {
            Some(latest) if id < latest => {
                let (name, after) = (id.name().to_owned(), latest.name().to_owned());
                let kind = FindingKind::AppliedOutOfOrder { name, after };
                plan.findings.push(Finding::new(Severity::Note, kind));
            }
            _ => latest = Some(id),
        }
    }
}
