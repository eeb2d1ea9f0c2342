//! The driver's errors, told so that a person can act.
//!
//! [`DatabaseError`] wraps one with what was being done. Its text shows kind, code, code name and
//! labels and walks down to the I/O error; the connection string is never part of it.

use std::fmt;

use mongodb::bson::{Bson, Document};
use mongodb::error::{Error as DriverError, ErrorKind, WriteFailure};

/// What kind of trouble an error of the driver is, as far as the next step depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trouble {
    /// No server could be reached, or the connection broke.
    Unreachable,
    /// User, password or certificate were not accepted.
    Authentication,
    /// The user may not do this.
    NotAuthorized,
    /// The connection's settings cannot work.
    Configuration,
    /// The server answered with an error of the operation itself.
    Operation,
}

/// An error of the MongoDB driver and what was being done when it came.
#[derive(Clone, Debug)]
pub struct DatabaseError {
    doing: String,
    source: DriverError,
}

impl DatabaseError {
    /// `doing` completes "while …", such as `reading the history`.
    pub fn new(doing: impl Into<String>, source: DriverError) -> Self {
        Self { doing: doing.into(), source }
    }

    /// The driver's error.
    pub fn driver_error(&self) -> &DriverError {
        &self.source
    }

    /// What kind of trouble it is.
    pub fn trouble(&self) -> Trouble {
        trouble_of(&self.source)
    }

    /// The next step for a person.
    pub fn hint(&self) -> Option<String> {
        if self.trouble() == Trouble::NotAuthorized {
            let message = server_error(&self.source).map(|(_, _, message)| message);
            return Some(missing_right(&message.unwrap_or_default()));
        }
        let text = match self.trouble() {
            Trouble::Unreachable => {
                "is the server running, and are host, port and network in the URI right?"
            }
            Trouble::Authentication => {
                "check user, password and authSource in the URI; the user must exist on that server"
            }
            Trouble::Configuration => "check the URI and its options",
            Trouble::NotAuthorized | Trouble::Operation => {
                let code = server_error(&self.source).map(|(code, ..)| code);
                return code.and_then(hint_of_code).map(str::to_owned);
            }
        };
        Some(text.to_owned())
    }
}

impl fmt::Display for DatabaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.trouble() {
            Trouble::Unreachable => {
                write!(f, "cannot reach the database while {}", self.doing)?;
            }
            Trouble::Authentication => write!(f, "authentication failed while {}", self.doing)?,
            Trouble::NotAuthorized => write!(f, "not authorized while {}", self.doing)?,
            Trouble::Configuration => write!(f, "cannot use this connection while {}", self.doing)?,
            // Of another process: what it says is no word of the database.
            Trouble::Operation
                if server_error(&self.source).is_none()
                    && self.source.get_custom::<RemoteError>().is_some() =>
            {
                write!(f, "{} failed", self.doing)?;
            }
            Trouble::Operation => write!(f, "the database refused while {}", self.doing)?,
        }
        write!(f, ": {}", describe(&self.source))
    }
}

/// What to do about errors that the server reports of itself.
pub fn hint_of_code(code: i32) -> Option<&'static str> {
    Some(match code {
        64 | 100 => {
            "not enough members of the replica set confirmed the write: see that a majority of them is up and keeps \
             up (rs.status()), then run the command again"
        }
        14031 => "the server's disk is full: make room there, then run the command again",
        50 => {
            "the server gave up on it (maxTimeMS): see what else it is doing, then run the command again"
        }
        _ => return None,
    })
}

/// Which right is missing, as far as the server's message says: action, and the role that has it.
pub fn missing_right(message: &str) -> String {
    // `not authorized on shop to execute command { collMod: "users", … }`; some servers quote the name.
    let database = after(message, "not authorized on ").unwrap_or("the database");
    let writes = message.contains("$out") || message.contains("$merge");
    let known = after(message, "execute command { ").and_then(|command| match command {
        "aggregate" if writes => Some(("insert", "readWrite")),
        command => action_and_role(command),
    });
    match known {
        Some((action, role)) => format!(
            "the user lacks the action `{action}` on {database}: the role `{role}` there has it"
        ),
        None => "grant the user the role `readWrite` on this database (`read` suffices for status, verify, \
                 history and dry runs); a migration's own commands may need more, such as `dbAdmin` for collMod"
            .to_owned(),
    }
}

