//! The output: the only place that touches streams.
//!
//! Results go to stdout, everything else to stderr. On a terminal there are colours, emoji and a
//! spinner; piped, or with `NO_COLOR`, plain words that say the same. [`run_observer`] tells a run's
//! events, [`json`] writes them as JSON lines, [`text`] formats times.

mod json;
mod run_observer;
mod text;

use std::io::{BufRead, IsTerminal, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use anstyle::{AnsiColor, Style};
pub(crate) use json::{JsonObserver, summary_line};
pub(crate) use run_observer::{TextObserver, known_work_lines, told};
pub(crate) use text::{duration, local_time};
use whimbrel::Environment;
use whimbrel::config::{ColorChoice, Output};

use crate::exit::{CommandError, Exit};

/// The streams and surroundings of one command.
pub struct Io {
    /// Where results go.
    pub stdout: Box<dyn Write + Send>,
    /// Where everything else goes.
    pub stderr: Box<dyn Write + Send>,
    /// Where answers come from.
    pub stdin: Box<dyn BufRead + Send>,
    /// Whether stdout is a terminal.
    pub stdout_is_terminal: bool,
    /// Whether stderr is a terminal.
    pub stderr_is_terminal: bool,
    /// Whether stdin is a terminal, so that somebody can be asked.
    pub stdin_is_terminal: bool,
    /// The environment.
    pub environment: Environment,
    /// The working directory.
    pub working_directory: PathBuf,
}

impl Io {
    /// Those of the process.
    pub fn of_process() -> Self {
        Self {
            stdout: Box::new(std::io::stdout()),
            stderr: Box::new(std::io::stderr()),
            stdin: Box::new(std::io::BufReader::new(std::io::stdin())),
            stdout_is_terminal: std::io::stdout().is_terminal(),
            stderr_is_terminal: std::io::stderr().is_terminal(),
            stdin_is_terminal: std::io::stdin().is_terminal(),
            environment: Environment::of_process(),
            working_directory: std::env::current_dir().unwrap_or_default(),
        }
    }
}

/// Writes for people; clones share the streams.
#[derive(Clone)]
pub(crate) struct Ui {
    io: Arc<Mutex<Io>>,
    pub(crate) output: Output,
    /// Emoji and colours on stdout.
    pub(crate) fancy: bool,
    fancy_errors: bool,
    /// A spinner may be drawn.
    pub(crate) live: bool,
    /// Somebody can be asked.
    pub(crate) can_ask: bool,
}

impl Ui {
    pub(crate) fn new(io: Io, output: Output) -> Self {
        let plain = io.environment.get("NO_COLOR").is_some()
            || io.environment.get("TERM").is_some_and(|term| term == "dumb");
        let wanted = |terminal: bool| match output.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => terminal && !plain,
        };
        Self {
            fancy: wanted(io.stdout_is_terminal) && !output.json,
            fancy_errors: wanted(io.stderr_is_terminal) && !output.json,
            live: io.stdout_is_terminal
                && io.stderr_is_terminal
                && !plain
                && !output.json
                && !output.quiet,
            can_ask: io.stdin_is_terminal && io.stderr_is_terminal,
            io: Arc::new(Mutex::new(io)),
            output,
        }
    }

    fn io(&self) -> std::sync::MutexGuard<'_, Io> {
        self.io.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A line of the result.
    pub(crate) fn line(&self, text: &str) {
        // A reader that went away is no reason to stop a migration.
        let mut io = self.io();
        let _ = writeln!(io.stdout, "{text}");
        let _ = io.stdout.flush();
    }

    /// A line of the result, unless `--quiet`.
    pub(crate) fn say(&self, text: &str) {
        if !self.output.quiet {
            self.line(text);
        }
    }

    /// Something to know that is no result.
    pub(crate) fn note(&self, text: &str) {
        if !self.output.quiet {
            self.to_stderr(AnsiColor::Cyan, "note", text);
        }
    }

    /// Something that may be wrong.
    pub(crate) fn warn(&self, text: &str) {
        self.to_stderr(AnsiColor::Yellow, "warning", text);
    }

    /// An error that a migration told and went on after.
    pub(crate) fn logged_error(&self, text: &str) {
        self.to_stderr(AnsiColor::Red, "error", text);
    }

    /// A next step that is not an error's.
    pub(crate) fn hint(&self, text: &str) {
        self.to_stderr(AnsiColor::Green, "hint", text);
    }

    /// What ended the command.
    pub(crate) fn error(&self, error: &CommandError) {
        self.to_stderr(AnsiColor::Red, "error", &error.message);
        for cause in &error.causes {
            self.to_stderr(AnsiColor::Red, "caused by", cause);
        }
        for hint in &error.hints {
            self.to_stderr(AnsiColor::Green, "hint", hint);
        }
    }

    fn to_stderr(&self, color: AnsiColor, word: &str, text: &str) {
        let mut io = self.io();
        let _ = if self.fancy_errors {
            let style = Style::new().bold().fg_color(Some(color.into()));
            writeln!(io.stderr, "{style}{word}{style:#}: {text}")
        } else {
            writeln!(io.stderr, "{word}: {text}")
        };
        let _ = io.stderr.flush();
    }

    /// An emoji on a terminal, a word elsewhere.
    pub(crate) fn mark(&self, emoji: &'static str, word: &'static str) -> &'static str {
        if self.fancy { emoji } else { word }
    }

    /// Dim text on a terminal.
    pub(crate) fn dim(&self, text: &str) -> String {
        if self.fancy {
            let style = Style::new().dimmed();
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }

    /// Clears the terminal before something is shown anew.
    pub(crate) fn clear_screen(&self) {
        if self.fancy {
            let mut io = self.io();
            let _ = write!(io.stdout, "\x1b[2J\x1b[H");
        }
    }

    /// Asks a question; `--yes` answers it, and where nobody can be asked the answer is an error.
    pub(crate) fn confirm(&self, question: &str) -> Result<bool, CommandError> {
        if self.output.yes {
            return Ok(true);
        }
        if !self.can_ask {
            return Err(CommandError::usage(
                "CONFIRMATION_NEEDED",
                format!("{question} This must be confirmed"),
            )
            .with_hint("add --yes where nobody can be asked"));
        }
        let answer = self.ask(&format!("{question} [y/N] "));
        Ok(matches!(answer.to_lowercase().as_str(), "y" | "yes"))
    }

    /// Asks somebody on a terminal; the answer has no spaces around it.
    pub(crate) fn ask(&self, question: &str) -> String {
        let mut io = self.io();
        let _ = write!(io.stderr, "{question}");
        let _ = io.stderr.flush();
        let mut answer = String::new();
        let _ = io.stdin.read_line(&mut answer);
        answer.trim().to_owned()
    }
}

/// Help, version, or a mistake in the arguments.
pub(crate) fn print_usage(mut io: Io, error: &clap::Error) -> Exit {
    use clap::error::ErrorKind;
    let (stream, terminal) = if error.use_stderr() {
        (&mut io.stderr, io.stderr_is_terminal)
    } else {
        (&mut io.stdout, io.stdout_is_terminal)
    };
    let text = error.render();
    let _ = if terminal && io.environment.get("NO_COLOR").is_none() {
        write!(stream, "{}", text.ansi())
    } else {
        write!(stream, "{text}")
    };
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Exit::Done,
        _ => Exit::Usage,
    }
}
