//! up, down, force, reset: what is printed and what is written.

use mongodb::bson::{Bson, Document, doc};
use whimbrel_testing::TestDatabase;

use crate::support::Project;

async fn row(test: &TestDatabase, name: &str) -> Document {
    let rows = test.database().collection::<Document>("migrations");
    rows.find_one(doc! { "name": name }).await.unwrap().unwrap()
}

async fn applied(test: &TestDatabase) -> u64 {
    test.database().collection::<Document>("applied").count_documents(doc! {}).await.unwrap()
}

#[tokio::test]
async fn the_way_of_a_migration() {
    let test = TestDatabase::start().await;
    let project = Project::on(&test);
    project.migration("001_first.js");
    project.migration("002_second.js");
    insta::assert_snapshot!(project.run(&["up"]).snapshot(&project.path()), @r"
    exit 0
    --- stdout
    Starting migration process...
    Found 2 migration files

    Executing migration: 001_first.js
    Migration 001_first.js completed successfully (TIME)

    Executing migration: 002_second.js
    Migration 002_second.js completed successfully (TIME)

    Migration Summary:
    Successful: 2
    Skipped: 0
    Failed: 0
    --- stderr
    ");
    project.migration("003_third.js");
    insta::assert_snapshot!(project.run(&["up"]).snapshot(&project.path()), @r"
    exit 0
    --- stdout
    Starting migration process...
    Found 3 migration files

    Executing migration: 001_first.js
    Migration 001_first.js already applied, skipping

    Executing migration: 002_second.js
    Migration 002_second.js already applied, skipping

    Executing migration: 003_third.js
    Migration 003_third.js completed successfully (TIME)

    Migration Summary:
    Successful: 1
    Skipped: 2
    Failed: 0
    --- stderr
    ");
    insta::assert_snapshot!(project.run(&["down", "--count", "2"]).snapshot(&project.path()), @r"
    exit 0
    --- stdout
    Starting rollback process...
    Found 3 migration files

    Rolling back migration: 003_third.js
    Migration 003_third.js rolled back successfully (TIME)

    Rolling back migration: 002_second.js
    Migration 002_second.js rolled back successfully (TIME)

    Rollback Summary:
    Rolled back: 2
    Failed: 0
    --- stderr
    ");
    assert_eq!(applied(&test).await, 1);
    let second = row(&test, "002_second.js").await;
    assert_eq!(second.get_str("status").unwrap(), "pending");
    assert!(second.get_bool("rollback").unwrap());
    project.run(&["up"]).must();
    let second = row(&test, "002_second.js").await;
    assert!(!second.get_bool("rollback").unwrap());
    assert_eq!(applied(&test).await, 3);
}

#[tokio::test]
async fn the_stored_documents_are_as_documented() {
    let test = TestDatabase::start().await;
    let project = Project::on(&test);
    project.file("lib/names.mjs", "export const name = 'x';");
    project.file(
        "migrations/scripts/001_x.js",
        "// Migration: 001\n// Description: Does things\nimport { name } from '../../lib/names.mjs';\n\
         export default async function up(db) { await db.collection('applied').insertOne({ name }); }\n",
    );
    project.run(&["up"]).must();
    let row = row(&test, "001_x.js").await;
    let keys: Vec<&str> = row.keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "_id",
            "name",
            "version",
            "description",
            "status",
            "direction",
            "rollback",
            "sequence",
            "appliedAt",
            "executionTime",
            "checksum",
            "imports",
            "error",
            "errorDetail",
            "attempts",
            "transaction",
            "runId",
            "fence",
            "appliedBy",
            "rolledBackAt",
            "source"
        ]
    );
    assert_eq!(row.get_str("description").unwrap(), "Does things");
    assert!(row.get_str("checksum").unwrap().starts_with("sha256:"));
    let import = row.get_array("imports").unwrap()[0].as_document().unwrap();
    assert_eq!(import.get_str("path").unwrap(), "lib/names.mjs");
    assert!(matches!(row.get("source"), Some(Bson::Binary(_))));
    assert_eq!((row.get_i64("sequence").unwrap(), row.get_i32("attempts").unwrap()), (1, 1));
    let lock = test.database().collection::<Document>("migrations_lock");
    let lock = lock.find_one(doc! { "_id": "whimbrel" }).await.unwrap().unwrap();
    assert_eq!((lock.get("owner"), lock.get_i64("fence").unwrap()), (Some(&Bson::Null), 1));
    // An import that changes counts as modified.
    project.file("lib/names.mjs", "export const name = 'y';");
    let ran = project.run(&["up"]);
    assert_eq!(ran.code, 4);
    assert!(ran.stderr.contains("it imports lib/names.mjs"), "{}", ran.stderr);
}

#[tokio::test]
async fn to_count_names_and_force() {
    let test = TestDatabase::start().await;
    let project = Project::on(&test);
    for name in ["1_a.js", "2_b.js", "3_c.js", "4_d.js"] {
        project.migration(name);
    }
    project.run(&["up", "--count", "1"]).must();
    assert_eq!(applied(&test).await, 1);
    project.run(&["up", "--to", "2"]).must();
    assert_eq!(applied(&test).await, 2);
    project.run(&["up", "4_d"]).must();
    assert_eq!(applied(&test).await, 3);
    project.run(&["up", "1_a.js", "--force", "1_a.js"]).must();
    assert_eq!(applied(&test).await, 4, "forced, it ran again");
    assert_eq!(row(&test, "1_a.js").await.get_i32("attempts").unwrap(), 2);
    let ran = project.run(&["down", "--to", "1"]).must();
    assert!(ran.stdout.contains("Rolled back: 2"), "{}", ran.stdout);
    let ran = project.run(&["down", "--all"]);
    assert_eq!((ran.code, ran.stderr.contains("--yes")), (2, true), "{}", ran.stderr);
    project.run(&["down", "--all", "--yes"]).must();
    let ran = project.run(&["down"]).must();
    assert!(ran.stdout.contains("Rolled back: 0"), "{}", ran.stdout);
}

#[tokio::test]
async fn reset_asks_and_keeps_the_fence() {
    let test = TestDatabase::start().await;
    let project = Project::on(&test);
    project.migration("1_a.js");
    project.run(&["up"]).must();
    let ran = project.run(&["reset"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("hint: add --yes"), "{}", ran.stderr);
    let ran = project.run(&["reset", "--yes"]).must();
    assert_eq!(ran.stdout, "Migration history cleared (1 entry)\n");
    let rows = test.database().collection::<Document>("migrations");
    assert_eq!(rows.count_documents(doc! {}).await.unwrap(), 0);
    project.run(&["up"]).must();
    assert!(row(&test, "1_a.js").await.get_i64("fence").unwrap() > 2);
}

#[tokio::test]
async fn json_lines_end_with_the_summary() {
    let test = TestDatabase::start().await;
    let project = Project::on(&test);
    project.migration("1_a.js");
    project.up_body("2_b.js", "console.log('hello'); throw new Error('no');");
    let ran = project.run(&["up", "--json"]);
    assert_eq!(ran.code, 1);
    let lines: Vec<serde_json::Value> =
        ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let events: Vec<&str> = lines.iter().map(|line| line["event"].as_str().unwrap()).collect();
    assert_eq!(
        events,
        ["planned", "started", "completed", "started", "output", "failed", "summary"]
    );
    let summary = lines.last().unwrap();
    assert_eq!(summary["successful"], 1);
    assert_eq!(summary["error"]["code"], "MIGRATION_FAILED");
}

#[tokio::test]
async fn a_transactional_migration_is_all_or_nothing_and_outlives_renewals() {
    let test = TestDatabase::start().await;
    let project = Project::on(&test);
    // Longer than several renewals of its lock.
    let slow = "export const transaction = true;\nexport default async function up(db) {\n\
                await db.collection('applied').insertOne({ a: 1 });\nawait new Promise(r => setTimeout(r, 1500));\n\
                await db.collection('applied').insertOne({ a: 2 });\n}\n";
    project.file("migrations/scripts/1_slow.js", slow);
    let failing = slow.replace("{ a: 2 });", "{ a: 2 }); throw new Error('no');");
    project.file("migrations/scripts/2_failing.js", &failing);
    let ran = project.run(&["up", "--lock-ttl", "1s"]);
    assert_eq!(ran.code, 1, "{}\n{}", ran.stdout, ran.stderr);
    assert!(!ran.stderr.contains("tried again"), "{}", ran.stderr);
    assert_eq!(applied(&test).await, 2);
    assert_eq!(row(&test, "1_slow.js").await.get_str("status").unwrap(), "completed");
    assert_eq!(row(&test, "2_failing.js").await.get_str("status").unwrap(), "failed");
}