/// A server's refusal without the values of the command that it quotes: `not authorized on shop to execute command
/// { find: "users", … }`.
pub fn without_command(message: &str) -> String {
    const QUOTED: &str = "execute command { ";
    let Some(at) = message.find(QUOTED) else { return message.to_owned() };
    let start = at + QUOTED.len();
    match message[start..].find(',') {
        Some(end) => format!("{}, … }}", &message[..start + end]),
        None => message.to_owned(),
    }
}

/// The word after a piece of text.
fn after<'t>(text: &'t str, piece: &str) -> Option<&'t str> {
    let rest = text[text.find(piece)? + piece.len()..].trim_start_matches('"');
    let end =
        rest.find(|c: char| !(c.is_alphanumeric() || "_-.".contains(c))).unwrap_or(rest.len());
    Some(&rest[..end]).filter(|word| !word.is_empty())
}

/// From <https://www.mongodb.com/docs/manual/reference/privilege-actions/> and the built-in roles.
fn action_and_role(command: &str) -> Option<(&str, &'static str)> {
    Some(match command {
        "find" | "aggregate" | "count" | "distinct" | "getMore" => ("find", "read"),
        "listCollections" | "listIndexes" | "collStats" | "dbStats" => (command, "read"),
        "insert" | "update" => (command, "readWrite"),
        "delete" => ("remove", "readWrite"),
        "findAndModify" | "findandmodify" => ("update", "readWrite"),
        "createIndexes" => ("createIndex", "readWrite"),
        "dropIndexes" | "deleteIndexes" => ("dropIndex", "readWrite"),
        "create" => ("createCollection", "readWrite"),
        "drop" => ("dropCollection", "readWrite"),
        "renameCollection" => ("renameCollectionSameDB", "readWrite"),
        "convertToCapped" => (command, "readWrite"),
        "collMod" | "dropDatabase" | "validate" | "compact" | "reIndex" => (command, "dbAdmin"),
        "createUser" | "updateUser" => ("createUser", "userAdmin"),
        "dropUser" => (command, "userAdmin"),
        "createRole" | "grantRolesToUser" => ("grantRole", "userAdmin"),
        _ => return None,
    })
}

// The driver's own text is folded into ours (`describe`), so it is not offered as a source again.
impl std::error::Error for DatabaseError {}

/// Sorts an error of the driver.
pub fn trouble_of(error: &DriverError) -> Trouble {
    if let Some((code, _, _)) = server_error(error) {
        return match code {
            18 => Trouble::Authentication,
            13 => Trouble::NotAuthorized,
            // No primary at the moment, or one that is going away.
            6 | 7 | 89 | 91 | 189 | 10107 | 11600 | 11602 | 13435 | 13436 => Trouble::Unreachable,
            _ => Trouble::Operation,
        };
    }
    match error.kind.as_ref() {
        ErrorKind::Authentication { .. } => Trouble::Authentication,
        ErrorKind::ServerSelection { message, .. } if message.contains("uthentication") => {
            Trouble::Authentication
        }
        ErrorKind::ServerSelection { .. }
        | ErrorKind::Io(_)
        | ErrorKind::ConnectionPoolCleared { .. }
        | ErrorKind::DnsResolve { .. } => Trouble::Unreachable,
        #[cfg(feature = "socks5-proxy")]
        ErrorKind::ProxyConnect { .. } => Trouble::Unreachable,
        ErrorKind::InvalidTlsConfig { .. } | ErrorKind::InvalidArgument { .. } => {
            Trouble::Configuration
        }
        _ => Trouble::Operation,
    }
}

/// A write that failed inside a reply that is otherwise well (`ok: 1`), as the payload of a driver error of
/// the custom kind; it counts as the server's error.
#[derive(Clone, Debug)]
pub struct WriteFailed {
    /// The server's code.
    pub code: i32,
    /// The server's message.
    pub message: String,
}

