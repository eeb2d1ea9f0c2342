//! How a migration fails, and what is told.

use mongodb::bson::doc;
use whimbrel_core::body::{BodyError, Direction};

use crate::support::Stage;

async fn message(stage: &Stage, statements: &str) -> String {
    stage.up(statements).await.unwrap_err().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn thrown_errors_carry_class_code_and_place() {
    let stage = Stage::new().await;
    let text = message(&stage, "throw new TypeError('no good')").await;
    assert_eq!(text, "TypeError: no good\n    at up (migrations/scripts/001_test.js:3:11)");
    assert_eq!(message(&stage, "throw 'just text'").await, "just text");
    assert_eq!(message(&stage, "throw { a: 1 }").await, "{ a: 1 }");
    let text =
        message(&stage, "throw new Error('outer', { cause: new RangeError('inner') })").await;
    assert!(text.starts_with("Error: outer\n  caused by RangeError: inner\n"), "{text}");

    stage.collection("a").insert_one(doc! { "_id": 1 }).await.unwrap();
    let error = stage.up("await db.collection('a').insertOne({ _id: 1 });").await.unwrap_err();
    let BodyError::Failed { message, detail, hint } = error else { panic!("{error}") };
    assert!(message.starts_with("MongoServerError: E11000 duplicate key"), "{message}");
    assert!(message.contains("at up (migrations/scripts/001_test.js:3:"), "{message}");
    assert_eq!(detail.get_i64("code").unwrap(), 11000);
    assert_eq!(detail.get_str("class").unwrap(), "MongoServerError");
    assert!(hint.unwrap().contains("duplicates"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejection_that_nobody_awaits_fails_the_migration() {
    let stage = Stage::new().await;
    stage.collection("a").insert_one(doc! { "_id": 1 }).await.unwrap();
    let text = message(&stage, "db.collection('a').insertOne({ _id: 1 });").await;
    assert!(text.starts_with("MongoServerError: E11000"), "{text}");
    let text = message(&stage, "Promise.reject(new Error('lost'));").await;
    assert!(text.starts_with("Error: lost"), "{text}");
    let text =
        message(&stage, "for (const n of [1, 2, 3]) Promise.reject(new Error('lost ' + n));").await;
    assert!(text.starts_with("Error: lost 1"), "{text}");
    let text = message(&stage, "setTimeout(() => { throw new Error('in a timer'); }, 1); await new Promise(r => setTimeout(r, 50));").await;
    assert!(text.starts_with("Error: in a timer"), "{text}");
    stage.must("const p = Promise.reject(new Error('handled')); await p.catch(() => {});").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn work_that_nobody_awaits_is_awaited_and_told() {
    let stage = Stage::new().await;
    let outcome = stage.must("db.collection('a').insertOne({ _id: 7 });").await;
    assert_eq!(stage.documents("a").await, [doc! { "_id": 7 }]);
    assert_eq!(outcome.warnings.len(), 1);
    let warning = &outcome.warnings[0];
    assert!(warning.contains("insertOne on a (at migrations/scripts/001_test.js:3:"), "{warning}");
    let outcome = stage.must("db.collection('a').aggregate([{ $merge: 'b' }]);").await;
    assert!(outcome.warnings[0].contains("$merge"), "{:?}", outcome.warnings);

    let mut strict = Stage::new().await;
    strict.options.strict_await = true;
    let text = message(&strict, "db.collection('a').insertOne({ _id: 7 });").await;
    assert!(text.contains("nobody awaited insertOne"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn syntax_errors_show_file_line_and_text() {
    let stage = Stage::new().await;
    for (name, text) in [
        ("1.js", "export default async function up(db) {\n  const x = ;\n}\n"),
        ("2.js", "module.exports = { async up(db) {\n  const x = ;\n} };\n"),
    ] {
        let error = stage.body(name, text).inspect(Default::default()).await.unwrap_err();
        assert!(matches!(error, BodyError::Load { .. }));
        let expected = format!(
            "SyntaxError: unexpected token in expression: ';'\n  --> migrations/scripts/{name}:2:13\n  |\n\
             2 |   const x = ;\n  |             ^"
        );
        assert_eq!(error.to_string(), expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_while_loading_is_a_load_error() {
    let stage = Stage::new().await;
    let error = stage
        .body("1.js", "export const x = missing;\nexport function up() {}")
        .inspect(Default::default())
        .await
        .unwrap_err();
    assert!(matches!(error, BodyError::Load { .. }));
    let text = error.to_string();
    assert!(text.contains("missing") && text.contains("migrations/scripts/1.js:1:"), "{text}");
    let text = "export default async function up(db) {}";
    let error = stage.run_file("2.js", text, Direction::Rollback).await.unwrap_err();
    assert!(error.to_string().contains("no function for rollback"), "{error}");
}
