//! What the check at a server's start costs where everything is applied, beside a bare `ping` on the same connection.
//!
//! ```text
//! cargo bench -p whimbrel --bench startup
//! ```
//!
//! Both are measured in turns, and each figure is the median of its turns.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a program that prints figures and ends where something is missing"
)]

use std::time::{Duration, Instant};

use whimbrel::mongodb::bson::doc;
use whimbrel::{BaselineOptions, Migrator, RunOptions};
use whimbrel_testing::TestDatabase;

const TURNS: usize = 41;

#[tokio::main]
async fn main() {
    // `cargo test --all-targets` runs it too, and measures nothing.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    println!("migrations     ping    check  ratio  of the check: query");
    for count in [10, 1_000, 10_000] {
        let test = TestDatabase::start().await;
        let folder = test.folder().join("migrations");
        std::fs::create_dir_all(&folder).unwrap();
        for number in 1..=count {
            let text = format!(
                "// Description: Number {number}\nexport default async function up(db) {{\n  await \
                 db.collection('c{number}').createIndex({{ a: 1 }});\n}}\n"
            );
            std::fs::write(folder.join(format!("{number:05}_step_number.js")), text).unwrap();
        }
        let database = test.database();
        let migrator = Migrator::builder(database.clone()).directory(&folder).build().unwrap();
        migrator.baseline(BaselineOptions::default()).await.unwrap();
        let history = database.collection::<whimbrel::mongodb::bson::Document>("migrations");

        let (mut pings, mut checks, mut queries) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..TURNS {
            let started = Instant::now();
            database.run_command(doc! { "ping": 1 }).await.unwrap();
            pings.push(started.elapsed());

            let started = Instant::now();
            let report = migrator.run_migrations(RunOptions::default()).await.unwrap();
            checks.push(started.elapsed());
            assert_eq!(report.skipped.len(), count);

            // The least that any check has to read: names and checksums.
            let started = Instant::now();
            let wanted = doc! { "_id": 0, "name": 1, "checksum": 1 };
            let found = history.find(doc! {}).projection(wanted).batch_size(100_000).await.unwrap();
            let found: Vec<_> = futures_util::TryStreamExt::try_collect(found).await.unwrap();
            queries.push(started.elapsed());
            assert_eq!(found.len(), count);
        }
        let (ping, check, query) = (median(pings), median(checks), median(queries));
        let ratio = check.as_secs_f64() / ping.as_secs_f64();
        println!(
            "{count:>10} {:>8} {:>8} {ratio:>6.1}  {}",
            shown(ping),
            shown(check),
            shown(query)
        );
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn shown(time: Duration) -> String {
    format!("{:.2}ms", time.as_secs_f64() * 1000.0)
}
