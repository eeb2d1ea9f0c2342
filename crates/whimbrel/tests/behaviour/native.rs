//! Migrations in Rust.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mongodb::bson::{Document, doc};
use whimbrel::mongodb;
use whimbrel::{
    Event, Migration, MigrationContext, MigrationResult, NativeMigration, RollbackOptions,
    RunOptions, StopReason, StopSignal,
};

use crate::support::{World, apply, documents, done, until};

struct Typed;

impl Migration for Typed {
    fn name(&self) -> &str {
        "002_typed"
    }

    fn description(&self) -> Option<&str> {
        Some("as a type")
    }

    async fn up(&self, context: MigrationContext) -> MigrationResult {
        insert(&context, "002_typed.rs").await
    }

    async fn rollback(&self, context: MigrationContext) -> MigrationResult {
        let ran = context.database().collection::<Document>("ran");
        ran.delete_one(doc! { "_id": "002_typed.rs" }).await?;
        Ok(())
    }
}

async fn insert(context: &MigrationContext, id: &str) -> MigrationResult {
    context.database().collection::<Document>("ran").insert_one(doc! { "_id": id }).await?;
    Ok(())
}

#[tokio::test]
async fn they_have_their_place_among_the_files() {
    let world = World::start().await;
    world.script("001_a.js").script("004_d.js");
    world.file(
        "003_c.json",
        r#"{ "up": [{ "insert": "ran", "documents": [{ "_id": "003_c.json" }] }] }"#,
    );
    let function =
        NativeMigration::new("005_e", async |context| insert(&context, "005_e.rs").await);
    let migrator = world.builder().migration(function).migration(Typed).build().unwrap();

    let expected = ["001_a.js", "002_typed.rs", "003_c.json", "004_d.js", "005_e.rs"];
    assert_eq!(done(&apply(&migrator).await), expected);
    assert_eq!(world.ran().await, expected);
    let row = world.row("002_typed.rs").await;
    assert_eq!(row.get_str("version").unwrap(), "002");
    assert_eq!(row.get_str("description").unwrap(), "as a type");
    assert!(row.get_str("checksum").unwrap().starts_with("sha256:"));
    assert!(apply(&migrator).await.done.is_empty());

    // The function said nothing on how to take it back; the type did.
    let down = |name: &str| RollbackOptions {
        target: whimbrel::DownTarget::Names(vec![name.to_owned()]),
        ..RollbackOptions::default()
    };
    let refused = migrator.rollback(down("005_e")).await.unwrap_err();
    assert_eq!(refused.source.code(), "ROLLBACK_MISSING");
    assert_eq!(done(&migrator.rollback(down("2")).await.unwrap()), ["002_typed.rs"]);

    // A program without it says why it cannot take it back.
    apply(&migrator).await;
    let refused = world.migrator().rollback(down("002_typed.rs")).await.unwrap_err();
    assert_eq!(refused.source.code(), "ROLLBACK_FILE_MISSING");
    assert!(refused.source.hints()[0].contains("it is Rust code"), "{:?}", refused.source.hints());
}

