//! The example as real processes: ten and fifty at once, one killed, one told to stop.
#![cfg(unix)]

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use mongodb::Database;
use mongodb::bson::{Document, doc};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use whimbrel_testing::TestDatabase;

/// A server under test, ended with the test.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    async fn start(test: &TestDatabase, migrations: Option<&Path>) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_example-axum-server"));
        command
            .env("MONGODB_URI", test.uri())
            .env("PORT", "0")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        if let Some(migrations) = migrations {
            command.env("MIGRATIONS", migrations);
        }
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = lines.next_line().await.unwrap().expect("it says where it listens");
        let address = line.strip_prefix("listening on ").unwrap();
        let address = format!("127.0.0.1:{}", address.rsplit_once(':').unwrap().1);
        Self { child, address }
    }

    /// Status code and body of a request; `None` when nobody answers.
    async fn ask(&self, path: &str) -> Option<(u16, String)> {
        let mut stream = TcpStream::connect(&self.address).await.ok()?;
        let request = format!("GET {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.ok()?;
        let code = answer.split(' ').nth(1)?.parse().ok()?;
        Some((code, answer.split_once("\r\n\r\n")?.1.to_owned()))
    }

    async fn until_ready(&self) {
        until(async || matches!(self.ask("/ready").await, Some((200, _)))).await;
    }

    fn signal(&self, signal: rustix::process::Signal) {
        let pid = i32::try_from(self.child.id().unwrap()).unwrap();
        rustix::process::kill_process(rustix::process::Pid::from_raw(pid).unwrap(), signal)
            .unwrap();
    }

    /// Waits for its end; the exit code and what it logged.
    async fn ended(mut self) -> (Option<i32>, String) {
        let mut log = String::new();
        let mut stderr = self.child.stderr.take().unwrap();
        let status = tokio::time::timeout(Duration::from_secs(60), async {
            stderr.read_to_string(&mut log).await.unwrap();
            self.child.wait().await.unwrap()
        });
        let status = status.await.expect("it ends");
        (status.code(), log)
    }
}

async fn until(mut it: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !it().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(120), waiting).await.expect("it never came");
}

async fn starts(test: &TestDatabase, count: usize, migrations: Option<&Path>) -> Vec<Server> {
    let starting = (0..count).map(|_| Server::start(test, migrations));
    futures_util::future::join_all(starting).await
}

async fn documents(database: &Database, collection: &str) -> Vec<Document> {
    let collection = database.collection::<Document>(collection);
    let found = collection.find(doc! {}).sort(doc! { "_id": 1 }).await.unwrap();
    futures_util::TryStreamExt::try_collect(found).await.unwrap()
}

/// How often an event stands in the audit trail.
async fn events(test: &TestDatabase, event: &str) -> u64 {
    let log = test.database().collection::<Document>("migrations_log");
    log.count_documents(doc! { "event": event }).await.unwrap()
}

