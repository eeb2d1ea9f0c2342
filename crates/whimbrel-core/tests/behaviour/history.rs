//! The contract on both histories, and documents that are not ours.

use mongodb::bson::{Bson, DateTime, Document, doc};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use whimbrel_core::audit::AuditRecord;
use whimbrel_core::history::{
    Bookkeeping, History, HistoryError, MemoryHistory, MongoHistory, Row,
};
use whimbrel_core::lock::LockDocument;
use whimbrel_core::operations::OperationGroup;
use whimbrel_testing::TestDatabase;
use whimbrel_testing::contract;

#[tokio::test]
async fn contract_in_memory() {
    contract::history::check(&MemoryHistory::new()).await;
}

#[tokio::test]
async fn contract_on_mongo() {
    let test = TestDatabase::start().await;
    let history = MongoHistory::new(&Bookkeeping::new(test.database(), "migrations"));
    contract::history::check(&history).await;
}

async fn reading(documents: &[Document]) -> HistoryError {
    let test = TestDatabase::start().await;
    let collection = test.database().collection::<Document>("migrations");
    collection.insert_many(documents).await.unwrap();
    let history = MongoHistory::new(&Bookkeeping::new(test.database(), "migrations"));
    history.read().await.unwrap_err()
}

#[tokio::test]
async fn another_tools_collection_is_refused_by_shape() {
    let error = reading(&[doc! { "fileName": "2016-x.js", "appliedAt": 1 }]).await;
    assert_eq!(error.code(), "HISTORY_FOREIGN");
    assert!(error.to_string().contains("migrate-mongo"), "{error}");
    assert!(error.hint().unwrap().contains("--collection"));
}

#[tokio::test]
async fn a_wrong_type_names_row_and_field() {
    let mut row = contract::history::row("001_a.js").to_document();
    row.insert("executionTime", "long");
    let error = reading(&[row]).await;
    assert_eq!(error.code(), "HISTORY_MALFORMED");
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.contains("001_a.js") && source.contains("executionTime"), "{source}");
}

#[tokio::test]
async fn one_name_in_two_documents_is_named() {
    let row = contract::history::row("001_a.js").to_document();
    let error = reading(&[row.clone(), row]).await;
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.contains("001_a.js") && source.contains("more than one"), "{source}");
}

/// Any value, small or absurd.
fn value(luck: &mut StdRng, depth: usize) -> Bson {
    match luck.random_range(0..if depth == 0 { 10 } else { 12 }) {
        0 => Bson::Null,
        1 => Bson::Undefined,
        2 => Bson::Boolean(luck.random()),
        3 => Bson::Int32(luck.random()),
        4 => Bson::Int64(luck.random()),
        5 => Bson::Double(f64::from_bits(luck.random())),
        6 => Bson::DateTime(DateTime::from_millis(luck.random())),
        7 => Bson::String(
            ["completed", "up", "rollback", "001", "\0", "é"][luck.random_range(0..6)].into(),
        ),
        8 => Bson::ObjectId(mongodb::bson::oid::ObjectId::new()),
        9 => Bson::MaxKey,
        10 => Bson::Array((0..luck.random_range(0..3)).map(|_| value(luck, depth - 1)).collect()),
        _ => Bson::Document((0..2).map(|n| (format!("path{n}"), value(luck, depth - 1))).collect()),
    }
}

/// Whatever stands in our collections is read, or is an error that names a field; never a panic.
#[test]
fn no_document_makes_a_reader_panic() {
    let mut luck = StdRng::seed_from_u64(4);
    let row = contract::history::row("001_a.js").to_document();
    let lock = doc! {
        "_id": "whimbrel", "owner": null, "fence": 1_i64, "acquiredAt": DateTime::now(),
        "renewedAt": DateTime::now(), "renewals": 3_i64, "expiresAt": DateTime::now(), "command": "up", "session": null,
    };
    let entry = doc! {
        "at": DateTime::now(), "event": "x", "runId": "r", "fence": 1_i64, "name": "n", "direction": "up",
        "durationMs": 1_i64, "error": null, "detail": {}, "by": { "pid": 1 },
    };
    let (mut read, mut refused) = (0, 0);
    for _ in 0..20_000 {
        let damaged = |sound: &Document, luck: &mut StdRng| {
            let mut document = sound.clone();
            for _ in 0..luck.random_range(1..4) {
                let at = luck.random_range(0..document.len());
                let field = document.keys().nth(at).unwrap().clone();
                if luck.random_bool(0.2) {
                    document.remove(&field);
                } else {
                    document.insert(field, value(luck, 2));
                }
            }
            document
        };
        match Row::from_document(&damaged(&row, &mut luck)) {
            Ok(row) => {
                read += 1;
                let _ = row.to_document();
            }
            Err(error) => {
                refused += 1;
                assert!(row.contains_key(error.field), "{error}");
            }
        }
        if let Ok(lock) = LockDocument::from_document(&damaged(&lock, &mut luck)) {
            let _ = (lock.holder(), lock.since(), lock.expires());
        }
        let record = AuditRecord::from_document(&damaged(&entry, &mut luck));
        let _ = OperationGroup::from_document(&record.detail).describe();
    }
    assert!(read > 1_000 && refused > 1_000, "{read} {refused}");
}
