//! Files compiled into the program.

use whimbrel::{
    EmbeddedMigrations, Migrator, RollbackOptions, RunOptions, State, embed_migrations,
};

use crate::support::{World, apply, documents, done, states};

pub(crate) static WITH_HELPERS: EmbeddedMigrations = embed_migrations!(
    "tests/fixtures/embedded/migrations/scripts",
    "tests/fixtures/embedded/migrations/helpers",
);
static WITHOUT: EmbeddedMigrations =
    embed_migrations!("tests/fixtures/embedded/migrations/scripts");

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/embedded");

#[tokio::test]
async fn they_run_and_are_taken_back_without_any_file() {
    let world = World::start().await;
    let migrator = Migrator::builder(world.database()).embedded(WITH_HELPERS).build().unwrap();
    assert_eq!(done(&apply(&migrator).await), ["001_first.js", "002_pair.up.json"]);
    let ran = documents(&world.database(), "ran").await;
    assert_eq!(ran[0].get_i32("sum").unwrap(), 3);
    let status = migrator.migration_status().await.unwrap();
    let skipped: Vec<&str> = status.skipped.iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!(skipped, ["README.md", "001_data.json"]);
    let all = RollbackOptions { target: whimbrel::DownTarget::All, ..RollbackOptions::default() };
    migrator.rollback(all).await.unwrap();
    assert!(world.ran().await.is_empty());
}

#[tokio::test]
async fn the_same_files_on_disk_have_the_same_history() {
    let world = World::start().await;
    let embedded = Migrator::builder(world.database()).embedded(WITH_HELPERS).build().unwrap();
    let folder = format!("{FOLDER}/migrations/scripts");
    let on_disk = Migrator::builder(world.database()).directory(folder).build().unwrap();
    apply(&embedded).await;
    let row = world.row("001_first.js").await;
    let imports = row.get_array("imports").unwrap().iter();
    let paths: Vec<&str> =
        imports.map(|import| import.as_document().unwrap().get_str("path").unwrap()).collect();
    assert_eq!(paths, ["migrations/helpers/two.js", "migrations/scripts/lib/one.js"]);
    assert!(apply(&on_disk).await.done.is_empty());
    assert!(on_disk.verify().await.unwrap().findings.is_empty());
    on_disk.rollback(RollbackOptions::default()).await.unwrap();
    assert_eq!(done(&apply(&on_disk).await), ["002_pair.up.json"]);
    assert!(embedded.verify().await.unwrap().findings.is_empty());
    let applied = |name: &str| (name.to_owned(), State::Applied);
    assert_eq!(states(&embedded).await, [applied("001_first.js"), applied("002_pair.up.json")]);
}

#[tokio::test]
async fn an_import_that_is_not_embedded_is_named() {
    let world = World::start().await;
    let migrator = Migrator::builder(world.database()).embedded(WITHOUT).build().unwrap();
    let failure = migrator.run_migrations(RunOptions::default()).await.unwrap_err();
    assert_eq!(failure.source.code(), "MIGRATION_NOT_LOADED");
    let text = failure.to_string();
    assert!(
        text.contains("migrations/helpers/two.js is not embedded in the program: name its folder"),
        "{text}"
    );
    assert!(world.rows().await.is_empty());
}
