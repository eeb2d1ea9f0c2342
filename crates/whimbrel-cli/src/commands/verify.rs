//! `whimbrel verify`: do files and history agree? Reads only.

use whimbrel_core::json::verify_report;
use whimbrel_core::migrator::VerifyReport;
use whimbrel_core::plan::{Finding, Severity};

use super::database::Opened;
use crate::context::Context;
use crate::exit::{CommandError, Exit};
use crate::ui::Ui;

pub(super) async fn run(context: &mut Context) -> Result<Exit, CommandError> {
    let opened = Opened::new(context, None).await?;
    let result = opened.project.engine().verify().await;
    opened.close().await?;
    let report = result?;
    let problems: Vec<&Finding> =
        report.findings.iter().filter(|finding| finding.severity == Severity::Refusal).collect();
    let ui = &context.ui;
    if ui.output.json {
        ui.line(&verify_report(&report).to_string());
    } else {
        show(ui, &report, &problems);
    }
    Ok(if problems.is_empty() { Exit::Done } else { Exit::Drift })
}

fn show(ui: &Ui, report: &VerifyReport, problems: &[&Finding]) {
    ui.say(&format!("{}Verification:", ui.mark("🔎 ", "")));
    ui.say(&format!("Total migrations: {}", report.total));
    ui.say(&format!("Applied: {}", report.applied));
    ui.say(&format!("Pending: {}", report.pending));
    let others = report.total - report.applied - report.pending;
    if others > 0 {
        ui.say(&format!("Neither: {others}"));
    }
    for problem in problems {
        ui.line(&format!("\n{}{problem}", ui.mark("❌ ", "[problem] ")));
        ui.line(&format!("   Code: {}", problem.code()));
        if let Some(hint) = problem.hint() {
            ui.line(&format!("   Next: {hint}"));
        }
    }
    for finding in &report.findings {
        match finding.severity {
            Severity::Warning => ui.warn(&finding.to_string()),
            Severity::Note if ui.output.verbose => ui.note(&finding.to_string()),
            _ => {}
        }
    }
    for entry in &report.skipped {
        if entry.why.is_suspicious() || ui.output.verbose {
            ui.warn(&format!("skipped {}: {}", entry.name, entry.why));
        }
    }
    ui.line(&match problems.len() {
        0 => format!("\n{}Files and history agree", ui.mark("✅ ", "")),
        1 => format!("\n{}1 problem", ui.mark("📊 ", "")),
        several => format!("\n{}{several} problems", ui.mark("📊 ", "")),
    });
}
