//! The modules of a project, for a runtime beside the embedded engine: which file an import means, and the
//! JavaScript of a file. The rules are the embedded engine's own, so that a migration means the same in both.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use oxc::allocator::Allocator;
use oxc::parser::Parser;
use oxc::semantic::SemanticBuilder;
use oxc::span::SourceType;

use super::files::name_of;
use super::resolve::{Purpose, Resolvers};
use super::survey::{Survey, project_files, survey};
use super::typescript::{Transpiled, described, is_module, is_typescript, transpile};
use super::{COMMON_JS_NAMES, script_text};

/// How a module is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModuleFormat {
    /// An ES module.
    EsModule,
    /// CommonJS.
    CommonJs,
}

/// A module as JavaScript.
pub struct CompiledModule {
    /// What is run.
    pub code: String,
    /// How it is written.
    pub format: ModuleFormat,
    /// Names of CommonJS that an ES module uses without declaring them.
    pub borrowed: Vec<&'static str>,
    transpiled: Option<Transpiled>,
}

impl CompiledModule {
    /// Replaces every `PATH:LINE:COLUMN` in the code by the place in the file itself.
    pub fn map_places(&self, path: &str, text: &str) -> String {
        match &self.transpiled {
            Some(transpiled) => transpiled.map_text(path, 0, text),
            None => text.to_owned(),
        }
    }
}

/// ES modules that need nothing of the engine.
#[derive(Clone, Copy, Debug)]
pub struct SharedScripts {
    /// What a migration file offers.
    pub entry: &'static str,
    /// What the JavaScript made of TypeScript calls: its `babelHelpers` has to be a global.
    pub helpers: &'static str,
    /// The module `whimbrel`.
    pub whimbrel: &'static str,
}

/// The modules of one project.
#[derive(Clone, Debug)]
pub struct ProjectModules {
    root: PathBuf,
    resolvers: Arc<Resolvers>,
}

impl ProjectModules {
    /// Those below `root`, the project folder, and the packages they import.
    pub fn new(root: &Path) -> Self {
        let root = std::fs::canonicalize(root).unwrap_or_else(|_| root.to_owned());
        Self { root, resolvers: Arc::default() }
    }

    /// The file that `specifier` means in `importer`, if there is one; `required` when `require` asks.
    pub fn resolve(&self, importer: &Path, specifier: &str, required: bool) -> Option<PathBuf> {
        let purpose = if required { Purpose::Require } else { Purpose::Import };
        self.resolvers.resolve(importer, specifier, purpose).ok()
    }

    /// The JavaScript of a file with this text.
    ///
    /// # Errors
    /// What is wrong with it, with the place and the line.
    pub fn compile(&self, path: &Path, text: &str) -> Result<CompiledModule, String> {
        let name = name_of(&self.root, path);
        let text = text.trim_start_matches('\u{feff}');
        if is_typescript(&name) {
            let transpiled = transpile(&name, text)?;
            let code = transpiled.code.clone();
            return Ok(compiled(&name, code, Some(transpiled)));
        }
        let allocator = Allocator::default();
        let parsed = Parser::new(&allocator, text, source_type(&name)).parse();
        if let Some(error) = parsed.diagnostics.errors().next() {
            return Err(described(&name, text, error));
        }
        Ok(compiled(&name, script_text(text), None))
    }

    /// What a migration's files say of where it has to run. What the entry imports is read only if `deep`.
    pub fn survey(&self, entry: &Path, text: &str, deep: bool) -> Survey {
        let entry = std::fs::canonicalize(entry).unwrap_or_else(|_| entry.to_owned());
        survey(&self.resolvers, &self.root, &entry, text, deep)
    }

    /// The files of the project that a migration imports, itself or through others, without running any of them.
    pub fn files_of(&self, entry: &Path, text: &str) -> Vec<PathBuf> {
        let entry = std::fs::canonicalize(entry).unwrap_or_else(|_| entry.to_owned());
        project_files(&self.resolvers, &self.root, &entry, text)
    }

