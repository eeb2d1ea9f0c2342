//! JavaScript that the package has in common with the runtimes of the engine, and what the loader of modules asks.

use std::path::Path;

use napi_derive::napi;
use whimbrel_script::{ModuleFormat, ProjectModules};

/// JavaScript that the package shares with the engine's own runtimes.
#[napi(object)]
pub struct SharedScripts {
    /// ES module: exports `entryPoints`, `offersNothing` and `callEntry`.
    pub entry: String,
    /// ES module: exports `babelHelpers`, which must be a global for code made of TypeScript.
    pub helpers: String,
    /// ES module: exports `makeWhimbrelModule`.
    pub whimbrel: String,
    /// CommonJS: exports `describe`.
    pub describe: String,
    /// CommonJS: exports `METHODS`, `LAZY` and `RAW`.
    pub methods: String,
}

/// JavaScript that the package shares with the engine's own runtimes.
#[napi]
pub fn shared_scripts() -> SharedScripts {
    let shared = ProjectModules::new(Path::new(".")).shared_scripts();
    SharedScripts {
        entry: shared.entry.to_owned(),
        helpers: shared.helpers.to_owned(),
        whimbrel: shared.whimbrel.to_owned(),
        describe: whimbrel_node_runtime::told::DESCRIBE.to_owned(),
        methods: whimbrel_node_runtime::told::METHODS.to_owned(),
    }
}

/// The JavaScript of a file.
#[napi(object)]
pub struct CompiledFile {
    /// Its text; absent with an error.
    pub code: Option<String>,
    /// `module` or `commonjs`.
    pub format: String,
    /// It imports TypeScript of the project, itself or through others.
    pub imports_type_script: bool,
    /// Names of CommonJS that an ES module uses without declaring them.
    pub borrowed: Vec<String>,
    /// What is wrong with the file, with the place and the line.
    pub error: Option<String>,
}

/// Whether a file is TypeScript, by its name.
pub(crate) fn is_typescript(file: &Path) -> bool {
    let extension = file.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| ["ts", "mts", "cts"].contains(&extension))
}

/// Makes JavaScript of a migration's file, as the embedded engine does; not on the thread that asks, because it reads
/// and parses what the file imports as well.
#[napi]
pub async fn compile_file(
    project: String,
    path: String,
    text: String,
) -> napi::Result<CompiledFile> {
    let compiled = tokio::task::spawn_blocking(move || compiled(&project, Path::new(&path), &text));
    compiled.await.map_err(|error| napi::Error::from_reason(error.to_string()))
}

fn compiled(project: &str, path: &Path, text: &str) -> CompiledFile {
    let modules = ProjectModules::new(Path::new(project));
    match modules.compile(path, text) {
        Ok(compiled) => CompiledFile {
            format: match compiled.format {
                ModuleFormat::EsModule => "module".to_owned(),
                ModuleFormat::CommonJs => "commonjs".to_owned(),
            },
            code: Some(compiled.code),
            borrowed: compiled.borrowed.iter().map(|name| (*name).to_owned()).collect(),
            imports_type_script: modules
                .files_of(path, text)
                .iter()
                .any(|file| is_typescript(file)),
            error: None,
        },
        Err(error) => CompiledFile {
            code: None,
            format: "module".to_owned(),
            borrowed: Vec::new(),
            imports_type_script: false,
            error: Some(error),
        },
    }
}

/// The file that an import means by the rules of the embedded engine, where Node.js finds none.
#[napi]
pub fn resolve_import(project: String, importer: String, specifier: String) -> Option<String> {
    let modules = ProjectModules::new(Path::new(&project));
    let found = modules.resolve(Path::new(&importer), &specifier, false)?;
    Some(found.to_string_lossy().into_owned())
}