/// An error that another process had from its driver, as the payload of a driver error of the custom kind. With a
/// code it counts as the server's error.
#[derive(Clone, Debug, Default)]
pub struct RemoteError {
    /// The server's code, if the server sent it.
    pub code: Option<i32>,
    /// The server's name of the code.
    pub code_name: String,
    /// The message.
    pub message: String,
    /// Labels the server or that driver gave it.
    pub labels: Vec<String>,
}

/// Whether an error has a label, wherever it came from.
pub fn has_label(error: &DriverError, label: &str) -> bool {
    error.contains_label(label)
        || error
            .get_custom::<RemoteError>()
            .is_some_and(|remote| remote.labels.iter().any(|own| own == label))
}

fn labels_of(error: &DriverError) -> Vec<String> {
    let mut labels: Vec<String> = error.labels().iter().cloned().collect();
    if let Some(remote) = error.get_custom::<RemoteError>() {
        labels.extend(remote.labels.iter().cloned());
    }
    labels.sort_unstable();
    labels
}

/// Code, code name and message of an error that the server sent, if it is one.
pub fn server_error(error: &DriverError) -> Option<(i32, String, String)> {
    match error.kind.as_ref() {
        ErrorKind::Command(e) => Some((e.code, e.code_name.clone(), e.message.clone())),
        ErrorKind::Write(WriteFailure::WriteError(e)) => {
            Some((e.code, e.code_name.clone().unwrap_or_default(), e.message.clone()))
        }
        ErrorKind::Write(WriteFailure::WriteConcernError(e)) => {
            Some((e.code, e.code_name.clone(), e.message.clone()))
        }
        ErrorKind::InsertMany(e) => e
            .write_errors
            .as_ref()
            .and_then(|errors| errors.first())
            .map(|e| (e.code, e.code_name.clone().unwrap_or_default(), e.message.clone())),
        ErrorKind::Custom(_) => {
            let failed = error.get_custom::<WriteFailed>();
            let failed = failed.map(|failed| (failed.code, String::new(), failed.message.clone()));
            failed.or_else(|| {
                let remote = error.get_custom::<RemoteError>()?;
                Some((remote.code?, remote.code_name.clone(), remote.message.clone()))
            })
        }
        _ => None,
    }
}

/// Whether the error means that a unique index refused a duplicate.
pub fn is_duplicate_key(error: &DriverError) -> bool {
    server_error(error).is_some_and(|(code, _, _)| matches!(code, 11000 | 11001 | 12582))
}

/// Whether it is unknown if the write took effect: a network or write concern error.
pub fn is_outcome_unknown(error: &DriverError) -> bool {
    matches!(
        error.kind.as_ref(),
        ErrorKind::Io(_)
            | ErrorKind::ConnectionPoolCleared { .. }
            | ErrorKind::ServerSelection { .. }
            | ErrorKind::Write(WriteFailure::WriteConcernError(_))
    ) || error.contains_label("RetryableWriteError")
}

/// One line: message, code and code name, labels, down to the I/O error.
pub fn describe(error: &DriverError) -> String {
    let mut text = match (server_error(error), error.kind.as_ref()) {
        (Some((code, name, message)), _) if name.is_empty() => {
            format!("{} (code {code})", without_command(&message))
        }
        (Some((code, name, message)), _) => {
            format!("{} (code {code}, {name})", without_command(&message))
        }
        (None, ErrorKind::Io(io)) => io.to_string(),
        (None, ErrorKind::ServerSelection { message, .. }) => selection(message),
        (None, ErrorKind::Custom(_)) => error
            .get_custom::<String>()
            .cloned()
            .or_else(|| error.get_custom::<&str>().map(|text| (*text).to_owned()))
            .or_else(|| error.get_custom::<RemoteError>().map(|remote| remote.message.clone()))
            .unwrap_or_else(|| "an error of the engine".to_owned()),
        (
            None,
            ErrorKind::Authentication { message, .. }
            | ErrorKind::DnsResolve { message, .. }
            | ErrorKind::ConnectionPoolCleared { message, .. }
            | ErrorKind::InvalidTlsConfig { message, .. }
            | ErrorKind::InvalidArgument { message, .. }
            | ErrorKind::Transaction { message, .. },
        ) => message.clone(),
        (None, kind) => kind.to_string(),
    };
    let labels = labels_of(error);
    if !labels.is_empty() {
        text.push_str(" [");
        text.push_str(&labels.join(", "));
        text.push(']');
    }
    text
}

