//! `whimbrel redo`: a rollback and the same applied again, under one lock.

use clap::ArgMatches;
use whimbrel::run::DownTarget;

use super::database::{Opened, finish, observer, run_options};
use super::down::{rollback_from, target};
use crate::context::Context;
use crate::exit::{CommandError, Exit};

pub(super) async fn run(matches: &ArgMatches, context: &mut Context) -> Result<Exit, CommandError> {
    let target = target(matches);
    let question = "This rolls back every applied migration and applies all of them again.";
    if target == DownTarget::All && !context.ui.confirm(question)? {
        context.ui.note("nothing was rolled back");
        return Ok(Exit::Done);
    }
    let opened = Opened::new(context, Some(observer(&context.ui))).await?;
    let options = run_options(matches, &context.ui);
    let result = opened.project.migrator().redo(target, rollback_from(matches), options).await;
    let end = finish(&context.ui, result);
    opened.close().await?;
    end
}
