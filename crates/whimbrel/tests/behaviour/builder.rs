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
    let (_, text, _) = error(builder().migration(NativeMigration::new("004_x.js", nothing)));
    assert!(text.contains("files ending in .js"), "{text}");
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
async fn two_migrations_may_not_have_one_version() {
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

#[tokio::test]
async fn a_migration_comes_from_one_place() {
    let world = World::start().await;
    world.script("001_first.js");
    let migrator = world.builder().embedded(crate::embedded::WITH_HELPERS).build().unwrap();
    let failure = migrator.run_migrations(RunOptions::default()).await.unwrap_err();
    assert_eq!(failure.code(), "FILE_NAME_DUPLICATE");
    assert_eq!(failure.to_string(), "two migrations are called 001_first.js");
    assert!(failure.hints()[0].contains("one place"));
}

#[tokio::test]
async fn a_config_gives_its_settings_and_leaves_what_is_in_the_program() {
    let world = World::start().await;
    world.script("001_a.js");
    let project = world.server.folder().join("project");
    let text = "collection = \"changes\"\ntransaction = true\nnewer_database = \"refuse\"\n";
    std::fs::write(project.join("whimbrel.toml"), text).unwrap();
    // A connection string, and no PATH: nothing here runs in Node.js.
    let uri = format!("uri = \"{}\"\n{text}", world.server.uri());
    std::fs::write(project.join("whimbrel.toml"), uri).unwrap();
    let layers = whimbrel::Layers::new(&project, whimbrel::Environment::default());
    let config = whimbrel::Config::load(layers).unwrap();

    let from_folder = Migrator::builder(world.database()).config(&config).build().unwrap();
    apply(&from_folder).await;
    let row = &crate::support::documents(&world.database(), "changes").await[0];
    assert!(row.get_bool("transaction").unwrap(), "{row}");
    // The folder of the settings does not count beside what is compiled in.
    let embedded = Migrator::builder(world.database()).embedded(crate::embedded::WITH_HELPERS);
    let embedded = embedded.config(&config).build().unwrap();
    let failure = embedded.run_migrations(RunOptions::default()).await.unwrap_err();
    assert_eq!(failure.code(), "MIGRATION_RENAMED", "{failure}");
}

#[tokio::test]
async fn settings_of_scripts_are_the_builders() {
    let world = World::start().await;
    let project = world.server.folder().join("project");
    std::fs::create_dir_all(project.join("out")).unwrap();
    world.file(
        "001_x.js",
        "import fs from 'node:fs';\nexport default async (db) => { fs.writeFileSync('out/a.txt', 'a'); \
         db.collection('a').insertOne({}); };",
    );
    let up = |builder: whimbrel::MigratorBuilder| async move {
        builder.build().unwrap().run_migrations(RunOptions::default()).await
    };
    let refused = up(world.builder().project(&project)).await.unwrap_err();
    assert!(refused.to_string().contains("ERR_ACCESS_DENIED"), "{refused}");
    let permissions =
        whimbrel::config::Permissions { write: vec!["out".into()], ..Default::default() };
    let strict =
        world.builder().project(&project).permissions(permissions.clone()).strict_await(true);
    let refused = up(strict).await.unwrap_err();
    assert!(refused.to_string().contains("await"), "{refused}");
    up(world.builder().project(&project).permissions(permissions)).await.unwrap();
    assert_eq!(std::fs::read_to_string(project.join("out/a.txt")).unwrap(), "a");

    world.file(
        "002_old.js",
        "export default async (db) => { await db.collection('a').insert({}); };",
    );
    let off = world.builder().legacy(whimbrel::config::Legacy::Off);
    assert!(up(off).await.unwrap_err().to_string().contains("TypeError"));
    up(world.builder()).await.unwrap();
}

#[tokio::test]
async fn imports_that_may_change_are_the_builders() {
    let world = World::start().await;
    let project = world.server.folder().join("project");
    std::fs::create_dir_all(project.join("models")).unwrap();
    let model = project.join("models/user.js");
    std::fs::write(&model, "export const a = 1;").unwrap();
    world.file(
        "001_x.js",
        "import { a } from '../../models/user.js';\nexport default async () => { a; };",
    );
    let builder = || world.builder().project(&project);
    apply(&builder().build().unwrap()).await;
    std::fs::write(&model, "export const a = 2;").unwrap();
    let modified = builder().build().unwrap().run_migrations(RunOptions::default()).await;
    assert_eq!(modified.unwrap_err().code(), "MIGRATION_MODIFIED");
    apply(&builder().ignore_imports(["models"]).build().unwrap()).await;
    std::fs::remove_file(&model).unwrap();
    let gone = builder().build().unwrap().run_migrations(RunOptions::default()).await.unwrap_err();
    assert!(gone.to_string().contains("models/user.js, which it imports, is gone"), "{gone}");
}

#[tokio::test]
async fn order_interruption_and_run_limit_are_the_builders() {
    let world = World::start().await;
    world.script("002_b.js");
    apply(&world.migrator()).await;
    world.script("001_a.js");
    let refusing = world.builder().out_of_order(whimbrel::OutOfOrder::Refuse).build().unwrap();
    let failure = refusing.run_migrations(RunOptions::default()).await.unwrap_err();
    assert_eq!(failure.code(), "OUT_OF_ORDER");
    apply(&world.builder().out_of_order(whimbrel::OutOfOrder::Run).build().unwrap()).await;

    let rows = world.database().collection::<whimbrel::mongodb::bson::Document>("migrations");
    let cut_off = whimbrel::mongodb::bson::doc! { "$set": { "status": "running" } };
    rows.update_one(whimbrel::mongodb::bson::doc! { "name": "001_a.js" }, cut_off).await.unwrap();
    let stopping = world.builder().on_interrupted(whimbrel::OnInterrupted::Stop).build().unwrap();
    let failure = stopping.run_migrations(RunOptions::default()).await.unwrap_err();
    assert_eq!(failure.code(), "MIGRATION_INTERRUPTED");

    let world = World::start().await;
    let endless =
        "export default async () => { for (;;) await new Promise((r) => setTimeout(r, 5)); };";
    world.file("001_endless.js", endless);
    let limited = world.builder().run_timeout(Duration::from_millis(200)).build().unwrap();
    let failure = limited.run_migrations(RunOptions::default()).await.unwrap_err();
    assert_eq!(failure.code(), "RUN_TIMEOUT");
}

#[tokio::test]
async fn a_lock_with_a_connection_of_its_own_is_renewed_over_it() {
    let world = World::start().await;
    let commands = crate::support::Commands::default();
    let up = async |_: MigrationContext| {
        tokio::time::sleep(Duration::from_millis(1500)).await;
        Ok(())
    };
    let builder = world.builder().migration(NativeMigration::new("1_slow", up));
    let builder = builder.lock_ttl(Duration::from_secs(3));
    let options = commands.options(&world.server).await;
    apply(&builder.lock_connection(options).build().unwrap()).await;
    assert_eq!(world.rows().await, ["1_slow.rs: completed"]);
    assert!(!commands.take().is_empty(), "every half second");
}
