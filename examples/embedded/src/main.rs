//! Migration files compiled into the program: it can be copied anywhere and needs no files beside it.
//!
//! ```text
//! MONGODB_URI=mongodb://localhost/shop cargo run -p example-embedded
//! ```

use std::error::Error;

use whimbrel::{AutoMigrator, EmbeddedMigrations, Migrator, StartupOptions, embed_migrations};

static MIGRATIONS: EmbeddedMigrations =
    embed_migrations!("migrations/scripts", "migrations/helpers");

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let uri =
        std::env::var("MONGODB_URI").unwrap_or_else(|_| "mongodb://localhost/shop".to_owned());
    let client = mongodb::Client::with_uri_str(uri).await?;
    let database = client.default_database().ok_or("MONGODB_URI names no database")?;

    let migrator = Migrator::builder(database).embedded(MIGRATIONS).build()?;
    let options = StartupOptions { exit_on_error: true, ..StartupOptions::default() };
    let report = AutoMigrator::new(migrator).run_on_startup(options).await?;
    println!("{} ({} applied now)", report.outcome, report.run.done.len());
    client.shutdown().await;
    Ok(())
}
