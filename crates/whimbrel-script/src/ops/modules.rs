//! What `require` needs: which file is meant, how it is written, its code.

use std::rc::Rc;

use rquickjs::{Ctx, Exception, Function, Object, Result};

use super::OpState;
use crate::convert::Text;
use crate::modules::{Format, Purpose, compile_common_js, evaluate_now, syntax_error, throw};

pub(super) fn install<'js>(ctx: &Ctx<'js>, state: &Rc<OpState>, ops: &Object<'js>) -> Result<()> {
    for (name, purpose) in [("resolve", Purpose::Require), ("resolveImport", Purpose::Import)] {
        let s = Rc::clone(state);
        let resolve = move |ctx: Ctx<'js>, base: String, Text(specifier): Text| {
            s.files.resolve(&base, &specifier, purpose).map_err(|error| throw(&ctx, &error))
        };
        ops.set(name, Function::new(ctx.clone(), resolve)?)?;
    }

    let s = Rc::clone(state);
    ops.set("identify", Function::new(ctx.clone(), move |path: String| s.files.identify(&path))?)?;

    let s = Rc::clone(state);
    let file_url = move |path: String| {
        let absolute = s.files.absolute(&path);
        url::Url::from_file_path(&absolute).map_or(absolute, String::from)
    };
    ops.set("fileUrl", Function::new(ctx.clone(), file_url)?)?;

    let s = Rc::clone(state);
    let format = move |ctx: Ctx<'js>, path: String| -> Result<&'static str> {
        let script = s.files.script(&path).map_err(|message| syntax_error(&ctx, &message))?;
        Ok(match s.files.format(&ctx, &path, &script) {
            Format::EsModule => "esm",
            Format::CommonJs => "cjs",
            Format::Json => "json",
        })
    };
    ops.set("formatOf", Function::new(ctx.clone(), format)?)?;

    let require = |ctx: Ctx<'js>, path: String| evaluate_now(&ctx, &path);
    ops.set("requireModule", Function::new(ctx.clone(), require)?)?;

    let own = |ctx: Ctx<'js>, file: String| evaluate_now(&ctx, &format!("whimbrel:node/{file}"));
    ops.set("loadOwn", Function::new(ctx.clone(), own)?)?;

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
        let script = s.files.script(&path).map_err(|message| syntax_error(&ctx, &message))?;
        s.files.note_compiled(&path);
        compile_common_js(&ctx, &path, &script)
    };
    ops.set("compileCommonJs", Function::new(ctx.clone(), compile)?)
}
