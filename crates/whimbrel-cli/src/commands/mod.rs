//! A file per command, and the way from a name to it.

mod baseline;
mod completions;
mod create;
mod database;
mod down;
mod dry_run;
mod history;
mod init;
mod local;
mod lock;
mod redo;
mod repair;
mod reset;
mod status;
mod types;
mod up;
mod verify;

use clap::ArgMatches;

use crate::context::Context;
use crate::exit::{CommandError, Exit};

/// Runs the command that was typed.
pub(crate) async fn dispatch(
    matches: &ArgMatches,
    context: &mut Context,
) -> Result<Exit, CommandError> {
    match matches.subcommand() {
        Some(("up", matches)) => up::run(matches, context).await,
        Some(("down", matches)) => down::run(matches, context).await,
        Some(("redo", matches)) => redo::run(matches, context).await,
        Some(("verify", _)) => verify::run(context).await,
        Some(("history", matches)) => history::run(matches, context).await,
        Some(("repair", matches)) => repair::run(matches, context).await,
        Some(("baseline", matches)) => baseline::run(matches, context).await,
        Some(("lock", matches)) => lock::run(matches, context).await,
        Some(("status", matches)) => status::run(matches, context).await,
        Some(("create", matches)) => create::run(matches, context),
        Some(("reset", _)) => reset::run(context).await,
        Some(("init", _)) => init::run(context),
        Some(("types", _)) => types::run(context),
        Some(("local", matches)) => local::run(matches, context).await,
        Some(("completions", matches)) => completions::run(matches, context),
        _ => Err(CommandError::usage("COMMAND_UNKNOWN", "there is no such command")),
    }
}
