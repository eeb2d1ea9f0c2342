//! The history under attack: documents that are damaged, foreign, doubled or many, and collections that disappear.

use mongodb::bson::{Bson, DateTime, Document, doc};
use whimbrel_testing::TestDatabase;

use crate::support::{Project, finish, until};
use crate::world;

const READERS: [&[&str]; 5] =
    [&["status"], &["verify"], &["up"], &["up", "--dry-run"], &["repair", "--mark-applied", "1"]];

/// Every reader refuses with exit 4, names what is wrong, and leaves the collection as it is.
async fn is_refused(project: &Project, database: &mongodb::Database, wanted: &[&str]) {
    let rows = database.collection::<Document>("migrations");
    let before = all(&rows).await;
    for arguments in READERS {
        let ran = project.run(arguments);
        assert_eq!(ran.code, 4, "{arguments:?}: {}\n{}", ran.stdout, ran.stderr);
        assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
        for wanted in wanted {
            assert!(
                ran.stderr.contains(wanted),
                "{arguments:?}: {wanted:?} is not in {}",
                ran.stderr
            );
        }
    }
    assert_eq!(all(&rows).await, before);
}

async fn all(rows: &mongodb::Collection<Document>) -> Vec<Document> {
    use futures_util::TryStreamExt as _;
    rows.find(doc! {}).sort(doc! { "_id": 1 }).await.unwrap().try_collect().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_row_is_named_with_its_field() {
    let test = TestDatabase::start().await;
    let project = Project::on(&test);
    project.migration("001_a.js");
    project.run(&["up"]).must();
    let rows = test.database().collection::<Document>("migrations");
    let sound = rows.find_one(doc! {}).await.unwrap().unwrap();
    // Where there is nothing to do, `up` reads no more than the plan depends on.
    project.migration("002_b.js");
    for (field, value) in [
        ("status", Some(Bson::from("done"))),
        ("status", Some(Bson::Null)),
        ("direction", Some(Bson::from(7))),
        ("checksum", None),
        ("version", Some(Bson::Document(doc! {}))),
        ("sequence", Some(Bson::from("first"))),
        ("sequence", None),
        ("imports", Some(Bson::from(vec![Bson::Null]))),
        ("attempts", Some(Bson::from(1e300))),
        ("fence", Some(Bson::from(true))),
        ("appliedAt", Some(Bson::from("yesterday"))),
        ("error", Some(Bson::from(1))),
    ] {
        let mut damaged = sound.clone();
        match value {
            Some(value) => damaged.insert(field, value),
            None => damaged.remove(field),
        };
        rows.replace_one(doc! {}, damaged).await.unwrap();
        is_refused(&project, &test.database(), &["\"001_a.js\"", &format!("field {field}")]).await;
    }
    rows.replace_one(doc! {}, sound).await.unwrap();
    project.run(&["verify"]).must();
}

#[tokio::test(flavor = "multi_thread")]
async fn doubled_foreign_and_truncated_documents_are_refused() {
    let test = TestDatabase::start().await;
    let project = Project::on(&test);
    project.migration("001_a.js");
    project.run(&["up"]).must();
    let database = test.database();
    let rows = database.collection::<Document>("migrations");
    let mut twin = rows.find_one(doc! {}).await.unwrap().unwrap();
    rows.drop_index("name_1").await.unwrap();
    twin.remove("_id");
    rows.insert_one(&twin).await.unwrap();
    is_refused(&project, &database, &["\"001_a.js\"", "more than one document"]).await;
    rows.delete_one(doc! {}).await.unwrap();
    for (foreign, tool) in [
        (doc! { "fileName": "2020-x.js", "appliedAt": DateTime::now() }, "migrate-mongo's"),
        (doc! { "version": 3, "dirty": false }, "golang-migrate's"),
        (doc! { "title": "a blog post" }, "not Whimbrel's"),
        (doc! {}, "not Whimbrel's"),
    ] {
        let id = rows.insert_one(foreign).await.unwrap().inserted_id;
        is_refused(&project, &database, &[tool, "--collection"]).await;
        rows.delete_one(doc! { "_id": id }).await.unwrap();
    }
    let truncated = doc! { "name": "002_b.js", "status": "completed", "rollback": false };
    rows.insert_one(truncated).await.unwrap();
    is_refused(&project, &database, &["\"002_b.js\"", "field version"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_lock_and_a_damaged_source_are_told() {
    let test = TestDatabase::start().await;
    let project = Project::on(&test);
    project.migration("001_a.js");
    project.run(&["up"]).must();
    let database = test.database();
    let rows = database.collection::<Document>("migrations");
    let garbage = Bson::Binary(mongodb::bson::Binary {
        subtype: mongodb::bson::spec::BinarySubtype::Generic,
        bytes: vec![7; 100],
    });
    rows.update_one(doc! {}, doc! { "$set": { "source": garbage } }).await.unwrap();
    project.remove("migrations/scripts/001_a.js");
    let ran = project.run(&["down", "--from-history"]);
    assert_eq!(ran.code, 4, "{}", ran.stderr);
    assert!(ran.stderr.contains("001_a.js") && ran.stderr.contains("damaged"), "{}", ran.stderr);
    project.migration("001_a.js");
    project.migration("002_b.js");
    let locks = database.collection::<Document>("migrations_lock");
    locks.update_one(doc! { "_id": "whimbrel" }, doc! { "$set": { "fence": "x" } }).await.unwrap();
    for arguments in [&["up"][..], &["lock"], &["status"]] {
        let ran = project.run(arguments);
        assert_eq!(ran.code, 4, "{arguments:?} {}", ran.stderr);
        assert!(
            ran.stderr.contains("the lock document has no usable field fence"),
            "{}",
            ran.stderr
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_thousand_rows_are_read_at_once() {
    let test = TestDatabase::start().await;
    let project = Project::on(&test);
    project.migration("00001_a.js");
    project.run(&["up"]).must();
    let rows = test.database().collection::<Document>("migrations");
    let one = rows.find_one(doc! {}).await.unwrap().unwrap();
    let rest: Vec<Document> = (2..=20_000)
        .map(|number: i64| {
            let mut row = one.clone();
            row.remove("_id");
            row.insert("name", format!("{number:05}_x.js"));
            row.insert("version", format!("{number:05}"));
            row.insert("sequence", number);
            row
        })
        .collect();
    for part in rest.chunks(5_000) {
        rows.insert_many(part).await.unwrap();
    }
    let status = project.run(&["status"]).must();
    assert!(status.stdout.contains("Applied: 20000"), "{}", &status.stdout[..200]);
    project.run(&["up"]).must();
    // A file that is missing is what verify is for.
    let verify = project.run(&["verify", "--json"]);
    assert_eq!(verify.code, 4);
    assert_eq!(verify.stdout.matches("MIGRATION_MISSING").count(), 19_999);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_dropped_under_a_run_stops_it() {
    let test = TestDatabase::start().await;
    let project = Project::on(&test);
    project.migration("1_first.js");
    project.run(&["up"]).must();
    let database = test.database();
    project.up_body(
        "2_waits.js",
        "await db.collection('begun').insertOne({});
         while (!(await db.collection('go').findOne({}))) await new Promise(done => setTimeout(done, 20));",
    );
    project.migration("3_after.js");
    let running = project.start(&["up"]);
    let begun = database.collection::<Document>("begun");
    until(async || begun.count_documents(doc! {}).await.unwrap() > 0).await;
    database.collection::<Document>("migrations").drop().await.unwrap();
    database.collection::<Document>("go").insert_one(doc! {}).await.unwrap();
    let ran = finish(running);
    assert_eq!(ran.code, 4, "{}\n{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("disappeared from the history"), "{}", ran.stderr);
    assert!(ran.stderr.contains("`whimbrel baseline --to NAME`"), "{}", ran.stderr);
    // Nor by whoever comes next: the audit trail knows.
    for arguments in [&["up"][..], &["up", "--dry-run"], &["verify"]] {
        let next = project.run(arguments);
        assert_eq!(next.code, 4, "{arguments:?} {}", next.stdout);
        let told = "the history is empty, but the audit trail knows of 1 applied migration";
        assert!(next.stderr.contains(told), "{}", next.stderr);
    }
    let applied = database.collection::<Document>("applied");
    assert_eq!(
        applied.count_documents(doc! { "name": "1_first.js" }).await.unwrap(),
        1,
        "not run again"
    );
    assert_eq!(applied.count_documents(doc! { "name": "3_after.js" }).await.unwrap(), 0);
    // The history that is left is settled by hand.
    project.run(&["baseline", "--to", "2"]).must();
    project.run(&["up"]).must();
}

/// Between the plan and the first write: what is applied must not run again.
#[cfg(feature = "failpoints")]
#[tokio::test(flavor = "multi_thread")]
async fn a_history_dropped_between_plan_and_write_runs_nothing() {
    let test = TestDatabase::start().await;
    let places = ["step::before_running#1", "run::prepared#1", "run::before_lock#1"];
    for (number, place) in places.into_iter().enumerate() {
        let name = format!("dropped_{number}");
        let database = test.client_database(&name);
        let project = Project::new(Some(format!("mongodb://127.0.0.1:{}/{name}", test.port())));
        project.migration("1_first.js");
        project.run(&["up"]).must();
        project.migration("2_second.js");
        let mut command = project.command(&["up"]);
        command.env("WHIMBREL_FAIL_POINT", format!("{place}=stop"));
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        let running = command.spawn().unwrap();
        until(async || crate::contention::is_stopped(running.id())).await;
        database.collection::<Document>("migrations").drop().await.unwrap();
        crate::support::signal(&running, "CONT");
        let ran = finish(running);
        assert_eq!(ran.code, 4, "{place}: {}\n{}", ran.stdout, ran.stderr);
        let (told, hint) = match place {
            "run::before_lock#1" => ("the history is empty", "`whimbrel baseline --to 1_first.js`"),
            _ => ("1_first.js disappeared from the history", "`whimbrel baseline --to NAME`"),
        };
        assert!(ran.stderr.contains(told) && ran.stderr.contains(hint), "{}", ran.stderr);
        let applied = database.collection::<Document>("applied");
        assert_eq!(applied.count_documents(doc! {}).await.unwrap(), 1, "{place}: nothing was run");
        // The way out that the hint names.
        project.run(&["baseline", "--to", "1"]).must();
        project.run(&["up"]).must();
        assert_eq!(applied.count_documents(doc! {}).await.unwrap(), 2, "{place}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fence_that_moved_ends_the_run() {
    let test = TestDatabase::start().await;
    let project = Project::on(&test);
    world::migrations(&project, true);
    world::prepare(&test.database()).await;
    let running = project.start(&["up", "--lock-ttl", "1s"]);
    let items = test.database().collection::<Document>("items");
    until(async || items.count_documents(doc! {}).await.unwrap() > 0).await;
    let locks = test.database().collection::<Document>("migrations_lock");
    let moved = doc! { "$inc": { "fence": 5_i64 } };
    locks.update_one(doc! { "_id": "whimbrel" }, moved.clone()).await.unwrap();
    locks.update_one(doc! { "_id": "whimbrel-fence" }, moved).await.unwrap();
    let ran = finish(running);
    assert_eq!(ran.code, 3, "{}\n{}", ran.stdout, ran.stderr);
    world::sound(&test.database()).await.unwrap();
    project.run(&["up", "--lock-ttl", "1s"]).must();
    world::all_applied(&test.database()).await.unwrap();
}

/// What the audit trail knows decides what is refused, and what the hint says can be typed.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_history_is_written_anew_as_the_hint_says() {
    let test = TestDatabase::start().await;
    let lose = async |project: &Project, database: &mongodb::Database| {
        database.collection::<Document>("migrations").drop().await.unwrap();
        let ran = project.run(&["up"]);
        let status = project.run(&["status", "--exit-code"]);
        assert_eq!(status.code == 4, ran.code == 4, "{}\n{}", status.stdout, ran.stderr);
        ran
    };
    for (number, (before, hint, way_out)) in [
        (&["down"][..], "`whimbrel baseline --to 2.js`", &["baseline", "--to", "2.js"][..]),
        (&["redo", "1"], "`whimbrel baseline --to 3.js`", &["baseline", "--to", "3.js"]),
        (
            &["down", "2"],
            "`whimbrel repair --mark-applied 1.js 3.js`",
            &["repair", "--mark-applied", "1.js", "3.js"],
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("lost_{number}");
        let database = test.client_database(&name);
        let project = Project::new(Some(format!("mongodb://127.0.0.1:{}/{name}", test.port())));
        for name in ["1.js", "2.js", "3.js"] {
            project.migration(name);
        }
        project.run(&["up"]).must();
        project.run(before).must();
        let applied = database.collection::<Document>("applied");
        let there = applied.count_documents(doc! {}).await.unwrap();
        let refused = lose(&project, &database).await;
        assert_eq!(refused.code, 4, "{}", refused.stdout);
        assert!(refused.stderr.contains(hint), "{}", refused.stderr);
        assert!(refused.stdout.contains("Not started: 3"), "{}", refused.stdout);
        project.run(way_out).must();
        assert_eq!(applied.count_documents(doc! {}).await.unwrap(), there, "nothing ran");
        project.run(&["up"]).must();
        assert_eq!(applied.count_documents(doc! {}).await.unwrap(), 3, "each is there once");
        // Nothing is applied, so nothing is lost.
        project.run(&["down", "--all", "--yes"]).must();
        assert_eq!(lose(&project, &database).await.code, 0);
        // Where everything shall run again, a reset says so, whatever the clocks of those who wrote the trail say.
        let log = database.collection::<Document>("migrations_log");
        let ahead =
            doc! { "$set": { "at": mongodb::bson::DateTime::from_millis(4_000_000_000_000) } };
        log.update_many(doc! { "event": "migration_completed" }, ahead).await.unwrap();
        assert_eq!(lose(&project, &database).await.code, 4);
        project.run(&["reset", "--yes"]).must();
        project.run(&["up"]).must();
    }
}
