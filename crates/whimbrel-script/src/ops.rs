//! The operations that the façade calls, in Rust.
//!
//! [`NAMES`] pairs them with their callers in `js/`; a test compares the two. Asynchronous ones run as tasks
//! on the main runtime, so that no driver future is ever dropped half way, and settle a promise on the
//! script's thread.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::Future;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use mongodb::bson::{Document, RawDocumentBuf};
use rand::RngCore;
use rquickjs::function::Opt;
use rquickjs::{Array, Ctx, Exception, Function, Object, Promise, Result, TypedArray, Value};
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use whimbrel_core::body::{OutputLevel, OutputSink, Trust};

use crate::convert::{
    BsonOptions, Classes, array_from_bson, array_to_bson, buffer_from, bytes_of,
    document_from_bson, document_to_bson,
};
use crate::modules::{Files, compile_common_js};
use crate::wire::{Batch, BeginOptions, Failure, Kind, Wire, WriteBatch};

/// Every operation, as the façade names it.
#[cfg(test)]
const NAMES: [&str; 23] = [
    "absolute",
    "clearTimer",
    "close",
    "command",
    "compileCommonJs",
    "deserialize",
    "environment",
    "next",
    "open",
    "platform",
    "print",
    "projectFolder",
    "random",
    "read",
    "resolve",
    "serialize",
    "sessionAbort",
    "sessionBegin",
    "sessionCommit",
    "sessionEnd",
    "sessionStart",
    "setTimer",
    "write",
];

/// What the operations of one script share.
pub(crate) struct OpState {
    pub(crate) main: Handle,
    pub(crate) wire: Option<Arc<Wire>>,
    pub(crate) output: Option<OutputSink>,
    pub(crate) files: Files,
    pub(crate) trust: Trust,
    pub(crate) environment: Vec<(String, String)>,
    /// Tasks on the main runtime.
    pub(crate) tasks: TaskTracker,
    /// Operations whose promise is not settled.
    pub(crate) in_flight: Cell<usize>,
    /// One of them was settled.
    pub(crate) settled: Rc<Notify>,
    timers: RefCell<HashMap<u32, CancellationToken>>,
    next_timer: Cell<u32>,
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
        environment: Vec<(String, String)>,
    ) -> Rc<Self> {
        Rc::new(Self {
            main,
            wire,
            output,
            files,
            trust,
            environment,
            tasks: TaskTracker::new(),
            in_flight: Cell::new(0),
            settled: Rc::new(Notify::new()),
            timers: RefCell::default(),
            next_timer: Cell::new(1),
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

    fn set_timer<'js>(
        self: &Rc<Self>,
        ctx: &Ctx<'js>,
        callback: Function<'js>,
        milliseconds: f64,
        repeat: bool,
    ) -> u32 {
        let id = self.next_timer.get();
        self.next_timer.set(id + 1);
        let cancelled = CancellationToken::new();
        self.timers.borrow_mut().insert(id, cancelled.clone());
        let state = Rc::clone(self);
        let context = ctx.clone();
        ctx.spawn(async move {
            loop {
                tokio::select! {
                    // A timer that was cleared must not fire, also when it is due already.
                    biased;
                    () = cancelled.cancelled() => break,
                    () = tokio::time::sleep(Duration::from_micros((milliseconds * 1000.0) as u64)) => {}
                }
                if callback.call::<_, Value<'_>>(()).is_err() {
                    // Thrown in a timer: fails the migration like a rejection that nobody handles.
                    let thrown = context.catch();
                    if let Ok((_, _, reject)) = context.promise() {
                        let _ = reject.call::<_, ()>((thrown,));
                    }
                }
                if !repeat {
                    break;
                }
            }
            state.timers.borrow_mut().remove(&id);
        });
        id
    }

    fn clear_timer(&self, id: u32) {
        if let Some(timer) = self.timers.borrow_mut().remove(&id) {
            timer.cancel();
        }
    }

    /// Nothing is under way that could settle a promise.
    pub(crate) fn is_idle(&self) -> bool {
        self.in_flight.get() == 0 && self.timers.borrow().is_empty()
    }

    /// Ends what would otherwise keep the engine busy.
    pub(crate) fn clear_timers(&self) {
        for (_, timer) in self.timers.borrow_mut().drain() {
            timer.cancel();
        }
    }

    fn print(&self, level: &str, text: &str) {
        let level = match level {
            "debug" => OutputLevel::Debug,
            "warn" => OutputLevel::Warn,
            "error" => OutputLevel::Error,
            _ => OutputLevel::Info,
        };
        if let Some(output) = &self.output {
            output(level, text);
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
                tracing::debug!(failure = ?failure, "session");
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

async fn wait_for(before: Option<tokio::sync::watch::Receiver<bool>>) {
    if let Some(mut before) = before {
        let _ = before.wait_for(|done| *done).await;
    }
}

fn raw(ctx: &Ctx<'_>, bytes: Vec<u8>) -> Result<RawDocumentBuf> {
    RawDocumentBuf::from_bytes(bytes)
        .map_err(|e| Exception::throw_message(ctx, &format!("the conversion to BSON failed: {e}")))
}

fn kind(ctx: &Ctx<'_>, text: &str) -> Result<Kind> {
    Kind::parse(text).ok_or_else(|| Exception::throw_type(ctx, &format!("unknown kind {text}")))
}

fn reply<'js>(ctx: &Ctx<'js>, document: &Document, options: BsonOptions) -> Result<Value<'js>> {
    let raw = RawDocumentBuf::try_from(document)
        .map_err(|e| Exception::throw_message(ctx, &e.to_string()))?;
    document_from_bson(ctx, &Classes::of(ctx)?, raw.as_bytes(), options)
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

fn batch<'js>(ctx: &Ctx<'js>, batch: Batch, options: BsonOptions) -> Result<Value<'js>> {
    let documents = match &batch.documents {
        Some(raw) => {
            let slices =
                raw.doc_slices().map_err(|e| Exception::throw_message(ctx, &e.to_string()))?;
            array_from_bson(ctx, &Classes::of(ctx)?, slices.as_bytes(), options)?
        }
        None => Array::new(ctx.clone())?.into_value(),
    };
    let object = Object::new(ctx.clone())?;
    object.set("handle", batch.handle)?;
    object.set("documents", documents)?;
    object.set("done", batch.done)?;
    Ok(object.into_value())
}

