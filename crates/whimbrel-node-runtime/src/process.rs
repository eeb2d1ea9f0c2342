//! One `node` process: started, spoken to, and ended with everything it started.
//!
//! It is the leader of a process group of its own, so that Ctrl-C on the terminal does not reach it (the run loop
//! decides) and its children end with it. Messages go over pipes that it inherits: [`TO_CHILD`] and [`FROM_CHILD`]
//! for the work, two for what its module loader asks, a socket for its watchdog. When this program dies, the pipes
//! close, and the watchdog ends the process.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::os::fd::OwnedFd;
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use command_fds::{CommandFdExt, FdMapping};
use mongodb::bson::{Document, RawDocument};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::net::unix::pipe;
use tokio::process::Command;
use tokio::sync::{Mutex as AsyncMutex, oneshot, watch};
use whimbrel_core::body::{OutputLevel, OutputSink, Said};
use whimbrel_core::gate::{Gate, StopReason};
use whimbrel_core::operations::{OperationLedger, Ticket};
use whimbrel_core::thrown::Thrown;

use crate::files::Files;
use crate::protocol::{self, Message};

/// The process reads its messages from here.
const TO_CHILD: i32 = 3;
/// And writes its own to here.
const FROM_CHILD: i32 = 4;
const QUESTIONS: i32 = 5;
const ANSWERS: i32 = 6;
const WATCHDOG: i32 = 7;

/// Without a lease the watchdog is content for so long.
const NO_LEASE: Duration = Duration::from_secs(60);
/// Lines of its error stream that are kept for the report of its end.
const LAST_LINES: usize = 60;
/// How long a line of its streams may grow.
const LONGEST_LINE: u64 = 64 * 1024;
/// How long it may take to start.
const STARTS_WITHIN: Duration = Duration::from_secs(30);
/// Lines that are kept of what a file prints while it is loaded.
const LOAD_LINES: usize = 20;
/// How long it may take to end by itself after it was asked to; it gives up after a second.
const FAREWELL: Duration = Duration::from_secs(3);

/// What a process may do for a body at the moment.
pub(crate) struct Assignment {
    /// What it loads.
    pub(crate) files: Arc<Files>,
    /// What it runs; absent while it only loads.
    pub(crate) execution: Option<Execution>,
}

/// A body that is run.
pub(crate) struct Execution {
    pub(crate) gate: Gate,
    pub(crate) output: OutputSink,
    pub(crate) operations: Arc<OperationLedger>,
}

/// A command without a reply so far.
struct Sent {
    ticket: Ticket,
    label: String,
}

/// A reply to a request.
pub(crate) type Reply = Result<Message, Box<Refused>>;

/// How the runner refused a request.
#[derive(Clone, Debug)]
pub(crate) struct Refused {
    /// What was thrown.
    pub(crate) thrown: Thrown,
    /// It is about the project or its settings: there is no place to show.
    pub(crate) is_unusable: bool,
    pub(crate) hint: Option<String>,
}

/// Why there is no reply.
#[derive(Clone, Debug)]
pub(crate) enum NoReply {
    Refused(Box<Refused>),
    /// The process is gone; how it ended.
    Gone(Ending),
}

/// How a process ended.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ending {
    pub(crate) message: String,
    /// It asked for it.
    pub(crate) is_exit: bool,
    pub(crate) hint: Option<String>,
}

/// Why a process could not be started.
#[derive(Debug)]
pub(crate) enum NotStarted {
    /// It cannot be.
    Failed {
        /// What is wrong.
        message: String,
        /// The next step.
        hint: String,
    },
    /// The run was stopped first.
    Stopped(StopReason),
}

impl NotStarted {
    fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Failed { message: message.into(), hint: hint.into() }
    }
}

