//! What the tests of several crates share; never part of a release.
//!
//! [`TestDatabase`] is a server of a test's own, [`bodies`] makes migration bodies from closures,
//! [`contract`] holds the tests that every history and every lock store must pass, [`proxy`] stands between a client
//! and the server and breaks things.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot get what it needs should fail where that is"
)]

pub mod bodies;
pub mod contract;
pub mod proxy;

use mongodb::{Client, Database};
use tempfile::TempDir;
use whimbrel_local::{Builder, LocalServer, Search};

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
        Self::start_with(|builder| builder).await
    }

    /// As [`TestDatabase::start`], with acknowledged writes surviving a kill.
    pub async fn durable() -> Self {
        Self::start_with(|builder| builder.durable(true)).await
    }

    /// As [`TestDatabase::start`], with settings of the server's.
    ///
    /// # Panics
    /// As [`TestDatabase::start`].
    pub async fn start_with(settings: impl FnOnce(Builder) -> Builder) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let server = launch(folder.path(), 0, settings).await;
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

    /// Kills the server the hard way and starts it again, durable, on the same data and port.
    ///
    /// # Panics
    /// When it cannot be killed or started.
    pub async fn crash_and_restart(&mut self) {
        let port = self.port();
        self.crash().await;
        let durable = |builder: Builder| builder.durable(true);
        self.server = Some(launch(self.folder.path(), port, durable).await);
    }

    /// Kills the server the hard way.
    pub async fn crash(&mut self) {
        if let Some(server) = self.server.take() {
            server.crash().await.expect("the server can be killed");
        }
    }
}

async fn launch(
    folder: &std::path::Path,
    port: u16,
    settings: impl FnOnce(Builder) -> Builder,
) -> LocalServer {
    let program = Search::from_environment().find().unwrap_or_else(|error| {
        panic!("{error}: {}", error.hints().join("; "));
    });
    let builder = LocalServer::builder().program(program).data_dir(folder.join("db")).port(port);
    settings(builder).start().await.expect("a test server")
}
