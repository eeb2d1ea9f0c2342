//! Migrations that run in this very process, with the driver of the application.
//!
//! What they do is JavaScript (`lib/process/`), which is asked through a function that it gave. The run loop stays
//! here: a body asks [`Executions`] before everything it sends, and nothing is sent once the lease is lost. What an
//! application sends past the handles that a migration is given, nobody can hold back; nor can anybody end code that
//! blocks the event loop it runs on.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use mongodb::bson::{Document, doc};
use mongodb::error::Error as DriverError;
use serde_json::{Value, json};
use tokio::time::Instant;
use whimbrel::__private::NodeBodies;
use whimbrel::config::{Config, Legacy};
use whimbrel_core::body::{
    Body, BodyContext, BodyError, BodyFacts, BodyOutcome, Direction, ForeignRuntime, Import,
};
use whimbrel_core::checksum::Checksum;
use whimbrel_core::gate::{Gate, StopReason};
use whimbrel_core::thrown::Thrown;
use whimbrel_core::transaction::RemoteTransaction;
use whimbrel_node_runtime::places_relative_to;
use whimbrel_node_runtime::told::{failed, load_message, of_thrown, remote, thrown_of};
use whimbrel_script::ProjectModules;

use crate::executions::{Execution, Executions, document_of};
use crate::migrator::Ask;
use crate::runtime::is_typescript;

/// How long a migration that has nothing in flight may take to notice that it is to stop.
const NOTICES_WITHIN: Duration = Duration::from_millis(500);
/// How often one that is to stop is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// How much of the run's own patience is left when it is given up.
const BEFORE_GRACE_ENDS: Duration = Duration::from_millis(300);
/// How long what stands around a transaction may take: longer than a driver looks for a server.
const ANSWERS_WITHIN: Duration = Duration::from_secs(60);
/// How long an abort may take: without it, the server ends the session.
const ABORTS_WITHIN: Duration = Duration::from_secs(3);
/// How long a commit may take.
const COMMITS_WITHIN: Duration = Duration::from_secs(120);

/// Loads have numbers that are used once in a process, because modules are known by them.
static LOADS: AtomicU32 = AtomicU32::new(1);

/// What bodies know of their project.
pub(crate) struct Surroundings {
    project: PathBuf,
    strict_await: bool,
    legacy: &'static str,
    grace: Duration,
}

impl Surroundings {
    pub(crate) fn of(config: &Config) -> Self {
        let project = &config.project;
        Self {
            project: std::fs::canonicalize(project).unwrap_or_else(|_| project.clone()),
            strict_await: config.strict_await,
            legacy: match config.legacy {
                Legacy::On => "on",
                Legacy::Off => "off",
                Legacy::Auto => "auto",
            },
            grace: config.grace,
        }
    }
}

/// What the bodies of one migrator share.
struct Shared {
    surroundings: Surroundings,
    modules: ProjectModules,
    ask: Arc<Ask>,
    executions: Arc<Executions>,
}

/// Why JavaScript did not do what it was asked to.
enum NotDone {
    /// It threw.
    Threw { thrown: Box<Thrown>, is_unusable: bool, hint: Option<String> },
    /// Nobody hears any more: the thread that it runs on has ended.
    Gone,
}

impl Shared {
    async fn ask(&self, request: Value) -> Result<Value, NotDone> {
        let asked = self.ask.call_async((request.to_string(),).into()).await;
        let Ok(promise) = asked else { return Err(NotDone::Gone) };
        let Ok(text) = promise.await else { return Err(NotDone::Gone) };
        let mut answer: Value = serde_json::from_str(&text).unwrap_or_default();
        match answer.get("error") {
            None => Ok(answer["ok"].take()),
            Some(error) => Err(NotDone::Threw {
                thrown: Box::new(thrown_of(error)),
                is_unusable: answer.get("isUnusable") == Some(&Value::Bool(true)),
                hint: answer.get("hint").and_then(Value::as_str).map(str::to_owned),
            }),
        }
    }

    fn places(&self, text: &str) -> String {
        places_relative_to(&self.surroundings.project, text)
    }

    fn load_error(&self, not_done: NotDone, places: &dyn Fn(&str) -> String) -> BodyError {
        match not_done {
            NotDone::Gone => gone(),
            NotDone::Threw { thrown, is_unusable: true, hint } => {
                BodyError::Load { message: thrown.message, hint }
            }
            NotDone::Threw { thrown, hint, .. } => {
                let thrown = mapped(*thrown, places);
                let message = load_message(&thrown);
                BodyError::Load { message, hint: hint.or_else(|| thrown.hint()) }
            }
        }
    }

