//! What a command's end means for its caller.

use std::process::ExitCode;

use whimbrel::{ConfigError, Error, ErrorClass, OpenError};
use whimbrel_core::error::causes_of;

/// The exit codes, one meaning each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Done.
    Done = 0,
    /// A migration failed.
    Migration = 1,
    /// Usage or configuration.
    Usage = 2,
    /// The lock is held.
    LockHeld = 3,
    /// Drift, or a state that a person must settle.
    Drift = 4,
    /// The database cannot be reached, or does not let us in.
    Connection = 5,
    /// `status --exit-code` found pending migrations.
    Pending = 6,
    /// Interrupted.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl From<ErrorClass> for Exit {
    fn from(class: ErrorClass) -> Self {
        match class {
            ErrorClass::Migration => Self::Migration,
            ErrorClass::Usage => Self::Usage,
            ErrorClass::LockHeld => Self::LockHeld,
            ErrorClass::Drift => Self::Drift,
            ErrorClass::Connection => Self::Connection,
            ErrorClass::Interrupted => Self::Interrupted,
        }
    }
}

/// An error as the one place that prints errors needs it.
#[derive(Debug)]
pub(crate) struct CommandError {
    pub(crate) exit: Exit,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    /// `caused by` lines, nearest first.
    pub(crate) causes: Vec<String>,
    pub(crate) hints: Vec<String>,
}

impl CommandError {
    pub(crate) fn usage(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            exit: Exit::Usage,
            code,
            message: message.into(),
            causes: Vec::new(),
            hints: Vec::new(),
        }
    }

    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// An error of the engine. A migration's failure was told in full when it happened; here it is one line.
    pub(crate) fn of_run(error: &Error, told: bool) -> Self {
        let full = error.to_string();
        let message = match error {
            // Why it was stopped is nowhere else on this stream.
            Error::Migration { source, .. } if told && !is_stop(source) => {
                full.split_once(": ").map_or(full.clone(), |(head, _)| head.to_owned())
            }
            _ => full,
        };
        Self {
            exit: error.class().into(),
            code: error.code(),
            message,
            causes: causes_of(error),
            hints: error.hints(),
        }
    }
}

fn is_stop(source: &whimbrel_core::body::BodyError) -> bool {
    matches!(source, whimbrel_core::body::BodyError::Stopped { .. })
}

impl From<Error> for CommandError {
    fn from(error: Error) -> Self {
        Self::of_run(&error, false)
    }
}

impl From<ConfigError> for CommandError {
    fn from(error: ConfigError) -> Self {
        Self {
            exit: Exit::Usage,
            code: error.code(),
            message: error.to_string(),
            causes: causes_of(&error),
            hints: error.hint().into_iter().collect(),
        }
    }
}

impl From<OpenError> for CommandError {
    fn from(error: OpenError) -> Self {
        Self {
            exit: error.class().into(),
            code: error.code(),
            message: error.to_string(),
            causes: causes_of(&error),
            hints: error.hint().into_iter().collect(),
        }
    }
}

impl From<whimbrel_local::LocalError> for CommandError {
    fn from(error: whimbrel_local::LocalError) -> Self {
        Self {
            exit: Exit::Connection,
            code: error.code(),
            message: error.to_string(),
            causes: causes_of(&error),
            hints: error.hints().iter().map(|hint| (*hint).to_owned()).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_that_use_the_library_end_with_the_same_codes() {
        for class in [
            ErrorClass::Migration,
            ErrorClass::Usage,
            ErrorClass::LockHeld,
            ErrorClass::Drift,
            ErrorClass::Connection,
            ErrorClass::Interrupted,
        ] {
            assert_eq!(Exit::from(class) as u8, class.exit_code());
        }
    }
}