#[derive(Default)]
struct State {
    assignment: Option<Assignment>,
    /// Of the run's lease, which counts between migrations too.
    lease: Option<Gate>,
    sent: HashMap<u64, Sent>,
    waiting: HashMap<u64, oneshot::Sender<Reply>>,
    /// The first error of its transaction.
    doomed: Option<Thrown>,
    /// It said that it exits: code and place.
    exiting: Option<(i64, Option<String>)>,
    /// What it still had open when it was asked to end.
    lingering: Option<Vec<String>>,
    /// What is worth telling at the end of the run.
    late: Vec<String>,
    /// What a file printed while it was loaded.
    loading: VecDeque<String>,
    last_lines: VecDeque<String>,
    /// It sent what is no message.
    broken: Option<String>,
}

struct Shared {
    state: Mutex<State>,
    group: Option<rustix::process::Pid>,
    /// How it ended, once it has.
    ended: watch::Sender<Option<Ending>>,
    /// It was ended by us.
    killed: AtomicBool,
}

/// A running process.
pub(crate) struct NodeProcess {
    shared: Arc<Shared>,
    control: AsyncMutex<pipe::Sender>,
    watchdog: AsyncMutex<tokio::net::unix::OwnedWriteHalf>,
    next: AtomicU64,
    /// Such as `v22.11.0`.
    pub(crate) version: String,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn kill(&self) {
        self.killed.store(true, Ordering::SeqCst);
        if self.ended.borrow().is_none() {
            self.kill_group();
        }
    }

    fn kill_group(&self) {
        if let Some(group) = self.group {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}

impl Drop for NodeProcess {
    fn drop(&mut self) {
        self.shared.kill();
    }
}

/// Both ends of a pipe: ours, and the one that the process inherits.
fn pipe_to_child() -> io::Result<(pipe::Sender, OwnedFd)> {
    let (theirs, ours) = io::pipe()?;
    Ok((pipe::Sender::from_owned_fd(ours.into())?, theirs.into()))
}

fn pipe_from_child() -> io::Result<(pipe::Receiver, OwnedFd)> {
    let (ours, theirs) = io::pipe()?;
    Ok((pipe::Receiver::from_owned_fd(ours.into())?, theirs.into()))
}

impl NodeProcess {
    /// Starts one and awaits that it is ready; `greeting` is what the runner is given.
    pub(crate) async fn start(
        program: &std::path::Path,
        folder: &std::path::Path,
        environment: &[(String, String)],
        mut greeting: Value,
        gate: &Gate,
    ) -> Result<Arc<Self>, NotStarted> {
        let failed = |what: &str, error: io::Error| {
            NotStarted::new(
                format!("cannot {what}: {error}"),
                "is the machine out of processes or open files?",
            )
        };
        let (mut control, child_control) =
            pipe_to_child().map_err(|error| failed("make a pipe", error))?;
        let (from_child, child_from) =
            pipe_from_child().map_err(|error| failed("make a pipe", error))?;
        let (questions, child_questions) =
            pipe_from_child().map_err(|error| failed("make a pipe", error))?;
        let (answers, child_answers) =
            pipe_to_child().map_err(|error| failed("make a pipe", error))?;
        let (watchdog, child_watchdog) =
            UnixStream::pair().map_err(|error| failed("make a socket", error))?;
        let child_watchdog =
            child_watchdog.into_std().map_err(|error| failed("make a socket", error))?;

        let mut command = Command::new(program);
        command
            .args(["-e", protocol::BOOTSTRAP])
            .current_dir(folder)
            .env_clear()
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true);
        let mapping = |fd: OwnedFd, child_fd: i32| FdMapping { parent_fd: fd, child_fd };
        command
            .as_std_mut()
            .fd_mappings(vec![
                mapping(child_control, TO_CHILD),
                mapping(child_from, FROM_CHILD),
                mapping(child_questions, QUESTIONS),
                mapping(child_answers, ANSWERS),
                mapping(child_watchdog.into(), WATCHDOG),
            ])
            .map_err(|error| failed("pass pipes to Node.js", io::Error::other(error)))?;
        let mut child = command.spawn().map_err(|error| not_spawned(program, &error))?;
        // Our copies of its ends are closed, so that its end shows.
        drop(command);

        let group = child.id().and_then(|id| i32::try_from(id).ok());
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            group: group.and_then(rustix::process::Pid::from_raw),
            ended: watch::Sender::new(None),
            killed: AtomicBool::new(false),
        });
        let streams =
            [
                child.stdout.take().map(|out| {
                    tokio::spawn(hear_stream(Arc::clone(&shared), out, OutputLevel::Info))
                }),
                child.stderr.take().map(|err| {
                    tokio::spawn(hear_stream(Arc::clone(&shared), err, OutputLevel::Error))
                }),
            ];
        let (ready, is_ready) = oneshot::channel();
        let (announced, announcements) = tokio::sync::mpsc::unbounded_channel();
        let hearing = tokio::spawn(hear(Arc::clone(&shared), from_child, announced, ready));
        tokio::spawn(answer_questions(Arc::clone(&shared), questions, answers));
        tokio::spawn({
            let shared = Arc::clone(&shared);
            async move {
                let status = child.wait().await;
                // What it started ends with it, however it ended.
                shared.kill_group();
                // What it said before its end counts.
                let _ = hearing.await;
                for stream in streams.into_iter().flatten() {
                    let _ = tokio::time::timeout(Duration::from_millis(200), stream).await;
                }
                ended(&shared, status);
            }
        });

