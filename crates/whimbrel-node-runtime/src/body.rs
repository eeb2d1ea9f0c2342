//! Bodies that run in Node.js.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use mongodb::bson::{Document, doc};
use serde_json::{Value, json};
use tokio::time::Instant;
use whimbrel_core::body::{
    Body, BodyContext, BodyError, BodyFacts, BodyOutcome, Direction, ForeignRuntime,
};
use whimbrel_core::gate::{Gate, StopReason};
use whimbrel_core::transaction::RemoteTransaction;

use crate::files::Files;
use crate::process::{
    Assignment, Ending, Execution, NoReply, NodeProcess, NotStarted, Refused, notes_of,
};
use crate::protocol::Message;
use crate::runtime::Runtime;
use crate::told::{failed, load_message};
use crate::transaction::NodeTransaction;
use crate::{ModuleSource, NodeOptions};

/// How long a process that has nothing in flight may take to notice that it is to stop.
const NOTICES_WITHIN: Duration = Duration::from_millis(500);
/// How often a process that is to stop is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// How much of the run's own patience is left when it is ended.
const BEFORE_GRACE_ENDS: Duration = Duration::from_millis(300);

/// Makes bodies that run in Node.js. All of them share one process.
pub struct NodeLoader {
    runtime: Arc<Runtime>,
}

impl NodeLoader {
    /// A loader for the files of one project. No process is started yet.
    pub fn new(options: NodeOptions, modules: Arc<dyn ModuleSource>) -> Self {
        Self { runtime: Arc::new(Runtime::new(options, modules)) }
    }

    /// The body of a file; `reason` says why it runs in Node.js where nobody asked for it, and completes "because
    /// it …".
    pub fn body(&self, path: &Path, text: Arc<str>, reason: Option<String>) -> Arc<dyn Body> {
        let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let runtime = Arc::clone(&self.runtime);
        let transaction = NodeTransaction::new(Arc::clone(&runtime), path.clone());
        Arc::new(NodeBody { runtime, transaction: Arc::new(transaction), path, text, reason })
    }

    /// Ends the process, if there is one. What kept it from ending by itself, and what came when no migration ran,
    /// comes back as warnings.
    pub async fn release(&self) -> Vec<String> {
        self.runtime.end().await
    }
}

struct NodeBody {
    runtime: Arc<Runtime>,
    transaction: Arc<NodeTransaction>,
    path: PathBuf,
    text: Arc<str>,
    reason: Option<String>,
}

impl NodeBody {
    fn files(&self) -> Arc<Files> {
        let Runtime { root, modules, .. } = &*self.runtime;
        // A migration outside the project folder is its own project.
        let root = if self.path.starts_with(root) {
            root.clone()
        } else {
            self.path.parent().map(Path::to_owned).unwrap_or_default()
        };
        Arc::new(Files::new(&root, &self.path, Arc::clone(&self.text), Arc::clone(modules)))
    }

    fn facts(&self, process: &NodeProcess, files: &Files, message: &Message) -> BodyFacts {
        let result = message.head.get("result").unwrap_or(&Value::Null);
        let flag = |name: &str| result.get(name).and_then(Value::as_bool);
        let text = |name: &str| result.get(name).and_then(Value::as_str);
        let mut detail = doc! { "node": process.version.trim_start_matches('v') };
        for name in ["driver", "mongoose"] {
            if let Some(version) = text(name) {
                detail.insert(name, version);
            }
        }
        let early: Vec<String> = notes_of(result.get("early")).collect();
        let warnings = match early.as_slice() {
            [] => Vec::new(),
            notes => vec![format!("while it was loaded, before it ran, {}", notes.join(", "))],
        };
        BodyFacts {
            has_up: flag("hasUp").unwrap_or_default(),
            has_rollback: flag("hasRollback").unwrap_or_default(),
            transaction: flag("transaction"),
            entry: Some(files.entry_name()),
            imports: files.imports(),
            resolutions: Vec::new(),
            runtime: Some(ForeignRuntime {
                name: "node",
                title: format!(
                    "Node.js {} with mongodb {}",
                    process.version.trim_start_matches('v'),
                    text("driver").unwrap_or("of unknown version")
                ),
                detail,
                reason: self.reason.clone(),
            }),
            warnings,
        }
    }

    /// Waits for the operation in flight, as long as there is patience, then ends the process.
    async fn stop(
        &self,
        process: &NodeProcess,
        mut reply: impl Future<Output = Result<Message, NoReply>> + Unpin,
        reason: StopReason,
    ) -> Result<Message, BodyError> {
        if !matches!(reason, StopReason::LeaseLost(_)) {
            process.close_gate().await;
            let patience = self.runtime.options.grace.saturating_sub(BEFORE_GRACE_ENDS);
            let began = Instant::now();
            let mut quiet_since = Instant::now();
            while began.elapsed() < patience {
                match tokio::time::timeout(LOOK_EVERY, &mut reply).await {
                    Ok(Ok(message)) if is_stopped(&message) => break,
                    // It ended well all the same; its gate stays closed.
                    Ok(Ok(message)) => {
                        self.runtime.spend();
                        return Ok(message);
                    }
                    Ok(Err(_)) => break,
                    Err(_) if !process.in_flight().is_empty() => quiet_since = Instant::now(),
                    Err(_) if quiet_since.elapsed() >= NOTICES_WITHIN => break,
                    Err(_) => {}
                }
            }
        }
        // Nobody waits for these any longer, and they may still be at work on the server.
        let unknown = process.in_flight();
        process.kill().await;
        Err(BodyError::Stopped { reason, unknown })
    }

