//! The driver's methods: results, options and errors as scripts read them.

use mongodb::bson::doc;

use crate::support::Stage;

/// Runs statements that print, and compares what they printed.
async fn prints(statements: &str, expected: &[&str]) {
    let stage = Stage::new().await;
    stage.must(statements).await;
    assert_eq!(stage.printed(), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_give_the_drivers_results() {
    prints(
        "const c = db.collection('a'); const show = value => console.log(JSON.stringify(value));
         const own = { n: 1 }; const one = await c.insertOne(own); console.log(own._id.equals(one.insertedId));
         show(await c.insertMany([{ _id: 1, n: 1 }, { _id: 2, n: 2 }]));
         show(await c.updateOne({ _id: 1 }, { $set: { n: 5 } }));
         show(await c.updateMany({}, [{ $set: { m: { $add: ['$n', 1] } } }]));
         show(await c.updateOne({ _id: 9 }, { $set: { n: 9 } }, { upsert: true }));
         show(await c.updateOne({ _id: 1 }, { $set: { 'l.$[x]': 1 } }, { arrayFilters: [{ x: 0 }] }).catch(e => e.name));
         show(await c.replaceOne({ _id: 2 }, { n: 7 }));
         show(await c.findOneAndUpdate({ _id: 2 }, { $inc: { n: 1 } }, { returnDocument: 'after', projection: { _id: 0 } }));
         show(await c.findOneAndReplace({ _id: 404 }, { n: 1 }));
         show(await c.findOneAndDelete({ _id: 9 }, { projection: { n: 1 } }));
         show(await c.deleteOne({ _id: 2 })); show(await c.deleteMany({}));",
        &[
            "true",
            r#"{"acknowledged":true,"insertedCount":2,"insertedIds":{"0":1,"1":2}}"#,
            r#"{"acknowledged":true,"modifiedCount":1,"upsertedId":null,"upsertedCount":0,"matchedCount":1}"#,
            r#"{"acknowledged":true,"modifiedCount":3,"upsertedId":null,"upsertedCount":0,"matchedCount":3}"#,
            r#"{"acknowledged":true,"modifiedCount":0,"upsertedId":9,"upsertedCount":1,"matchedCount":0}"#,
            r#""MongoServerError""#,
            r#"{"acknowledged":true,"modifiedCount":1,"upsertedId":null,"upsertedCount":0,"matchedCount":1}"#,
            r#"{"n":8}"#,
            "null",
            r#"{"_id":9,"n":9}"#,
            r#"{"acknowledged":true,"deletedCount":1}"#,
            r#"{"acknowledged":true,"deletedCount":2}"#,
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bulk_writes_give_results_and_errors() {
    prints(
        "const c = db.collection('a');
         const r = await c.bulkWrite([
            { insertOne: { document: { _id: 1 } } }, { insertOne: { _id: 2 } }, { updateOne: { filter: { _id: 1 }, update: { $set: { a: 1 } } } },
            { updateMany: { filter: {}, update: { $set: { b: 1 } } } }, { replaceOne: { filter: { _id: 3 }, replacement: { c: 1 }, upsert: true } },
            { deleteOne: { filter: { _id: 2 } } }, { deleteMany: { filter: { none: 1 } } } ]);
         console.log(r.insertedCount, r.matchedCount, r.modifiedCount, r.deletedCount, r.upsertedCount, r.insertedIds, r.upsertedIds);
         for (const ordered of [true, false]) {
            try { await c.bulkWrite([{ insertOne: { _id: 10 + !ordered } }, { insertOne: { _id: 1 } }, { insertOne: { _id: 20 + !ordered } }], { ordered }); }
            catch (e) { console.log(e.name, e.code, e.writeErrors.length, e.writeErrors[0].index, e.result.insertedCount, e.insertedIds); }
         }
         for (const f of [() => c.bulkWrite([]), () => c.insertMany([]), () => c.updateOne({}, { a: 1 }), () => c.bulkWrite([{ odd: 1 }])]) {
            try { await f(); } catch (e) { console.log(e.name + ': ' + e.message); }
         }
         const bulk = c.initializeUnorderedBulkOp(); bulk.insert({ _id: 50 }); bulk.find({ _id: 50 }).upsert().updateOne({ $set: { z: 1 } });
         console.log((await bulk.execute()).modifiedCount);",
        &[
            "2 3 3 1 1 { '0': 1, '1': 2 } { '4': 3 }",
            "MongoBulkWriteError 11000 1 1 1 { '0': 10 }",
            "MongoBulkWriteError 11000 1 1 2 { '0': 11, '2': 21 }",
            "MongoInvalidArgumentError: Invalid BulkOperation, Batch cannot be empty",
            "MongoInvalidArgumentError: Invalid BulkOperation, Batch cannot be empty",
            "MongoInvalidArgumentError: Update document requires atomic operators",
            "MongoInvalidArgumentError: bulkWrite only supports insertOne, updateOne, updateMany, deleteOne, deleteMany",
            "1",
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bulk_write_larger_than_a_message_is_split() {
    let stage = Stage::new().await;
    stage
        .must(
            "const text = 'x'.repeat(1024 * 1024);
             const r = await db.collection('a').insertMany(Array.from({ length: 40 }, (_, i) => ({ _id: i, text })));
             console.log(r.insertedCount, Object.keys(r.insertedIds).length);",
        )
        .await;
    assert_eq!(stage.printed(), ["40 40"]);
    assert_eq!(stage.collection("a").count_documents(doc! {}).await.unwrap(), 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn cursors_are_lazy_and_end() {
    prints(
        "const c = db.collection('a'); await c.insertMany(Array.from({ length: 25 }, (_, i) => ({ _id: i, even: i % 2 === 0 })));
         const ids = async cursor => (await cursor.toArray()).map(d => d._id).join();
         console.log(await ids(c.find({ even: true }).sort({ _id: -1 }).skip(1).limit(3).project({ _id: 1 })));
         console.log(await ids(c.find().sort('_id', 'desc').limit(-2)), await ids(c.find({}, { sort: [['_id', 1]], limit: 2 })));
         let seen = 0; for await (const d of c.find().batchSize(4)) { if (++seen === 9) break; } console.log(seen);
         const cursor = c.find().batchSize(10); let n = 0; while (await cursor.hasNext()) { await cursor.next(); n++; } console.log(n, await cursor.next(), cursor.closed);
         console.log(await c.find().map(d => d._id * 2).limit(2).toArray(), (await c.find({ even: true }).batchSize(3).toArray()).length);
         let sum = 0; await c.find().forEach(d => { sum += d._id; }); console.log(sum, await c.find({ even: false }).count());
         const same = await c.find(); console.log(typeof same.toArray, same.constructor.name, await c.findOne({ _id: 404 }), (await c.findOne())._id);
         console.log(await c.countDocuments({ even: true }), await c.estimatedDocumentCount(), await c.distinct('even'), await c.count());
         console.log((await c.aggregate([{ $match: { even: true } }, { $group: { _id: null, n: { $sum: 1 } } }]).toArray())[0].n);
         await c.aggregate([{ $match: { even: true } }, { $out: 'evens' }]).toArray(); console.log(await db.collection('evens').countDocuments());",
        &[
            "22,20,18",
            "24,23 0,1",
            "9",
            "25 null true",
            "[ 0, 2 ] 13",
            "cursor.count() is deprecated; use collection.countDocuments()",
            "300 12",
            "function FindCursor null 0",
            "13 25 [ false, true ] 25",
            "13",
            "13",
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn indexes_and_collections() {
    prints(
        "const c = db.collection('a'); await c.insertOne({ _id: 1, a: 1 });
         console.log(await c.createIndex({ a: 1, b: -1 }, { unique: true, background: true }), await c.createIndex('x'), await c.createIndex([['p', 1], ['q', -1]], { name: 'own', sparse: true }));
         console.log(await c.createIndexes([{ key: { m: 1 } }, { key: { t: 1 }, expireAfterSeconds: 60, name: 'ttl' }]));
         console.log((await c.indexes()).map(i => i.name).sort().join(), await c.indexExists(['own', 'ttl']), await c.indexExists('none'));
         await c.dropIndex('own'); await c.dropIndex({ x: 1 }); console.log((await c.listIndexes().toArray()).length);
         try { await c.dropIndex('none'); } catch (e) { console.log(e.code, e.codeName); }
         console.log(await c.dropIndexes(), (await c.indexes()).length, Object.keys(await c.indexInformation()));
         await db.createCollection('capped', { capped: true, size: 4096 }); console.log(await db.collection('capped').isCapped());
         await db.createCollection('checked', { validator: { $jsonSchema: { required: ['a'] } }, validationAction: 'error' });
         try { await db.collection('checked').insertOne({}); } catch (e) { console.log(e.code); }
         console.log((await db.collection('checked').insertOne({ _id: 5 }, { bypassDocumentValidation: true })).insertedId);
         await db.command({ collMod: 'checked', validationLevel: 'off' });
         try { await db.createCollection('checked', { capped: true, size: 1 }); } catch (e) { console.log(e.code); }
         await db.createCollection('view', { viewOn: 'a', pipeline: [{ $project: { a: 1 } }] }); console.log(await db.collection('view').findOne());
         const renamed = await c.rename('b'); console.log(renamed.collectionName, (await db.listCollections({ name: 'b' }, { nameOnly: true }).toArray())[0].name);
         console.log((await db.collections()).map(c => c.collectionName).filter(name => !name.startsWith('system.')).sort().join(), await db.dropCollection('b'), await db.collection('capped').drop());
         console.log((await db.command({ ping: 1 })).ok, (await db.admin().listDatabases()).databases.length > 0, client.db('other').databaseName);",
        &[
            "a_1_b_-1 x_1 own",
            "[ 'm_1', 'ttl' ]",
            "_id_,a_1_b_-1,m_1,own,ttl,x_1 true false",
            "4",
            "27 IndexNotFound",
            "true 1 [ '_id_' ]",
            "true",
            "121",
            "5",
            "48",
            "{ _id: 1, a: 1 }",
            "b b",
            "b,capped,checked,view true true",
            "1 true other",
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_operations_at_once() {
    let stage = Stage::new().await;
    stage
        .must(
            "await Promise.all(Array.from({ length: 200 }, (_, i) => db.collection('a').insertOne({ _id: i })));
             await Promise.all(Array.from({ length: 200 }, (_, i) => db.collection('a').updateOne({ _id: i }, { $set: { n: i } })));",
        )
        .await;
    assert_eq!(
        stage.collection("a").count_documents(doc! { "n": { "$gte": 0 } }).await.unwrap(),
        200
    );
}
