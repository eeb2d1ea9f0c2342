//! The engine for one set of options, as the JavaScript of the package uses it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use napi::bindgen_prelude::{FnArgs, Function, Promise};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{Error as NapiError, Status};
use napi_derive::napi;
use serde_json::Value;
use tokio::sync::Mutex as AsyncMutex;
use whimbrel::__private::NodeBodies;
use whimbrel::config::Config;
use whimbrel::{
    AutoMigrator, BaselineOptions, Project, RollbackOptions, RunOptions, StartupOptions,
    StopReason, StopSignal,
};
use whimbrel_core::Error;
use whimbrel_core::create::{Language, NewMigration, Numbering, create};
use whimbrel_core::event::{Event, Observer};

use crate::answer::{self, Failure, answer};
use crate::bodies::{ProcessBodies, Surroundings};
use crate::executions::Executions;
use crate::opening::{Options, open};
use crate::request::{self, Request};

/// Tells JavaScript; keeps no process alive.
type Tell = ThreadsafeFunction<String, (), String, Status, false, true>;
/// Asks JavaScript, which answers later; keeps no process alive.
pub(crate) type Ask =
    ThreadsafeFunction<FnArgs<(String,)>, Promise<String>, FnArgs<(String,)>, Status, false, true>;

/// One migrator of an application.
#[napi]
pub struct NativeMigrator {
    shared: Arc<Shared>,
}

struct Shared {
    options: Options,
    tell: Arc<Tell>,
    ask: Option<Arc<Ask>>,
    executions: Arc<Executions>,
    opened: AsyncMutex<Opened>,
    stops: Mutex<HashMap<u32, StopSignal>>,
    /// The settings, once they were read for [`NativeMigrator::database`].
    config: Mutex<Option<Config>>,
}

/// Connected on first use; a failure is not kept.
#[derive(Default)]
enum Opened {
    #[default]
    NotYet,
    Project(Arc<Project>),
    Closed,
}

fn invalid(what: impl std::fmt::Display) -> NapiError {
    NapiError::new(Status::InvalidArg, what.to_string())
}

#[napi]
impl NativeMigrator {
    /// `options` as JSON; `tell` hears events as JSON; `ask`, where migrations run in this process, is asked for what
    /// to do with them, and answers by JSON.
    #[napi(constructor)]
    pub fn new(
        options: String,
        tell: Function<'_, String, ()>,
        ask: Option<Function<'_, FnArgs<(String,)>, Promise<String>>>,
    ) -> napi::Result<Self> {
        let options: Options = serde_json::from_str(&options).map_err(invalid)?;
        let tell = tell.build_threadsafe_function().weak::<true>().build()?;
        let ask = match ask {
            Some(ask) => Some(Arc::new(ask.build_threadsafe_function().weak::<true>().build()?)),
            None => None,
        };
        Ok(Self {
            shared: Arc::new(Shared {
                options,
                tell: Arc::new(tell),
                ask,
                executions: Arc::default(),
                opened: AsyncMutex::default(),
                stops: Mutex::default(),
                config: Mutex::default(),
            }),
        })
    }

    /// Announces a call, which can be cancelled from now on.
    #[napi]
    pub fn begin(&self, id: u32) {
        self.shared.stops().insert(id, StopSignal::new());
    }

    /// The database as the settings have it, else `fallback`: `{ "ok": name | null }` or an error, as JSON.
    #[napi]
    pub async fn database(&self, fallback: Option<String>) -> String {
        let shared = Arc::clone(&self.shared);
        let config = shared.options.config().map_err(Failure::from);
        answer(config.map(|config| {
            let mut config = config;
            config.database = config.database.or(fallback);
            let name = config.database.clone();
            *shared.config() = Some(config);
            name.map_or(Value::Null, Value::String)
        }))
    }