        greeting["files"] = protocol::runner_files();
        let text = greeting.to_string();
        let greeted = async {
            control.write_u32_le(u32::try_from(text.len()).unwrap_or(u32::MAX)).await?;
            control.write_all(text.as_bytes()).await
        };
        let awaited = async {
            // When the process is gone already, its end says why.
            let _ = greeted.await;
            is_ready.await
        };
        let hint = format!("does `{} --version` work?", program.display());
        let ready = tokio::select! {
            ready = awaited => ready,
            reason = gate.closed() => {
                shared.kill();
                return Err(NotStarted::Stopped(reason));
            }
            () = tokio::time::sleep(STARTS_WITHIN) => {
                shared.kill();
                let message = format!("Node.js did not start within {} seconds", STARTS_WITHIN.as_secs());
                return Err(NotStarted::new(message, hint));
            }
        };
        let Ok(ready) = ready else {
            let mut ended = shared.ended.subscribe();
            let ending = ended.wait_for(Option::is_some).await.ok().and_then(|e| e.clone());
            let why = ending.unwrap_or_default().message;
            return Err(NotStarted::new(format!("Node.js did not start: {why}"), hint));
        };
        let version = ready.text("version").to_owned();
        if ready.flag("tooOld") {
            return Err(NotStarted::new(
                format!("Node.js {} is too old", version.trim_start_matches('v')),
                "install Node.js 18.19 or newer, or name another one with the setting node.program",
            ));
        }
        let (watchdog_read, watchdog_write) = watchdog.into_split();
        let process = Arc::new(Self {
            shared: Arc::clone(&shared),
            control: AsyncMutex::new(control),
            watchdog: AsyncMutex::new(watchdog_write),
            next: AtomicU64::new(1),
            version,
        });
        let weak = Arc::downgrade(&process);
        tokio::spawn(answer_watchdog(weak.clone(), watchdog_read));
        tokio::spawn(pass_announcements(weak, announcements));
        Ok(process)
    }

    /// Sends a request and awaits the reply.
    pub(crate) async fn request(&self, mut head: Value, blob: &[u8]) -> Result<Message, NoReply> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        head["id"] = json!(id);
        let (sender, receiver) = oneshot::channel();
        self.shared.state().waiting.insert(id, sender);
        if self.is_gone() || self.send(&head, blob).await.is_err() {
            self.shared.state().waiting.remove(&id);
            return Err(NoReply::Gone(self.ending().await));
        }
        match receiver.await {
            Ok(Ok(message)) => Ok(message),
            Ok(Err(refused)) => Err(NoReply::Refused(refused)),
            Err(_) => Err(NoReply::Gone(self.ending().await)),
        }
    }

    /// Sends what needs no reply.
    pub(crate) async fn send(&self, head: &Value, blob: &[u8]) -> io::Result<()> {
        protocol::write(&mut *self.control.lock().await, head, blob).await
    }

    /// Lets it work for a body from now on, or for nobody.
    pub(crate) fn assign(&self, assignment: Option<Assignment>) {
        let mut state = self.shared.state();
        if let Some(Assignment { execution: Some(execution), .. }) = &assignment {
            state.lease = Some(execution.gate.clone());
        }
        state.assignment = assignment;
        state.sent.clear();
        state.loading.clear();
    }

    /// What the present file has printed while it was loaded.
    pub(crate) fn printed_while_loading(&self) -> Vec<String> {
        self.shared.state().loading.iter().cloned().collect()
    }

    /// Forgets the transaction before; `gate` is that of the one that begins.
    pub(crate) fn begin(&self, gate: Gate) {
        let mut state = self.shared.state();
        state.doomed = None;
        state.lease = Some(gate);
    }

    /// The first error of the transaction.
    pub(crate) fn doomed(&self) -> Option<Thrown> {
        self.shared.state().doomed.clone()
    }

    /// Commands that were sent and have no reply so far.
    pub(crate) fn in_flight(&self) -> Vec<String> {
        let mut labels: Vec<String> =
            self.shared.state().sent.values().map(|sent| sent.label.clone()).collect();
        labels.sort_unstable();
        labels
    }

    /// Closes its gate, even while a script keeps it busy.
    pub(crate) async fn close_gate(&self) {
        let _ = self.watchdog.lock().await.write_all(b"close\n").await;
        let _ = self.send(&json!({ "type": "stop" }), &[]).await;
    }

    pub(crate) fn is_gone(&self) -> bool {
        self.shared.ended.borrow().is_some() || self.shared.killed.load(Ordering::SeqCst)
    }

    /// Ends it at once, with everything it started, and awaits its end.
    pub(crate) async fn kill(&self) {
        self.shared.kill();
        let _ = self.ending().await;
    }

    /// Asks it to end and awaits that; gives what kept it from ending by itself.
    /// Failures and commands that belonged to no migration are added to `late`.
    pub(crate) async fn end(&self, late: &mut Vec<String>) -> Option<Vec<String>> {
        let _ = self.send(&json!({ "type": "end" }), &[]).await;
        let mut ended = self.shared.ended.subscribe();
        let in_time = tokio::time::timeout(FAREWELL, ended.wait_for(Option::is_some)).await.is_ok();
        if !in_time {
            self.kill().await;
        }
        let mut state = self.shared.state();
        late.append(&mut state.late);
        let lingering = state.lingering.take();
        lingering.or_else(|| (!in_time).then(Vec::new))
    }

    async fn ending(&self) -> Ending {
        let mut ended = self.shared.ended.subscribe();
        let ended = ended.wait_for(Option::is_some).await;
        ended.ok().and_then(|ending| ending.clone()).unwrap_or_default()
    }
}

