//! Entry points: every way a file may offer `up` and `rollback`.

use mongodb::bson::doc;
use whimbrel_core::body::Direction;

use crate::support::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn every_form_is_found() {
    let stage = Stage::new().await;
    for (name, text, expected) in [
        (
            "1.js",
            "export default async function up(db) {}\nexport async function rollback(db) {}",
            (true, true, None),
        ),
        (
            "2.js",
            "export const up = async (db, client) => {};\nexport async function down(db) {}",
            (true, true, None),
        ),
        ("3.js", "export default { async up() {}, rollback() {} }", (true, true, None)),
        ("4.js", "module.exports = { async up(db) {}, async down(db) {} }", (true, true, None)),
        ("5.cjs", "exports.up = async db => {};", (true, false, None)),
        ("6.js", "module.exports = async function up(db) {}", (true, false, None)),
        (
            "7.mjs",
            "export const transaction = true;\nexport default async () => {}",
            (true, false, Some(true)),
        ),
        ("8.js", "exports.transaction = false; exports.up = () => {}", (true, false, Some(false))),
        (
            "9.js",
            "import { ObjectId } from 'mongodb';\nmodule.exports = { up() { new ObjectId() }, down() {} };",
            (true, true, None),
        ),
        (
            "10.js",
            "export const later = await Promise.resolve(1);\nexport async function up() {}",
            (true, false, None),
        ),
        ("11.js", "export const nothing = 1;", (false, false, None)),
        ("12.js", "", (false, false, None)),
        ("13.js", "#!/usr/bin/env node\n'use strict';\nexports.up = () => {}", (true, false, None)),
    ] {
        let got = stage.body(name, text).inspect(Default::default()).await;
        let got = got.unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(got.entry, Some(format!("migrations/scripts/{name}")));
        let flags = (got.has_up, got.has_rollback, got.transaction);
        assert_eq!(flags, expected, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_directions_run_with_db_and_client() {
    let stage = Stage::new().await;
    let text = "
        const helper = { field: 'applied' };
        export default async function up(db, client) {
            await db.collection('a').insertOne({ _id: 1, [helper.field]: true, same: client.db().databaseName });
        }
        export async function rollback(db) { await db.collection('a').deleteMany({}); }
    ";
    stage.run_file("1.js", text, Direction::Up).await.unwrap();
    assert_eq!(stage.documents("a").await, [doc! { "_id": 1, "applied": true, "same": "shop" }]);
    stage.run_file("1.js", text, Direction::Rollback).await.unwrap();
    assert!(stage.documents("a").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_synchronous_up_and_this_work() {
    let stage = Stage::new().await;
    let text = "module.exports = { name: 'me', up(db) { return db.collection('a').insertOne({ _id: this.name }); } }";
    stage.run_file("1.js", text, Direction::Up).await.unwrap();
    assert_eq!(stage.documents("a").await, [doc! { "_id": "me" }]);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_run_starts_afresh() {
    let stage = Stage::new().await;
    let text = "
        globalThis.count = (globalThis.count ?? 0) + 1;
        export default async function up(db) { await db.collection('a').insertOne({ count: globalThis.count }); }
    ";
    let body = stage.body("1.js", text);
    for _ in 0..2 {
        body.run(Direction::Up, stage.context()).await.unwrap();
    }
    for document in stage.documents("a").await {
        assert_eq!(document.get_i32("count").unwrap(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn console_and_environment() {
    let stage = Stage::new().await;
    stage
        .must(
            "console.log('plain %s', 'text', { a: [1, 'b'] }); console.error(new Map([[1, 2]]));
             console.log('two\\nlines'); process.stdout.write('written\\n');
             console.log(process.env.STAGE, typeof process.cwd(), process.argv.length);
             await new Promise(resolve => setTimeout(resolve, 5)); console.log('later');
             const timer = setInterval(() => {}, 1); clearInterval(timer);
             const due = setTimeout(() => console.log('cleared'), 1); const until = Date.now() + 20; while (Date.now() < until);
             clearTimeout(due); await new Promise(resolve => setTimeout(resolve, 5));
             setTimeout(() => console.log('never'), 60000);",
        )
        .await;
    assert_eq!(
        stage.printed(),
        [
            "plain text { a: [ 1, 'b' ] }",
            "Map(1) { 1 => 2 }",
            "two\nlines",
            "written",
            "test string 1",
            "later",
            "timers still set at the end, which do not fire: 1"
        ]
    );
}
