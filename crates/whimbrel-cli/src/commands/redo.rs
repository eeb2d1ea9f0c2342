//! `whimbrel redo`: a rollback and the same applied again, under one lock.

use clap::ArgMatches;
use whimbrel_core::migrator::RunOptions;
use whimbrel_core::plan::DownTarget;

use super::database::{Opened, finish, observer};
use super::down::{rollback_from, target};
use crate::context::Context;
use crate::exit::{CommandError, Exit};
use crate::signals::stop_on_signals;

pub(super) async fn run(matches: &ArgMatches, context: &mut Context) -> Result<Exit, CommandError> {
    let target = target(matches);
    let question = "This rolls back every applied migration and applies all of them again.";
    if target == DownTarget::All && !context.ui.confirm(question)? {
        context.ui.note("nothing was rolled back");
        return Ok(Exit::Done);
    }
    let opened = Opened::new(context, Some(observer(&context.ui))).await?;
    let options = RunOptions { stop: stop_on_signals(&context.ui), ..RunOptions::default() };
    let result = opened.project.engine().redo(target, rollback_from(matches), options).await;
    let end = finish(&context.ui, result);
    opened.close().await?;
    end
}