fn not_spawned(program: &std::path::Path, error: &io::Error) -> NotStarted {
    let name = program.display();
    match error.kind() {
        io::ErrorKind::NotFound => NotStarted::new(
            format!("there is no Node.js: `{name}` was not found"),
            "install Node.js 18.19 or newer so that `node` is on the PATH, or say where it is with the setting \
             node.program",
        ),
        _ => NotStarted::new(
            format!("`{name}` cannot be started: {error}"),
            "the setting node.program says which program is Node.js",
        ),
    }
}

/// What the process sends, one message after another.
async fn hear(
    shared: Arc<Shared>,
    mut from: pipe::Receiver,
    announced: tokio::sync::mpsc::UnboundedSender<u64>,
    ready: oneshot::Sender<Message>,
) {
    let mut ready = Some(ready);
    loop {
        match protocol::read(&mut from).await {
            Ok(Some(message)) if message.text("type") == "ready" => {
                if let Some(ready) = ready.take() {
                    let _ = ready.send(message);
                }
            }
            Ok(Some(message)) => hear_one(&shared, message, &announced).await,
            Ok(None) => return,
            Err(error) => {
                shared.state().broken = Some(error.to_string());
                shared.kill();
                return;
            }
        }
    }
}

async fn hear_one(
    shared: &Shared,
    message: Message,
    announced: &tokio::sync::mpsc::UnboundedSender<u64>,
) {
    match message.text("type") {
        "reply" => {
            let waiting = shared.state().waiting.remove(&message.number("id"));
            if let Some(waiting) = waiting {
                let _ = waiting.send(reply_of(message));
            }
        }
        "output" => {
            let level = level_of(message.text("level"));
            let text = message.text("text").to_owned();
            say(shared, Said::Line { level, text });
        }
        "log" => {
            let level = level_of(message.text("level"));
            let fields = RawDocument::from_bytes(&message.blob).ok();
            let fields = fields.and_then(|fields| Document::try_from(fields).ok());
            let fields = fields.unwrap_or_default();
            say(shared, Said::Log { level, message: message.text("message").to_owned(), fields });
        }
        "progress" => {
            let total = message.head.get("total").and_then(Value::as_u64);
            say(shared, Said::Progress { done: message.number("done"), total });
        }
        "sending" => {
            sending(shared, &message).await;
            if message.flag("announce") {
                let _ = announced.send(message.number("number"));
            }
        }
        "sent" => sent(shared, &message),
        "withdrawn" => {
            let mut state = shared.state();
            let sent = state.sent.remove(&message.number("number"));
            if let (Some(sent), Some(operations)) = (sent, operations_of(&state)) {
                operations.withdrawn(sent.ticket);
            }
        }
        "doomed" => {
            let error = message.head.get("error").map(thrown_of).unwrap_or_default();
            shared.state().doomed.get_or_insert(error);
        }
        "exiting" => {
            let code = message.head.get("code").and_then(Value::as_i64).unwrap_or_default();
            let place = message.head.get("place").and_then(Value::as_str).map(str::to_owned);
            shared.state().exiting = Some((code, place));
        }
        "late" => {
            let error = message.head.get("error").map(thrown_of).unwrap_or_default();
            let files = shared.state().assignment.as_ref().map(|it| Arc::clone(&it.files));
            let text = error.headline();
            let text = files.map_or(text.clone(), |files| files.map_places(&text));
            let name = match message.text("name") {
                "" => "a migration",
                name => name,
            };
            shared
                .state()
                .late
                .push(format!("after the end of {name}, something it had started failed: {text}"));
        }
        "notes" => {
            let notes = notes_of(message.head.get("notes"));
            shared.state().late.extend(notes.map(|note| format!("when no migration ran, {note}")));
        }
        "lingering" => {
            let resources = message.head.get("resources").and_then(Value::as_array);
            let resources = resources.into_iter().flatten().filter_map(Value::as_str);
            shared.state().lingering = Some(resources.map(str::to_owned).collect());
        }
        other => tracing::debug!(kind = other, "an unknown message of Node.js"),
    }
}