    fn failure(&self, not_done: NotDone, places: &dyn Fn(&str) -> String) -> BodyError {
        match not_done {
            NotDone::Gone => gone(),
            NotDone::Threw { thrown, is_unusable: true, hint } => {
                BodyError::Failed { message: thrown.message, detail: Document::new(), hint }
            }
            NotDone::Threw { thrown, hint, .. } => failed(mapped(*thrown, places), hint),
        }
    }
}

/// With places as people read them.
fn mapped(mut thrown: Thrown, places: &dyn Fn(&str) -> String) -> Thrown {
    thrown.stack = places(&thrown.stack);
    thrown.message = places(&thrown.message);
    thrown.cause = thrown.cause.map(|cause| places(&cause));
    thrown
}

fn gone() -> BodyError {
    BodyError::Failed {
        message: "the thread of Node.js that it ran on has ended".to_owned(),
        detail: doc! { "class": "NodeThreadEnded" },
        hint: Some("await the migrator before the thread or the process ends".to_owned()),
    }
}

/// Makes bodies that run in this process.
pub(crate) struct ProcessBodies {
    shared: Arc<Shared>,
}

impl ProcessBodies {
    pub(crate) fn new(
        surroundings: Surroundings,
        ask: &Arc<Ask>,
        executions: &Arc<Executions>,
    ) -> Self {
        let modules = ProjectModules::new(&surroundings.project);
        let (ask, executions) = (Arc::clone(ask), Arc::clone(executions));
        Self { shared: Arc::new(Shared { surroundings, modules, ask, executions }) }
    }
}

#[async_trait]
impl NodeBodies for ProcessBodies {
    fn body(&self, path: &Path, text: Arc<str>, reason: Option<String>) -> Arc<dyn Body> {
        let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let transaction = Arc::new(ProcessTransaction {
            shared: Arc::clone(&self.shared),
            is_under_way: AtomicBool::new(false),
            is_gone: AtomicBool::new(false),
            gate: Mutex::default(),
        });
        Arc::new(ProcessBody { shared: Arc::clone(&self.shared), transaction, path, text, reason })
    }

    async fn release(&self) -> Vec<String> {
        let Ok(answer) = self.shared.ask(json!({ "ask": "release" })).await else {
            return Vec::new();
        };
        let late = answer.get("late").and_then(Value::as_array).into_iter().flatten();
        late.filter_map(Value::as_str).map(|text| self.shared.places(text)).collect()
    }
}

/// Whether a file is text that a module can be, and counts for a checksum.
fn is_text(file: &Path) -> bool {
    let extension = file.extension().and_then(|extension| extension.to_str());
    extension.is_none_or(|extension| {
        ["js", "mjs", "cjs", "ts", "mts", "cts", "json"].contains(&extension)
    })
}

struct ProcessBody {
    shared: Arc<Shared>,
    transaction: Arc<ProcessTransaction>,
    path: PathBuf,
    text: Arc<str>,
    reason: Option<String>,
}

impl ProcessBody {
    /// A path relative to the project folder, with `/`.
    fn name_of(&self, path: &Path) -> String {
        let project = &self.shared.surroundings.project;
        let relative = path.strip_prefix(project).unwrap_or(path);
        let parts: Vec<_> =
            relative.components().map(|part| part.as_os_str().to_string_lossy()).collect();
        parts.join("/")
    }

    /// Places below the project, and in the file itself where that is TypeScript.
    fn places(&self, text: &str) -> String {
        let told = self.shared.places(text);
        if !is_typescript(&self.path) {
            return told;
        }
        match self.shared.modules.compile(&self.path, &self.text) {
            Ok(compiled) => compiled.map_places(&self.name_of(&self.path), &told),
            Err(_) => told,
        }
    }

    /// The files that count for the checksum: modules of the application are loaded once in a process, so which of
    /// them a migration imports is read from the text.
    async fn imports(&self) -> Result<Vec<Import>, BodyError> {
        let (modules, path, text) =
            (self.shared.modules.clone(), self.path.clone(), Arc::clone(&self.text));
        let read = tokio::task::spawn_blocking(move || {
            let files = modules.files_of(&path, &text).into_iter().filter(|file| is_text(file));
            let read = |file: PathBuf| match std::fs::read_to_string(&file) {
                Ok(text) => Ok((file, text)),
                Err(error) => Err((file, error)),
            };
            files.map(read).collect::<Vec<_>>()
        });
        let unread = |what: &str, error: &dyn std::fmt::Display| BodyError::Load {
            message: format!("cannot read {what}, which it imports: {error}"),
            hint: None,
        };
        let read = read.await.map_err(|error| unread("the files", &error))?;
        read.into_iter()
            .map(|read| {
                let (path, text) =
                    read.map_err(|(path, error)| unread(&self.name_of(&path), &error))?;
                Ok(Import {
                    path: self.name_of(&path),
                    checksum: Checksum::of(text.as_bytes()),
                    text: text.into(),
                })
            })
            .collect()
    }

