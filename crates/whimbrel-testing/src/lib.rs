//! What the tests of several crates share; never part of a release.
//!
//! [`TestDatabase`] is a server of a test's own, [`bodies`] makes migration bodies from closures,
//! [`contract`] holds the tests that every history and every lock store must pass.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot get what it needs should fail where that is"
)]

pub mod bodies;
pub mod contract;

use mongodb::{Client, Database};
use tempfile::TempDir;
use whimbrel_local::{LocalServer, Search};

/// A server that one test has for itself, with a database on it.
pub struct TestDatabase {
    server: Option<LocalServer>,
    folder: TempDir,
    client: Client,
}

impl TestDatabase {
    /// Starts the server on a free port.
    ///
    /// # Panics
    /// When no server can be found or started; the message says how to get one.
    pub async fn start() -> Self {
        Self::start_with(false).await
    }

    /// As [`TestDatabase::start`], with acknowledged writes surviving a kill.
    pub async fn durable() -> Self {
        Self::start_with(true).await
    }

    async fn start_with(durable: bool) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let program = Search::from_environment().find().unwrap_or_else(|error| {
            panic!("{error}: {}", error.hints().join("; "));
        });
        let server = LocalServer::builder()
            .program(program)
            .data_dir(folder.path().join("db"))
            .durable(durable)
            .start()
            .await
            .expect("a test server");
        let client = Client::with_uri_str(server.uri()).await.expect("a client");
        Self { server: Some(server), folder, client }
    }

    /// The name of its database.
    pub const NAME: &'static str = "shop";

    /// A connection string that names the database.
    pub fn uri(&self) -> String {
        format!("mongodb://127.0.0.1:{}/{}", self.port(), Self::NAME)
    }

    /// The server's port.
    pub fn port(&self) -> u16 {
        self.server.as_ref().map_or(0, LocalServer::port)
    }

    /// The database.
    pub fn database(&self) -> Database {
        self.client.database(Self::NAME)
    }

    /// Another database of the server.
    pub fn client_database(&self, name: &str) -> Database {
        self.client.database(name)
    }

    /// A folder that goes away with the test.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Kills the server the hard way.
    pub async fn crash(&mut self) {
        if let Some(server) = self.server.take() {
            server.crash().await.expect("the server can be killed");
        }
    }
}
