//! Migrations of every kind, and the invariants, read from the documents alone.
//!
//! Each body looks at its own history row first: one that has a place in the order of application was applied and not
//! taken back, so running it (without `--force`) is a violation, which it writes down.

use mongodb::Database;
use mongodb::bson::{DateTime, Document, doc};

use crate::support::{Project, Ran};

/// The first statements of each `up` that is not in a transaction.
const WATCH: &str = "
  const row = await db.collection('migrations').findOne({ name: NAME });
  if (row === null || row.status !== 'running' || row.sequence !== null) {
    await db.collection('violations').insertOne({ name: NAME, row });
  }
";

/// And of each `rollback`: one whose row has no place in the order was taken back already.
const WATCH_BACK: &str = "
  const row = await db.collection('migrations').findOne({ name: NAME });
  if (row === null || row.status !== 'running' || row.sequence === null) {
    await db.collection('violations').insertOne({ name: NAME, row });
  }
";

/// The names, in order.
pub(crate) const NAMES: [&str; 5] =
    ["001_plain.js", "002_index.js", "003_transfer.js", "004_bulk.js", "005_many.js"];

/// Writes the migrations: documents one by one, an index and a collection, a transfer in a transaction, a bulk write,
/// many documents in a transaction. `slow` makes those without a transaction take longer than some renewals of a lease
/// of one second.
pub(crate) fn migrations(project: &Project, slow: bool) {
    let pause = if slow { "await new Promise(done => setTimeout(done, 250));" } else { "" };
    let file = |name: &str, head: &str, up: &str, rollback: &str| {
        let (watch, watch_back) = if head.is_empty() { (WATCH, WATCH_BACK) } else { ("", "") };
        let text = format!(
            "const NAME = '{name}';\n{head}\nexport default async function up(db) {{\n{watch}{up}\n}}\n\
             export async function rollback(db) {{\n{watch_back}{rollback}\n}}\n"
        );
        project.file(&format!("migrations/scripts/{name}"), &text);
    };
    let transaction = "export const transaction = true;";
    file(
        NAMES[0],
        "",
        &format!(
            "for (let n = 0; n < 5; n++) {{
               await db.collection('items').updateOne({{ _id: n }}, {{ $set: {{ value: n }} }}, {{ upsert: true }});
               if (n === 2) {{ {pause} }}
             }}"
        ),
        &format!("for (let n = 4; n >= 0; n--) {{ await db.collection('items').deleteOne({{ _id: n }}); if (n === 2) {{ {pause} }} }}"),
    );
    file(
        NAMES[1],
        "",
        "await db.collection('indexed').insertOne({ _id: 'one' }).catch(error => { if (error.code !== 11000) throw error; });
         await db.collection('indexed').createIndex({ a: 1, b: -1 }, { name: 'a_b' });",
        "await db.collection('indexed').drop().catch(error => { if (error.code !== 26) throw error; });",
    );
    file(
        NAMES[2],
        transaction,
        "await db.collection('accounts').updateOne({ _id: 'a' }, { $inc: { balance: -10 } });
         await db.collection('accounts').updateOne({ _id: 'b' }, { $inc: { balance: 10 } });
         await db.collection('moves').insertOne({ amount: 10 });",
        "await db.collection('accounts').updateOne({ _id: 'b' }, { $inc: { balance: -10 } });
         await db.collection('accounts').updateOne({ _id: 'a' }, { $inc: { balance: 10 } });
         await db.collection('moves').deleteMany({});",
    );
    file(
        NAMES[3],
        "",
        "await db.collection('bulk').bulkWrite(Array.from({ length: 50 }, (_, n) => (
           { updateOne: { filter: { _id: n }, update: { $set: { n } }, upsert: true } })));",
        "await db.collection('bulk').deleteMany({});",
    );
    file(
        NAMES[4],
        transaction,
        "await db.collection('many').insertMany(Array.from({ length: 20 }, (_, n) => ({ _id: n })));
         await db.collection('accounts').updateOne({ _id: 'a' }, { $inc: { many: 1 } });",
        "await db.collection('many').deleteMany({});
         await db.collection('accounts').updateOne({ _id: 'a' }, { $inc: { many: -1 } });",
    );
}

/// What the migrations work on.
pub(crate) async fn prepare(database: &Database) {
    let accounts = database.collection::<Document>("accounts");
    accounts
        .insert_many([
            doc! { "_id": "a", "balance": 100, "many": 0 },
            doc! { "_id": "b", "balance": 100 },
        ])
        .await
        .unwrap();
    for name in ["moves", "many"] {
        database.create_collection(name).await.unwrap();
    }
}

async fn count(database: &Database, collection: &str) -> u64 {
    database.collection::<Document>(collection).count_documents(doc! {}).await.unwrap()
}

async fn account(database: &Database, id: &str) -> Document {
    let accounts = database.collection::<Document>("accounts");
    accounts.find_one(doc! { "_id": id }).await.unwrap().unwrap()
}

/// Runs a command to its end, again where the machine was too busy to keep a short lease.
pub(crate) fn finish_run(project: &Project, arguments: &[&str]) -> Ran {
    let mut ran = project.run(arguments);
    for _ in 0..5 {
        // Held for too long would be another matter.
        if ran.code != 3 || !ran.stderr.contains("the lock was lost") {
            break;
        }
        ran = project.run(arguments);
    }
    ran.must()
}

