//! `whimbrel down`

use clap::ArgMatches;
use whimbrel_core::plan::{DownTarget, Request, RollbackFrom};
use whimbrel_core::report::RunKind;

use super::database::{Opened, finish, observer, run_options};
use super::dry_run;
use crate::arguments::texts;
use crate::context::Context;
use crate::exit::{CommandError, Exit};

pub(super) async fn run(matches: &ArgMatches, context: &mut Context) -> Result<Exit, CommandError> {
    let target = target(matches);
    let mut from = rollback_from(matches);
    if matches.get_flag("dry-run") {
        return dry_run::run(context, RunKind::Down, &Request::Down { target, from }).await;
    }
    if target == DownTarget::All
        && !context.ui.confirm("This rolls back every applied migration.")?
    {
        context.ui.note("nothing was rolled back");
        return Ok(Exit::Done);
    }
    let opened = Opened::new(context, Some(observer(&context.ui))).await?;
    if from == RollbackFrom::UnchangedFile && context.ui.can_ask && !context.ui.output.yes {
        match offer_history(&opened, context, &target).await {
            Ok(true) => from = RollbackFrom::History,
            Ok(false) => {}
            Err(error) => {
                opened.close().await?;
                return Err(error);
            }
        }
    }
    let options = run_options(matches, &context.ui);
    let result = opened.project.engine().down(target, from, options).await;
    let end = finish(&context.ui, result);
    opened.close().await?;
    end
}

pub(super) fn rollback_from(matches: &ArgMatches) -> RollbackFrom {
    match (matches.get_flag("from-file"), matches.get_flag("from-history")) {
        (true, _) => RollbackFrom::File,
        (_, true) => RollbackFrom::History,
        _ => RollbackFrom::UnchangedFile,
    }
}

pub(super) fn target(matches: &ArgMatches) -> DownTarget {
    let names = texts(matches, "names");
    if matches.get_flag("all") {
        DownTarget::All
    } else if let Some(name) = matches.get_one::<String>("to") {
        DownTarget::To(name.clone())
    } else if !names.is_empty() {
        DownTarget::Names(names)
    } else {
        DownTarget::Count(matches.get_one::<usize>("count").copied().unwrap_or(1))
    }
}

/// Where a file is gone, somebody on a terminal may say yes to the source kept in the history: it is
/// code from the database, so it never runs unasked.
async fn offer_history(
    opened: &Opened,
    context: &Context,
    target: &DownTarget,
) -> Result<bool, CommandError> {
    let request = Request::Down { target: target.clone(), from: RollbackFrom::UnchangedFile };
    // Errors come again, with everything around them, from the run itself.
    let Ok(plan) = opened.project.engine().plan(&request).await else { return Ok(false) };
    let missing: Vec<String> = plan
        .refusals()
        .iter()
        .filter(|finding| finding.code() == "ROLLBACK_FILE_MISSING")
        .flat_map(|finding| finding.names().into_iter().map(str::to_owned))
        .collect();
    if missing.is_empty() {
        return Ok(false);
    }
    let question = format!(
        "The file of {} is not there. Run the rollback from the source kept in the history?",
        missing.join(", ")
    );
    context.ui.confirm(&question)
}