    /// Does one thing: `request` and the answer are JSON. `id` is what [`Self::cancel`] calls it.
    #[napi]
    pub async fn call(&self, id: u32, request: String) -> napi::Result<String> {
        let shared = Arc::clone(&self.shared);
        let stop = shared.stops().get(&id).cloned().unwrap_or_default();
        let result = match serde_json::from_str(&request) {
            Ok(request) => shared.run(request, stop).await,
            Err(error) => Err(Failure::of("OPTION_INVALID", &error.to_string())),
        };
        shared.stops().remove(&id);
        // Events have a way of their own to JavaScript, which waits for this one before it goes on.
        shared.tell(&serde_json::json!({ "event": "callEnded", "id": id }));
        Ok(answer(result))
    }

    /// Stops a call: after the operation in flight it records how far it came, and gives the lock back.
    #[napi]
    pub fn cancel(&self, id: u32) {
        if let Some(stop) = self.shared.stops().get(&id) {
            stop.stop(StopReason::Cancelled);
        }
    }

    /// Stops what runs, waits for it, and closes the connections. Later calls are errors.
    #[napi]
    pub async fn close(&self) {
        let shared = Arc::clone(&self.shared);
        let opened = std::mem::replace(&mut *shared.opened.lock().await, Opened::Closed);
        let Opened::Project(project) = opened else { return };
        project.migrator().shutdown().await;
        project.close().await;
    }

    /// Why the migration of this load may send nothing more; `null` as long as it may.
    #[napi]
    pub fn closed(&self, load: u32) -> Option<String> {
        self.shared.executions.closed(load)
    }

    /// Notes a command that is about to be sent, given as Extended JSON. Its number, or `-1` where
    /// [`Self::announce`] has to be asked first, or `-2` where nothing may be sent.
    #[napi]
    pub fn sending(
        &self,
        load: u32,
        database: String,
        command: String,
        statements: Option<u32>,
    ) -> i32 {
        self.shared.executions.sending(load, &database, &command, statements)
    }

    /// Notes a command that changes indexes or collections, and waits until the audit trail has it. As
    /// [`Self::sending`].
    #[napi]
    pub async fn announce(&self, load: u32, database: String, command: String) -> i32 {
        let executions = Arc::clone(&self.shared.executions);
        executions.announce(load, &database, &command).await
    }

    /// Tells what became of a command: it was `replied` to (with what is counted of it, as JSON), `failed`, `withdrawn`
    /// before it was sent, or nobody knows.
    #[napi]
    pub fn sent(&self, load: u32, number: i32, outcome: String, counts: Option<String>) {
        self.shared.executions.sent(load, number, &outcome, counts.as_deref());
    }

    /// What the migration says: `{ "line" | "log" | "progress": … }` as JSON.
    #[napi]
    pub fn say(&self, load: u32, said: String) {
        self.shared.executions.say(load, &said);
    }

    /// The first error that the server gave in the transaction of the migration of this load, as JSON.
    #[napi]
    pub fn doom(&self, load: u32, error: String) {
        self.shared.executions.doom(load, &error);
    }
}

/// Tells JavaScript of events.
struct JavaScriptObserver(Arc<Tell>);

impl Observer for JavaScriptObserver {
    fn observe(&self, event: &Event) {
        if let Some(event) = whimbrel_core::json::event(event) {
            self.0.call(event.to_string(), ThreadsafeFunctionCallMode::NonBlocking);
        }
    }
}

