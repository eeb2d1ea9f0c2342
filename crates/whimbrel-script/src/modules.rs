//! Where a script's modules come from: files below the project folder, a bundle from the history, and the
//! engine's own modules.
//!
//! Modules are named by their path relative to the project folder, so that stacks read well on every
//! machine. What is read is recorded: it counts for the migration's checksum.

use std::collections::{BTreeMap, HashSet};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rquickjs::loader::{ImportAttributes, Loader, Resolver};
use rquickjs::module::Declared;
use rquickjs::{Ctx, Error, Exception, Function, Module, Object, Result, Value};
use whimbrel_core::body::Import;
use whimbrel_core::checksum::Checksum;
use whimbrel_core::source::SourceBundle;

include!(concat!(env!("OUT_DIR"), "/modules.rs"));

/// Modules that the engine has of its own, besides the façade's files.
const BUILT_IN: [&str; 3] = ["mongodb", "bson", "whimbrel"];
/// What is tried after a path without an extension.
const SUFFIXES: [&str; 8] =
    ["", ".js", ".mjs", ".cjs", ".json", "/index.js", "/index.mjs", "/index.cjs"];
/// Head of the function around a CommonJS module; on the first line, so that line numbers stay.
pub(crate) const COMMON_JS_HEAD: &str =
    "(function (exports, require, module, __filename, __dirname) {";

/// The files one migration may load.
#[derive(Clone)]
pub(crate) struct Files {
    origin: Arc<Origin>,
    entry: Arc<str>,
    entry_text: Arc<str>,
    read: Arc<Mutex<BTreeMap<String, Arc<str>>>>,
    /// What `resolve` allowed: nothing else is ever read.
    allowed: Arc<Mutex<HashSet<String>>>,
}

enum Origin {
    Project(PathBuf),
    Bundle(SourceBundle),
}

impl Files {
    /// Files below `project`; the entry's text is the one that was listed, not what the file holds by now.
    pub(crate) fn project(project: &Path, entry: &Path, text: Arc<str>) -> Self {
        let root = std::fs::canonicalize(project).unwrap_or_else(|_| project.to_owned());
        let entry_path = std::fs::canonicalize(entry).unwrap_or_else(|_| entry.to_owned());
        // A migration outside the project folder is its own project.
        let (root, relative) = match entry_path.strip_prefix(&root) {
            Ok(relative) => (root, slashed(relative)),
            Err(_) => (
                entry_path.parent().map(Path::to_owned).unwrap_or_default(),
                entry_path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            ),
        };
        Self::new(Origin::Project(root), relative.into(), text)
    }

    pub(crate) fn bundle(bundle: SourceBundle) -> Self {
        let entry: Arc<str> = bundle.entry.clone().into();
        let text = bundle.text_of(&bundle.entry).cloned().unwrap_or_else(|| "".into());
        Self::new(Origin::Bundle(bundle), entry, text)
    }

    fn new(origin: Origin, entry: Arc<str>, entry_text: Arc<str>) -> Self {
        Self {
            origin: Arc::new(origin),
            entry,
            entry_text,
            read: Arc::default(),
            allowed: Arc::default(),
        }
    }

    /// The migration's own path, relative to the project folder.
    pub(crate) fn entry(&self) -> &str {
        &self.entry
    }

    /// What was loaded besides the entry. `node_modules` does not count.
    pub(crate) fn imports(&self) -> Vec<Import> {
        let read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        read.iter()
            .filter(|(path, _)| !path.split('/').any(|part| part == "node_modules"))
            .map(|(path, text)| Import {
                path: path.clone(),
                checksum: Checksum::of(text.as_bytes()),
                text: Arc::clone(text),
            })
            .collect()
    }

    /// The absolute path of a module, for `__filename` and `import.meta`.
    pub(crate) fn absolute(&self, path: &str) -> String {
        match self.origin.as_ref() {
            Origin::Project(root) => root.join(path).display().to_string(),
            Origin::Bundle(_) => format!("/{path}"),
        }
    }

    /// The folder that `process.cwd()` shows.
    pub(crate) fn root(&self) -> String {
        match self.origin.as_ref() {
            Origin::Project(root) => root.display().to_string(),
            Origin::Bundle(_) => "/".to_owned(),
        }
    }

