//! Commands that only read: `--dry-run`, `history`, `lock`; and the proof that they write nothing.

use mongodb::bson::{Document, doc};
use whimbrel_testing::TestDatabase;
use whimbrel_testing::proxy::FaultProxy;

use crate::support::Project;

#[tokio::test(flavor = "multi_thread")]
async fn commands_that_read_send_nothing_but_reads() {
    let test = TestDatabase::start().await;
    let proxy = FaultProxy::to(test.port()).await;
    let project = Project::new(Some(proxy.uri(TestDatabase::NAME)));
    let commands: [&[&str]; 10] = [
        &["status"],
        &["verify"],
        &["up", "--dry-run"],
        &["up", "--dry-run", "--force"],
        &["down", "--dry-run", "--all"],
        &["history"],
        &["history", "1", "--ops", "--json"],
        &["lock"],
        &["lock", "--json"],
        &["lock", "--release", "--yes"],
    ];
    let look = async |expected: &[&str]| {
        for arguments in commands {
            let before = proxy.seen().len();
            let ran = project.run(arguments);
            assert!([0, 4].contains(&ran.code), "{arguments:?}: {}", ran.stderr);
            let sent = proxy.seen();
            let sent: Vec<&str> = sent[before..].iter().map(|c| c.name.as_str()).collect();
            assert!(!sent.is_empty());
            // `endSessions` gives back what a read borrowed.
            let allowed = ["find", "hello", "endSessions"];
            assert!(sent.iter().all(|name| allowed.contains(name)), "{arguments:?}: {sent:?}");
        }
        let collections = test.database().list_collection_names().await.unwrap();
        let mut collections: Vec<&str> = collections.iter().map(String::as_str).collect();
        collections.sort_unstable();
        assert_eq!(collections, expected);
    };
    project.migration("001_a.js");
    look(&[]).await;
    project.run(&["up"]).must();
    project.up_body("001_a.js", "");
    project.migration("002_b.js");
    look(&["applied", "migrations", "migrations_lock", "migrations_log"]).await;
}

