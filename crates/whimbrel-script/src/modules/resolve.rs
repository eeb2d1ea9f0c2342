//! Which file an import means: relative paths, aliases of `tsconfig.json`, packages in `node_modules`.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use oxc_resolver::{ResolveError, ResolveOptions, Resolver, TsconfigDiscovery};

use super::{Format, is_typescript};

/// How a module is asked for; packages may answer differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Import,
    Require,
}

impl Purpose {
    /// Node.js' name for a module that is not there.
    pub(crate) fn not_found(self) -> &'static str {
        match self {
            Self::Import => "ERR_MODULE_NOT_FOUND",
            Self::Require => "MODULE_NOT_FOUND",
        }
    }
}

/// Resolvers of one project, with what they found out about its folders.
#[derive(Debug)]
pub(crate) struct Resolvers {
    import: Resolver,
    require: Resolver,
    typed_import: Resolver,
    typed_require: Resolver,
    /// Files of packages, which migrations of one run share: their text, and how each is written.
    texts: Mutex<HashMap<PathBuf, Arc<str>>>,
    formats: Mutex<HashMap<PathBuf, Format>>,
}

/// What is tried after a path without an extension.
const EXTENSIONS: [&str; 8] = [".js", ".mjs", ".cjs", ".json", ".ts", ".mts", ".cts", ".node"];

impl Default for Resolvers {
    fn default() -> Self {
        let text = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
        let alias = |from: &str, to: &[&str]| (from.to_owned(), text(to));
        let options = ResolveOptions {
            extensions: text(&EXTENSIONS),
            // TypeScript's own files import each other by the name they will have as JavaScript.
            extension_alias: vec![
                alias(".js", &[".js", ".ts"]),
                alias(".mjs", &[".mjs", ".mts"]),
                alias(".cjs", &[".cjs", ".cts"]),
            ],
            node_path: false,
            ..ResolveOptions::default()
        };
        let for_import = options.clone().with_condition_names(&["node", "import"]);
        let for_require = options.with_condition_names(&["node", "require"]);
        let typed = |options: &ResolveOptions| ResolveOptions {
            tsconfig: Some(TsconfigDiscovery::Auto),
            ..options.clone()
        };
        let import = Resolver::new(for_import.clone());
        Self {
            require: import.clone_with_options(for_require.clone()),
            typed_import: import.clone_with_options(typed(&for_import)),
            typed_require: import.clone_with_options(typed(&for_require)),
            import,
            texts: Mutex::default(),
            formats: Mutex::default(),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Resolvers {
    /// The text of a package's file, read once.
    pub(crate) fn package_text(&self, path: &Path) -> std::io::Result<Arc<str>> {
        if let Some(known) = lock(&self.texts).get(path) {
            return Ok(Arc::clone(known));
        }
        let text: Arc<str> = std::fs::read_to_string(path)?.into();
        lock(&self.texts).insert(path.to_owned(), Arc::clone(&text));
        Ok(text)
    }

    /// How a package's file is written, found out once.
    pub(crate) fn package_format(&self, path: PathBuf, find: impl FnOnce() -> Format) -> Format {
        if let Some(known) = lock(&self.formats).get(&path) {
            return *known;
        }
        let format = find();
        lock(&self.formats).insert(path, format);
        format
    }

    /// The file that `specifier` means in the file `base`, links followed.
    pub(crate) fn resolve(
        &self,
        base: &Path,
        specifier: &str,
        purpose: Purpose,
    ) -> Result<PathBuf, ResolveError> {
        let (plain, typed) = match purpose {
            Purpose::Import => (&self.import, &self.typed_import),
            Purpose::Require => (&self.require, &self.typed_require),
        };
        let found = if is_typescript(&base.to_string_lossy()) {
            // A tsconfig.json that cannot be read matters only where it is needed.
            typed
                .resolve_file(base, specifier)
                .or_else(|error| plain.resolve_file(base, specifier).map_err(|_| error))
        } else {
            plain.resolve_file(base, specifier)
        };
        found.map(oxc_resolver::Resolution::into_path_buf)
    }
}

/// Whether a specifier is a path, as opposed to a package's name.
pub(crate) fn is_path(specifier: &str) -> bool {
    specifier == "."
        || specifier == ".."
        || specifier.starts_with("./")
        || specifier.starts_with("../")
        || Path::new(specifier).is_absolute()
}

/// The name of the package that a specifier starts with.
pub(crate) fn package_of(specifier: &str) -> &str {
    let parts = if specifier.starts_with('@') { 2 } else { 1 };
    specifier.match_indices('/').nth(parts - 1).map_or(specifier, |(at, _)| &specifier[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_named_by_their_first_parts() {
        assert_eq!(package_of("lodash"), "lodash");
        assert_eq!(package_of("lodash/fp/add"), "lodash");
        assert_eq!(package_of("@scope/name/sub"), "@scope/name");
    }
}
