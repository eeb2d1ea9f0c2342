//! Bodies in a Node.js process: whoever of the two is killed or stopped, what holds of the embedded engine holds.
//!
//! Besides [`crate::world`]: no process is left behind, and a process whose lease is gone sends nothing more.
#![cfg(target_os = "linux")]

use std::process::{Child, Command};
use std::time::{Duration, Instant};

use mongodb::bson::{Document, doc};
use rand::Rng;
use whimbrel_testing::TestDatabase;

use crate::random_kill::{Goal, ends_well, luck, number};
use crate::support::{Project, finish, signal, until};
use crate::world;

/// Processes of this user that were started with this in their environment.
fn marked(mark: &str) -> Vec<u32> {
    let wanted = format!("STORM_MARK={mark}");
    let entries = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    pids.filter(|pid| {
        let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        let is_marked = environment.split(|byte| *byte == 0).any(|one| one == wanted.as_bytes());
        is_marked && !is_zombie(*pid)
    })
    .collect()
}

fn is_zombie(pid: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    status.rsplit_once(") ").is_none_or(|(_, rest)| rest.starts_with('Z'))
}

/// The Node.js process of a run, once it has one.
fn node_of(process: &Child) -> Option<u32> {
    let (pid, children) = (process.id(), format!("/proc/{0}/task/{0}/children", process.id()));
    let children = std::fs::read_to_string(children).unwrap_or_default();
    let mut children = children.split_whitespace().filter_map(|pid| pid.parse().ok());
    // Between fork and exec it is still the program itself.
    let program = |pid: u32| std::fs::read_link(format!("/proc/{pid}/exe")).ok();
    children.find(|child| program(*child) != program(pid))
}

fn send(pid: u32, name: &str) {
    // It may be gone already.
    let _ = Command::new("kill").arg(format!("-{name}")).arg(pid.to_string()).status().unwrap();
}

