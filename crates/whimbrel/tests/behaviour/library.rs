//! Applying, rolling back, reporting, settling.

use std::time::Duration;

use mongodb::bson::{Document, doc};
use whimbrel::mongodb;
use whimbrel::{
    BaselineOptions, Decision, DownTarget, Error, Force, NewerDatabase, OnModified, Remedy,
    RollbackFrom, RollbackOptions, RunOptions, Severity, State, StopSignal, UpTarget,
};

use crate::support::{Commands, World, apply, done, states, until};

#[tokio::test]
async fn what_is_due_is_applied_once_and_rolled_back() {
    let world = World::start().await;
    world.script("001_a.js").script("002_b.js");
    let migrator = world.migrator();

    let report = apply(&migrator).await;
    assert_eq!(done(&report), ["001_a.js", "002_b.js"]);
    assert_eq!(world.ran().await, ["001_a.js", "002_b.js"]);
    let report = apply(&migrator).await;
    assert_eq!((report.done.len(), report.skipped.len()), (0, 2));

    let report = migrator.rollback(RollbackOptions::default()).await.unwrap();
    assert_eq!(done(&report), ["002_b.js"]);
    assert_eq!(world.ran().await, ["001_a.js"]);
    let expected = [("001_a.js", State::Applied), ("002_b.js", State::Pending)];
    assert_eq!(states(&migrator).await, expected.map(|(name, state)| (name.to_owned(), state)));
    assert!(migrator.verify().await.unwrap().findings.is_empty());
}

#[tokio::test]
async fn options_choose_what_is_run() {
    let world = World::start().await;
    world.script("001_a.js").script("002_b.js").script("003_c.js");
    let migrator = world.migrator();
    let to = RunOptions { target: UpTarget::To("2".to_owned()), ..RunOptions::default() };
    assert_eq!(done(&migrator.run_migrations(to).await.unwrap()), ["001_a.js", "002_b.js"]);

    world.database().collection::<Document>("ran").delete_many(doc! {}).await.unwrap();
    let again = Force::Names(vec!["001_a".to_owned()]);
    let forced = RunOptions {
        target: UpTarget::Names(vec!["001_a".to_owned()]),
        force: again,
        ..RunOptions::default()
    };
    assert_eq!(done(&migrator.run_migrations(forced).await.unwrap()), ["001_a.js"]);

    let all = RollbackOptions { target: DownTarget::All, ..RollbackOptions::default() };
    assert_eq!(migrator.rollback(all).await.unwrap().done.len(), 2);
    assert_eq!(world.rows().await, ["001_a.js: pending", "002_b.js: pending"]);
}

#[tokio::test]
async fn a_run_ends_at_the_first_failure_unless_it_shall_go_on() {
    let world = World::start().await;
    world.file("001_a.js", "export default async () => { throw new Error('no'); };");
    world.script("002_b.js");
    let migrator = world.migrator();
    let failure = migrator.run_migrations(RunOptions::default()).await.unwrap_err();
    assert_eq!((failure.source.code(), failure.report.not_started.len()), ("MIGRATION_FAILED", 1));
    assert!(world.ran().await.is_empty());

    let go_on = RunOptions { stop_on_error: false, ..RunOptions::default() };
    let failure = migrator.run_migrations(go_on).await.unwrap_err();
    assert_eq!(done(&failure.report), ["002_b.js"]);
    assert_eq!(failure.report.failed[0].name, "001_a.js");
    assert_eq!(world.rows().await, ["001_a.js: failed", "002_b.js: completed"]);
}

