//! What cannot be built, and where things are looked for.

use std::time::Duration;

use whimbrel::{
    BuildError, MigrationContext, MigrationResult, Migrator, NativeMigration, RunOptions,
};

use crate::support::{World, apply};

async fn nothing(_: MigrationContext) -> MigrationResult {
    Ok(())
}

fn error(builder: whimbrel::MigratorBuilder) -> (&'static str, String, Option<String>) {
    let error: BuildError = builder.build().unwrap_err();
    (error.code(), error.to_string(), error.hint())
}

#[tokio::test]
async fn what_is_missing_or_wrong_is_said_before_anything_is_asked() {
    // Nobody listens there; building does not notice.
    let client = whimbrel::mongodb::Client::with_uri_str("mongodb://127.0.0.1:1").await.unwrap();
    let builder = || Migrator::builder(client.database("shop"));

    let (code, _, hint) = error(builder());
    assert!(code == "MIGRATIONS_MISSING" && hint.unwrap().contains("directory("));
    let (code, text, hint) = error(builder().migration(NativeMigration::new("backfill", nothing)));
    assert_eq!(code, "MIGRATION_NAME_INVALID");
    assert!(text.contains("\"backfill\"") && hint.unwrap().contains("003_"), "{text}");
    let twice = builder()
        .migration(NativeMigration::new("1_a", nothing))
        .migration(NativeMigration::new("1_a.rs", nothing));
    assert_eq!(error(twice).1, "two migrations are called 1_a.rs");
    let (code, text, _) = error(builder().directory("x").lock_ttl(Duration::from_millis(1)));
    assert!(code == "CONFIG_VALUE" && text.contains("lock_ttl"), "{text}");
    let (_, text, _) = error(builder().directory("x").collection("a$b"));
    assert!(text.contains("collection"), "{text}");
}

#[tokio::test]
async fn two_places_may_not_have_one_migration() {
    let world = World::start().await;
    world.script("001_a.js");
    let one = NativeMigration::new("001_b", nothing);
    let migrator = world.builder().migration(one).build().unwrap();
    let failure = migrator.run_migrations(RunOptions::default()).await.unwrap_err();
    assert_eq!(failure.source.code(), "VERSION_DUPLICATE");
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_named() {
    let world = World::start().await;
    let migrator = Migrator::builder(world.database())
        .directory(world.scripts().join("nowhere"))
        .build()
        .unwrap();
    let failure = migrator.run_migrations(RunOptions::default()).await.unwrap_err();
    assert_eq!(failure.source.code(), "DIRECTORY_MISSING");
    assert!(failure.to_string().contains("nowhere"), "{failure}");
}

#[tokio::test]
async fn imports_are_recorded_relative_to_the_folder_of_the_settings() {
    let world = World::start().await;
    let project = world.server.folder().join("project");
    std::fs::create_dir_all(project.join("shared")).unwrap();
    std::fs::write(project.join("shared/a.js"), "export const a = 1;").unwrap();
    world.file(
        "001_x.js",
        "import { a } from '../../shared/a.js';\nexport default async () => { a; };",
    );
    std::fs::write(project.join("whimbrel.toml"), "").unwrap();
    apply(&world.migrator()).await;
    let row = world.row("001_x.js").await;
    let import = row.get_array("imports").unwrap()[0].as_document().unwrap().clone();
    assert_eq!(import.get_str("path").unwrap(), "shared/a.js");
}
