//! `whimbrel history`: the audit trail. Reads only.

use std::time::Duration;

use clap::ArgMatches;
use whimbrel_core::audit::{AuditQuery, AuditRecord};
use whimbrel_core::json::audit_record;
use whimbrel_core::operations::OperationGroup;

use super::database::Opened;
use crate::arguments::texts;
use crate::context::Context;
use crate::exit::{CommandError, Exit};
use crate::ui::{Ui, duration, local_time};

/// How many entries are shown unless somebody asks for more.
const DEFAULT_LIMIT: usize = 50;
/// Entries that only `--ops` shows: they are many.
const OPERATIONS: [&str; 2] = ["operation_started", "migration_operations"];

pub(super) async fn run(matches: &ArgMatches, context: &mut Context) -> Result<Exit, CommandError> {
    let with_operations = matches.get_flag("ops");
    let opened = Opened::new(context, None).await?;
    let result = read(matches, &opened).await;
    opened.close().await?;
    let records = result?;
    let ui = &context.ui;
    for record in &records {
        if ui.output.json {
            ui.line(&audit_record(record, with_operations).to_string());
        } else {
            show(ui, record, with_operations);
        }
    }
    if records.is_empty() && !ui.output.json {
        ui.say("The audit trail has no such entries");
    }
    Ok(Exit::Done)
}

async fn read(matches: &ArgMatches, opened: &Opened) -> Result<Vec<AuditRecord>, CommandError> {
    let migrator = opened.project.engine();
    let texts = texts(matches, "names");
    let names = if texts.is_empty() { None } else { Some(migrator.names_in_trail(&texts).await?) };
    let limit = matches.get_one::<usize>("limit").copied().unwrap_or(DEFAULT_LIMIT);
    let except = match matches.get_flag("ops") {
        true => Vec::new(),
        false => OPERATIONS.map(str::to_owned).to_vec(),
    };
    let query = AuditQuery { names, except, limit: Some(limit), ..AuditQuery::default() };
    Ok(migrator.trail(&query).await?)
}

fn show(ui: &Ui, record: &AuditRecord, with_operations: bool) {
    let at = record.at.map_or_else(|| "?".to_owned(), |at| local_time(at.timestamp_millis()));
    let mut line = format!("{at}  {}", record.event.replace('_', " "));
    if let Some(name) = &record.name {
        line.push_str(&format!("  {name}"));
    }
    if let Some(direction) = record.direction.as_deref().filter(|d| *d != "up") {
        line.push_str(&format!("  ({direction})"));
    }
    if let Some(millis) = record.duration_ms {
        let took = Duration::from_millis(u64::try_from(millis).unwrap_or(0));
        line.push_str(&format!("  {}", duration(took)));
    }
    line.push_str(&ui.dim(&format!("  {}", who(record))));
    ui.line(&line);
    if let Some(error) = &record.error {
        ui.line(&format!("   Error: {}", error.lines().next().unwrap_or_default()));
    }
    for line in details(record, with_operations) {
        ui.line(&format!("   {line}"));
    }
}

fn who(record: &AuditRecord) -> String {
    let by = &record.by;
    let user = if by.user.is_empty() { String::new() } else { format!("{}@", by.user) };
    format!("{user}{} pid {} fence {}", by.host, by.pid, record.fence)
}

/// What is worth a line of its own in the entry's detail.
fn details(record: &AuditRecord, with_operations: bool) -> Vec<String> {
    let detail = &record.detail;
    let text = |name: &str| detail.get_str(name).ok().map(str::to_owned);
    let number = |name: &str| detail.get_i64(name).ok();
    let mut lines = Vec::new();
    match record.event.as_str() {
        "lock_taken" => lines.extend(text("command").map(|command| format!("for {command}"))),
        "lock_taken_over" => lines.extend(text("command").map(|command| format!("from {command}"))),
        "migration_log" => lines.extend(text("message")),
        "migration_progress" => {
            let total = number("total").map_or(String::new(), |total| format!(" of {total}"));
            lines.extend(number("done").map(|done| format!("{done}{total}")));
        }
        "repair" | "baseline" => {
            let before = text("before").unwrap_or_default();
            let to = text("to").map_or(String::new(), |to| format!(" to {to}"));
            lines.extend(text("action").map(|action| format!("{action}{to} (was {before})")));
        }
        "run_ended" => {
            let parts = ["successful", "skipped", "failed", "notStarted"];
            let parts = parts.iter().filter_map(|name| Some(format!("{name} {}", number(name)?)));
            lines.push(parts.collect::<Vec<_>>().join(", "));
        }
        "operation_started" => {
            let parts = ["kind", "collection", "what"].iter().filter_map(|name| text(name));
            lines.push(parts.collect::<Vec<_>>().join(" ").trim_end().to_owned());
        }
        "migration_operations" => lines.push("sent so far; what came later is unknown:".to_owned()),
        _ => {}
    }
    lines.extend(text("reason").map(|reason| format!("Reason: {reason}")));
    if with_operations && let Ok(groups) = detail.get_array("operations") {
        let groups = groups.iter().filter_map(|group| group.as_document());
        lines.extend(groups.map(|group| OperationGroup::from_document(group).describe()));
        lines.extend(
            number("notListed").map(|count| format!("and {count} commands of other kinds")),
        );
    }
    lines
}
