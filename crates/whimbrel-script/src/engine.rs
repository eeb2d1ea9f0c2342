//! One script in one fresh runtime, on a thread of its own.
//!
//! The thread runs JavaScript and nothing else; operations run on the main runtime. A script is done when
//! its function's promise is settled and nothing it started is in flight. When the gate closes, loops are
//! interrupted, no further operation starts, and those in flight are awaited.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rquickjs::{
    AsyncContext, AsyncRuntime, Ctx, Function, Module, Object, Persistent, Promise, Value,
};
use tokio::runtime::Handle;
use whimbrel_core::body::{BodyContext, BodyError, BodyFacts, Direction, Trust};
use whimbrel_core::gate::{Gate, StopReason};

use crate::ScriptOptions;
use crate::convert::Classes;
use crate::failure::Thrown;
use crate::modules::{Files, Format, ModuleLoader, load_own, own, syntax_error};
use crate::ops::{self, OpState};
use crate::wire::Wire;

/// What to do with a script.
pub(crate) enum Work {
    /// Load it and say what it offers.
    Inspect { gate: Gate },
    /// Execute one direction.
    Run { direction: Direction, context: BodyContext, wire: Arc<Wire> },
}

/// A script and what to do with it.
pub(crate) struct Job {
    pub(crate) files: Files,
    pub(crate) trust: Trust,
    pub(crate) options: Arc<ScriptOptions>,
    pub(crate) work: Work,
    pub(crate) main: Handle,
}

impl Job {
    fn gate(&self) -> &Gate {
        match &self.work {
            Work::Inspect { gate } => gate,
            Work::Run { context, .. } => &context.gate,
        }
    }
}

/// A script that ended well.
pub(crate) struct Finished {
    pub(crate) facts: BodyFacts,
    pub(crate) warnings: Vec<String>,
}

/// The thread's own stack: the script's limit, and room for the conversion of deep documents.
const THREAD_STACK: usize = 16 << 20;

/// What the conversion of the deepest documents takes of the stack, in a build without optimisation.
const CONVERSION_STACK: usize = 6 << 20;

/// Timers that are due within this time are awaited after the migration's function has returned.
const SOON: Duration = Duration::from_secs(1);

/// How long such timers are awaited without any operation in between.
const MOST_QUIET: Duration = Duration::from_secs(5);

/// How often a waiting script is looked at.
const STUCK_AFTER: Duration = Duration::from_millis(500);

/// Runs a job to its end on a new thread.
pub(crate) async fn run_on_thread(job: Job) -> Result<Finished, BodyError> {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let spawned = std::thread::Builder::new()
        .name("whimbrel-script".to_owned())
        .stack_size(THREAD_STACK + job.options.limits.stack)
        .spawn(move || {
            let _ = sender.send(run(job));
        });
    let failed = |message: String| BodyError::Load { message, hint: None };
    if let Err(error) = spawned {
        return Err(failed(format!("cannot start a thread for the script: {error}")));
    }
    receiver.await.unwrap_or_else(|_| Err(failed("the script's thread panicked".to_owned())))
}

fn run(job: Job) -> Result<Finished, BodyError> {
    let failed = |message: String| BodyError::Load { message, hint: None };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .map_err(|error| failed(format!("cannot start the script's runtime: {error}")))?;
    runtime.block_on(async {
        let engine = AsyncRuntime::new()
            .map_err(|error| failed(format!("cannot start the engine: {error}")))?;
        let unhandled = Unhandled::default();
        configure(&engine, &job, &unhandled).await;
        let context = AsyncContext::full(&engine)
            .await
            .map_err(|error| failed(format!("cannot start the engine: {error}")))?;
        let run = async |ctx: Ctx<'_>| {
            let result = Script { ctx: &ctx, job: &job, unhandled: &unhandled }.run().await;
            // Nothing of the script may outlive its context.
            unhandled.rejections.borrow_mut().clear();
            result
        };
        let result = context.async_with(run).await;
        drop(context);
        engine.run_gc().await;
        result
    })
}