fn options_of(flags: Opt<u32>) -> BsonOptions {
    BsonOptions::new(flags.0.unwrap_or_default())
}

fn undefined<'js>(ctx: &Ctx<'js>, (): ()) -> Result<Value<'js>> {
    Ok(Value::new_undefined(ctx.clone()))
}

fn begin_options(options: &Object<'_>) -> Result<BeginOptions> {
    let level: Value<'_> = options.get("readConcern")?;
    let concern: Value<'_> = options.get("writeConcern")?;
    let text = |value: Value<'_>| -> Result<Option<String>> {
        match (value.as_string(), value.as_number()) {
            (Some(text), _) => Ok(Some(text.to_string()?)),
            (None, Some(number)) => Ok(Some(number.to_string())),
            (None, None) => Ok(None),
        }
    };
    let level = match level.as_object() {
        Some(object) => object.get("level")?,
        None => level,
    };
    let concern = match concern.as_object() {
        Some(object) => object.get("w")?,
        None => concern,
    };
    let limit: Option<f64> = options.get("maxCommitTimeMS")?;
    Ok(BeginOptions {
        read_concern: text(level)?,
        write_concern: text(concern)?,
        max_commit_time_ms: limit.map(|limit| limit as u64),
    })
}

/// Makes the object with all operations.
pub(crate) fn install<'js>(ctx: &Ctx<'js>, state: &Rc<OpState>) -> Result<Object<'js>> {
    let ops = Object::new(ctx.clone())?;
    install_database(ctx, state, &ops)?;
    install_sessions(ctx, state, &ops)?;
    install_host(ctx, state, &ops)?;
    install_modules(ctx, state, &ops)?;
    Ok(ops)
}

