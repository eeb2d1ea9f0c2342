//! `repair`, `baseline`, `redo` and `verify`: what they change, print and refuse.

use mongodb::bson::{Bson, Document, doc};
use whimbrel_testing::TestDatabase;

use crate::support::{Project, finish, signal, until};

async fn row(test: &TestDatabase, name: &str) -> Document {
    let rows = test.database().collection::<Document>("migrations");
    rows.find_one(doc! { "name": name }).await.unwrap().unwrap()
}

async fn applied(test: &TestDatabase) -> u64 {
    test.database().collection::<Document>("applied").count_documents(doc! {}).await.unwrap()
}

/// A migration whose `up` was killed half way, and one whose rollback was.
async fn interrupt(test: &TestDatabase, project: &Project, arguments: &[&str]) {
    let begun = test.database().collection::<Document>("begun");
    let running = project.start(arguments);
    until(async || begun.count_documents(doc! {}).await.unwrap() > 0).await;
    // The aggregate is written with a renewal.
    let log = test.database().collection::<Document>("migrations_log");
    let known = doc! { "event": "migration_operations", "detail.operations.kind": "find" };
    until(async || log.count_documents(known.clone()).await.unwrap() > 0).await;
    signal(&running, "KILL");
    finish(running);
    begun.drop().await.unwrap();
    // Its lease must be over, or it still counts as running.
    until(async || project.run(&["status"]).must().stdout.contains("interrupted]")).await;
}

const WAITS: &str = "await db.collection('users').updateMany({ email: 'secret@example.com' }, { $set: { a: 1 } });
    await db.collection('users').createIndex({ email: 1 });
    await db.collection('begun').insertOne({});
    while (!(await db.collection('go').findOne({}))) await new Promise(done => setTimeout(done, 20));";

