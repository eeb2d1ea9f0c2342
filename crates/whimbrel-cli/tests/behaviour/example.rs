//! The example project: each migration takes back exactly what it did.

use std::collections::BTreeMap;
use std::path::Path;

use futures_util::TryStreamExt;
use mongodb::bson::{Document, doc};
use whimbrel_testing::TestDatabase;

use crate::support::Project;

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target)
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Everything but our own bookkeeping: documents, indexes, options.
async fn dump(test: &TestDatabase) -> BTreeMap<String, String> {
    let database = test.client_database("social");
    let mut dump = BTreeMap::new();
    let infos: Vec<_> = database.list_collections().await.unwrap().try_collect().await.unwrap();
    for info in infos {
        let name = info.name.clone();
        if name.starts_with("migrations")
            || name.starts_with("seeds")
            || name.starts_with("system.")
        {
            continue;
        }
        let collection = database.collection::<Document>(&name);
        let documents: Vec<Document> = collection
            .find(doc! {})
            .sort(doc! { "_id": 1 })
            .await
            .unwrap()
            .try_collect()
            .await
            .unwrap();
        let mut indexes: Vec<String> = collection
            .list_indexes()
            .await
            .unwrap()
            .map_ok(|index| format!("{} {:?}", index.keys, index.options))
            .try_collect()
            .await
            .unwrap();
        indexes.sort();
        let mut options = info.options.clone();
        // collMod can set these to their defaults and not take them away.
        if options.validator.as_ref().is_none_or(Document::is_empty) {
            options.validator = None;
        }
        options.validation_level = None;
        options.validation_action = None;
        dump.insert(name, format!("{documents:?}\n{indexes:?}\n{options:?}"));
    }
    dump
}

#[tokio::test]
async fn each_migration_rolls_back_to_the_state_before() {
    let test = TestDatabase::start().await;
    let project = Project::new(Some(test.uri()));
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/social");
    copy(&example, &project.path());
    let run = |args: &[&str]| project.run(&[args, &["--database", "social"]].concat()).must();
    run(&["up", "--dir", "seed", "--collection", "seeds"]);
    let mut states = vec![dump(&test).await];
    for number in 1..=5 {
        run(&["up", "--count", "1"]);
        let after = dump(&test).await;
        assert_ne!(after, states[number - 1], "migration {number} does something");
        run(&["down"]);
        assert_eq!(dump(&test).await, states[number - 1], "migration {number} is taken back");
        run(&["up", "--count", "1"]);
        assert_eq!(dump(&test).await, after, "migration {number} does the same again");
        states.push(after);
    }
    run(&["down", "--all", "--yes"]);
    assert_eq!(dump(&test).await, states[0]);
}
