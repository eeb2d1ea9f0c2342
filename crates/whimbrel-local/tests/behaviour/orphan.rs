//! The death of the owner: `kill -9` leaves no server behind, and the store opens again.
//!
//! The owner is this test binary, run a second time for one ignored test that starts a server and waits.
#![cfg(unix)]

use std::env;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::{builder, count, insert, is_running};

const DATA_DIR: &str = "WHIMBREL_LOCAL_TEST_DATA_DIR";

/// Starts an owner on a data directory, and waits until its server runs.
fn start_owner(data_dir: &Path) -> (Child, u32) {
    let mut owner = Command::new(env::current_exe().unwrap())
        .args(["--exact", "orphan::owner", "--ignored", "--nocapture"])
        .env(DATA_DIR, data_dir)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let server = BufReader::new(owner.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok)
        .find_map(|line| line.split_once("server is ")?.1.parse().ok())
        .expect("the owner starts a server");
    assert!(is_running(server));
    (owner, server)
}

fn kill(mut owner: Child) {
    owner.kill().unwrap();
    owner.wait().unwrap();
}

#[tokio::test]
async fn a_server_ends_by_itself_when_its_owner_was_killed() {
    let temp = tempfile::tempdir().unwrap();
    let (owner, server) = start_owner(temp.path());
    kill(owner);
    let give_up = Instant::now() + Duration::from_secs(8);
    while is_running(server) {
        assert!(Instant::now() < give_up, "the server outlives its owner");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn the_next_command_waits_for_the_killed_owners_server_and_finds_its_data() {
    let temp = tempfile::tempdir().unwrap();
    let (owner, server) = start_owner(temp.path());
    kill(owner);
    let next = builder(temp.path()).start().await.unwrap();
    assert!(!is_running(server));
    assert_eq!(count(&next).await, 1);
}

#[tokio::test]
#[ignore = "the owner that the tests above start and kill"]
async fn owner() {
    let Some(data_dir) = env::var_os(DATA_DIR).map(PathBuf::from) else { return };
    let server = builder(&data_dir).durable(true).start().await.unwrap();
    insert(&server, 1).await;
    println!("\nserver is {}", server.pid());
    tokio::time::sleep(Duration::from_secs(60)).await;
}