/// A folder with `count` migrations: each notes that it began, waits for the gate if it is `gated`, and notes its end.
fn migrations(folder: &Path, count: usize, gated: Option<usize>) -> std::path::PathBuf {
    let folder = folder.join("migrations");
    std::fs::create_dir_all(&folder).unwrap();
    for number in 1..=count {
        let wait = match gated == Some(number) {
            true => {
                "while (!(await db.collection('gate').findOne({}))) await new Promise((r) => setTimeout(r, 20));"
            }
            false => "",
        };
        let text = format!(
            "export default async function up(db) {{\n  await db.collection('began').insertOne({{ number: {number} }});\n  \
             {wait}\n  await db.collection('ended').insertOne({{ number: {number} }});\n}}\n"
        );
        std::fs::write(folder.join(format!("{number:03}_step.js")), text).unwrap();
    }
    folder
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_replicas_start_at_once_and_each_migration_is_run_once() {
    let test = TestDatabase::start().await;
    let servers = starts(&test, 10, None).await;
    for server in &servers {
        server.until_ready().await;
    }
    assert_eq!(events(&test, "migration_completed").await, 2);
    assert_eq!(servers[3].ask("/users").await.unwrap(), (200, r#"{"users":1}"#.to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_not_ready_before_everything_is_applied() {
    let test = TestDatabase::start().await;
    let folder = migrations(test.folder(), 2, Some(2));
    let first = Server::start(&test, Some(&folder)).await;
    until(async || documents(&test.database(), "began").await.len() == 2).await;
    let second = Server::start(&test, Some(&folder)).await;

    let (code, body) = first.ask("/ready").await.unwrap();
    assert_eq!(code, 503);
    let expected = r#"{"state":"migrating","name":"002_step.js","position":2,"total":2}"#;
    assert_eq!(body, expected);
    assert_eq!(first.ask("/live").await.unwrap().0, 200);
    assert_eq!(first.ask("/users").await.unwrap().0, 503);
    until(async || second.ask("/ready").await.is_some_and(|(_, body)| body.contains("waiting")))
        .await;

    test.database().collection("gate").insert_one(doc! {}).await.unwrap();
    first.until_ready().await;
    second.until_ready().await;
    assert_eq!(documents(&test.database(), "began").await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_told_to_stop_in_the_middle_records_it_and_the_next_goes_on() {
    let test = TestDatabase::start().await;
    let folder = migrations(test.folder(), 2, Some(2));
    let first = Server::start(&test, Some(&folder)).await;
    until(async || documents(&test.database(), "began").await.len() == 2).await;
    first.signal(rustix::process::Signal::TERM);
    let (code, log) = first.ended().await;
    assert_eq!(code, Some(0), "{log}");
    let rows = documents(&test.database(), "migrations").await;
    assert_eq!(rows[1].get_str("status").unwrap(), "failed");
    let detail = rows[1].get_document("errorDetail").unwrap();
    assert_eq!(detail.get_str("code").unwrap(), "INTERRUPTED");
    let lock = documents(&test.database(), "migrations_lock").await;
    let lock = lock.iter().find(|d| d.get_str("_id").is_ok_and(|id| id == "whimbrel")).unwrap();
    assert!(lock.get_str("owner").is_err(), "the lock is given back: {lock}");

    test.database().collection("gate").insert_one(doc! {}).await.unwrap();
    let second = Server::start(&test, Some(&folder)).await;
    second.until_ready().await;
    second.signal(rustix::process::Signal::TERM);
    assert_eq!(second.ended().await.0, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_replicas_start_at_once_one_is_killed_in_the_middle_and_all_become_ready() {
    let test = TestDatabase::start().await;
    let folder = migrations(test.folder(), 5, Some(3));
    let mut servers = starts(&test, 50, Some(&folder)).await;
    until(async || documents(&test.database(), "began").await.len() == 3).await;
    // Whoever holds the lock dies in the middle of the third migration.
    let lock = documents(&test.database(), "migrations_lock").await;
    let lock = lock.iter().find(|d| d.get_str("_id").is_ok_and(|id| id == "whimbrel")).unwrap();
    let command = lock.get_str("command").unwrap().to_owned();
    let holder = servers
        .iter()
        .position(|server| command.contains(&format!("pid {})", server.child.id().unwrap())))
        .expect("one of them holds the lock");
    let mut dead = servers.remove(holder);
    dead.child.kill().await.unwrap();
    test.database().collection("gate").insert_one(doc! {}).await.unwrap();

    for server in &servers {
        server.until_ready().await;
    }
    let rows = documents(&test.database(), "migrations").await;
    assert_eq!(rows.len(), 5);
    for row in &rows {
        // The one that was cut off was run again by the replica that took over; all others once.
        let attempts = if row.get_str("version").unwrap() == "003" { 2 } else { 1 };
        assert_eq!(row.get_str("status").unwrap(), "completed");
        assert_eq!(row.get_i32("attempts").unwrap(), attempts, "{row}");
    }
    let mut ended: Vec<i32> = documents(&test.database(), "ended")
        .await
        .iter()
        .map(|d| d.get_i32("number").unwrap())
        .collect();
    ended.sort_unstable();
    assert_eq!(ended, [1, 2, 3, 4, 5]);
    assert_eq!(events(&test, "migration_completed").await, 5);
    assert_eq!(events(&test, "lock_taken_over").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_fails_ends_the_server_with_what_to_do() {
    let test = TestDatabase::start().await;
    let folder = test.folder().join("migrations");
    std::fs::create_dir_all(&folder).unwrap();
    let text = "export default async function up() {\n  throw new Error('no such plan');\n}\n";
    std::fs::write(folder.join("001_x.js"), text).unwrap();
    let (code, log) = Server::start(&test, Some(&folder)).await.ended().await;
    assert_eq!(code, Some(1));
    assert!(log.contains("no such plan") && log.contains("MIGRATION_FAILED"), "{log}");
    assert!(!log.contains(&test.uri()), "connection strings are never shown: {log}");
}