/// What was sent, or refused, when no migration ran.
pub(crate) fn notes_of(notes: Option<&Value>) -> impl Iterator<Item = String> + '_ {
    notes.and_then(Value::as_array).into_iter().flatten().map(|note| {
        let what = note.get("what").and_then(Value::as_str).unwrap_or("a command");
        match note.get("refused").and_then(Value::as_bool) {
            Some(true) => format!("{what} was refused"),
            _ => format!("{what} was sent to the database"),
        }
    })
}

fn operations_of(state: &State) -> Option<Arc<OperationLedger>> {
    let execution = state.assignment.as_ref()?.execution.as_ref()?;
    Some(Arc::clone(&execution.operations))
}

fn say(shared: &Shared, said: Said) {
    let output = {
        let mut state = shared.state();
        if let (Some(Assignment { execution: None, .. }), Said::Line { text, .. }) =
            (&state.assignment, &said)
        {
            let line = whimbrel_core::thrown::short(text.clone(), 1000);
            if state.loading.len() == LOAD_LINES {
                state.loading.pop_front();
            }
            state.loading.push_back(line);
            return;
        }
        let execution = state.assignment.as_ref().and_then(|it| it.execution.as_ref());
        execution.map(|execution| Arc::clone(&execution.output))
    };
    if let Some(output) = output {
        output(said);
    }
}

