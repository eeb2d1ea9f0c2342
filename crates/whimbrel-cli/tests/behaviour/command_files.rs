//! Command files, as the command line shows them.

use mongodb::bson::{Document, doc};
use whimbrel_testing::TestDatabase;

use crate::support::Project;

#[tokio::test]
async fn they_stand_beside_scripts() {
    let test = TestDatabase::start().await;
    let project = Project::on(&test);
    let file = |name: &str, text: &str| project.file(&format!("migrations/scripts/{name}"), text);
    project.migration("001_first.js");
    file(
        "002_users.json",
        r#"{ "description": "Users", "up": [{ "create": "users" }], "rollback": [{ "drop": "users" }] }"#,
    );
    file("003_more.up.json", r#"[{ "insert": "users", "documents": [{ "_id": 1 }] }]"#);
    file("003_more.down.json", r#"[{ "delete": "users", "deletes": [{ "q": {}, "limit": 0 }] }]"#);
    file(
        "004_flag.yaml",
        "up:\n  - update: users\n    updates: [{ q: {}, u: { $set: { flag: true } }, multi: true }]\n",
    );
    file("data.json", "[]");
    insta::assert_snapshot!(project.run(&["up", "--dry-run"]).snapshot(&project.path()), @"
    exit 0
    --- stdout
    Dry run: nothing is executed or written
    Found 4 migration files

    1. Would execute: 001_first.js
       Reason: pending

    2. Would execute: 002_users.json
       Reason: pending

    3. Would execute: 003_more.up.json
       Reason: pending

    4. Would execute: 004_flag.yaml
       Reason: pending

    Would execute: 4
    --- stderr
    ");
    project.run(&["up"]).must();
    let users = test.database().collection::<Document>("users");
    assert_eq!(users.count_documents(doc! { "flag": true }).await.unwrap(), 1);
    insta::assert_snapshot!(project.run(&["down", "003"]).snapshot(&project.path()), @"
    exit 0
    --- stdout
    Starting rollback process...
    Found 4 migration files

    Rolling back migration: 003_more.up.json
    Migration 003_more.up.json rolled back successfully (TIME)

    Rollback Summary:
    Rolled back: 1
    Failed: 0
    --- stderr
    ");
    insta::assert_snapshot!(project.run(&["down"]).snapshot(&project.path()), @r#"
    exit 4
    --- stdout
    Starting rollback process...
    Found 4 migration files

    Rollback Summary:
    Rolled back: 0
    Failed: 0
    Not started: 1
    --- stderr
    error: there is no rollback in 004_flag.yaml
    hint: add "rollback": [commands] to the file; if there is nothing to take back, let it be []
    "#);
    insta::assert_snapshot!(project.run(&["status"]).snapshot(&project.path()), @"
    exit 0
    --- stdout
    Migration Status:
    Total migrations: 4
    Applied: 3
    Pending: 1
    Failed: 0

    Migration Details:
    [applied] 001_first.js
       Applied: …
       Duration: …

    [applied] 002_users.json
       Applied: …
       Duration: …

    [pending] 003_more.up.json
       Rolled back: …

    [applied] 004_flag.yaml
       Applied: …
       Duration: …
    --- stderr
    ");
}

#[tokio::test]
async fn what_is_wrong_is_told_with_what_they_look_like() {
    let test = TestDatabase::start().await;
    let project = Project::on(&test);
    let file = |name: &str, text: &str| project.file(&format!("migrations/scripts/{name}"), text);
    file("001_users.json", "{\n  \"up\": [{ \"create\": \"users\" }],\n  \"rolback\": []\n}");
    insta::assert_snapshot!(project.run(&["up"]).snapshot(&project.path()), @r#"
    exit 1
    --- stdout
    Starting migration process...
    Found 1 migration file
    Migration 001_users.json cannot be loaded, so nothing was run: the key `rolback` is unknown; `rollback` was probably meant

    Migration Summary:
    Successful: 0
    Skipped: 0
    Failed: 1
    --- stderr
    error: migration 001_users.json failed
    hint: a command file is { "up": [commands], "rollback": [commands] } in Extended JSON; a half of a pair is an array of commands
    "#);
    file(
        "001_users.json",
        r#"{ "up": [{ "create": "users" }, { "createIndexes": "users", "indexes": [{}] }] }"#,
    );
    let failed = project.run(&["up"]);
    assert_eq!(failed.code, 1);
    let told = "command 2 of up (createIndexes users): Error in specification {}";
    assert!(failed.stdout.contains(told), "{}", failed.stdout);
}

#[tokio::test]
async fn an_older_release_is_told_what_it_does_not_have() {
    let test = TestDatabase::start().await;
    let project = Project::on(&test);
    project.migration("001_first.js");
    project.migration("002_second.js");
    project.run(&["up"]).must();
    project.remove("migrations/scripts/002_second.js");
    insta::assert_snapshot!(project.run(&["up"]).snapshot(&project.path()), @"
    exit 0
    --- stdout
    Starting migration process...
    Found 1 migration file

    Executing migration: 001_first.js
    Migration 001_first.js already applied, skipping

    Migration Summary:
    Successful: 0
    Skipped: 1
    Failed: 0
    --- stderr
    warning: the database is newer than this deployment, which does not have 002_second.js
    ");
    let refused = project.run(&["up", "--newer-database", "refuse"]);
    insta::assert_snapshot!(refused.snapshot(&project.path()), @r#"
    exit 4
    --- stdout
    Starting migration process...
    Found 1 migration file

    Migration Summary:
    Successful: 0
    Skipped: 0
    Failed: 0
    --- stderr
    error: nothing was run, because the database is newer than this deployment, which does not have 002_second.js
    hint: deploy the release that has them; where an older one may run beside it, newer_database = "allow" says so
    "#);
    let allowed = project.run(&["up", "--newer-database", "allow"]).must();
    assert_eq!(allowed.stderr, "");
}
