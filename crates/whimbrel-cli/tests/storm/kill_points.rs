//! `kill -9` at every step of the run loop, the lock, the history, the commit, the audit trail and the body.
//!
//! The places are the `fail_point!` lines of the sources. For each, and each time a run comes there, the process is
//! killed there and the command is given again; in the end the database must be as if nothing had happened.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};

use mongodb::bson::{Document, doc};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use whimbrel_testing::TestDatabase;

use crate::support::{Project, Ran};
use crate::world;

const UP: &[&str] = &["up", "--lock-ttl", "1s"];
const DOWN: &[&str] = &["down", "--all", "--yes", "--lock-ttl", "1s"];

/// How often one place is tried in one run; places that are passed more often are so for the same reason.
fn most_times() -> u64 {
    crate::random_kill::number("STORM_TIMES", 5)
}

/// The places in the sources.
fn places() -> BTreeSet<String> {
    fn read(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let places = text.split("fail_point!(\"").skip(1);
                found.extend(places.map(|rest| rest.split('"').next().unwrap().to_owned()));
            }
        }
    }
    let mut found = BTreeSet::new();
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    for name in ["whimbrel-core", "whimbrel-script", "whimbrel-node-runtime", "whimbrel"] {
        read(&crates.join(name).join("src"), &mut found);
    }
    found
}

/// Runs a command with a place armed; `true` when it was killed there.
fn killed_at(project: &Project, arguments: &[&str], place: &str, time: usize) -> bool {
    let mut command = project.command(arguments);
    command.env("WHIMBREL_FAIL_POINT", format!("{place}#{time}=kill"));
    let ran = Ran::of(&command.output().unwrap());
    // On a machine that is busy enough, a lease may be lost.
    assert!([-1, 0, 1, 3, 4].contains(&ran.code), "{place}#{time}: {}\n{}", ran.code, ran.stderr);
    ran.code == -1
}

/// A database of a server that several cases share.
struct Case {
    project: Project,
    database: mongodb::Database,
}

impl Case {
    async fn new(test: &TestDatabase, name: &str) -> Self {
        Self::with(test, name, |project| project).await
    }

    async fn with(test: &TestDatabase, name: &str, how: fn(Project) -> Project) -> Self {
        let uri = format!("mongodb://127.0.0.1:{}/{name}", test.port());
        let project = how(Project::new(Some(uri)));
        let database = test.client_database(name);
        world::migrations(&project, true);
        world::prepare(&database).await;
        Self { project, database }
    }

    /// Killed on the way up and on the way down; tells whether it ever was.
    async fn up_and_down(&self, place: &str, time: usize) -> bool {
        let context = format!("{place}#{time}");
        let up = killed_at(&self.project, UP, place, time);
        self.holds(&context).await;
        world::finish_run(&self.project, UP);
        world::all_applied(&self.database).await.unwrap_or_else(|e| panic!("{context}, up: {e}"));
        let down = killed_at(&self.project, DOWN, place, time);
        self.holds(&context).await;
        world::finish_run(&self.project, DOWN);
        let down_again = world::all_rolled_back(&self.database).await;
        down_again.unwrap_or_else(|e| panic!("{context}, down: {e}"));
        up || down
    }

