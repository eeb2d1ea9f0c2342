//! Migrations when servers start.

use std::time::Duration;

use mongodb::bson::{Document, doc};
use whimbrel::mongodb;
use whimbrel::{
    AutoMigrator, LockWait, MigrationContext, NativeMigration, NewerDatabase, Readiness,
    StartupOptions, StartupOutcome,
};

use crate::support::{Commands, World, until};

/// A migrator whose one migration works until there is a document in `gate`.
fn gated(world: &World) -> AutoMigrator {
    let up = async |context: MigrationContext| {
        let gate = context.database().collection::<Document>("gate");
        let ran = context.database().collection::<Document>("ran");
        ran.insert_one(doc! { "_id": "1_gated.rs" }).await?;
        while gate.count_documents(doc! {}).await? == 0 {
            context.checkpoint()?;
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(())
    };
    let builder = world.builder().migration(NativeMigration::new("1_gated", up));
    AutoMigrator::new(builder.build().unwrap())
}

async fn open(world: &World) {
    let gate = world.database().collection::<Document>("gate");
    gate.insert_one(doc! { "_id": "open" }).await.unwrap();
}

fn start(
    auto: &AutoMigrator,
) -> tokio::task::JoinHandle<Result<whimbrel::StartupReport, whimbrel::StartupError>> {
    let auto = auto.clone();
    tokio::spawn(async move { auto.run_on_startup(StartupOptions::default()).await })
}

#[tokio::test]
async fn one_replica_migrates_and_the_others_wait_without_taking_the_lock() {
    let world = World::start().await;
    let first = gated(&world);
    assert_eq!(first.status_source().readiness(), Readiness::Starting);
    let running = start(&first);
    until(async || (!world.ran().await.is_empty()).then_some(())).await;
    assert!(matches!(first.status_source().readiness(), Readiness::Migrating { .. }));

    let others: Vec<AutoMigrator> = (0..3).map(|_| gated(&world)).collect();
    let waiting: Vec<_> = others.iter().map(start).collect();
    for other in &others {
        let status = other.status_source();
        let is_waiting =
            async || matches!(status.readiness(), Readiness::Waiting { .. }).then_some(());
        until(is_waiting).await;
        let text = status.readiness().to_string();
        assert!(text.starts_with("waiting for host"), "{text}");
    }
    open(&world).await;
    assert_eq!(running.await.unwrap().unwrap().outcome, StartupOutcome::Migrated);
    for waiting in waiting {
        let report = waiting.await.unwrap().unwrap();
        assert_eq!(report.outcome, StartupOutcome::MigratedElsewhere);
        assert!(report.waited.is_some() && report.run.skipped == ["1_gated.rs"]);
    }
    assert!(others.iter().all(|other| other.status_source().is_ready()));
    let taken = world.trail().await.into_iter().filter(|event| event == "lock_taken").count();
    assert_eq!(taken, 1);
    let report = start(&first).await.unwrap().unwrap();
    assert_eq!((report.outcome, report.waited), (StartupOutcome::UpToDate, None));
}

#[tokio::test]
async fn a_waiting_replica_sends_nothing_but_reads() {
    let world = World::start().await;
    let running = start(&gated(&world));
    until(async || (!world.ran().await.is_empty()).then_some(())).await;
    let commands = Commands::default();
    let client = commands.client(&world.server).await;
    let never = NativeMigration::new("1_gated", async |_| Err("it is run elsewhere".into()));
    let migrator = whimbrel::Migrator::builder(client.database("shop")).migration(never);
    let second = AutoMigrator::new(migrator.build().unwrap());
    let waiting = start(&second);
    let status = second.status_source();
    until(async || matches!(status.readiness(), Readiness::Waiting { .. }).then_some(())).await;
    open(&world).await;
    waiting.await.unwrap().unwrap();
    running.await.unwrap().unwrap();
    let sent = commands.take();
    assert!(sent.iter().all(|name| name == "find" || name == "hello"), "{sent:?}");
}

#[tokio::test]
async fn a_wait_and_a_start_have_their_limits() {
    let world = World::start().await;
    let running = start(&gated(&world));
    until(async || (!world.ran().await.is_empty()).then_some(())).await;

    let second = gated(&world);
    let no_wait =
        StartupOptions { wait: LockWait::For(Duration::ZERO), ..StartupOptions::default() };
    let error = second.run_on_startup(no_wait).await.unwrap_err();
    assert_eq!((error.code(), error.exit_code()), ("LOCK_HELD", 3));
    let failed = Readiness::Failed { code: "LOCK_HELD", message: error.to_string() };
    assert_eq!(second.status_source().readiness(), failed);

    let short =
        StartupOptions { timeout: Some(Duration::from_millis(200)), ..StartupOptions::default() };
    let error = second.run_on_startup(short).await.unwrap_err();
    assert_eq!((error.code(), error.exit_code()), ("RUN_TIMEOUT", 1));
    assert!(error.waited.is_some());
    open(&world).await;
    running.await.unwrap().unwrap();
    second.run_on_startup(StartupOptions::default()).await.unwrap();
    assert!(second.status_source().is_ready());
}

#[tokio::test]
async fn a_failure_is_given_back_with_what_to_do() {
    let world = World::start().await;
    world.file("001_x.js", "export default async () => { throw new Error('no such plan'); };");
    let auto = AutoMigrator::new(world.migrator());
    let error = auto.run_on_startup(StartupOptions::default()).await.unwrap_err();
    assert_eq!((error.code(), error.exit_code()), ("MIGRATION_FAILED", 1));
    assert!(error.to_string().contains("no such plan"), "{error}");
    assert_eq!(error.failure.report.failed[0].name, "001_x.js");
    let Readiness::Failed { code, message } = auto.status_source().readiness() else {
        panic!("{:?}", auto.status_source().readiness());
    };
    assert!(code == "MIGRATION_FAILED" && !message.contains('\n'), "{message}");
}

#[tokio::test]
async fn an_older_replica_says_what_it_does_not_have() {
    let world = World::start().await;
    world.script("001_a.js").script("002_b.js");
    crate::support::apply(&world.migrator()).await;
    std::fs::remove_file(world.scripts().join("002_b.js")).unwrap();
    let auto = AutoMigrator::new(world.migrator());
    let report = auto.run_on_startup(StartupOptions::default()).await.unwrap();
    assert_eq!(
        (report.outcome, report.newer),
        (StartupOutcome::UpToDate, vec!["002_b.js".to_owned()])
    );
    let refusing = world.builder().newer_database(NewerDatabase::Refuse).build().unwrap();
    let refused = AutoMigrator::new(refusing).run_on_startup(StartupOptions::default()).await;
    let error = refused.unwrap_err();
    assert_eq!((error.code(), error.exit_code()), ("DATABASE_NEWER", 4));
    assert!(error.hints()[0].contains("newer_database"), "{:?}", error.hints());
}

#[tokio::test]
async fn what_is_ready_stays_ready_and_what_was_dropped_says_so() {
    let world = World::start().await;
    world.script("001_a.js");
    let migrator = world.migrator();
    let status = migrator.status_source();
    let only = whimbrel::RunOptions {
        target: whimbrel::UpTarget::Count(1),
        ..whimbrel::RunOptions::default()
    };
    migrator.run_migrations(only).await.unwrap();
    assert_eq!(status.readiness(), Readiness::Starting, "that was not everything");
    crate::support::apply(&migrator).await;
    assert!(status.is_ready());
    migrator.rollback(whimbrel::RollbackOptions::default()).await.unwrap();
    assert!(status.is_ready());
    world.file("001_a.js", "export default async () => { throw new Error('later'); };");
    migrator.run_migrations(whimbrel::RunOptions::default()).await.unwrap_err();
    assert!(status.is_ready(), "a server that serves is not taken out");

    let world = World::start().await;
    let auto = gated(&world);
    let status = auto.status_source();
    tokio::select! {
        _ = auto.run_on_startup(StartupOptions::default()) => panic!("it waits for the gate"),
        () = until(async || (!world.ran().await.is_empty()).then_some(())) => {}
    }
    let is_stopped = async || {
        matches!(status.readiness(), Readiness::Failed { code: "INTERRUPTED", .. }).then_some(())
    };
    until(is_stopped).await;
}

#[tokio::test]
async fn a_start_does_not_wait_longer_for_a_server_that_is_not_there() {
    let world = World::start().await;
    world.script("001_a.js");
    // Nobody listens there, and the driver would look for thirty seconds.
    let client =
        mongodb::Client::with_uri_str("mongodb://u:s3cret@127.0.0.1:1/shop").await.unwrap();
    let migrator = whimbrel::Migrator::builder(client.database("shop")).directory(world.scripts());
    let auto = AutoMigrator::new(migrator.build().unwrap());
    let limit =
        StartupOptions { timeout: Some(Duration::from_millis(300)), ..StartupOptions::default() };
    let error = tokio::time::timeout(Duration::from_secs(20), auto.run_on_startup(limit)).await;
    let error = error.expect("the limit counts").unwrap_err();
    assert_eq!(error.code(), "RUN_TIMEOUT");

    let shutting_down = auto.clone();
    let start = tokio::spawn(async move { auto.run_on_startup(StartupOptions::default()).await });
    tokio::task::yield_now().await;
    let shutdown =
        tokio::time::timeout(Duration::from_secs(20), shutting_down.migrator().shutdown());
    shutdown.await.expect("it does not wait for the server");
    assert_eq!(start.await.unwrap().unwrap_err().code(), "INTERRUPTED");
}

#[tokio::test]
async fn no_password_is_ever_shown() {
    let uri = "mongodb://someone:s3cret@127.0.0.1:1/shop?serverSelectionTimeoutMS=50";
    let client = mongodb::Client::with_uri_str(uri).await.unwrap();
    let world = World::start().await;
    world.script("001_a.js");
    let builder = whimbrel::Migrator::builder(client.database("shop")).directory(world.scripts());
    let builder_text = format!("{builder:?}");
    let auto = AutoMigrator::new(builder.build().unwrap());
    let error = auto.run_on_startup(StartupOptions::default()).await.unwrap_err();
    assert_eq!(error.exit_code(), 5);
    for text in [
        builder_text,
        format!("{error} {error:?} {:?}", error.hints()),
        format!("{:?} {}", auto.status_source().readiness(), auto.status_source().readiness()),
        format!("{auto:?}"),
    ] {
        assert!(!text.contains("s3cret") && !text.contains("someone"), "{text}");
    }
}