/// The history's rows by name.
pub(crate) async fn row(database: &Database, name: &str) -> Option<Document> {
    let rows = database.collection::<Document>("migrations");
    rows.find_one(doc! { "name": name }).await.unwrap()
}

/// Nothing is violated, and each migration in a transaction is there in whole or not at all, as its row says.
/// What a dead process had sent may be on its way still, so it is looked at more than once.
pub(crate) async fn sound(database: &Database) -> Result<(), String> {
    let mut problem = String::new();
    for _ in 0..40 {
        match look(database).await {
            Ok(()) => return Ok(()),
            Err(found) => problem = found,
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    Err(problem)
}

async fn look(database: &Database) -> Result<(), String> {
    let violations = database.collection::<Document>("violations");
    if let Some(violation) = violations.find_one(doc! {}).await.unwrap() {
        return Err(format!("run again although it was recorded as applied: {violation}"));
    }
    let (a, b) = (account(database, "a").await, account(database, "b").await);
    let balance = |account: &Document| account.get_i32("balance").unwrap();
    let moves = count(database, "moves").await;
    if balance(&a) + balance(&b) != 200
        || i64::from(balance(&b)) != 100 + 10 * moves as i64
        || moves > 1
    {
        return Err(format!("half a transfer: {a} {b}, {moves} moves"));
    }
    let many = count(database, "many").await;
    if many != 20 * a.get_i32("many").unwrap() as u64 {
        return Err(format!("half of many: {many}, {a}"));
    }
    for (name, there) in [(NAMES[2], moves == 1), (NAMES[4], many == 20)] {
        let Some(row) = row(database, name).await else {
            if there {
                return Err(format!("{name} has landed without a row"));
            }
            continue;
        };
        let (status, direction) =
            (row.get_str("status").unwrap(), row.get_str("direction").unwrap());
        let applied = status == "completed" || (status == "running" && direction == "rollback");
        if applied != there {
            return Err(format!("{name}: there is {there}, but its row says {status} {direction}"));
        }
    }
    Ok(())
}

/// Everything is as after an `up` that nobody disturbed.
pub(crate) async fn all_applied(database: &Database) -> Result<(), String> {
    sound(database).await?;
    let mut last = 0;
    for name in NAMES {
        let row = row(database, name).await.ok_or(format!("{name} has no row"))?;
        let sequence = row.get_i64("sequence").unwrap_or(0);
        if row.get_str("status").ok() != Some("completed")
            || sequence <= last
            || row.get("error") != Some(&mongodb::bson::Bson::Null)
        {
            return Err(format!("{name}: {row}"));
        }
        last = sequence;
    }
    let items = database.collection::<Document>("items");
    for n in 0..5 {
        let item = items.find_one(doc! { "_id": n }).await.unwrap();
        if item != Some(doc! { "_id": n, "value": n }) {
            return Err(format!("item {n}: {item:?}"));
        }
    }
    let counts = [
        ("items", 5),
        ("indexed", 1),
        ("bulk", 50),
        ("moves", 1),
        ("many", 20),
        ("migrations", NAMES.len() as u64),
    ];
    for (collection, expected) in counts {
        let found = count(database, collection).await;
        if found != expected {
            return Err(format!("{found} documents in {collection} instead of {expected}"));
        }
    }
    let indexes = database.collection::<Document>("indexed").list_index_names().await.unwrap();
    if !indexes.contains(&"a_b".to_owned()) {
        return Err(format!("the indexes are {indexes:?}"));
    }
    free_or_dead(database).await
}

/// Nobody holds the lock, dead or alive.
pub(crate) async fn released(database: &Database) -> Result<(), String> {
    let locks = database.collection::<Document>("migrations_lock");
    let lock = locks.find_one(doc! { "_id": "whimbrel" }).await.unwrap().unwrap_or_default();
    if lock.get_str("owner").is_ok() { Err(format!("the lock is held: {lock}")) } else { Ok(()) }
}

/// Everything is as before the first `up`, but for the history.
pub(crate) async fn all_rolled_back(database: &Database) -> Result<(), String> {
    sound(database).await?;
    for name in NAMES {
        if let Some(row) = row(database, name).await
            && row.get_str("status").ok() != Some("pending")
        {
            return Err(format!("{name}: {row}"));
        }
    }
    for collection in ["items", "indexed", "bulk", "moves", "many"] {
        let found = count(database, collection).await;
        if found != 0 {
            return Err(format!("{found} documents left in {collection}"));
        }
    }
    free_or_dead(database).await
}

/// The lock is free, or its holder is dead: a run that has nothing to do leaves a dead one's lock alone.
async fn free_or_dead(database: &Database) -> Result<(), String> {
    let locks = database.collection::<Document>("migrations_lock");
    for _ in 0..60 {
        let lock = locks.find_one(doc! { "_id": "whimbrel" }).await.unwrap().unwrap_or_default();
        let expired = lock.get_datetime("expiresAt").is_ok_and(|at| *at < DateTime::now());
        if lock.get_str("owner").is_err() || expired {
            return Ok(());
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    Err("somebody holds the lock and renews it".to_owned())
}
