//! The migrations that run in this process at this moment, by the number of their load: what their JavaScript asks
//! before it sends anything, and what it tells.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mongodb::bson::{Bson, Document, RawDocumentBuf};
use serde_json::Value;
use whimbrel_core::body::{OutputSink, Said};
use whimbrel_core::gate::Gate;
use whimbrel_core::operations::{OperationLedger, Ticket};
use whimbrel_core::thrown::Thrown;
use whimbrel_node_runtime::told::{level_of, reply_with, thrown_of};

/// The command has to be announced first.
const ANNOUNCE: i32 = -1;
/// Nothing may be sent.
const CLOSED: i32 = -2;

/// What a migration may use while it runs.
pub(crate) struct Execution {
    pub(crate) gate: Gate,
    pub(crate) output: OutputSink,
    pub(crate) operations: Arc<OperationLedger>,
}

/// All of them.
#[derive(Default)]
pub(crate) struct Executions {
    running: Mutex<HashMap<u32, Running>>,
    doomed: Mutex<Option<Thrown>>,
}

struct Running {
    execution: Arc<Execution>,
    sent: HashMap<i32, Sent>,
    number: i32,
}

struct Sent {
    ticket: Ticket,
    label: String,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A document of Extended JSON.
pub(crate) fn document_of(text: &str) -> Option<Document> {
    let value: Value = serde_json::from_str(text).ok()?;
    match Bson::try_from(value).ok()? {
        Bson::Document(document) => Some(document),
        _ => None,
    }
}

/// A command for the ledger. What cannot be read is counted without its shape.
fn command_of(text: &str) -> RawDocumentBuf {
    let document = document_of(text).unwrap_or_default();
    RawDocumentBuf::try_from(&document).unwrap_or_default()
}

fn label_of(command: &RawDocumentBuf) -> String {
    let first = command.iter().next().and_then(Result::ok);
    first.map_or_else(
        || "a command".to_owned(),
        |(name, target)| {
            let target = target.as_str().map(|name| format!(" on {name}"));
            format!("{}{}", name.as_str(), target.unwrap_or_default())
        },
    )
}

impl Executions {
    /// Begins one; it ends when what comes back is dropped.
    pub(crate) fn begin(self: &Arc<Self>, load: u32, execution: Execution) -> Under {
        let execution = Arc::new(execution);
        lock(&self.running).insert(load, Running { execution, sent: HashMap::new(), number: 0 });
        Under { executions: Arc::clone(self), load }
    }

    fn execution(&self, load: u32) -> Option<Arc<Execution>> {
        lock(&self.running).get(&load).map(|running| Arc::clone(&running.execution))
    }

    /// Commands without a reply.
    pub(crate) fn in_flight(&self, load: u32) -> Vec<String> {
        let running = lock(&self.running);
        let sent = running.get(&load).into_iter().flat_map(|running| running.sent.values());
        sent.map(|sent| sent.label.clone()).collect()
    }

    pub(crate) fn closed(&self, load: u32) -> Option<String> {
        match self.execution(load) {
            Some(execution) => execution.gate.check().err().map(|reason| reason.to_string()),
            None => Some("the migration is over".to_owned()),
        }
    }

    pub(crate) fn sending(
        &self,
        load: u32,
        database: &str,
        command: &str,
        statements: Option<u32>,
    ) -> i32 {
        let command = command_of(command);
        let Some(execution) = self.execution(load) else { return CLOSED };
        let statements = statements.map(u64::from);
        let ticket = execution.operations.sending_now(database, &command, statements);
        match ticket {
            Some(ticket) => self.note(load, &execution, ticket, label_of(&command)),
            None => ANNOUNCE,
        }
    }

    pub(crate) async fn announce(&self, load: u32, database: &str, command: &str) -> i32 {
        let command = command_of(command);
        let Some(execution) = self.execution(load) else { return CLOSED };
        let ticket = execution.operations.sending(database, &command).await;
        self.note(load, &execution, ticket, label_of(&command))
    }

    /// The gate is asked last of all.
    fn note(&self, load: u32, execution: &Execution, ticket: Ticket, label: String) -> i32 {
        let mut running = lock(&self.running);
        match running.get_mut(&load) {
            Some(running) if execution.gate.check().is_ok() => {
                running.number += 1;
                running.sent.insert(running.number, Sent { ticket, label });
                running.number
            }
            _ => {
                execution.operations.withdrawn(ticket);
                CLOSED
            }
        }
    }

    pub(crate) fn sent(&self, load: u32, number: i32, outcome: &str, counts: Option<&str>) {
        let mut running = lock(&self.running);
        let Some(running) = running.get_mut(&load) else { return };
        let Some(sent) = running.sent.remove(&number) else { return };
        let operations = &running.execution.operations;
        match outcome {
            "replied" => {
                let counts = counts.and_then(|text| serde_json::from_str(text).ok());
                operations.replied(sent.ticket, Some(&reply_with(&counts.unwrap_or(Value::Null))));
            }
            "failed" => operations.replied(sent.ticket, None),
            "withdrawn" => operations.withdrawn(sent.ticket),
            // Without an answer nobody knows what became of it; the ledger keeps it as such.
            _ => drop(sent.ticket),
        }
    }

    pub(crate) fn say(&self, load: u32, said: &str) {
        let Some(execution) = self.execution(load) else { return };
        let Ok(said) = serde_json::from_str::<Value>(said) else { return };
        let text = |value: &Value, name: &str| {
            value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let said = if let Some(line) = said.get("line") {
            Said::Line { level: level_of(&text(line, "level")), text: text(line, "text") }
        } else if let Some(log) = said.get("log") {
            let fields = log.get("fields").cloned().unwrap_or(Value::Null);
            let fields = match Bson::try_from(fields) {
                Ok(Bson::Document(fields)) => fields,
                _ => Document::new(),
            };
            Said::Log {
                level: level_of(&text(log, "level")),
                message: text(log, "message"),
                fields,
            }
        } else if let Some(progress) = said.get("progress") {
            let number = |name: &str| progress.get(name).and_then(Value::as_u64);
            Said::Progress { done: number("done").unwrap_or_default(), total: number("total") }
        } else {
            return;
        };
        (execution.output)(said);
    }

    /// A transaction begins, and nothing has gone wrong in it.
    pub(crate) fn forget_doom(&self) {
        *lock(&self.doomed) = None;
    }

    /// What a migration that is over says of its transaction is nothing to the next one's.
    pub(crate) fn doom(&self, load: u32, error: &str) {
        if self.closed(load).is_some() {
            return;
        }
        if let Ok(error) = serde_json::from_str::<Value>(error) {
            lock(&self.doomed).get_or_insert(thrown_of(&error));
        }
    }

    pub(crate) fn doomed(&self) -> Option<Thrown> {
        lock(&self.doomed).clone()
    }
}

/// A migration that runs.
pub(crate) struct Under {
    executions: Arc<Executions>,
    load: u32,
}

impl Drop for Under {
    fn drop(&mut self) {
        lock(&self.executions.running).remove(&self.load);
    }
}