    /// The module that `specifier` means in `base`. The error says what was tried.
    pub(crate) fn resolve(
        &self,
        base: &str,
        specifier: &str,
    ) -> std::result::Result<String, String> {
        let wanted = if let Some(url) = specifier.strip_prefix("file://") {
            self.below_root(Path::new(url)).and_then(|path| normalized(&path))
        } else if specifier.starts_with("./")
            || specifier.starts_with("../")
            || specifier == "."
            || specifier == ".."
        {
            let folder = base.rsplit_once('/').map_or("", |(folder, _)| folder);
            normalized(&format!("{folder}/{specifier}"))
        } else if Path::new(specifier).is_absolute() {
            self.below_root(Path::new(specifier)).and_then(|path| normalized(&path))
        } else {
            return Err(format!(
                "Cannot load '{specifier}', imported by {base}: this version loads files of the project by relative \
                 path, and the modules {}",
                BUILT_IN.join(", ")
            ));
        };
        let outside = || {
            format!(
                "Cannot load '{specifier}', imported by {base}: it is outside the project folder"
            )
        };
        let wanted = wanted.ok_or_else(outside)?;
        let tried: Vec<String> =
            SUFFIXES.iter().map(|suffix| format!("{wanted}{suffix}")).collect();
        for path in &tried {
            match self.exists(path) {
                Found::Yes => {
                    let mut allowed = self.allowed.lock().unwrap_or_else(PoisonError::into_inner);
                    allowed.insert(path.clone());
                    return Ok(path.clone());
                }
                Found::Outside => return Err(outside()),
                Found::No => {}
            }
        }
        Err(format!(
            "Cannot find module '{specifier}', imported by {base}; tried {}",
            tried.join(", ")
        ))
    }

    fn below_root(&self, path: &Path) -> Option<String> {
        match self.origin.as_ref() {
            Origin::Project(root) => path.strip_prefix(root).ok().map(slashed),
            Origin::Bundle(_) => path.strip_prefix("/").ok().map(slashed),
        }
    }

    fn exists(&self, path: &str) -> Found {
        match self.origin.as_ref() {
            Origin::Bundle(bundle) => {
                if bundle.text_of(path).is_some() {
                    Found::Yes
                } else {
                    Found::No
                }
            }
            Origin::Project(root) => {
                let full = root.join(path);
                if !full.is_file() {
                    return Found::No;
                }
                // Links are followed before the check.
                match std::fs::canonicalize(&full) {
                    Ok(real) if real.starts_with(root) => Found::Yes,
                    _ => Found::Outside,
                }
            }
        }
    }

    /// The text of a resolved module.
    pub(crate) fn text(&self, path: &str) -> std::result::Result<Arc<str>, String> {
        if path == &*self.entry {
            return Ok(Arc::clone(&self.entry_text));
        }
        if !self.allowed.lock().unwrap_or_else(PoisonError::into_inner).contains(path) {
            return Err(format!("Cannot load '{path}': it was not imported"));
        }
        let text: Arc<str> = match self.origin.as_ref() {
            Origin::Bundle(bundle) => bundle
                .text_of(path)
                .cloned()
                .ok_or_else(|| format!("the stored source does not hold {path}"))?,
            Origin::Project(root) => std::fs::read_to_string(root.join(path))
                .map_err(|error| format!("Cannot read {path}: {error}"))?
                .into(),
        };
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(read.entry(path.to_owned()).or_insert(text)))
    }
}

enum Found {
    Yes,
    No,
    Outside,
}