    /// Modules of the engine that another runtime can use as they are.
    pub fn shared_scripts(&self) -> SharedScripts {
        SharedScripts {
            entry: include_str!("../../js/runtime/entry.js"),
            helpers: include_str!("../../js/runtime/helpers.js"),
            whimbrel: include_str!("../../js/runtime/whimbrel_module.js"),
        }
    }
}

fn source_type(name: &str) -> SourceType {
    if name.ends_with(".mjs") {
        SourceType::mjs()
    } else if name.ends_with(".cjs") {
        SourceType::cjs()
    } else {
        SourceType::unambiguous()
    }
}

fn compiled(name: &str, code: String, transpiled: Option<Transpiled>) -> CompiledModule {
    let format = match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("mjs" | "mts") => ModuleFormat::EsModule,
        Some("cjs" | "cts") => ModuleFormat::CommonJs,
        _ if is_module(&code) => ModuleFormat::EsModule,
        _ => ModuleFormat::CommonJs,
    };
    let borrowed = match format {
        ModuleFormat::EsModule => borrowed(&code),
        ModuleFormat::CommonJs => Vec::new(),
    };
    CompiledModule { code, format, borrowed, transpiled }
}

/// The names of CommonJS that a text uses and does not declare.
fn borrowed(code: &str) -> Vec<&'static str> {
    if !COMMON_JS_NAMES.iter().any(|name| code.contains(name)) {
        return Vec::new();
    }
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, code, SourceType::mjs()).parse();
    let semantic = SemanticBuilder::new().build(&parsed.program).semantic;
    let unresolved = semantic.scoping().root_unresolved_references();
    let is_free =
        |name: &&'static str| unresolved.keys().any(|reference| reference.as_str() == *name);
    COMMON_JS_NAMES.into_iter().filter(is_free).collect()
}

#[cfg(test)]
mod tests {
    use super::super::survey::DeclaredRuntime;
    use super::*;

    fn project(files: &[(&str, &str)]) -> (tempfile::TempDir, ProjectModules) {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let modules = ProjectModules::new(folder.path());
        (folder, modules)
    }

    fn surveyed(files: &[(&str, &str)]) -> Survey {
        let (folder, modules) = project(files);
        modules.survey(&folder.path().join(files[0].0), files[0].1, true)
    }

    #[test]
    fn the_runtime_is_read_in_every_form() {
        let text = |text: &str| Some(DeclaredRuntime::Text(text.to_owned()));
        for (code, declared) in [
            ("export const runtime = 'node';", text("node")),
            ("const where = 'node'; export { where as runtime };", text("node")),
            ("exports.runtime = 'node';", text("node")),
            ("module.exports.runtime = 'auto';", text("auto")),
            ("const runtime = 'node'; module.exports = { up() {}, runtime };", text("node")),
            ("export default { runtime: 'embedded', up() {} };", text("embedded")),
            ("export const runtime = `node`;", text("node")),
            ("module.exports = class { runtime = 'node'; async up() {} };", text("node")),
            ("export class A { static runtime = 'node'; up = async () => {}; }", text("node")),
            ("class A { runtime = 'node'; up() {} }\nmodule.exports = A;", text("node")),
            ("class A { runtime = 'node'; up() {} }\nexport { A as B };", text("node")),
            ("class Film { runtime = 90; up() {} }\nexport const up = () => new Film();", None),
            (
                "export class A { runtime = 90; up() {} }\nexport const runtime = 'node';",
                text("node"),
            ),
            ("export const transaction = true;", None),
            ("export const runtime = pick();", Some(DeclaredRuntime::Other("pick()".to_owned()))),
        ] {
            assert_eq!(surveyed(&[("a.js", code)]).declared, declared, "{code}");
        }
        let typed = surveyed(&[("a.ts", "export const runtime: string = 'node';")]);
        assert_eq!(typed.declared, text("node"));
    }

