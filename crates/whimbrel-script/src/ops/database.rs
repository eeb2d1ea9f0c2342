//! Commands, cursors and bulk writes.

use std::rc::Rc;

use mongodb::bson::{Document, RawDocumentBuf, doc};
use rquickjs::function::{Opt, Rest};
use rquickjs::{Array, Ctx, Exception, Function, Object, Result, Value};

use super::{OpState, undefined};
use crate::convert::{
    BsonOptions, Classes, array_from_bson, array_to_bson, buffer_from, bytes_of,
    document_from_bson, document_to_bson,
};
use crate::wire::{Batch, Kind, WriteBatch};

pub(super) fn install<'js>(ctx: &Ctx<'js>, state: &Rc<OpState>, ops: &Object<'js>) -> Result<()> {
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
                      rest: Rest<Value<'js>>| {
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

fn raw(ctx: &Ctx<'_>, bytes: Vec<u8>) -> Result<RawDocumentBuf> {
    RawDocumentBuf::from_bytes(bytes)
        .map_err(|e| Exception::throw_message(ctx, &format!("the conversion to BSON failed: {e}")))
}

fn kind(ctx: &Ctx<'_>, text: &str) -> Result<Kind> {
    Kind::parse(text).ok_or_else(|| Exception::throw_type(ctx, &format!("unknown kind {text}")))
}

pub(super) fn reply<'js>(
    ctx: &Ctx<'js>,
    document: &Document,
    options: BsonOptions,
) -> Result<Value<'js>> {
    let raw = RawDocumentBuf::try_from(document)
        .map_err(|e| Exception::throw_message(ctx, &e.to_string()))?;
    document_from_bson(ctx, &Classes::of(ctx)?, raw.as_bytes(), options)
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
    object.set("id", batch.id.to_string())?;
    if let Some(at) = &batch.at_cluster_time {
        let at = reply(ctx, &doc! { "at": at }, BsonOptions::default())?;
        let at: Value<'js> = at.get::<Object<'js>>()?.get("at")?;
        object.set("atClusterTime", at)?;
    }
    Ok(object.into_value())
}

fn options_of(flags: Opt<u32>) -> BsonOptions {
    BsonOptions::new(flags.0.unwrap_or_default())
}
