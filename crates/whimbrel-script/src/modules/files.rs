//! The files one migration may load: below the project folder, or a bundle from the history.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use oxc_resolver::ResolveError;
use rquickjs::Ctx;
use whimbrel_core::body::Import;
use whimbrel_core::checksum::Checksum;
use whimbrel_core::source::{Resolution, SourceBundle};

use super::format::{Format, format_of};
use super::permissions::{Access, Permissions};
use super::refused::{self, Refusal};
use super::resolve::{Purpose, Resolvers, is_path, package_of};
use super::typescript::{Transpiled, is_typescript, on_first_line_moved, transpile};

/// What is tried after a path in a bundle.
const SUFFIXES: [&str; 12] = [
    "",
    ".js",
    ".mjs",
    ".cjs",
    ".json",
    ".ts",
    ".mts",
    ".cts",
    "/index.js",
    "/index.mjs",
    "/index.cjs",
    "/index.ts",
];

/// Extensions that imports name, and what the file may be called instead.
const ALIASES: [(&str, &str); 3] = [(".js", ".ts"), (".mjs", ".mts"), (".cjs", ".cts")];

/// Why a module cannot be loaded.
#[derive(Clone, Debug)]
pub(crate) struct LoadError {
    /// As Node.js calls it, such as `ERR_MODULE_NOT_FOUND`.
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

/// The files one migration may load.
#[derive(Clone)]
pub(crate) struct Files {
    shared: Arc<Shared>,
}

struct Shared {
    origin: Origin,
    entry: String,
    entry_text: Arc<str>,
    read: Mutex<BTreeMap<String, Arc<str>>>,
    /// What `resolve` allowed, and who asked for it first: nothing else is ever read.
    allowed: Mutex<HashMap<String, String>>,
    transpiled: Mutex<HashMap<String, Arc<Transpiled>>>,
    /// What imports meant: importing file and specifier, and the project's file.
    resolved: Mutex<BTreeMap<(String, String), String>>,
    /// Modules that were compiled as CommonJS: their first line was moved.
    compiled: Mutex<BTreeSet<String>>,
}

enum Origin {
    Project { root: PathBuf, access: Access, resolvers: Arc<Resolvers> },
    Bundle(SourceBundle, Kept),
}

/// Where a bundle is kept.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kept {
    /// In the history.
    History,
    /// In the program.
    Program,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Files {
    /// Files below `project`; the entry's text is the one that was listed, not what the file holds by now.
    pub(crate) fn project(
        project: &Path,
        entry: &Path,
        text: Arc<str>,
        permissions: &Permissions,
        resolvers: Arc<Resolvers>,
    ) -> Self {
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
        let access = Access::new(&root, permissions);
        Self::new(Origin::Project { root, access, resolvers }, relative, text)
    }

    /// Files kept in the history.
    pub(crate) fn bundle(bundle: SourceBundle) -> Self {
        Self::kept(bundle, Kept::History)
    }

    /// Files compiled into the program.
    pub(crate) fn embedded(bundle: SourceBundle) -> Self {
        Self::kept(bundle, Kept::Program)
    }

    fn kept(bundle: SourceBundle, kept: Kept) -> Self {
        let entry = bundle.entry.clone();
        let text = bundle.text_of(&bundle.entry).cloned().unwrap_or_else(|| "".into());
        Self::new(Origin::Bundle(bundle, kept), entry, text)
    }

    fn new(origin: Origin, entry: String, entry_text: Arc<str>) -> Self {
        let shared = Shared {
            origin,
            entry,
            entry_text,
            read: Mutex::default(),
            allowed: Mutex::default(),
            transpiled: Mutex::default(),
            resolved: Mutex::default(),
            compiled: Mutex::default(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// The migration's own path, relative to the project folder.
    pub(crate) fn entry(&self) -> &str {
        &self.shared.entry
    }

    /// What was loaded besides the entry. `node_modules` and what lies outside the project do not count.
    pub(crate) fn imports(&self) -> Vec<Import> {
        lock(&self.shared.read)
            .iter()
            .filter(|(path, _)| !is_package_file(path) && !Path::new(path).is_absolute())
            .map(|(path, text)| Import {
                path: path.clone(),
                checksum: Checksum::of(text.as_bytes()),
                text: Arc::clone(text),
            })
            .collect()
    }

    /// Where the imports of the project's files led.
    pub(crate) fn resolutions(&self) -> Vec<Resolution> {
        let resolved = lock(&self.shared.resolved);
        let resolution = |((from, specifier), path): (&(String, String), &String)| Resolution {
            from: from.clone(),
            specifier: specifier.clone(),
            path: path.clone(),
            interop: self.interoperates(from),
        };
        resolved.iter().map(resolution).collect()
    }

    /// The absolute path of a module, for `__filename` and `import.meta`.
    pub(crate) fn absolute(&self, path: &str) -> String {
        match &self.shared.origin {
            Origin::Project { root, .. } => root.join(path).display().to_string(),
            Origin::Bundle(..) => format!("/{path}"),
        }
    }

    /// The module's name for an absolute path or `file:` URL, for `createRequire`.
    pub(crate) fn identify(&self, path_or_url: &str) -> String {
        let path = path_from_url(path_or_url).unwrap_or_else(|| PathBuf::from(path_or_url));
        match &self.shared.origin {
            Origin::Project { root, .. } => name_of(root, &path),
            Origin::Bundle(..) => slashed(path.strip_prefix("/").unwrap_or(&path)),
        }
    }

    /// Whether the files come from the history.
    pub(crate) fn is_stored(&self) -> bool {
        matches!(self.shared.origin, Origin::Bundle(_, Kept::History))
    }

    /// The folder that `process.cwd()` shows.
    pub(crate) fn root(&self) -> String {
        match &self.shared.origin {
            Origin::Project { root, .. } => root.display().to_string(),
            Origin::Bundle(..) => "/".to_owned(),
        }
    }

    /// Where the script may read and write; nowhere for code from the history.
    pub(crate) fn access(&self) -> Access {
        match &self.shared.origin {
            Origin::Project { access, .. } => access.clone(),
            Origin::Bundle(..) => Access::default(),
        }
    }

    /// The module that `specifier` means in `base`. The error says what was tried.
    pub(crate) fn resolve(
        &self,
        base: &str,
        specifier: &str,
        purpose: Purpose,
    ) -> Result<String, LoadError> {
        if let Some(refusal) = refused::by_name(specifier) {
            return Err(self.refuse(base, specifier, refusal));
        }
        let from_url = path_from_url(specifier).map(|path| path.display().to_string());
        let wanted = from_url.as_deref().unwrap_or(specifier);
        // What follows a question mark is no part of the file's name; the module is the same all the same.
        let wanted = match wanted.split_once('?') {
            Some((path, _)) if purpose == Purpose::Import && is_path(wanted) => path,
            _ => wanted,
        };
        let found = match &self.shared.origin {
            Origin::Project { root, access, resolvers } => {
                let importer = root.join(base);
                let found = resolvers
                    .resolve(&importer, wanted, purpose)
                    .map_err(|error| unresolved(base, specifier, purpose, &error, wanted))?;
                if !access.may_read(&found) {
                    return Err(LoadError {
                        code: "ERR_ACCESS_DENIED",
                        message: format!(
                            "Cannot load '{specifier}', imported by {base}: {} is outside the project folder \
                             (permissions.read = [{:?}] allows it)",
                            found.display(),
                            packages_folder(&found).display()
                        ),
                    });
                }
                name_of(root, &found)
            }
            Origin::Bundle(bundle, kept) => {
                resolve_in_bundle(bundle, *kept, base, specifier, wanted).map_err(|why| {
                    LoadError {
                        code: purpose.not_found(),
                        message: format!("Cannot load '{specifier}', imported by {base}: {why}"),
                    }
                })?
            }
        };
        lock(&self.shared.allowed).entry(found.clone()).or_insert_with(|| base.to_owned());
        let is_own = |path: &str| !is_package_file(path) && !Path::new(path).is_absolute();
        if is_own(&found) && is_own(base) {
            let key = (base.to_owned(), specifier.to_owned());
            lock(&self.shared.resolved).insert(key, found.clone());
        }
        if found.ends_with(".node") {
            return Err(self.refuse(base, specifier, Refusal::NativeAddOn));
        }
        Ok(found)
    }

    /// Says why a module is not offered, and how the migration came to import it.
    fn refuse(&self, base: &str, specifier: &str, refusal: Refusal) -> LoadError {
        let mut chain = vec![specifier.to_owned(), base.to_owned()];
        let allowed = lock(&self.shared.allowed);
        let mut at = base;
        while let Some(importer) = allowed.get(at) {
            if chain.contains(importer) {
                break;
            }
            chain.push(importer.clone());
            at = importer;
        }
        chain.reverse();
        LoadError { code: refusal.code(), message: refusal.message(specifier, &chain) }
    }

    /// The text of a resolved module, as it stands in the file.
    pub(crate) fn text(&self, path: &str) -> Result<Arc<str>, String> {
        if path == self.shared.entry {
            return Ok(Arc::clone(&self.shared.entry_text));
        }
        if !lock(&self.shared.allowed).contains_key(path) {
            return Err(format!("Cannot load '{path}': it was not imported"));
        }
        if let Origin::Project { root, resolvers, .. } = &self.shared.origin
            && is_package_file(path)
        {
            let text = resolvers.package_text(&root.join(path));
            return text.map_err(|error| format!("Cannot read {path}: {error}"));
        }
        let text: Arc<str> = match &self.shared.origin {
            Origin::Bundle(bundle, kept) => bundle
                .text_of(path)
                .cloned()
                .ok_or_else(|| format!("{} does not hold {path}", kept.name()))?,
            Origin::Project { root, .. } => std::fs::read_to_string(root.join(path))
                .map_err(|error| format!("Cannot read {path}: {error}"))?
                .into(),
        };
        let mut read = lock(&self.shared.read);
        Ok(Arc::clone(read.entry(path.to_owned()).or_insert(text)))
    }

    /// The JavaScript of a resolved module.
    pub(crate) fn script(&self, path: &str) -> Result<Arc<str>, String> {
        let text = self.text(path)?;
        if !is_typescript(path) {
            return Ok(text);
        }
        if let Some(known) = lock(&self.shared.transpiled).get(path) {
            return Ok(known.code.as_str().into());
        }
        let transpiled = Arc::new(transpile(path, text.trim_start_matches('\u{feff}'))?);
        lock(&self.shared.transpiled).insert(path.to_owned(), Arc::clone(&transpiled));
        Ok(transpiled.code.as_str().into())
    }

    /// How a module is written; `script` is its JavaScript.
    pub(crate) fn format(&self, ctx: &Ctx<'_>, path: &str, script: &str) -> Format {
        match &self.shared.origin {
            Origin::Project { root, resolvers, .. } if is_package_file(path) => {
                resolvers.package_format(root.join(path), || format_of(ctx, path, script))
            }
            _ => format_of(ctx, path, script),
        }
    }

    /// Remembers that a module was compiled as CommonJS.
    pub(crate) fn note_compiled(&self, path: &str) {
        lock(&self.shared.compiled).insert(path.to_owned());
    }

    /// Replaces places in the code that was compiled by those in the files themselves.
    pub(crate) fn map_places(&self, text: &str) -> String {
        let mut mapped = text.to_owned();
        let compiled = lock(&self.shared.compiled);
        let transpiled = lock(&self.shared.transpiled);
        for path in compiled.iter().filter(|path| !transpiled.contains_key(*path)) {
            mapped = on_first_line_moved(path, super::COMMON_JS_HEAD.len(), &mapped);
        }
        for (path, made) in transpiled.iter() {
            let head = if compiled.contains(path) { super::COMMON_JS_HEAD.len() } else { 0 };
            mapped = made.map_text(path, head, &mapped);
        }
        mapped
    }

    /// Whether a default import of a CommonJS module takes its `default` where it says it was an ES
    /// module: so in TypeScript files that a compiler would have made CommonJS of.
    pub(crate) fn interoperates(&self, base: &str) -> bool {
        if !base.ends_with(".ts") && !base.ends_with(".cts") {
            return false;
        }
        let root = match &self.shared.origin {
            Origin::Project { root, .. } => root,
            Origin::Bundle(bundle, _) => {
                let known = bundle.resolutions.iter().find(|known| known.from == base);
                return known.is_none_or(|known| known.interop);
            }
        };
        let path = root.join(base);
        let nearest = path.ancestors().skip(1).map(|folder| folder.join("package.json"));
        let nearest = nearest.into_iter().find_map(|file| std::fs::read_to_string(file).ok());
        let package =
            nearest.and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok());
        package.is_none_or(|package| package.get("type") != Some(&"module".into()))
    }
}

/// The `node_modules` folder that a file stands in, else the file's own folder.
fn packages_folder(file: &Path) -> &Path {
    let packages = file.ancestors().filter(|folder| folder.ends_with("node_modules")).last();
    packages.or(file.parent()).unwrap_or(file)
}

fn unresolved(
    base: &str,
    specifier: &str,
    purpose: Purpose,
    error: &ResolveError,
    wanted: &str,
) -> LoadError {
    match error {
        ResolveError::PackagePathNotExported { .. } => LoadError {
            code: "ERR_PACKAGE_PATH_NOT_EXPORTED",
            message: format!("Cannot load '{specifier}', imported by {base}: {error}"),
        },
        other => not_found(base, specifier, purpose, &told(other, wanted)),
    }
}

/// What was tried, for a path; the resolver's own words for everything else.
fn told(error: &ResolveError, wanted: &str) -> String {
    match error {
        ResolveError::NotFound(_) if is_path(wanted) => {
            format!("tried {wanted} as it is and with {}", SUFFIXES[1..].join(", "))
        }
        other => other.to_string(),
    }
}

fn not_found(base: &str, specifier: &str, purpose: Purpose, tried: &str) -> LoadError {
    let code = purpose.not_found();
    let message = if is_path(specifier) || specifier.starts_with("file:") {
        format!("Cannot find module '{specifier}', imported by {base}; {tried}")
    } else {
        let package = package_of(specifier);
        format!(
            "Cannot find package '{package}', imported by {base}; looked in the node_modules folders from there up: \
             {tried} (is it installed?)"
        )
    };
    LoadError { code, message }
}

fn resolve_in_bundle(
    bundle: &SourceBundle,
    kept: Kept,
    base: &str,
    written: &str,
    specifier: &str,
) -> Result<String, String> {
    // As it was resolved when the migration ran; only files of the bundle are ever given.
    let known = bundle.resolutions.iter().find(|r| r.from == base && r.specifier == written);
    if let Some(known) = known.filter(|known| bundle.text_of(&known.path).is_some()) {
        return Ok(known.path.clone());
    }
    let wanted = match specifier.strip_prefix('/') {
        Some(absolute) => normalized(absolute),
        None if is_path(specifier) => {
            let folder = base.rsplit_once('/').map_or("", |(folder, _)| folder);
            normalized(&format!("{folder}/{specifier}"))
        }
        None => {
            let why = match kept {
                Kept::History => {
                    "packages are not kept in the history, and code from there reads no files"
                }
                Kept::Program => "packages are not embedded in the program",
            };
            return Err(why.to_owned());
        }
    };
    let wanted = wanted.ok_or_else(|| format!("it is outside {}", kept.name()))?;
    let mut tried: Vec<String> =
        SUFFIXES.iter().map(|suffix| format!("{wanted}{suffix}")).collect();
    for (from, to) in ALIASES {
        tried.extend(wanted.strip_suffix(from).map(|stem| format!("{stem}{to}")));
    }
    let found = tried.into_iter().find(|path| bundle.text_of(path).is_some());
    found.ok_or_else(|| match kept {
        Kept::History => format!("the stored source does not hold {wanted}"),
        Kept::Program => format!(
            "{wanted} is not embedded in the program: name its folder in embed_migrations! as well"
        ),
    })
}

impl Kept {
    fn name(self) -> &'static str {
        match self {
            Self::History => "the stored source",
            Self::Program => "what is embedded in the program",
        }
    }
}

/// Whether a path leads into an installed package.
pub(crate) fn is_package_file(path: &str) -> bool {
    path.split('/').any(|part| part == "node_modules")
}

fn path_from_url(text: &str) -> Option<PathBuf> {
    if !text.starts_with("file:") {
        return None;
    }
    url::Url::parse(text).ok()?.to_file_path().ok()
}

/// Relative to the root where it is below it, else absolute.
pub(crate) fn name_of(root: &Path, path: &Path) -> String {
    match path.strip_prefix(root) {
        Ok(relative) => slashed(relative),
        Err(_) => path.display().to_string(),
    }
}

fn slashed(path: &Path) -> String {
    let parts: Vec<_> = path.components().map(|c| c.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}

/// Resolves `.` and `..`; `None` when it leaves the root.
pub(crate) fn normalized(path: &str) -> Option<String> {
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
