//! What went wrong in a script, as people and the history are told.

use mongodb::bson::{Bson, Document};
use rquickjs::{CaughtError, Ctx, Function, Object, Value};
use whimbrel_core::body::BodyError;
use whimbrel_core::database_error::{hint_of_code, missing_right, without_command};

use crate::convert::Text;
use crate::modules::{COMMON_JS_HEAD, Files, excerpt, is_typescript, own};

/// Lines of a stack that are shown.
const STACK_LINES: usize = 10;

/// The longest text of an error that is kept, in bytes: it is stored in the history.
const LONGEST: usize = 64 * 1024;

/// At most so many bytes of a text, and a mark where it was cut.
fn short(mut text: String, most: usize) -> String {
    if text.len() > most {
        let cut = (0..=most).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
        text.truncate(cut);
        text.push('…');
    }
    text
}

/// A thrown value, described by the façade.
#[derive(Clone, Debug, Default)]
pub(crate) struct Thrown {
    pub(crate) name: String,
    pub(crate) message: String,
    code: Option<Bson>,
    code_name: Option<String>,
    labels: Vec<String>,
    stack: String,
    cause: Option<String>,
}

impl Thrown {
    /// Describes what an operation on the engine failed with.
    pub(crate) fn caught(ctx: &Ctx<'_>, error: rquickjs::Error) -> Self {
        match CaughtError::from_error(ctx, error) {
            CaughtError::Exception(exception) => {
                Self::of(ctx, exception.into_object().into_value())
            }
            CaughtError::Value(value) => Self::of(ctx, value),
            CaughtError::Error(error) => {
                Self { name: "Error".into(), message: error.to_string(), ..Self::default() }
            }
        }
    }

    /// Describes a thrown value.
    pub(crate) fn of<'js>(ctx: &Ctx<'js>, value: Value<'js>) -> Self {
        // Where there is no room left even for an error object, the engine throws null.
        if value.is_null() {
            return Self {
                message: "null was thrown, as the engine does when it is out of memory".to_owned(),
                ..Self::default()
            };
        }
        let plain = value.as_exception().cloned();
        match Self::through_facade(ctx, value) {
            Ok(thrown) => thrown,
            // Out of memory, or the façade is not there yet.
            Err(_) => {
                let _ = ctx.catch();
                let message = plain.as_ref().and_then(rquickjs::Exception::message);
                Self {
                    name: "InternalError".to_owned(),
                    message: message.unwrap_or_else(|| "out of memory".to_owned()),
                    stack: plain.and_then(|e| e.stack()).unwrap_or_default(),
                    ..Self::default()
                }
            }
        }
    }

    fn through_facade<'js>(ctx: &Ctx<'js>, value: Value<'js>) -> rquickjs::Result<Self> {
        let describe: Function<'js> = own(ctx)?.get("describeError")?;
        let facts: Object<'js> = describe.call((value,))?;
        let code: Value<'js> = facts.get("code")?;
        let code = match (code.as_number(), code.as_string()) {
            (Some(number), _) if number.fract() == 0.0 && number.abs() < 9e15 => {
                Some(Bson::Int64(number as i64))
            }
            (Some(number), _) => Some(Bson::Double(number)),
            (None, Some(_)) => Some(Bson::String(short(facts.get::<_, Text>("code")?.0, 200))),
            (None, None) => None,
        };
        Ok(Self {
            name: short(facts.get::<_, Text>("name")?.0, 200),
            message: short(facts.get::<_, Text>("message")?.0, LONGEST),
            code,
            code_name: facts.get::<_, Option<Text>>("codeName")?.map(|name| short(name.0, 200)),
            labels: facts
                .get::<_, Option<Vec<Text>>>("labels")?
                .unwrap_or_default()
                .into_iter()
                .take(20)
                .map(|label| short(label.0, 200))
                .collect(),
            stack: short(facts.get::<_, Text>("stack")?.0, LONGEST),
            cause: facts.get::<_, Option<Text>>("cause")?.map(|cause| short(cause.0, LONGEST)),
        })
    }

    /// `MongoServerError: E11000 … (code 11000)`.
    fn headline(&self) -> String {
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

    fn stack_text(&self) -> String {
        let lines: Vec<String> = self
            .stack
            .lines()
            .map(str::trim)
            .filter(|line| {
                let engine = line.contains("whimbrel:") || line.ends_with("(native)");
                line.starts_with("at ") && !engine
            })
            .take(STACK_LINES)
            .map(|line| format!("    {line}"))
            .collect();
        lines.join("\n")
    }

    fn hint(&self) -> Option<String> {
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

    /// Places in TypeScript files are told as they are in the source.
    fn map_places(&mut self, files: &Files) {
        self.stack = files.map_places(&self.stack);
        self.message = files.map_places(&self.message);
    }

    /// As the failure of a migration that was running.
    pub(crate) fn into_failure(mut self, files: &Files) -> BodyError {
        self.map_places(files);
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
        let stack = self.stack_text();
        let mut message = self.headline();
        if !stack.is_empty() {
            detail.insert("stack", &stack);
            message.push('\n');
            message.push_str(&stack);
        }
        BodyError::Failed { message, detail, hint }
    }

    /// As an error of loading, with the place and the line it is about where that is known.
    pub(crate) fn into_load_error(mut self, files: &Files) -> BodyError {
        self.map_places(files);
        let mut message = self.headline();
        match self.excerpt(files) {
            Some(excerpt) if self.name == "SyntaxError" => {
                message.push('\n');
                message.push_str(&excerpt);
            }
            _ => {
                let stack = self.stack_text();
                if !stack.is_empty() {
                    message.push('\n');
                    message.push_str(&stack);
                }
            }
        }
        BodyError::Load { message, hint: self.hint() }
    }

    /// The line of the first place in the stack, with a mark below the column.
    fn excerpt(&self, files: &Files) -> Option<String> {
        // An error of the TypeScript parser shows the line already.
        if self.message.contains(" --> ") {
            return None;
        }
        let place = self.stack.lines().map(str::trim).find(|line| line.starts_with("at "))?;
        let place = place.trim_start_matches("at ").trim_end_matches(')');
        let place = place.rsplit_once('(').map_or(place, |(_, place)| place);
        let mut parts = place.rsplitn(3, ':');
        let (last, middle, rest) = (parts.next()?, parts.next()?, parts.next());
        let (path, line, column): (&str, usize, usize) = match rest {
            Some(path) => (path, middle.parse().ok()?, last.parse().ok()?),
            None => (middle, last.parse().ok()?, 1),
        };
        let text = files.text(path).ok()?;
        let source = text.lines().nth(line.checked_sub(1)?)?;
        let head = if line == 1 { COMMON_JS_HEAD.len() } else { 0 };
        let column =
            if is_typescript(path) { Some(column) } else { self.column_in(source, column, head) };
        Some(excerpt(path, line, column, source))
    }

    /// Where in its line the error is. The engine counts columns of syntax errors from the start of the
    /// function around them, so its number is taken only if the token it complains about stands there;
    /// else that token is looked for.
    fn column_in(&self, source: &str, reported: usize, head: usize) -> Option<usize> {
        let token = self.message.split('\'').nth(1).filter(|token| !token.is_empty())?;
        let stands = |column: usize| {
            let at = column.checked_sub(1)?;
            source.get(at..)?.starts_with(token).then_some(column)
        };
        stands(reported)
            .or_else(|| stands(reported.checked_sub(head)?))
            .or_else(|| source.find(token).map(|at| at + 1))
    }
}
