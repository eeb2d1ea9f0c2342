//! The `whimbrel` program: hands the process's arguments and streams to [`whimbrel_cli::run`].

use std::process::ExitCode;

#[cfg(feature = "failpoints")]
mod fail_points;

fn main() -> ExitCode {
    #[cfg(feature = "failpoints")]
    fail_points::set_up();
    whimbrel_cli::run(std::env::args_os(), whimbrel_cli::Io::of_process())
}
