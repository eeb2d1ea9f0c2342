//! Messages between Whimbrel and the process: a length, the length of the head, the head as JSON, and bytes for what
//! JSON cannot carry. All lengths are 32 bits, little endian.

use std::io;

use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// The largest message that is taken. A reply to a command of Whimbrel's own is far smaller, and so is everything
/// that the runner sends.
const LARGEST: u32 = 64 << 20;

/// The runner's files.
const RUNNER: [(&str, &str); 15] = [
    ("channel.js", include_str!("../js/channel.js")),
    ("describe.js", include_str!("../js/describe.js")),
    ("driver.js", include_str!("../js/driver.js")),
    ("hooks.mjs", include_str!("../js/hooks.mjs")),
    ("main.js", include_str!("../js/main.js")),
    ("methods.js", include_str!("../js/methods.js")),
    ("modules.js", include_str!("../js/modules.js")),
    ("mongoose.js", include_str!("../js/mongoose.js")),
    ("operations.js", include_str!("../js/operations.js")),
    ("output.js", include_str!("../js/output.js")),
    ("rpc.js", include_str!("../js/rpc.js")),
    ("timers.js", include_str!("../js/timers.js")),
    ("transaction.js", include_str!("../js/transaction.js")),
    ("watchdog.js", include_str!("../js/watchdog.js")),
    ("wire.js", include_str!("../js/wire.js")),
];

/// Runs in a thread of its own there.
const WATCHDOG_THREAD: (&str, &str) =
    ("watchdog_thread.js", include_str!("../js/watchdog_thread.js"));

/// What `node -e` is given.
pub(crate) const BOOTSTRAP: &str = include_str!("../js/bootstrap.js");

/// The runner's files, by name.
pub(crate) fn runner_files() -> Value {
    let files = RUNNER.into_iter().chain([WATCHDOG_THREAD]);
    files
        .map(|(name, text)| (name.to_owned(), json!(text)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// A message.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) head: Value,
    pub(crate) blob: Vec<u8>,
}

impl Message {
    /// A field of the head as text; empty if it is none.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.head.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// A field of the head as a number; 0 if it is none.
    pub(crate) fn number(&self, name: &str) -> u64 {
        self.head.get(name).and_then(Value::as_u64).unwrap_or_default()
    }

    /// Whether a field of the head is `true`.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.head.get(name).and_then(Value::as_bool).unwrap_or_default()
    }
}

/// Reads the next message; `None` at the end.
///
/// # Errors
/// When what comes is no message.
pub(crate) async fn read(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<Message>> {
    let length = match from.read_u32_le().await {
        Ok(length) => length,
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    };
    let invalid = |what: String| io::Error::new(io::ErrorKind::InvalidData, what);
    if !(4..=LARGEST).contains(&length) {
        return Err(invalid(format!("a message of {length} bytes")));
    }
    let mut frame = vec![0; length as usize];
    from.read_exact(&mut frame).await?;
    let (start, rest) = frame.split_at(4);
    let size = u32::from_le_bytes([start[0], start[1], start[2], start[3]]) as usize;
    let Some((head, blob)) = rest.split_at_checked(size) else {
        return Err(invalid("a message whose head is longer than itself".to_owned()));
    };
    let head = serde_json::from_slice(head).map_err(|error| invalid(error.to_string()))?;
    Ok(Some(Message { head, blob: blob.to_vec() }))
}

/// Writes a message.
///
/// # Errors
/// When the other end is gone, or the message is larger than a length can say.
pub(crate) async fn write(
    to: &mut (impl AsyncWrite + Unpin),
    head: &Value,
    blob: &[u8],
) -> io::Result<()> {
    let head = serde_json::to_vec(head)?;
    let too_large = |_| io::Error::new(io::ErrorKind::InvalidInput, "the message is too large");
    let size = u32::try_from(head.len()).map_err(too_large)?;
    let length = u32::try_from(4 + head.len() + blob.len()).map_err(too_large)?;
    let mut frame = Vec::with_capacity(8 + head.len() + blob.len());
    frame.extend_from_slice(&length.to_le_bytes());
    frame.extend_from_slice(&size.to_le_bytes());
    frame.extend_from_slice(&head);
    frame.extend_from_slice(blob);
    to.write_all(&frame).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn messages_arrive_as_they_were_sent() {
        let mut wire = Vec::new();
        write(&mut wire, &json!({ "type": "a", "n": 7 }), b"\x00\xff").await.unwrap();
        write(&mut wire, &json!({}), b"").await.unwrap();
        let mut from = wire.as_slice();
        let first = read(&mut from).await.unwrap().unwrap();
        assert_eq!((first.text("type"), first.number("n")), ("a", 7));
        assert_eq!(first.blob, b"\x00\xff");
        assert!(read(&mut from).await.unwrap().unwrap().blob.is_empty());
        assert!(read(&mut from).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn what_is_no_message_is_an_error() {
        for bytes in [
            &b"\xff\xff\xff\xff"[..],
            b"\x01\x00\x00\x00",
            b"\x08\x00\x00\x00\xff\x00\x00\x00abcd",
            b"\x06\x00\x00\x00\x02\x00\x00\x00no",
        ] {
            assert!(read(&mut &*bytes).await.is_err(), "{bytes:?}");
        }
    }
}