#[tokio::test]
async fn what_a_dead_run_had_done_is_told_and_settled_by_hand() {
    let test = TestDatabase::start().await;
    let project = Project::on(&test);
    project.up_body("001_long.js", WAITS);
    interrupt(&test, &project, &["up", "--lock-ttl", "1s"]).await;

    let stopped = project.run(&["up", "--lock-ttl", "1s", "--on-interrupted", "stop"]);
    assert_eq!(stopped.code, 4, "{}", stopped.stderr);
    for told in [
        "001_long.js: what it sent is known up to ",
        "later operations are unknown",
        "001_long.js: update shop.users { email: ? }: 1 command",
        "001_long.js: createIndexes shop.users: 1 command",
        "hint: `whimbrel history 001_long.js --ops` shows what it did",
        "`whimbrel repair 001_long.js`",
    ] {
        assert!(stopped.stderr.contains(told), "{told:?} is not in {}", stopped.stderr);
    }
    assert!(!stopped.stderr.contains("secret@"), "{}", stopped.stderr);
    let shown = project.run(&["history", "1", "--ops"]).must().stdout;
    assert!(shown.contains("operation started  001_long.js"), "{shown}");
    assert!(shown.contains("createIndexes shop.users email_1"), "{shown}");
    assert!(shown.contains("interruption found"), "{shown}");

    let args = ["repair", "--mark-applied", "1", "--reason", "checked by hand", "--lock-ttl", "1s"];
    let repaired = project.run(&args).must();
    assert_eq!(repaired.stdout, "001_long.js counts as applied (was interrupted)\n");
    let settled = row(&test, "001_long.js").await;
    assert_eq!(settled.get_str("status").unwrap(), "completed");
    assert_eq!(settled.get_i64("sequence").unwrap(), 1);
    assert!(settled.get_binary_generic("source").is_ok(), "its text is kept for a rollback");
    project.run(&["verify"]).must();
    let trail = project.run(&["history", "--json"]).must().stdout;
    let entry = trail.lines().find(|line| line.contains(r#""event":"repair""#)).unwrap();
    for part in
        [r#""reason":"checked by hand""#, r#""action":"mark-applied""#, r#""before":"interrupted""#]
    {
        assert!(entry.contains(part), "{entry}");
    }
}

#[tokio::test]
async fn an_interrupted_rollback_is_settled_either_way() {
    let test = TestDatabase::start().await;
    let project = Project::on(&test);
    project.file(
        "migrations/scripts/001_a.js",
        &format!(
            "export default async function up() {{}}\nexport async function rollback(db) {{ {WAITS} }}\n"
        ),
    );
    for (remedy, status) in [("--mark-pending", "pending"), ("--mark-applied", "completed")] {
        project.run(&["up"]).must();
        interrupt(&test, &project, &["down", "--lock-ttl", "1s"]).await;
        let refused = project.run(&["up", "--lock-ttl", "1s"]);
        assert_eq!(refused.code, 4, "{}", refused.stderr);
        assert!(refused.stderr.contains("`whimbrel repair 001_a.js`"), "{}", refused.stderr);
        project.run(&["repair", remedy, "001_a.js", "--lock-ttl", "1s"]).must();
        assert_eq!(row(&test, "001_a.js").await.get_str("status").unwrap(), status);
    }
    project.run(&["up"]).must();
}

#[tokio::test]
async fn changed_and_renamed_files_are_accepted() {
    let test = TestDatabase::start().await;
    let project = Project::on(&test);
    for name in ["001_a.js", "002_b.js"] {
        project.migration(name);
    }
    project.run(&["up"]).must();
    project.up_body("001_a.js", "/* a comment */");
    project.remove("migrations/scripts/002_b.js");
    project.migration("002_better_name.js");
    let refused = project.run(&["up"]);
    assert_eq!(refused.code, 4);
    for hint in [
        "`whimbrel repair --accept-checksum 001_a.js`",
        "`whimbrel repair --rename 002_b.js 002_better_name.js`",
    ] {
        assert!(refused.stderr.contains(hint), "{}", refused.stderr);
    }
    let ran = project.run(&[
        "repair",
        "--accept-checksum",
        "1",
        "--rename",
        "002_b.js",
        "002_better_name.js",
    ]);
    insta::assert_snapshot!(ran.snapshot(&project.path()), @r"
    exit 0
    --- stdout
    001_a.js has a new checksum (was modified)
    002_b.js is called 002_better_name.js now (was missing)
    --- stderr
    warning: 002_b.js: its text was changed as well; `whimbrel repair --accept-checksum 002_better_name.js` takes that
    ");
    // A text that changed with the name is another matter.
    assert_eq!(project.run(&["up"]).code, 4);
    let trail = project.run(&["history", "002_better_name.js"]).must().stdout;
    assert!(trail.contains("migration completed  002_b.js"), "{trail}");
    project.run(&["repair", "--accept-checksum", "002_better_name.js"]).must();
    project.run(&["up"]).must();
    project.run(&["verify"]).must();
    assert_eq!(applied(&test).await, 2, "nothing ran again");
    assert_eq!(row(&test, "002_better_name.js").await.get_i64("sequence").unwrap(), 2);
    // The rollback is that of the renamed file.
    project.run(&["down"]).must();
}

#[tokio::test]
async fn decisions_that_do_not_fit_change_nothing() {
    let test = TestDatabase::start().await;
    let project = Project::on(&test);
    for name in ["001_a.js", "002_b.js", "003_c.js"] {
        project.migration(name);
    }
    project.run(&["up", "--to", "2"]).must();
    let rows = test.database().collection::<Document>("migrations");
    let log = test.database().collection::<Document>("migrations_log");
    let (before, entries) =
        (row(&test, "001_a.js").await, log.count_documents(doc! {}).await.unwrap());
    for (arguments, wanted) in [
        (&["--mark-applied", "nothing"][..], "there is no migration called nothing"),
        (&["--mark-applied", "1"], "mark-applied does not fit 001_a.js: it is applied already"),
        (&["--mark-pending", "3"], "mark-pending does not fit 003_c.js: it is pending already"),
        (
            &["--accept-checksum", "1"],
            "accept-checksum does not fit 001_a.js: its file is unchanged",
        ),
        (&["--accept-checksum", "3"], "accept-checksum does not fit 003_c.js: it is not applied"),
        (&["--rename", "1", "3"], "rename does not fit 001_a.js: its file is still there"),
        // The first would fit; nothing of it is done either.
        (
            &["--mark-pending", "1", "--mark-applied", "001_a.js"],
            "two decisions are about 001_a.js",
        ),
        (&["--mark-pending", "1", "--mark-applied", "2"], "002_b.js: it is applied already"),
    ] {
        let ran = project.run(&[&["repair"], arguments].concat());
        assert_eq!(ran.code, 2, "{arguments:?} {}", ran.stderr);
        assert!(ran.stderr.contains(wanted), "{arguments:?}: {}", ran.stderr);
        assert!(ran.stderr.contains("hint: "), "{}", ran.stderr);
    }
    assert_eq!(row(&test, "001_a.js").await, before);
    assert_eq!(rows.count_documents(doc! {}).await.unwrap(), 2);
    assert_eq!(log.count_documents(doc! {}).await.unwrap(), entries);
    let nobody = project.run(&["repair"]);
    assert_eq!(nobody.code, 2);
    assert!(
        nobody.stderr.contains("hint: say what to do: --mark-applied NAME"),
        "{}",
        nobody.stderr
    );
    let both = project.run(&["repair", "1", "--mark-pending", "2"]);
    assert_eq!(both.code, 2, "{}", both.stderr);
}

#[tokio::test]
async fn a_baseline_marks_without_running() {
    let test = TestDatabase::start().await;
    let project = Project::on(&test);
    for name in ["001_a.js", "002_b.js", "003_c.js"] {
        project.migration(name);
    }
    // What cannot be loaded here was applied somewhere else.
    project
        .file("migrations/scripts/001_a.js", "import 'mongoose';\nexport async function up() {}");
    let ran = project.run(&["baseline", "--to", "2", "--reason", "from the old tool"]).must();
    assert!(
        ran.stdout.ends_with("Marked as applied without running: 2 migrations\n"),
        "{}",
        ran.stdout
    );
    assert!(ran.stderr.contains("warning: 001_a.js: its file cannot be loaded"), "{}", ran.stderr);
    assert_eq!(applied(&test).await, 0);
    let marked = row(&test, "002_b.js").await;
    assert_eq!(
        (
            marked.get_str("status").unwrap(),
            marked.get_i32("attempts").unwrap(),
            marked.get("executionTime")
        ),
        ("completed", 0, Some(&Bson::Null))
    );
    // Again, and further: what is marked stays, the rest is added.
    project.run(&["baseline", "--to", "2"]).must();
    let up = project.run(&["up"]).must();
    assert!(up.stdout.contains("Successful: 1\nSkipped: 2"), "{}", up.stdout);
    assert_eq!(applied(&test).await, 1);
    let refused = project.run(&["baseline"]);
    assert_eq!(refused.code, 4, "{}", refused.stderr);
    assert!(
        refused.stderr.contains("error: the history holds 1 migration that ran already"),
        "{}",
        refused.stderr
    );
    assert!(refused.stderr.contains("repair --mark-applied NAME"), "{}", refused.stderr);
    // It is rolled back like any other.
    project.run(&["down", "2"]).must();
    let trail = project.run(&["history", "2"]).must().stdout;
    assert!(trail.contains("mark-applied (was pending)\n   Reason: from the old tool"), "{trail}");
}

#[tokio::test]
async fn a_redo_rolls_back_and_applies_again() {
    let test = TestDatabase::start().await;
    let project = Project::on(&test);
    for name in ["001_a.js", "002_b.js"] {
        project.migration(name);
    }
    project.run(&["up"]).must();
    insta::assert_snapshot!(project.run(&["redo"]).snapshot(&project.path()), @r"
    exit 0
    --- stdout
    Starting redo process...
    Found 2 migration files

    Rolling back migration: 002_b.js
    Migration 002_b.js rolled back successfully (TIME)

    Executing migration: 002_b.js
    Migration 002_b.js completed successfully (TIME)

    Redo Summary:
    Rolled back: 1
    Applied again: 1
    Failed: 0
    --- stderr
    ");
    project.run(&["redo", "--count", "2"]).must();
    assert_eq!(applied(&test).await, 2);
    // What cannot be applied again is not taken back.
    project.file("migrations/scripts/002_c.js", "export async function up() {}");
    let refused = project.run(&["redo"]);
    assert_eq!(refused.code, 4, "{}", refused.stderr);
    assert_eq!(row(&test, "002_b.js").await.get_str("status").unwrap(), "completed");
    project.remove("migrations/scripts/002_c.js");
    project.remove("migrations/scripts/002_b.js");
    let gone = project.run(&["redo", "--from-history"]);
    assert_eq!(gone.code, 2, "{}", gone.stdout);
    assert!(gone.stderr.contains("error: the file of 002_b.js is not there"), "{}", gone.stderr);
    for broken in [
        "export async function up( {}",
        "import './nope.js';\nexport async function up() {}",
        "export const x = 1;",
    ] {
        project.file("migrations/scripts/002_b.js", broken);
        let refused = project.run(&["redo", "--from-history"]);
        assert_eq!(refused.code, 1, "{broken}: {}\n{}", refused.stdout, refused.stderr);
        assert!(refused.stdout.contains("Rolled back: 0"), "{}", refused.stdout);
    }
    project.migration("002_b.js");
    project.migration("003_c.js");
    project.run(&["up"]).must();
    // It is older than 003 now, and no news.
    project.run(&["redo", "2", "--out-of-order", "refuse", "--stop-on-error"]).must();
    assert_eq!(row(&test, "002_b.js").await.get_str("status").unwrap(), "completed");
    project.run(&["down", "3"]).must();
    project.remove("migrations/scripts/003_c.js");
    // The changed text of a migration under development.
    project.migration("002_b.js");
    project.up_body("002_b.js", "await db.collection('applied').insertOne({ name: 'new' });");
    assert_eq!(project.run(&["redo"]).code, 4);
    project.run(&["redo", "--from-file"]).must();
    project.run(&["verify"]).must();
}

#[tokio::test]
async fn verify_reports_everything_and_writes_nothing() {
    let test = TestDatabase::start().await;
    let project = Project::on(&test);
    for name in ["001_a.js", "002_b.js", "004_d.js"] {
        project.migration(name);
    }
    project.run(&["up"]).must();
    insta::assert_snapshot!(project.run(&["verify"]).snapshot(&project.path()), @r"
    exit 0
    --- stdout
    Verification:
    Total migrations: 3
    Applied: 3
    Pending: 0

    Files and history agree
    --- stderr
    ");
    project.up_body("001_a.js", "");
    project.remove("migrations/scripts/002_b.js");
    for name in ["003_c.js", "005_e.js", "005_f.js"] {
        project.migration(name);
    }
    insta::assert_snapshot!(project.run(&["verify"]).snapshot(&project.path()), @"
    exit 4
    --- stdout
    Verification:
    Total migrations: 6
    Applied: 3
    Pending: 3

    [problem] 001_a.js was changed after it was applied
       Code: MIGRATION_MODIFIED
       Next: restore the text that ran, run the new text with `whimbrel up --force 001_a.js`, or take it for the one that ran with `whimbrel repair --accept-checksum 001_a.js`

    [problem] 002_b.js is applied, but its file is not there
       Code: MIGRATION_MISSING
       Next: normal where the deployment is older than the database; otherwise bring the file back

    [problem] these migrations have one version: 005_e.js, 005_f.js
       Code: VERSION_DUPLICATE
       Next: give each a version of its own

    3 problems
    --- stderr
    warning: 003_c.js is older than 004_d.js, which is applied already
    ");
    let json = project.run(&["verify", "--json"]);
    let object: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!((json.code, &object["ok"]), (4, &serde_json::Value::Bool(false)));
    assert_eq!(object["findings"][0]["severity"], "refusal");
    assert_eq!(
        project
            .run(&["verify", "--out-of-order", "refuse", "--json"])
            .stdout
            .matches("OUT_OF_ORDER")
            .count(),
        1
    );
}