    fn outcome(&self, files: &Files, message: &Message) -> Result<BodyOutcome, BodyError> {
        let result = message.head.get("result").unwrap_or(&Value::Null);
        let list = |name: &str| {
            let list = result.get(name).and_then(Value::as_array);
            list.into_iter().flatten().filter_map(Value::as_str).map(|text| files.map_places(text))
        };
        let mut warnings: Vec<String> = list("unawaited")
            .map(|operation| format!("nobody awaited {operation}; it was awaited at the end"))
            .collect();
        warnings.extend(list("unconsumed").map(|label| {
            format!(
                "{label} with $merge or $out was never iterated, so it did nothing: add .toArray()"
            )
        }));
        let others: Vec<String> = list("streams")
            .map(|stream| format!("{stream} was left open, and closed at the end"))
            .chain(list("elsewhere").map(|target| {
                format!(
                    "it wrote to {target} through a connection of its own, and not to the migrated database, {}",
                    self.runtime.options.database
                )
            }))
            .collect();
        if !warnings.is_empty() && self.runtime.options.strict_await {
            return Err(BodyError::Failed {
                message: warnings.join("; "),
                detail: Document::new(),
                hint: Some("await every operation (strict_await is on)".to_owned()),
            });
        }
        warnings.extend(others);
        Ok(BodyOutcome {
            entry: Some(files.entry_name()),
            imports: files.imports(),
            resolutions: Vec::new(),
            warnings,
        })
    }
}

#[async_trait]
impl Body for NodeBody {
    async fn inspect(&self, gate: Gate) -> Result<BodyFacts, BodyError> {
        let process = self.runtime.process(&gate).await.map_err(not_started)?;
        let files = self.files();
        self.runtime.note_loaded(files.entry_name());
        process.assign(Some(Assignment { files: Arc::clone(&files), execution: None }));
        let number = self.runtime.next_load();
        let head = json!({ "type": "inspect", "path": self.path, "number": number });
        let reply = process.request(head, &[]);
        tokio::pin!(reply);
        let reply = tokio::select! {
            reply = &mut reply => reply,
            reason = gate.closed() => {
                process.kill().await;
                return Err(BodyError::Stopped { reason, unknown: Vec::new() });
            }
        };
        match reply {
            Ok(message) => Ok(self.facts(&process, &files, &message)),
            Err(NoReply::Gone(ending)) => {
                let message = files.map_places(&ending.message);
                let message = with_printed(message, &process.printed_while_loading());
                let hint = match ending.is_exit {
                    true => {
                        Some("code at the top level of a file must not end the process".to_owned())
                    }
                    false => ending.hint,
                };
                Err(BodyError::Load { message, hint })
            }
            Err(NoReply::Refused(refused)) => {
                self.runtime.spend();
                Err(load_error(&refused, &files, &process.printed_while_loading()))
            }
        }
    }

    async fn run(
        &self,
        direction: Direction,
        context: BodyContext,
    ) -> Result<BodyOutcome, BodyError> {
        let in_transaction = self.transaction.process();
        // It would be a transaction that nothing of the migration is in.
        if context.transaction.is_some() {
            return Err(BodyError::Load {
                message: "a migration in Node.js cannot run in a transaction of Whimbrel's own"
                    .to_owned(),
                hint: None,
            });
        }
        let process = match &in_transaction {
            Some(process) => Arc::clone(process),
            None => self.runtime.process(&context.gate).await.map_err(not_started)?,
        };
        let files = self.files();
        self.runtime.note_loaded(files.entry_name());
        process.assign(Some(Assignment {
            files: Arc::clone(&files),
            execution: Some(Execution {
                gate: context.gate.clone(),
                output: Arc::clone(&context.output),
                operations: Arc::clone(&context.operations),
            }),
        }));
        // Its output goes nowhere any more when this is over, however that is.
        let _assigned = Assigned(&process);
        let number = self.runtime.next_load();
        let head = json!({
            "type": "run", "path": self.path, "number": number, "direction": direction.as_str(),
            "transaction": in_transaction.is_some(),
            "runId": context.stamp.run_id, "fence": context.stamp.fence,
        });
        fail::fail_point!("node::before_run");
        let request = Box::pin(process.request(head, &[]));
        let reply = {
            let mut request = request;
            tokio::select! {
                reply = &mut request => reply,
                reason = context.gate.closed() => {
                    match self.stop(&process, request, reason).await {
                        Ok(message) => Ok(message),
                        Err(stopped) => return Err(stopped),
                    }
                }
            }
        };
        fail::fail_point!("node::body_done");
        match reply {
            Ok(message) => self.outcome(&files, &message),
            // Of what was stopped nothing more is said.
            Err(_) if context.gate.check().is_err() => {
                let reason = context.gate.check().err().unwrap_or(StopReason::Cancelled);
                let unknown = process.in_flight();
                process.kill().await;
                Err(BodyError::Stopped { reason, unknown })
            }
            Err(NoReply::Gone(ending)) => Err(ended(ending, &files)),
            Err(NoReply::Refused(refused)) => {
                // Some of it may still be at work. In a transaction, the process has to abort that first.
                if in_transaction.is_some() {
                    self.runtime.spend();
                } else {
                    process.kill().await;
                }
                Err(failure(&refused, &files))
            }
        }
    }

