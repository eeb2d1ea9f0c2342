//! One step of a command: it is announced, run with the terminal's own streams, and its failure named.

use std::fmt;
use std::io;
use std::process::{Command, ExitStatus};
use std::time::Instant;

/// Why a command stops, and the exit code it stops with.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) message: String,
    pub(crate) code: u8,
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: 1 }
    }

    /// For an operation on files; `what` says which.
    pub(crate) fn io(what: impl fmt::Display) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::new(format!("{what}: {error}"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// Says what is being done.
pub(crate) fn say(what: impl fmt::Display) {
    println!("==> {what}");
}

/// Runs `command` as the step called `name`. Its exit code becomes that of the whole.
pub(crate) fn run(name: &str, command: &mut Command) -> Result<(), Failure> {
    say(format_args!("{name}: {}", shown(command)));
    let start = Instant::now();
    let status = command.status().map_err(|error| {
        Failure::new(format!("{name}: cannot start {}: {error}", shown(command)))
    })?;
    if status.success() {
        say(format_args!("{name}: done in {:.1} s", start.elapsed().as_secs_f32()));
        return Ok(());
    }
    Err(Failure { message: format!("{name} failed ({status})"), code: code(status) })
}

/// The first line a command prints, if it can be run and succeeds. Its errors are not shown.
pub(crate) fn first_line(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).output().ok()?;
    let text = String::from_utf8(output.stdout).ok().filter(|_| output.status.success())?;
    text.lines().next().map(str::to_owned)
}

/// The exit code of a step; 1 where a signal ended it.
fn code(status: ExitStatus) -> u8 {
    status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}

/// A command as a person would type it.
fn shown(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy()];
    words.extend(command.get_args().map(|arg| arg.to_string_lossy()));
    // The full path of cargo says nothing to a reader.
    if let Some((_, name)) = words[0].rsplit_once(['/', '\\']) {
        words[0] = name.to_owned().into();
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_shown_by_the_name_of_its_program() {
        assert_eq!(shown(Command::new("/a/b/cargo").args(["test", "--doc"])), "cargo test --doc");
    }

    #[cfg(unix)]
    #[test]
    fn the_exit_code_of_a_failed_step_is_passed_on() {
        let failure = run("lint", Command::new("sh").args(["-c", "exit 7"])).unwrap_err();
        assert_eq!(
            (failure.code, failure.to_string().as_str()),
            (7, "lint failed (exit status: 7)")
        );
        let failure = run("lint", &mut Command::new("no-such-program")).unwrap_err();
        assert!(failure.to_string().starts_with("lint: cannot start no-such-program"), "{failure}");
    }
}
