//! The run loop over the in-memory twins: what is written, told and left.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use whimbrel_core::body::BodyError;
use whimbrel_core::event::Event;
use whimbrel_core::gate::{StopReason, StopSignal};
use whimbrel_core::history::{Expected, RowChange, Status, StoredSource, Written};
use whimbrel_core::lock::{LockSettings, LockStore, LockWait};
use whimbrel_core::migrator::{RunOptions, Settings};
use whimbrel_core::plan::{DownTarget, Force, RollbackFrom, UpTarget};
use whimbrel_core::{Error, ErrorClass};
use whimbrel_testing::bodies::{FnBody, failure};

use crate::support::Bench;

type Calls = Arc<Mutex<Vec<String>>>;

fn recording(calls: &Calls, name: &str) -> FnBody {
    let (calls, name) = (Arc::clone(calls), name.to_owned());
    FnBody::new(move |direction, _| {
        calls.lock().unwrap().push(format!("{direction} {name}"));
        async { Ok(()) }
    })
}

fn failing(message: &'static str) -> FnBody {
    FnBody::new(move |_, _| async move { Err(failure(message)) })
}

async fn up(bench: &Bench) -> Result<whimbrel_core::report::RunReport, whimbrel_core::RunFailure> {
    bench.migrator().up(UpTarget::All, Force::Nothing, RunOptions::default()).await
}

async fn down(
    bench: &Bench,
    target: DownTarget,
) -> Result<whimbrel_core::report::RunReport, whimbrel_core::RunFailure> {
    bench.migrator().down(target, RollbackFrom::UnchangedFile, RunOptions::default()).await
}

fn three(calls: &Calls) -> Bench {
    let bench = Bench::new();
    for name in ["1_a.js", "2_b.js", "3_c.js"] {
        bench.source.put(name, name, recording(calls, name).shared()).unwrap();
    }
    bench
}

