//! The `whimbrel` program: hands the process's arguments and streams to [`whimbrel_cli::run`].

use std::process::ExitCode;

fn main() -> ExitCode {
    whimbrel_cli::run(std::env::args_os(), whimbrel_cli::Io::of_process())
}