    #[test]
    fn what_needs_node_is_found_with_the_way_to_it() {
        let why = |files: &[(&str, &str)]| surveyed(files).needs_node;
        let chain = why(&[
            (
                "m/001.js",
                "export async function up() { const { User } = await import('../models/user.js'); }",
            ),
            ("models/user.js", "import mongoose from 'mongoose';"),
        ]);
        let expected = "imports 'mongoose' through models/user.js";
        assert_eq!(chain.as_deref(), Some(expected));
        let own = why(&[
            ("001.ts", "import { db } from './db'; export const up = () => db;"),
            (
                "db.ts",
                "import { MongoClient } from 'mongodb'; export const db = new MongoClient('x').db();",
            ),
        ]);
        assert_eq!(own.as_deref(), Some("opens a connection of its own in db.ts"));
        let native = why(&[
            ("001.js", "const b = require('b');"),
            ("node_modules/b/index.js", "module.exports = require('./b.node');"),
            ("node_modules/b/b.node", ""),
        ]);
        let expected =
            "imports the native add-on node_modules/b/b.node through node_modules/b/index.js";
        assert_eq!(native.as_deref(), Some(expected));
    }

    #[test]
    fn what_does_not_need_node_says_nothing() {
        let why = |files: &[(&str, &str)]| surveyed(files).needs_node;
        assert_eq!(
            why(&[("a.js", "import { ObjectId } from 'mongodb'; import fs from 'node:fs';")]),
            None
        );
        assert_eq!(
            why(&[(
                "a.ts",
                "import { MongoClient } from 'mongodb'; export function up(db: unknown, client: MongoClient) {}"
            )]),
            None
        );
        // A package may look for something and do without.
        let package = "let http; try { http = require('http'); } catch {}\nfunction later() { return require('net'); }";
        assert_eq!(why(&[("a.js", "require('p')"), ("node_modules/p/index.js", package)]), None);
        let package = "const http = require('http');";
        assert!(why(&[("a.js", "require('p')"), ("node_modules/p/index.js", package)]).is_some());
        assert_eq!(why(&[("a.js", "this is no JavaScript")]), None);
    }

    #[test]
    fn files_of_the_project_are_found_and_those_of_packages_are_not() {
        let (folder, modules) = project(&[
            (
                "m/001.js",
                "import { a } from '../lib/a.js';\nimport p from 'p';\nconst x = await import('../lib/data.json');",
            ),
            ("lib/a.js", "const b = require('./b');"),
            ("lib/b.ts", "import './a.js'; export const b: number = 1;"),
            ("lib/data.json", "{}"),
            ("lib/other.js", ""),
            ("node_modules/p/index.js", "require('./more')"),
            ("node_modules/p/more.js", ""),
        ]);
        let entry = folder.path().join("m/001.js");
        let text = std::fs::read_to_string(&entry).unwrap();
        let root = std::fs::canonicalize(folder.path()).unwrap();
        let files = modules.files_of(&entry, &text);
        let names: Vec<_> = files.iter().map(|file| file.strip_prefix(&root).unwrap()).collect();
        assert_eq!(names, ["lib/a.js", "lib/b.ts", "lib/data.json"].map(Path::new));
    }

    #[test]
    fn a_module_knows_its_format_and_what_it_borrows() {
        let (folder, modules) = project(&[]);
        let compile = |name: &str, text: &str| modules.compile(&folder.path().join(name), text);
        let mixed = compile(
            "a.js",
            "import x from 'y';\nmodule.exports = { up() { return require('z'); } };",
        );
        let mixed = mixed.unwrap();
        assert_eq!(mixed.format, ModuleFormat::EsModule);
        assert_eq!(mixed.borrowed, ["require", "module"]);
        let own = compile(
            "a.js",
            "import { createRequire } from 'module';\nconst require = createRequire(import.meta.url);\nrequire('x');",
        );
        assert_eq!(own.unwrap().borrowed, [] as [&str; 0]);
        assert_eq!(
            compile("a.js", "exports.up = () => 1;").unwrap().format,
            ModuleFormat::CommonJs
        );
        assert_eq!(
            compile("a.mts", "const a: number = 1;").unwrap().format,
            ModuleFormat::EsModule
        );
        let error = compile("m/a.js", "export const = 1;").err().unwrap();
        assert!(error.contains("m/a.js:1:14"), "{error}");
    }
}