async fn sending(shared: &Shared, message: &Message) {
    let Some(operations) = operations_of(&shared.state()) else { return };
    let Ok(command) = RawDocument::from_bytes(&message.blob) else { return };
    let database = message.text("database");
    let statements = message.head.get("statements").and_then(Value::as_u64);
    let ticket = operations.sending_counted(database, command, statements).await;
    let kind = command.iter().next().and_then(Result::ok).map(|(name, target)| {
        let target = target.as_str().map(|name| format!(" on {name}"));
        format!("{}{}", name.as_str(), target.unwrap_or_default())
    });
    let label = kind.unwrap_or_else(|| "a command".to_owned());
    shared.state().sent.insert(message.number("number"), Sent { ticket, label });
}

fn sent(shared: &Shared, message: &Message) {
    let mut state = shared.state();
    let Some(sent) = state.sent.remove(&message.number("number")) else { return };
    let Some(operations) = operations_of(&state) else { return };
    drop(state);
    if message.flag("unknown") {
        return;
    }
    if message.flag("failed") {
        operations.replied(sent.ticket, None);
        return;
    }
    let counts = message.head.get("counts").unwrap_or(&Value::Null);
    operations.replied(sent.ticket, Some(&reply_with(counts)));
}

/// A reply as the ledger reads it, of its numbers.
fn reply_with(counts: &Value) -> Document {
    let number = |name: &str| counts.get(name).and_then(Value::as_i64);
    let mut reply = Document::new();
    for name in ["n", "nModified", "nInserted", "nUpserted", "nMatched", "nDeleted", "nErrors"] {
        if let Some(number) = number(name) {
            reply.insert(name, number);
        }
    }
    for name in ["upserted", "writeErrors"] {
        let length = number(name).and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
        if length > 0 {
            reply.insert(name, vec![mongodb::bson::Bson::Null; length]);
        }
    }
    if let Some(found) = number("found").and_then(|found| i32::try_from(found).ok()) {
        reply.insert("lastErrorObject", mongodb::bson::doc! { "n": found });
    }
    reply
}

fn reply_of(message: Message) -> Reply {
    match message.head.get("error") {
        None => Ok(message),
        Some(error) => Err(Box::new(Refused {
            thrown: thrown_of(error),
            is_unusable: message.flag("isUnusable"),
            hint: message.head.get("hint").and_then(Value::as_str).map(str::to_owned),
        })),
    }
}