#[tokio::test]
async fn with_nothing_to_do_there_is_one_query_on_the_applications_pool() {
    let world = World::start().await;
    for number in 1..=20 {
        world.script(&format!("{number:03}_x.js"));
    }
    apply(&world.migrator()).await;
    let before = world.trail().await.len();

    let commands = Commands::default();
    let client = commands.client(&world.server).await;
    let database = client.database("shop");
    let migrator =
        whimbrel::Migrator::builder(database).directory(world.scripts()).build().unwrap();
    assert_eq!(commands.take(), Vec::<String>::new(), "building asks nothing");
    let report = apply(&migrator).await;
    assert_eq!((report.skipped.len(), commands.take()), (20, vec!["find".to_owned()]));
    assert_eq!(world.trail().await.len(), before, "nothing is written");
}

#[tokio::test]
async fn what_was_tampered_with_is_noticed_at_the_next_start() {
    let world = World::start().await;
    world.script("001_a.js").script("002_b.js");
    let migrator = world.migrator();
    apply(&migrator).await;
    let rows = world.database().collection::<Document>("migrations");
    let up = || migrator.run_migrations(RunOptions::default());

    // A row, by somebody with access to the database.
    let checksum = world.row("001_a.js").await.get_str("checksum").unwrap().to_owned();
    let set = |field: &str, value: &str| doc! { "$set": { field: value } };
    rows.update_one(doc! { "name": "001_a.js" }, set("checksum", "sha256:00")).await.unwrap();
    assert_eq!(up().await.unwrap_err().source.code(), "MIGRATION_MODIFIED");
    rows.update_one(doc! { "name": "001_a.js" }, set("checksum", &checksum)).await.unwrap();
    up().await.unwrap();
    rows.update_one(doc! { "name": "001_a.js" }, set("status", "done")).await.unwrap();
    assert_eq!(up().await.unwrap_err().source.code(), "HISTORY_MALFORMED");
    rows.update_one(doc! { "name": "001_a.js" }, set("status", "completed")).await.unwrap();

    // A file whose size and times stay as they were.
    let path = world.scripts().join("002_b.js");
    let (text, modified) =
        (std::fs::read_to_string(&path).unwrap(), path.metadata().unwrap().modified().unwrap());
    std::fs::write(&path, text.replace("deleteOne", "DeleteOne")).unwrap();
    std::fs::File::options().write(true).open(&path).unwrap().set_modified(modified).unwrap();
    assert_eq!(up().await.unwrap_err().source.code(), "MIGRATION_MODIFIED");
    let verified = migrator.verify().await.unwrap();
    assert_eq!(verified.findings[0].code(), "MIGRATION_MODIFIED");
    std::fs::write(&path, text).unwrap();
    up().await.unwrap();

    // Rows that are gone: one migration counts as never run, and meets what it did; where all are gone, nothing runs.
    rows.delete_one(doc! { "name": "002_b.js" }).await.unwrap();
    assert_eq!(up().await.unwrap_err().code(), "MIGRATION_FAILED");
    rows.delete_many(doc! {}).await.unwrap();
    assert!(matches!(up().await.unwrap_err().source, Error::HistoryEmptied { .. }));
    assert_eq!(world.ran().await.len(), 2);
}

#[tokio::test]
async fn an_older_program_starts_or_refuses_by_policy() {
    let world = World::start().await;
    world.script("001_a.js").script("002_b.js").script("003_c.js");
    apply(&world.migrator()).await;
    std::fs::remove_file(world.scripts().join("003_c.js")).unwrap();
    // An old file that was taken away makes nobody old.
    std::fs::remove_file(world.scripts().join("001_a.js")).unwrap();

    let with = |policy| world.builder().newer_database(policy).build().unwrap();
    let found = |policy| {
        let heard = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
        let told = std::sync::Arc::clone(&heard);
        let builder = world.builder().newer_database(policy);
        let observer = move |event: &whimbrel::Event| {
            if let whimbrel::Event::Found { finding } = event
                && finding.severity > Severity::Note
            {
                told.lock().unwrap().push(finding.to_string());
            }
        };
        (builder.observer(observer).build().unwrap(), heard)
    };
    for (policy, expected) in [
        (NewerDatabase::Allow, Vec::new()),
        (
            NewerDatabase::Warn,
            vec![
                "the database is newer than this deployment, which does not have 003_c.js"
                    .to_owned(),
            ],
        ),
    ] {
        let (migrator, heard) = found(policy);
        apply(&migrator).await;
        assert_eq!(*heard.lock().unwrap(), expected);
    }
    let refused = with(NewerDatabase::Refuse).run_migrations(RunOptions::default()).await;
    assert_eq!(refused.unwrap_err().source.code(), "DATABASE_NEWER");
}

