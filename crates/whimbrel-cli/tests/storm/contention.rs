//! Many processes at once, holders that are killed, and holders that are stopped for longer than their lease and then
//! come back.

use std::time::{Duration, Instant};

use mongodb::bson::{Document, doc};
use whimbrel_testing::TestDatabase;

use crate::support::{Project, finish, signal, until};
use crate::world;

/// The pid in the lock document, if somebody holds the lock.
async fn holder(database: &mongodb::Database) -> Option<u32> {
    let locks = database.collection::<Document>("migrations_lock");
    let lock = locks.find_one(doc! { "_id": "whimbrel" }).await.unwrap()?;
    lock.get_str("owner").ok()?;
    let command = lock.get_str("command").unwrap();
    command.rsplit("pid ").next()?.trim_end_matches(')').parse().ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_at_once_with_holders_killed() {
    for _ in 0..crate::random_kill::number("STORM_CONTENTION", 1) {
        fifty_at_once().await;
    }
}

async fn fifty_at_once() {
    let test = TestDatabase::durable().await;
    let project = Project::on(&test);
    world::migrations(&project, true);
    let database = test.database();
    world::prepare(&database).await;
    let started = Instant::now();
    let mut running: Vec<_> = (0..50)
        .map(|_| Some(project.start(&["up", "--lock-ttl", "1s", "--lock-wait", "60s"])))
        .collect();
    let mut killed = 0;
    while killed < 8 {
        tokio::time::sleep(Duration::from_millis(150)).await;
        let Some(pid) = holder(&database).await else {
            // Everything is applied, so nobody takes the lock any more.
            if world::all_applied(&database).await.is_ok() {
                break;
            }
            continue;
        };
        let victim = running.iter_mut().find(|p| p.as_ref().is_some_and(|p| p.id() == pid));
        if let Some(victim) = victim {
            let victim = victim.take().unwrap();
            signal(&victim, "KILL");
            let _ = finish(victim);
            killed += 1;
            world::sound(&database).await.unwrap();
        }
    }
    let survivors: Vec<_> = running.into_iter().flatten().collect();
    assert_eq!(survivors.len(), 50 - killed);
    for survivor in survivors {
        let ran = finish(survivor);
        // On a machine that is busy enough, a holder may lose its lease of a second.
        let lost = ran.code == 3 && ran.stderr.contains("the lock was lost");
        assert!(ran.code == 0 || lost, "{}\n{}", ran.stdout, ran.stderr);
    }
    world::finish_run(&project, &["up", "--lock-ttl", "1s"]);
    println!("{killed} killed, {:?} in all", started.elapsed());
    assert!(killed > 0, "somebody was killed");
    // Nobody waits longer than lease and wait: all of them began together.
    assert!(started.elapsed() < Duration::from_secs(60 + 60), "{:?}", started.elapsed());
    world::all_applied(&database).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_holder_sends_nothing_more_when_it_comes_back() {
    let test = TestDatabase::start().await;
    let project = Project::on(&test);
    project.up_body(
        "1_counts.js",
        "for (let n = 0; n < 20; n++) {
           await db.collection('applied').insertOne({ n });
           await new Promise(done => setTimeout(done, 50));
         }",
    );
    let database = test.database();
    let applied = database.collection::<Document>("applied");
    let first = project.start(&["up", "--lock-ttl", "1s"]);
    until(async || applied.count_documents(doc! {}).await.unwrap() > 3).await;
    signal(&first, "STOP");
    let before = applied.count_documents(doc! {}).await.unwrap();
    project.run(&["up", "--lock-ttl", "1s"]).must();
    // One that was on its way may have landed after it was counted.
    let after = applied.count_documents(doc! {}).await.unwrap();
    assert!((before + 20..=before + 21).contains(&after), "{before} {after}");
    let row = world::row(&database, "1_counts.js").await.unwrap();
    signal(&first, "CONT");
    let ran = finish(first);
    assert_eq!(ran.code, 3, "{}\n{}", ran.stdout, ran.stderr);
    assert!(
        ran.stderr.contains("the lock was lost") || ran.stdout.contains("the lock was lost"),
        "{}",
        ran.stderr
    );
    let after = applied.count_documents(doc! {}).await.unwrap();
    assert!(
        after <= before + 21,
        "at most the one command that was checked already: {before} {after}"
    );
    assert_eq!(world::row(&database, "1_counts.js").await.unwrap(), row, "no history write");
}

/// Stops a process at a fail point, lets another one take over, and wakes the first.
#[cfg(feature = "failpoints")]
#[tokio::test(flavor = "multi_thread")]
async fn of_a_transaction_stopped_anywhere_nothing_lands_after_a_takeover() {
    let test = TestDatabase::start().await;
    for (number, place) in [
        "transaction::begun#1",
        "wire::before_send#1",
        "wire::replied#2",
        "transaction::body_done#1",
        "transaction::history_written#1",
        "transaction::lock_confirmed#1",
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("stopped_{number}");
        let database = test.client_database(&name);
        let project = Project::new(Some(format!("mongodb://127.0.0.1:{}/{name}", test.port())));
        world::migrations(&project, false);
        for name in [world::NAMES[0], world::NAMES[1], world::NAMES[3]] {
            project.remove(&format!("migrations/scripts/{name}"));
        }
        world::prepare(&database).await;
        let mut command = project.command(&["up", "--lock-ttl", "1s"]);
        command.env("WHIMBREL_FAIL_POINT", format!("{place}=stop"));
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        let first = command.spawn().unwrap();
        until(async || is_stopped(first.id())).await;
        project.run(&["up", "--lock-ttl", "1s"]).must();
        let rows = [
            world::row(&database, world::NAMES[2]).await,
            world::row(&database, world::NAMES[4]).await,
        ];
        signal(&first, "CONT");
        let ran = finish(first);
        assert_eq!(ran.code, 3, "{place}: {}\n{}", ran.stdout, ran.stderr);
        world::sound(&database).await.unwrap_or_else(|e| panic!("{place}: {e}"));
        let now = [
            world::row(&database, world::NAMES[2]).await,
            world::row(&database, world::NAMES[4]).await,
        ];
        assert_eq!(now, rows, "{place}: no history write");
    }
}

/// Paused between check and send: at most that one command lands.
#[cfg(feature = "failpoints")]
#[tokio::test(flavor = "multi_thread")]
async fn stopped_between_check_and_send_one_command_may_land() {
    let test = TestDatabase::start().await;
    let project = Project::on(&test);
    project.up_body(
        "1_counts.js",
        "for (let n = 0; n < 5; n++) await db.collection('applied').insertOne({ n });",
    );
    let database = test.database();
    let applied = database.collection::<Document>("applied");
    let mut command = project.command(&["up", "--lock-ttl", "1s"]);
    command.env("WHIMBREL_FAIL_POINT", "wire::before_send#3=stop");
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let first = command.spawn().unwrap();
    until(async || is_stopped(first.id())).await;
    assert_eq!(applied.count_documents(doc! {}).await.unwrap(), 2);
    project.run(&["up", "--lock-ttl", "1s"]).must();
    let row = world::row(&database, "1_counts.js").await.unwrap();
    signal(&first, "CONT");
    let ran = finish(first);
    assert_eq!(ran.code, 3, "{}\n{}", ran.stdout, ran.stderr);
    assert_eq!(applied.count_documents(doc! {}).await.unwrap(), 2 + 5 + 1);
    assert_eq!(world::row(&database, "1_counts.js").await.unwrap(), row, "no history write");
}

/// Paused between the check and a write to the history: the row is not as it was planned any more.
#[cfg(feature = "failpoints")]
#[tokio::test(flavor = "multi_thread")]
async fn stopped_between_check_and_history_write_the_write_does_not_land() {
    let test = TestDatabase::start().await;
    // The first write says `running`, the second `completed`.
    for (number, place) in
        ["history::before_write#1", "history::before_write#2"].into_iter().enumerate()
    {
        let name = format!("history_{number}");
        let database = test.client_database(&name);
        let project = Project::new(Some(format!("mongodb://127.0.0.1:{}/{name}", test.port())));
        project.migration("1_a.js");
        let mut command = project.command(&["up", "--lock-ttl", "1s"]);
        command.env("WHIMBREL_FAIL_POINT", format!("{place}=stop"));
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        let first = command.spawn().unwrap();
        until(async || is_stopped(first.id())).await;
        world::finish_run(&project, &["up", "--lock-ttl", "1s"]);
        let row = world::row(&database, "1_a.js").await.unwrap();
        signal(&first, "CONT");
        let ran = finish(first);
        // Planned anew, there is nothing left to do; or its lock is missed first.
        assert!([0, 3, 4].contains(&ran.code), "{place}: {}\n{}", ran.stdout, ran.stderr);
        assert_eq!(world::row(&database, "1_a.js").await.unwrap(), row, "{place}");
    }
}

#[cfg(feature = "failpoints")]
pub(crate) fn is_stopped(pid: u32) -> bool {
    let output =
        std::process::Command::new("ps").args(["-o", "stat=", "-p", &pid.to_string()]).output();
    String::from_utf8_lossy(&output.unwrap().stdout).starts_with('T')
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_taken_by_force_stops_its_holder_first() {
    let test = TestDatabase::start().await;
    let project = Project::on(&test);
    project.up_body("1_long.js", "for (let n = 0; n < 400; n++) { await db.collection('applied').insertOne({ n }); await new Promise(done => setTimeout(done, 20)); }");
    let database = test.database();
    let applied = database.collection::<Document>("applied");
    let first = project.start(&["up", "--lock-ttl", "2s"]);
    until(async || applied.count_documents(doc! {}).await.unwrap() > 0).await;
    let shown = project.run(&["lock"]).must();
    assert!(shown.stdout.contains("The lock is held by host "), "{}", shown.stdout);
    assert!(shown.stdout.contains("Doing: up: 1_long.js"), "{}", shown.stdout);
    let unasked = project.run(&["lock", "--release", "--force"]);
    assert_eq!(unasked.code, 2, "{}", unasked.stderr);
    let refused = project.run(&["lock", "--release"]);
    assert_eq!(refused.code, 3, "{}", refused.stderr);
    assert!(refused.stderr.contains("--release --force"), "{}", refused.stderr);
    let forced =
        project.run(&["lock", "--release", "--force", "--yes", "--reason", "it hangs"]).must();
    assert!(forced.stdout.contains("The lock is free"), "{}", forced.stdout);
    assert!(forced.stderr.contains("took the lock away from host "), "{}", forced.stderr);
    let stopped = finish(first);
    assert_eq!(stopped.code, 3);
    assert!(
        stopped.stderr.contains("1_long.js was stopped: the lock was lost"),
        "{}",
        stopped.stderr
    );
    assert!(stopped.stderr.contains("hint: run the command again"), "{}", stopped.stderr);
    let landed = applied.count_documents(doc! {}).await.unwrap();
    assert!(landed < 400);
    let locks = database.collection::<Document>("migrations_lock");
    let lock = locks.find_one(doc! { "_id": "whimbrel" }).await.unwrap().unwrap();
    assert!(lock.get_str("owner").is_err() && lock.get_i64("fence").unwrap() == 2, "{lock}");
    let told = project.run(&["history", "--json"]).must().stdout;
    let told = told.lines().find(|line| line.contains("lock_forced")).unwrap();
    assert!(told.contains("it hangs") && told.contains("\"wasAlive\":true"), "{told}");
    let nothing = project.run(&["lock", "--release"]).must();
    assert!(nothing.stdout.contains("nothing to release"), "{}", nothing.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forced_takeover_that_is_interrupted_keeps_others_out_all_the_same() {
    let test = TestDatabase::start().await;
    let project = Project::on(&test);
    project.up_body(
        "1_long.js",
        "for (let n = 0; n < 2000; n++) {
           await db.collection('applied').insertOne({ n });
           await new Promise(done => setTimeout(done, 20));
         }",
    );
    let applied = test.database().collection::<Document>("applied");
    let locks = test.database().collection::<Document>("migrations_lock");
    let first = project.start(&["up", "--lock-ttl", "12s"]);
    until(async || applied.count_documents(doc! {}).await.unwrap() > 0).await;
    // Its own time to live is shorter than the one by which the holder stops.
    let force = ["lock", "--release", "--force", "--yes", "--lock-ttl", "1s"];
    let mut forcing = project.start(&force);
    crate::support::read_until(forcing.stderr.take().unwrap(), "before anything is done");
    let taken = locks.find_one(doc! { "_id": "whimbrel" }).await.unwrap().unwrap();
    signal(&forcing, "INT");
    finish(forcing);
    let left = locks.find_one(doc! { "_id": "whimbrel" }).await.unwrap().unwrap();
    let time =
        |document: &Document, field| document.get_datetime(field).unwrap().timestamp_millis();
    assert!(left.get_str("owner").is_ok(), "{left}");
    assert!(time(&left, "expiresAt") >= time(&taken, "acquiredAt") + 12_000, "{left}");
    assert_eq!(finish(first).code, 3);
}
