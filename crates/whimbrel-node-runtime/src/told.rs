//! What the JavaScript of a runtime tells, as the run loop has it; the same from a process of its own and from the one
//! that this program is loaded into.

use mongodb::bson::{Bson, Document, doc};
use mongodb::error::Error as DriverError;
use serde_json::Value;
use whimbrel_core::body::{BodyError, OutputLevel};
use whimbrel_core::database_error::RemoteError;
use whimbrel_core::thrown::{LONGEST, Thrown, short};

/// JavaScript that describes a thrown value: CommonJS that exports `describe`.
pub const DESCRIBE: &str = include_str!("../js/describe.js");

/// JavaScript that lists the driver's methods which send something, with the place of their options: CommonJS.
pub const METHODS: &str = include_str!("../js/methods.js");

/// A reply as the ledger reads it, of its numbers.
pub fn reply_with(counts: &Value) -> Document {
    let number = |name: &str| counts.get(name).and_then(Value::as_i64);
    let mut reply = Document::new();
    for name in ["n", "nModified", "nInserted", "nUpserted", "nMatched", "nDeleted", "nErrors"] {
        if let Some(number) = number(name) {
            reply.insert(name, number);
        }
    }
    for name in ["upserted", "writeErrors"] {
        let length = number(name).and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
        if length > 0 {
            reply.insert(name, vec![Bson::Null; length]);
        }
    }
    if let Some(found) = number("found").and_then(|found| i32::try_from(found).ok()) {
        reply.insert("lastErrorObject", doc! { "n": found });
    }
    reply
}

/// A level by its word; anything else is ordinary.
pub fn level_of(text: &str) -> OutputLevel {
    match text {
        "debug" => OutputLevel::Debug,
        "warn" => OutputLevel::Warn,
        "error" => OutputLevel::Error,
        _ => OutputLevel::Info,
    }
}

/// Which frames say nothing to the author of a migration: the runtime's own, and where there are frames of the
/// project, those of packages.
fn is_foreign(stack: &str) -> impl Fn(&str) -> bool + use<> {
    let is_runtimes = |line: &str| {
        ["whimbrel:", "node:", "data:text/", "(native)", "(<anonymous>)", "at async Promise."]
            .iter()
            .any(|part| line.contains(part))
            || line.ends_with("at <anonymous>")
    };
    let is_package = |line: &str| line.contains("node_modules/");
    let frames = stack.lines().map(str::trim).filter(|line| line.starts_with("at "));
    let has_own = frames.into_iter().any(|line| !is_runtimes(line) && !is_package(line));
    move |line| is_runtimes(line) || (has_own && is_package(line))
}

/// A thrown value as `js/describe.js` describes it.
pub fn thrown_of(error: &Value) -> Thrown {
    let text = |name: &str, most: usize| {
        let text = error.get(name).and_then(Value::as_str).unwrap_or_default();
        short(text.to_owned(), most)
    };
    let code = match error.get("code") {
        Some(Value::Number(number)) => match number.as_i64() {
            Some(whole) => Some(Bson::Int64(whole)),
            None => number.as_f64().map(Bson::Double),
        },
        Some(Value::String(code)) => Some(Bson::String(short(code.clone(), 200))),
        _ => None,
    };
    let labels = error.get("labels").and_then(Value::as_array);
    let labels = labels.into_iter().flatten().filter_map(Value::as_str).take(20);
    Thrown {
        name: text("name", 200),
        message: text("message", LONGEST),
        code,
        code_name: error
            .get("codeName")
            .and_then(Value::as_str)
            .map(|name| short(name.to_owned(), 200)),
        labels: labels.map(|label| short(label.to_owned(), 200)).collect(),
        stack: text("stack", LONGEST),
        cause: error
            .get("cause")
            .and_then(Value::as_str)
            .map(|cause| short(cause.to_owned(), LONGEST)),
    }
}

/// What a file that cannot be loaded says of it, with the places that say something to its author.
pub fn load_message(thrown: &Thrown) -> String {
    let mut message = thrown.headline();
    // An error of the parser shows the line already.
    if !message.contains(" --> ") {
        let stack = thrown.stack_text(is_foreign(&thrown.stack));
        if !stack.is_empty() {
            message.push('\n');
            message.push_str(&stack);
        }
    }
    message
}

/// The failure of a migration that threw this; `own` is a hint that goes before what the error itself suggests.
pub fn failed(thrown: Thrown, own: Option<String>) -> BodyError {
    let is_foreign = is_foreign(&thrown.stack);
    match thrown.into_failure(is_foreign) {
        BodyError::Failed { message, detail, hint } => {
            BodyError::Failed { message, detail, hint: own.or(hint) }
        }
        other => other,
    }
}

/// An error of a driver in JavaScript that says no more than this.
pub fn remote(message: impl Into<String>) -> DriverError {
    DriverError::custom(RemoteError { message: message.into(), ..RemoteError::default() })
}

/// What the driver there threw, as an error of the driver here.
pub fn of_thrown(thrown: &Thrown) -> DriverError {
    let code =
        thrown.code.as_ref().and_then(Bson::as_i64).and_then(|code| i32::try_from(code).ok());
    let message = match code {
        Some(_) => thrown.message.clone(),
        None => thrown.headline(),
    };
    DriverError::custom(RemoteError {
        code,
        code_name: thrown.code_name.clone().unwrap_or_default(),
        message,
        labels: thrown.labels.clone(),
    })
}
