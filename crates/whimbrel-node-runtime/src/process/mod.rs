//! One `node` process: started, spoken to, and ended with everything it started.
//!
//! It is the leader of a process group of its own, so that Ctrl-C on the terminal does not reach it (the run loop
//! decides) and its children end with it. Messages go over pipes that it inherits: [`TO_CHILD`] and [`FROM_CHILD`]
//! for the work, two for what its module loader asks, a socket for its watchdog. When this program dies, the pipes
//! close, and the watchdog ends the process. [`hearing`] takes what comes from it, [`ending`] says how it ended.

mod ending;
mod hearing;

use std::collections::{HashMap, VecDeque};
use std::io;
use std::os::fd::OwnedFd;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use command_fds::{CommandFdExt, FdMapping};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::UnixStream;
use tokio::net::unix::pipe;
use tokio::process::Command;
use tokio::sync::{Mutex as AsyncMutex, oneshot, watch};
use whimbrel_core::body::{OutputLevel, OutputSink};
use whimbrel_core::gate::{Gate, StopReason};
use whimbrel_core::operations::{OperationLedger, Ticket};
use whimbrel_core::thrown::Thrown;

pub(crate) use ending::Ending;
use ending::ended;
pub(crate) use hearing::notes_of;
use hearing::{answer_questions, answer_watchdog, hear, hear_stream, pass_announcements};

use crate::files::Files;
use crate::protocol::{self, Message};

/// The process reads its messages from here.
const TO_CHILD: i32 = 3;
/// And writes its own to here.
const FROM_CHILD: i32 = 4;
const QUESTIONS: i32 = 5;
const ANSWERS: i32 = 6;
const WATCHDOG: i32 = 7;

/// How long it may take to start.
const STARTS_WITHIN: Duration = Duration::from_secs(30);
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
    pub(crate) async fn end(&self) -> Option<Vec<String>> {
        let _ = self.send(&json!({ "type": "end" }), &[]).await;
        let mut ended = self.shared.ended.subscribe();
        let in_time = tokio::time::timeout(FAREWELL, ended.wait_for(Option::is_some)).await.is_ok();
        if !in_time {
            self.kill().await;
        }
        let lingering = self.shared.state().lingering.take();
        lingering.or_else(|| (!in_time).then(Vec::new))
    }

    /// Failures and commands that belonged to no migration that ran.
    pub(crate) fn take_late(&self) -> Vec<String> {
        std::mem::take(&mut self.shared.state().late)
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
