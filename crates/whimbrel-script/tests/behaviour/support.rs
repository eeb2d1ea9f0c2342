//! Runs a script against a database of its own.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use mongodb::bson::Document;
use mongodb::{Collection, Database};
use whimbrel_core::body::{
    Body, BodyContext, BodyError, BodyLoader, BodyOutcome, Direction, RunStamp, Said,
};
use whimbrel_core::file_name::MigrationId;
use whimbrel_core::gate::{Gate, StopSignal};
use whimbrel_core::history::Bookkeeping;
use whimbrel_core::transaction::{MongoTransactions, TransactionScope, Transactions};
use whimbrel_script::{ScriptLoader, ScriptOptions};
use whimbrel_testing::TestDatabase;

/// A project folder and a database.
pub(crate) struct Stage {
    pub(crate) test: TestDatabase,
    pub(crate) options: ScriptOptions,
    pub(crate) stop: StopSignal,
    pub(crate) output: Arc<Mutex<Vec<String>>>,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        let test = TestDatabase::start().await;
        let project = test.folder().join("project");
        std::fs::create_dir_all(project.join("migrations/scripts")).unwrap();
        let options = ScriptOptions {
            project,
            environment: vec![("STAGE".into(), "test".into())],
            ..ScriptOptions::default()
        };
        Self { test, options, stop: StopSignal::new(), output: Arc::default() }
    }

    pub(crate) fn database(&self) -> Database {
        self.test.database()
    }

    pub(crate) fn collection(&self, name: &str) -> Collection<Document> {
        self.test.database().collection(name)
    }

    /// Writes a file of the project.
    pub(crate) fn file(&self, path: &str, text: &str) -> PathBuf {
        let path = self.options.project.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    /// The body of a file in `migrations/scripts`.
    pub(crate) fn body(&self, name: &str, text: &str) -> Arc<dyn Body> {
        let path = self.file(&format!("migrations/scripts/{name}"), text);
        let id = MigrationId::parse(name).unwrap();
        ScriptLoader::new(self.options.clone()).file_body(&id, &path, text.into())
    }

    pub(crate) fn context(&self) -> BodyContext {
        let output = Arc::clone(&self.output);
        BodyContext {
            database: Some(self.database()),
            gate: Gate::new(self.stop.clone(), None),
            transaction: None,
            stamp: RunStamp { run_id: "run".into(), fence: 1 },
            operations: Arc::default(),
            output: Arc::new(move |said| {
                let line = match said {
                    Said::Line { text, .. } => text,
                    Said::Log { level, message, fields } => {
                        format!("log {} {message} {fields}", level.as_str())
                    }
                    Said::Progress { done, total } => format!("progress {done} {total:?}"),
                };
                output.lock().unwrap().push(line);
            }),
        }
    }

    pub(crate) async fn run_file(
        &self,
        name: &str,
        text: &str,
        direction: Direction,
    ) -> Result<BodyOutcome, BodyError> {
        self.body(name, text).run(direction, self.context()).await
    }

    /// Runs statements as the body of `up(db, client)`.
    pub(crate) async fn up(&self, statements: &str) -> Result<BodyOutcome, BodyError> {
        let text = format!(
            "import * as mongodb from 'mongodb';\nexport default async function up(db, client) {{\n{statements}\n}}\n"
        );
        self.run_file("001_test.js", &text, Direction::Up).await
    }

    /// As [`Stage::up`], through another client.
    pub(crate) async fn up_through(
        &self,
        client: &mongodb::Client,
        statements: &str,
    ) -> Result<BodyOutcome, BodyError> {
        let text = format!("export default async function up(db, client) {{\n{statements}\n}}\n");
        let database = Some(client.database(self.database().name()));
        let context = BodyContext { database, ..self.context() };
        self.body("001_test.js", &text).run(Direction::Up, context).await
    }

    /// As [`Stage::up`], for what must succeed.
    pub(crate) async fn must(&self, statements: &str) -> BodyOutcome {
        self.up(statements).await.unwrap_or_else(|error| panic!("{error}"))
    }

    /// As [`Stage::up`], in a transaction of the run's; the scope is the caller's to end.
    pub(crate) async fn up_in_transaction(
        &self,
        statements: &str,
    ) -> (Result<BodyOutcome, BodyError>, Box<dyn TransactionScope>) {
        let bookkeeping = Bookkeeping::new(self.database(), "migrations");
        let scope = MongoTransactions::new(bookkeeping).begin().await.unwrap();
        let text = format!("export default async function up(db, client) {{\n{statements}\n}}\n");
        let context = BodyContext { transaction: scope.mongo(), ..self.context() };
        (self.body("001_test.js", &text).run(Direction::Up, context).await, scope)
    }

    /// All documents of a collection in order of `_id`.
    pub(crate) async fn documents(&self, name: &str) -> Vec<Document> {
        use futures_util::TryStreamExt;
        let collection = self.collection(name);
        let found = collection.find(Document::new()).sort(mongodb::bson::doc! { "_id": 1 });
        found.await.unwrap().try_collect().await.unwrap()
    }

    /// What was printed.
    pub(crate) fn printed(&self) -> Vec<String> {
        self.output.lock().unwrap().clone()
    }
}
