//! Bad input, and what it gets.

use mongodb::bson::{Document, doc};
use whimbrel_testing::TestDatabase;

use crate::support::{PASSWORD, Project, finish, until};

fn assert_error(project: &Project, args: &[&str], code: i32, parts: &[&str]) {
    let ran = project.run(args);
    assert_eq!(ran.code, code, "{args:?}\n{}\n{}", ran.stdout, ran.stderr);
    for part in parts {
        let all = format!("{}{}", ran.stdout, ran.stderr);
        assert!(all.contains(part), "{args:?}: no {part:?} in\n{all}");
    }
}

#[tokio::test]
async fn files() {
    let test = TestDatabase::start().await;
    let project = Project::on(&test);
    assert_error(
        &project,
        &["up", "--dir", "nowhere"],
        2,
        &["nowhere does not exist", "whimbrel init"],
    );
    project.file("plain", "");
    assert_error(&project, &["up", "--dir", "plain"], 2, &["is not a folder"]);

    project.file("migrations/scripts/notes.js", "");
    project.file("migrations/scripts/003_typed.tsx", "");
    project.migration("001_a.js");
    let ran = project.run(&["up"]).must();
    assert!(
        ran.stderr.contains("skipped notes.js: the name does not start with a version"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("skipped 003_typed.tsx: files ending in .tsx"), "{}", ran.stderr);

    project.file("migrations/scripts/002_none.js", "export const x = 1;");
    assert_error(
        &project,
        &["up"],
        1,
        &["002_none.js", "exports no function up", "nothing was run"],
    );
    project.file("migrations/scripts/002_none.js", "export function up() {\n  const = 1;\n}");
    assert_error(&project, &["up"], 1, &["SyntaxError", "002_none.js:2", "const = 1;"]);
    project.file("migrations/scripts/002_none.js", "export async function up() {}");
    project.run(&["up"]).must();
    assert_error(
        &project,
        &["down"],
        4,
        &["there is no rollback in 002_none.js", "export an async function rollback"],
    );

    project.migration("003_b.js");
    project.migration("003_c.js");
    assert_error(&project, &["up"], 4, &["these migrations have one version: 003_b.js, 003_c.js"]);
}

#[cfg(unix)]
#[tokio::test]
async fn an_unreadable_file_is_named() {
    use std::os::unix::fs::PermissionsExt;
    let test = TestDatabase::start().await;
    let project = Project::on(&test);
    project.migration("001_a.js");
    let path = project.path().join("migrations/scripts/001_a.js");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
    if std::fs::read(&path).is_ok() {
        // The superuser reads everything; a dangling link nobody does.
        std::fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink("gone", &path).unwrap();
    }
    assert_error(&project, &["up"], 2, &["cannot read", "001_a.js", "nothing was run"]);
}

#[tokio::test]
async fn failing_migrations() {
    let test = TestDatabase::start().await;
    let project = Project::on(&test);
    project.up_body("1_a.js", "throw new RangeError('too much');");
    assert_error(
        &project,
        &["up"],
        1,
        &["RangeError: too much", "at up (migrations/scripts/1_a.js:2:"],
    );
    project.up_body(
        "1_a.js",
        "db.collection('a').insertOne({ _id: 1 }); db.collection('a').insertOne({ _id: 1 });",
    );
    assert_error(&project, &["up"], 1, &["MongoServerError: E11000", "duplicate"]);
    project.up_body(
        "1_a.js",
        "await Promise.all([1, 1, 1].map(_id => db.collection('b').insertOne({ _id })));",
    );
    assert_error(&project, &["up"], 1, &["MongoServerError: E11000"]);
    project.up_body("1_a.js", "");
    project.up_body("2_b.js", "throw new Error('later');");
    project.migration("3_c.js");
    assert_error(&project, &["up", "--continue-on-error"], 1, &["Successful: 2", "Failed: 1"]);
    project.up_body("4_d.js", "throw new Error('as well');");
    project.file("migrations/scripts/5_e.js", "export function up( {");
    assert_error(
        &project,
        &["up", "--continue-on-error"],
        1,
        &["3 migrations failed: 2_b.js, 4_d.js, 5_e.js", "SyntaxError"],
    );
    assert_error(
        &project,
        &["up", "--continue-on-error", "--stop-on-error"],
        2,
        &["cannot be used with"],
    );
}

#[tokio::test]
async fn modified_and_deleted_files() {
    let test = TestDatabase::start().await;
    let project = Project::on(&test);
    project.migration("1_a.js");
    project.migration("2_b.js");
    project.run(&["up"]).must();
    project.file(
        "migrations/scripts/1_a.js",
        "export default async function up(db) {}\nexport async function rollback() {}\n",
    );
    assert_error(
        &project,
        &["up"],
        4,
        &["1_a.js was changed after it was applied", "whimbrel up --force 1_a.js"],
    );
    project.run(&["up", "--on-modified", "warn"]).must();
    project.file("migrations/scripts/2_b.js", "export function up() {}\n");
    assert_error(&project, &["up"], 4, &["whimbrel up --force 1_a.js 2_b.js"]);
    project.migration("2_b.js");
    assert_error(
        &project,
        &["down", "1_a.js"],
        4,
        &["unclear how to roll it back", "--from-file", "--from-history"],
    );
    project.run(&["up", "--force", "1_a.js"]).must();

    project.remove("migrations/scripts/2_b.js");
    project.run(&["up"]).must();
    assert_error(
        &project,
        &["down", "2_b.js"],
        4,
        &["2_b.js cannot be rolled back from its file", "--from-history"],
    );
    project.run(&["down", "2_b.js", "--from-history"]).must();
    let applied = test.database().collection::<Document>("applied");
    assert_eq!(applied.count_documents(doc! { "name": "2_b.js" }).await.unwrap(), 0);

    let rows = test.database().collection::<Document>("migrations");
    project.migration("3_c.js");
    project.run(&["up"]).must();
    project.remove("migrations/scripts/3_c.js");
    rows.update_one(doc! { "name": "3_c.js" }, doc! { "$set": { "checksum": "sha256:00" } })
        .await
        .unwrap();
    assert_error(
        &project,
        &["down", "--from-history"],
        4,
        &["does not match its recorded checksum"],
    );
    project.migration("03_renamed.js");
    assert_error(&project, &["up"], 4, &["03_renamed.js looks like 3_c.js"]);
}

#[test]
fn connections_and_arguments() {
    let none = Project::new(None);
    assert_error(&none, &["up"], 2, &["no database is given", "--uri", "MONGODB_URI", "--local"]);
    assert_error(&none, &["status", "--uri", "nonsense"], 2, &["cannot be used"]);
    assert_error(
        &none,
        &["status", "--uri", &format!("mongodb://u:{PASSWORD}@")],
        2,
        &["cannot be used"],
    );
    assert_error(
        &none,
        &["status", "--uri", &format!("mongodb://u:{PASSWORD}@127.0.0.1:1/?x")],
        2,
        &[],
    );
    assert_error(
        &none,
        &["status", "--uri", "mongodb://127.0.0.1:1/"],
        2,
        &["names no database", "--database"],
    );
    let down = format!("mongodb://u:{PASSWORD}@127.0.0.1:1/shop?serverSelectionTimeoutMS=200");
    assert_error(
        &none,
        &["status", "--uri", &down],
        5,
        &["cannot reach the database", "is the server running"],
    );
    for count in ["0", "x", "-1"] {
        assert_error(&none, &["down", &format!("--count={count}")], 2, &["--count"]);
    }
    assert_error(&none, &["up", "--lock-ttl", "10"], 2, &["--lock-ttl", "is not a duration"]);
    none.file("whimbrel.toml", "[lock]\ntll = \"5s\"\n");
    assert_error(
        &none,
        &["status"],
        2,
        &["line 2: unknown key `lock.tll`", "did you mean `lock.ttl`?"],
    );
}

#[tokio::test]
async fn a_wrong_password() {
    let folder = tempfile::tempdir().unwrap();
    let program = whimbrel_local::Search::from_environment().find().unwrap();
    let server = whimbrel_local::LocalServer::builder()
        .program(program)
        .data_dir(folder.path().join("db"))
        .auth(true)
        .start()
        .await
        .unwrap();
    let client = mongodb::Client::with_uri_str(server.uri()).await.unwrap();
    let user = doc! { "createUser": "root", "pwd": "right", "roles": ["root"] };
    client.database("admin").run_command(user).await.unwrap();
    let project = Project::new(None);
    project.migration("1_a.js");
    let uri =
        format!("mongodb://root:{PASSWORD}@127.0.0.1:{}/shop?authSource=admin", server.port());
    assert_error(&project, &["up", "--uri", &uri], 5, &["authentication failed", "user, password"]);
    let uri = uri.replace(PASSWORD, "right");
    project.run(&["up", "--uri", &uri]).must();
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_history_that_is_not_ours_or_damaged() {
    let test = TestDatabase::start().await;
    let project = Project::on(&test);
    project.migration("1_a.js");
    let rows = test.database().collection::<Document>("migrations");
    rows.insert_one(doc! { "fileName": "2016-x.js", "appliedAt": 1 }).await.unwrap();
    assert_error(
        &project,
        &["up"],
        4,
        &["not Whimbrel's, but look like migrate-mongo's", "--collection"],
    );
    assert_error(&project, &["reset", "--yes"], 4, &["not Whimbrel's"]);
    assert_eq!(rows.count_documents(doc! {}).await.unwrap(), 1, "nothing was written");
    rows.delete_many(doc! {}).await.unwrap();
    project.run(&["up"]).must();
    rows.update_one(doc! {}, doc! { "$set": { "appliedAt": "yesterday" } }).await.unwrap();
    assert_error(&project, &["status"], 4, &["1_a.js", "appliedAt", "should be a date"]);
    // Where there is nothing to do, no more is read than the plan depends on.
    project.run(&["up"]).must();
    project.migration("2_b.js");
    assert_error(&project, &["up"], 4, &["1_a.js", "appliedAt", "should be a date"]);
}

#[tokio::test]
async fn the_server_goes_away_in_the_middle() {
    let mut test = TestDatabase::durable().await;
    let project = Project::new(Some(format!("{}?serverSelectionTimeoutMS=500", test.uri())));
    project.up_body(
        "1_slow.js",
        "await db.collection('applied').insertOne({ begun: 1 });\n\
         for (;;) { await db.collection('applied').findOne({}); }",
    );
    let running = project.start(&["up", "--lock-ttl", "2s"]);
    let begun = test.database().collection::<Document>("applied");
    until(async || begun.count_documents(doc! {}).await.unwrap() == 1).await;
    test.crash().await;
    let ran = finish(running);
    assert!(matches!(ran.code, 1 | 3 | 5), "{}\n{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("Failed: 1"), "{}\n{}", ran.stdout, ran.stderr);
}
