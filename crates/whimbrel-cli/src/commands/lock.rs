//! `whimbrel lock`: who holds it; and `--release`, for when nothing else helps.

use clap::ArgMatches;
use whimbrel_core::json::lock_report;
use whimbrel_core::lock::Takeover;
use whimbrel_core::migrator::LockReport;

use super::database::{Opened, observer};
use super::repair::text_of;
use crate::context::Context;
use crate::exit::{CommandError, Exit};
use crate::signals::stop_on_signals;
use crate::ui::{Ui, local_time};

pub(super) async fn run(matches: &ArgMatches, context: &mut Context) -> Result<Exit, CommandError> {
    let release = matches.get_flag("release");
    let observer = release.then(|| observer(&context.ui));
    let opened = Opened::new(context, observer).await?;
    let result = match release {
        true => release_lock(matches, &opened, context).await,
        false => opened.project.engine().lock().await.map_err(CommandError::from).map(|report| {
            show(&context.ui, &report);
            Exit::Done
        }),
    };
    opened.close().await?;
    result
}

async fn release_lock(
    matches: &ArgMatches,
    opened: &Opened,
    context: &Context,
) -> Result<Exit, CommandError> {
    let ui = &context.ui;
    let migrator = opened.project.engine();
    let report = migrator.lock().await?;
    let Some(holder) = report.document.as_ref().filter(|document| document.owner.is_some()) else {
        if ui.output.json {
            ui.line(&serde_json::json!({ "event": "lockReleased", "from": null }).to_string());
        } else {
            ui.say("The lock is free: there is nothing to release");
        }
        return Ok(Exit::Done);
    };
    let forced = matches.get_flag("force");
    let state = if report.alive { "alive, and will be stopped" } else { "gone" };
    let question = format!("This takes the lock from {}, which is {state}.", holder.holder());
    // What will be refused needs no confirmation.
    let refused = report.alive && !forced;
    if !refused && !ui.confirm(&question)? {
        ui.note("the lock was left as it is");
        return Ok(Exit::Done);
    }
    let takeover = if forced { Takeover::Forced } else { Takeover::WhenDead };
    let stop = stop_on_signals(ui);
    let before = migrator.release_lock(takeover, text_of(matches, "reason"), stop).await.map_err(
        |error| {
            let held = error.code() == "LOCK_HELD";
            let error = CommandError::from(error);
            if held {
                error
                    .with_hint("`whimbrel lock --release --force` stops it and takes the lock away")
            } else {
                error
            }
        },
    )?;
    if ui.output.json {
        ui.line(
            &serde_json::json!({ "event": "lockReleased", "from": lock_report(&before) })
                .to_string(),
        );
    } else {
        ui.say(&format!("{}The lock is free", ui.mark("✅ ", "")));
    }
    Ok(Exit::Done)
}

fn show(ui: &Ui, report: &LockReport) {
    if ui.output.json {
        return ui.line(&lock_report(report).to_string());
    }
    let Some(lock) = &report.document else {
        return ui.line("The lock is free: there is no lock document");
    };
    let fence = lock.fence;
    if lock.owner.is_none() {
        return ui.line(&format!("{}The lock is free (fence {fence})", ui.mark("🔓 ", "")));
    }
    ui.line(&format!("{}The lock is held by {}", ui.mark("🔒 ", ""), lock.holder()));
    let command = lock.command.split(" (").next().unwrap_or_default();
    let doing = match report.running.as_slice() {
        [] => command.to_owned(),
        running => format!("{command}: {}", running.join(", ")),
    };
    ui.line(&format!("   Doing: {doing}"));
    ui.line(&format!("   Since: {}", local_time(lock.acquired_at.timestamp_millis())));
    ui.line(&format!("   Renewed: {}", local_time(lock.renewed_at.timestamp_millis())));
    let expired =
        if report.alive { "" } else { " (its holder is gone: the next run takes it over)" };
    ui.line(&format!("   Expires: {}{expired}", local_time(lock.expires_at.timestamp_millis())));
    ui.line(&format!("   Fence: {fence}"));
}
