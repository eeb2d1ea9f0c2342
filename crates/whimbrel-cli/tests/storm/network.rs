//! Connections that break, stall and answer with errors, at every step of a run: a table of fault × step × result.
//!
//! Whatever happened, the next run without the fault ends everything, and the invariants hold in between. The cells of
//! the table are the exit code of the disturbed run; what is not `0` is there because nobody could do better.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use mongodb::bson::{Document, doc};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use whimbrel_testing::TestDatabase;
use whimbrel_testing::proxy::{Command, Fault, FaultProxy, Rule, When, error, named, on};

use crate::support::{Project, Ran, finish, until};
use crate::world;

/// The steps of a run, by the commands that make them.
fn steps() -> Vec<(&'static str, When)> {
    let update = |collection: &'static str, fits: fn(&str) -> bool| -> When {
        Arc::new(move |command: &Command| {
            command.name == "update"
                && command.collection == collection
                && fits(
                    &command.document.get("updates").map(ToString::to_string).unwrap_or_default(),
                )
        })
    };
    let in_transaction = |command: &Command| command.document.contains_key("autocommit");
    vec![
        ("read the history", on("find", "migrations")),
        ("read the lock", on("find", "migrations_lock")),
        (
            "ask the server's time",
            // The driver's own watch of the server has no session.
            Arc::new(|command| command.name == "hello" && command.document.contains_key("lsid")),
        ),
        ("take the lock", on("insert", "migrations_lock")),
        (
            "renew or release the lock",
            update("migrations_lock", |text| text.contains("\"whimbrel\"")),
        ),
        ("claim the fence", update("migrations_lock", |text| text.contains("$lt"))),
        ("create the index", on("createIndexes", "migrations")),
        ("add to the audit trail", on("insert", "migrations_log")),
        ("write running", on("insert", "migrations")),
        ("a migration's write", on("update", "items")),
        ("a migration's index", on("createIndexes", "indexed")),
        ("write completed", update("migrations", |text| text.contains("\"completed\""))),
        (
            "a write in a transaction",
            Arc::new(move |command| command.collection == "accounts" && in_transaction(command)),
        ),
        (
            "completed in a transaction",
            Arc::new(move |command| command.collection == "migrations" && in_transaction(command)),
        ),
        ("confirm the fence", update("migrations_lock", |text| text.contains("confirmations"))),
        ("commit", named("commitTransaction")),
    ]
}

/// The label that servers put on an answer of a primary that steps down.
fn label_at(step: &str) -> &'static [&'static str] {
    match step {
        "read the history" | "read the lock" | "ask the server's time" => &[],
        "a write in a transaction" | "completed in a transaction" | "confirm the fence" => {
            &["TransientTransactionError"]
        }
        _ => &["RetryableWriteError"],
    }
}

fn faults(step: &str) -> Vec<(&'static str, Fault)> {
    let answer = |code, name, labels: &[&str]| Fault::Answer(error(code, name, labels));
    let label = label_at(step);
    vec![
        ("drop before", Fault::DropBefore),
        ("drop after", Fault::DropAfter),
        ("cut reply", Fault::CutReply),
        ("late by 0.3 s", Fault::Delay(Duration::from_millis(300))),
        // Longer than a holder may go without a renewal.
        ("reply late by 3 s", Fault::DelayReply(Duration::from_secs(3))),
        ("done, then Shutdown", Fault::AnswerAfter(error(91, "ShutdownInProgress", label))),
        ("NotWritablePrimary", answer(10107, "NotWritablePrimary", label)),
        ("ShutdownInProgress", answer(91, "ShutdownInProgress", label)),
        ("WriteConflict", answer(112, "WriteConflict", &["TransientTransactionError"])),
        ("UnknownCommit", answer(50, "MaxTimeMSExpired", &["UnknownTransactionCommitResult"])),
        ("MaxTimeMSExpired", answer(50, "MaxTimeMSExpired", &[])),
        ("duplicate key", answer(11000, "DuplicateKey", &[])),
        ("OutOfDiskSpace", answer(14031, "OutOfDiskSpace", &[])),
        ("Unauthorized", answer(13, "Unauthorized", &[])),
    ]
}