    fn request(&self, ask: &str, load: u32) -> Value {
        let Surroundings { project, legacy, .. } = &self.shared.surroundings;
        json!({
            "ask": ask, "load": load, "path": self.path, "text": self.text, "project": project, "legacy": legacy,
        })
    }

    /// Waits for the operation in flight, as long as there is patience.
    async fn stop(
        &self,
        load: u32,
        mut reply: impl Future<Output = Result<Value, NotDone>> + Unpin,
        reason: StopReason,
    ) -> Result<Value, BodyError> {
        let executions = &self.shared.executions;
        let patience = self.shared.surroundings.grace.saturating_sub(BEFORE_GRACE_ENDS);
        let began = Instant::now();
        let mut quiet_since = Instant::now();
        while began.elapsed() < patience {
            match tokio::time::timeout(LOOK_EVERY, &mut reply).await {
                // It ended well all the same.
                Ok(Ok(value)) => return Ok(value),
                Ok(Err(_)) => break,
                Err(_) if !executions.in_flight(load).is_empty() => quiet_since = Instant::now(),
                Err(_) if quiet_since.elapsed() >= NOTICES_WITHIN => break,
                Err(_) => {}
            }
        }
        Err(BodyError::Stopped { reason, unknown: executions.in_flight(load) })
    }

    async fn outcome(&self, value: &Value) -> Result<BodyOutcome, BodyError> {
        let list = |name: &str| {
            let list = value.get(name).and_then(Value::as_array).into_iter().flatten();
            list.filter_map(Value::as_str).map(|text| self.places(text)).collect::<Vec<_>>()
        };
        let mut warnings: Vec<String> = list("unawaited")
            .into_iter()
            .map(|operation| format!("nobody awaited {operation}; it was awaited at the end"))
            .collect();
        warnings.extend(list("unconsumed").into_iter().map(|label| {
            format!(
                "{label} with $merge or $out was never iterated, so it did nothing: add .toArray()"
            )
        }));
        if !warnings.is_empty() && self.shared.surroundings.strict_await {
            return Err(BodyError::Failed {
                message: warnings.join("; "),
                detail: Document::new(),
                hint: Some("await every operation (strict_await is on)".to_owned()),
            });
        }
        warnings.extend(
            list("streams")
                .into_iter()
                .map(|stream| format!("{stream} was left open, and closed at the end")),
        );
        Ok(BodyOutcome {
            entry: Some(self.name_of(&self.path)),
            imports: self.imports().await?,
            resolutions: Vec::new(),
            warnings,
        })
    }
}

#[async_trait]
impl Body for ProcessBody {
    async fn inspect(&self, gate: Gate) -> Result<BodyFacts, BodyError> {
        let load = LOADS.fetch_add(1, Ordering::Relaxed);
        let reply = tokio::select! {
            reply = self.shared.ask(self.request("inspect", load)) => reply,
            reason = gate.closed() => {
                return Err(BodyError::Stopped { reason, unknown: Vec::new() });
            }
        };
        let value = reply
            .map_err(|not_done| self.shared.load_error(not_done, &|text| self.places(text)))?;
        let flag = |name: &str| value.get(name).and_then(Value::as_bool);
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        let mut detail = doc! { "process": "application" };
        for name in ["node", "driver", "mongoose"] {
            if let Some(version) = text(name) {
                detail.insert(name, version);
            }
        }
        let driver = text("driver").map(|version| format!(" with mongodb {version}"));
        Ok(BodyFacts {
            has_up: flag("hasUp").unwrap_or_default(),
            has_rollback: flag("hasRollback").unwrap_or_default(),
            transaction: flag("transaction"),
            entry: Some(self.name_of(&self.path)),
            imports: self.imports().await?,
            resolutions: Vec::new(),
            runtime: Some(ForeignRuntime {
                name: "node",
                title: format!(
                    "the application's Node.js {}{}",
                    text("node").unwrap_or_default(),
                    driver.unwrap_or_default()
                ),
                detail,
                reason: self.reason.clone(),
            }),
            warnings: Vec::new(),
        })
    }

