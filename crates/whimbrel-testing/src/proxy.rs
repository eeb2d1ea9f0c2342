//! A proxy between a client and the server that breaks things on purpose.
//!
//! It reads the wire protocol as far as it must: it finds out which command a message is, and can close the
//! connection before or after it was applied, hold it back, cut its reply, or answer in the server's place. Faults
//! are [`Rule`]s, each with a [`When`] and a number of times; everything else passes unchanged.
//!
//! Format of the messages: <https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/>.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use mongodb::bson::{Bson, Document, RawDocumentBuf, doc};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// `OP_MSG`: every command and reply but the first of a connection.
const OP_MSG: i32 = 2013;

/// A command as it came by.
#[derive(Clone, Debug)]
pub struct Command {
    /// Its name: `insert`, `update`, ….
    pub name: String,
    /// Its first field's value, where that is a name.
    pub collection: String,
    /// The whole command; documents that travel beside it (`documents`, `updates`, …) are in it.
    pub document: Document,
}

/// Which commands a rule is about.
pub type When = Arc<dyn Fn(&Command) -> bool + Send + Sync>;

/// What happens to a command.
#[derive(Clone)]
pub enum Fault {
    /// The connection is closed; the server never sees the command.
    DropBefore,
    /// The server executes the command; the connection is closed instead of a reply.
    DropAfter,
    /// The server executes the command; half of the reply arrives.
    CutReply,
    /// The command reaches the server late.
    Delay(Duration),
    /// The command is executed; its reply arrives late.
    DelayReply(Duration),
    /// The server never sees the command, the client gets this reply.
    Answer(Document),
    /// The command is executed, the client gets this reply.
    AnswerAfter(Document),
    /// The command is executed, and its reply is changed.
    Change(Arc<dyn Fn(&mut Document) + Send + Sync>),
}

/// A fault, and when it happens.
#[derive(Clone)]
pub struct Rule {
    /// Which commands.
    pub when: When,
    /// How many of them pass before.
    pub skip: usize,
    /// How many of them it happens to.
    pub times: usize,
    /// What happens.
    pub fault: Fault,
}

impl Rule {
    /// Happens once, to the first command that fits.
    pub fn once(when: When, fault: Fault) -> Self {
        Self { when, skip: 0, times: 1, fault }
    }

    /// Happens to every command that fits.
    pub fn always(when: When, fault: Fault) -> Self {
        Self { when, skip: 0, times: usize::MAX, fault }
    }
}

/// Commands of this name.
pub fn named(name: &'static str) -> When {
    Arc::new(move |command| command.name == name)
}

/// Commands of this name on this collection.
pub fn on(name: &'static str, collection: &'static str) -> When {
    Arc::new(move |command| command.name == name && command.collection == collection)
}

/// An error as servers answer it.
pub fn error(code: i32, name: &str, labels: &[&str]) -> Document {
    let mut error = doc! {
        "ok": 0.0, "errmsg": format!("injected {name}"), "code": code, "codeName": name,
    };
    if !labels.is_empty() {
        error.insert(
            "errorLabels",
            labels.iter().map(|label| Bson::from(*label)).collect::<Vec<_>>(),
        );
    }
    error
}

#[derive(Default)]
struct State {
    rules: Vec<Rule>,
    happened: usize,
    seen: Vec<Command>,
}

/// The proxy; it ends when it is dropped.
pub struct FaultProxy {
    port: u16,
    state: Arc<Mutex<State>>,
    over: CancellationToken,
    cut: Arc<Mutex<CancellationToken>>,
}

impl FaultProxy {
    /// A proxy to a server on this machine.
    ///
    /// # Panics
    /// When no port can be had.
    pub async fn to(server: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let port = listener.local_addr().expect("its address").port();
        let proxy = Self {
            port,
            state: Arc::default(),
            over: CancellationToken::new(),
            cut: Arc::default(),
        };
        let (state, over, cut) =
            (Arc::clone(&proxy.state), proxy.over.clone(), Arc::clone(&proxy.cut));
        tokio::spawn(async move {
            loop {
                let accepted = tokio::select! {
                    accepted = listener.accept() => accepted,
                    () = over.cancelled() => return,
                };
                let Ok((client, _)) = accepted else { continue };
                let state = Arc::clone(&state);
                let ends = cut.lock().unwrap().child_token();
                let over = over.clone();
                tokio::spawn(async move {
                    let Ok(server) = TcpStream::connect(("127.0.0.1", server)).await else {
                        return;
                    };
                    tokio::select! {
                        () = Connection::new(client, server, state, ends.clone()) => {}
                        () = ends.cancelled() => {}
                        () = over.cancelled() => {}
                    }
                });
            }
        });
        proxy
    }

