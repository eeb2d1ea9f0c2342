//! Sessions and their transactions.

use std::rc::Rc;
use std::sync::Arc;

use mongodb::bson::doc;
use rquickjs::function::Opt;
use rquickjs::{Ctx, Exception, Function, Object, Result, Value};

use super::database::reply;
use super::{OpState, report, undefined};
use crate::convert::BsonOptions;
use crate::wire::{BeginOptions, Failure, Wire};

pub(super) fn install<'js>(ctx: &Ctx<'js>, state: &Rc<OpState>, ops: &Object<'js>) -> Result<()> {
    let s = Rc::clone(state);
    let start = move |ctx: Ctx<'js>, options: Opt<Object<'js>>| -> Result<u32> {
        let wire = s.wire(&ctx)?;
        let handle = wire.reserve();
        let causal = match options.0 {
            Some(options) => options.get("causalConsistency")?,
            None => None,
        };
        s.session_step(handle, async move { wire.session_start(handle, causal).await });
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

    let s = Rc::clone(state);
    let info = move |ctx: Ctx<'js>, handle: u32| -> Result<Value<'js>> {
        let wire = s.wire(&ctx)?;
        let ready = s.session_ready(Some(handle));
        let (sender, receiver) = std::sync::mpsc::channel();
        // Starting a session sends nothing, so the script's thread does not wait for long.
        s.main.spawn(s.tasks.track_future(async move {
            ready.await;
            let _ = sender.send(wire.session_id(handle));
        }));
        match receiver.recv() {
            Ok(Ok(id)) => reply(&ctx, &doc! { "id": id }, BsonOptions::default()),
            Ok(Err(failure)) => Err(ctx.throw(report(&ctx, &failure)?.into_value())),
            Err(error) => Err(Exception::throw_message(&ctx, &error.to_string())),
        }
    };
    ops.set("sessionInfo", Function::new(ctx.clone(), info)?)?;

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
    let (concern, journal, timeout) = match concern.as_object() {
        Some(object) => (object.get("w")?, object.get("j")?, object.get("wtimeout")?),
        None => (concern, None::<bool>, None::<f64>),
    };
    let limit: Option<f64> = options.get("maxCommitTimeMS")?;
    Ok(BeginOptions {
        read_concern: text(level)?,
        write_concern: text(concern)?,
        journal,
        write_timeout_ms: timeout.map(|limit| limit as u64),
        max_commit_time_ms: limit.map(|limit| limit as u64),
    })
}
