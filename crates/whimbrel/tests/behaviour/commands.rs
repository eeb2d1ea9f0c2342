//! Command files.

use mongodb::bson::{Document, doc};
use whimbrel::mongodb;
use whimbrel::{RollbackFrom, RollbackOptions, RunOptions, State};

use crate::support::{World, apply, documents, done, states};

const INSERT: &str = r#"{
  "description": "Two users",
  "up": [
    { "create": "users" },
    { "insert": "users", "documents": [{ "_id": "a", "at": { "$date": "2020-01-02T03:04:05Z" } }, { "_id": "b" }] }
  ],
  "rollback": [{ "drop": "users" }]
}"#;

#[tokio::test]
async fn commands_are_run_and_taken_back() {
    let world = World::start().await;
    world.file("001_users.json", INSERT);
    world.file(
        "002_active.yaml",
        "up:\n  - update: users\n    updates: [{ q: {}, u: { $set: { active: true } }, multi: true }]\ndown:\n  - \
         update: users\n    updates: [{ q: {}, u: { $unset: { active: '' } }, multi: true }]\n",
    );
    let migrator = world.migrator();
    assert_eq!(done(&apply(&migrator).await), ["001_users.json", "002_active.yaml"]);
    let users = documents(&world.database(), "users").await;
    assert!(users[0].get_datetime("at").is_ok() && users[1].get_bool("active").unwrap());
    let row = world.row("001_users.json").await;
    assert_eq!(row.get_str("description").unwrap(), "Two users");
    // The audit trail has counted what was sent.
    let log = documents(&world.database(), "migrations_log").await;
    let is_end =
        |e: &&Document| e.get_str("event").is_ok_and(|event| event == "migration_completed");
    let completed = log.iter().find(is_end).unwrap();
    assert!(completed.to_string().contains("\"inserted\": 2"), "{completed}");

    let all = RollbackOptions { target: whimbrel::DownTarget::All, ..RollbackOptions::default() };
    migrator.rollback(all).await.unwrap();
    assert!(documents(&world.database(), "users").await.is_empty());
}

