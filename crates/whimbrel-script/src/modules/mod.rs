//! Where a script's modules come from: files of the project and its packages, a bundle from the history,
//! and the engine's own modules.
//!
//! Modules are named by their path relative to the project folder, so that stacks read well on every
//! machine. What is read is recorded: it counts for the migration's checksum. [`resolve`] says which file
//! an import means, [`files`] what may be read and what was, [`format`] how a file is written,
//! [`typescript`] makes JavaScript of it, [`refused`] says what only Node.js has. [`survey`] finds out without
//! running anything whether a migration needs that, and [`project`] serves the runtime that has it.

mod files;
mod format;
mod permissions;
mod project;
mod refused;
mod resolve;
mod survey;
mod typescript;

use rquickjs::function::This;
use rquickjs::loader::{ImportAttributes, Loader, Resolver};
use rquickjs::module::Declared;
use rquickjs::{Ctx, Error, Exception, Function, Module, Object, Result, Value};

pub(crate) use files::{Files, LoadError};
pub(crate) use format::{COMMON_JS_HEAD, Format, compile_common_js, excerpt, script_text};
pub(crate) use permissions::Access;
pub use permissions::Permissions;
pub use project::{CompiledModule, ModuleFormat, ProjectModules, SharedScripts};
pub(crate) use resolve::{Purpose, Resolvers};
pub use survey::{DeclaredRuntime, Survey};
pub(crate) use typescript::is_typescript;

use files::{is_package_file, normalized};

include!(concat!(env!("OUT_DIR"), "/modules.rs"));

/// Names that CommonJS gives every file. ES modules of a project may use them too: compilers allow it, and
/// many migrations mix the two.
const COMMON_JS_NAMES: [&str; 5] = ["require", "module", "exports", "__filename", "__dirname"];

/// In front of the name of a CommonJS module whose `default` is taken where it was made of an ES module.
const INTEROP: &str = "interop:";
/// In front of a module's path: the names that CommonJS would give it.
const SCOPE: &str = "scope:";
/// In front of a built-in module's name.
const BUILT_IN: &str = "builtin:";
/// In front of the path of a module of the façade.
const OWN: &str = "whimbrel:";
/// In front of the name of what hands a module's namespace to Rust; imports full names.
const RECEIVER: &str = "receiver:";

/// Resolves and loads modules for the engine.
#[derive(Clone)]
pub(crate) struct ModuleLoader {
    pub(crate) files: Files,
}

impl Resolver for ModuleLoader {
    fn resolve<'js>(
        &mut self,
        ctx: &Ctx<'js>,
        base: &str,
        name: &str,
        _: Option<ImportAttributes<'js>>,
    ) -> Result<String> {
        if let Some(base) = base.strip_prefix(OWN) {
            let folder = base.rsplit_once('/').map_or("", |(folder, _)| folder);
            let path = normalized(&format!("{folder}/{name}")).unwrap_or_default();
            return Ok(format!("{OWN}{path}"));
        }
        let asked_by_us =
            base.starts_with(RECEIVER) || base.is_empty() && name == self.files.entry();
        // A module is given its own scope and nothing else of the engine.
        let own_scope = name.strip_prefix(SCOPE).is_some_and(|path| path == base);
        if asked_by_us || own_scope {
            return Ok(name.to_owned());
        }
        let bare = name.strip_prefix("node:").unwrap_or(name);
        if has_built_in(ctx, bare)? {
            return Ok(format!("{BUILT_IN}{bare}"));
        }
        let base = if base.is_empty() { self.files.entry() } else { base };
        let found = self.files.resolve(base, name, Purpose::Import);
        let found = found.map_err(|error| throw(ctx, &error))?;
        if self.files.interoperates(base)
            && let Ok(script) = self.files.script(&found)
            && self.files.format(ctx, &found, &script) == Format::CommonJs
        {
            return Ok(format!("{INTEROP}{found}"));
        }
        Ok(found)
    }
}

