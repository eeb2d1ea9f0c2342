//! `status`: the words, the JSON, the exit codes, and that it only reads.

use mongodb::bson::{Document, doc};
use whimbrel_testing::TestDatabase;

use crate::support::{Project, finish, read_until, signal, until};

#[tokio::test]
async fn it_reads_and_never_writes() {
    let test = TestDatabase::start().await;
    let project = Project::on(&test);
    project.migration("001_a.js");
    insta::assert_snapshot!(project.run(&["status"]).snapshot(&project.path()), @r"
    exit 0
    --- stdout
    Migration Status:
    Total migrations: 1
    Applied: 0
    Pending: 1
    Failed: 0

    Migration Details:
    [pending] 001_a.js
    --- stderr
    ");
    assert_eq!(test.database().list_collection_names().await.unwrap(), Vec::<String>::new());
    assert_eq!(project.run(&["status", "--exit-code"]).code, 6);
}

#[tokio::test]
async fn states_and_exit_codes() {
    let test = TestDatabase::start().await;
    let project = Project::on(&test);
    for name in ["001_a.js", "002_b.js", "003_c.js"] {
        project.migration(name);
    }
    project.up_body("004_d.js", "throw new TypeError('no good');");
    assert_eq!(project.run(&["up"]).code, 1);
    assert_eq!(project.run(&["status", "--exit-code"]).code, 1);
    project.remove("migrations/scripts/001_a.js");
    project.up_body("002_b.js", "// changed");
    project.run(&["down"]).must();
    project.migration("005_e.js");
    insta::assert_snapshot!(project.run(&["status"]).snapshot(&project.path()), @r"
    exit 0
    --- stdout
    Migration Status:
    Total migrations: 5
    Applied: 2
    Pending: 2
    Failed: 1

    Migration Details:
    [modified] 002_b.js
       Applied: …
       Duration: …
       002_b.js was changed after it was applied

    [pending] 003_c.js
       Rolled back: …

    [failed] 004_d.js
       Error: TypeError: no good

    [pending] 005_e.js

    [missing] 001_a.js
       Applied: …
       Duration: …
       001_a.js is applied, but its file is not there
    --- stderr
    ");
    assert_eq!(project.run(&["status", "--exit-code"]).code, 4);
    let ran = project.run(&["status", "--json"]).must();
    let status: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(
        (&status["total"], &status["applied"], &status["lock"]),
        (&5.into(), &2.into(), &serde_json::Value::Null)
    );
    let first = &status["migrations"][0];
    assert_eq!(
        (&first["name"], &first["state"], &first["status"]),
        (&"002_b.js".into(), &"modified".into(), &"completed".into())
    );
    for key in
        ["version", "description", "appliedAt", "executionTime", "checksum", "error", "rollback"]
    {
        assert!(first.get(key).is_some(), "{key}");
    }
    assert!(first["appliedAt"].as_str().unwrap().ends_with('Z'));
}

#[tokio::test]
async fn many_applied_become_one_line() {
    let test = TestDatabase::start().await;
    let project = Project::on(&test);
    for number in 1..=12 {
        project.up_body(&format!("{number:03}_x.js"), "");
    }
    project.run(&["up"]).must();
    let ran = project.run(&["up"]).must();
    assert!(ran.stdout.contains("\n12 migrations already applied, skipping\n"), "{}", ran.stdout);
    let ran = project.run(&["up", "--verbose"]).must();
    assert!(ran.stdout.contains("Migration 012_x.js already applied"), "{}", ran.stdout);
}

#[tokio::test]
async fn watch_shows_what_another_process_runs() {
    let test = TestDatabase::start().await;
    let project = Project::on(&test);
    project.up_body(
        "001_slow.js",
        "await db.collection('applied').insertOne({ begun: 1 });\n\
         while (!(await db.collection('go').findOne({}))) await new Promise(r => setTimeout(r, 20));",
    );
    let running = project.start(&["up"]);
    let begun = test.database().collection::<Document>("applied");
    until(async || begun.count_documents(doc! {}).await.unwrap() == 1).await;
    let shown = project.run(&["status"]).must();
    assert!(shown.stdout.contains("[running] 001_slow.js"), "{}", shown.stdout);
    assert!(shown.stdout.contains("Lock: held by host "), "{}", shown.stdout);
    let mut watching = project.start(&["status", "--watch"]);
    let mut watched = watching.stdout.take().unwrap();
    read_until(&mut watched, "[running] 001_slow.js");
    test.database().collection::<Document>("go").insert_one(doc! {}).await.unwrap();
    assert_eq!(finish(running).code, 0);
    read_until(&mut watched, "[applied] 001_slow.js");
    signal(&watching, "INT");
    assert_eq!(finish(watching).code, 130);
}
