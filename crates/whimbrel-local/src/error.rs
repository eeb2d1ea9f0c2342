//! Everything that can go wrong between looking for a server and having stopped it.
//!
//! Messages say what happened; what to do next is in [`LocalError::hints`], so that a command line can
//! print the two apart.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// An error of the local server.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LocalError {
    /// No program that can be the server was found.
    #[error("no local MongoDB-compatible server was found on this machine")]
    NotFound,

    /// A path that was given as the server program is not one.
    #[error("{} is not a server program Whimbrel knows", path.display())]
    UnknownProgram {
        /// The path as given.
        path: PathBuf,
    },

    /// A setting without which no server can be started was not given to the builder.
    #[error("the local server was started without {setting}")]
    MissingSetting {
        /// The builder's method that was not called.
        setting: &'static str,
    },

    /// The data directory cannot be created, read or written.
    #[error("cannot use {} for the local server's data", path.display())]
    DataDir {
        /// The file or directory the operation was about.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },

    /// Another process has a server running on this data directory.
    #[error("{} is in use by another local server{}", data_dir.display(), of_process(*pid))]
    InUse {
        /// The data directory.
        data_dir: PathBuf,
        /// The process that started the other server, where it could be read.
        pid: Option<u32>,
    },

    /// The program could not be started at all.
    #[error("cannot start {}", program.display())]
    Spawn {
        /// The server program.
        program: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },

    /// The program ended before it accepted connections.
    #[error("{} ended before it was ready ({status}){}", program.display(), saying(output))]
    ExitedEarly {
        /// The server program.
        program: PathBuf,
        /// How it ended, as the operating system says it.
        status: String,
        /// The last lines of its output, possibly empty.
        output: String,
    },

    /// The program runs, but was not ready in time. It has been stopped.
    #[error("{} was not ready after {} s{}", program.display(), waited.as_secs_f32(), saying(output))]
    NotReady {
        /// The server program.
        program: PathBuf,
        /// How long it was waited for.
        waited: Duration,
        /// The last lines of its output, possibly empty.
        output: String,
    },

    /// A `mongod` runs, but refused to become a single-node replica set. It has been stopped.
    #[error("the local server did not become a replica set: {step} failed")]
    ReplicaSet {
        /// The command that failed.
        step: &'static str,
        /// What the server or the driver said.
        source: mongodb::error::Error,
    },

    /// The server did not end, not even when it was killed.
    #[error("the local server (process {pid}) did not end")]
    StillRunning {
        /// The server's process.
        pid: u32,
    },
}

impl LocalError {
    /// A stable code for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "LOCAL_SERVER_NOT_FOUND",
            Self::UnknownProgram { .. } => "LOCAL_SERVER_UNKNOWN_PROGRAM",
            Self::MissingSetting { .. } => "LOCAL_SERVER_MISSING_SETTING",
            Self::DataDir { .. } => "LOCAL_SERVER_DATA_DIR",
            Self::InUse { .. } => "LOCAL_SERVER_IN_USE",
            Self::Spawn { .. } => "LOCAL_SERVER_SPAWN",
            Self::ExitedEarly { .. } => "LOCAL_SERVER_EXITED_EARLY",
            Self::NotReady { .. } => "LOCAL_SERVER_NOT_READY",
            Self::ReplicaSet { .. } => "LOCAL_SERVER_REPLICA_SET",
            Self::StillRunning { .. } => "LOCAL_SERVER_STILL_RUNNING",
        }
    }

    /// What a person can do next, one sentence each, without a full stop.
    #[must_use]
    pub fn hints(&self) -> &'static [&'static str] {
        match self {
            Self::NotFound => &[
                "install MongoDB, so that mongod is on the PATH",
                "or run `cargo xtask tools` in a checkout of Whimbrel",
                "or run `cargo install secantus-mdb --version 0.5.3-beta.196 --ignore-rust-version` \
                 (needs a C++ compiler and cmake)",
            ],
            Self::UnknownProgram { .. } => &["give the path of mongod or of secantusd-rs"],
            Self::DataDir { .. } => &["give another directory with `--local=PATH`"],
            Self::InUse { .. } => &[
                "wait for the other command, or stop it",
                "or give this one another directory with `--local=PATH`",
            ],
            Self::ExitedEarly { .. } | Self::NotReady { .. } => {
                &["the server's whole output is in server.log in its data directory"]
            }
            Self::ReplicaSet { .. } => {
                &["remove the data directory if what is in it is not needed, and start again"]
            }
            Self::MissingSetting { .. } | Self::Spawn { .. } | Self::StillRunning { .. } => &[],
        }
    }
}

fn of_process(pid: Option<u32>) -> String {
    pid.map(|pid| format!(" (process {pid})")).unwrap_or_default()
}

fn saying(output: &str) -> String {
    if output.is_empty() { String::new() } else { format!(", its last output was:\n{output}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_server_names_every_way_to_get_one() {
        let hints = LocalError::NotFound.hints().join("\n");
        assert!(hints.contains("mongod"));
        assert!(hints.contains("cargo xtask tools"));
        assert!(hints.contains(&format!("secantus-mdb --version {}", crate::SECANTUS_VERSION)));
    }

    #[test]
    fn messages_name_the_process_and_quote_the_output() {
        let in_use = LocalError::InUse { data_dir: "d".into(), pid: Some(7) };
        assert_eq!(in_use.to_string(), "d is in use by another local server (process 7)");
        let in_use = LocalError::InUse { data_dir: "d".into(), pid: None };
        assert_eq!(in_use.to_string(), "d is in use by another local server");
        let early = LocalError::ExitedEarly {
            program: "p".into(),
            status: "exit status: 1".into(),
            output: "no space left".into(),
        };
        assert_eq!(
            early.to_string(),
            "p ended before it was ready (exit status: 1), its last output was:\nno space left"
        );
    }
}
