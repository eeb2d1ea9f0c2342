//! Where scripts run in a program: in the embedded engine, or in Node.js if that was set up.

use whimbrel::RunOptions;

use crate::support::World;

const IN_NODE: &str = "
import os from 'node:os';
export const runtime = 'node';
export default async (db) => {
  await db.collection('ran').insertOne({ _id: 'node', versions: Object.keys(process.versions), host: os.hostname() });
};
";

#[tokio::test]
async fn what_asks_for_node_js_says_how_to_set_it_up() {
    let world = World::start().await;
    world.file("001_node.js", IN_NODE);
    let failure = world.migrator().run_migrations(RunOptions::default()).await.unwrap_err();
    assert_eq!(failure.source.code(), "MIGRATION_NOT_LOADED");
    assert!(failure.to_string().contains("it needs Node.js"), "{failure}");
    let way_out = match cfg!(feature = "node-runtime") {
        true => "MigratorBuilder::node",
        false => "the feature `node-runtime`",
    };
    assert!(failure.hints()[0].contains(way_out), "{failure}");
    assert!(world.rows().await.is_empty());
}

#[tokio::test]
#[cfg(not(feature = "typescript"))]
async fn what_is_typescript_says_which_feature_it_needs() {
    let world = World::start().await;
    world.file("001_x.ts", "export default async (db: unknown) => {};");
    let failure = world.migrator().run_migrations(RunOptions::default()).await.unwrap_err();
    assert_eq!(failure.code(), "MIGRATION_NOT_LOADED");
    assert!(failure.to_string().contains("the feature `typescript`"), "{failure}");
}

#[cfg(all(unix, feature = "node-runtime"))]
mod in_node {
    use mongodb::bson::doc;
    use whimbrel::config::Runtime;
    use whimbrel::mongodb;
    use whimbrel::{Environment, Migrator, NodeConnection};

    use super::IN_NODE;
    use crate::support::{World, apply, documents, done};

    /// The packages that `cargo xtask test` installs for the comparisons with Node.js.
    fn install_packages(world: &World) {
        let packages = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/node/node_modules");
        assert!(
            std::path::Path::new(packages).is_dir(),
            "the packages of tests/node are not there; `cargo xtask test` installs them"
        );
        let project = world.server.folder().join("project");
        std::os::unix::fs::symlink(packages, project.join("node_modules")).unwrap();
    }

    #[tokio::test]
    async fn a_program_that_nobody_can_find_is_an_error_of_the_builder() {
        let world = World::start().await;
        let builder = || Migrator::builder(world.database()).directory(world.scripts());
        let node = || NodeConnection::new(world.server.uri());
        let error = builder().node(node()).build().unwrap_err();
        assert!(error.to_string().contains("on the PATH"), "{error}");
        let by_path = NodeConnection { program: "/opt/node/bin/node".into(), ..node() };
        builder().node(by_path).build().unwrap();
    }

    #[tokio::test]
    async fn two_runs_at_once_take_turns_in_one_process_of_node_js() {
        let world = World::start().await;
        install_packages(&world);
        world.file("001_node.js", IN_NODE).script("002_embedded.js");
        let migrator = world
            .builder()
            .runtime(Runtime::Embedded)
            .environment(Environment::of_process())
            .node(NodeConnection::new(world.server.uri()))
            .build()
            .unwrap();
        let (one, two) = tokio::join!(apply(&migrator), apply(&migrator));
        let ran = if one.done.is_empty() { &two } else { &one };
        assert_eq!(done(ran), ["001_node.js", "002_embedded.js"]);
        let documents = documents(&world.database(), "ran").await;
        let node =
            documents.iter().find(|d| d.get_str("_id").is_ok_and(|id| id == "node")).unwrap();
        assert!(node.get_array("versions").unwrap().contains(&"v8".into()), "{node}");
        let trail = world.database().collection::<mongodb::bson::Document>("migrations_log");
        let in_node = doc! { "event": "migration_started", "detail.runtime": "node" };
        assert_eq!(trail.count_documents(in_node).await.unwrap(), 1);
    }
}
