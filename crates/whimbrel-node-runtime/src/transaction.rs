//! The transaction of a body that runs in Node.js: it takes place there, in a session of the project's own driver.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use mongodb::bson::{Document, RawDocumentBuf};
use mongodb::error::Error as DriverError;
use serde_json::{Value, json};
use whimbrel_core::body::BodyError;
use whimbrel_core::gate::{Gate, StopReason};
use whimbrel_core::transaction::RemoteTransaction;

use crate::body::{ended, failure, not_started};
use crate::process::{Ending, NoReply, NodeProcess};
use crate::protocol::Message;
use crate::runtime::Runtime;
use crate::told::{of_thrown, remote};

/// One body's transactions.
pub(crate) struct NodeTransaction {
    runtime: Arc<Runtime>,
    entry: PathBuf,
    /// Where the present one takes place.
    process: Mutex<Option<Arc<NodeProcess>>>,
    /// Of the execution under way.
    gate: Mutex<Gate>,
}

/// How long each request outside the body may take; a process that does not answer is ended.
const ANSWERS_WITHIN: Duration = Duration::from_secs(30);
/// How long an abort may take: without it, the server ends the session.
const ABORTS_WITHIN: Duration = Duration::from_secs(3);
/// How long a commit may take.
const COMMITS_WITHIN: Duration = Duration::from_secs(120);

impl NodeTransaction {
    pub(crate) fn new(runtime: Arc<Runtime>, entry: PathBuf) -> Self {
        Self { runtime, entry, process: Mutex::default(), gate: Mutex::default() }
    }

    /// The process of the transaction under way.
    pub(crate) fn process(&self) -> Option<Arc<NodeProcess>> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, process: Option<Arc<NodeProcess>>) {
        *self.process.lock().unwrap_or_else(PoisonError::into_inner) = process;
    }

    fn gate(&self) -> Gate {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Asks its process, which is ended when it does not answer in time or `given_up` comes first.
    async fn ask(
        &self,
        head: Value,
        blob: &[u8],
        within: Duration,
        given_up: impl Future<Output = StopReason>,
    ) -> Result<Message, NoReply> {
        let Some(process) = self.process() else {
            return Err(NoReply::Gone(Ending::default()));
        };
        let reply = process.request(head, blob);
        tokio::pin!(reply);
        let message = tokio::select! {
            reply = &mut reply => return reply,
            reason = given_up => reason.to_string(),
            () = tokio::time::sleep(within) => {
                let seconds = within.as_secs();
                format!("the Node.js process did not answer within {seconds} seconds and was ended")
            }
        };
        process.kill().await;
        Err(NoReply::Gone(Ending { message, ..Ending::default() }))
    }
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
    async fn begin(&self, options: Document, gate: Gate) -> Result<Document, BodyError> {
        let process = self.runtime.process(&gate).await.map_err(not_started)?;
        process.begin(gate.clone());
        *self.gate.lock().unwrap_or_else(PoisonError::into_inner) = gate;
        let files = self.runtime.assign_files(&process, &self.entry);
        self.set(Some(process));
        let concern = options.get_document("writeConcern").ok();
        let concern = concern.map(|concern| serde_json::to_value(concern).unwrap_or_default());
        let head = json!({ "type": "begin", "path": self.entry, "writeConcern": concern });
        let gate = self.gate();
        let options = &self.runtime.options;
        // Connecting may take as long as the driver is told.
        let within = [options.server_selection_timeout, options.connect_timeout]
            .into_iter()
            .map(|limit| limit.unwrap_or(ANSWERS_WITHIN))
            .fold(ANSWERS_WITHIN, |sum, limit| sum + limit);
        let begun = match self.ask(head, &[], within, gate.closed()).await {
            Ok(message) => document(message.blob).map_err(|error| BodyError::Load {
                message: whimbrel_core::database_error::describe(&error),
                hint: None,
            }),
            Err(NoReply::Refused(refused)) => Err(failure(&refused, &files)),
            Err(NoReply::Gone(_)) if gate.check().is_err() => Err(BodyError::Stopped {
                reason: gate.check().err().unwrap_or(StopReason::Cancelled),
                unknown: Vec::new(),
            }),
            Err(NoReply::Gone(ending)) => Err(ended(ending, &files)),
        };
        if begun.is_err() {
            self.set(None);
            self.runtime.spend();
        }
        begun
    }

    async fn run(&self, database: &str, command: Document) -> Result<Document, DriverError> {
        let raw = RawDocumentBuf::try_from(&command).map_err(|error| remote(error.to_string()))?;
        let head = json!({ "type": "command", "database": database });
        let gate = self.gate();
        let reply = self.ask(head, raw.as_bytes(), ANSWERS_WITHIN, gate.lost()).await;
        document(reply.map_err(|error| driver_error(&error))?.blob)
    }

    async fn commit(&self) -> Result<(), DriverError> {
        fail::fail_point!("node::before_commit");
        let gate = self.gate();
        let head = json!({ "type": "commit" });
        let committed = self.ask(head, &[], COMMITS_WITHIN, gate.lost()).await;
        committed.map_err(|error| driver_error(&error))?;
        self.set(None);
        Ok(())
    }

    async fn abort(&self) {
        let gate = self.gate();
        let _ = self.ask(json!({ "type": "abort" }), &[], ABORTS_WITHIN, gate.lost()).await;
    }

    fn doomed(&self) -> Option<DriverError> {
        self.process()?.doomed().map(|thrown| of_thrown(&thrown))
    }

    fn is_gone(&self) -> bool {
        self.process().is_none_or(|process| process.is_gone())
    }
}