fn start(project: &Project, arguments: &[&str], mark: &str) -> Child {
    use std::process::Stdio;
    let mut command = project.command(arguments);
    command.env("STORM_MARK", mark).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

async fn nobody_is_left(mark: &str) {
    until(async || marked(mark).is_empty()).await;
}

#[derive(Clone, Copy, PartialEq)]
enum Victim {
    Program,
    Node,
}

async fn killed_at_random(victim: Victim) {
    let (seed, mut luck) = luck();
    let test = TestDatabase::durable().await;
    let project = Project::on(&test).in_node();
    world::migrations(&project, true);
    let database = test.database();
    world::prepare(&database).await;
    let started = Instant::now();
    project.run(Goal::Up.arguments()).must();
    let whole = started.elapsed().as_millis() as u64;
    let mut goal = Goal::Down;
    let (mut killed, mut finished, mut waits) = (0, 0, 0);
    for round in 0..number("STORM_NODE_ROUNDS", 30) {
        let mark = format!("{seed}-{round}-{}", std::process::id());
        let process = start(&project, goal.arguments(), &mark);
        tokio::time::sleep(Duration::from_millis(luck.random_range(0..whole + waits))).await;
        match victim {
            Victim::Program => signal(&process, "KILL"),
            Victim::Node => {
                if let Some(node) = node_of(&process) {
                    send(node, "KILL");
                }
            }
        }
        let ran = finish(process);
        nobody_is_left(&mark).await;
        let context =
            format!("seed {seed}, round {round}: {}\n{}\n{}", ran.code, ran.stdout, ran.stderr);
        match (victim, ran.code) {
            (Victim::Program, -1) | (Victim::Node, 1) => killed += 1,
            (_, 0) => {
                finished += 1;
                goal = goal.other();
            }
            // The lease was lost, on a machine that was busy.
            (_, 3) => {}
            _ => panic!("{context}"),
        }
        if ran.code == 1 {
            assert!(
                ran.stdout.contains("the Node.js process was killed")
                    || ran.stderr.contains("killed"),
                "{context}"
            );
        }
        waits = if ran.code == -1 { 1_000 } else { 0 };
        world::sound(&database).await.unwrap_or_else(|problem| panic!("{problem}\n{context}"));
    }
    println!("{killed} killed, {finished} finished before");
    assert!(killed > 0, "seed {seed}: nobody was killed");
    ends_well(&project, &database, seed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_is_killed_at_random_and_leaves_no_process() {
    killed_at_random(Victim::Program).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_process_is_killed_at_random() {
    killed_at_random(Victim::Node).await;
}

/// A migration that writes for ever, in a loop of operations or after one of them in a loop that never ends.
fn endless(project: &Project, last: &str) {
    project.up_body(
        "001_endless.js",
        &format!(
            "const first = await db.collection('runs').countDocuments() === 0;
             await db.collection('runs').insertOne({{ pid: process.pid }});
             for (let n = 0; first; n += 1) {{ await db.collection('written').insertOne({{ n, by: process.pid }}); {last} }}"
        ),
    );
}

async fn written(test: &TestDatabase) -> u64 {
    test.database().collection::<Document>("written").count_documents(doc! {}).await.unwrap()
}

/// Starts the endless migration and awaits its first write; gives the process of Node.js too.
async fn begun(test: &TestDatabase, project: &Project, mark: &str) -> (Child, u32) {
    let process = start(project, Goal::Up.arguments(), mark);
    until(async || written(test).await > 0).await;
    let node = node_of(&process).unwrap();
    (process, node)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_whose_program_is_stopped_ends_with_the_lease() {
    for (number, last) in ["", "for (;;);"].into_iter().enumerate() {
        let test = TestDatabase::start().await;
        let project = Project::on(&test).in_node();
        endless(&project, last);
        let mark = format!("stopped-{number}-{}", std::process::id());
        let (program, node) = begun(&test, &project, &mark).await;
        signal(&program, "STOP");
        // Nobody renews the lease, and the program cannot do anything.
        until(async || is_zombie(node)).await;
        let stands = written(&test).await;
        world::finish_run(&project, Goal::Up.arguments());
        signal(&program, "CONT");
        let ran = finish(program);
        assert_eq!(ran.code, 3, "{}\n{}", ran.stdout, ran.stderr);
        assert_eq!(written(&test).await, stands, "nothing was written after its end");
        nobody_is_left(&mark).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_comes_back_after_its_lease_sends_nothing_more() {
    let test = TestDatabase::start().await;
    let project = Project::on(&test).in_node();
    endless(&project, "");
    let mark = format!("back-{}", std::process::id());
    let (program, node) = begun(&test, &project, &mark).await;
    signal(&program, "STOP");
    send(node, "STOP");
    world::finish_run(&project, Goal::Up.arguments());
    let stands = written(&test).await;
    // The program stays stopped: the process finds out by itself.
    send(node, "CONT");
    until(async || is_zombie(node)).await;
    // At most what it had sent when it was stopped.
    assert!(written(&test).await <= stands + 1, "{} after {stands}", written(&test).await);
    signal(&program, "CONT");
    assert_eq!(finish(program).code, 3);
    nobody_is_left(&mark).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_migration_starts_ends_with_it() {
    let test = TestDatabase::start().await;
    let project = Project::on(&test).in_node();
    let spawn = "const { spawn } = require('node:child_process');
                 spawn('sleep', ['600'], { stdio: 'ignore' }).unref();";
    let mark = format!("started-{}", std::process::id());
    let ends = [
        ("001_well.js", ""),
        ("002_badly.js", "throw new Error('no');"),
        ("002_badly.js", "process.exit(0);"),
        ("002_badly.js", "process.kill(process.pid, 'SIGKILL'); await new Promise(() => {});"),
    ];
    for (name, end) in ends {
        project.up_body(name, &format!("{spawn}\n{end}"));
        let ran = finish(start(&project, Goal::Up.arguments(), &mark));
        assert_eq!(ran.code, i32::from(!end.is_empty()), "{}", ran.stderr);
        nobody_is_left(&mark).await;
    }
}
