//! The project's files that one migration loads: their text, their JavaScript, and a record of them for the
//! checksum.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use whimbrel_core::body::Import;
use whimbrel_core::checksum::Checksum;

use crate::{LoadedModule, ModuleFormat, ModuleSource, place};

/// One load of a migration's modules.
pub(crate) struct Files {
    root: PathBuf,
    entry: PathBuf,
    /// As it was listed, not what the file holds by now.
    entry_text: Arc<str>,
    source: Arc<dyn ModuleSource>,
    read: Mutex<BTreeMap<PathBuf, Arc<str>>>,
    loaded: Mutex<BTreeMap<PathBuf, Loaded>>,
}

#[derive(Clone)]
struct Loaded {
    module: Arc<LoadedModule>,
    /// Stands before the code, on its first line.
    head: Arc<str>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Files {
    pub(crate) fn new(
        root: &Path,
        entry: &Path,
        text: Arc<str>,
        source: Arc<dyn ModuleSource>,
    ) -> Self {
        Self {
            root: root.to_owned(),
            entry: entry.to_owned(),
            entry_text: text,
            source,
            read: Mutex::default(),
            loaded: Mutex::default(),
        }
    }

    /// A path relative to the project folder, with `/`.
    fn name_of(&self, path: &Path) -> String {
        let relative = path.strip_prefix(&self.root).unwrap_or(path);
        let parts: Vec<_> =
            relative.components().map(|c| c.as_os_str().to_string_lossy()).collect();
        parts.join("/")
    }

    /// The project folder.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The migration's own path relative to the project folder.
    pub(crate) fn entry_name(&self) -> String {
        self.name_of(&self.entry)
    }

    /// What was loaded besides the entry.
    pub(crate) fn imports(&self) -> Vec<Import> {
        let read = lock(&self.read);
        // What is linked in from elsewhere does not count.
        let own =
            read.iter().filter(|(path, _)| **path != self.entry && path.starts_with(&self.root));
        own.map(|(path, text)| Import {
            path: self.name_of(path),
            checksum: Checksum::of(text.as_bytes()),
            text: Arc::clone(text),
        })
        .collect()
    }

    /// Answers what the module loader asks: head and text.
    pub(crate) fn answer(&self, question: &Value) -> (Value, String) {
        let text = |name: &str| question.get(name).and_then(Value::as_str).unwrap_or_default();
        match text("call") {
            "resolve" => {
                let required = question.get("required").and_then(Value::as_bool) == Some(true);
                let importer = Path::new(text("importer"));
                let found = self.source.resolve(importer, text("specifier"), required);
                // Links are followed, as Node.js does: a module has one name.
                let found = found.map(|path| std::fs::canonicalize(&path).unwrap_or(path));
                (json!({ "path": found }), String::new())
            }
            "load" => match self.load(Path::new(text("path"))) {
                Ok((format, code)) => (json!({ "format": format }), code),
                Err(error) => (json!({ "error": error }), String::new()),
            },
            other => (json!({ "error": format!("unknown question {other}") }), String::new()),
        }
    }

    fn load(&self, path: &Path) -> Result<(&'static str, String), String> {
        let text = self.text(path)?;
        if path.extension().is_some_and(|extension| extension == "json") {
            return Ok(("json", text.trim_start_matches('\u{feff}').to_owned()));
        }
        let known = lock(&self.loaded).get(path).cloned();
        let Loaded { module, head } = match known {
            Some(known) => known,
            None => {
                let module = self.source.load(path, &text).map_err(|error| {
                    error.strip_prefix("SyntaxError: ").map_or(error.clone(), str::to_owned)
                })?;
                Loaded { head: head_of(path, &module).into(), module: Arc::new(module) }
            }
        };
        let code = format!("{head}{}", module.code);
        let format = match module.format {
            ModuleFormat::EsModule => "module",
            ModuleFormat::CommonJs => "commonjs",
        };
        lock(&self.loaded).insert(path.to_owned(), Loaded { module, head });
        Ok((format, code))
    }

    fn text(&self, path: &Path) -> Result<Arc<str>, String> {
        if path == self.entry {
            return Ok(Arc::clone(&self.entry_text));
        }
        if let Some(known) = lock(&self.read).get(path) {
            return Ok(Arc::clone(known));
        }
        let text: Arc<str> = std::fs::read_to_string(path)
            .map_err(|error| format!("cannot read {}: {error}", self.name_of(path)))?
            .into();
        lock(&self.read).insert(path.to_owned(), Arc::clone(&text));
        Ok(text)
    }

    /// Places as people read them: below the project, and in the files themselves.
    pub(crate) fn map_places(&self, text: &str) -> String {
        let mut told = place::relative_to(&self.root, text);
        for (path, Loaded { module, head }) in lock(&self.loaded).iter() {
            if !head.is_empty() {
                told = place::before_move(&self.name_of(path), head.len(), &told);
            }
            if let Some(places) = &module.places {
                told = places(&self.name_of(path), &told);
            }
        }
        told
    }
}

/// The number of the load is part of a module's URL, and no business of the module itself.
fn head_of(path: &Path, module: &LoadedModule) -> String {
    if module.format != ModuleFormat::EsModule || !module.code.contains("import.meta") {
        return String::new();
    }
    let url = url::Url::from_file_path(path).map(String::from).unwrap_or_default();
    format!("import.meta.url={};", Value::from(url))
}
