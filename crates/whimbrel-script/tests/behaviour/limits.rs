//! Scripts that would never end, or take everything.

use std::time::Duration;

use whimbrel_core::body::BodyError;
use whimbrel_core::gate::StopReason;

use crate::support::Stage;

/// Runs a script that does not end by itself and stops it once it has begun.
async fn stopped(statements: &str) -> BodyError {
    let stage = Stage::new().await;
    let stop = stage.stop.clone();
    let output = std::sync::Arc::clone(&stage.output);
    tokio::spawn(async move {
        while output.lock().unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        stop.stop(StopReason::Timeout(Duration::from_secs(1)));
    });
    stage.up(&format!("console.log('begun');\n{statements}")).await.unwrap_err()
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_loops_can_be_interrupted() {
    for statements in [
        "while (true) {}",
        "for (;;) { try { while (true) {} } catch {} }",
        "for (;;) await null;",
        "for (;;) { try { await db.collection('a').findOne({}); } catch {} }",
        "setInterval(() => {}, 1000); await new Promise(() => {});",
        "await new Promise(resolve => setTimeout(resolve, 3600000));",
        "/(a+)+$/.test('a'.repeat(60) + 'b');",
        "(await import('node:crypto')).pbkdf2Sync('a', 'b', 2 ** 31 - 1, 64, 'sha512');",
        "process.nextTick(function again() { process.nextTick(again); }); await new Promise(() => {});",
    ] {
        let error = stopped(statements).await;
        assert!(
            matches!(&error, BodyError::Stopped { reason: StopReason::Timeout(_), .. }),
            "{statements}: {error}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_for_nothing_is_an_error() {
    let stage = Stage::new().await;
    let error = stage.up("await new Promise(() => {});").await.unwrap_err();
    assert!(error.to_string().contains("nothing can settle"), "{error}");
    let error = stage
        .up("await new Promise(r => setTimeout(() => { undefined.missing; r(); }, 10));")
        .await
        .unwrap_err();
    assert!(error.to_string().starts_with("TypeError"), "{error}");
    // Slow is not stuck.
    stage.must("await new Promise(resolve => setTimeout(resolve, 1200));").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn too_much_memory_or_recursion_fails_the_script_only() {
    let mut stage = Stage::new().await;
    stage.options.limits.memory = 64 << 20;
    let error = stage
        .up("const a = []; while (true) a.push('x'.repeat(1000) + a.length);")
        .await
        .unwrap_err();
    assert!(error.to_string().contains("out of memory"), "{error}");
    let error = stage.up("const f = () => f() + 1; f();").await.unwrap_err();
    assert!(error.to_string().to_lowercase().contains("stack"), "{error}");
    stage.must("await db.collection('a').insertOne({ still: 'fine' });").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operation_in_flight_is_awaited_and_none_follows() {
    let stage = Stage::new().await;
    let stop = stage.stop.clone();
    let output = std::sync::Arc::clone(&stage.output);
    tokio::spawn(async move {
        while output.lock().unwrap().len() < 3 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        stop.stop(StopReason::Cancelled);
    });
    let statements = "for (let i = 0; ; i++) { console.log(i); await db.collection('a').insertOne({ _id: i }); }";
    let error = stage.up(statements).await.unwrap_err();
    assert!(matches!(error, BodyError::Stopped { reason: StopReason::Cancelled, .. }));
    let printed = stage.printed().len();
    let stored = stage.documents("a").await.len();
    assert!(stored == printed || stored + 1 == printed, "{stored} of {printed}");
}