#[tokio::test]
async fn a_person_settles_what_a_run_refuses() {
    let world = World::start().await;
    world.script("001_a.js").script("002_b.js");
    let migrator = world.migrator();
    let baseline = BaselineOptions {
        to: Some("001_a.js".to_owned()),
        reason: Some("it was made by hand".to_owned()),
    };
    let report = migrator.baseline(baseline).await.unwrap();
    assert_eq!(report.repaired.len(), 1);
    assert_eq!(done(&apply(&migrator).await), ["002_b.js"]);

    world.file("002_b.js", "export default async () => {}; // changed");
    let refused = migrator.run_migrations(RunOptions::default()).await.unwrap_err();
    assert_eq!(refused.source.code(), "MIGRATION_MODIFIED");
    let accept = Decision::new("002_b.js", Remedy::AcceptChecksum);
    migrator.repair(vec![accept.clone()], Some("only a comment")).await.unwrap();
    apply(&migrator).await;
    assert!(matches!(migrator.repair(vec![accept], None).await, Err(Error::Repair(_))));
    assert!(world.trail().await.contains(&"repair".to_owned()));
}

#[tokio::test]
async fn a_migration_without_its_file_is_rolled_back_from_the_history() {
    let world = World::start().await;
    world.script("001_a.js");
    let migrator = world.migrator();
    apply(&migrator).await;
    std::fs::remove_file(world.scripts().join("001_a.js")).unwrap();
    let down = |from| RollbackOptions { from, ..RollbackOptions::default() };
    let refused = migrator.rollback(down(RollbackFrom::UnchangedFile)).await.unwrap_err();
    assert_eq!(refused.source.code(), "ROLLBACK_FILE_MISSING");
    migrator.rollback(down(RollbackFrom::History)).await.unwrap();
    assert!(world.ran().await.is_empty());
}

#[tokio::test]
async fn two_runs_of_one_migrator_are_done_one_after_another() {
    let world = World::start().await;
    world.script("001_a.js").script("002_b.js");
    let migrator = world.migrator();
    let (one, two) = tokio::join!(apply(&migrator), apply(&migrator));
    let mut counts = [one.done.len(), two.done.len()];
    counts.sort_unstable();
    assert_eq!(counts, [0, 2]);
    assert_eq!(world.ran().await.len(), 2);
}

#[tokio::test]
async fn a_script_sees_the_environment_only_if_it_is_given() {
    let world = World::start().await;
    let text = |id: &str| {
        format!(
            "export default async (db) => {{ await db.collection('seen').insertOne({{ _id: {id:?}, names: \
             Object.keys(process.env) }}); }};"
        )
    };
    world.file("001_none.js", &text("none"));
    apply(&world.migrator()).await;
    world.file("002_given.js", &text("given"));
    let given = whimbrel::Environment::of([("STAGE".to_owned(), "test".to_owned())]);
    apply(&world.builder().environment(given).build().unwrap()).await;
    let seen = crate::support::documents(&world.database(), "seen").await;
    let names = |at: usize| seen[at].get_array("names").unwrap().len();
    // In order of id: "given", "none".
    assert_eq!((names(0), names(1)), (1, 0), "{seen:?}");
}

#[tokio::test]
async fn policies_are_the_builders() {
    let world = World::start().await;
    world.script("001_a.js");
    apply(&world.migrator()).await;
    world.file("001_a.js", "export default async () => {}; // changed");
    let migrator = world.builder().on_modified(OnModified::Warn).build().unwrap();
    assert_eq!(apply(&migrator).await.skipped, ["001_a.js"]);
}

