//! With authentication: which role suffices for what, and how a missing right is told.

use mongodb::Client;
use mongodb::bson::doc;
use whimbrel_testing::TestDatabase;

use crate::support::{PASSWORD, Project};
use crate::world;

/// A server with a user of each kind; gives a project of one of them.
struct Guarded {
    test: TestDatabase,
    admin: Client,
}

impl Guarded {
    async fn start() -> Self {
        let test = TestDatabase::start_with(|builder| builder.auth(true)).await;
        let admin = test.client_database("admin");
        let user = |name: &str, roles: mongodb::bson::Bson| {
            doc! { "createUser": name, "pwd": PASSWORD, "roles": roles }
        };
        admin.run_command(user("root", mongodb::bson::bson!(["root"]))).await.unwrap();
        let uri = format!("mongodb://root:{PASSWORD}@127.0.0.1:{}/?authSource=admin", test.port());
        let root = Client::with_uri_str(uri).await.unwrap();
        for (name, role) in [("writer", "readWrite"), ("reader", "read")] {
            let roles = mongodb::bson::bson!([{ "role": role, "db": TestDatabase::NAME }]);
            root.database("admin").run_command(user(name, roles)).await.unwrap();
        }
        Self { test, admin: root }
    }

    fn project(&self, user: &str) -> Project {
        let project = Project::new(Some(format!(
            "mongodb://{user}:{PASSWORD}@127.0.0.1:{}/{}?authSource=admin",
            self.test.port(),
            TestDatabase::NAME
        )));
        world::migrations(&project, false);
        project
    }

    fn database(&self) -> mongodb::Database {
        self.admin.database(TestDatabase::NAME)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn read_write_on_the_one_database_suffices() {
    let guarded = Guarded::start().await;
    world::prepare(&guarded.database()).await;
    let project = guarded.project("writer");
    project.run(&["up"]).must();
    world::all_applied(&guarded.database()).await.unwrap();
    for arguments in [
        &["redo"][..],
        &["status"],
        &["verify"],
        &["lock"],
        &["repair", "--mark-pending", "2"],
        &["repair", "--mark-applied", "2", "--reason", "it was there"],
        &["history", "--ops"],
        &["down", "--all", "--yes"],
        &["reset", "--yes"],
        &["baseline"],
    ] {
        project.run(arguments).must();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn read_suffices_for_everything_that_only_looks() {
    let guarded = Guarded::start().await;
    world::prepare(&guarded.database()).await;
    let (reader, writer) = (guarded.project("reader"), guarded.project("writer"));
    for _ in 0..2 {
        for arguments in [
            &["status"][..],
            &["status", "--json"],
            &["verify"],
            &["history"],
            &["history", "1", "--ops", "--json"],
            &["lock"],
            &["up", "--dry-run"],
            &["down", "--all", "--dry-run"],
        ] {
            reader.run(arguments).must();
        }
        // Before there is any collection, and after.
        writer.run(&["up"]).must();
    }
    // Nothing is due, so nothing has to be written.
    reader.run(&["up"]).must();
    let refused = reader.run(&["down"]);
    assert_eq!(refused.code, 5, "{}", refused.stderr);
    assert!(refused.stderr.contains("not authorized while writing the lock"), "{}", refused.stderr);
    assert!(
        refused.stderr.contains(
            "hint: the user lacks the action `update` on shop: the role `readWrite` there has it"
        ),
        "{}",
        refused.stderr
    );
    world::all_applied(&guarded.database()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_migration_lacks_is_told_by_action_and_role() {
    let guarded = Guarded::start().await;
    let project = guarded.project("writer");
    for name in world::NAMES {
        project.remove(&format!("migrations/scripts/{name}"));
    }
    project.up_body("1_mod.js", "await db.createCollection('users'); await db.command({ collMod: 'users', validator: {} });");
    let ran = project.run(&["up"]);
    assert_eq!(ran.code, 1, "{}\n{}", ran.stdout, ran.stderr);
    assert!(
        ran.stderr.contains(
            "hint: the user lacks the action `collMod` on shop: the role `dbAdmin` there has it"
        ),
        "{}\n{}",
        ran.stdout,
        ran.stderr
    );
    let status = project.run(&["status"]).must();
    assert!(status.stdout.contains("[failed] 1_mod.js"), "{}", status.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_exit_5() {
    let guarded = Guarded::start().await;
    let uri = format!(
        "mongodb://writer:{PASSWORD}-not@127.0.0.1:{}/shop?authSource=admin",
        guarded.test.port()
    );
    let project = Project::new(Some(uri));
    let ran = project.run(&["status"]);
    assert_eq!(ran.code, 5, "{}", ran.stderr);
    assert!(ran.stderr.contains("authentication failed"), "{}", ran.stderr);
}