#[tokio::test]
async fn a_failure_is_told_with_its_causes_and_the_servers_code() {
    let world = World::start().await;
    let twice = async |context: MigrationContext| {
        insert(&context, "x").await?;
        insert(&context, "x").await
    };
    let migrator =
        world.builder().migration(NativeMigration::new("1_twice", twice)).build().unwrap();
    let failure = migrator.run_migrations(RunOptions::default()).await.unwrap_err();
    assert!(failure.to_string().contains("11000"), "{failure}");
    let row = world.row("1_twice.rs").await;
    assert_eq!(row.get_document("errorDetail").unwrap().get_i32("code").unwrap(), 11000);

    #[derive(Debug, thiserror::Error)]
    #[error("the import failed")]
    struct Outer(#[source] std::fmt::Error);
    let own = async |_| Err(Outer(std::fmt::Error).into());
    let migrator = world.builder().migration(NativeMigration::new("2_own", own)).build().unwrap();
    let only = RunOptions {
        target: whimbrel::UpTarget::Names(vec!["2_own".to_owned()]),
        ..RunOptions::default()
    };
    let failure = migrator.run_migrations(only).await.unwrap_err();
    let text = failure.to_string();
    assert!(text.contains("the import failed") && text.contains("caused by: an error"), "{text}");
}

#[tokio::test]
async fn a_panic_is_a_failure_and_the_lock_is_given_back() {
    let world = World::start().await;
    async fn up(_: MigrationContext) -> MigrationResult {
        panic!("out of {}", "luck")
    }
    let migrator = world.builder().migration(NativeMigration::new("1_x", up)).build().unwrap();
    let failure = migrator.run_migrations(RunOptions::default()).await.unwrap_err();
    assert!(failure.to_string().contains("the migration panicked: out of luck"), "{failure}");
    assert_eq!(world.rows().await, ["1_x.rs: failed"]);
    assert!(migrator.migration_status().await.unwrap().lock.is_none());
}

async fn two_accounts(mut context: MigrationContext, fail: bool) -> MigrationResult {
    let accounts = context.database().collection::<Document>("accounts");
    let session = context.session().ok_or("it runs in a transaction")?;
    accounts.insert_one(doc! { "_id": "a" }).session(&mut *session).await?;
    accounts.insert_one(doc! { "_id": "b" }).session(session).await?;
    if fail { Err("not today".into()) } else { Ok(()) }
}

#[tokio::test]
async fn a_transaction_leaves_all_or_nothing() {
    let world = World::start().await;
    let failing = NativeMigration::new("1_x", async |context| two_accounts(context, true).await);
    let migrator = world.builder().migration(failing.transaction(true)).build().unwrap();
    migrator.run_migrations(RunOptions::default()).await.unwrap_err();
    assert!(documents(&world.database(), "accounts").await.is_empty());

    let working = NativeMigration::new("1_x", async |context| two_accounts(context, false).await);
    let migrator = world.builder().migration(working.transaction(true)).build().unwrap();
    apply(&migrator).await;
    assert_eq!(documents(&world.database(), "accounts").await.len(), 2);
    assert!(world.row("1_x.rs").await.get_bool("transaction").unwrap());
}

#[tokio::test]
async fn a_transaction_with_a_conflict_is_tried_again_whole() {
    let world = World::start().await;
    let counters = world.database().collection::<Document>("counters");
    counters.insert_one(doc! { "_id": 1, "n": 0 }).await.unwrap();
    let attempts = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&attempts);
    let up = move |mut context: MigrationContext| {
        let attempt = counted.fetch_add(1, Ordering::Relaxed);
        async move {
            let counters = context.database().collection::<Document>("counters");
            let session = context.session().ok_or("it runs in a transaction")?;
            counters.find_one(doc! { "_id": 1 }).session(&mut *session).await?;
            if attempt == 0 {
                // Somebody else writes what this transaction has read, and is about to write.
                counters.update_one(doc! { "_id": 1 }, doc! { "$inc": { "n": 10 } }).await?;
            }
            let more = doc! { "$inc": { "n": 1 } };
            counters.update_one(doc! { "_id": 1 }, more).session(session).await?;
            Ok(())
        }
    };
    let migration = NativeMigration::new("1_x", up).transaction(true);
    apply(&world.builder().migration(migration).build().unwrap()).await;
    assert_eq!(attempts.load(Ordering::Relaxed), 2);
    assert_eq!(documents(&world.database(), "counters").await[0].get_i32("n").unwrap(), 11);
}

#[tokio::test]
async fn what_a_transaction_leaves_behind_fails_it() {
    let world = World::start().await;
    let up = async |context: MigrationContext| {
        tokio::spawn(async move {
            std::future::pending::<()>().await;
            drop(context);
        });
        Ok(())
    };
    let migration = NativeMigration::new("1_x", up).transaction(true);
    let migrator = world.builder().migration(migration).build().unwrap();
    let failure = migrator.run_migrations(RunOptions::default()).await.unwrap_err();
    assert!(failure.to_string().contains("keeps its context"), "{failure}");
    assert_eq!(world.rows().await, ["1_x.rs: failed"]);
}

