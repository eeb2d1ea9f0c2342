//! Migrations in Rust beside a file of database commands, in one history and one order.
//!
//! The crate `whimbrel` is used without its default features, so no JavaScript engine is compiled.
//!
//! ```text
//! MONGODB_URI=mongodb://localhost/shop cargo run -p example-native-migrations          # applies
//! MONGODB_URI=mongodb://localhost/shop cargo run -p example-native-migrations -- down  # rolls the last one back
//! ```

use std::error::Error;

use futures_util::TryStreamExt;
use mongodb::bson::{Document, doc};
use whimbrel::{
    Migration, MigrationContext, MigrationResult, Migrator, NativeMigration, RollbackOptions,
    RunOptions,
};

/// A migration as a type: a loop over documents that can be stopped, and that tells how far it is.
struct SplitNames;

impl Migration for SplitNames {
    fn name(&self) -> &str {
        "002_split_names"
    }

    fn description(&self) -> Option<&str> {
        Some("First and last name in fields of their own")
    }

    async fn up(&self, context: MigrationContext) -> MigrationResult {
        let users = context.database().collection::<Document>("users");
        // What an earlier attempt did is not done again.
        let left = doc! { "firstName": { "$exists": false } };
        let total = users.count_documents(left.clone()).await?;
        let mut found = users.find(left).await?;
        let mut done = 0;
        while let Some(user) = found.try_next().await? {
            context.checkpoint()?;
            let name = user.get_str("name").unwrap_or_default();
            let (first, last) = name.split_once(' ').unwrap_or((name, ""));
            let change = doc! { "$set": { "firstName": first, "lastName": last } };
            users.update_one(doc! { "_id": user.get("_id") }, change).await?;
            done += 1;
            context.progress(done, Some(total));
        }
        Ok(())
    }

    async fn rollback(&self, context: MigrationContext) -> MigrationResult {
        let users = context.database().collection::<Document>("users");
        let both = doc! { "$unset": { "firstName": "", "lastName": "" } };
        users.update_many(doc! {}, both).comment(context.comment()).await?;
        Ok(())
    }
}

/// A migration as a function: in a transaction, all or nothing.
async fn open_accounts(mut context: MigrationContext) -> MigrationResult {
    let accounts = context.database().collection::<Document>("accounts");
    let session = context.session().ok_or("it runs in a transaction")?;
    for (id, balance) in [("cash", 100), ("bank", 900)] {
        let account = doc! { "$setOnInsert": { "balance": balance } };
        accounts
            .update_one(doc! { "_id": id }, account)
            .upsert(true)
            .session(&mut *session)
            .await?;
    }
    Ok(())
}

async fn close_accounts(mut context: MigrationContext) -> MigrationResult {
    let accounts = context.database().collection::<Document>("accounts");
    let session = context.session().ok_or("it runs in a transaction")?;
    accounts.delete_many(doc! { "_id": { "$in": ["cash", "bank"] } }).session(session).await?;
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let uri =
        std::env::var("MONGODB_URI").unwrap_or_else(|_| "mongodb://localhost/shop".to_owned());
    let client = mongodb::Client::with_uri_str(uri).await?;
    let database = client.default_database().ok_or("MONGODB_URI names no database")?;
    let migrator = Migrator::builder(database)
        .directory(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/scripts"))
        .migration(SplitNames)
        .migration(
            NativeMigration::new("003_open_accounts", open_accounts)
                .rollback(close_accounts)
                .description("The first two accounts")
                .transaction(true),
        )
        .build()?;

    let report = match std::env::args().nth(1).as_deref() {
        Some("down") => migrator.rollback(RollbackOptions::default()).await?,
        _ => migrator.run_migrations(RunOptions::default()).await?,
    };
    for done in &report.done {
        println!("{} {} in {:?}", done.direction, done.name, done.duration);
    }
    let status = migrator.migration_status().await?;
    println!("{} of {} applied", status.applied(), status.total());
    client.shutdown().await;
    Ok(())
}
