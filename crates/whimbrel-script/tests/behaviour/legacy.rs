//! Calls and forms of older drivers and tools.

use mongodb::bson::doc;
use whimbrel_core::body::Direction;
use whimbrel_script::Legacy;

use crate::support::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn old_calls_work_and_are_told_once() {
    let stage = Stage::new().await;
    stage
        .must(
            "const a = db.collection('a');
             await a.insert([{ _id: 1 }, { _id: 2 }]);
             await a.insert({ _id: 3 });
             await a.update({ _id: 1 }, { $set: { x: 1 } });
             await a.update({}, { $set: { y: 1 } }, { multi: true });
             await a.remove({ _id: 3 });
             console.log(await a.count({ y: 1 }));",
        )
        .await;
    assert_eq!(
        stage.documents("a").await,
        [doc! { "_id": 1, "x": 1, "y": 1 }, doc! { "_id": 2, "y": 1 }]
    );
    let printed = stage.printed();
    let notes = printed.iter().filter(|line| line.contains("deprecated")).count();
    assert_eq!(notes, 1, "{printed:?}");
    assert_eq!(printed.last().unwrap(), "2");
}

#[tokio::test(flavor = "multi_thread")]
async fn callbacks_and_done_work() {
    let stage = Stage::new().await;
    let text = "
        exports.up = function (done) {
            const a = this.db.collection('a');
            a.insertOne({ _id: 1 }, (error, result) => {
                if (error) return done(error);
                a.find().toArray((error, documents) => {
                    a.updateOne({ _id: 1 }, { $set: { found: documents.length } }, done);
                });
            });
        };
        exports.down = function (db, next) { db.collection('a').insertOne({ _id: 1 }, next); };
    ";
    stage.run_file("1.js", text, Direction::Up).await.unwrap();
    assert_eq!(stage.documents("a").await, [doc! { "_id": 1, "found": 1 }]);
    let error = stage.run_file("1.js", text, Direction::Rollback).await.unwrap_err().to_string();
    assert!(error.contains("E11000"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn off_means_off_and_on_gives_old_results() {
    let mut stage = Stage::new().await;
    stage.options.legacy = Legacy::Off;
    let error = stage.up("await db.collection('a').insert({})").await.unwrap_err().to_string();
    assert!(error.contains("TypeError: not a function"), "{error}");
    stage.options.legacy = Legacy::On;
    stage
        .must(
            "const a = db.collection('a');
             await a.insertOne({ _id: 1 });
             const found = await a.findOneAndUpdate({ _id: 1 }, { $set: { x: 1 } });
             console.log(found.value._id);",
        )
        .await;
    assert_eq!(stage.printed().last().unwrap(), "1");
}
