//! Many processes at once, and processes that are interrupted or killed.

use mongodb::bson::{Document, doc};
use whimbrel_testing::TestDatabase;

use crate::support::{Project, finish, read_until, signal, until};

#[tokio::test]
async fn twenty_at_once_run_each_migration_exactly_once() {
    let test = TestDatabase::start().await;
    let project = Project::on(&test);
    for number in 0..10 {
        project.up_body(
            &format!("{number:03}_m.js"),
            &format!("await db.collection('applied').insertOne({{ number: {number} }});"),
        );
    }
    for round in 0..5 {
        let running: Vec<_> =
            (0..20).map(|_| project.start(&["up", "--lock-wait", "120s"])).collect();
        for process in running {
            finish(process).must();
        }
        let applied = test.database().collection::<Document>("applied");
        for number in 0..10 {
            let times = applied.count_documents(doc! { "number": number }).await.unwrap();
            assert_eq!(times, 1, "round {round}, migration {number}");
        }
        applied.drop().await.unwrap();
        project.run(&["reset", "--yes"]).must();
    }
}

/// Runs until `go` holds a document; says so in `applied` first.
const WAITS: &str = "await db.collection('applied').insertOne({ begun: 1 });\n\
    while (!(await db.collection('go').findOne({}))) await new Promise(r => setTimeout(r, 20));";

async fn begun(test: &TestDatabase) {
    let begun = test.database().collection::<Document>("applied");
    until(async || begun.count_documents(doc! {}).await.unwrap() > 0).await;
}

#[tokio::test]
async fn the_second_waits_and_finds_nothing_to_do() {
    let test = TestDatabase::start().await;
    let project = Project::on(&test);
    project.up_body("1_slow.js", WAITS);
    let first = project.start(&["up"]);
    begun(&test).await;
    let mut second = project.start(&["up"]);
    let told = read_until(second.stderr.take().unwrap(), "waiting for the lock");
    assert!(told.contains("held by host "), "{told}");
    test.database().collection::<Document>("go").insert_one(doc! {}).await.unwrap();
    let (first, second) = (finish(first), finish(second));
    assert_eq!((first.code, second.code), (0, 0), "{}{}", first.stderr, second.stderr);
    assert!(second.stdout.contains("Successful: 0\nSkipped: 1"), "{}", second.stdout);
}

#[tokio::test]
async fn a_lock_held_too_long_is_exit_3_with_who_and_since_when() {
    let test = TestDatabase::start().await;
    let project = Project::on(&test);
    project.up_body("1_slow.js", WAITS);
    let first = project.start(&["up"]);
    begun(&test).await;
    let ran = project.run(&["up", "--lock-wait", "200ms"]);
    assert_eq!(ran.code, 3);
    assert!(ran.stderr.contains("error: the lock is held by host "), "{}", ran.stderr);
    assert!(ran.stderr.contains(" since 2"), "{}", ran.stderr);
    assert!(ran.stderr.contains("--lock-wait"), "{}", ran.stderr);
    test.database().collection::<Document>("go").insert_one(doc! {}).await.unwrap();
    finish(first).must();
}

#[tokio::test]
async fn an_interruption_records_releases_and_exits_130() {
    let test = TestDatabase::start().await;
    let project = Project::on(&test);
    project.up_body("1_slow.js", WAITS);
    project.migration("2_after.js");
    for name in ["INT", "TERM"] {
        let running = project.start(&["up"]);
        begun(&test).await;
        signal(&running, name);
        let ran = finish(running);
        assert_eq!(ran.code, 130, "{}", ran.stderr);
        assert!(ran.stdout.contains("Not started: 1"), "{}", ran.stdout);
        let rows = test.database().collection::<Document>("migrations");
        let row = rows.find_one(doc! { "name": "1_slow.js" }).await.unwrap().unwrap();
        assert_eq!(row.get_str("status").unwrap(), "failed");
        assert_eq!(
            row.get_document("errorDetail").unwrap().get_str("code").unwrap(),
            "INTERRUPTED"
        );
        let lock = test.database().collection::<Document>("migrations_lock");
        let lock = lock.find_one(doc! { "_id": "whimbrel" }).await.unwrap().unwrap();
        assert!(lock.get_str("owner").is_err(), "released");
        test.database().collection::<Document>("applied").drop().await.unwrap();
    }
    test.database().collection::<Document>("go").insert_one(doc! {}).await.unwrap();
    project.run(&["up"]).must();
}

#[tokio::test]
async fn a_killed_run_is_taken_over_even_by_the_impatient() {
    let test = TestDatabase::start().await;
    let project = Project::on(&test);
    project.up_body("1_slow.js", WAITS);
    let killed = project.start(&["up", "--lock-ttl", "1s"]);
    begun(&test).await;
    signal(&killed, "KILL");
    assert_ne!(finish(killed).code, 0);
    let shown = project.run(&["status"]).must();
    assert!(shown.stdout.contains("1_slow.js"), "{}", shown.stdout);
    // Once the dead one's lease has expired, it no longer counts as running.
    until(async || project.run(&["status"]).must().stdout.contains("[interrupted] 1_slow.js"))
        .await;
    test.database().collection::<Document>("go").insert_one(doc! {}).await.unwrap();
    let ran = project.run(&["up", "--lock-ttl", "1s", "--lock-wait", "0s"]).must();
    assert!(ran.stderr.contains("took over the lock of host "), "{}", ran.stderr);
    assert!(ran.stderr.contains("1_slow.js was interrupted"), "{}", ran.stderr);
    assert!(ran.stdout.contains("Successful: 1"), "{}", ran.stdout);
}

#[tokio::test]
async fn a_time_limit_ends_an_endless_loop() {
    let test = TestDatabase::start().await;
    let project = Project::on(&test);
    project.up_body("1_loop.js", "while (true) {}");
    let ran = project.run(&["up", "--timeout", "300ms"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stdout.contains("exceeded its time limit"), "{}", ran.stdout);
    assert!(ran.stderr.contains("--timeout"), "{}", ran.stderr);
    // At the top level, before anything runs.
    project.file("migrations/scripts/1_loop.js", "while (true) {}\nexport function up() {}");
    let ran = project.run(&["up", "--timeout", "300ms"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
}
