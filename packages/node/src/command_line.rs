//! The program `whimbrel`, run by Node.js.

use std::ffi::OsString;

use napi_derive::napi;
use whimbrel_cli::{Io, run_to_code};

/// Runs one command line, with the process's own streams and signals, and gives its exit code. `args` begins with the
/// program's name. Returns when the command has ended: there is nothing else in that process.
#[napi]
pub fn run_command_line(args: Vec<String>) -> u8 {
    run_to_code(args.into_iter().map(OsString::from), Io::of_process())
}