#[tokio::test]
async fn a_dry_run_says_what_and_why() {
    let test = TestDatabase::start().await;
    let project = Project::on(&test);
    project.migration("001_a.js");
    project.run(&["up"]).must();
    project.up_body("002_b.js", "throw new Error('no');");
    assert_eq!(project.run(&["up"]).code, 1);
    project.file(
        "migrations/scripts/003_c.js",
        "export const transaction = true;\nexport async function up() {}",
    );
    insta::assert_snapshot!(project.run(&["up", "--dry-run"]).snapshot(&project.path()), @"
    exit 0
    --- stdout
    Dry run: nothing is executed or written
    Found 3 migration files

    1. Would execute: 002_b.js
       Reason: its last run failed

    2. Would execute: 003_c.js
       Reason: pending
       In a transaction

    Would execute: 2, 1 already applied
    --- stderr
    ");
    insta::assert_snapshot!(project.run(&["down", "--dry-run", "2", "1"]).snapshot(&project.path()), @"
    exit 0
    --- stdout
    Dry run: nothing is executed or written
    Found 3 migration files

    1. Would roll back: 002_b.js
       Reason: its last run failed

    2. Would roll back: 001_a.js
       Reason: applied

    Would roll back: 2
    --- stderr
    ");
    project.file("migrations/scripts/004_d.js", "export async function up( {}");
    let broken = project.run(&["up", "--dry-run"]);
    assert_eq!(broken.code, 1, "{}", broken.stderr);
    assert!(broken.stdout.contains("Problem: "), "{}", broken.stdout);
    let rollback = project.run(&["down", "--dry-run", "--all"]);
    assert_eq!(rollback.code, 0, "{}", rollback.stdout);
    project.up_body("001_a.js", "");
    let refused = project.run(&["up", "--dry-run"]);
    assert_eq!(refused.code, 4);
    assert!(
        refused.stderr.contains("nothing would be run: 001_a.js was changed"),
        "{}",
        refused.stderr
    );
    let json = project.run(&["up", "--dry-run", "--json", "--on-modified", "warn"]);
    let object: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(object["steps"][0]["name"], "002_b.js");
    assert_eq!(object["steps"][0]["cause"], "failed");
    assert_eq!(object["steps"][1]["transaction"], true);
    assert!(object["steps"][2]["problem"].is_string());
    // What a dry run shows is what the run does.
    let unknown = project.run(&["up", "--dry-run", "nothing"]);
    assert_eq!(unknown.code, 2, "{}", unknown.stderr);
}

#[tokio::test]
async fn the_trail_tells_who_did_what() {
    let test = TestDatabase::start().await;
    let project = Project::on(&test);
    project.up_body(
        "001_a.js",
        "await db.collection('users').insertMany([{ email: 'secret@example.com' }, {}]);
         await db.collection('users').updateOne({ email: 'secret@example.com' }, { $set: { a: 1 } });
         await db.collection('users').createIndex({ email: 1 });",
    );
    project.run(&["up"]).must();
    project.run(&["down"]).must();
    let plain = project.run(&["history"]).must().stdout;
    let events: Vec<&str> = plain
        .lines()
        .filter(|line| !line.starts_with("   "))
        .map(|line| line.split("  ").nth(1).unwrap())
        .collect();
    assert_eq!(
        events,
        [
            "lock taken",
            "run started",
            "migration started",
            "migration completed",
            "run ended",
            "lock released",
            "lock taken",
            "run started",
            "migration started",
            "migration rolled back",
            "run ended",
            "lock released",
        ]
    );
    assert!(plain.contains(" fence 1"), "{plain}");
    let operations = project.run(&["history", "001", "--ops"]).must().stdout;
    for told in [
        "   insert shop.users: 1 command, 2 inserted\n",
        "   update shop.users { email: ? }: 1 command, 1 matched, 1 modified\n",
        "   createIndexes shop.users email_1\n",
    ] {
        assert!(operations.contains(told), "{told:?} is not in {operations}");
    }
    assert!(!operations.contains("secret@"), "{operations}");
    assert!(!operations.contains("lock taken"), "only of this migration: {operations}");
    assert_eq!(
        project
            .run(&["history", "--limit", "2"])
            .must()
            .stdout
            .lines()
            .filter(|l| !l.starts_with(' '))
            .count(),
        2
    );
    let json = project.run(&["history", "1", "--ops", "--json"]).must().stdout;
    let lines: Vec<serde_json::Value> =
        json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let completed = lines.iter().find(|line| line["event"] == "migration_completed").unwrap();
    assert_eq!(completed["detail"]["operations"][0]["inserted"], 2);
    assert!(completed["at"].as_str().unwrap().ends_with('Z'));
    let none = project.run(&["history", "nothing_of_that_name"]).must();
    assert_eq!(none.stdout, "The audit trail has no such entries\n");

    // With values, where somebody wants them.
    project.run(&["up", "--log-filters", "recorded"]).must();
    let recorded = project.run(&["history", "001", "--ops"]).must().stdout;
    assert!(recorded.contains(r#"update shop.users {"email":"secret@example.com"}"#), "{recorded}");
}

#[tokio::test]
async fn old_entries_are_deleted_where_a_retention_is_set() {
    let test = TestDatabase::start().await;
    let project = Project::on(&test);
    project.migration("001_a.js");
    let log = test.database().collection::<Document>("migrations_log");
    let old = mongodb::bson::DateTime::from_millis(1_700_000_000_000);
    log.insert_many([
        doc! { "event": "run_started", "at": old, "runId": "old" },
        doc! { "event": "migration_started", "at": old, "runId": "unsettled" },
    ])
    .await
    .unwrap();
    project.run(&["up"]).must();
    assert_eq!(log.count_documents(doc! { "at": old }).await.unwrap(), 2, "kept by default");
    let rows = test.database().collection::<Document>("migrations");
    let failed = doc! { "$set": { "status": "failed", "runId": "unsettled" } };
    rows.update_one(doc! {}, failed).await.unwrap();
    project.up_body("002_b.js", "");
    project.run(&["up", "002", "--log-retention", "30d"]).must();
    let left = log.find_one(doc! { "at": old }).await.unwrap().unwrap();
    assert_eq!(
        left.get_str("runId").unwrap(),
        "unsettled",
        "what is not settled keeps its entries"
    );
    assert_eq!(log.count_documents(doc! { "at": old }).await.unwrap(), 1);
    assert!(log.count_documents(doc! {}).await.unwrap() > 6);
    let bad = project.run(&["up", "--log-retention", "soon"]);
    assert_eq!(bad.code, 2);
    assert!(bad.stderr.contains("30s, 2m, 1h or 90d"), "{}", bad.stderr);
}

#[tokio::test]
async fn contradictory_flags_are_usage_errors() {
    let project = Project::new(None);
    for arguments in [
        &["up", "--count", "1", "--to", "2"][..],
        &["down", "--all", "--count", "2"],
        &["redo", "--from-file", "--from-history"],
        &["lock", "--force"],
        &["lock", "--reason", "x"],
        &["repair", "--rename", "one"],
        &["baseline", "--to"],
        &["history", "--limit", "0"],
        &["status", "--connect-timeout", "0s"],
    ] {
        let ran = project.run(arguments);
        assert_eq!(ran.code, 2, "{arguments:?}: {}{}", ran.stdout, ran.stderr);
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_given_up_as_the_setting_says() {
    let project = Project::new(Some("mongodb://127.0.0.1:1/shop".to_owned()));
    project.file(
        "whimbrel.toml",
        "connect_timeout = \"200ms\"\nserver_selection_timeout = \"300ms\"\n",
    );
    let started = std::time::Instant::now();
    let ran = project.run(&["status"]);
    assert_eq!(ran.code, 5, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("cannot reach the database while reading the lock"),
        "{}",
        ran.stderr
    );
    // Without the setting it takes fifteen seconds.
    assert!(started.elapsed() < std::time::Duration::from_secs(10), "{:?}", started.elapsed());
}
