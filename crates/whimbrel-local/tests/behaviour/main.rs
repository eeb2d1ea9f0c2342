//! The behaviour of the local server, with the program that is found on this machine. Each test has a data
//! directory of its own, and any free port.

// The helpers of the tests are tests as well; the lints only know functions marked so.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

mod lifetime;
mod mongod;
mod orphan;
mod refusals;

use std::path::Path;

use mongodb::Client;
use mongodb::bson::{Document, doc};
use whimbrel_local::{Builder, LocalServer, Program, Search};

/// The server program of this machine; without one the tests fail, and say how to get one.
fn program() -> Program {
    Search::from_environment()
        .find()
        .unwrap_or_else(|error| panic!("{error}:\n{}", error.hints().join("\n")))
}

fn builder(data_dir: &Path) -> Builder {
    LocalServer::builder().program(program()).data_dir(data_dir)
}

async fn client(server: &LocalServer) -> Client {
    Client::with_uri_str(server.uri()).await.unwrap()
}

async fn hello(server: &LocalServer) -> Document {
    client(server).await.database("admin").run_command(doc! { "hello": 1 }).await.unwrap()
}

async fn insert(server: &LocalServer, id: i32) {
    let birds = client(server).await.database("test").collection::<Document>("birds");
    birds.insert_one(doc! { "_id": id }).await.unwrap();
}

async fn count(server: &LocalServer) -> u64 {
    let birds = client(server).await.database("test").collection::<Document>("birds");
    birds.count_documents(doc! {}).await.unwrap()
}

/// Whether a process exists and is not just waiting to be collected by its parent.
#[cfg(unix)]
fn is_running(pid: u32) -> bool {
    let output = std::process::Command::new("ps")
        .args(["-o", "stat=", "-p", &pid.to_string()])
        .output()
        .unwrap();
    let state = String::from_utf8(output.stdout).unwrap();
    !state.trim().is_empty() && !state.trim().starts_with('Z')
}
