//! What the tests share.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mongodb::Client;
use mongodb::bson::{Document, doc};
use mongodb::event::EventHandler;
use mongodb::event::command::CommandEvent;
use mongodb::options::ClientOptions;
use whimbrel::mongodb::{self, Database};
use whimbrel::{Migrator, MigratorBuilder, RunOptions, RunReport, State};
use whimbrel_testing::TestDatabase;

/// A database, a folder with migrations, and a builder for them.
pub(crate) struct World {
    pub(crate) server: TestDatabase,
}

impl World {
    pub(crate) async fn start() -> Self {
        let server = TestDatabase::start().await;
        std::fs::create_dir_all(scripts(server.folder())).unwrap();
        Self { server }
    }

    pub(crate) fn database(&self) -> Database {
        self.server.database()
    }

    pub(crate) fn scripts(&self) -> PathBuf {
        scripts(self.server.folder())
    }

    /// Writes a file of the migrations folder.
    pub(crate) fn file(&self, name: &str, text: &str) -> &Self {
        std::fs::write(self.scripts().join(name), text).unwrap();
        self
    }

    /// A script that inserts a document with this id into `ran`, and takes it back.
    pub(crate) fn script(&self, name: &str) -> &Self {
        self.file(
            name,
            &format!(
                "export default async (db) => {{ await db.collection('ran').insertOne({{ _id: {name:?} }}); }};\n\
                 export const rollback = async (db) => {{ await db.collection('ran').deleteOne({{ _id: {name:?} }}); }};\n"
            ),
        )
    }

    pub(crate) fn builder(&self) -> MigratorBuilder {
        Migrator::builder(self.database()).directory(self.scripts())
    }

    pub(crate) fn migrator(&self) -> Migrator {
        self.builder().build().unwrap()
    }

    pub(crate) async fn ran(&self) -> Vec<String> {
        ids(&self.database(), "ran").await
    }

    /// `name: status` of every row, in order of name.
    pub(crate) async fn rows(&self) -> Vec<String> {
        let rows = documents(&self.database(), "migrations").await;
        let line = |row: &Document| {
            format!("{}: {}", row.get_str("name").unwrap(), row.get_str("status").unwrap())
        };
        let mut lines: Vec<String> = rows.iter().map(line).collect();
        lines.sort();
        lines
    }

    pub(crate) async fn row(&self, name: &str) -> Document {
        let rows = self.database().collection::<Document>("migrations");
        rows.find_one(doc! { "name": name }).await.unwrap().expect("a row of that name")
    }

    /// The events of the audit trail, in order.
    pub(crate) async fn trail(&self) -> Vec<String> {
        let entries = documents(&self.database(), "migrations_log").await;
        entries.iter().map(|entry| entry.get_str("event").unwrap().to_owned()).collect()
    }
}

fn scripts(folder: &Path) -> PathBuf {
    folder.join("project/migrations/scripts")
}

pub(crate) async fn documents(database: &Database, collection: &str) -> Vec<Document> {
    let collection = database.collection::<Document>(collection);
    let found = collection.find(doc! {}).sort(doc! { "_id": 1 });
    futures_util::TryStreamExt::try_collect(found.await.unwrap()).await.unwrap()
}

pub(crate) async fn ids(database: &Database, collection: &str) -> Vec<String> {
    let documents = documents(database, collection).await;
    documents.iter().map(|document| document.get_str("_id").unwrap().to_owned()).collect()
}

/// The names of what was applied, in order.
pub(crate) fn done(report: &RunReport) -> Vec<&str> {
    report.done.iter().map(|done| done.name.as_str()).collect()
}

pub(crate) async fn apply(migrator: &Migrator) -> RunReport {
    migrator.run_migrations(RunOptions::default()).await.unwrap()
}

/// `name: state` of every migration.
pub(crate) async fn states(migrator: &Migrator) -> Vec<(String, State)> {
    let status = migrator.migration_status().await.unwrap();
    let state = |m: &whimbrel::MigrationStatus| (m.entry.name().to_owned(), m.entry.state);
    status.migrations.iter().map(state).collect()
}

/// The names of commands that a client sent, as an application's own client.
#[derive(Clone, Default)]
pub(crate) struct Commands(Arc<Mutex<Vec<String>>>);

impl Commands {
    /// A client on this server that notes what it sends.
    pub(crate) async fn client(&self, server: &TestDatabase) -> Client {
        Client::with_options(self.options(server).await).unwrap()
    }

    /// What such a client connects with.
    pub(crate) async fn options(&self, server: &TestDatabase) -> ClientOptions {
        let mut options = ClientOptions::parse(server.uri()).await.unwrap();
        let heard = self.clone();
        options.command_event_handler = Some(EventHandler::callback(move |event| {
            if let CommandEvent::Started(started) = event {
                heard.0.lock().unwrap().push(started.command_name);
            }
        }));
        options
    }

    /// What was sent since the last time.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// Waits until it is so; a test that waits for what never comes fails.
pub(crate) async fn until<T, F: Future<Output = Option<T>>>(mut it: impl FnMut() -> F) -> T {
    let waiting = async {
        loop {
            if let Some(found) = it().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), waiting).await.expect("it never came")
}