/// Runs `up` with one fault; checks what must hold; gives the exit code, or `-` where the fault did not happen.
async fn cell(test: &TestDatabase, name: String, when: When, fault: Fault) -> String {
    let database = test.client_database(&name);
    let proxy = FaultProxy::to(test.port()).await;
    let project = Project::new(Some(proxy.uri(&name)));
    world::migrations(&project, false);
    world::prepare(&database).await;
    proxy.add(Rule::once(when, fault));
    let ran = run(&project, &["up", "--lock-ttl", "3s"]).await;
    let happened = proxy.happened();
    let context = format!("exit {}\n{}\n{}", ran.code, ran.stdout, ran.stderr);
    assert!(!ran.stderr.contains("panicked"), "{context}");
    world::sound(&database).await.unwrap_or_else(|e| panic!("{e}\n{context}"));
    if ran.code == 0 {
        world::all_applied(&database).await.unwrap_or_else(|e| panic!("{e}\n{context}"));
    } else {
        let error = ran.stderr.lines().filter(|line| line.starts_with("error: ")).count();
        assert_eq!(error, 1, "an error says what is wrong: {context}");
    }
    let again = run(&project, &["up", "--lock-ttl", "3s"]).await;
    assert_eq!(again.code, 0, "{context}\nthen: {}\n{}", again.stdout, again.stderr);
    world::all_applied(&database).await.unwrap_or_else(|e| panic!("{e}\n{context}"));
    world::released(&database).await.unwrap_or_else(|e| panic!("{e}\n{context}"));
    let down = run(&project, &["down", "--all", "--yes", "--lock-ttl", "3s"]).await;
    assert_eq!(down.code, 0, "{context}\nthen: {}\n{}", down.stdout, down.stderr);
    world::all_rolled_back(&database).await.unwrap_or_else(|e| panic!("{e}\n{context}"));
    database.drop().await.unwrap();
    if happened == 0 { "-".to_owned() } else { ran.code.to_string() }
}

