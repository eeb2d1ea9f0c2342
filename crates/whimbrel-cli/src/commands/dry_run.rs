//! `up --dry-run` and `down --dry-run`: what a run would do and why. Reads only.

use whimbrel_core::json::dry_run_report;
use whimbrel_core::migrator::{DryRun, DryStep};
use whimbrel_core::plan::{Cause, StepSource};
use whimbrel_core::plan::{Request, Severity};
use whimbrel_core::report::RunKind;

use super::database::Opened;
use crate::context::Context;
use crate::exit::{CommandError, Exit};
use crate::ui::{Ui, told};

pub(super) async fn run(
    context: &mut Context,
    kind: RunKind,
    request: &Request,
) -> Result<Exit, CommandError> {
    let opened = Opened::new(context, None).await?;
    let result = opened.project.engine().dry_run(request).await;
    opened.close().await?;
    let dry_run = result?;
    let ui = &context.ui;
    if ui.output.json {
        ui.line(&dry_run_report(kind, &dry_run).to_string());
    } else {
        show(ui, kind, &dry_run);
    }
    Ok(exit_of(&dry_run))
}

/// As the run itself would end before it executes anything.
fn exit_of(dry_run: &DryRun) -> Exit {
    if dry_run.findings.iter().any(|finding| finding.severity == Severity::Refusal) {
        return Exit::Drift;
    }
    let problem = dry_run.steps.iter().find_map(|step| step.problem.as_ref());
    problem.map_or(Exit::Done, |problem| problem.class.into())
}

fn show(ui: &Ui, kind: RunKind, dry_run: &DryRun) {
    let (verb, nothing) = match kind {
        RunKind::Down | RunKind::Redo => ("roll back", "nothing to roll back"),
        RunKind::Up => ("execute", "nothing to execute"),
    };
    let noun = if dry_run.files == 1 { "file" } else { "files" };
    ui.say(&format!("{}Dry run: nothing is executed or written", ui.mark("🔎 ", "")));
    ui.say(&format!("{}Found {} migration {noun}", ui.mark("📋 ", ""), dry_run.files));
    if let Some(lock) = &dry_run.lock {
        ui.note(&format!("the lock is held by {} right now", lock.holder()));
    }
    dry_run.warnings.iter().for_each(|warning| ui.warn(warning));
    let mut refused = false;
    for finding in &dry_run.findings {
        match finding.severity {
            Severity::Refusal => {
                refused = true;
                ui.warn(&format!("nothing would be run: {finding}"));
                if let Some(hint) = finding.hint() {
                    ui.hint(&hint);
                }
            }
            Severity::Warning => ui.warn(&finding.to_string()),
            Severity::Note if ui.output.verbose => ui.note(&finding.to_string()),
            Severity::Note => {}
        }
    }
    for name in &dry_run.restored {
        ui.line(&format!("\nWould count as applied again: {name}"));
        ui.line("   Reason: its rollback was cut off inside a transaction and left nothing");
    }
    for (at, step) in dry_run.steps.iter().enumerate() {
        let problem =
            if step.problem.is_some() { ui.mark("❌ ", "") } else { ui.mark("⏳ ", "") };
        ui.line(&format!("\n{problem}{}. Would {verb}: {}", at + 1, step.name));
        ui.line(&format!("   Reason: {}", reason(step)));
        if step.transaction {
            ui.line("   In a transaction");
        }
        if let Some(runtime) = &step.runtime {
            ui.line(&format!("   In {}", told(runtime)));
        }
        if step.source == StepSource::History {
            ui.line("   With the text kept in the history");
        }
        if let Some(problem) = &step.problem {
            refused = true;
            ui.line(&format!("   Problem: {}", problem.message.replace('\n', "\n   ")));
            problem.hints.iter().for_each(|hint| ui.line(&format!("   Next: {hint}")));
        }
    }
    let already = dry_run.already_applied.len();
    let already = if already > 0 { format!(", {already} already applied") } else { String::new() };
    let count = dry_run.steps.len();
    let summary = match count {
        _ if refused => format!("Nothing would be run: 0 of {count}{already}"),
        0 => format!("There is {nothing}{already}"),
        _ => format!("Would {verb}: {count}{already}"),
    };
    ui.line(&format!("\n{}{summary}", ui.mark("📊 ", "")));
}

fn reason(step: &DryStep) -> String {
    if step.running {
        return "running this moment; due again only if that fails".to_owned();
    }
    match step.cause {
        Cause::Pending => "pending",
        Cause::Failed => "its last run failed",
        Cause::Interrupted => "its last run was cut off",
        Cause::Forced => "applied, and run again because of --force",
        Cause::Modified => "applied, and changed since (on_modified = rerun)",
        Cause::Applied => "applied",
    }
    .to_owned()
}
