//! `kill -9` of the program and of the server at random moments, in both directions.
//!
//! `STORM_SEED` repeats a run; `STORM_ROUNDS` sets the number of rounds (`cargo xtask soak` does).

use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use whimbrel_testing::TestDatabase;

use crate::support::{Project, finish, signal};
use crate::world;

pub(crate) fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

pub(crate) fn luck() -> (u64, StdRng) {
    let seed = number("STORM_SEED", rand::rng().random_range(0..1_000_000));
    println!("STORM_SEED={seed}");
    (seed, StdRng::seed_from_u64(seed))
}

/// Both directions in turn, so that rounds do not end with nothing to do.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Goal {
    Up,
    Down,
}

impl Goal {
    pub(crate) fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Up => &["up", "--lock-ttl", "1s"],
            Self::Down => &["down", "--all", "--yes", "--lock-ttl", "1s"],
        }
    }

    pub(crate) fn other(self) -> Self {
        if self == Self::Up { Self::Down } else { Self::Up }
    }
}

/// After all the rounds, an `up` and a `down` that nobody disturbs.
pub(crate) async fn ends_well(project: &Project, database: &mongodb::Database, seed: u64) {
    // A rollback that was cut off is finished first; an `up` that was cut off is not taken back by `--all`, but
    // finished by the next `up`.
    world::finish_run(project, Goal::Down.arguments());
    world::finish_run(project, Goal::Up.arguments());
    world::all_applied(database).await.unwrap_or_else(|e| panic!("seed {seed}: {e}"));
    world::finish_run(project, Goal::Down.arguments());
    world::all_rolled_back(database).await.unwrap_or_else(|e| panic!("seed {seed}: {e}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_is_killed_at_random() {
    let (seed, mut luck) = luck();
    let test = TestDatabase::durable().await;
    let project = Project::on(&test);
    world::migrations(&project, true);
    let database = test.database();
    world::prepare(&database).await;
    // How long an undisturbed run takes decides what "at random" means.
    let started = Instant::now();
    project.run(Goal::Up.arguments()).must();
    let whole = started.elapsed().as_millis() as u64;
    let mut goal = Goal::Down;
    // After a kill, the next run has to wait for the dead one's lease first.
    let mut waits = 0;
    let (mut killed, mut finished) = (0, 0);
    for round in 0..number("STORM_ROUNDS", 40) {
        let process = project.start(goal.arguments());
        tokio::time::sleep(Duration::from_millis(luck.random_range(0..whole + waits))).await;
        signal(&process, "KILL");
        let ran = finish(process);
        match ran.code {
            -1 => {
                killed += 1;
                waits = 1_000;
            }
            0 => {
                finished += 1;
                waits = 0;
                goal = goal.other();
            }
            // The lease was lost, on a machine that was busy.
            3 => {}
            code => {
                panic!("seed {seed}, round {round}: exit {code}\n{}\n{}", ran.stdout, ran.stderr)
            }
        }
        if let Err(problem) = world::sound(&database).await {
            panic!("seed {seed}, round {round}: {problem}");
        }
        // Somebody changes their mind in the middle. An interrupted rollback has to be finished first.
        if luck.random_bool(0.2) && goal == Goal::Up {
            goal = Goal::Down;
        }
    }
    println!("{killed} killed, {finished} finished before");
    ends_well(&project, &database, seed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_is_killed_at_random() {
    let (seed, mut luck) = luck();
    let mut test = TestDatabase::durable().await;
    let project = Project::on(&test);
    world::migrations(&project, true);
    world::prepare(&test.database()).await;
    let mut codes = std::collections::BTreeMap::new();
    let mut goal = Goal::Up;
    for round in 0..number("STORM_SERVER_ROUNDS", 15) {
        let process = project.start(goal.arguments());
        tokio::time::sleep(Duration::from_millis(luck.random_range(0..1_500))).await;
        test.crash_and_restart().await;
        // It recovers, or it gives up; it neither hangs nor panics.
        let ran = finish(process);
        *codes.entry(ran.code).or_insert(0) += 1;
        let context = format!(
            "seed {seed}, round {round}: exit {}\n{}\n{}",
            ran.code, ran.stdout, ran.stderr
        );
        // A migration failed, the lock was lost, or the database was gone.
        assert!([0, 1, 3, 5].contains(&ran.code), "{context}");
        assert!(!ran.stderr.contains("panicked"), "{context}");
        world::sound(&test.database()).await.unwrap_or_else(|e| panic!("{e}\n{context}"));
        world::finish_run(&project, goal.arguments());
        let whole = match goal {
            Goal::Up => world::all_applied(&test.database()).await,
            Goal::Down => world::all_rolled_back(&test.database()).await,
        };
        whole.unwrap_or_else(|e| panic!("{e}\n{context}"));
        goal = goal.other();
    }
    println!("exit codes of the disturbed runs: {codes:?}");
}
