//! What `tracing` is told.

use std::io::Write;
use std::sync::{Arc, Mutex};

use tracing_subscriber::fmt::MakeWriter;
use whimbrel::RunOptions;

use crate::support::{World, apply};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Log {
    fn lines(&self) -> Vec<String> {
        let text = String::from_utf8(std::mem::take(&mut *self.0.lock().unwrap())).unwrap();
        text.lines().filter(|line| line.contains("whimbrel")).map(str::to_owned).collect()
    }
}

#[track_caller]
fn line<'l>(lines: &'l [String], parts: &[&str]) -> &'l str {
    let found = lines.iter().find(|line| parts.iter().all(|part| line.contains(part)));
    found.unwrap_or_else(|| panic!("no line with {parts:?} in {lines:#?}"))
}

/// Scripts run on threads of their own, so the subscriber is that of the whole process; names tell whose lines are
/// whose.
#[tokio::test]
async fn spans_and_events_carry_who_what_and_how_much() {
    let log = Log::default();
    tracing_subscriber::fmt().with_ansi(false).with_writer(log.clone()).init();
    let world = World::start().await;
    world.file(
        "731_traced.js",
        "export default async (db) => { console.log('hello'); await db.collection('a').insertMany([{}, {}]); };",
    );
    let migrator = world.migrator();
    let report = apply(&migrator).await;

    let lines = log.lines();
    let run = format!("run{{run_id=\"{}\" kind=\"up\"}}", report.run_id);
    let completed = line(&lines, &[&report.run_id, "migration completed"]);
    for part in [
        run.as_str(),
        "migration{name=\"731_traced.js\" direction=\"up\" transaction=false}",
        "duration_ms=",
        "commands=1",
        "inserted=2",
    ] {
        assert!(completed.contains(part), "{part} in {completed}");
    }
    line(&lines, &[&report.run_id, "migration started"]);
    line(&lines, &["whimbrel::output", "hello", "731_traced.js"]);
    line(&lines, &[&report.run_id, "run ended", "successful=1"]);

    world.file("732_traced.js", "export default async () => { throw new Error('no'); };");
    let failure = migrator.run_migrations(RunOptions::default()).await.unwrap_err();
    let run = failure.report.run_id;
    let lines = log.lines();
    line(&lines, &["ERROR", &run, "migration failed", "code=\"MIGRATION_FAILED\""]);
    line(&lines, &["ERROR", &run, "run failed", "failed=1"]);
}