/// A thrown value as the runner describes it.
fn thrown_of(error: &Value) -> Thrown {
    use mongodb::bson::Bson;
    use whimbrel_core::thrown::{LONGEST, short};
    let text = |name: &str, most: usize| {
        let text = error.get(name).and_then(Value::as_str).unwrap_or_default();
        short(text.to_owned(), most)
    };
    let code = match error.get("code") {
        Some(Value::Number(number)) => match number.as_i64() {
            Some(whole) => Some(Bson::Int64(whole)),
            None => number.as_f64().map(Bson::Double),
        },
        Some(Value::String(code)) => Some(Bson::String(short(code.clone(), 200))),
        _ => None,
    };
    let labels = error.get("labels").and_then(Value::as_array);
    let labels = labels.into_iter().flatten().filter_map(Value::as_str).take(20);
    Thrown {
        name: text("name", 200),
        message: text("message", LONGEST),
        code,
        code_name: error
            .get("codeName")
            .and_then(Value::as_str)
            .map(|name| short(name.to_owned(), 200)),
        labels: labels.map(|label| short(label.to_owned(), 200)).collect(),
        stack: text("stack", LONGEST),
        cause: error
            .get("cause")
            .and_then(Value::as_str)
            .map(|cause| short(cause.to_owned(), LONGEST)),
    }
}

fn level_of(text: &str) -> OutputLevel {
    match text {
        "debug" => OutputLevel::Debug,
        "warn" => OutputLevel::Warn,
        "error" => OutputLevel::Error,
        _ => OutputLevel::Info,
    }
}

/// What goes past the runner to its standard streams: printed by native code, or by Node.js as it dies.
async fn hear_stream(shared: Arc<Shared>, stream: impl AsyncRead + Unpin, level: OutputLevel) {
    let mut stream = BufReader::new(stream);
    // Node.js tells a lot as it dies, of which the report has the part that helps.
    let mut dying = false;
    loop {
        let mut line = Vec::new();
        match (&mut stream).take(LONGEST_LINE).read_until(b'\n', &mut line).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let text = String::from_utf8_lossy(&line).trim_end_matches(['\n', '\r']).to_owned();
        if level == OutputLevel::Error {
            let mut state = shared.state();
            if state.last_lines.len() == LAST_LINES {
                state.last_lines.pop_front();
            }
            state.last_lines.push_back(text.clone());
            dying |= ["<--- Last few GCs --->", "FATAL ERROR: ", "stack trace -----"]
                .iter()
                .any(|start| text.contains(start));
        }
        if dying {
            continue;
        }
        say(&shared, Said::Line { level, text });
    }
}

