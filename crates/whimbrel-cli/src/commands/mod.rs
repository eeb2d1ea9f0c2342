//! A file per command, and the way from a name to it.

mod completions;
mod create;
mod database;
mod down;
mod init;
mod local;
mod reset;
mod status;
mod types;
mod up;

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
