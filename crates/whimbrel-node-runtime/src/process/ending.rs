//! How a process ended, and what to tell people of it.

use std::io;
use std::process::ExitStatus;
use std::sync::atomic::Ordering;

use super::{Shared, State};

/// How a process ended.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ending {
    pub(crate) message: String,
    /// It asked for it.
    pub(crate) is_exit: bool,
    pub(crate) hint: Option<String>,
}

/// Notes how it ended, and lets nobody wait any longer.
pub(super) fn ended(shared: &Shared, status: io::Result<ExitStatus>) {
    let ending = {
        let state = shared.state();
        ending_of(&state, status.ok(), shared.killed.load(Ordering::SeqCst))
    };
    shared.ended.send_replace(Some(ending));
    // Their requests learn that there is no reply.
    shared.state().waiting.clear();
}

fn ending_of(state: &State, status: Option<ExitStatus>, killed: bool) -> Ending {
    use std::os::unix::process::ExitStatusExt;
    if let Some(broken) = &state.broken {
        return Ending {
            message: format!(
                "the Node.js process was ended, because it wrote to Whimbrel's own pipe: {broken}"
            ),
            hint: Some("the file descriptors 3 to 7 belong to Whimbrel".to_owned()),
            ..Ending::default()
        };
    }
    if let Some((code, place)) = &state.exiting {
        let place = place.as_ref().map(|place| format!(" at {place}")).unwrap_or_default();
        return Ending {
            message: format!(
                "the migration ended the Node.js process with process.exit({code}){place}"
            ),
            is_exit: true,
            hint: Some("a migration ends by returning or by throwing".to_owned()),
        };
    }
    let said = || {
        let lines = state.last_lines.iter().filter(|line| !line.trim().is_empty());
        let lines: Vec<&str> = lines.map(String::as_str).collect();
        let told =
            |line: &&&str| !line.contains("stack trace -----") && !line.contains("data:text/");
        let is_frame = |line: &&str| line.trim_start().starts_with(|c: char| c.is_ascii_digit());
        let mut lines =
            lines.iter().filter(told).take_while(|line| !is_frame(line)).collect::<Vec<_>>();
        let from = lines.len().saturating_sub(3);
        lines.drain(..from);
        lines.into_iter().map(|line| format!("\n    {line}")).collect::<String>()
    };
    if state.last_lines.iter().any(|line| line.contains("heap out of memory")) {
        return Ending {
            message: "the Node.js process ran out of memory".to_owned(),
            hint: Some(
                "work through a cursor in batches instead of holding whole collections in memory; \
                 NODE_OPTIONS=--max-old-space-size=4096 in the environment gives Node.js more"
                    .to_owned(),
            ),
            ..Ending::default()
        };
    }
    if status.is_some_and(|status| status.signal() == Some(9)) && !killed {
        return Ending {
            message: "the Node.js process was killed (SIGKILL)".to_owned(),
            hint: Some(
                "if no person did it, the system did, most often because memory ran out".to_owned(),
            ),
            ..Ending::default()
        };
    }
    let message = match status.map(|status| (status.signal(), status.code())) {
        Some((Some(_), _)) if killed => "the Node.js process was ended".to_owned(),
        Some((Some(signal), _)) => {
            let name = name_of_signal(signal);
            let hint = (signal == 11).then(|| {
                "a native add-on has crashed, most often: is it built for this version of Node.js?".to_owned()
            });
            return Ending {
                message: format!("the Node.js process was ended by {name}{}", said()),
                hint,
                ..Ending::default()
            };
        }
        Some((_, Some(code))) => format!("the Node.js process ended with code {code}{}", said()),
        _ => "the Node.js process ended".to_owned(),
    };
    Ending { message, ..Ending::default() }
}

fn name_of_signal(signal: i32) -> String {
    let name = match signal {
        1 => "SIGHUP",
        2 => "SIGINT",
        4 => "SIGILL",
        6 => "SIGABRT",
        7 => "SIGBUS",
        8 => "SIGFPE",
        11 => "SIGSEGV",
        13 => "SIGPIPE",
        15 => "SIGTERM",
        other => return format!("signal {other}"),
    };
    name.to_owned()
}