/// What the module loader asks.
async fn answer_questions(
    shared: Arc<Shared>,
    mut questions: pipe::Receiver,
    mut answers: pipe::Sender,
) {
    while let Ok(Some(question)) = protocol::read(&mut questions).await {
        let files = shared.state().assignment.as_ref().map(|it| Arc::clone(&it.files));
        let (head, text) = match files {
            Some(files) => tokio::task::spawn_blocking(move || files.answer(&question.head))
                .await
                .unwrap_or_else(|_| (json!({ "error": "reading the file failed" }), String::new())),
            None => (json!({ "error": "no migration is loaded" }), String::new()),
        };
        if protocol::write(&mut answers, &head, text.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// Tells the watchdog how long the lease still holds.
async fn answer_watchdog(
    process: std::sync::Weak<NodeProcess>,
    from: tokio::net::unix::OwnedReadHalf,
) {
    let mut lines = BufReader::new(from).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let Some(number) = line.strip_prefix("ask ").and_then(|n| n.parse::<u64>().ok()) else {
            continue;
        };
        let Some(process) = process.upgrade() else { return };
        let (lease, is_closed) = {
            let state = process.shared.state();
            let execution = state.assignment.as_ref().and_then(|it| it.execution.as_ref());
            let is_closed = execution.is_some_and(|execution| execution.gate.check().is_err());
            (state.lease.clone(), is_closed)
        };
        let left = lease.as_ref().and_then(Gate::remaining).unwrap_or(NO_LEASE);
        let mut answer = format!("{number} {}\n", left.as_millis());
        if is_closed {
            answer.push_str("close\n");
        }
        if process.watchdog.lock().await.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// Lets commands go that have been written down.
async fn pass_announcements(
    process: std::sync::Weak<NodeProcess>,
    mut announcements: tokio::sync::mpsc::UnboundedReceiver<u64>,
) {
    while let Some(number) = announcements.recv().await {
        let Some(process) = process.upgrade() else { return };
        let _ = process.send(&json!({ "type": "announced", "number": number }), &[]).await;
    }
}

/// Notes how it ended, and lets nobody wait any longer.
fn ended(shared: &Shared, status: io::Result<ExitStatus>) {
    let ending = {
        let state = shared.state();
        ending_of(&state, status.ok(), shared.killed.load(Ordering::SeqCst))
    };
    shared.ended.send_replace(Some(ending));
    // Their requests learn that there is no reply.
    shared.state().waiting.clear();
}

fn ending_of(state: &State, status: Option<ExitStatus>, killed: bool) -> Ending {
    use std::os::unix::process::ExitStatusExt;
    if let Some(broken) = &state.broken {
        return Ending {
            message: format!(
                "the Node.js process was ended, because it wrote to Whimbrel's own pipe: {broken}"
            ),
            hint: Some("the file descriptors 3 to 7 belong to Whimbrel".to_owned()),
            ..Ending::default()
        };
    }
    if let Some((code, place)) = &state.exiting {
        let place = place.as_ref().map(|place| format!(" at {place}")).unwrap_or_default();
        return Ending {
            message: format!(
                "the migration ended the Node.js process with process.exit({code}){place}"
            ),
            is_exit: true,
            hint: Some("a migration ends by returning or by throwing".to_owned()),
        };
    }
    let said = || {
        let lines = state.last_lines.iter().filter(|line| !line.trim().is_empty());
        let lines: Vec<&str> = lines.map(String::as_str).collect();
        let told =
            |line: &&&str| !line.contains("stack trace -----") && !line.contains("data:text/");
        let is_frame = |line: &&str| line.trim_start().starts_with(|c: char| c.is_ascii_digit());
        let mut lines =
            lines.iter().filter(told).take_while(|line| !is_frame(line)).collect::<Vec<_>>();
        let from = lines.len().saturating_sub(3);
        lines.drain(..from);
        lines.into_iter().map(|line| format!("\n    {line}")).collect::<String>()
    };
    if state.last_lines.iter().any(|line| line.contains("heap out of memory")) {
        return Ending {
            message: "the Node.js process ran out of memory".to_owned(),
            hint: Some(
                "work through a cursor in batches instead of holding whole collections in memory; \
                 NODE_OPTIONS=--max-old-space-size=4096 in the environment gives Node.js more"
                    .to_owned(),
            ),
            ..Ending::default()
        };
    }
    if status.is_some_and(|status| status.signal() == Some(9)) && !killed {
        return Ending {
            message: "the Node.js process was killed (SIGKILL)".to_owned(),
            hint: Some(
                "if no person did it, the system did, most often because memory ran out".to_owned(),
            ),
            ..Ending::default()
        };
    }
    let message = match status.map(|status| (status.signal(), status.code())) {
        Some((Some(_), _)) if killed => "the Node.js process was ended".to_owned(),
        Some((Some(signal), _)) => {
            let name = name_of_signal(signal);
            let hint = (signal == 11).then(|| {
                "a native add-on has crashed, most often: is it built for this version of Node.js?".to_owned()
            });
            return Ending {
                message: format!("the Node.js process was ended by {name}{}", said()),
                hint,
                ..Ending::default()
            };
        }
        Some((_, Some(code))) => format!("the Node.js process ended with code {code}{}", said()),
        _ => "the Node.js process ended".to_owned(),
    };
    Ending { message, ..Ending::default() }
}

fn name_of_signal(signal: i32) -> String {
    let name = match signal {
        1 => "SIGHUP",
        2 => "SIGINT",
        4 => "SIGILL",
        6 => "SIGABRT",
        7 => "SIGBUS",
        8 => "SIGFPE",
        11 => "SIGSEGV",
        13 => "SIGPIPE",
        15 => "SIGTERM",
        other => return format!("signal {other}"),
    };
    name.to_owned()
}