fn install_database<'js>(ctx: &Ctx<'js>, state: &Rc<OpState>, ops: &Object<'js>) -> Result<()> {
    let s = Rc::clone(state);
    let command = move |ctx: Ctx<'js>,
                        database: String,
                        command: Value<'js>,
                        kind_text: String,
                        session: Option<u32>,
                        flags: Opt<u32>| {
        let wire = s.wire(&ctx)?;
        let options = options_of(flags);
        let command = document_to_bson(&ctx, &Classes::of(&ctx)?, &command, options)?;
        let command = raw(&ctx, command)?;
        let kind = kind(&ctx, &kind_text)?;
        let ready = s.session_ready(session);
        let work = async move {
            ready.await;
            wire.command(&database, command, kind, session).await
        };
        s.start(&ctx, work, move |ctx, document| reply(ctx, &document, options))
    };
    ops.set("command", Function::new(ctx.clone(), command)?)?;

    let s = Rc::clone(state);
    let open = move |ctx: Ctx<'js>,
                     database: String,
                     command: Value<'js>,
                     batch_size: u32,
                     kind_text: String,
                     session: Option<u32>,
                     flags: Opt<u32>| {
        let wire = s.wire(&ctx)?;
        let options = options_of(flags);
        let command = document_to_bson(&ctx, &Classes::of(&ctx)?, &command, options)?;
        let command = raw(&ctx, command)?;
        let kind = kind(&ctx, &kind_text)?;
        let ready = s.session_ready(session);
        let work = async move {
            ready.await;
            wire.open(&database, command, batch_size, kind, session).await
        };
        let state = Rc::clone(&s);
        s.start(&ctx, work, move |ctx, first| {
            if options != BsonOptions::default() && !first.done {
                state.cursor_options.borrow_mut().insert(first.handle, options);
            }
            batch(ctx, first, options)
        })
    };
    ops.set("open", Function::new(ctx.clone(), open)?)?;

    let s = Rc::clone(state);
    let next = move |ctx: Ctx<'js>, handle: u32| {
        let wire = s.wire(&ctx)?;
        let options = s.cursor_options.borrow().get(&handle).copied().unwrap_or_default();
        let work = async move { wire.next(handle).await };
        s.start(&ctx, work, move |ctx, next| batch(ctx, next, options))
    };
    ops.set("next", Function::new(ctx.clone(), next)?)?;

    let s = Rc::clone(state);
    let close = move |ctx: Ctx<'js>, handle: u32| {
        let wire = s.wire(&ctx)?;
        s.start(&ctx, async move { wire.close_cursor(handle).await }, undefined)
    };
    ops.set("close", Function::new(ctx.clone(), close)?)?;

    let s = Rc::clone(state);
    let write = move |ctx: Ctx<'js>,
                      database: String,
                      command: Value<'js>,
                      field: String,
                      statements: Array<'js>,
                      ordered: bool,
                      rest: rquickjs::function::Rest<Value<'js>>| {
        let wire = s.wire(&ctx)?;
        let classes = Classes::of(&ctx)?;
        let number =
            |index: usize| rest.get(index).and_then(Value::as_number).map(|number| number as u32);
        let session = number(0);
        let options = options_of(Opt(number(1)));
        let batch = WriteBatch {
            command: raw(&ctx, document_to_bson(&ctx, &classes, &command, options)?)?,
            field,
            statements: array_to_bson(&ctx, &classes, &statements, options)?,
            ordered,
        };
        let ready = s.session_ready(session);
        let work = async move {
            ready.await;
            wire.write_batch(&database, batch, session).await
        };
        s.start(&ctx, work, move |ctx, replies| {
            let array = Array::new(ctx.clone())?;
            for (index, (offset, document)) in replies.into_iter().enumerate() {
                let part = Object::new(ctx.clone())?;
                part.set("offset", offset)?;
                part.set("reply", reply(ctx, &document, options)?)?;
                array.set(index, part)?;
            }
            Ok(array.into_value())
        })
    };
    ops.set("write", Function::new(ctx.clone(), write)?)?;

    let serialize = |ctx: Ctx<'js>, value: Value<'js>, flags: Opt<u32>| {
        let classes = Classes::of(&ctx)?;
        let bytes = document_to_bson(&ctx, &classes, &value, options_of(flags))?;
        buffer_from(&ctx, &classes, &bytes)
    };
    ops.set("serialize", Function::new(ctx.clone(), serialize)?)?;

    let deserialize = |ctx: Ctx<'js>, value: Value<'js>, flags: Opt<u32>| {
        let bytes = bytes_of(&value).unwrap_or_default();
        document_from_bson(&ctx, &Classes::of(&ctx)?, &bytes, options_of(flags))
    };
    ops.set("deserialize", Function::new(ctx.clone(), deserialize)?)
}

fn install_sessions<'js>(ctx: &Ctx<'js>, state: &Rc<OpState>, ops: &Object<'js>) -> Result<()> {
    let s = Rc::clone(state);
    let start = move |ctx: Ctx<'js>| -> Result<u32> {
        let wire = s.wire(&ctx)?;
        let handle = wire.reserve();
        s.session_step(handle, async move { wire.session_start(handle).await });
        Ok(handle)
    };
    ops.set("sessionStart", Function::new(ctx.clone(), start)?)?;

    let s = Rc::clone(state);
    let begin = move |ctx: Ctx<'js>, handle: u32, options: Object<'js>| -> Result<()> {
        let wire = s.wire(&ctx)?;
        let options = begin_options(&options)?;
        s.session_step(handle, async move { wire.session_begin(handle, options).await });
        Ok(())
    };
    ops.set("sessionBegin", Function::new(ctx.clone(), begin)?)?;

    session_end_op(ctx, state, ops, "sessionCommit", |wire, handle| async move {
        wire.session_commit(handle).await
    })?;
    session_end_op(ctx, state, ops, "sessionAbort", |wire, handle| async move {
        wire.session_abort(handle).await
    })?;
    session_end_op(ctx, state, ops, "sessionEnd", |wire, handle| async move {
        wire.session_end(handle).await
    })
}

