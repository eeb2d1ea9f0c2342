//! How an operation fails, as JavaScript is told.

use mongodb::bson::RawDocumentBuf;
use mongodb::error::{Error as DriverError, ErrorKind};
use whimbrel_core::database_error::{describe, server_error};
use whimbrel_core::gate::StopReason;

/// Why an operation gave no result.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The driver or the server.
    Driver(DriverError),
    /// The arguments.
    Argument(String),
    /// The gate is closed: nothing was sent.
    Stopped(StopReason),
}

impl From<DriverError> for Failure {
    fn from(error: DriverError) -> Self {
        Self::Driver(error)
    }
}

/// The facts the façade makes an error object of.
pub(crate) struct Report {
    /// Which class: `server`, `network`, `selection`, `transaction`, `argument`, `response`,
    /// `stopped`, `other`.
    pub(crate) kind: &'static str,
    pub(crate) message: String,
    pub(crate) code: Option<i32>,
    pub(crate) code_name: Option<String>,
    pub(crate) labels: Vec<String>,
    /// The server's reply, where there is one.
    pub(crate) reply: Option<RawDocumentBuf>,
}

impl Failure {
    pub(crate) fn report(&self) -> Report {
        let error = match self {
            Self::Driver(error) => error,
            Self::Argument(message) => return Report::plain("argument", message.clone()),
            Self::Stopped(reason) => return Report::plain("stopped", reason.to_string()),
        };
        let mut labels: Vec<String> = error.labels().iter().cloned().collect();
        labels.sort_unstable();
        if let Some((code, name, message)) = server_error(error) {
            return Report {
                kind: "server",
                message,
                code: Some(code),
                code_name: Some(name).filter(|name| !name.is_empty()),
                labels,
                reply: error.server_response().cloned(),
            };
        }
        let kind = match error.kind.as_ref() {
            ErrorKind::Io(_) | ErrorKind::ConnectionPoolCleared { .. } => "network",
            ErrorKind::ServerSelection { .. } | ErrorKind::DnsResolve { .. } => "selection",
            ErrorKind::Transaction { .. } | ErrorKind::SessionsNotSupported => "transaction",
            ErrorKind::InvalidArgument { .. } => "argument",
            ErrorKind::InvalidResponse { .. }
            | ErrorKind::BsonDeserialization(_)
            | ErrorKind::Bson(_) => "response",
            _ => "other",
        };
        // Labels go as labels, not as part of the text.
        let text = describe(error);
        let message = text.split(" [").next().unwrap_or(&text).to_owned();
        Report { kind, message, code: None, code_name: None, labels, reply: None }
    }
}

impl Report {
    fn plain(kind: &'static str, message: String) -> Self {
        Self { kind, message, code: None, code_name: None, labels: Vec::new(), reply: None }
    }
}

/// Whether sending the same thing once more may help and cannot hurt (for what is safe to repeat).
pub(super) fn is_retryable(error: &DriverError) -> bool {
    const CODES: [i32; 12] = [6, 7, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436];
    if error.contains_label("RetryableWriteError") {
        return true;
    }
    match error.kind.as_ref() {
        ErrorKind::Io(_) | ErrorKind::ConnectionPoolCleared { .. } => true,
        _ => server_error(error).is_some_and(|(code, ..)| CODES.contains(&code)),
    }
}