fn slashed(path: &Path) -> String {
    let parts: Vec<_> = path.components().map(|c| c.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}

/// Resolves `.` and `..`; `None` when it leaves the root.
fn normalized(path: &str) -> Option<String> {
    let mut parts: Vec<String> = Vec::new();
    for component in Path::new(path.trim_start_matches('/')).components() {
        match component {
            Component::Normal(part) => parts.push(part.to_string_lossy().into_owned()),
            Component::ParentDir => {
                parts.pop()?;
            }
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    Some(parts.join("/"))
}

/// A module's text as the engine takes it: without mark, a hashbang as a comment.
pub(crate) fn script_text(text: &str) -> String {
    let text = text.trim_start_matches('\u{feff}');
    match text.strip_prefix("#!") {
        Some(rest) => format!("//{rest}"),
        None => text.to_owned(),
    }
}

/// How a module is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    EsModule,
    CommonJs,
    Json,
}

/// By extension; a `.js` file is CommonJS if it can be the body of a function (an ES module cannot: it imports
/// or exports).
pub(crate) fn format_of(ctx: &Ctx<'_>, path: &str, text: &str) -> Format {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("mjs") => Format::EsModule,
        Some("cjs") => Format::CommonJs,
        Some("json") => Format::Json,
        _ => match compile_common_js(ctx, path, text) {
            Ok(_) => Format::CommonJs,
            Err(_) => {
                // Forgets the syntax error.
                let _ = ctx.catch();
                if looks_like_module(text) { Format::EsModule } else { Format::CommonJs }
            }
        },
    }
}

fn looks_like_module(text: &str) -> bool {
    text.lines().map(str::trim_start).any(|line| {
        ["import", "export"].iter().any(|word| {
            line.strip_prefix(word).is_some_and(|rest| {
                rest.starts_with([' ', '{', '*', '\'', '"', '\t']) || rest.is_empty()
            })
        }) || line.contains("await ")
    })
}

/// The function around a CommonJS module's text.
pub(crate) fn compile_common_js<'js>(
    ctx: &Ctx<'js>,
    path: &str,
    text: &str,
) -> Result<Function<'js>> {
    let mut options = rquickjs::context::EvalOptions::default();
    options.strict = false;
    options.filename = Some(path.to_owned());
    ctx.eval_with_options(format!("{COMMON_JS_HEAD}{}\n}})", script_text(text)), options)
}

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
        let bare = name.strip_prefix("node:").unwrap_or(name);
        if BUILT_IN.contains(&bare) {
            return Ok(format!("builtin:{bare}"));
        }
        if name.starts_with("whimbrel:") {
            return Ok(name.to_owned());
        }
        if let Some(base) = base.strip_prefix("whimbrel:") {
            let folder = base.rsplit_once('/').map_or("", |(folder, _)| folder);
            let path = normalized(&format!("{folder}/{name}")).unwrap_or_default();
            return Ok(format!("whimbrel:{path}"));
        }
        // The engine names the entry, and what import() starts from, by its path as well.
        let base = if base.is_empty() { self.files.entry().to_owned() } else { base.to_owned() };
        if name == self.files.entry() {
            return Ok(name.to_owned());
        }
        self.files.resolve(&base, name).map_err(|message| Exception::throw_message(ctx, &message))
    }
}

impl Loader for ModuleLoader {
    fn load<'js>(
        &mut self,
        ctx: &Ctx<'js>,
        name: &str,
        _: Option<ImportAttributes<'js>>,
    ) -> Result<Module<'js, Declared>> {
        if name.starts_with("whimbrel:") {
            return load_own(ctx, name);
        }
        if let Some(built_in) = name.strip_prefix("builtin:") {
            let function: Function<'js> = own(ctx)?.get("builtin")?;
            let exported: Object<'js> = function.call((built_in,))?;
            let expression = format!("globalThis.__whimbrel.builtin({built_in:?})");
            return re_export(ctx, name, &expression, &exported);
        }
        let text =
            self.files.text(name).map_err(|message| Exception::throw_message(ctx, &message))?;
        match format_of(ctx, name, &text) {
            Format::EsModule => {
                let module = Module::declare(ctx.clone(), name, script_text(&text))?;
                let meta = module.meta()?;
                let absolute = self.files.absolute(name);
                meta.set("url", format!("file://{absolute}"))?;
                meta.set("filename", absolute.as_str())?;
                meta.set("dirname", absolute.rsplit_once('/').map_or("/", |(folder, _)| folder))?;
                Ok(module)
            }
            Format::CommonJs | Format::Json => {
                let require: Function<'js> = own(ctx)?.get("requirePath")?;
                let exported: Value<'js> = require.call((name,))?;
                let expression = format!("globalThis.__whimbrel.requirePath({name:?})");
                let object = exported.into_object().map_or_else(|| Object::new(ctx.clone()), Ok)?;
                re_export(ctx, name, &expression, &object)
            }
        }
    }
}

/// The façade's own object, present once it is installed.
pub(crate) fn own<'js>(ctx: &Ctx<'js>) -> Result<Object<'js>> {
    ctx.globals().get("__whimbrel")
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

/// A module whose exports are the properties of an object.
fn re_export<'js>(
    ctx: &Ctx<'js>,
    name: &str,
    expression: &str,
    exported: &Object<'js>,
) -> Result<Module<'js, Declared>> {
    let mut names = Vec::new();
    for key in exported.keys::<String>() {
        let key = key?;
        if is_identifier(&key) {
            names.push(key);
        }
    }
    // Exported under their names, bound under others: `export const { if }` would not be valid.
    let source = if names.is_empty() {
        format!("const exported = {expression};\nexport default exported;")
    } else {
        let bound: Vec<String> = names.iter().map(|n| format!("{n}: {n}$")).collect();
        let given: Vec<String> = names.iter().map(|n| format!("{n}$ as {n}")).collect();
        format!(
            "const exported = {expression};\nexport default exported;\nconst {{ {} }} = exported;\nexport {{ {} }};",
            bound.join(", "),
            given.join(", ")
        )
    };
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
