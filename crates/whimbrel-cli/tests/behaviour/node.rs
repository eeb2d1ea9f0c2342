//! What people see of migrations that run in Node.js; everything else about them is in
//! `tests/node/node-runtime.test.mjs`, which has the packages at hand.
#![cfg(unix)]

use whimbrel_testing::TestDatabase;

use crate::support::{Project, Ran};

/// The snapshot without the version of Node.js at hand.
fn seen(ran: &Ran, project: &Project) -> String {
    let text = ran.snapshot(&project.path());
    let mut out = String::new();
    for line in text.lines() {
        // The last brackets of the line are not always the time.
        let line = match (line.split_once("failed ("), line.find("): ")) {
            (Some((before, _)), Some(end)) => format!("{before}failed (TIME{}", &line[end..]),
            _ => line.to_owned(),
        };
        match line.split_once("in Node.js ") {
            Some((before, after)) => {
                let is_version = |c: char| c.is_ascii_digit() || c == '.';
                let rest = after.trim_start_matches(is_version);
                let rest = rest.strip_prefix(" with mongodb ").unwrap_or(rest);
                let rest = rest.trim_start_matches(is_version);
                out.push_str(&format!("{before}in Node.js VERSION with mongodb VERSION{rest}\n"));
            }
            None => out.push_str(&format!("{line}\n")),
        }
    }
    out
}

async fn project() -> (TestDatabase, Project) {
    let test = TestDatabase::start().await;
    let project = Project::on(&test).in_node();
    project.file("whimbrel.toml", "runtime = \"auto\"\n");
    project
        .file("lib/mail.js", "import https from 'node:https';\nexport const send = () => https;\n");
    (test, project)
}

#[tokio::test]
async fn a_run_says_which_migration_runs_where() {
    let (_test, project) = project().await;
    project.up_body("001_plain.js", "console.log('here');");
    project.up_body(
        "002_mail.js",
        "const { send } = await import('../../lib/mail.js'); console.log(typeof send());\n\
         db.collection('late').insertOne({ _id: 1 });",
    );
    insta::assert_snapshot!(seen(&project.run(&["up"]), &project), @"
    exit 0
    --- stdout
    Starting migration process...
    Found 2 migration files

    Executing migration: 001_plain.js
       here
    Migration 001_plain.js completed successfully (TIME)

    Executing migration: 002_mail.js
       in Node.js VERSION with mongodb VERSION, because it imports 'node:https' through lib/mail.js
       object
    Migration 002_mail.js completed successfully (TIME)

    Migration Summary:
    Successful: 2
    Skipped: 0
    Failed: 0
    --- stderr
    warning: 002_mail.js: nobody awaited insertOne on late (at migrations/scripts/002_mail.js:3:23); it was awaited at the end
    ");
}

#[tokio::test]
async fn a_failure_tells_its_place_and_what_to_do() {
    let (_test, project) = project().await;
    project.file(
        "migrations/scripts/001_twice.ts",
        "import { send } from '../../lib/mail';\nexport async function up(db: any): Promise<void> {\n  send();\n\
         \x20 await db.collection('a').insertOne({ _id: 1 });\n  await db.collection('a').insertOne({ _id: 1 });\n}\n",
    );
    insta::assert_snapshot!(seen(&project.run(&["up"]), &project), @"
    exit 1
    --- stdout
    Starting migration process...
    Found 1 migration file

    Executing migration: 001_twice.ts
       in Node.js VERSION with mongodb VERSION, because it imports 'node:https' through lib/mail.js
    Migration 001_twice.ts failed (TIME): MongoServerError: E11000 duplicate key error collection: shop.a index: _id_ dup key: { _id: 1 }
        at async Module.up (migrations/scripts/001_twice.ts:5:3)

    Migration Summary:
    Successful: 0
    Skipped: 0
    Failed: 1
    --- stderr
    error: migration 001_twice.ts failed
    hint: a unique index refused a duplicate: find and merge the duplicates first
    ");
    project.file(
        "migrations/scripts/001_twice.ts",
        "import '../../lib/mail';\nexport const up = () => process.exit(3);\n",
    );
    insta::assert_snapshot!(seen(&project.run(&["up"]), &project), @"
    exit 1
    --- stdout
    Starting migration process...
    Found 1 migration file

    Executing migration: 001_twice.ts
       in Node.js VERSION with mongodb VERSION, because it imports 'node:https' through lib/mail.js
    Migration 001_twice.ts failed (TIME): the migration ended the Node.js process with process.exit(3) at migrations/scripts/001_twice.ts:2:33

    Migration Summary:
    Successful: 0
    Skipped: 0
    Failed: 1
    --- stderr
    error: migration 001_twice.ts failed
    hint: a migration ends by returning or by throwing
    ");
}

#[tokio::test]
async fn the_embedded_engine_names_the_way_out() {
    let (_test, project) = project().await;
    project.file("whimbrel.toml", "");
    project.file(
        "migrations/scripts/001_mail.js",
        "import '../../lib/mail.js';\nexport async function up() {}\n",
    );
    insta::assert_snapshot!(seen(&project.run(&["up"]), &project), @r#"
    exit 1
    --- stdout
    Starting migration process...
    Found 1 migration file
    Migration 001_mail.js cannot be loaded, so nothing was run: Error: 'node:https' cannot be loaded in the embedded engine: migrations have no network here; fetch what is needed beforehand and put it into a file of the project. Imported by migrations/scripts/001_mail.js → lib/mail.js → node:https (code ERR_NOT_OFFERED)

    Migration Summary:
    Successful: 0
    Skipped: 0
    Failed: 1
    --- stderr
    error: migration 001_mail.js failed
    hint: real Node.js can: write `export const runtime = 'node'` into the file (`exports.runtime` in CommonJS), or set runtime = "node" or "auto" in whimbrel.toml
    "#);
}