#[tokio::test]
async fn a_second_run_waits_for_the_first_as_for_another_process() {
    let world = World::start().await;
    world.file(
        "001_slow.js",
        "export default async () => { for (;;) await new Promise((r) => setTimeout(r, 5)); };",
    );
    let migrator = world.migrator();
    let stop = StopSignal::new();
    let first = RunOptions { stop: stop.clone(), ..RunOptions::default() };
    let other = migrator.clone();
    let running = tokio::spawn(async move { other.run_migrations(first).await });
    until(async || world.rows().await.contains(&"001_slow.js: running".to_owned()).then_some(()))
        .await;
    let soon = Duration::from_secs(20);
    let no_wait = RunOptions {
        lock_wait: Some(whimbrel::LockWait::For(Duration::ZERO)),
        ..RunOptions::default()
    };
    let held = tokio::time::timeout(soon, migrator.run_migrations(no_wait)).await;
    assert_eq!(held.expect("it does not wait").unwrap_err().code(), "LOCK_HELD");
    let waiting_stop = StopSignal::new();
    let waiting = RunOptions { stop: waiting_stop.clone(), ..RunOptions::default() };
    let other = migrator.clone();
    let waiting = tokio::spawn(async move { other.run_migrations(waiting).await });
    tokio::task::yield_now().await;
    waiting_stop.stop(whimbrel::StopReason::Cancelled);
    let stopped = tokio::time::timeout(soon, waiting).await.expect("it hears the signal");
    assert_eq!(stopped.unwrap().unwrap_err().code(), "INTERRUPTED");
    stop.stop(whimbrel::StopReason::Cancelled);
    assert_eq!(running.await.unwrap().unwrap_err().code(), "INTERRUPTED");
}

#[tokio::test]
async fn an_observer_that_panics_ends_nothing() {
    let world = World::start().await;
    world.script("001_a.js");
    let observer = |event: &whimbrel::Event| {
        if let whimbrel::Event::Started { .. } = event {
            panic!("the observer has a bug");
        }
    };
    apply(&world.builder().observer(observer).build().unwrap()).await;
    assert_eq!(world.rows().await, ["001_a.js: completed"]);
    assert_eq!(world.trail().await.last().unwrap(), "lock_released");
}

#[tokio::test]
async fn an_applications_client_can_be_shut_down_however_a_run_ended() {
    let world = World::start().await;
    let text = "export const transaction = true;\nexport default async (db) => { await db.collection('a').insertOne({}); };";
    world.database().create_collection("a").await.unwrap();
    world.file("001_first.js", text);
    let client = mongodb::Client::with_uri_str(world.server.uri()).await.unwrap();
    let migrator = whimbrel::Migrator::builder(client.database("shop")).directory(world.scripts());
    let migrator = migrator.build().unwrap();
    apply(&migrator).await;

    // One that never gets the lock has named a session for it all the same.
    world.file("002_second.js", text);
    let lock = world.database().collection::<Document>("migrations_lock");
    let later = mongodb::bson::DateTime::from_millis(
        mongodb::bson::DateTime::now().timestamp_millis() + 600_000,
    );
    let taken = doc! { "$set": { "owner": "somebody", "expiresAt": later } };
    lock.update_one(doc! { "_id": "whimbrel" }, taken).await.unwrap();
    let no_wait = RunOptions {
        lock_wait: Some(whimbrel::LockWait::For(Duration::ZERO)),
        ..RunOptions::default()
    };
    assert_eq!(migrator.run_migrations(no_wait).await.unwrap_err().code(), "LOCK_HELD");
    let shutdown = tokio::time::timeout(Duration::from_secs(20), client.shutdown());
    shutdown.await.expect("every session is given back");
    drop(migrator);
}