    async fn remote_transaction(&self) -> Result<Option<Arc<dyn RemoteTransaction>>, BodyError> {
        Ok(Some(Arc::clone(&self.transaction) as Arc<dyn RemoteTransaction>))
    }
}

/// Takes the assignment away when dropped.
struct Assigned<'p>(&'p NodeProcess);

impl Drop for Assigned<'_> {
    fn drop(&mut self) {
        self.0.assign(None);
    }
}

fn is_stopped(message: &Message) -> bool {
    message.head.get("result").and_then(|result| result.get("stopped")) == Some(&Value::Bool(true))
}

pub(crate) fn not_started(error: NotStarted) -> BodyError {
    match error {
        NotStarted::Failed { message, hint } => BodyError::Load { message, hint: Some(hint) },
        NotStarted::Stopped(reason) => BodyError::Stopped { reason, unknown: Vec::new() },
    }
}

/// The end of the process under a migration.
pub(crate) fn ended(ending: Ending, files: &Files) -> BodyError {
    BodyError::Failed {
        message: files.map_places(&ending.message),
        detail: doc! { "class": "NodeProcessEnded" },
        hint: ending.hint,
    }
}

/// A failure to load, with what the file had to say of it.
fn with_printed(message: String, printed: &[String]) -> String {
    match printed {
        [] => message,
        lines => format!("{message}\n  before that it printed:\n    {}", lines.join("\n    ")),
    }
}

/// What to do about errors that are about the project rather than the migration.
fn hint_of(thrown: &whimbrel_core::thrown::Thrown, files: &Files) -> Option<String> {
    let code = thrown.code.as_ref().and_then(mongodb::bson::Bson::as_str)?;
    Some(match code {
        "ERR_MODULE_NOT_FOUND" | "MODULE_NOT_FOUND" if is_about_package(&thrown.message) => {
            format!("is it installed? `npm install` in {} does that", files.root().display())
        }
        "ERR_INVALID_MODULE_SPECIFIER" => {
            "no package can be called that, and no entry in `paths` of tsconfig.json matches".to_owned()
        }
        "OUTSIDE_TRANSACTION" => "use the `db` that the migration is given, and `mongoose = true` in [node] for models; or \
                                  `export const transaction = false`"
            .to_owned(),
        "OUTSIDE_MIGRATION" if thrown.message.contains("left it behind") => {
            "an earlier migration of this run did not await it; or a package does it in a queue that one had it set up, \
             for which `AsyncResource.bind` or a run of its own helps"
                .to_owned()
        }
        "OUTSIDE_MIGRATION" => "code at the top level of a file must change nothing: do it in `up`".to_owned(),
        _ => return None,
    })
}

/// `Cannot find package 'x' …`, or `Cannot find module 'x'` of a name that is no path.
fn is_about_package(message: &str) -> bool {
    let name = message.split('\'').nth(1).unwrap_or_default();
    message.starts_with("Cannot find")
        && !name.is_empty()
        && !name.starts_with(['.', '/'])
        && (message.contains("find package") || !name.contains(".js"))
}

fn mapped(refused: &Refused, files: &Files) -> whimbrel_core::thrown::Thrown {
    let mut thrown = refused.thrown.clone();
    thrown.stack = files.map_places(&thrown.stack);
    thrown.message = files.map_places(&thrown.message);
    thrown.cause = thrown.cause.map(|cause| files.map_places(&cause));
    thrown
}

fn load_error(refused: &Refused, files: &Files, printed: &[String]) -> BodyError {
    let thrown = mapped(refused, files);
    if refused.is_unusable {
        return BodyError::Load { message: thrown.message, hint: refused.hint.clone() };
    }
    let hint = refused.hint.clone().or_else(|| hint_of(&thrown, files)).or_else(|| thrown.hint());
    BodyError::Load { message: with_printed(load_message(&thrown), printed), hint }
}

pub(crate) fn failure(refused: &Refused, files: &Files) -> BodyError {
    let thrown = mapped(refused, files);
    if refused.is_unusable {
        let message = thrown.message;
        return BodyError::Failed { message, detail: Document::new(), hint: refused.hint.clone() };
    }
    let hint = refused.hint.clone().or_else(|| hint_of(&thrown, files));
    failed(thrown, hint)
}