#[tokio::test]
async fn a_pair_is_one_migration() {
    let world = World::start().await;
    world.file("1_users.up.json", r#"[{ "create": "users" }]"#);
    world.file("1_users.down.json", r#"[{ "drop": "users" }]"#);
    world.file("2_more.up.json", r#"[{ "create": "more" }]"#);
    world.file("0_first.up.yaml", "- create: first").file("0_first.down.yaml", "- drop: first");
    let migrator = world.migrator();
    assert_eq!(
        done(&apply(&migrator).await),
        ["0_first.up.yaml", "1_users.up.json", "2_more.up.json"]
    );
    let refused = migrator.rollback(RollbackOptions::default()).await.unwrap_err();
    assert_eq!(refused.source.code(), "ROLLBACK_MISSING");

    // The second half counts for the checksum.
    world.file("1_users.down.json", r#"[{ "drop": "users" }, { "drop": "other" }]"#);
    let modified = migrator.run_migrations(RunOptions::default()).await.unwrap_err();
    assert_eq!(modified.source.code(), "MIGRATION_MODIFIED");
    assert!(modified.to_string().contains("1_users.down.json"), "{modified}");

    // Both halves are kept in the history.
    for half in ["1_users.up.json", "1_users.down.json"] {
        std::fs::remove_file(world.scripts().join(half)).unwrap();
    }
    let down = RollbackOptions {
        target: whimbrel::DownTarget::Names(vec!["1_users".to_owned()]),
        from: RollbackFrom::History,
        ..RollbackOptions::default()
    };
    assert_eq!(done(&migrator.rollback(down).await.unwrap()), ["1_users.up.json"]);
    let left = world.database().list_collection_names().await.unwrap();
    assert!(!left.contains(&"users".to_owned()), "{left:?}");
}

#[tokio::test]
async fn data_beside_migrations_is_left_alone() {
    let world = World::start().await;
    world.script("001_a.js").file("001_a.json", r#"[{ "name": "Ada" }]"#);
    world.file("002_data.yaml", "name: Ada\n").file("003_x.down.json", "[]");
    let migrator = world.migrator();
    assert_eq!(done(&apply(&migrator).await), ["001_a.js"]);
    let status = migrator.migration_status().await.unwrap();
    let skipped: Vec<(String, bool)> = status
        .skipped
        .iter()
        .map(|entry| (entry.name.clone(), entry.why.is_suspicious()))
        .collect();
    // What has a version of its own, and half a pair, are most likely mistakes.
    let expected = [("001_a.json", false), ("002_data.yaml", true), ("003_x.down.json", true)];
    assert_eq!(skipped, expected.map(|(name, suspicious)| (name.to_owned(), suspicious)));
}

#[tokio::test]
async fn what_cannot_be_read_stops_the_run_before_anything_is_sent() {
    let world = World::start().await;
    world.file("001_ok.json", r#"{ "up": [{ "create": "made" }] }"#);
    let migrator = world.migrator();
    for (name, text, expected) in [
        ("002_x.json", "{ \"up\": [", "002_x.json failed: EOF while parsing"),
        ("002_x.json", r#"{ "up": [5] }"#, "command 1 of `up` must be an object"),
        ("002_x.json", r#"{ "rolback": [], "up": [] }"#, "`rollback` was probably meant"),
        ("002_x.yaml", "up: [", "002_x.yaml failed: line 1"),
        ("002_x.up.json", r#"{ "up": [] }"#, "the file must be an array"),
    ] {
        world.file(name, text);
        let failure = migrator.run_migrations(RunOptions::default()).await.unwrap_err();
        assert_eq!(failure.source.code(), "MIGRATION_NOT_LOADED", "{failure}");
        assert!(failure.to_string().contains(expected), "{failure}");
        assert!(world.rows().await.is_empty());
        std::fs::remove_file(world.scripts().join(name)).unwrap();
    }
    // A second half that is broken is named itself.
    world.file("002_x.up.json", "[]").file("002_x.down.json", "{");
    let failure = migrator.run_migrations(RunOptions::default()).await.unwrap_err();
    assert!(failure.to_string().contains("002_x.down.json: EOF"), "{failure}");
    assert!(world.database().list_collection_names().await.unwrap().is_empty());
}

#[tokio::test]
async fn an_error_inside_a_reply_is_an_error() {
    let world = World::start().await;
    world.file(
        "001_twice.json",
        r#"{ "up": [{ "create": "users" },
                    { "insert": "users", "documents": [{ "_id": 1 }, { "_id": 1 }] }, { "create": "never" }] }"#,
    );
    let migrator = world.migrator();
    let failure = migrator.run_migrations(RunOptions::default()).await.unwrap_err();
    let text = failure.to_string();
    assert!(text.contains("command 2 of up (insert users)") && text.contains("11000"), "{text}");
    let row = world.row("001_twice.json").await;
    let detail = row.get_document("errorDetail").unwrap();
    assert_eq!(detail.get_i32("code").unwrap(), 11000);
    let names = world.database().list_collection_names().await.unwrap();
    assert!(!names.contains(&"never".to_owned()), "{names:?}");
}

#[tokio::test]
async fn in_a_transaction_nothing_of_a_failure_is_left() {
    let world = World::start().await;
    world.database().create_collection("users").await.unwrap();
    world.file(
        "001_x.json",
        r#"{ "transaction": true, "up": [{ "insert": "users", "documents": [{ "_id": 1 }] },
                                         { "insert": "users", "documents": [{ "_id": 1 }] }] }"#,
    );
    let migrator = world.migrator();
    migrator.run_migrations(RunOptions::default()).await.unwrap_err();
    assert!(documents(&world.database(), "users").await.is_empty());
    world.file(
        "001_x.json",
        r#"{ "transaction": true, "up": [{ "insert": "users", "documents": [{ "_id": 1 }] }] }"#,
    );
    apply(&migrator).await;
    assert_eq!(documents(&world.database(), "users").await, [doc! { "_id": 1 }]);
    assert_eq!(states(&migrator).await, [("001_x.json".to_owned(), State::Applied)]);
    let rows = world.database().collection::<Document>("migrations");
    assert_eq!(rows.count_documents(doc! { "transaction": true }).await.unwrap(), 1);
}

#[tokio::test]
async fn a_rename_goes_where_the_server_takes_it() {
    let world = World::start().await;
    world.database().create_collection("old").await.unwrap();
    world.file(
        "001_rename.json",
        r#"{ "up": [{ "renameCollection": "shop.old", "to": "shop.new" }] }"#,
    );
    apply(&world.migrator()).await;
    let names = world.database().list_collection_names().await.unwrap();
    assert!(names.contains(&"new".to_owned()) && !names.contains(&"old".to_owned()), "{names:?}");
}