impl Shared {
    fn stops(&self) -> MutexGuard<'_, HashMap<u32, StopSignal>> {
        self.stops.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn config(&self) -> MutexGuard<'_, Option<Config>> {
        self.config.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, event: &Value) {
        self.tell.call(event.to_string(), ThreadsafeFunctionCallMode::NonBlocking);
    }

    async fn run(&self, request: Request, stop: StopSignal) -> Result<Value, Failure> {
        if let Request::Create { name, description, timestamp } = request {
            return self.create(name, description, timestamp).await;
        }
        let project = self.project().await?;
        let migrator = project.migrator();
        match request {
            Request::Up { target, force, stop_on_error, lock_wait } => {
                let options = RunOptions {
                    target: target.up(),
                    force: force.force(),
                    stop_on_error,
                    lock_wait: request::lock_wait(lock_wait),
                    stop,
                };
                let ended = migrator.run_migrations(options).await;
                ended_run(ended, stop_on_error)
            }
            Request::Down { target, from, stop_on_error, lock_wait } => {
                let options = RollbackOptions {
                    target: target.down(),
                    from: request::From::rollback(from),
                    stop_on_error,
                    lock_wait: request::lock_wait(lock_wait),
                    stop,
                };
                let ended = migrator.rollback(options).await;
                ended_run(ended, stop_on_error)
            }
            Request::Startup { lock_wait, timeout } => {
                let mut options = StartupOptions { stop, ..StartupOptions::default() };
                options.wait = request::lock_wait(lock_wait).unwrap_or(options.wait);
                options.timeout = timeout.map(Duration::from_millis);
                let started = AutoMigrator::new(migrator.clone()).run_on_startup(options).await;
                Ok(answer::startup(&started?))
            }
            Request::Status => {
                let status = migrator.migration_status().await?;
                Ok(whimbrel_core::json::status_report(&status))
            }
            Request::Verify => Ok(answer::verify(&migrator.verify().await?)),
            Request::Baseline { to, reason } => {
                let report = migrator.baseline(BaselineOptions { to, reason }).await?;
                Ok(answer::baseline(&report))
            }
            // Needs no database, and was done above.
            Request::Create { .. } => Ok(Value::Null),
        }
    }

    async fn project(&self) -> Result<Arc<Project>, Failure> {
        let mut opened = self.opened.lock().await;
        match &*opened {
            Opened::Project(project) => return Ok(Arc::clone(project)),
            Opened::Closed => {
                return Err(Failure::of("MIGRATOR_CLOSED", "the migrator was closed"));
            }
            Opened::NotYet => {}
        }
        let known = self.config().clone();
        let config = match known {
            Some(config) => config,
            None => self.options.config()?,
        };
        let observer = Arc::new(JavaScriptObserver(Arc::clone(&self.tell)));
        let bodies = self.ask.as_ref().map(|ask| {
            Arc::new(ProcessBodies::new(Surroundings::of(&config), ask, &self.executions))
                as Arc<dyn NodeBodies>
        });
        let project =
            open(&config, observer, bodies).await.map_err(|error| Failure::from(&error))?;
        for warning in project.warnings() {
            self.tell(&serde_json::json!({ "event": "warned", "name": "", "message": warning }));
        }
        let project = Arc::new(project);
        *opened = Opened::Project(Arc::clone(&project));
        Ok(project)
    }

    async fn create(
        &self,
        name: String,
        description: Option<String>,
        timestamp: bool,
    ) -> Result<Value, Failure> {
        let config: Config = self.options.config()?;
        let now = jiff::Zoned::now();
        let new = NewMigration {
            name,
            description,
            numbering: if timestamp { Numbering::Timestamp } else { Numbering::AsBefore },
            language: Language::of_project(&config.project),
            date: now.strftime("%Y-%m-%d").to_string(),
            timestamp: now.strftime("%Y%m%d%H%M%S").to_string(),
        };
        // It reads and writes files.
        let created = tokio::task::spawn_blocking(move || create(&config.directory, &new)).await;
        let path = match created {
            Ok(path) => path.map_err(|error| Failure::from(Error::from(error)))?,
            Err(_) => return Err(Failure::of("FILE_NOT_WRITTEN", "the file was not written")),
        };
        Ok(answer::created(&path))
    }
}

/// A run that was to go on after failures gives its report, because that is what was asked for.
fn ended_run(
    ended: Result<whimbrel::RunReport, whimbrel::RunFailure>,
    stop_on_error: bool,
) -> Result<Value, Failure> {
    match ended {
        Ok(report) => Ok(answer::report(&report, true)),
        Err(failure)
            if !stop_on_error
                && !failure.report.failed.is_empty()
                && matches!(failure.source, Error::Migration { .. })
                && failure.class() == whimbrel::ErrorClass::Migration =>
        {
            Ok(answer::report(&failure.report, false))
        }
        Err(failure) => Err(failure.into()),
    }
}