async fn configure(engine: &AsyncRuntime, job: &Job, unhandled: &Unhandled) {
    let limits = job.options.limits;
    engine.set_memory_limit(limits.memory).await;
    // The engine measures the thread's stack, on which the conversion of deep documents stands as well.
    engine.set_max_stack_size(limits.stack + CONVERSION_STACK).await;
    let loader = ModuleLoader { files: job.files.clone() };
    engine.set_loader(loader.clone(), loader).await;
    let gate = job.gate().clone();
    engine.set_interrupt_handler(Some(Box::new(move || gate.check().is_err()))).await;
    let rejections = Rc::clone(&unhandled.rejections);
    let tracker: RejectionTracker = Box::new(move |ctx, promise, reason, handled| {
        let mut hasher = DefaultHasher::new();
        promise.hash(&mut hasher);
        let key = hasher.finish();
        if handled {
            rejections.borrow_mut().retain(|rejection| rejection.key != key);
        } else {
            let reason = Persistent::save(&ctx, reason);
            let promise = Persistent::save(&ctx, promise);
            rejections.borrow_mut().push(Rejection { key, reason, _promise: promise });
        }
    });
    engine.set_host_promise_rejection_tracker(Some(tracker)).await;
}

/// Hears of promises that are rejected without a handler, and of handlers that come later.
type RejectionTracker = Box<dyn for<'a> Fn(Ctx<'a>, Value<'a>, Value<'a>, bool)>;

/// Promises that were rejected and that nobody has handled yet.
#[derive(Default)]
struct Unhandled {
    /// In the order in which they were rejected.
    rejections: Rc<RefCell<Vec<Rejection>>>,
}

struct Rejection {
    /// Which promise: from its address, which stays its own as long as it is kept.
    key: u64,
    reason: Persistent<Value<'static>>,
    _promise: Persistent<Value<'static>>,
}

impl Unhandled {
    fn take<'js>(&self, ctx: &Ctx<'js>) -> Option<Value<'js>> {
        let rejections = std::mem::take(&mut *self.rejections.borrow_mut());
        rejections.into_iter().next().and_then(|first| first.reason.restore(ctx).ok())
    }
}

struct Script<'s, 'js> {
    ctx: &'s Ctx<'js>,
    job: &'s Job,
    unhandled: &'s Unhandled,
}