/// The driver prints the whole topology; people need each server's address and what it said.
fn selection(message: &str) -> String {
    let servers: Vec<String> = message
        .split("Address: ")
        .skip(1)
        .map(|server| {
            let address = server.split(',').next().unwrap_or(server).trim();
            match server.split_once("Error: ") {
                Some((_, error)) => {
                    let error = error.strip_prefix("Kind: ").unwrap_or(error);
                    let end = error.find(", labels: ").unwrap_or(error.len());
                    format!("{address}: {}", error[..end].trim_end_matches([' ', '}', ']']))
                }
                None => format!("{address}: no answer"),
            }
        })
        .collect();
    if servers.is_empty() { message.to_owned() } else { servers.join("; ") }
}

/// Code, code name and labels as they are stored in `errorDetail`.
pub fn detail_of(error: &DriverError) -> Document {
    let mut detail = Document::new();
    if let Some((code, name, _)) = server_error(error) {
        detail.insert("code", code);
        detail.insert("codeName", name);
    }
    let labels = labels_of(error);
    if !labels.is_empty() {
        detail.insert("labels", labels.into_iter().map(Bson::String).collect::<Vec<_>>());
    }
    detail
}

/// The first error inside a reply with `ok: 1`, which dooms a transaction all the same.
pub fn write_error_in(reply: &Document) -> Option<DriverError> {
    let listed = reply.get_array("writeErrors").ok().and_then(|errors| errors.first());
    // The `bulkWrite` command tells what became of each operation through a cursor.
    let in_cursor = || {
        let failed = reply.get_i32("nErrors").is_ok_and(|count| count > 0);
        let cursor = reply.get_document("cursor").ok().filter(|_| failed)?;
        let batch = cursor.get_array("firstBatch").ok()?;
        let is_error = |one: &&Bson| {
            let one = one.as_document();
            one.is_some_and(|one| {
                one.get_f64("ok").is_ok_and(|ok| ok == 0.0)
                    || one.get_i32("ok").is_ok_and(|ok| ok == 0)
            })
        };
        batch.iter().find(is_error)
    };
    let first = listed.or_else(in_cursor)?.as_document()?;
    Some(DriverError::custom(WriteFailed {
        code: first.get_i32("code").unwrap_or_default(),
        message: first.get_str("errmsg").unwrap_or("write error").to_owned(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_right_is_told_by_action_and_role() {
        for (message, hint) in [
            (
                "not authorized on shop to execute command { collMod: \"users\", validator: {} }",
                "the user lacks the action `collMod` on shop: the role `dbAdmin` there has it",
            ),
            (
                "not authorized on shop to execute command { delete: \"users\" }",
                "the user lacks the action `remove` on shop: the role `readWrite` there has it",
            ),
        ] {
            assert_eq!(missing_right(message), hint);
        }
        let unknown = "not authorized on admin to execute command { bulkWrite: 1 }";
        assert!(missing_right(unknown).contains("`readWrite`"));
        let quoted = "not authorized on shop to execute command { find: \"users\", filter: { email: \"a@b.c\" } }";
        assert_eq!(
            without_command(quoted),
            "not authorized on shop to execute command { find: \"users\", … }"
        );
        assert!(missing_right("go away").contains("`readWrite`"));
    }

    #[test]
    fn a_server_that_cannot_be_found_is_told_in_short() {
        let message = "Server selection timeout: No available servers. Topology: { Type: Unknown, Servers: [ { Address: \
                       127.0.0.1:1, Type: Unknown, Error: Kind: I/O error: Connection refused (os error 111), labels: \
                       {\"A\"}, source: None }, { Address: b:2, Type: Unknown } ] }";
        assert_eq!(
            selection(message),
            "127.0.0.1:1: I/O error: Connection refused (os error 111); b:2: no answer"
        );
        assert_eq!(selection("something else"), "something else");
    }
}
