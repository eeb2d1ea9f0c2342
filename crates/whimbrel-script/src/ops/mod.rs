//! The operations that the façade calls, in Rust.
//!
//! [`NAMES`] pairs them with their callers in `js/`; a test compares the two. Asynchronous ones run as tasks
//! on the main runtime, so that no driver future is ever dropped half way, and settle a promise on the
//! script's thread.

mod collation;
mod crypto;
mod database;
mod fs;
mod host;
mod modules;
mod sessions;
mod text;
mod timers;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::Future;
use std::rc::Rc;
use std::sync::Arc;

use rquickjs::{Ctx, Exception, Object, Promise, Result, Value};
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio_util::task::TaskTracker;
use whimbrel_core::body::{OutputLevel, OutputSink, Said, Trust};
use whimbrel_core::gate::Gate;

use crate::convert::{BsonOptions, Classes, document_from_bson};
use crate::modules::Files;
use crate::wire::{Failure, Wire};
use timers::Timers;

/// Every operation, as the façade names it.
#[cfg(test)]
const NAMES: [&str; 53] = [
    "absolute",
    "base64Encode",
    "clearTimer",
    "close",
    "collate",
    "command",
    "compileCommonJs",
    "deserialize",
    "environment",
    "fileUrl",
    "formatOf",
    "fs",
    "hashCopy",
    "hashDigest",
    "hashNames",
    "hashNew",
    "hashUpdate",
    "hexEncode",
    "hkdf",
    "identify",
    "loadOwn",
    "log",
    "next",
    "nextTick",
    "now",
    "open",
    "osInfo",
    "pbkdf2",
    "print",
    "progress",
    "projectFolder",
    "random",
    "read",
    "referTimer",
    "requireModule",
    "residentMemory",
    "resolve",
    "resolveImport",
    "scrypt",
    "serialize",
    "sessionAbort",
    "sessionBegin",
    "sessionCommit",
    "sessionEnd",
    "sessionInfo",
    "sessionStart",
    "setTimer",
    "timingSafeEqual",
    "urlParse",
    "urlSet",
    "utf8Decode",
    "utf8Encode",
    "write",
];

/// What the operations of one script share.
pub(crate) struct OpState {
    pub(crate) main: Handle,
    pub(crate) wire: Option<Arc<Wire>>,
    pub(crate) output: Option<OutputSink>,
    pub(crate) files: Files,
    pub(crate) trust: Trust,
    pub(crate) gate: Gate,
    pub(crate) environment: Vec<(String, String)>,
    /// Tasks on the main runtime.
    pub(crate) tasks: TaskTracker,
    /// Operations whose promise is not settled.
    pub(crate) in_flight: Cell<usize>,
    /// One of them was settled.
    pub(crate) settled: Rc<Notify>,
    pub(crate) timers: Rc<Timers>,
    /// Sessions that are being opened or told something, in order.
    session_work: RefCell<HashMap<u32, tokio::sync::watch::Receiver<bool>>>,
    /// Of cursors whose documents are not converted in the usual way.
    cursor_options: RefCell<HashMap<u32, BsonOptions>>,
}

impl OpState {
    pub(crate) fn new(
        main: Handle,
        wire: Option<Arc<Wire>>,
        output: Option<OutputSink>,
        files: Files,
        trust: Trust,
        gate: Gate,
        environment: Vec<(String, String)>,
    ) -> Rc<Self> {
        Rc::new(Self {
            main,
            wire,
            output,
            files,
            trust,
            gate,
            environment,
            tasks: TaskTracker::new(),
            in_flight: Cell::new(0),
            settled: Rc::new(Notify::new()),
            timers: Rc::default(),
            session_work: RefCell::default(),
            cursor_options: RefCell::default(),
        })
    }

    fn wire(&self, ctx: &Ctx<'_>) -> Result<Arc<Wire>> {
        self.wire.clone().ok_or_else(|| {
            Exception::throw_message(ctx, "the database is only there while up or rollback runs")
        })
    }

    /// Runs `work` as a task and settles a promise with what `convert` makes of its result.
    fn start<'js, T: Send + 'static>(
        self: &Rc<Self>,
        ctx: &Ctx<'js>,
        work: impl Future<Output = std::result::Result<T, Failure>> + Send + 'static,
        convert: impl FnOnce(&Ctx<'js>, T) -> Result<Value<'js>> + 'js,
    ) -> Result<Promise<'js>> {
        let (promise, resolve, reject) = ctx.promise()?;
        let task = self.main.spawn(self.tasks.track_future(work));
        self.in_flight.set(self.in_flight.get() + 1);
        let state = Rc::clone(self);
        let context = ctx.clone();
        ctx.spawn(async move {
            let settled: Result<()> = match task.await {
                Ok(Ok(value)) => convert(&context, value).and_then(|value| resolve.call((value,))),
                Ok(Err(failure)) => {
                    report(&context, &failure).and_then(|report| reject.call((report,)))
                }
                Err(panic) => Err(Exception::throw_message(&context, &panic.to_string())),
            };
            if settled.is_err() {
                let thrown = context.catch();
                // A promise that cannot be settled any more: the engine is out of memory or interrupted.
                let _ = reject.call::<_, ()>((thrown,));
            }
            state.in_flight.set(state.in_flight.get() - 1);
            state.settled.notify_one();
        });
        Ok(promise)
    }

