//! Sessions and transactions: those the engine adds, and those a script writes by hand.

use std::time::Duration;

use mongodb::bson::{Bson, doc};
use whimbrel_testing::proxy::FaultProxy;

use crate::support::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_joins_the_migrations_transaction() {
    let stage = Stage::new().await;
    stage.database().create_collection("a").await.unwrap();
    let work = "
        await db.collection('a').insertMany([{ _id: 1, n: 0 }, { _id: 2, n: 0 }]);
        await Promise.all([1, 2].map(_id => db.collection('a').updateOne({ _id }, { $inc: { n: 1 } })));
        const seen = await db.collection('a').find({}).batchSize(1).toArray();
        await client.withSession(session => session.withTransaction(() => db.collection('a').insertOne({ _id: seen.length + 1 }, { session })));
    ";
    let (result, scope) = stage.up_in_transaction(work).await;
    result.unwrap();
    assert!(stage.documents("a").await.is_empty(), "nothing is visible before the commit");
    scope.commit().await.unwrap();
    let stored = stage.documents("a").await;
    assert_eq!(stored, [doc! { "_id": 1, "n": 1 }, doc! { "_id": 2, "n": 1 }, doc! { "_id": 3 }]);

    let (result, scope) =
        stage.up_in_transaction("await db.collection('a').insertOne({ _id: 9 });").await;
    result.unwrap();
    scope.abort().await;
    assert_eq!(stage.documents("a").await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_server_error_dooms_the_transaction_even_when_caught() {
    let stage = Stage::new().await;
    stage.collection("a").insert_one(doc! { "_id": 1 }).await.unwrap();
    let work = "
        try { await db.collection('a').insertOne({ _id: 1 }); } catch (error) { console.log(error.code); }
        try { await db.collection('a').insertOne({ _id: 2 }); } catch (error) { console.log(error.message); }
    ";
    let (result, scope) = stage.up_in_transaction(work).await;
    result.unwrap();
    let doomed = scope.doomed().expect("the caught error counts");
    assert!(doomed.to_string().contains("E11000"), "{doomed}");
    scope.abort().await;
    let printed = stage.printed();
    assert_eq!(printed[0], "11000");
    assert!(printed[1].contains("E11000"), "later operations fail with it: {printed:?}");
    assert_eq!(stage.documents("a").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn transactions_by_hand_commit_and_abort() {
    let stage = Stage::new().await;
    stage.database().create_collection("a").await.unwrap();
    stage
        .must(
            "const session = client.startSession();
             const result = await session.withTransaction(async s => {
                await db.collection('a').insertOne({ _id: 1 }, { session: s });
                console.log(await db.collection('a').countDocuments({}), await db.collection('a').countDocuments({}, { session: s }));
                return 'returned';
             });
             console.log(result, session.inTransaction(), session.transaction.state);
             try { await session.withTransaction(async () => {
                await db.collection('a').insertOne({ _id: 2 }, { session });
                throw new Error('no');
             }); } catch (error) { console.log(error.message); }
             session.startTransaction();
             await db.collection('a').insertOne({ _id: 3 }, { session });
             await session.abortTransaction();
             await session.endSession();
             try { await db.collection('a').insertOne({ _id: 4 }, { session }); } catch (error) { console.log(error.name); }",
        )
        .await;
    assert_eq!(
        stage.printed(),
        ["0 1", "returned false TRANSACTION_COMMITTED", "no", "MongoExpiredSessionError"]
    );
    assert_eq!(stage.documents("a").await, [doc! { "_id": 1 }]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_whose_operations_carry_no_session_is_none() {
    let stage = Stage::new().await;
    stage
        .must(
            "const session = client.startSession();
             try { await session.withTransaction(async () => {
                await db.collection('a').insertOne({ _id: 1 });
                throw new Error('too late');
             }); } catch {}
             await session.withTransaction(async () => { await db.collection('a').insertOne({ _id: 2 }); });
             await session.endSession();",
        )
        .await;
    assert_eq!(stage.documents("a").await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn write_conflicts_are_tried_again() {
    let stage = Stage::new().await;
    stage.collection("a").insert_one(doc! { "_id": 1, "n": 0 }).await.unwrap();
    stage
        .must(
            "let attempts = 0;
             await client.withSession(session => session.withTransaction(async () => {
                attempts += 1;
                await db.collection('a').updateOne({ _id: 1 }, { $inc: { n: 1 } }, { session });
                if (attempts === 1) {
                    const error = new mongodb.MongoServerError({ message: 'conflict', errorLabels: ['TransientTransactionError'] });
                    throw error;
                }
             }));
             console.log(attempts);",
        )
        .await;
    assert_eq!(stage.printed(), ["2"]);
    assert_eq!(stage.documents("a").await, [doc! { "_id": 1, "n": 1 }]);
}

#[tokio::test(flavor = "multi_thread")]
async fn open_cursors_and_sessions_are_kept_alive() {
    let mut stage = Stage::new().await;
    let proxy = FaultProxy::to(stage.test.port()).await;
    let client = mongodb::Client::with_uri_str(proxy.uri("shop")).await.unwrap();
    stage.options.session_refresh = Some(Duration::from_millis(100));
    let work = "
        await db.collection('a').insertMany([{ _id: 1 }, { _id: 2 }, { _id: 3 }]);
        const session = client.startSession();
        await db.collection('b').insertOne({}, { session });
        for await (const one of db.collection('a').find().batchSize(1)) {
          await new Promise(done => setTimeout(done, 250));
        }
        await session.endSession();
    ";
    stage.up_through(&client, work).await.unwrap();
    let seen = proxy.seen();
    let session_of = |name: &str, collection: &str| {
        let sent = seen.iter().find(|c| c.name == name && c.collection == collection).unwrap();
        Bson::Document(sent.document.get_document("lsid").unwrap().clone())
    };
    let wanted = [session_of("find", "a"), session_of("insert", "b")];
    let refreshed = seen.iter().filter(|command| command.name == "refreshSessions");
    let refreshed: Vec<&Vec<Bson>> =
        refreshed.map(|command| command.document.get_array("refreshSessions").unwrap()).collect();
    assert!(refreshed.len() > 2, "{refreshed:?}");
    assert!(refreshed.iter().any(|ids| wanted.iter().all(|id| ids.contains(id))), "{refreshed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_applications_pool_of_sessions_stays_usable() {
    let mut stage = Stage::new().await;
    stage.options.shares_client = true;
    let client = mongodb::Client::with_uri_str(stage.test.uri()).await.unwrap();
    let own = client.database(stage.database().name()).collection("own");
    // The application has written before, so the sessions in its pool have numbers of their own.
    for number in 0..11 {
        own.insert_one(doc! { "_id": number }).await.unwrap();
    }
    let work = "
        for (let n = 0; n < 40; n++) await db.collection('a').insertOne({ _id: n });
        await Promise.all([40, 41, 42].map(_id => db.collection('a').insertOne({ _id })));
    ";
    stage.up_through(&client, work).await.unwrap();
    assert_eq!(stage.documents("a").await.len(), 43);
    for number in 11..60 {
        own.insert_one(doc! { "_id": number }).await.unwrap();
    }
    // A number that was used before would have made a write do nothing, and say that it was done.
    assert_eq!(own.count_documents(doc! {}).await.unwrap(), 60);
    // It waits for everything that was taken from the pool.
    let shutdown = tokio::time::timeout(Duration::from_secs(20), client.shutdown());
    shutdown.await.expect("every session is given back");
}