    async fn run(
        &self,
        direction: Direction,
        context: BodyContext,
    ) -> Result<BodyOutcome, BodyError> {
        let load = LOADS.fetch_add(1, Ordering::Relaxed);
        let mut request = self.request("run", load);
        request["direction"] = direction.as_str().into();
        request["transaction"] = self.transaction.is_under_way.load(Ordering::SeqCst).into();
        request["comment"] =
            json!({ "whimbrel": context.stamp.run_id, "fence": context.stamp.fence });
        // Nothing of it is sent any more when this is over, however that is.
        let _under = self.shared.executions.begin(
            load,
            Execution {
                gate: context.gate.clone(),
                output: Arc::clone(&context.output),
                operations: Arc::clone(&context.operations),
            },
        );
        let mut reply = Box::pin(self.shared.ask(request));
        let reply = tokio::select! {
            reply = &mut reply => reply,
            reason = context.gate.closed() => Ok(self.stop(load, reply, reason).await?),
        };
        match reply {
            Ok(value) => self.outcome(&value).await,
            // Of what was stopped nothing more is said.
            Err(_) if context.gate.check().is_err() => {
                let reason = context.gate.check().err().unwrap_or(StopReason::Cancelled);
                Err(BodyError::Stopped { reason, unknown: self.shared.executions.in_flight(load) })
            }
            Err(not_done) => Err(self.shared.failure(not_done, &|text| self.places(text))),
        }
    }

    async fn remote_transaction(&self) -> Result<Option<Arc<dyn RemoteTransaction>>, BodyError> {
        Ok(Some(Arc::clone(&self.transaction) as Arc<dyn RemoteTransaction>))
    }
}

/// A transaction in a session of the application's client.
struct ProcessTransaction {
    shared: Arc<Shared>,
    is_under_way: AtomicBool,
    /// Nobody answers any more, so nobody commits.
    is_gone: AtomicBool,
    gate: Mutex<Gate>,
}

impl ProcessTransaction {
    fn gate(&self) -> Gate {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn ask(&self, request: Value, within: Duration) -> Result<Value, DriverError> {
        let gate = self.gate();
        let failed = tokio::select! {
            reply = self.shared.ask(request) => match reply {
                Ok(value) => return Ok(value),
                Err(NotDone::Threw { thrown, .. }) => return Err(of_thrown(&thrown)),
                Err(NotDone::Gone) => "the thread of Node.js has ended".to_owned(),
            },
            reason = gate.lost() => reason.to_string(),
            () = tokio::time::sleep(within) => {
                format!("the application's driver did not answer within {} seconds", within.as_secs())
            }
        };
        self.is_gone.store(true, Ordering::SeqCst);
        Err(remote(failed))
    }
}

/// A document that travels as Extended JSON, every number with its type.
fn typed(document: &Document) -> String {
    mongodb::bson::Bson::Document(document.clone()).into_canonical_extjson().to_string()
}

fn document(value: &Value) -> Result<Document, DriverError> {
    let document = value.as_str().and_then(document_of);
    document.ok_or_else(|| remote("the application's driver gave no document"))
}

#[async_trait]
impl RemoteTransaction for ProcessTransaction {
    async fn begin(&self, options: Document, gate: Gate) -> Result<Document, BodyError> {
        *self.gate.lock().unwrap_or_else(PoisonError::into_inner) = gate.clone();
        self.is_gone.store(false, Ordering::SeqCst);
        self.shared.executions.forget_doom();
        let concern = options.get_document("writeConcern").ok();
        let concern = concern.map(|concern| serde_json::to_value(concern).unwrap_or_default());
        let request = json!({ "ask": "begin", "writeConcern": concern });
        let begun = tokio::select! {
            begun = self.shared.ask(request) => begun,
            reason = gate.closed() => {
                return Err(BodyError::Stopped { reason, unknown: Vec::new() });
            }
        };
        let id = begun
            .map_err(|not_done| self.shared.failure(not_done, &|text| self.shared.places(text)))?;
        self.is_under_way.store(true, Ordering::SeqCst);
        document(&id).map_err(|error| BodyError::Load {
            message: whimbrel_core::database_error::describe(&error),
            hint: None,
        })
    }

    async fn run(&self, database: &str, command: Document) -> Result<Document, DriverError> {
        let request = json!({ "ask": "command", "database": database, "command": typed(&command) });
        document(&self.ask(request, ANSWERS_WITHIN).await?)
    }

    async fn commit(&self) -> Result<(), DriverError> {
        self.ask(json!({ "ask": "commit" }), COMMITS_WITHIN).await?;
        self.is_under_way.store(false, Ordering::SeqCst);
        Ok(())
    }

    async fn abort(&self) {
        let _ = self.ask(json!({ "ask": "abort" }), ABORTS_WITHIN).await;
        self.is_under_way.store(false, Ordering::SeqCst);
    }

    fn doomed(&self) -> Option<DriverError> {
        self.shared.executions.doomed().map(|thrown| of_thrown(&thrown))
    }

    fn is_gone(&self) -> bool {
        self.is_gone.load(Ordering::SeqCst)
    }
}
