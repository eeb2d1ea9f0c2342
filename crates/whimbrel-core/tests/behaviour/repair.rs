//! Settling by hand, over the in-memory twins: what happens between the decision and the write.

use std::sync::Arc;

use async_trait::async_trait;
use whimbrel_core::body::{Body, BodyContext, BodyError, BodyFacts, BodyOutcome, Direction};
use whimbrel_core::error::Error;
use whimbrel_core::gate::{Gate, StopReason, StopSignal};
use whimbrel_core::history::{Expected, Status};
use whimbrel_core::migrator::{Decision, Remedy, RunOptions};
use whimbrel_core::plan::{Force, UpTarget};
use whimbrel_testing::bodies::{FnBody, failure};

use crate::support::Bench;

fn decision(remedy: Remedy, planned: Option<Expected>) -> Decision {
    Decision { name: "1".into(), remedy, planned }
}

#[tokio::test(start_paused = true)]
async fn a_decision_on_what_has_changed_since_writes_nothing() {
    let bench = Bench::new();
    let body = FnBody::new(|_, _| async { Err(failure("no")) });
    bench.source.put("1.js", "x", body.shared()).unwrap();
    let migrator = bench.migrator();
    migrator.up(UpTarget::All, Force::Nothing, RunOptions::default()).await.unwrap_err();
    let seen = Expected::of(bench.history.rows().first());
    // While somebody thinks about it, another process applies it.
    let body = FnBody::new(|_, _| async { Ok(()) });
    bench.source.put("1.js", "x", body.shared()).unwrap();
    migrator.up(UpTarget::All, Force::Nothing, RunOptions::default()).await.unwrap();
    let before = bench.history.rows();
    let pending = [decision(Remedy::MarkPending, Some(seen))];
    let error = migrator.repair(&pending, None, StopSignal::new()).await.unwrap_err();
    assert!(matches!(error, Error::RowChanged { .. }), "{error}");
    assert_eq!(bench.history.rows(), before);
    assert_eq!(bench.lock.document().unwrap().owner, None);

    let seen = Expected::of(before.first());
    let pending = [decision(Remedy::MarkPending, Some(seen))];
    let report = migrator.repair(&pending, Some("why"), StopSignal::new()).await.unwrap();
    assert_eq!(report.repaired.len(), 1);
    assert_eq!(bench.history.rows()[0].status, Status::Pending);
    let entries = bench.audit.entries();
    let entry = entries.iter().find(|entry| entry.event == "repair").unwrap();
    assert_eq!(entry.detail.get_str("reason").unwrap(), "why");
}

/// Gives the stop signal while it is loaded.
struct Interrupting(StopSignal);

#[async_trait]
impl Body for Interrupting {
    async fn inspect(&self, gate: Gate) -> Result<BodyFacts, BodyError> {
        self.0.stop(StopReason::Cancelled);
        let reason = gate.check().unwrap_err();
        Err(BodyError::Stopped { reason, unknown: Vec::new() })
    }

    async fn run(&self, _: Direction, _: BodyContext) -> Result<BodyOutcome, BodyError> {
        panic!("nothing is run");
    }
}

#[tokio::test(start_paused = true)]
async fn an_interrupted_baseline_stops_where_it_is() {
    let bench = Bench::new();
    let stop = StopSignal::new();
    let fine = || FnBody::new(|_, _| async { Ok(()) }).shared();
    bench.source.put("1.js", "x", fine()).unwrap();
    bench.source.put("2.js", "y", Arc::new(Interrupting(stop.clone()))).unwrap();
    bench.source.put("3.js", "z", fine()).unwrap();
    let error = bench.migrator().baseline(None, None, stop).await.unwrap_err();
    assert!(matches!(error, Error::Stopped(StopReason::Cancelled)), "{error}");
    assert_eq!(bench.rows(), ["1.js=completed"]);
    assert_eq!(bench.lock.document().unwrap().owner, None, "released");
    // Given again, it goes on.
    bench.source.put("2.js", "y", fine()).unwrap();
    bench.migrator().baseline(None, None, StopSignal::new()).await.unwrap();
    assert_eq!(bench.rows(), ["1.js=completed", "2.js=completed", "3.js=completed"]);
}

#[tokio::test(start_paused = true)]
async fn repairing_ends_what_a_dead_run_left_at_work() {
    let bench = Bench::new();
    let body = FnBody::new(|_, _| async { Ok(()) });
    bench.source.put("1.js", "x", body.shared()).unwrap();
    bench.migrator().up(UpTarget::All, Force::Nothing, RunOptions::default()).await.unwrap();
    let applied = bench.history.rows()[0].clone();
    let mut running = applied.clone();
    (running.status, running.run_id) = (Status::Running, "of the dead".into());
    let change = whimbrel_core::history::RowChange {
        expected: Expected::of(Some(&applied)),
        row: running,
        source: whimbrel_core::history::StoredSource::Keep,
    };
    assert_eq!(bench.history.apply(&change), whimbrel_core::history::Written::Landed);
    let pending = [decision(Remedy::MarkPending, None)];
    bench.migrator().repair(&pending, None, StopSignal::new()).await.unwrap();
    assert_eq!(bench.lock.ended_runs(), ["of the dead"]);
}
