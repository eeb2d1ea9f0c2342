//! Where a run stands at this moment, for readiness probes and status pages.
//!
//! A [`StatusSource`] is an observer like any other: it hears the run loop's events and keeps the last word of each.
//! Whoever runs everything that is due says how it ended. What is ready stays ready, whatever is run later: a server
//! that serves is not taken out by a rollback.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use tokio::sync::watch;

use crate::event::{Event, Observer};

/// Whether a server may take requests, and why not yet.
///
/// As JSON: `{ "state": "migrating", "name": "002_x.js", "position": 1, "total": 2, "done": 500, "outOf": 1000 }`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum Readiness {
    /// Nothing has been asked yet.
    #[default]
    Starting,
    /// Files and history are compared.
    Checking,
    /// Somebody else migrates.
    Waiting {
        /// Who: `up (host api-1, pid 17)`.
        holder: String,
        /// For how long we have been waiting, in whole seconds, as last told.
        seconds: u64,
    },
    /// A migration is executed.
    Migrating {
        /// Which.
        name: String,
        /// Its place among those to be executed, from 1.
        position: usize,
        /// How many there are.
        total: usize,
        /// How far it is, in units of its own, where it tells.
        #[serde(skip_serializing_if = "Option::is_none")]
        done: Option<u64>,
        /// How far it has to come, where that is known.
        #[serde(skip_serializing_if = "Option::is_none")]
        out_of: Option<u64>,
    },
    /// Everything was applied. It stays so.
    Ready,
    /// It could not be done.
    Failed {
        /// The error's code.
        code: &'static str,
        /// The error's first line. It can hold values of the data, so it is no part of the JSON.
        #[serde(skip_serializing)]
        message: String,
    },
}

impl fmt::Display for Readiness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Starting => f.write_str("starting"),
            Self::Checking => f.write_str("comparing files and history"),
            Self::Waiting { holder, seconds } => {
                write!(f, "waiting for {holder} for {seconds} s")
            }
            Self::Migrating { name, position, total, done, out_of } => {
                write!(f, "migrating: {name} ({position} of {total})")?;
                match (done, out_of) {
                    (Some(done), Some(out_of)) => write!(f, ", {done} of {out_of}"),
                    (Some(done), None) => write!(f, ", {done}"),
                    _ => Ok(()),
                }
            }
            Self::Ready => f.write_str("ready"),
            Self::Failed { message, .. } => f.write_str(message),
        }
    }
}

/// Where a run stands; cheap to clone, all clones are one source.
#[derive(Clone, Debug)]
pub struct StatusSource {
    sender: Arc<watch::Sender<Readiness>>,
}

impl Default for StatusSource {
    fn default() -> Self {
        Self { sender: Arc::new(watch::Sender::new(Readiness::Starting)) }
    }
}

impl StatusSource {
    /// A source that says [`Readiness::Starting`].
    pub fn new() -> Self {
        Self::default()
    }

    /// As it is now.
    pub fn readiness(&self) -> Readiness {
        self.sender.borrow().clone()
    }

    /// Whether everything is applied.
    pub fn is_ready(&self) -> bool {
        *self.sender.borrow() == Readiness::Ready
    }

    /// Sees every change from now on; states that nobody looked at in time are passed over.
    pub fn changes(&self) -> watch::Receiver<Readiness> {
        self.sender.subscribe()
    }

    /// Says that everything is applied; for who runs migrations.
    #[doc(hidden)]
    pub fn set_ready(&self) {
        self.set(Readiness::Ready);
    }

    /// Says that it could not be done; for who runs migrations.
    #[doc(hidden)]
    pub fn set_failed(&self, code: &'static str, message: &str) {
        let message = message.lines().next().unwrap_or_default().to_owned();
        self.set(Readiness::Failed { code, message });
    }

    /// Says that files and history are compared; for who runs migrations.
    #[doc(hidden)]
    pub fn set_checking(&self) {
        self.set(Readiness::Checking);
    }

    fn set(&self, readiness: Readiness) {
        self.sender.send_if_modified(|now| {
            let changes = *now != Readiness::Ready && *now != readiness;
            if changes {
                *now = readiness;
            }
            changes
        });
    }
}

impl Observer for StatusSource {
    fn observe(&self, event: &Event) {
        match event {
            Event::Planned { .. } => self.set_checking(),
            Event::LockWaiting { holder, waited } => {
                let (holder, seconds) = (holder.holder().to_owned(), waited.as_secs());
                self.set(Readiness::Waiting { holder, seconds });
            }
            Event::Started { name, position, total, .. } => self.set(Readiness::Migrating {
                name: name.clone(),
                position: *position,
                total: *total,
                done: None,
                out_of: None,
            }),
            Event::Progress { name: of, done: now, total: most } => {
                self.sender.send_if_modified(|readiness| match readiness {
                    Readiness::Migrating { name, done, out_of, .. } if name == of => {
                        (*done, *out_of) = (Some(*now), *most);
                        true
                    }
                    _ => false,
                });
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::Direction;
    use crate::plan::Cause;

    #[test]
    fn it_follows_a_run() {
        let status = StatusSource::new();
        assert_eq!(status.readiness(), Readiness::Starting);
        status.observe(&Event::Started {
            name: "002_x.js".into(),
            direction: Direction::Up,
            cause: Cause::Pending,
            transaction: false,
            runtime: None,
            position: 1,
            total: 2,
        });
        let progress =
            |name: &str| Event::Progress { name: name.to_owned(), done: 500, total: Some(1000) };
        status.observe(&progress("001_other.js"));
        assert_eq!(status.readiness().to_string(), "migrating: 002_x.js (1 of 2)");
        status.observe(&progress("002_x.js"));
        assert_eq!(status.readiness().to_string(), "migrating: 002_x.js (1 of 2), 500 of 1000");
        let json = serde_json::to_string(&status.readiness()).unwrap();
        let expected = r#"{"state":"migrating","name":"002_x.js","position":1,"total":2,"done":500,"outOf":1000}"#;
        assert_eq!(json, expected);
        assert!(!status.is_ready());
        status.set_failed("MIGRATION_FAILED", "first\nsecond");
        assert_eq!(status.readiness().to_string(), "first");
        status.set_checking();
        status.set_ready();
        status.set_checking();
        assert!(status.is_ready(), "it stays so");
    }
}
