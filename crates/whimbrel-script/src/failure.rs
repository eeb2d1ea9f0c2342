//! What went wrong in a script, as people and the history are told.

use mongodb::bson::Bson;
use rquickjs::{CaughtError, Ctx, Function, Object, Value};
use whimbrel_core::body::BodyError;
use whimbrel_core::thrown::{LONGEST, Thrown as Facts, short};

use crate::convert::Text;
use crate::modules::{COMMON_JS_HEAD, Files, excerpt, is_typescript, own};

/// A thrown value, described by the façade.
pub(crate) struct Thrown(Facts);

/// Whether a line of a stack is about the engine's own code.
fn is_engines(line: &str) -> bool {
    line.contains("whimbrel:") || line.ends_with("(native)")
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
                Self(Facts { name: "Error".into(), message: error.to_string(), ..Facts::default() })
            }
        }
    }

    /// Describes a thrown value.
    pub(crate) fn of<'js>(ctx: &Ctx<'js>, value: Value<'js>) -> Self {
        // Where there is no room left even for an error object, the engine throws null.
        if value.is_null() {
            return Self(Facts {
                message: "null was thrown, as the engine does when it is out of memory".to_owned(),
                ..Facts::default()
            });
        }
        let plain = value.as_exception().cloned();
        match Self::through_facade(ctx, value) {
            Ok(thrown) => thrown,
            // Out of memory, or the façade is not there yet.
            Err(_) => {
                let _ = ctx.catch();
                let message = plain.as_ref().and_then(rquickjs::Exception::message);
                Self(Facts {
                    name: "InternalError".to_owned(),
                    message: message.unwrap_or_else(|| "out of memory".to_owned()),
                    stack: plain.and_then(|e| e.stack()).unwrap_or_default(),
                    ..Facts::default()
                })
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
        Ok(Self(Facts {
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
        }))
    }

    /// Places in TypeScript files are told as they are in the source.
    fn map_places(&mut self, files: &Files) {
        self.0.stack = files.map_places(&self.0.stack);
        self.0.message = files.map_places(&self.0.message);
    }

    /// As the failure of a migration that was running.
    pub(crate) fn into_failure(mut self, files: &Files) -> BodyError {
        self.map_places(files);
        let way_out = self.way_out(files);
        match self.0.into_failure(is_engines) {
            BodyError::Failed { message, detail, hint } => {
                BodyError::Failed { message, detail, hint: hint.or(way_out) }
            }
            other => other,
        }
    }

    /// What only Node.js has, it has.
    fn way_out(&self, files: &Files) -> Option<String> {
        let code = self.0.code.as_ref().and_then(Bson::as_str);
        (code == Some("ERR_NOT_OFFERED")).then(|| match files.is_stored() {
            true => "code from the history runs only in the embedded engine: roll back with the migration's file".to_owned(),
            false => "real Node.js can: write `export const runtime = 'node'` into the file (`exports.runtime` in \
                      CommonJS), or set runtime = \"node\" or \"auto\" in whimbrel.toml"
                .to_owned(),
        })
    }

    /// As an error of loading, with the place and the line it is about where that is known.
    pub(crate) fn into_load_error(mut self, files: &Files) -> BodyError {
        self.map_places(files);
        let mut message = self.0.headline();
        match self.excerpt(files) {
            Some(excerpt) if self.0.name == "SyntaxError" => {
                message.push('\n');
                message.push_str(&excerpt);
            }
            _ => {
                let stack = self.0.stack_text(is_engines);
                if !stack.is_empty() {
                    message.push('\n');
                    message.push_str(&stack);
                }
            }
        }
        BodyError::Load { message, hint: self.0.hint().or_else(|| self.way_out(files)) }
    }

    /// The line of the first place in the stack, with a mark below the column.
    fn excerpt(&self, files: &Files) -> Option<String> {
        // An error of the TypeScript parser shows the line already.
        if self.0.message.contains(" --> ") {
            return None;
        }
        let place = self.0.stack.lines().map(str::trim).find(|line| line.starts_with("at "))?;
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
        let token = self.0.message.split('\'').nth(1).filter(|token| !token.is_empty())?;
        let stands = |column: usize| {
            let at = column.checked_sub(1)?;
            source.get(at..)?.starts_with(token).then_some(column)
        };
        stands(reported)
            .or_else(|| stands(reported.checked_sub(head)?))
            .or_else(|| source.find(token).map(|at| at + 1))
    }
}