impl Loader for ModuleLoader {
    fn load<'js>(
        &mut self,
        ctx: &Ctx<'js>,
        name: &str,
        _: Option<ImportAttributes<'js>>,
    ) -> Result<Module<'js, Declared>> {
        if name.starts_with(OWN) {
            return load_own(ctx, name);
        }
        if let Some(built_in) = name.strip_prefix(BUILT_IN) {
            let call = format!("builtin({built_in:?})");
            return re_export(ctx, name, &call, false);
        }
        if let Some(path) = name.strip_prefix(SCOPE) {
            return re_export(ctx, name, &format!("scopeOf({path:?})"), false);
        }
        let (path, interop) = match name.strip_prefix(INTEROP) {
            Some(path) => (path, true),
            None => (name, false),
        };
        let script = self.files.script(path).map_err(|message| syntax_error(ctx, &message))?;
        match self.files.format(ctx, path, &script) {
            Format::EsModule => self.es_module(ctx, path, &script),
            Format::CommonJs | Format::Json => {
                re_export(ctx, name, &format!("requirePath({path:?})"), interop)
            }
        }
    }
}

impl ModuleLoader {
    fn es_module<'js>(
        &self,
        ctx: &Ctx<'js>,
        path: &str,
        script: &str,
    ) -> Result<Module<'js, Declared>> {
        let module = declare_with_scope(ctx, path, &script_text(script))?;
        let meta = module.meta()?;
        let absolute = self.files.absolute(path);
        let url = url::Url::from_file_path(&absolute).map(String::from);
        meta.set("url", url.unwrap_or_else(|()| format!("file://{absolute}")))?;
        meta.set("filename", absolute.as_str())?;
        meta.set("dirname", absolute.rsplit_once('/').map_or("/", |(folder, _)| folder))?;
        let resolver: Function<'js> = own(ctx)?.get("metaResolve")?;
        meta.set("resolve", resolver.call::<_, Value<'js>>((path,))?)?;
        Ok(module)
    }
}

/// Declares an ES module. The names that CommonJS would give it are imported at its end, where they move no
/// line, unless it declares them itself.
fn declare_with_scope<'js>(
    ctx: &Ctx<'js>,
    path: &str,
    script: &str,
) -> Result<Module<'js, Declared>> {
    let used: Vec<&str> = if is_package_file(path) {
        Vec::new()
    } else {
        COMMON_JS_NAMES.into_iter().filter(|name| has_word(script, name)).collect()
    };
    let with = |names: &[&str]| {
        let scope = format!("{SCOPE}{path}");
        format!("{script}\n;import {{ {} }} from {scope:?};\n", names.join(", "))
    };
    if used.is_empty() {
        return Module::declare(ctx.clone(), path, script);
    }
    // A name that the module declares itself makes this fail; each is tried alone then.
    if let Ok(module) = Module::declare(ctx.clone(), path, with(&used)) {
        return Ok(module);
    }
    let _ = ctx.catch();
    let free: Vec<&str> = used
        .into_iter()
        .filter(|name| {
            let trial = format!("trial:{path}:{name}");
            let fits = Module::declare(ctx.clone(), trial, with(&[name])).is_ok();
            if !fits {
                let _ = ctx.catch();
            }
            fits
        })
        .collect();
    let text = if free.is_empty() { script.to_owned() } else { with(&free) };
    Module::declare(ctx.clone(), path, text)
}

/// Whether a text has `word` as a word of its own.
fn has_word(text: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    text.match_indices(word)
        .any(|(at, _)| !text[..at].ends_with(part) && !text[at + word.len()..].starts_with(part))
}

/// Throws what [`Files::resolve`] reports, with Node.js' code.
pub(crate) fn throw(ctx: &Ctx<'_>, error: &LoadError) -> Error {
    let thrown = || -> Result<Error> {
        let exception = Exception::from_message(ctx.clone(), &error.message)?;
        exception.as_object().set("code", error.code)?;
        Ok(exception.throw())
    };
    thrown().unwrap_or_else(|error| error)
}

/// Throws what is wrong with a file's text.
pub(crate) fn syntax_error(ctx: &Ctx<'_>, message: &str) -> Error {
    match message.strip_prefix("SyntaxError: ") {
        Some(message) => Exception::throw_syntax(ctx, message),
        None => Exception::throw_message(ctx, message),
    }
}

