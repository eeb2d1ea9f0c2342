//! `whimbrel status`: reads only.

use std::time::Duration;

use clap::ArgMatches;
use whimbrel::core::plan::FindingKind;
use whimbrel::run::{Finding, MigrationStatus, State, StatusReport};

use super::database::Opened;
use crate::context::Context;
use crate::exit::{CommandError, Exit};
use crate::signals::interrupted;
use crate::ui::{Ui, duration, local_time, status_json};

/// How often `--watch` looks.
const WATCH_EVERY: Duration = Duration::from_secs(1);

pub(super) async fn run(matches: &ArgMatches, context: &mut Context) -> Result<Exit, CommandError> {
    let opened = Opened::new(context, None).await?;
    let ui = context.ui.clone();
    let result = if matches.get_flag("watch") {
        tokio::select! {
            result = watch(&opened, &ui) => result,
            () = interrupted() => Ok(Exit::Interrupted),
        }
    } else {
        once(&opened, &ui, matches.get_flag("exit-code")).await
    };
    opened.close().await?;
    result
}

async fn once(opened: &Opened, ui: &Ui, exit_code: bool) -> Result<Exit, CommandError> {
    let report = opened.project.migrator().status().await?;
    ui.line(&shown(ui, &report));
    Ok(if exit_code { exit_of(&report) } else { Exit::Done })
}

async fn watch(opened: &Opened, ui: &Ui) -> Result<Exit, CommandError> {
    let mut last = String::new();
    loop {
        let report = opened.project.migrator().status().await?;
        let text = shown(ui, &report);
        if text != last {
            ui.clear_screen();
            ui.line(&text);
            last = text;
        }
        tokio::time::sleep(WATCH_EVERY).await;
    }
}

fn exit_of(report: &StatusReport) -> Exit {
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
            && matches!(migration.entry.state, State::RollbackFailed | State::RollbackInterrupted)
    });
    if drift || unsettled {
        Exit::Drift
    } else if report.failed() > 0 {
        Exit::Migration
    } else if report.pending() > 0 {
        Exit::Pending
    } else {
        Exit::Done
    }
}

fn shown(ui: &Ui, report: &StatusReport) -> String {
    if ui.output.json {
        return status_json(report).to_string();
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
        .map(|migration| details(ui, migration, &report.findings))
        .collect();
    lines.push(details.join("\n\n"));
    if ui.output.verbose {
        for entry in &report.skipped {
            lines.push(format!("\nSkipped: {} ({})", entry.name, entry.why));
        }
    }
    lines.join("\n").trim_end().to_owned()
}

fn details(ui: &Ui, migration: &MigrationStatus, findings: &[Finding]) -> String {
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
        if entry.state == State::Interrupted {
            lines.push("   It was cut off; `whimbrel up` runs it again".to_owned());
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
