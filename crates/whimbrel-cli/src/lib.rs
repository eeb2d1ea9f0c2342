//! The command line of Whimbrel as a library: `run(args, io) -> ExitCode`.
//!
//! [`arguments`] says what can be typed, [`context`] turns it into settings, [`commands`] has a file per
//! command, [`ui`] owns every stream, [`exit`] says what an error means for the caller. The engine itself is
//! in the `whimbrel` crate: here is no second run loop.

mod arguments;
mod commands;
mod context;
mod exit;
mod project_files;
mod signals;
mod ui;

use std::ffi::OsString;
use std::process::ExitCode;

pub use arguments::command;
pub use ui::Io;

use crate::context::Context;
use crate::exit::{CommandError, Exit};
use crate::ui::Ui;

/// Runs one command line. `args` includes the program's name.
pub fn run(args: impl IntoIterator<Item = OsString>, io: Io) -> ExitCode {
    run_to_code(args, io).into()
}

/// As [`run`], for a program that is no program of Rust: gives the exit code as a number.
pub fn run_to_code(args: impl IntoIterator<Item = OsString>, io: Io) -> u8 {
    run_to_exit(args, io) as u8
}

fn run_to_exit(args: impl IntoIterator<Item = OsString>, io: Io) -> Exit {
    let matches = match arguments::command().try_get_matches_from(args) {
        Ok(matches) => matches,
        Err(error) => return ui::print_usage(io, &error),
    };
    let mut context = match Context::new(&matches, io) {
        Ok(context) => context,
        Err((ui, error)) => return finish(&ui, Err(error)),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let error = CommandError::usage("RUNTIME", format!("cannot start: {error}"));
            return finish(&context.ui, Err(error));
        }
    };
    let result = runtime.block_on(commands::dispatch(&matches, &mut context));
    // What still runs on the server was waited for, or its outcome was recorded as unknown.
    runtime.shutdown_background();
    finish(&context.ui, result)
}

fn finish(ui: &Ui, result: Result<Exit, CommandError>) -> Exit {
    match result {
        Ok(exit) => exit,
        Err(error) => {
            ui.error(&error);
            error.exit
        }
    }
}
