//! `whimbrel status`: reads only.

use std::time::Duration;

use clap::ArgMatches;
use whimbrel_core::json::status_report;
use whimbrel_core::migrator::{MigrationStatus, StatusReport};
use whimbrel_core::plan::{Finding, State};
use whimbrel_core::plan::{FindingKind, OnInterrupted};

use super::database::Opened;
use crate::context::Context;
use crate::exit::{CommandError, Exit};
use crate::signals::interrupted;
use crate::ui::{Ui, duration, local_time};

/// How often `--watch` looks.
const WATCH_EVERY: Duration = Duration::from_secs(1);

pub(super) async fn run(matches: &ArgMatches, context: &mut Context) -> Result<Exit, CommandError> {
    let opened = Opened::new(context, None).await?;
    let ui = context.ui.clone();
    let on_interrupted = context.config.policy.on_interrupted;
    let result = if matches.get_flag("watch") {
        tokio::select! {
            result = watch(&opened, &ui, on_interrupted) => result,
            () = interrupted() => Ok(Exit::Interrupted),
        }
    } else {
        once(&opened, &ui, on_interrupted, matches.get_flag("exit-code")).await
    };
    opened.close().await?;
    result
}

async fn once(
    opened: &Opened,
    ui: &Ui,
    on_interrupted: OnInterrupted,
    exit_code: bool,
) -> Result<Exit, CommandError> {
    let report = opened.project.engine().status().await?;
    if let Some(lost) = &report.lost {
        ui.warn(&format!("{lost}; `whimbrel verify` says what to do"));
    }
    ui.line(&shown(ui, &report, on_interrupted));
    Ok(if exit_code { exit_of(&report, on_interrupted) } else { Exit::Done })
}

async fn watch(
    opened: &Opened,
    ui: &Ui,
    on_interrupted: OnInterrupted,
) -> Result<Exit, CommandError> {
    let mut last = String::new();
    loop {
        let report = opened.project.engine().status().await?;
        let text = shown(ui, &report, on_interrupted);
        if text != last {
            ui.clear_screen();
            ui.line(&text);
            last = text;
        }
        tokio::time::sleep(WATCH_EVERY).await;
    }
}

fn exit_of(report: &StatusReport, on_interrupted: OnInterrupted) -> Exit {
    let drift = report.findings.iter().any(|finding| {
        matches!(
            finding.kind,
            FindingKind::Modified { .. }
                | FindingKind::Renamed { .. }
                | FindingKind::DuplicateVersion { .. }
                | FindingKind::CaseConflict { .. }
        )
    });
    let unsettled = report.migrations.iter().any(|migration| {
        !migration.running
            && match migration.entry.state {
                State::RollbackFailed | State::RollbackInterrupted => true,
                State::Interrupted => {
                    let row = migration.entry.row.as_ref();
                    on_interrupted == OnInterrupted::Stop && !row.is_some_and(|row| row.transaction)
                }
                _ => false,
            }
    });
    if drift || unsettled || report.lost.is_some() {
        Exit::Drift
    } else if report.failed() > 0 {
        Exit::Migration
    } else if report.pending() > 0 {
        Exit::Pending
    } else {
        Exit::Done
    }
}

fn shown(ui: &Ui, report: &StatusReport, on_interrupted: OnInterrupted) -> String {
    if ui.output.json {
        return status_report(report).to_string();
    }
    let mut lines = vec![
        format!("{}Migration Status:", ui.mark("📊 ", "")),
        format!("Total migrations: {}", report.total()),
        format!("Applied: {}", report.applied()),
        format!("Pending: {}", report.pending()),
        format!("Failed: {}", report.failed()),
    ];
    if let Some(lock) = &report.lock {
        let command = lock.command.split(" (").next().unwrap_or_default();
        lines.push(format!(
            "{}Lock: held by {} since {}, running {command}{}",
            ui.mark("🔒 ", ""),
            lock.holder(),
            local_time(lock.acquired_at.timestamp_millis()),
            if report.lock_expired { " (expired: its holder is gone)" } else { "" }
        ));
    }
    if !report.migrations.is_empty() {
        lines.push(format!("\n{}Migration Details:", ui.mark("📋 ", "")));
    }
    let details: Vec<String> = report
        .migrations
        .iter()
        .map(|migration| details(ui, migration, &report.findings, on_interrupted))
        .collect();
    lines.push(details.join("\n\n"));
    if ui.output.verbose {
        for entry in &report.skipped {
            lines.push(format!("\nSkipped: {} ({})", entry.name, entry.why));
        }
    }
    lines.join("\n").trim_end().to_owned()
}

fn details(
    ui: &Ui,
    migration: &MigrationStatus,
    findings: &[Finding],
    on_interrupted: OnInterrupted,
) -> String {
    let transaction = migration.entry.row.as_ref().is_some_and(|row| row.transaction);
    let stops = on_interrupted == OnInterrupted::Stop && !transaction;
    let entry = &migration.entry;
    let mark = match (migration.running, entry.state) {
        (true, _) => ui.mark("🔄 ", "[running] "),
        (false, State::Applied) => ui.mark("✅ ", "[applied] "),
        (false, State::Pending) => ui.mark("⏳ ", "[pending] "),
        (false, State::Modified) => ui.mark("⚠️  ", "[modified] "),
        (false, State::Missing) => ui.mark("❔ ", "[missing] "),
        (false, State::Failed) => ui.mark("❌ ", "[failed] "),
        (false, State::Interrupted) => ui.mark("⚠️  ", "[interrupted] "),
        (false, State::RollbackFailed) => ui.mark("❌ ", "[rollback failed] "),
        (false, State::RollbackInterrupted) => ui.mark("⚠️  ", "[rollback interrupted] "),
    };
    let mut lines = vec![format!("{mark}{}", entry.name())];
    if let Some(row) = &entry.row {
        if let Some(at) = row.applied_at {
            lines.push(format!("   Applied: {}", local_time(at.timestamp_millis())));
        }
        if let Some(at) = row.rolled_back_at.filter(|_| row.rollback) {
            lines.push(format!("   Rolled back: {}", local_time(at.timestamp_millis())));
        }
        if let Some(millis) = row.execution_time {
            let took = Duration::from_millis(u64::try_from(millis).unwrap_or(0));
            lines.push(format!("   Duration: {}", duration(took)));
        }
        if let Some(error) = &row.error {
            lines.push(format!("   Error: {}", error.lines().next().unwrap_or_default()));
        }
    }
    if migration.running {
        lines.push("   Running now".to_owned());
    } else {
        for finding in findings {
            if finding.names().contains(&entry.name()) {
                lines.push(format!("   {}", capitalized(&finding.to_string())));
            }
        }
        let name = entry.name();
        match entry.state {
            State::Interrupted if stops => lines.push(format!(
                "   It was cut off; settle it with `whimbrel repair {name}`, or run it again with `whimbrel up --force {name}`"
            )),
            State::Interrupted => lines.push(format!(
                "   It was cut off; `whimbrel up` runs it again, `whimbrel repair {name}` settles it by hand"
            )),
            State::RollbackFailed | State::RollbackInterrupted => lines.push(format!(
                "   `whimbrel down {name}` finishes it, `whimbrel repair {name}` settles it by hand"
            )),
            _ => {}
        }
    }
    lines.join("\n")
}

fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or(String::new(), |first| {
        first.to_uppercase().collect::<String>() + characters.as_str()
    })
}