    /// A connection string to a database through the proxy.
    pub fn uri(&self, database: &str) -> String {
        // Without the option the client would learn the server's own address and go there.
        format!(
            "mongodb://127.0.0.1:{}/{database}?directConnection=true&heartbeatFrequencyMS=500",
            self.port
        )
    }

    /// Adds a fault.
    pub fn add(&self, rule: Rule) {
        self.state().rules.push(rule);
    }

    /// Lets everything pass again.
    pub fn clear(&self) {
        self.state().rules.clear();
    }

    /// How many faults have happened.
    pub fn happened(&self) -> usize {
        self.state().happened
    }

    /// The commands that came by, without those by which a driver watches the server.
    pub fn seen(&self) -> Vec<Command> {
        self.state().seen.clone()
    }

    /// Closes every connection there is.
    pub fn cut_all(&self) {
        std::mem::take(&mut *self.cut.lock().unwrap()).cancel();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.over.cancel();
    }
}

/// What is to happen to replies, by the request they answer.
type Pending = Arc<Mutex<HashMap<i32, Fault>>>;

struct Connection;

impl Connection {
    /// Passes messages both ways until either end closes, or a fault closes both.
    #[expect(clippy::new_ret_no_self, reason = "a connection is its own life")]
    async fn new(
        client: TcpStream,
        server: TcpStream,
        state: Arc<Mutex<State>>,
        ends: CancellationToken,
    ) {
        let _ = (client.set_nodelay(true), server.set_nodelay(true));
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = server.into_split();
        let to_client = Arc::new(tokio::sync::Mutex::new(to_client));
        let pending = Pending::default();
        tokio::select! {
            _ = requests(from_client, to_server, &to_client, &state, &pending) => {}
            _ = replies(from_server, &to_client, &pending) => {}
            () = ends.cancelled() => {}
        }
    }
}

type Shared = tokio::sync::Mutex<OwnedWriteHalf>;

/// `None` ends the connection.
async fn requests(
    mut from: OwnedReadHalf,
    mut to_server: OwnedWriteHalf,
    to_client: &Shared,
    state: &Mutex<State>,
    pending: &Pending,
) -> Option<()> {
    loop {
        let message = read_message(&mut from).await?;
        let id = number(&message, 4);
        let fault = command_of(&message).and_then(|command| fault_for(state, command));
        match fault {
            None => {}
            Some(Fault::DropBefore) => return None,
            Some(Fault::Delay(by)) => tokio::time::sleep(by).await,
            Some(Fault::Answer(answer)) => {
                to_client.lock().await.write_all(&reply(id, &answer)).await.ok()?;
                continue;
            }
            Some(later) => {
                pending.lock().unwrap().insert(id, later);
            }
        }
        to_server.write_all(&message).await.ok()?;
    }
}

async fn replies(mut from: OwnedReadHalf, to_client: &Shared, pending: &Pending) -> Option<()> {
    loop {
        let message = read_message(&mut from).await?;
        let to = number(&message, 8);
        let fault = pending.lock().unwrap().remove(&to);
        let mut client = to_client.lock().await;
        match fault {
            Some(Fault::DropAfter) => return None,
            Some(Fault::CutReply) => {
                client.write_all(&message[..message.len() / 2]).await.ok()?;
                client.flush().await.ok()?;
                return None;
            }
            Some(Fault::DelayReply(by)) => {
                tokio::time::sleep(by).await;
                client.write_all(&message).await.ok()?;
            }
            Some(Fault::AnswerAfter(answer)) => {
                client.write_all(&reply(to, &answer)).await.ok()?;
            }
            Some(Fault::Change(change)) => {
                let mut document = command_of(&message)?.document;
                change(&mut document);
                client.write_all(&reply(to, &document)).await.ok()?;
            }
            _ => client.write_all(&message).await.ok()?,
        }
    }
}

fn fault_for(state: &Mutex<State>, command: Command) -> Option<Fault> {
    let mut state = state.lock().unwrap();
    let mut found = None;
    for rule in &mut state.rules {
        if !(rule.when)(&command) || rule.times == 0 {
            continue;
        }
        if rule.skip > 0 {
            rule.skip -= 1;
            continue;
        }
        rule.times -= 1;
        found = Some(rule.fault.clone());
        break;
    }
    if found.is_some() {
        state.happened += 1;
    }
    // The driver's own watch of the server says nothing of what a run does.
    let watch = ["hello", "ismaster"].contains(&command.name.to_lowercase().as_str())
        && command.document.contains_key("helloOk");
    if !watch {
        state.seen.push(command);
    }
    found
}