impl<'js> Script<'_, 'js> {
    async fn run(&self) -> Result<Finished, BodyError> {
        let (wire, output, database) = match &self.job.work {
            Work::Inspect { .. } => (None, None, "inspected"),
            Work::Run { context, wire, .. } => {
                (Some(Arc::clone(wire)), Some(Arc::clone(&context.output)), wire.database_name())
            }
        };
        let state = OpState::new(
            self.job.main.clone(),
            wire,
            output,
            self.job.files.clone(),
            self.job.trust,
            self.job.gate().clone(),
            match self.job.options.permissions.environment {
                true => self.job.options.environment.clone(),
                false => Vec::new(),
            },
        );
        let result = self.load_and_call(&state, database).await;
        // What was written without a line end; a script that was stopped prints nothing more.
        if self.job.gate().check().is_ok()
            && let Ok(flush) = own(self.ctx).and_then(|own| own.get::<_, Function<'js>>("flush"))
        {
            let _ = flush.call::<_, ()>(());
        }
        state.clear_timers();
        result
    }

    async fn load_and_call(
        &self,
        state: &Rc<OpState>,
        database: &str,
    ) -> Result<Finished, BodyError> {
        let ctx = self.ctx;
        let not_loaded =
            |error: rquickjs::Error| Thrown::caught(ctx, error).into_load_error(&self.job.files);
        let installed = self.install(state, database).await.map_err(not_loaded)?;
        let exported = self.or_stopped(state, self.load(&installed)).await?.map_err(not_loaded)?;
        let points = self.entry_points(&installed, exported).map_err(not_loaded)?;
        if let Some(reason) = self.unhandled.take(ctx) {
            return Err(Thrown::of(ctx, reason).into_load_error(&self.job.files));
        }
        let Work::Run { direction, .. } = &self.job.work else {
            return Ok(Finished { facts: points.facts, warnings: Vec::new() });
        };
        let function = match direction {
            Direction::Up => points.up,
            Direction::Rollback => points.rollback,
        };
        let Some(function) = function else {
            return Err(BodyError::Load {
                message: format!("the file exports no function for {direction}"),
                hint: None,
            });
        };
        let result = self.or_stopped(state, self.call(&installed, &function, points.owner)).await?;
        // Described before anything else runs: the exception is the engine's current one only now.
        let result =
            result.map_err(|error| Thrown::caught(ctx, error).into_failure(&self.job.files));
        let mut warnings = self.settle(&installed, state).await?;
        result?;
        if let Some(reason) = self.unhandled.take(ctx) {
            return Err(Thrown::of(ctx, reason).into_failure(&self.job.files));
        }
        warnings.extend(self.unconsumed(&installed));
        if !warnings.is_empty() && self.job.options.strict_await {
            return Err(BodyError::Failed {
                message: warnings.join("; "),
                detail: mongodb::bson::Document::new(),
                hint: Some("await every operation (strict_await is on)".to_owned()),
            });
        }
        Ok(Finished { facts: points.facts, warnings })
    }

    async fn install(&self, state: &Rc<OpState>, database: &str) -> rquickjs::Result<Object<'js>> {
        let ctx = self.ctx;
        let main = load_own(ctx, "whimbrel:runtime/main.js")?;
        let (main, evaluated) = main.eval()?;
        evaluated.into_future::<()>().await?;
        let install: Function<'js> = main.get("install")?;
        let settings = Object::new(ctx.clone())?;
        settings.set("database", database)?;
        if let Work::Run { wire, .. } = &self.job.work {
            // Only text and numbers, which JSON carries as well; BSON's classes are not there yet.
            let connection = serde_json::to_string(&wire.connection_settings()).unwrap_or_default();
            settings.set("connection", ctx.json_parse(connection)?)?;
        }
        settings.set("legacy", self.job.options.legacy.as_str())?;
        let installed: Object<'js> = install.call((ops::install(ctx, state)?, settings))?;
        Classes::install(ctx, &installed)?;
        Ok(installed)
    }

    /// Evaluates the migration's file and gives what it exports.
    async fn load(&self, installed: &Object<'js>) -> rquickjs::Result<Value<'js>> {
        let ctx = self.ctx;
        let files = &self.job.files;
        let script = files.script(files.entry()).map_err(|message| syntax_error(ctx, &message))?;
        if files.format(ctx, files.entry(), &script) != Format::EsModule {
            let require: Function<'js> = installed.get("requirePath")?;
            return require.call((files.entry(),));
        }
        let expose: Function<'js> = installed.get("moduleOf")?;
        let module: Object<'js> = expose.call((files.entry(),))?;
        let loading: Promise<'js> = Module::import(ctx, files.entry())?;
        let namespace: Value<'js> = loading.into_future().await?;
        let offers_nothing: Function<'js> = installed.get("offersNothing")?;
        if offers_nothing.call((namespace.clone(),))? {
            return module.get("exports");
        }
        Ok(namespace)
    }

    fn entry_points(
        &self,
        installed: &Object<'js>,
        exported: Value<'js>,
    ) -> rquickjs::Result<EntryPoints<'js>> {
        let find: Function<'js> = installed.get("entryPoints")?;
        let found: Object<'js> = find.call((exported,))?;
        let (up, rollback): (Option<Function<'js>>, Option<Function<'js>>) =
            (found.get("up")?, found.get("rollback")?);
        let facts = BodyFacts {
            has_up: up.is_some(),
            has_rollback: rollback.is_some(),
            transaction: found.get("transaction")?,
            ..BodyFacts::default()
        };
        Ok(EntryPoints { facts, up, rollback, owner: found.get("owner")? })
    }

    async fn call(
        &self,
        installed: &Object<'js>,
        function: &Function<'js>,
        owner: Value<'js>,
    ) -> rquickjs::Result<()> {
        let call: Function<'js> = installed.get("callEntry")?;
        let returned: rquickjs::promise::MaybePromise<'js> =
            call.call((function.clone(), owner))?;
        returned.into_future::<Value<'js>>().await.map(|_| ())
    }

    /// Awaits what the script started and did not await; gives a warning for each.
    async fn settle(
        &self,
        installed: &Object<'js>,
        state: &Rc<OpState>,
    ) -> Result<Vec<String>, BodyError> {
        let pending = || -> Vec<String> {
            installed
                .get::<_, Function<'js>>("pendingOperations")
                .and_then(|pending| pending.call(()))
                .unwrap_or_default()
        };
        let mut unawaited: BTreeSet<String> = pending().into_iter().collect();
        // Operations are awaited however long they take. Timers and callbacks that are due soon are too, since
        // they may lead to operations, but neither intervals nor a timer that only sets itself again.
        let mut quiet_since = Instant::now();
        loop {
            if state.in_flight.get() > 0 {
                let settled = Rc::clone(&state.settled);
                self.or_stopped(state, async move { settled.notified().await }).await?;
                quiet_since = Instant::now();
            } else if state.timers.is_due_within(SOON) && quiet_since.elapsed() < MOST_QUIET {
                self.or_stopped(state, tokio::time::sleep(Duration::from_millis(1))).await?;
            } else {
                break;
            }
            // What was waiting for it may start more.
            tokio::task::yield_now().await;
            unawaited.extend(pending());
        }
        tokio::task::yield_now().await;
        // Most often the guard of a race that was won, so no warning; it is there for who looks for it.
        let dropped = state.timers.count();
        if dropped > 0 {
            state.print(
                "debug",
                &format!("timers still set at the end, which do not fire: {dropped}"),
            );
        }
        Ok(unawaited
            .into_iter()
            .map(|operation| {
                let operation = self.job.files.map_places(&operation);
                format!("nobody awaited {operation}; it was awaited at the end")
            })
            .collect())
    }

    fn unconsumed(&self, installed: &Object<'js>) -> Vec<String> {
        let labels: Vec<String> = installed
            .get::<_, Function<'js>>("unconsumedAggregations")
            .and_then(|list| list.call(()))
            .unwrap_or_default();
        labels
            .into_iter()
            .map(|label| {
                let label = self.job.files.map_places(&label);
                format!("{label} with $merge or $out was never iterated, so it did nothing: add .toArray()")
            })
            .collect()
    }

    /// Awaits `future` unless the gate closes first; then awaits the operations in flight.
    async fn or_stopped<T>(
        &self,
        state: &Rc<OpState>,
        future: impl Future<Output = T>,
    ) -> Result<T, BodyError> {
        let gate = self.job.gate();
        let value = tokio::select! {
            biased;
            value = future => value,
            () = stuck(state) => return Err(self.stuck_error(state).await),
            reason = gate.stop_signal().stopped() => return Err(self.stopped(state, reason).await),
        };
        // A script that was interrupted in a loop reports that as an error of its own.
        match gate.check() {
            Ok(()) => Ok(value),
            Err(reason) => Err(self.stopped(state, reason).await),
        }
    }

    /// Why a script that waits for nothing does so: most often because of an error that nobody handles.
    async fn stuck_error(&self, state: &Rc<OpState>) -> BodyError {
        state.tasks.close();
        state.tasks.wait().await;
        let loading = matches!(self.job.work, Work::Inspect { .. });
        if let Some(reason) = self.unhandled.take(self.ctx) {
            let thrown = Thrown::of(self.ctx, reason);
            return if loading {
                thrown.into_load_error(&self.job.files)
            } else {
                thrown.into_failure(&self.job.files)
            };
        }
        let message = "the script waits for a promise that nothing can settle any more".to_owned();
        let hint = Some("look for a promise whose resolve or reject is never called".to_owned());
        if loading {
            BodyError::Load { message, hint }
        } else {
            BodyError::Failed { message, detail: mongodb::bson::Document::new(), hint }
        }
    }

    async fn stopped(&self, state: &Rc<OpState>, reason: StopReason) -> BodyError {
        state.clear_timers();
        state.tasks.close();
        state.tasks.wait().await;
        BodyError::Stopped { reason, unknown: Vec::new() }
    }
}

/// Comes to its end when nothing is left that could wake the script: no operation, no timer. Jobs of settled
/// promises need no looking at: all of them have run whenever this is polled.
async fn stuck(state: &Rc<OpState>) {
    loop {
        tokio::time::sleep(STUCK_AFTER).await;
        if state.is_idle() {
            return;
        }
    }
}

struct EntryPoints<'js> {
    facts: BodyFacts,
    up: Option<Function<'js>>,
    rollback: Option<Function<'js>>,
    /// `this` of the call.
    owner: Value<'js>,
}