    /// Nothing is under way that could settle a promise.
    pub(crate) fn is_idle(&self) -> bool {
        self.in_flight.get() == 0 && self.timers.is_empty()
    }

    /// Ends what would otherwise keep the engine busy.
    pub(crate) fn clear_timers(&self) {
        self.timers.clear();
    }

    pub(crate) fn print(&self, level: &str, text: &str) {
        // Only what looks like a stack: other text is the script's own.
        let line = |line: &str| match line.trim_start().starts_with("at ") {
            true => self.files.map_places(line),
            false => line.to_owned(),
        };
        let text = text.split('\n').map(line).collect::<Vec<_>>().join("\n");
        self.say(Said::Line { level: level_of(level), text });
    }

    fn say(&self, said: Said) {
        if let Some(output) = &self.output {
            output(said);
        }
    }

    /// Runs session work in order, without a promise: what follows on that session waits for it.
    fn session_step(
        self: &Rc<Self>,
        handle: u32,
        work: impl Future<Output = std::result::Result<(), Failure>> + Send + 'static,
    ) {
        let before = self.session_work.borrow_mut().remove(&handle);
        let (done, receiver) = tokio::sync::watch::channel(false);
        self.session_work.borrow_mut().insert(handle, receiver);
        self.main.spawn(self.tasks.track_future(async move {
            wait_for(before).await;
            if let Err(failure) = work.await {
                tracing::debug!(target: "whimbrel", failure = ?failure, "session");
            }
            let _ = done.send(true);
        }));
    }

    fn session_ready(
        &self,
        handle: Option<u32>,
    ) -> impl Future<Output = ()> + Send + 'static + use<> {
        let before = handle.and_then(|handle| self.session_work.borrow().get(&handle).cloned());
        wait_for(before)
    }
}

fn level_of(word: &str) -> OutputLevel {
    match word {
        "debug" => OutputLevel::Debug,
        "warn" => OutputLevel::Warn,
        "error" => OutputLevel::Error,
        _ => OutputLevel::Info,
    }
}

async fn wait_for(before: Option<tokio::sync::watch::Receiver<bool>>) {
    if let Some(mut before) = before {
        let _ = before.wait_for(|done| *done).await;
    }
}

/// The plain object that the façade makes an error of.
fn report<'js>(ctx: &Ctx<'js>, failure: &Failure) -> Result<Object<'js>> {
    let facts = failure.report();
    let report = Object::new(ctx.clone())?;
    report.set("whimbrelKind", facts.kind)?;
    report.set("message", facts.message)?;
    report.set("labels", facts.labels)?;
    if let Some(code) = facts.code {
        report.set("code", code)?;
    }
    if let Some(name) = facts.code_name {
        report.set("codeName", name)?;
    }
    if let Some(reply) = facts.reply {
        report.set(
            "reply",
            document_from_bson(ctx, &Classes::of(ctx)?, reply.as_bytes(), BsonOptions::default())?,
        )?;
    }
    Ok(report)
}

pub(super) fn undefined<'js>(ctx: &Ctx<'js>, (): ()) -> Result<Value<'js>> {
    Ok(Value::new_undefined(ctx.clone()))
}

/// Makes the object with all operations.
pub(crate) fn install<'js>(ctx: &Ctx<'js>, state: &Rc<OpState>) -> Result<Object<'js>> {
    let ops = Object::new(ctx.clone())?;
    database::install(ctx, state, &ops)?;
    sessions::install(ctx, state, &ops)?;
    host::install(ctx, state, &ops)?;
    modules::install(ctx, state, &ops)?;
    fs::install(ctx, state, &ops)?;
    collation::install(ctx, &ops)?;
    crypto::install(ctx, state, &ops)?;
    text::install(ctx, &ops)?;
    Ok(ops)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every `ops.name(` and `native.name(` in the façade.
    fn called() -> Vec<String> {
        fn visit(folder: &std::path::Path, names: &mut Vec<String>) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    visit(&path, names);
                    continue;
                }
                let text = std::fs::read_to_string(&path).unwrap();
                for receiver in ["ops.", "native.", "host."] {
                    for piece in text.split(receiver).skip(1) {
                        let name: String =
                            piece.chars().take_while(|c| c.is_ascii_alphanumeric()).collect();
                        if piece[name.len()..].starts_with('(') {
                            names.push(name);
                        }
                    }
                }
            }
        }
        let mut names = Vec::new();
        visit(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("js"), &mut names);
        names.sort();
        names.dedup();
        names
    }

    #[test]
    fn the_facade_calls_exactly_the_operations_there_are() {
        assert_eq!(called(), NAMES);
    }
}
