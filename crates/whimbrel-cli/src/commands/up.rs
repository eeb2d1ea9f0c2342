//! `whimbrel up`

use clap::ArgMatches;
use whimbrel_core::plan::{Force, Request, UpTarget};
use whimbrel_core::report::RunKind;

use super::database::{Opened, finish, observer, run_options};
use super::dry_run;
use crate::arguments::texts;
use crate::context::Context;
use crate::exit::{CommandError, Exit};

pub(super) async fn run(matches: &ArgMatches, context: &mut Context) -> Result<Exit, CommandError> {
    let names = texts(matches, "names");
    let target = match (matches.get_one::<usize>("count"), matches.get_one::<String>("to")) {
        (Some(count), _) => UpTarget::Count(*count),
        (None, Some(name)) => UpTarget::To(name.clone()),
        (None, None) if !names.is_empty() => UpTarget::Names(names),
        (None, None) => UpTarget::All,
    };
    let force = match (matches.contains_id("force"), texts(matches, "force")) {
        (false, _) => Force::Nothing,
        (true, names) if names.is_empty() => Force::All,
        (true, names) => Force::Names(names),
    };
    if matches.get_flag("dry-run") {
        return dry_run::run(context, RunKind::Up, &Request::Up { target, force }).await;
    }
    if force == Force::All && (context.ui.can_ask || context.ui.output.yes) {
        let question = "This runs every applied migration again.";
        if !context.ui.confirm(question)? {
            context.ui.note("nothing was run");
            return Ok(Exit::Done);
        }
    }
    let opened = Opened::new(context, Some(observer(&context.ui))).await?;
    let options = run_options(matches, &context.ui);
    let result = opened.project.engine().up(target, force, options).await;
    let end = finish(&context.ui, result);
    opened.close().await?;
    end
}
