//! The contract on both histories, and documents that are not ours.

use mongodb::bson::{Document, doc};
use whimbrel_core::history::{Bookkeeping, History, HistoryError, MemoryHistory, MongoHistory};
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