async fn run(project: &Project, arguments: &[&str]) -> Ran {
    let mut command = project.command(arguments);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    Ran::of(&output)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_fault_at_each_step() {
    let test = Arc::new(TestDatabase::start().await);
    let room = Arc::new(Semaphore::new(6));
    let mut cells = JoinSet::new();
    for (row, (step, when)) in steps().into_iter().enumerate() {
        for (column, (fault_name, fault)) in faults(step).into_iter().enumerate() {
            let (test, room, when) = (Arc::clone(&test), Arc::clone(&room), Arc::clone(&when));
            cells.spawn(async move {
                let _room = room.acquire().await.unwrap();
                let name = format!("cell_{row}_{column}");
                let result =
                    tokio::spawn(async move { cell(&test, name, when, fault).await }).await;
                let result = result.unwrap_or_else(|_| panic!("{step} × {fault_name}"));
                ((row, column), result)
            });
        }
    }
    let mut results = std::collections::BTreeMap::new();
    while let Some(ended) = cells.join_next().await {
        let (place, result) = ended.unwrap_or_else(|e| std::panic::resume_unwind(e.into_panic()));
        results.insert(place, result);
    }
    let mut table = String::from("\n");
    for (column, (name, _)) in faults("").into_iter().enumerate() {
        writeln!(table, "{:>28}{}| {name}", "", "  . ".repeat(column)).unwrap();
    }
    for (row, (step, _)) in steps().into_iter().enumerate() {
        let cells: String =
            (0..faults("").len()).map(|column| format!("{:<4}", results[&(row, column)])).collect();
        writeln!(table, "{step:>26}  {}", cells.trim_end()).unwrap();
    }
    is_documented(&table);
}

/// The table stands in `docs/reliability.md`; `UPDATE_RELIABILITY=1` writes it there.
fn is_documented(table: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reliability.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (start, end) = ("<!-- faults:start -->\n```text", "```\n<!-- faults:end -->");
    let (head, rest) = text.split_once(start).unwrap();
    let (written, tail) = rest.split_once(end).unwrap();
    if std::env::var_os("UPDATE_RELIABILITY").is_some() {
        std::fs::write(&path, format!("{head}{start}{table}{end}{tail}")).unwrap();
        return;
    }
    assert!(
        written == table,
        "docs/reliability.md says otherwise (UPDATE_RELIABILITY=1 writes it anew): {table}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_holder_that_is_cut_off_for_longer_than_its_lease_stops() {
    let test = TestDatabase::start().await;
    let proxy = FaultProxy::to(test.port()).await;
    let far = Project::new(Some(proxy.uri(TestDatabase::NAME)));
    let near = Project::on(&test);
    for project in [&far, &near] {
        project.up_body(
            "1_counts.js",
            "for (let n = 0; n < 30; n++) {
               await db.collection('applied').insertOne({ n });
               await new Promise(done => setTimeout(done, 50));
             }",
        );
    }
    let applied = test.database().collection::<Document>("applied");
    let cut_off = far.start(&["up", "--lock-ttl", "1s"]);
    until(async || applied.count_documents(doc! {}).await.unwrap() > 3).await;
    proxy.add(Rule::always(Arc::new(|_| true), Fault::DropBefore));
    proxy.cut_all();
    let before = applied.count_documents(doc! {}).await.unwrap();
    near.run(&["up", "--lock-ttl", "1s"]).must();
    let row = world::row(&test.database(), "1_counts.js").await.unwrap();
    proxy.clear();
    let ran = finish(cut_off);
    assert_eq!(ran.code, 3, "{}\n{}", ran.stdout, ran.stderr);
    let landed = applied.count_documents(doc! {}).await.unwrap();
    assert!((before + 30..=before + 31).contains(&landed), "{before} {landed}");
    assert_eq!(world::row(&test.database(), "1_counts.js").await.unwrap(), row);
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_die_while_a_migration_pauses_are_replaced() {
    let test = TestDatabase::start().await;
    let proxy = FaultProxy::to(test.port()).await;
    let project = Project::new(Some(proxy.uri(TestDatabase::NAME)));
    project.up_body(
        "1_pauses.js",
        "const items = db.collection('items');
         await items.insertMany(Array.from({ length: 300 }, (_, n) => ({ _id: n })));
         let seen = 0;
         for await (const item of items.find().batchSize(100)) {
           if (seen++ === 50) {
             await db.collection('paused').insertOne({});
             await new Promise(done => setTimeout(done, 1500));
           }
           if (seen % 100 === 0) await items.updateOne({ _id: item._id }, { $set: { seen: true } });
         }
         if (seen !== 300) throw new Error('saw ' + seen);",
    );
    let running = project.start(&["up"]);
    let paused = test.database().collection::<Document>("paused");
    until(async || paused.count_documents(doc! {}).await.unwrap() > 0).await;
    proxy.cut_all();
    finish(running).must();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_is_full_in_the_middle_is_told_with_what_is_done() {
    let test = TestDatabase::start().await;
    let proxy = FaultProxy::to(test.port()).await;
    let project = Project::new(Some(proxy.uri(TestDatabase::NAME)));
    world::migrations(&project, false);
    world::prepare(&test.database()).await;
    let completed = steps().into_iter().find(|(step, _)| *step == "write completed").unwrap().1;
    let full = Fault::Answer(error(14031, "OutOfDiskSpace", &[]));
    proxy.add(Rule::once(completed, full));
    let ran = run(&project, &["up", "--lock-ttl", "1s"]).await;
    assert_eq!(ran.code, 1, "{}\n{}", ran.stdout, ran.stderr);
    for told in [
        "error: 001_plain.js has run, but that could not be recorded: the database refused while writing the history",
        "hint: the server's disk is full",
        "hint: everything it does is done: `whimbrel repair --mark-applied 001_plain.js` records that",
    ] {
        assert!(ran.stderr.contains(told), "{told:?} is not in {}", ran.stderr);
    }
    run(&project, &["repair", "--mark-applied", "1", "--lock-ttl", "1s"]).await.must();
    let again = run(&project, &["up", "--lock-ttl", "1s"]).await.must();
    assert!(again.stdout.contains("Successful: 4\nSkipped: 1"), "{}", again.stdout);
    world::all_applied(&test.database()).await.unwrap();
}
