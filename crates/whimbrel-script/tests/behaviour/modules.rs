//! Imports: relative files, JSON, CommonJS and ES modules in each other, and what is refused.

use mongodb::bson::doc;
use whimbrel_core::body::{BodyLoader, Direction};
use whimbrel_core::file_name::MigrationId;
use whimbrel_core::source::{BundleFile, SourceBundle};
use whimbrel_script::ScriptLoader;

use crate::support::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn files_of_the_project_are_imported_and_recorded() {
    let stage = Stage::new().await;
    stage.file(
        "lib/esm.mjs",
        "import data from './data.json'; export const esm = data.name; export default 'd';",
    );
    stage.file("lib/data.json", "{ \"name\": \"json\" }");
    stage.file(
        "lib/common.js",
        "const { two } = require('./two'); module.exports = { one: 'c' + two, __dirname };",
    );
    stage.file("lib/two.cjs", "exports.two = '2'; exports.again = () => require('./common').one;");
    stage.file(
        "lib/folder/index.js",
        "export const indexed = import.meta.url.startsWith('file:///');",
    );
    let text = "
        import byDefault, { esm } from '../../lib/esm.mjs';
        import common, { one } from '../../lib/common';
        import { indexed } from '../../lib/folder';
        import { log } from 'whimbrel';
        export default async function up(db) {
            const later = await import('../../lib/two.cjs');
            log('info', 'told', { n: 1 });
            await db.collection('a').insertOne({
                _id: 1, esm, byDefault, one, same: common.one === one, indexed, two: later.two, again: later.again(),
                dir: common.__dirname.endsWith('lib'),
            });
        }
    ";
    let outcome = stage.run_file("1.js", text, Direction::Up).await.unwrap();
    assert_eq!(
        stage.documents("a").await,
        [
            doc! { "_id": 1, "esm": "json", "byDefault": "d", "one": "c2", "same": true, "indexed": true, "two": "2", "again": "c2", "dir": true }
        ]
    );
    let paths: Vec<_> = outcome.imports.iter().map(|import| import.path.as_str()).collect();
    assert_eq!(
        paths,
        ["lib/common.js", "lib/data.json", "lib/esm.mjs", "lib/folder/index.js", "lib/two.cjs"]
    );
    assert_eq!(outcome.entry.as_deref(), Some("migrations/scripts/1.js"));
    assert_eq!(stage.printed(), ["log info told { \"n\": 1 }"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_or_not_allowed_says_so() {
    let stage = Stage::new().await;
    std::fs::write(stage.test.folder().join("outside.js"), "module.exports = 'secret'").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(
        stage.test.folder().join("outside.js"),
        stage.options.project.join("link.js"),
    )
    .unwrap();
    for (import, message) in [
        (
            "import './nowhere.js'",
            "Cannot find module './nowhere.js', imported by migrations/scripts/1.js; tried",
        ),
        ("import '../../../outside.js'", "outside the project folder"),
        #[cfg(unix)]
        ("import '../../link.js'", "outside the project folder"),
        (
            "import left from 'left-pad'",
            "Cannot find package 'left-pad', imported by migrations/scripts/1.js; looked in",
        ),
        (
            "import net from 'node:net'",
            "'node:net' cannot be loaded in the embedded engine: migrations have no network here; fetch what is \
             needed beforehand and put it into a file of the project. Imported by \
             migrations/scripts/1.js → node:net",
        ),
    ] {
        let text = format!("{import};\nexport function up() {{}}");
        let error =
            stage.body("1.js", &text).inspect(Default::default()).await.unwrap_err().to_string();
        assert!(error.contains(message), "{import}: {error}");
    }
    let text = "export async function up(db) {\n\
                try { globalThis.__whimbrel?.requirePath('../outside.js'); console.log('reached'); }\n\
                catch (error) { console.log(error.message); }\n}";
    stage.run_file("3.js", text, Direction::Up).await.unwrap();
    assert_eq!(stage.printed(), ["Cannot load '../outside.js': it was not imported"]);
    let text = "const x = require('../../lib/none');\nexports.up = () => {};";
    let error = stage.body("2.js", text).inspect(Default::default()).await.unwrap_err().to_string();
    assert!(
        error.contains("Cannot find module '../../lib/none', imported by migrations/scripts/2.js"),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stored_source_sees_neither_files_nor_environment() {
    let stage = Stage::new().await;
    stage.file("lib/other.js", "exports.other = 1;");
    let entry = "
        import { a } from '../../lib/a.js';
        export default async function up(db) {}
        export async function rollback(db) {
            let reached = 'refused';
            try { await import('../../lib/other.js'); reached = 'reached'; } catch {}
            await db.collection('a').insertOne({ _id: 1, a, env: Object.keys(process.env).length, reached });
        }
    ";
    let file = |path: &str, text: &str| BundleFile { path: path.into(), text: text.into() };
    let bundle = SourceBundle {
        entry: "migrations/scripts/1.js".into(),
        files: vec![
            file("migrations/scripts/1.js", entry),
            file("lib/a.js", "export const a = 'stored';"),
        ],
        resolutions: Vec::new(),
    };
    let id = MigrationId::parse("1.js").unwrap();
    let body = ScriptLoader::new(stage.options.clone()).stored_body(&id, bundle);
    body.run(Direction::Rollback, stage.context()).await.unwrap();
    assert_eq!(
        stage.documents("a").await,
        [doc! { "_id": 1, "a": "stored", "env": 0, "reached": "refused" }]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn packages_are_loaded_as_their_package_json_says() {
    let stage = Stage::new().await;
    stage.file(
        "node_modules/dual/package.json",
        r#"{ "name": "dual", "exports": { ".": { "import": "./m.mjs", "require": "./c.cjs" }, "./sub": "./sub.js" } }"#,
    );
    stage.file("node_modules/dual/m.mjs", "const t=1;export{t as x};export default'esm'");
    stage.file("node_modules/dual/c.cjs", "module.exports = 'cjs';");
    stage.file("node_modules/dual/sub.js", "var s='minified';export{s as default};");
    stage.file("node_modules/dual/hidden.js", "");
    let text = "
        import dual, { x } from 'dual';
        import sub from 'dual/sub';
        export async function up() {
            const codes = [];
            for (const name of ['dual/hidden.js', 'node:nothing', 'nowhere']) {
                try { require(name); } catch (error) { codes.push(error.code); }
                try { await import(name); } catch (error) { codes.push(error.code); }
            }
            console.log(dual, x, sub, require('dual'), codes.join(' '));
        }
    ";
    stage.run_file("1.js", text, Direction::Up).await.unwrap();
    assert_eq!(
        stage.printed(),
        ["esm 1 minified cjs ERR_PACKAGE_PATH_NOT_EXPORTED ERR_PACKAGE_PATH_NOT_EXPORTED \
             ERR_UNKNOWN_BUILTIN_MODULE ERR_UNKNOWN_BUILTIN_MODULE MODULE_NOT_FOUND ERR_MODULE_NOT_FOUND"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn places_on_the_first_line_of_commonjs_are_those_of_the_file() {
    let stage = Stage::new().await;
    let text =
        "exports.up = async db => { db.collection('a').insertOne({}); throw new Error('x'); };";
    let first = stage.run_file("1.cjs", text, Direction::Up).await.unwrap_err().to_string();
    let second =
        stage.run_file("1.cjs", &format!("\n{text}"), Direction::Up).await.unwrap_err().to_string();
    assert_eq!(first, second.replace("1.cjs:2:", "1.cjs:1:"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_without_an_end_is_printed_at_the_end() {
    let stage = Stage::new().await;
    stage.must("process.stdout.write('half'); process.stdout.write(' a line\\nand more');").await;
    assert_eq!(stage.printed(), ["half a line", "and more"]);
}