    async fn holds(&self, context: &str) {
        world::sound(&self.database).await.unwrap_or_else(|e| panic!("{context}: {e}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_killed_at_any_place_is_continued() {
    let test = Arc::new(TestDatabase::start().await);
    let killed: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    let room = Arc::new(Semaphore::new(10));
    let mut cases = JoinSet::new();
    for (number, place) in places().into_iter().enumerate() {
        let (test, killed, room) = (Arc::clone(&test), Arc::clone(&killed), Arc::clone(&room));
        cases.spawn(async move {
            for time in 1..=usize::try_from(most_times()).unwrap() {
                let _room = room.acquire().await.unwrap();
                let how =
                    if place.starts_with("node::") { Project::in_node } else { |project| project };
                let case = Case::with(&test, &format!("case_{number}_{time}"), how).await;
                let was_killed = case.up_and_down(&place, time).await;
                case.database.drop().await.unwrap();
                if !was_killed {
                    break;
                }
                killed.lock().unwrap().insert(place.clone());
            }
        });
    }
    while let Some(ended) = cases.join_next().await {
        if let Err(error) = ended {
            std::panic::resume_unwind(error.into_panic());
        }
    }
    // These have tests of their own below.
    let special = [
        "run::before_restore",
        "step::before_failed",
        "step::failed_written",
        "repair::before_write",
        "repair::written",
    ];
    let missed: Vec<String> = places().difference(&killed.lock().unwrap()).cloned().collect();
    let expected: BTreeSet<&str> = special.into_iter().collect();
    assert_eq!(missed.iter().map(String::as_str).collect::<BTreeSet<_>>(), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_a_failure_is_recorded() {
    let test = TestDatabase::start().await;
    for place in ["step::before_failed", "step::failed_written"] {
        let case = Case::new(&test, &place.replace("::", "_")).await;
        let stand_in = case.database.collection::<Document>("indexed");
        // The migration's index cannot be made while another one has its name.
        let other =
            doc! { "createIndexes": "indexed", "indexes": [{ "key": { "z": 1 }, "name": "a_b" }] };
        case.database.run_command(other).await.unwrap();
        assert!(killed_at(&case.project, UP, place, 1), "{place}");
        case.holds(place).await;
        let row = world::row(&case.database, world::NAMES[1]).await.unwrap();
        let status = if place == "step::before_failed" { "running" } else { "failed" };
        assert_eq!(row.get_str("status").unwrap(), status);
        stand_in.drop_index("a_b").await.unwrap();
        world::finish_run(&case.project, UP);
        world::all_applied(&case.database).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_an_interrupted_rollback_is_put_back() {
    let test = TestDatabase::start().await;
    let case = Case::new(&test, "restore").await;
    world::finish_run(&case.project, UP);
    let down: &[&str] = &["down", "--lock-ttl", "1s"];
    assert!(killed_at(&case.project, down, "transaction::body_done", 1));
    case.holds("the rollback").await;
    assert!(killed_at(&case.project, UP, "run::before_restore", 1));
    case.holds("putting it back").await;
    world::finish_run(&case.project, UP);
    let row = world::row(&case.database, world::NAMES[4]).await.unwrap();
    assert_eq!(row.get_str("status").unwrap(), "completed");
    world::finish_run(&case.project, DOWN);
    world::all_rolled_back(&case.database).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repair_and_a_baseline_killed_half_way_are_done_again() {
    let test = TestDatabase::start().await;
    for (number, place) in ["repair::before_write", "repair::written"].into_iter().enumerate() {
        let case = Case::new(&test, &format!("baseline_{number}")).await;
        let baseline: &[&str] = &["baseline", "--lock-ttl", "1s"];
        assert!(killed_at(&case.project, baseline, place, 3));
        case.project.run(baseline).must();
        let rows = case.database.collection::<Document>("migrations");
        let marked = doc! { "status": "completed", "attempts": 0 };
        assert_eq!(rows.count_documents(marked.clone()).await.unwrap(), 5, "{place}");
        let mark = &["repair", "--lock-ttl", "1s", "--mark-pending", "1", "2"];
        assert!(killed_at(&case.project, mark, place, 2));
        let left = rows.count_documents(marked).await.unwrap();
        let expected = if place == "repair::written" { 3 } else { 4 };
        assert_eq!(left, expected, "{place}");
        let ran = case.project.run(&["repair", "--lock-ttl", "1s", "--mark-pending", "2"]);
        // The one that was written before the kill is settled, and says so.
        assert_eq!(ran.code, if place == "repair::written" { 2 } else { 0 }, "{}", ran.stderr);
    }
}