#[tokio::test(start_paused = true)]
async fn up_down_up_by_order_of_application() {
    let calls = Calls::default();
    let bench = three(&calls);
    bench.source.remove("1_a.js");
    assert_eq!(up(&bench).await.unwrap().done.len(), 2);
    bench.source.put("1_a.js", "1_a.js", recording(&calls, "1_a.js").shared()).unwrap();
    let report = up(&bench).await.unwrap();
    assert_eq!((report.done.len(), report.skipped.len()), (1, 2));
    // 1_a was applied last, so it goes first.
    down(&bench, DownTarget::Count(2)).await.unwrap();
    assert_eq!(bench.rows(), ["1_a.js=pending", "2_b.js=completed", "3_c.js=pending"]);
    let row = &bench.history.rows()[0];
    assert!(row.rollback && row.rolled_back_at.is_some() && row.sequence.is_none());
    up(&bench).await.unwrap();
    let row = &bench.history.rows()[0];
    assert!(!row.rollback && row.rolled_back_at.is_none(), "applying again resets rollback");
    assert_eq!(row.sequence, Some(2));
    assert_eq!(
        *calls.lock().unwrap(),
        [
            "up 2_b.js",
            "up 3_c.js",
            "up 1_a.js",
            "rollback 1_a.js",
            "rollback 3_c.js",
            "up 1_a.js",
            "up 3_c.js"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn nothing_to_do_takes_no_lock_and_writes_nothing() {
    let calls = Calls::default();
    let bench = three(&calls);
    up(&bench).await.unwrap();
    let (lock, audited) = (bench.lock.document(), bench.audit.entries().len());
    let report = up(&bench).await.unwrap();
    assert_eq!(report.skipped.len(), 3);
    assert_eq!(bench.lock.document(), lock);
    assert_eq!(bench.audit.entries().len(), audited);
}

#[tokio::test(start_paused = true)]
async fn a_failure_stops_the_run_and_says_what_happened() {
    let calls = Calls::default();
    let bench = three(&calls);
    bench.source.put("2_b.js", "x", failing("E11000 duplicate").shared()).unwrap();
    let failure = up(&bench).await.unwrap_err();
    assert_eq!(failure.report.done[0].name, "1_a.js");
    assert_eq!(failure.report.failed[0].name, "2_b.js");
    assert_eq!(failure.report.not_started, ["3_c.js"]);
    assert_eq!(failure.source.class(), ErrorClass::Migration);
    assert_eq!(bench.rows(), ["1_a.js=completed", "2_b.js=failed"]);
    assert_eq!(bench.history.rows()[1].error.as_deref(), Some("E11000 duplicate"));
    assert_eq!(bench.lock.document().unwrap().owner, None, "the lock is released");

    // Mended, it is tried again.
    bench.source.put("2_b.js", "mended", recording(&calls, "2_b.js").shared()).unwrap();
    up(&bench).await.unwrap();
    let row = &bench.history.rows()[1];
    assert_eq!((row.status, row.attempts, row.error.as_deref()), (Status::Completed, 2, None));
}

#[tokio::test(start_paused = true)]
async fn continue_on_error_goes_on_and_still_fails() {
    let calls = Calls::default();
    let bench = three(&calls);
    bench.source.put("1_a.js", "x", failing("no").shared()).unwrap();
    let options = RunOptions { continue_on_error: true, ..RunOptions::default() };
    let failure = bench.migrator().up(UpTarget::All, Force::Nothing, options).await.unwrap_err();
    assert_eq!(failure.report.done.len(), 2);
    assert_eq!(bench.rows(), ["1_a.js=failed", "2_b.js=completed", "3_c.js=completed"]);
}

#[tokio::test(start_paused = true)]
async fn a_migration_without_rollback_is_refused_before_anything_runs() {
    let calls = Calls::default();
    let bench = three(&calls);
    let body = recording(&calls, "1_a.js").with_facts(|facts| facts.has_rollback = false);
    bench.source.put("1_a.js", "1_a.js", body.shared()).unwrap();
    up(&bench).await.unwrap();
    let failure = down(&bench, DownTarget::All).await.unwrap_err();
    assert!(matches!(&failure.source, Error::NoRollback { names } if names == &["1_a.js"]));
    assert_eq!(failure.report.done, []);
    assert_eq!(calls.lock().unwrap().len(), 3, "nothing was rolled back");
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_loaded_keeps_everything_from_running() {
    let calls = Calls::default();
    let bench = three(&calls);
    let body = recording(&calls, "3_c.js").with_facts(|facts| facts.has_up = false);
    bench.source.put("3_c.js", "x", body.shared()).unwrap();
    let failure = up(&bench).await.unwrap_err();
    assert_eq!(failure.source.code(), "MIGRATION_NOT_LOADED");
    assert!(calls.lock().unwrap().is_empty());
    assert!(bench.rows().is_empty() && bench.lock.document().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_forced_run_keeps_its_place_in_the_order() {
    let calls = Calls::default();
    let bench = three(&calls);
    up(&bench).await.unwrap();
    let force = Force::Names(vec!["1".into()]);
    bench.migrator().up(UpTarget::All, force, RunOptions::default()).await.unwrap();
    assert_eq!(calls.lock().unwrap().len(), 4);
    assert_eq!(bench.history.rows()[0].sequence, Some(1));
}

#[tokio::test(start_paused = true)]
async fn two_at_once_run_each_migration_once() {
    let calls = Calls::default();
    let bench = three(&calls);
    let slow = FnBody::new({
        let calls = Arc::clone(&calls);
        move |_, _| {
            calls.lock().unwrap().push("slow".into());
            async {
                tokio::time::sleep(Duration::from_secs(20)).await;
                Ok(())
            }
        }
    });
    bench.source.put("2_b.js", "x", slow.shared()).unwrap();
    let (one, two) = tokio::join!(up(&bench), up(&bench));
    let mut done = [one.unwrap().done.len(), two.unwrap().done.len()];
    done.sort_unstable();
    assert_eq!(done, [0, 3]);
    assert_eq!(calls.lock().unwrap().len(), 3);
    let events = bench.events.lock().unwrap();
    assert!(events.iter().any(|event| matches!(event, Event::LockWaiting { .. })));
}

#[tokio::test(start_paused = true)]
async fn a_time_limit_fails_the_migration_and_records_it() {
    let bench = Bench::new();
    let polite = FnBody::new(|_, context| async move {
        let reason = context.gate.stop_signal().stopped().await;
        Err(BodyError::Stopped { reason, unknown: Vec::new() })
    });
    bench.source.put("1.js", "x", polite.shared()).unwrap();
    let settings = Settings { timeout: Some(Duration::from_secs(5)), ..Settings::default() };
    let migrator = bench.migrator().with_settings(settings);
    let failure =
        migrator.up(UpTarget::All, Force::Nothing, RunOptions::default()).await.unwrap_err();
    assert_eq!(failure.source.code(), "MIGRATION_TIMEOUT");
    assert_eq!(bench.rows(), ["1.js=failed"]);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_stop_is_left_behind_with_its_outcome_unknown() {
    let bench = Bench::new();
    let deaf = FnBody::new(|_, _| async {
        std::future::pending::<()>().await;
        Ok(())
    });
    bench.source.put("1.js", "x", deaf.shared()).unwrap();
    let stop = StopSignal::new();
    let options = RunOptions { stop: stop.clone(), ..RunOptions::default() };
    let migrator = bench.migrator();
    let run = migrator.up(UpTarget::All, Force::Nothing, options);
    let (result, ()) = tokio::join!(run, async {
        tokio::time::sleep(Duration::from_secs(3)).await;
        stop.stop(StopReason::Cancelled);
    });
    let failure = result.unwrap_err();
    assert_eq!(failure.source.class(), ErrorClass::Interrupted);
    assert!(failure.source.hints()[0].contains("may still be running"));
    let row = &bench.history.rows()[0];
    assert_eq!(row.status, Status::Failed);
    let detail = row.error_detail.as_ref().unwrap();
    assert_eq!(detail.get_array("outcomeUnknown").unwrap().len(), 1);
    assert_eq!(bench.lock.document().unwrap().owner, None);
}

#[tokio::test(start_paused = true)]
async fn a_lost_lease_writes_nothing_more() {
    let bench = Bench::new();
    let lock = bench.lock.clone();
    let robbed = FnBody::new(move |_, context| {
        let lock = lock.clone();
        async move {
            let mut document = lock.document().unwrap();
            document.owner = Some("thief".into());
            document.fence += 1;
            lock.set_document(Some(document));
            let reason = context.gate.stop_signal().stopped().await;
            assert!(context.gate.check().is_err());
            Err(BodyError::Stopped { reason, unknown: Vec::new() })
        }
    });
    bench.source.put("1.js", "x", robbed.shared()).unwrap();
    let failure = up(&bench).await.unwrap_err();
    assert_eq!(failure.source.code(), "LEASE_LOST");
    assert_eq!(bench.rows(), ["1.js=running"], "what it was doing is the successor's to settle");
    assert_eq!(bench.lock.document().unwrap().owner.as_deref(), Some("thief"));
}

#[tokio::test(start_paused = true)]
async fn a_row_that_changed_since_the_plan_is_planned_again() {
    let calls = Calls::default();
    let bench = three(&calls);
    let history = bench.history.clone();
    let meddled = Arc::new(AtomicUsize::new(0));
    let meddler = FnBody::new({
        let meddled = Arc::clone(&meddled);
        move |_, _| {
            let (history, meddled) = (history.clone(), Arc::clone(&meddled));
            async move {
                // Somebody marks 2_b as applied behind the run's back.
                if meddled.fetch_add(1, Ordering::SeqCst) == 0 {
                    let mut row = history.rows()[0].clone();
                    row.name = "2_b.js".into();
                    row.status = Status::Completed;
                    row.sequence = Some(90);
                    row.checksum = whimbrel_core::checksum::Checksum::of(b"2_b.js");
                    let change =
                        RowChange { expected: Expected::Absent, row, source: StoredSource::Keep };
                    let _ = history.apply(&change);
                }
                Ok(())
            }
        }
    });
    bench.source.put("1_a.js", "x", meddler.shared()).unwrap();
    let report = up(&bench).await.unwrap();
    let done: Vec<_> = report.done.iter().map(|done| done.name.as_str()).collect();
    assert_eq!(done, ["1_a.js", "3_c.js"]);
    assert_eq!(meddled.load(Ordering::SeqCst), 1, "1_a was not run again");
    assert_eq!(*calls.lock().unwrap(), ["up 3_c.js"]);
}

#[tokio::test(start_paused = true)]
async fn reset_clears_rows_and_keeps_the_fence() {
    let calls = Calls::default();
    let bench = three(&calls);
    up(&bench).await.unwrap();
    assert_eq!(bench.migrator().reset(StopSignal::new()).await.unwrap(), 3);
    assert!(bench.rows().is_empty());
    let lock = bench.lock.read().await.unwrap().unwrap();
    assert_eq!((lock.owner, lock.fence), (None, 2));
    assert!(bench.audit.entries().iter().any(|entry| entry.event == "reset"));
}

#[tokio::test(start_paused = true)]
async fn the_trail_tells_the_run() {
    let calls = Calls::default();
    let bench = three(&calls);
    bench.source.put("2_b.js", "x", failing("no").shared()).unwrap();
    let _ = up(&bench).await;
    let events: Vec<_> = bench.audit.entries().iter().map(|entry| entry.event).collect();
    assert_eq!(
        events,
        [
            "lock_taken",
            "run_started",
            "migration_started",
            "migration_completed",
            "migration_started",
            "migration_failed",
            "run_ended",
            "lock_released"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn status_shows_what_another_process_is_running() {
    let bench = Bench::new();
    let slow = FnBody::new(|_, _| async {
        tokio::time::sleep(Duration::from_secs(100)).await;
        Ok(())
    });
    bench.source.put("1.js", "x", slow.shared()).unwrap();
    let migrator = bench.migrator();
    let (result, ()) =
        tokio::join!(migrator.up(UpTarget::All, Force::Nothing, RunOptions::default()), async {
            tokio::time::sleep(Duration::from_secs(60)).await;
            let status = bench.migrator().status().await.unwrap();
            assert_eq!(status.migrations[0].state(), "running");
            assert_eq!((status.pending(), status.failed()), (1, 0));
            assert!(status.lock.is_some());
        });
    result.unwrap();
    let status = bench.migrator().status().await.unwrap();
    assert_eq!((status.migrations[0].state(), status.lock), ("applied", None));
}

#[tokio::test(start_paused = true)]
async fn a_held_lock_is_waited_for_and_then_reported() {
    let calls = Calls::default();
    let bench = three(&calls);
    let slow = FnBody::new(|_, _| async {
        tokio::time::sleep(Duration::from_secs(1000)).await;
        Ok(())
    });
    bench.source.put("1_a.js", "x", slow.shared()).unwrap();
    let impatient = Settings {
        lock: LockSettings {
            wait: LockWait::For(Duration::from_secs(25)),
            ..LockSettings::default()
        },
        ..Settings::default()
    };
    let (first, second) = (bench.migrator(), bench.migrator().with_settings(impatient));
    let (one, two) =
        tokio::join!(first.up(UpTarget::All, Force::Nothing, RunOptions::default()), async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            second.up(UpTarget::All, Force::Nothing, RunOptions::default()).await
        });
    one.unwrap();
    let failure = two.unwrap_err();
    assert_eq!(
        (failure.source.code(), failure.source.class()),
        ("LOCK_HELD", ErrorClass::LockHeld)
    );
    assert_eq!(failure.report.not_started.len(), 3);
    let waiting = bench.events.lock().unwrap();
    let told = waiting.iter().filter(|e| matches!(e, Event::LockWaiting { .. })).count();
    assert_eq!(told, 3, "at once, and then every ten seconds");
}

/// Somebody takes a row's attempts up behind the run's back, once, so that the plan no longer fits.
fn meddling(bench: &Bench, victim: &'static str) -> FnBody {
    let history = bench.history.clone();
    let done = Arc::new(AtomicUsize::new(0));
    FnBody::new(move |_, _| {
        let (history, done) = (history.clone(), Arc::clone(&done));
        async move {
            let row = history.rows().into_iter().find(|row| row.name == victim);
            if let (0, Some(row)) = (done.fetch_add(1, Ordering::SeqCst), row) {
                let expected = Expected::of(Some(&row));
                let row = whimbrel_core::history::Row { attempts: row.attempts + 1, ..row };
                let source = StoredSource::Keep;
                assert_eq!(history.apply(&RowChange { expected, row, source }), Written::Landed);
            }
            Ok(())
        }
    })
}

#[tokio::test(start_paused = true)]
async fn a_count_counts_what_was_done_also_after_a_new_plan() {
    let calls = Calls::default();
    let bench = Bench::new();
    for name in ["1.js", "2.js", "3.js", "4.js", "5.js"] {
        bench.source.put(name, name, recording(&calls, name).shared()).unwrap();
    }
    up(&bench).await.unwrap();
    // The rollback of 4 changes the row of 3, which is next.
    bench.source.put("4.js", "4.js", meddling(&bench, "3.js").shared()).unwrap();
    let report = down(&bench, DownTarget::Count(4)).await.unwrap();
    let done: Vec<_> = report.done.iter().map(|done| done.name.as_str()).collect();
    assert_eq!(done, ["5.js", "4.js", "3.js", "2.js"]);
    assert_eq!(bench.rows()[0], "1.js=completed");
}

#[tokio::test(start_paused = true)]
async fn named_rollbacks_survive_a_new_plan() {
    let calls = Calls::default();
    let bench = three(&calls);
    up(&bench).await.unwrap();
    bench.source.put("3_c.js", "3_c.js", meddling(&bench, "1_a.js").shared()).unwrap();
    let names = DownTarget::Names(vec!["1".into(), "3_c".into()]);
    let report = down(&bench, names).await.unwrap();
    assert_eq!(report.done.len(), 2);
    assert_eq!(bench.rows(), ["1_a.js=pending", "2_b.js=completed", "3_c.js=pending"]);
}

#[tokio::test(start_paused = true)]
async fn an_interrupted_transactional_rollback_is_put_back_first() {
    let calls = Calls::default();
    let bench = three(&calls);
    up(&bench).await.unwrap();
    let row = bench.history.rows().remove(2);
    let expected = Expected::of(Some(&row));
    let running = whimbrel_core::history::Row {
        status: Status::Running,
        direction: whimbrel_core::Direction::Rollback,
        transaction: true,
        ..row
    };
    let change = RowChange { expected, row: running, source: StoredSource::Keep };
    assert_eq!(bench.history.apply(&change), Written::Landed);
    // Nothing of it was left, so `up` has nothing to do but to say so in the row.
    let dead = bench.history.rows()[2].run_id.clone();
    let report = up(&bench).await.unwrap();
    assert_eq!((report.done.len(), report.skipped.len()), (0, 3));
    assert_eq!(bench.lock.ended_runs(), [dead], "what the dead run left at work is ended");
    assert_eq!(bench.rows()[2], "3_c.js=completed");
    let report = down(&bench, DownTarget::Count(1)).await.unwrap();
    assert_eq!(report.done[0].name, "3_c.js");
}

#[tokio::test(start_paused = true)]
async fn a_forced_run_that_failed_is_still_what_down_takes_first() {
    let calls = Calls::default();
    let bench = three(&calls);
    up(&bench).await.unwrap();
    bench.source.put("3_c.js", "3_c.js", failing("half way").shared()).unwrap();
    let force = Force::Names(vec!["3".into()]);
    let forced = bench.migrator().up(UpTarget::All, force, RunOptions::default()).await;
    assert!(forced.is_err());
    assert_eq!(bench.rows()[2], "3_c.js=failed");
    bench.source.put("3_c.js", "3_c.js", recording(&calls, "3_c.js").shared()).unwrap();
    let report = down(&bench, DownTarget::Count(1)).await.unwrap();
    assert_eq!(report.done[0].name, "3_c.js");
}

#[tokio::test(start_paused = true)]
async fn a_file_that_never_ends_loading_is_given_up() {
    let bench = Bench::new();
    bench.source.put("1.js", "x", Arc::new(Endless)).unwrap();
    let failure = up(&bench).await.unwrap_err();
    assert_eq!(failure.source.code(), "MIGRATION_TIMEOUT");
    assert!(bench.rows().is_empty() && bench.lock.document().is_none());
}

/// Loads until it is told to stop.
struct Endless;

#[async_trait::async_trait]
impl whimbrel_core::body::Body for Endless {
    async fn inspect(
        &self,
        gate: whimbrel_core::gate::Gate,
    ) -> Result<whimbrel_core::body::BodyFacts, BodyError> {
        let reason = gate.stop_signal().stopped().await;
        Err(BodyError::Stopped { reason, unknown: Vec::new() })
    }

    async fn run(
        &self,
        _: whimbrel_core::Direction,
        _: whimbrel_core::body::BodyContext,
    ) -> Result<whimbrel_core::body::BodyOutcome, BodyError> {
        Ok(whimbrel_core::body::BodyOutcome::default())
    }
}
