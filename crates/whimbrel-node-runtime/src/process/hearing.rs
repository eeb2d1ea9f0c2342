//! What comes from a process: messages, questions of its module loaders and of its watchdog, and what goes past the
//! runner to its standard streams.

use std::sync::Arc;
use std::time::Duration;

use mongodb::bson::{Document, RawDocument};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::unix::pipe;
use tokio::sync::oneshot;
use whimbrel_core::body::{OutputLevel, Said};
use whimbrel_core::gate::Gate;
use whimbrel_core::operations::OperationLedger;

use super::{Assignment, NodeProcess, Refused, Reply, Sent, Shared, State};
use crate::protocol::{self, Message};
use crate::told::{level_of, reply_with, thrown_of};

/// Without a lease the watchdog is content for so long.
const NO_LEASE: Duration = Duration::from_secs(60);
/// Lines of its error stream that are kept for the report of its end.
const LAST_LINES: usize = 60;
/// How long a line of its streams may grow.
const LONGEST_LINE: u64 = 64 * 1024;
/// Lines that are kept of what a file prints while it is loaded.
const LOAD_LINES: usize = 20;

/// What the process sends, one message after another.
pub(super) async fn hear(
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
        "note" => {
            let when = match message.flag("inTransaction") {
                true => "in the transaction of a later migration",
                false => "when no migration ran",
            };
            let note = format!("{when}, {}", note_of(&message.head));
            shared.state().late.push(note);
        }
        "lingering" => {
            let resources = message.head.get("resources").and_then(Value::as_array);
            let resources = resources.into_iter().flatten().filter_map(Value::as_str);
            shared.state().lingering = Some(resources.map(str::to_owned).collect());
        }
        other => tracing::debug!(target: "whimbrel", kind = other, "an unknown message of Node.js"),
    }
}

/// What was sent, or refused, while a file was loaded.
pub(crate) fn notes_of(notes: Option<&Value>) -> impl Iterator<Item = String> + '_ {
    notes.and_then(Value::as_array).into_iter().flatten().map(note_of)
}

fn note_of(note: &Value) -> String {
    let what = note.get("what").and_then(Value::as_str).unwrap_or("a command");
    match note.get("refused").and_then(Value::as_bool) {
        Some(true) => format!("{what} was refused"),
        _ => format!("{what} was sent to the database"),
    }
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

/// What goes past the runner to its standard streams: printed by native code, or by Node.js as it dies.
pub(super) async fn hear_stream(
    shared: Arc<Shared>,
    stream: impl AsyncRead + Unpin,
    level: OutputLevel,
) {
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
pub(super) async fn answer_questions(
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
pub(super) async fn answer_watchdog(
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
pub(super) async fn pass_announcements(
    process: std::sync::Weak<NodeProcess>,
    mut announcements: tokio::sync::mpsc::UnboundedReceiver<u64>,
) {
    while let Some(number) = announcements.recv().await {
        let Some(process) = process.upgrade() else { return };
        let _ = process.send(&json!({ "type": "announced", "number": number }), &[]).await;
    }
}
