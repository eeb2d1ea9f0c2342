//! `cargo xtask`: the commands a developer of Whimbrel needs, each of which brings along what it needs itself.
//!
//! This file knows the modes. `tools.rs` sees to a local server, `test.rs` runs every test, `node.rs` makes the npm
//! package's native part, `soak.rs` those
//! that kill and cut for an hour, `demo.rs` shows the main job on a real server, `step.rs` runs one command and says so. Nothing here depends on Whimbrel's own
//! crates: what is shown and tested is the built binary.

// A developer command speaks on the terminal directly; there is no `Ui` as in whimbrel-cli.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod demo;
mod node;
mod soak;
mod step;
mod test;
mod tools;

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use step::Failure;

const HELP: &str = "\
Developer commands of Whimbrel.

Usage: cargo xtask COMMAND [ARGS]

  tools         Makes sure there is a local MongoDB-compatible server: mongod or secantusd-rs on
                the PATH, else secantusd-rs in the user's cache folder, where it is built once
                (about five minutes; needs a C++ compiler and cmake).
  test [ARGS]   Everything needed, then all tests: tools, the npm packages of the Node.js
                tests, the Rust tests (cargo-nextest where installed), the doc tests,
                the whimbrel binary and the npm package, and the Node.js tests. ARGS go to the
                runner of the Rust tests.
  node          The native part of the npm package for this platform, as it is released, put into
                packages/node (needs Node.js; some minutes).
  soak          The tests that kill, cut and stop, many times over (about twenty minutes):
                300 kills of the program, 100 of the server, 20,000 seeds of the model.
  demo          Everything needed, then the main job on a real server: the example migrations
                up, status, one rollback, status.
  help          This text.
";

fn main() -> ExitCode {
    let mut args = env::args_os().skip(1);
    let command = args.next();
    let rest: Vec<OsString> = args.collect();
    match dispatch(command, &rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::from(failure.code)
        }
    }
}

fn dispatch(command: Option<OsString>, rest: &[OsString]) -> Result<(), Failure> {
    let command = command.map(|command| command.to_string_lossy().into_owned());
    let no_more = |name: &str| match rest.first() {
        None => Ok(()),
        Some(extra) => {
            Err(usage(format!("`{name}` takes no arguments, but got {}", extra.display())))
        }
    };
    match command.as_deref() {
        Some("tools") => no_more("tools").and_then(|()| tools::run()),
        Some("test") => test::run(&workspace(), rest),
        Some("node") => {
            no_more("node").and_then(|()| node::build(&workspace(), node::Profile::Release))
        }
        Some("soak") => no_more("soak").and_then(|()| soak::run(&workspace())),
        Some("demo") => no_more("demo").and_then(|()| demo::run(&workspace())),
        None | Some("help" | "--help" | "-h") => {
            print!("{HELP}");
            Ok(())
        }
        Some(other) => Err(usage(format!("there is no command `{other}`"))),
    }
}

fn usage(message: String) -> Failure {
    Failure { message: format!("{message}; see `cargo xtask help`"), code: 2 }
}

/// The root of the workspace: the parent of this package, wherever the command is called from.
fn workspace() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package).to_path_buf()
}

/// Where cargo puts what it builds.
pub(crate) fn target_folder(root: &Path) -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |folder| root.join(folder))
}

/// The cargo that runs this command.
fn cargo() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_command_is_a_usage_error() {
        let failure = dispatch(Some("tset".into()), &[]).unwrap_err();
        assert_eq!(failure.code, 2);
        assert_eq!(failure.to_string(), "there is no command `tset`; see `cargo xtask help`");
        assert_eq!(dispatch(Some("demo".into()), &["now".into()]).unwrap_err().code, 2);
    }

    #[test]
    fn every_command_is_in_the_help() {
        for command in ["tools", "test", "node", "soak", "demo", "help"] {
            assert!(HELP.contains(&format!("\n  {command} ")), "{command}");
        }
    }
}