/// An operation that ends something of a session, once the session is ready for it.
fn session_end_op<'js, F, T>(
    ctx: &Ctx<'js>,
    state: &Rc<OpState>,
    ops: &Object<'js>,
    name: &str,
    work: F,
) -> Result<()>
where
    F: Fn(Arc<Wire>, u32) -> T + 'js,
    T: Future<Output = std::result::Result<(), Failure>> + Send + 'static,
{
    let s = Rc::clone(state);
    let ends = name == "sessionEnd";
    let operation = move |ctx: Ctx<'js>, handle: u32| {
        let ready = s.session_ready(Some(handle));
        if ends {
            s.session_work.borrow_mut().remove(&handle);
        }
        let work = work(s.wire(&ctx)?, handle);
        let ordered = async move {
            ready.await;
            work.await
        };
        s.start(&ctx, ordered, undefined)
    };
    ops.set(name, Function::new(ctx.clone(), operation)?)
}

fn install_host<'js>(ctx: &Ctx<'js>, state: &Rc<OpState>, ops: &Object<'js>) -> Result<()> {
    let s = Rc::clone(state);
    let print = move |level: String, text: rquickjs::convert::Coerced<String>| {
        s.print(&level, &text.0);
    };
    ops.set("print", Function::new(ctx.clone(), print)?)?;

    let s = Rc::clone(state);
    let set_timer =
        move |ctx: Ctx<'js>, callback: Function<'js>, milliseconds: f64, repeat: bool| {
            s.set_timer(&ctx, callback, milliseconds, repeat)
        };
    ops.set("setTimer", Function::new(ctx.clone(), set_timer)?)?;

    let s = Rc::clone(state);
    let clear_timer = move |id: f64| s.clear_timer(id as u32);
    ops.set("clearTimer", Function::new(ctx.clone(), clear_timer)?)?;

    let random = |ctx: Ctx<'js>, count: usize| {
        let mut bytes = vec![0; count.min(1 << 16)];
        rand::rng().fill_bytes(&mut bytes);
        TypedArray::<u8>::new(ctx, bytes)
    };
    ops.set("random", Function::new(ctx.clone(), random)?)?;

    let s = Rc::clone(state);
    let environment = move |ctx: Ctx<'js>| -> Result<Object<'js>> {
        let object = Object::new(ctx)?;
        if s.trust == Trust::Project {
            for (name, value) in &s.environment {
                object.set(name.as_str(), value.as_str())?;
            }
        }
        Ok(object)
    };
    ops.set("environment", Function::new(ctx.clone(), environment)?)?;

    let platform = || match std::env::consts::OS {
        "macos" => "darwin",
        "windows" => "win32",
        other => other,
    };
    ops.set("platform", Function::new(ctx.clone(), platform)?)?;

    let s = Rc::clone(state);
    ops.set("projectFolder", Function::new(ctx.clone(), move || s.files.root())?)
}

fn install_modules<'js>(ctx: &Ctx<'js>, state: &Rc<OpState>, ops: &Object<'js>) -> Result<()> {
    let s = Rc::clone(state);
    let resolve = move |ctx: Ctx<'js>, base: String, specifier: String| {
        s.files
            .resolve(&base, &specifier)
            .map_err(|message| Exception::throw_message(&ctx, &message))
    };
    ops.set("resolve", Function::new(ctx.clone(), resolve)?)?;

    let s = Rc::clone(state);
    let read = move |ctx: Ctx<'js>, path: String| {
        let text = s.files.text(&path);
        text.map(|text| text.trim_start_matches('\u{feff}').to_owned())
            .map_err(|message| Exception::throw_message(&ctx, &message))
    };
    ops.set("read", Function::new(ctx.clone(), read)?)?;

    let s = Rc::clone(state);
    ops.set("absolute", Function::new(ctx.clone(), move |path: String| s.files.absolute(&path))?)?;

    let s = Rc::clone(state);
    let compile = move |ctx: Ctx<'js>, path: String| {
        let text =
            s.files.text(&path).map_err(|message| Exception::throw_message(&ctx, &message))?;
        compile_common_js(&ctx, &path, &text)
    };
    ops.set("compileCommonJs", Function::new(ctx.clone(), compile)?)
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
                for receiver in ["ops.", "native."] {
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
