//! The transaction of a body that runs in Node.js: it takes place there, in a session of the project's own driver.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use mongodb::bson::{Bson, Document, RawDocumentBuf};
use mongodb::error::Error as DriverError;
use serde_json::json;
use whimbrel_core::database_error::RemoteError;
use whimbrel_core::thrown::Thrown;
use whimbrel_core::transaction::RemoteTransaction;

use crate::process::{NoReply, NodeProcess};
use crate::protocol::Message;
use crate::runtime::Runtime;

/// One body's transactions.
pub(crate) struct NodeTransaction {
    runtime: Arc<Runtime>,
    entry: PathBuf,
    /// Where the present one takes place.
    process: Mutex<Option<Arc<NodeProcess>>>,
}

impl NodeTransaction {
    pub(crate) fn new(runtime: Arc<Runtime>, entry: PathBuf) -> Self {
        Self { runtime, entry, process: Mutex::default() }
    }

    /// The process of the transaction under way.
    pub(crate) fn process(&self) -> Option<Arc<NodeProcess>> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, process: Option<Arc<NodeProcess>>) {
        *self.process.lock().unwrap_or_else(PoisonError::into_inner) = process;
    }

    async fn ask(&self, head: serde_json::Value, blob: &[u8]) -> Result<Message, DriverError> {
        let process = self.process().ok_or_else(|| remote("there is no transaction"))?;
        process.request(head, blob).await.map_err(|error| driver_error(&error))
    }
}

fn remote(message: impl Into<String>) -> DriverError {
    DriverError::custom(RemoteError { message: message.into(), ..RemoteError::default() })
}

/// What the driver there threw, as an error of the driver here.
pub(crate) fn of_thrown(thrown: &Thrown) -> DriverError {
    let code =
        thrown.code.as_ref().and_then(Bson::as_i64).and_then(|code| i32::try_from(code).ok());
    let message = match code {
        Some(_) => thrown.message.clone(),
        None => thrown.headline(),
    };
    DriverError::custom(RemoteError {
        code,
        code_name: thrown.code_name.clone().unwrap_or_default(),
        message,
        labels: thrown.labels.clone(),
    })
}

fn driver_error(error: &NoReply) -> DriverError {
    match error {
        NoReply::Refused(refused) => of_thrown(&refused.thrown),
        NoReply::Gone(ending) => remote(ending.message.clone()),
    }
}

fn document(blob: Vec<u8>) -> Result<Document, DriverError> {
    let raw = RawDocumentBuf::from_bytes(blob).map_err(|error| remote(error.to_string()))?;
    Document::try_from(raw.as_ref()).map_err(|error| remote(error.to_string()))
}

#[async_trait]
impl RemoteTransaction for NodeTransaction {
    async fn begin(&self, options: Document) -> Result<Document, DriverError> {
        let process = self.runtime.process().await.map_err(|error| remote(error.message))?;
        process.begin();
        self.runtime.assign_files(&process, &self.entry);
        self.set(Some(process));
        let concern = options.get_document("writeConcern").ok();
        let concern = concern.map(|concern| serde_json::to_value(concern).unwrap_or_default());
        let head = json!({ "type": "begin", "path": self.entry, "writeConcern": concern });
        match self.ask(head, &[]).await {
            Ok(message) => document(message.blob),
            Err(error) => {
                self.set(None);
                Err(error)
            }
        }
    }

    async fn run(&self, database: &str, command: Document) -> Result<Document, DriverError> {
        let raw = RawDocumentBuf::try_from(&command).map_err(|error| remote(error.to_string()))?;
        let head = json!({ "type": "command", "database": database });
        document(self.ask(head, raw.as_bytes()).await?.blob)
    }

    async fn commit(&self) -> Result<(), DriverError> {
        fail::fail_point!("node::before_commit");
        self.ask(json!({ "type": "commit" }), &[]).await.map(|_| ())
    }

    async fn abort(&self) {
        let _ = self.ask(json!({ "type": "abort" }), &[]).await;
        self.set(None);
    }

    fn doomed(&self) -> Option<DriverError> {
        self.process()?.doomed().map(|thrown| of_thrown(&thrown))
    }

    fn is_gone(&self) -> bool {
        self.process().is_none_or(|process| process.is_gone())
    }
}
