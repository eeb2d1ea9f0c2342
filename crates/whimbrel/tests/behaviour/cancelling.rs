//! Futures that are dropped, and shutting down.

use std::time::Duration;

use mongodb::bson::doc;
use whimbrel::mongodb;
use whimbrel::{Migrator, NativeMigration, RunOptions};

use crate::support::{World, documents, until};

/// A migration that works until it is stopped, and says so.
fn slow(world: &World) -> Migrator {
    let up = async |context: whimbrel::MigrationContext| {
        let ticks = context.database().collection("ticks");
        loop {
            context.checkpoint()?;
            ticks.insert_one(doc! {}).await?;
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    world.builder().migration(NativeMigration::new("1_slow", up)).build().unwrap()
}

async fn running(world: &World) {
    until(async || (!documents(&world.database(), "ticks").await.is_empty()).then_some(())).await;
}

#[tokio::test]
async fn a_dropped_future_stops_the_run_which_records_and_releases() {
    let world = World::start().await;
    let migrator = slow(&world);
    tokio::select! {
        _ = migrator.run_migrations(RunOptions::default()) => panic!("it does not end by itself"),
        () = running(&world) => {}
    }
    until(async || (world.rows().await == ["1_slow.rs: failed"]).then_some(())).await;
    until(async || world.trail().await.contains(&"lock_released".to_owned()).then_some(())).await;
    let row = world.row("1_slow.rs").await;
    assert_eq!(row.get_document("errorDetail").unwrap().get_str("code").unwrap(), "INTERRUPTED");
}

#[tokio::test]
async fn a_shutdown_waits_until_it_is_recorded_and_stops_what_comes_later() {
    let world = World::start().await;
    let migrator = slow(&world);
    let other = migrator.clone();
    let run = tokio::spawn(async move { other.run_migrations(RunOptions::default()).await });
    running(&world).await;
    migrator.shutdown().await;
    assert_eq!(world.rows().await, ["1_slow.rs: failed"]);
    assert_eq!(world.trail().await.last().unwrap(), "lock_released");
    assert_eq!(run.await.unwrap().unwrap_err().source.code(), "INTERRUPTED");

    let later = migrator.run_migrations(RunOptions::default()).await.unwrap_err();
    assert_eq!(later.source.code(), "INTERRUPTED");
    // Reading is still possible.
    migrator.migration_status().await.unwrap();
}

#[tokio::test]
async fn a_shutdown_without_anything_running_ends_at_once() {
    let world = World::start().await;
    slow(&world).shutdown().await;
}

#[test]
fn everything_can_be_sent_and_shared() {
    fn is<T: Send + Sync + 'static>(_: &T) {}
    fn shared<T: Send + Sync + 'static>() {}
    shared::<Migrator>();
    shared::<whimbrel::AutoMigrator>();
    shared::<whimbrel::StatusSource>();
    shared::<whimbrel::RunFailure>();
    shared::<whimbrel::StartupError>();
    fn sendable<T: Send>(_: &T) {}
    let _ = |migrator: &'static Migrator| {
        is(migrator);
        sendable(&migrator.run_migrations(RunOptions::default()));
        sendable(&migrator.migration_status());
        sendable(&migrator.repair(Vec::new(), None));
    };
}
