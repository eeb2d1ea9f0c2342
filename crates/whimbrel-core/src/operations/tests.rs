//! Shapes, groups and what is announced.

use mongodb::bson::{Document, RawDocumentBuf, doc};

use super::*;
use crate::audit::MemoryAuditLog;

fn raw(document: Document) -> RawDocumentBuf {
    RawDocumentBuf::try_from(&document).unwrap()
}

#[test]
fn a_shape_has_no_values() {
    for (filter, shape) in [
        (doc! {}, "{}"),
        (doc! { "email": "a@b.c" }, "{ email: ? }"),
        (doc! { "age": { "$gt": 5, "$lt": 9 } }, "{ age: { $gt: ?, $lt: ? } }"),
        (doc! { "a": { "secret": 1 } }, "{ a: ? }"),
        (doc! { "a": ["secret"] }, "{ a: ? }"),
        (doc! { "a": { "$in": ["x", "y"] } }, "{ a: { $in: [?] } }"),
        (doc! { "$or": [{ "a": 1 }, { "b": 2 }, { "a": 3 }] }, "{ $or: [{ a: ? }, { b: ? }] }"),
        (doc! { "$expr": { "$eq": ["$a", "secret"] } }, "{ $expr: { $eq: [?] } }"),
        (doc! { "a": { "$elemMatch": { "b": "secret" } } }, "{ a: { $elemMatch: { b: ? } } }"),
    ] {
        assert_eq!(shape_of(&raw(filter)), shape);
    }
    let mut deep = doc! { "$and": ["secret"] };
    for _ in 0..50 {
        deep = doc! { "$and": [deep] };
    }
    assert!(!shape_of(&raw(deep)).contains("secret"));
    let wide: Document = (0..1000).map(|n| (format!("field{n}"), n.into())).collect();
    assert!(shape_of(&raw(wide)).len() < MOST_SHAPE + 10);
}

fn ledger_of(commands: &[(Document, Option<Document>)]) -> Vec<String> {
    let ledger = OperationLedger::new(FilterValues::Redacted);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for (command, reply) in commands {
        let ticket = runtime.block_on(ledger.sending("shop", &raw(command.clone())));
        ledger.replied(ticket, reply.as_ref());
    }
    let state = ledger.state();
    state.groups.iter().map(OperationGroup::describe).collect()
}

#[test]
fn commands_of_one_shape_are_one_group() {
    let update = |email: &str| {
        doc! { "update": "users", "updates": [
            { "q": { "email": email }, "u": { "$set": { "a": 1 } } },
            { "q": { "email": "x" }, "u": { "$set": { "a": 2 } } },
        ] }
    };
    let groups = ledger_of(&[
        (update("a"), Some(doc! { "n": 2, "nModified": 1 })),
        (update("b"), Some(doc! { "n": 2, "nModified": 2, "upserted": [{ "index": 0 }] })),
        (update("c"), None),
        (doc! { "insert": "users", "documents": [{}, {}] }, Some(doc! { "n": 2 })),
        (
            doc! { "delete": "users", "deletes": [{ "q": { "a": 1 }, "limit": 0 }, { "q": { "b": 1 }, "limit": 0 }] },
            Some(doc! { "n": 7, "writeErrors": [{}] }),
        ),
        (
            doc! { "aggregate": "users", "pipeline": [{ "$match": { "a": 1 } }, { "$merge": "b" }] },
            Some(doc! {}),
        ),
        (doc! { "dropDatabase": 1 }, Some(doc! {})),
    ]);
    assert_eq!(
        groups,
        [
            "update shop.users { email: ? }: 3 commands, 1 inserted, 3 matched, 3 modified, 1 failed",
            "insert shop.users: 1 command, 2 inserted",
            "delete shop.users { a: ? } | { b: ? }: 1 command, 7 deleted, 1 failed",
            "aggregate shop.users $match { a: ? } | $merge: 1 command",
            "dropDatabase shop: 1 command",
        ]
    );
}

#[tokio::test]
async fn more_groups_than_can_be_listed_are_counted() {
    let ledger = OperationLedger::default();
    for number in 0..MOST_GROUPS + 5 {
        let find = raw(doc! { "find": "c", "filter": { format!("f{number}"): 1 } });
        let ticket = ledger.sending("d", &find).await;
        ledger.replied(ticket, Some(&doc! {}));
    }
    let document = ledger.to_document().unwrap();
    assert_eq!(document.get_array("operations").unwrap().len(), MOST_GROUPS);
    assert_eq!(document.get_i64("notListed").unwrap(), 5);
}

#[tokio::test]
async fn a_command_without_a_reply_is_told_as_one() {
    let ledger = OperationLedger::default();
    let _lost = ledger.sending("d", &raw(doc! { "insert": "c", "documents": [{}] })).await;
    let group = ledger.state().groups[0].clone();
    assert_eq!(group.describe(), "insert d.c: 1 command, 1 without a reply");
    assert_eq!(OperationGroup::from_document(&group.to_document()), group);
    assert!(ledger.take_changed().is_some());
    assert!(ledger.take_changed().is_none(), "nothing since");
}

#[tokio::test]
async fn values_are_recorded_only_on_request() {
    let update = raw(doc! { "update": "c", "updates": [{ "q": { "email": "a@b.c" }, "u": {} }] });
    for (values, shown) in [(FilterValues::Redacted, false), (FilterValues::Recorded, true)] {
        let ledger = OperationLedger::new(values);
        let ticket = ledger.sending("d", &update).await;
        ledger.replied(ticket, None);
        let text = ledger.to_document().unwrap().to_string();
        assert_eq!(text.contains("a@b.c"), shown, "{text}");
    }
}

#[tokio::test]
async fn what_changes_indexes_and_collections_is_announced_before_it_is_sent() {
    let log = MemoryAuditLog::default();
    let ledger = OperationLedger::default().with_trail(
        Arc::new(log.clone()),
        AppliedBy::default(),
        AuditEntry::blank("operation_started"),
    );
    for command in [
        doc! { "createIndexes": "c", "indexes": [{ "name": "a_1", "key": { "a": 1 }, "partialFilterExpression": { "a": "secret" } }] },
        doc! { "dropIndexes": "c", "index": { "a": 1, "b": 1 } },
        doc! { "renameCollection": "d.c", "to": "d.e" },
        doc! { "collMod": "c", "validator": { "a": "secret" }, "comment": "x" },
        doc! { "createUser": "u", "pwd": "secret", "roles": [] },
        doc! { "insert": "c", "documents": [{}] },
    ] {
        let _ticket = ledger.sending("d", &raw(command)).await;
    }
    let told: Vec<String> = log.entries().iter().map(|entry| entry.detail.to_string()).collect();
    assert_eq!(
        told,
        [
            r#"{ "kind": "createIndexes", "collection": "d.c", "what": "a_1" }"#,
            r#"{ "kind": "dropIndexes", "collection": "d.c", "what": "a_b" }"#,
            r#"{ "kind": "renameCollection", "collection": "d.c", "what": "to d.e" }"#,
            r#"{ "kind": "collMod", "collection": "d.c", "what": "validator" }"#,
            r#"{ "kind": "createUser", "collection": "d", "what": "u" }"#,
        ]
    );
}