/// Inserts a document every few milliseconds until it is stopped.
async fn endless(context: MigrationContext, asks: bool) -> MigrationResult {
    let ticks = context.database().collection::<Document>("ticks");
    for tick in 0.. {
        if asks {
            context.checkpoint()?;
        }
        ticks.insert_one(doc! { "tick": tick }).await?;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}

async fn ticks(world: &World) -> usize {
    documents(&world.database(), "ticks").await.len()
}

#[tokio::test]
async fn one_that_asks_ends_when_it_is_stopped() {
    let world = World::start().await;
    let migration = NativeMigration::new("1_x", async |context| endless(context, true).await);
    let migrator = world.builder().migration(migration).build().unwrap();
    let stop = StopSignal::new();
    let options = RunOptions { stop: stop.clone(), ..RunOptions::default() };
    let running = tokio::spawn(async move { migrator.run_migrations(options).await });
    until(async || (ticks(&world).await > 3).then_some(())).await;
    stop.stop(StopReason::Cancelled);
    let failure = running.await.unwrap().unwrap_err();
    assert_eq!(failure.source.code(), "INTERRUPTED");
    assert!(failure.source.hints().iter().all(|hint| !hint.contains("still be running")));
    assert_eq!(world.rows().await, ["1_x.rs: failed"]);
}

#[tokio::test]
async fn one_that_does_not_ask_is_ended_after_the_grace_time() {
    let world = World::start().await;
    let migration = NativeMigration::new("1_x", async |context| endless(context, false).await);
    let builder = world.builder().grace(Duration::from_millis(200));
    let migrator = builder.migration(migration).build().unwrap();
    let stop = StopSignal::new();
    let options = RunOptions { stop: stop.clone(), ..RunOptions::default() };
    let running = tokio::spawn(async move { migrator.run_migrations(options).await });
    until(async || (ticks(&world).await > 3).then_some(())).await;
    stop.stop(StopReason::Cancelled);
    let failure = running.await.unwrap().unwrap_err();
    assert_eq!(failure.code(), "INTERRUPTED");
    assert!(failure.hints().iter().any(|hint| hint.contains("may still be running")));
    let left = ticks(&world).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(ticks(&world).await, left, "nothing goes on beside whoever comes next");
}

#[tokio::test]
async fn one_whose_lock_is_lost_is_ended_at_once() {
    let world = World::start().await;
    let migration = NativeMigration::new("1_x", async |context| endless(context, false).await);
    let builder = world.builder().lock_ttl(Duration::from_secs(1));
    let migrator = builder.grace(Duration::from_secs(60)).migration(migration).build().unwrap();
    let running = tokio::spawn(async move { migrator.run_migrations(RunOptions::default()).await });
    until(async || (ticks(&world).await > 3).then_some(())).await;
    let lock = world.database().collection::<Document>("migrations_lock");
    let stolen = doc! { "$set": { "owner": "somebody else" }, "$inc": { "fence": 1_i64 } };
    lock.update_one(doc! { "_id": "whimbrel" }, stolen).await.unwrap();
    // The grace time is not for it.
    let ended = tokio::time::timeout(Duration::from_secs(30), running).await;
    let failure = ended.expect("it is ended at once").unwrap().unwrap_err();
    assert_eq!(failure.source.code(), "LEASE_LOST");
    let left = ticks(&world).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(ticks(&world).await, left);
}

#[tokio::test]
async fn progress_and_log_reach_observer_readiness_and_trail() {
    let world = World::start().await;
    let heard = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&heard);
    let observer = move |event: &Event| match event {
        Event::Progress { done, total, .. } => {
            told.lock().unwrap().push(format!("progress {done} of {total:?}"));
        }
        Event::Logged { message, .. } => told.lock().unwrap().push(format!("log {message}")),
        _ => {}
    };
    let seen = Arc::new(Mutex::new(String::new()));
    let reading: Arc<std::sync::OnceLock<whimbrel::StatusSource>> = Arc::default();
    let (source, text) = (Arc::clone(&reading), Arc::clone(&seen));
    let up = move |context: MigrationContext| {
        let (source, text) = (Arc::clone(&source), Arc::clone(&text));
        async move {
            context.progress(1, Some(2));
            context.log("half way", doc! { "n": 1 });
            *text.lock().unwrap() = source.get().unwrap().readiness().to_string();
            Ok(())
        }
    };
    let migration = NativeMigration::new("1_x", up);
    let migrator = world.builder().observer(observer).migration(migration).build().unwrap();
    reading.set(migrator.status_source()).ok();
    apply(&migrator).await;
    assert_eq!(*heard.lock().unwrap(), ["progress 1 of Some(2)", "log half way"]);
    assert_eq!(*seen.lock().unwrap(), "migrating: 1_x.rs (1 of 1), 1 of 2");
    assert!(world.trail().await.contains(&"migration_log".to_owned()), "{:?}", world.trail().await);
}

#[tokio::test]
async fn a_transaction_that_is_cut_off_keeps_nobody_waiting() {
    let world = World::start().await;
    let database = world.database();
    database.create_collection("accounts").await.unwrap();
    let accounts = database.collection::<Document>("accounts");
    accounts.insert_one(doc! { "_id": 1 }).await.unwrap();
    let up = async |mut context: MigrationContext| {
        let accounts = context.database().collection::<Document>("accounts");
        let session = context.session().ok_or("it runs in a transaction")?;
        accounts
            .update_one(doc! { "_id": 1 }, doc! { "$set": { "a": 1 } })
            .session(session)
            .await?;
        std::future::pending::<()>().await;
        Ok(())
    };
    let builder =
        world.builder().grace(Duration::from_millis(50)).timeout(Duration::from_millis(400));
    let migration = NativeMigration::new("1_x", up).transaction(true);
    let migrator = builder.migration(migration).build().unwrap();
    let failure = migrator.run_migrations(RunOptions::default()).await.unwrap_err();
    assert_eq!(failure.code(), "MIGRATION_TIMEOUT");
    // A transaction that is still open would make this wait, and then fail.
    let write = accounts.update_one(doc! { "_id": 1 }, doc! { "$set": { "b": 1 } });
    tokio::time::timeout(Duration::from_secs(20), write).await.expect("nobody holds it").unwrap();
    let stands = accounts.find_one(doc! { "_id": 1 }).await.unwrap().unwrap();
    assert_eq!(stands, doc! { "_id": 1, "b": 1 });
}
