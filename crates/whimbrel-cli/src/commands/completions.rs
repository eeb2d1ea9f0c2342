//! `whimbrel completions`

use clap::ArgMatches;
use clap_complete::{Shell, generate};

use crate::arguments::command;
use crate::context::Context;
use crate::exit::{CommandError, Exit};

pub(super) fn run(matches: &ArgMatches, context: &Context) -> Result<Exit, CommandError> {
    let Some(shell) = matches.get_one::<Shell>("shell") else {
        return Err(CommandError::usage("SHELL_MISSING", "name a shell"));
    };
    let mut script = Vec::new();
    generate(*shell, &mut command(), "whimbrel", &mut script);
    context.ui.line(String::from_utf8_lossy(&script).trim_end());
    Ok(Exit::Done)
}