/// The façade's own object, present once it is installed.
pub(crate) fn own<'js>(ctx: &Ctx<'js>) -> Result<Object<'js>> {
    ctx.globals().get("__whimbrel")
}

fn has_built_in(ctx: &Ctx<'_>, name: &str) -> Result<bool> {
    let function: Function<'_> = own(ctx)?.get("hasBuiltin")?;
    function.call((name,))
}

/// Loads one of the façade's modules.
#[allow(unsafe_code)]
pub(crate) fn load_own<'js>(ctx: &Ctx<'js>, name: &str) -> Result<Module<'js, Declared>> {
    let Some((_, bytecode)) = MODULES.iter().find(|(module, _)| *module == name) else {
        return Err(Error::new_loading(name));
    };
    // SAFETY: the bytes were written by the build script with the same version of the engine and are part
    // of this binary.
    unsafe { Module::load(ctx.clone(), bytecode) }
}

/// The namespace of a module, evaluated on the spot if it was not yet. `None` when it awaits something at its
/// top level.
pub(crate) fn evaluate_now<'js>(ctx: &Ctx<'js>, name: &str) -> Result<Option<Value<'js>>> {
    let own = own(ctx)?;
    own.set("received", Value::new_undefined(ctx.clone()))?;
    let source = format!("import * as it from {name:?}; globalThis.__whimbrel.received = it;");
    let (_, evaluated) =
        Module::declare(ctx.clone(), format!("{RECEIVER}{name}"), source)?.eval()?;
    // What it threw is reported here, by whoever asked; nobody else has to handle it.
    let handle: Function<'js> = evaluated.get("catch")?;
    let ignore = Function::new(ctx.clone(), || ())?;
    handle.call::<_, Value<'js>>((This(evaluated.clone()), ignore))?;
    let received: Value<'js> = own.get("received")?;
    own.set("received", Value::new_undefined(ctx.clone()))?;
    if !received.is_undefined() {
        return Ok(Some(received));
    }
    match evaluated.result::<Value<'js>>() {
        Some(Err(error)) => Err(error),
        _ => Ok(None),
    }
}

/// A module whose exports are the properties of what `call` gives, a call of the façade's own object.
fn re_export<'js>(
    ctx: &Ctx<'js>,
    name: &str,
    call: &str,
    interop: bool,
) -> Result<Module<'js, Declared>> {
    let expression = format!("globalThis.__whimbrel.{call}");
    let mut options = rquickjs::context::EvalOptions::default();
    options.filename = Some(format!("{OWN}exports"));
    let exported: Value<'js> = ctx.eval_with_options(expression.as_str(), options)?;
    let mut names = Vec::new();
    let mut from_es_module = false;
    if let Some(object) = exported.as_object() {
        from_es_module = interop
            && object.get::<_, Value<'js>>("__esModule")?.as_bool() == Some(true)
            && object.contains_key("default")?;
        for key in object.keys::<String>() {
            let key = key?;
            if is_identifier(&key) {
                names.push(key);
            }
        }
    }
    let default = if from_es_module { "exported.default" } else { "exported" };
    // Exported under their names, bound under others: `export const { if }` would not be valid.
    let mut source = format!("const exported = {expression};\nexport default {default};\n");
    if !names.is_empty() {
        let bound: Vec<String> = names.iter().map(|n| format!("{n}: {n}$")).collect();
        let given: Vec<String> = names.iter().map(|n| format!("{n}$ as {n}")).collect();
        source.push_str(&format!(
            "const {{ {} }} = exported;\nexport {{ {} }};",
            bound.join(", "),
            given.join(", ")
        ));
    }
    Module::declare(ctx.clone(), name, source)
}

/// A name that `export { x as NAME }` takes; others are reached through the default export.
fn is_identifier(name: &str) -> bool {
    let mut characters = name.chars();
    name != "default"
        && name != "exported"
        && characters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_' || c == '$')
        && characters.all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '$')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_whole() {
        assert!(has_word("a = require('x')", "require"));
        assert!(!has_word("requireAll()", "require"));
        assert!(!has_word("$module", "module"));
    }
}
