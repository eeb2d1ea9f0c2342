//! `whimbrel repair`: settles by hand. With flags it does what they say; without, it asks about each migration that
//! is not as it should be.

use clap::ArgMatches;
use serde_json::json;
use whimbrel_core::history::Expected;
use whimbrel_core::migrator::{
    Decision, KnownWork, MigrationStatus, Remedy, RepairReport, StatusReport,
};
use whimbrel_core::plan::State;

use super::database::{Opened, observer};
use crate::arguments::texts;
use crate::context::Context;
use crate::exit::{CommandError, Exit};
use crate::signals::stop_on_signals;
use crate::ui::{Ui, known_work_lines};

pub(super) async fn run(matches: &ArgMatches, context: &mut Context) -> Result<Exit, CommandError> {
    let mut decisions = decisions(matches);
    let asks = decisions.is_empty();
    if asks && !context.ui.can_ask {
        return Err(CommandError::usage(
            "CONFIRMATION_NEEDED",
            "repair asks about each migration, and there is nobody to ask",
        )
        .with_hint(
            "say what to do: --mark-applied NAME, --mark-pending NAME, --accept-checksum NAME or --rename OLD NEW",
        ));
    }
    let opened = Opened::new(context, Some(observer(&context.ui))).await?;
    let result = async {
        let mut reason = text_of(matches, "reason").map(str::to_owned);
        if asks {
            decisions = ask(&opened, &context.ui, &texts(matches, "names")).await?;
            if !decisions.is_empty() && reason.is_none() {
                let answer = context.ui.ask("Why? (for the audit trail, may be empty) ");
                reason = Some(answer).filter(|answer| !answer.is_empty());
            }
        }
        let stop = stop_on_signals(&context.ui);
        let migrator = opened.project.engine();
        Ok::<_, CommandError>(migrator.repair(&decisions, reason.as_deref(), stop).await?)
    }
    .await;
    opened.close().await?;
    show(&context.ui, "repair", &result?);
    Ok(Exit::Done)
}

/// The value of an option that may be left out.
pub(super) fn text_of<'m>(matches: &'m ArgMatches, name: &str) -> Option<&'m str> {
    matches.get_one::<String>(name).map(String::as_str)
}

/// What the flags say.
fn decisions(matches: &ArgMatches) -> Vec<Decision> {
    let mut decisions = Vec::new();
    for (flag, remedy) in [
        ("mark-applied", Remedy::MarkApplied),
        ("mark-pending", Remedy::MarkPending),
        ("accept-checksum", Remedy::AcceptChecksum),
    ] {
        let names = texts(matches, flag).into_iter();
        decisions.extend(names.map(|name| Decision {
            name,
            remedy: remedy.clone(),
            planned: None,
        }));
    }
    for pair in texts(matches, "rename").chunks(2) {
        if let [old, new] = pair {
            let remedy = Remedy::RenameTo(new.clone());
            decisions.push(Decision { name: old.clone(), remedy, planned: None });
        }
    }
    decisions
}

/// Asks about each migration that is to be settled.
async fn ask(opened: &Opened, ui: &Ui, names: &[String]) -> Result<Vec<Decision>, CommandError> {
    let migrator = opened.project.engine();
    let status = migrator.status().await?;
    let chosen: Option<Vec<String>> = match names {
        [] => None,
        names => Some(migrator.names_of(names).await?),
    };
    let open: Vec<&MigrationStatus> = status
        .migrations
        .iter()
        .filter(|one| {
            let name = one.entry.name();
            match &chosen {
                Some(chosen) => chosen.iter().any(|chosen| chosen == name),
                None => is_open(one, &status),
            }
        })
        .collect();
    if open.is_empty() {
        ui.say(&format!("{}There is nothing to settle", ui.mark("✅ ", "")));
        return Ok(Vec::new());
    }
    let open_names: Vec<String> = open.iter().map(|one| one.entry.name().to_owned()).collect();
    let works = migrator.known_work(&open_names).await?;
    let mut decisions = Vec::new();
    for one in open {
        let work = works.iter().find(|work| work.name == one.entry.name());
        if let Some(remedy) = ask_about(ui, one, &status, work) {
            let name = one.entry.name().to_owned();
            let planned = Some(Expected::of(one.entry.row.as_ref()));
            decisions.push(Decision { name, remedy, planned });
        }
    }
    if decisions.is_empty() {
        ui.note("nothing was changed");
    }
    Ok(decisions)
}

