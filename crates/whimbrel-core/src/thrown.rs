//! A value that a migration's JavaScript threw, as people and the history are told; shared by all runtimes.

use mongodb::bson::{Bson, Document};

use crate::body::BodyError;
use crate::database_error::{hint_of_code, missing_right, without_command};

/// Lines of a stack that are shown.
const STACK_LINES: usize = 10;

/// The longest text of an error that is kept, in bytes: it is stored in the history.
pub const LONGEST: usize = 64 * 1024;

/// At most so many bytes of a text, and a mark where it was cut.
pub fn short(mut text: String, most: usize) -> String {
    if text.len() > most {
        let cut = (0..=most).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
        text.truncate(cut);
        text.push('…');
    }
    text
}

/// A thrown value, described by the runtime it was thrown in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Thrown {
    /// The error's class; empty for a value that is no error.
    pub name: String,
    /// Its message, or the value as text.
    pub message: String,
    /// `code`, a number or text.
    pub code: Option<Bson>,
    /// `codeName`, as the server calls the code.
    pub code_name: Option<String>,
    /// Labels the server or the driver gave it.
    pub labels: Vec<String>,
    /// Its stack, a line `at …` for each call.
    pub stack: String,
    /// The errors it was caused by, a line for each.
    pub cause: Option<String>,
}

impl Thrown {
    /// `MongoServerError: E11000 … (code 11000)`, and a line for each cause.
    pub fn headline(&self) -> String {
        let mut text = match (self.name.is_empty(), self.message.is_empty()) {
            (true, _) => self.message.clone(),
            (false, true) => self.name.clone(),
            (false, false) => format!("{}: {}", self.name, self.message),
        };
        if let Some(code) = &self.code {
            let code = match code {
                Bson::String(text) => text.clone(),
                Bson::Int64(number) => number.to_string(),
                other => other.to_string(),
            };
            let name = self.code_name.as_ref().map(|name| format!(", {name}")).unwrap_or_default();
            if !text.contains(&code) || !name.is_empty() {
                text.push_str(&format!(" (code {code}{name})"));
            }
        }
        if let Some(cause) = &self.cause {
            text.push_str(&format!("\n  caused by {cause}"));
        }
        text
    }

    /// The first lines of the stack, indented; `is_own` says which are the runtime's own and are left out.
    pub fn stack_text(&self, is_own: impl Fn(&str) -> bool) -> String {
        let lines: Vec<String> = self
            .stack
            .lines()
            .map(str::trim)
            .filter(|line| line.starts_with("at ") && !is_own(line))
            .take(STACK_LINES)
            .map(|line| format!("    {line}"))
            .collect();
        lines.join("\n")
    }

    /// The next step for a person, where the error is a known one.
    pub fn hint(&self) -> Option<String> {
        if self.message.contains("out of memory") {
            return Some(
                "work through a cursor in batches instead of holding whole collections in memory"
                    .to_owned(),
            );
        }
        match self.code.as_ref().and_then(Bson::as_i64) {
            Some(263) => Some(
                "this cannot be done in a transaction: put it into a migration of its own with \
                 `export const transaction = false`"
                    .to_owned(),
            ),
            Some(13) => Some(missing_right(&self.message)),
            Some(11000) => Some(
                "a unique index refused a duplicate: find and merge the duplicates first"
                    .to_owned(),
            ),
            Some(code) => {
                i32::try_from(code).ok().and_then(hint_of_code).map(|hint| hint.to_owned())
            }
            None => None,
        }
    }

    /// As the failure of a migration that was running.
    pub fn into_failure(mut self, is_own: impl Fn(&str) -> bool) -> BodyError {
        let hint = self.hint();
        // The history keeps it, and a refusal quotes the command with all its values.
        self.message = without_command(&self.message);
        let mut detail = Document::new();
        if !self.name.is_empty() {
            detail.insert("class", &self.name);
        }
        if let Some(code) = &self.code {
            detail.insert("code", code.clone());
        }
        if let Some(name) = &self.code_name {
            detail.insert("codeName", name);
        }
        if !self.labels.is_empty() {
            detail.insert("labels", self.labels.clone());
        }
        let stack = self.stack_text(is_own);
        let mut message = self.headline();
        if !stack.is_empty() {
            detail.insert("stack", &stack);
            message.push('\n');
            message.push_str(&stack);
        }
        BodyError::Failed { message, detail, hint }
    }
}
