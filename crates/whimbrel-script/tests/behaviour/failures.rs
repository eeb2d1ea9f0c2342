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

#[tokio::test(flavor = "multi_thread")]
async fn text_that_utf8_cannot_hold_is_mended_wherever_it_goes() {
    let stage = Stage::new().await;
    stage
        .must(
            "const half = '😀 x'.slice(0, 1);
             console.log(half);
             process.stdout.write(`${half}\\n`);
             (await import('whimbrel')).log('info', half, { half });
             await db.collection('a').insertOne({ _id: half, r: new RegExp(half), c: new mongodb.Code(half), s: new mongodb.BSONSymbol(half) });",
        )
        .await;
    assert_eq!(
        stage.printed(),
        ["\u{fffd}", "\u{fffd}", "log info \u{fffd} { \"half\": \"\u{fffd}\" }"]
    );
    let error = stage.up("throw new Error(`bad ${'😀'.slice(0, 1)} text`)").await.unwrap_err();
    assert!(error.to_string().starts_with("Error: bad \u{fffd} text"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_with_odd_fields_are_told_all_the_same() {
    let stage = Stage::new().await;
    for (statements, message) in [
        (
            "throw Object.assign(new Error(), { message: { a: 1 }, code: 7 });",
            "Error: { a: 1 } (code 7)",
        ),
        ("throw Object.assign(new TypeError('useful'), { name: undefined });", "Error: useful"),
        ("throw Object.assign(new Error('x'), { errorLabels: [1, 'L'], stack: '' });", "Error: x"),
        (
            "await Promise.any([Promise.reject(new Error('one')), Promise.reject(new RangeError('two'))]);",
            "caused by Error: one\n  caused by RangeError: two",
        ),
    ] {
        let error = stage.up(statements).await.unwrap_err().to_string();
        assert!(error.contains(message), "{statements}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn callbacks_and_short_timers_are_awaited_and_the_rest_is_told() {
    let mut stage = Stage::new().await;
    stage.file("data.json", "{ \"_id\": 1 }");
    let outcome = stage
        .must(
            "const fs = await import('fs');
             fs.readFile('data.json', 'utf8', (error, text) => db.collection('a').insertOne(JSON.parse(text)));
             fs.promises.readFile('data.json').then(() => db.collection('a').insertOne({ _id: 2 }));
             setTimeout(async () => { for (let n = 3; n < 6; n++) { await new Promise(r => setTimeout(r, 5)); await db.collection('a').insertOne({ _id: n }); } }, 10);
             setTimeout(() => db.collection('a').insertOne({ _id: 99 }), 60_000);",
        )
        .await;
    assert_eq!(stage.documents("a").await.len(), 5);
    assert!(outcome.warnings.iter().all(|w| !w.contains("timer")), "{:?}", outcome.warnings);
    let told = "timers still set at the end, which do not fire: 1";
    assert!(stage.printed().iter().any(|line| line == told), "{:?}", stage.printed());
    // One that only sets itself again does not hold the run up for ever.
    stage.must("(function poll() { setTimeout(poll, 5); })();").await;
    stage
        .must(
            "setInterval(() => db.collection('beats').insertOne({}), 50);
             setTimeout(() => { throw new Error('boom'); }, 400).unref();",
        )
        .await;

    let lazy = "db.collection('a').aggregate([{ $match: {} }, { $out: 'b' }]);";
    let outcome = stage.must(lazy).await;
    assert!(
        outcome.warnings[0].starts_with("aggregate on a (at migrations/scripts/001_test.js:3:"),
        "{:?}",
        outcome.warnings
    );
    stage.options.strict_await = true;
    let error = stage.up(lazy).await.unwrap_err().to_string();
    assert!(error.contains("was never iterated, so it did nothing"), "{error}");
}