async fn read_message(from: &mut OwnedReadHalf) -> Option<Vec<u8>> {
    let mut message = vec![0; 4];
    from.read_exact(&mut message).await.ok()?;
    let length = usize::try_from(number(&message, 0)).ok()?;
    message.resize(length, 0);
    from.read_exact(&mut message[4..]).await.ok()?;
    Some(message)
}

fn number(bytes: &[u8], at: usize) -> i32 {
    i32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

/// The command, or the reply, in a message.
fn command_of(message: &[u8]) -> Option<Command> {
    if number(message, 12) != OP_MSG {
        return None;
    }
    let mut document = Document::new();
    let mut rest = &message[20..];
    // A checksum may stand at the end; no driver here sends one.
    while let Some((kind, body)) = rest.split_first() {
        let size = usize::try_from(number(body, 0)).ok()?;
        let section = &body[..size];
        match kind {
            0 => {
                let own = document_of(section)?;
                document = own.into_iter().chain(document).collect();
            }
            _ => {
                let end = section[4..].iter().position(|byte| *byte == 0)? + 4;
                let name = String::from_utf8_lossy(&section[4..end]).into_owned();
                let mut documents = Vec::new();
                let mut at = end + 1;
                while at < section.len() {
                    let size = usize::try_from(number(section, at)).ok()?;
                    documents.push(Bson::Document(document_of(&section[at..at + size])?));
                    at += size;
                }
                document.insert(name, documents);
            }
        }
        rest = &body[size..];
    }
    let (name, target) = document.iter().next()?;
    let (name, collection) = (name.clone(), target.as_str().unwrap_or_default().to_owned());
    Some(Command { name, collection, document })
}

fn document_of(bytes: &[u8]) -> Option<Document> {
    let raw = RawDocumentBuf::from_bytes(bytes.to_vec()).ok()?;
    Document::try_from(raw.as_ref()).ok()
}

fn reply(to: i32, document: &Document) -> Vec<u8> {
    let body = RawDocumentBuf::try_from(document).expect("a document of ours").into_bytes();
    let length = i32::try_from(21 + body.len()).expect("a short one");
    let mut message = Vec::new();
    for field in [length, 1, to, OP_MSG, 0] {
        message.extend_from_slice(&field.to_le_bytes());
    }
    message.push(0);
    message.extend_from_slice(&body);
    message
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::TestDatabase;

    #[tokio::test(flavor = "multi_thread")]
    async fn faults_happen_where_they_are_meant_to() {
        let test = TestDatabase::start().await;
        let proxy = FaultProxy::to(test.port()).await;
        let uri = format!("{}&retryWrites=false", proxy.uri("shop"));
        let client = mongodb::Client::with_uri_str(uri).await.unwrap();
        let through = client.database("shop").collection::<Document>("c");
        let direct = test.client_database("shop").collection::<Document>("c");
        let insert = |id: i32| through.insert_one(doc! { "_id": id });

        insert(1).await.unwrap();
        for (id, fault, landed) in [
            (2, Fault::DropBefore, false),
            (3, Fault::DropAfter, true),
            (4, Fault::CutReply, true),
            (5, Fault::Answer(error(91, "ShutdownInProgress", &[])), false),
            (6, Fault::AnswerAfter(error(64, "WriteConcernFailed", &[])), true),
        ] {
            proxy.add(Rule::once(on("insert", "c"), fault));
            insert(id).await.unwrap_err();
            let stands = direct.find_one(doc! { "_id": id }).await.unwrap();
            assert_eq!(stands.is_some(), landed, "{id}");
        }
        let started = Instant::now();
        proxy.add(Rule::once(on("insert", "c"), Fault::Delay(Duration::from_millis(100))));
        proxy.add(Rule {
            skip: 1,
            ..Rule::once(on("insert", "c"), Fault::DelayReply(Duration::from_millis(100)))
        });
        insert(7).await.unwrap();
        insert(8).await.unwrap();
        insert(9).await.unwrap();
        assert!(started.elapsed() >= Duration::from_millis(200));
        let change: Fault = Fault::Change(Arc::new(|reply| {
            reply.insert("n", 5);
        }));
        proxy.add(Rule::once(named("count"), change));
        assert_eq!(through.estimated_document_count().await.unwrap(), 5);
        assert_eq!(proxy.happened(), 8);
        let many: Vec<Document> = (10..20).map(|id| doc! { "_id": id }).collect();
        through.insert_many(many).await.unwrap();
        let last = proxy.seen().into_iter().rfind(|command| command.name == "insert").unwrap();
        assert_eq!(last.document.get_array("documents").unwrap().len(), 10);
    }
}