/// Whether a person has to settle it.
fn is_open(one: &MigrationStatus, status: &StatusReport) -> bool {
    !one.running
        && match one.entry.state {
            State::Pending | State::Applied => false,
            State::Missing => renamed_to(one.entry.name(), status).is_some(),
            _ => true,
        }
}

/// The file that an applied migration without one seems to have now.
fn renamed_to(name: &str, status: &StatusReport) -> Option<String> {
    status.findings.iter().find_map(|finding| match (finding.code(), finding.names().as_slice()) {
        ("MIGRATION_RENAMED", [old, new]) if *old == name => Some((*new).to_owned()),
        _ => None,
    })
}

fn ask_about(
    ui: &Ui,
    one: &MigrationStatus,
    status: &StatusReport,
    work: Option<&KnownWork>,
) -> Option<Remedy> {
    let name = one.entry.name();
    ui.line(&format!("\n{name} is {}", one.state()));
    if let Some(error) = one.entry.row.as_ref().and_then(|row| row.error.as_ref()) {
        ui.line(&format!("   Error: {}", error.lines().next().unwrap_or_default()));
    }
    if let Some(work) = work.filter(|_| !one.entry.state.is_applied()) {
        known_work_lines(work).iter().for_each(|line| ui.line(&format!("   {line}")));
    }
    let new_name = renamed_to(name, status);
    let mut choices: Vec<(char, String, Option<Remedy>)> = Vec::new();
    if one.entry.state.is_applied() {
        if one.entry.modified {
            let text = "take its present text for the one that was applied".to_owned();
            choices.push(('c', text, Some(Remedy::AcceptChecksum)));
        }
        if let Some(new) = new_name {
            choices.push((
                'r',
                format!("its file is called {new} now"),
                Some(Remedy::RenameTo(new)),
            ));
        }
    }
    let rolls_back = matches!(one.entry.state, State::RollbackFailed | State::RollbackInterrupted);
    let (applied, pending) = match rolls_back {
        true => (
            "nothing was taken back, what the migration does is there: mark it as applied",
            "everything was taken back: mark it as pending",
        ),
        false => (
            "everything it does is done: mark it as applied",
            "nothing of it is there: mark it as pending, so that the next up runs it",
        ),
    };
    if !one.entry.state.is_applied() {
        choices.push(('a', applied.to_owned(), Some(Remedy::MarkApplied)));
    }
    if one.entry.row.is_some() {
        choices.push(('p', pending.to_owned(), Some(Remedy::MarkPending)));
    }
    choices.push(('s', "leave it as it is".to_owned(), None));
    for (key, text, _) in &choices {
        ui.line(&format!("   [{key}] {text}"));
    }
    loop {
        let answer = ui.ask("   Choice [s]: ");
        let key = answer.chars().next().unwrap_or('s').to_ascii_lowercase();
        match choices.iter().find(|(own, ..)| *own == key) {
            Some((_, _, remedy)) => return remedy.clone(),
            None => ui.note(&format!("{answer:?} is none of the choices")),
        }
    }
}

/// What was done, for people or as one JSON object.
pub(super) fn show(ui: &Ui, event: &str, report: &RepairReport) {
    if ui.output.json {
        let repaired: Vec<_> = report
            .repaired
            .iter()
            .map(|one| {
                let to = match &one.remedy {
                    Remedy::RenameTo(new) => Some(new),
                    _ => None,
                };
                json!({
                    "name": one.name, "action": one.remedy.as_str(), "before": one.before.as_str(),
                    "to": to, "warning": one.warning,
                })
            })
            .collect();
        return ui.line(&json!({ "event": event, "repaired": repaired }).to_string());
    }
    for one in &report.repaired {
        let what = match &one.remedy {
            Remedy::MarkApplied => "counts as applied".to_owned(),
            Remedy::MarkPending => "counts as pending".to_owned(),
            Remedy::AcceptChecksum => "has a new checksum".to_owned(),
            Remedy::RenameTo(new) => format!("is called {new} now"),
        };
        ui.line(&format!(
            "{}{} {what} (was {})",
            ui.mark("✅ ", ""),
            one.name,
            one.before.as_str()
        ));
        if let Some(warning) = &one.warning {
            ui.warn(&format!("{}: {warning}", one.name));
        }
    }
    let count = report.repaired.len();
    if event == "baseline" {
        let noun = if count == 1 { "migration" } else { "migrations" };
        ui.say(&format!("Marked as applied without running: {count} {noun}"));
    }
}
