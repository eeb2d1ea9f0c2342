//! What every [`History`] must do. Call it with an empty one.

use mongodb::bson::{DateTime, doc};
use whimbrel_core::body::Direction;
use whimbrel_core::checksum::Checksum;
use whimbrel_core::history::{
    AppliedBy, Expected, History, RecordedImport, Row, RowChange, Status, StoredSource, Written,
};

/// A row in its first running state.
pub fn row(name: &str) -> Row {
    Row {
        name: name.to_owned(),
        version: "001".to_owned(),
        description: Some("what it does".to_owned()),
        status: Status::Running,
        direction: Direction::Up,
        rollback: false,
        sequence: None,
        applied_at: None,
        execution_time: None,
        checksum: Checksum::of(name.as_bytes()),
        imports: Vec::new(),
        error: None,
        error_detail: None,
        attempts: 1,
        transaction: false,
        run_id: "run".to_owned(),
        fence: 1,
        applied_by: AppliedBy {
            host: "h".into(),
            pid: 7,
            user: "u".into(),
            tool: "whimbrel".into(),
        },
        rolled_back_at: None,
    }
}

fn change(expected: Expected, row: &Row) -> RowChange {
    RowChange { expected, row: row.clone(), source: StoredSource::Keep }
}

/// Every clause of the contract.
pub async fn check(history: &dyn History) {
    assert_eq!(history.read().await.unwrap(), [], "no collection: no rows");
    assert_eq!(history.read_source("001.js").await.unwrap(), None);
    history.prepare().await.unwrap();
    history.prepare().await.unwrap();

    inserts_once(history).await;
    writes_only_what_is_as_planned(history).await;
    keeps_everything(history).await;
    renames_only_what_is_as_planned(history).await;
    removes_only_what_is_as_it_was_written(history).await;

    assert_eq!(history.count().await.unwrap(), 2);
    assert_eq!(history.clear().await.unwrap(), 2);
    assert_eq!(history.read().await.unwrap(), []);
    assert_eq!(history.count().await.unwrap(), 0);
}

async fn inserts_once(history: &dyn History) {
    let first = row("001_a.js");
    let absent = change(Expected::Absent, &first);
    assert_eq!(history.write(&absent).await.unwrap(), Written::Landed);
    let other = Row { run_id: "other".into(), fence: 2, ..first.clone() };
    let again = change(Expected::Absent, &other);
    assert_eq!(history.write(&again).await.unwrap(), Written::Conflict);
    assert_eq!(history.read().await.unwrap(), [first]);
}

async fn writes_only_what_is_as_planned(history: &dyn History) {
    let running = row("001_a.js");
    let completed = Row { status: Status::Completed, sequence: Some(1), ..running.clone() };
    for wrong in [
        Expected::Row { status: Status::Failed, fence: 1, attempts: 1 },
        Expected::Row { status: Status::Running, fence: 9, attempts: 1 },
        Expected::Row { status: Status::Running, fence: 1, attempts: 9 },
    ] {
        let stale = Row { run_id: "stale".into(), ..completed.clone() };
        let written = history.write(&change(wrong.clone(), &stale)).await.unwrap();
        assert_eq!(written, Written::Conflict, "{wrong:?}");
    }
    let nobody = Row { name: "404.js".into(), ..completed.clone() };
    let written = history.write(&change(Expected::of(Some(&running)), &nobody)).await.unwrap();
    assert_eq!(written, Written::Conflict, "a row that is not there is not made");
    let written = history.write(&change(Expected::of(Some(&running)), &completed)).await.unwrap();
    assert_eq!(written, Written::Landed);
    assert_eq!(history.read().await.unwrap(), [completed]);
}

async fn keeps_everything(history: &dyn History) {
    let full = Row {
        name: "002_é.js".into(),
        sequence: Some(12),
        applied_at: Some(DateTime::from_millis(1_700_000_000_123)),
        execution_time: Some(150),
        imports: vec![RecordedImport { path: "lib/a.js".into(), checksum: Checksum::of(b"a") }],
        error: Some("what went wrong".into()),
        error_detail: Some(doc! { "code": 11000 }),
        rolled_back_at: Some(DateTime::from_millis(5)),
        rollback: true,
        transaction: true,
        direction: Direction::Rollback,
        ..row("002_é.js")
    };
    let insert = RowChange {
        expected: Expected::Absent,
        row: full.clone(),
        source: StoredSource::Store(vec![1, 2, 3]),
    };
    assert_eq!(history.write(&insert).await.unwrap(), Written::Landed);
    assert_eq!(history.read_source("002_é.js").await.unwrap(), Some(vec![1, 2, 3]));
    let read = history.read().await.unwrap();
    let read = read.iter().find(|row| row.name == "002_é.js").unwrap();
    assert_eq!(*read, Row { error_detail: None, ..full.clone() }, "error details are not read");
    let later = Row { attempts: 2, ..full.clone() };
    let update = change(Expected::of(Some(&full)), &later);
    assert_eq!(history.write(&update).await.unwrap(), Written::Landed);
    let source = history.read_source("002_é.js").await.unwrap();
    assert_eq!(source, Some(vec![1, 2, 3]), "a write without a source leaves it");
}

async fn renames_only_what_is_as_planned(history: &dyn History) {
    let rows = history.read().await.unwrap();
    let old = rows.iter().find(|row| row.name == "001_a.js").unwrap();
    let renamed = |name: &str| Row { name: name.into(), run_id: "renaming".into(), ..old.clone() };
    let wrong = Expected::Row { status: Status::Failed, fence: 1, attempts: 1 };
    let written = history.rename("001_a.js", &change(wrong, &renamed("001_b.js"))).await.unwrap();
    assert_eq!(written, Written::Conflict);
    let expected = Expected::of(Some(old));
    let nobody = change(expected.clone(), &renamed("001_b.js"));
    assert_eq!(history.rename("404.js", &nobody).await.unwrap(), Written::Conflict);
    // A name that another row has is refused, in whatever way, and nothing is written.
    let taken = history.rename("001_a.js", &change(expected.clone(), &renamed("002_é.js"))).await;
    assert!(!matches!(taken, Ok(Written::Landed)), "{taken:?}");
    assert!(history.read().await.unwrap().contains(old));
    let change =
        RowChange { expected, row: renamed("001_b.js"), source: StoredSource::Store(vec![4, 5]) };
    assert_eq!(history.rename("001_a.js", &change).await.unwrap(), Written::Landed);
    let names: Vec<String> =
        history.read().await.unwrap().into_iter().map(|row| row.name).collect();
    assert!(names.contains(&"001_b.js".to_owned()) && !names.contains(&"001_a.js".to_owned()));
    assert_eq!(history.read_source("001_b.js").await.unwrap(), Some(vec![4, 5]));
}

async fn removes_only_what_is_as_it_was_written(history: &dyn History) {
    let last = row("003_c.js");
    assert_eq!(history.write(&change(Expected::Absent, &last)).await.unwrap(), Written::Landed);
    for other in [
        Row { fence: 9, ..last.clone() },
        Row { attempts: 9, ..last.clone() },
        Row { status: Status::Failed, ..last.clone() },
        row("404.js"),
    ] {
        assert_eq!(history.remove(&other).await.unwrap(), Written::Conflict, "{other:?}");
    }
    assert!(history.read().await.unwrap().contains(&last));
    assert_eq!(history.remove(&last).await.unwrap(), Written::Landed);
    assert!(!history.read().await.unwrap().contains(&last));
}
