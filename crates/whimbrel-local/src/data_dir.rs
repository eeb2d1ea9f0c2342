//! The layout of a data directory, and the lock that keeps a second owner out.
//!
//! ```text
//! DIR/mongod/       the files of a mongod
//! DIR/secantus/     the files of a secantusd-rs
//! DIR/server.log    everything the server printed since it was last started
//! DIR/lock          locked while in use; says who uses it
//! DIR/port          mongod only: the port it had last
//! DIR/key           mongod with authentication only: what the set's members know each other by
//! ```
//!
//! The two programs have a folder each: neither could read the other's files, and both call them the same.
//!
//! The lock is the operating system's, so a crash leaves none behind. The server's process inherits it
//! (see `process.rs`): it is held until the server is gone, even if its owner was killed before.

use std::fs::{self, File, TryLockError};
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::LocalError;
use crate::process::is_alive;
use crate::program::ProgramKind;

/// How long a server whose owner has died is waited for; its watchdog ends it well within that time.
const ORPHAN_PATIENCE: Duration = Duration::from_secs(10);

/// How much of the end of the server's output goes into an error.
const TAIL_LINES: usize = 15;

/// A locked data directory.
#[derive(Debug)]
pub(crate) struct DataDir {
    root: PathBuf,
    lock: File,
}

impl DataDir {
    /// Creates the directory where needed, and locks it for this process.
    ///
    /// A directory whose owner died a moment ago is waited for; any other one in use is an error at once.
    pub(crate) async fn open(root: &Path) -> Result<Self, LocalError> {
        let root = std::path::absolute(root).map_err(failed(root))?;
        fs::create_dir_all(&root).map_err(failed(&root))?;
        let path = root.join("lock");
        let lock = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(failed(&path))?;
        let give_up = Instant::now() + ORPHAN_PATIENCE;
        loop {
            match lock.try_lock() {
                Ok(()) => break,
                Err(TryLockError::Error(source)) => {
                    return Err(LocalError::DataDir { path, source });
                }
                Err(TryLockError::WouldBlock) => {
                    let pid = Holder::read(&path).owner;
                    if pid.is_none_or(is_alive) || Instant::now() > give_up {
                        return Err(LocalError::InUse { data_dir: root, pid });
                    }
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
        }
        let dir = Self { root, lock };
        dir.name_owner().map_err(failed(&path))?;
        Ok(dir)
    }

    /// Empties the lock file and writes this process as the owner. The server's own process is added by
    /// the watchdog. Called before each start, as a failed one leaves its line behind.
    pub(crate) fn name_owner(&self) -> io::Result<()> {
        let mut lock = &self.lock;
        lock.set_len(0)?;
        lock.rewind()?;
        writeln!(lock, "owner {}", std::process::id())
    }

    /// The lock, to be handed to the server's process.
    pub(crate) fn share_lock(&self) -> io::Result<File> {
        self.lock.try_clone()
    }

    /// The server's process, as soon as the watchdog has named it.
    pub(crate) fn server_pid(&self) -> Option<u32> {
        Holder::read(&self.root.join("lock")).server
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The folder for the server's own files.
    pub(crate) fn store(&self, kind: ProgramKind) -> Result<PathBuf, LocalError> {
        let name = match kind {
            ProgramKind::Mongod => "mongod",
            ProgramKind::Secantus => "secantus",
        };
        let path = self.root.join(name);
        fs::create_dir_all(&path).map_err(failed(&path))?;
        Ok(path)
    }

    pub(crate) fn log_path(&self) -> PathBuf {
        self.root.join("server.log")
    }

    /// An empty log for the server to append to.
    pub(crate) fn new_log(&self) -> Result<File, LocalError> {
        let path = self.log_path();
        let log = File::options().append(true).create(true).open(&path).map_err(failed(&path))?;
        log.set_len(0).map_err(failed(&path))?;
        Ok(log)
    }

    /// What the server has printed so far. Not being able to read it is not worth an error of its own.
    pub(crate) fn output(&self) -> String {
        fs::read(self.log_path())
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default()
    }

    /// The last lines the server printed.
    pub(crate) fn last_output(&self) -> String {
        let output = self.output();
        let lines: Vec<_> = output.lines().collect();
        lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
    }

    /// Writes one of the small files beside the store.
    pub(crate) fn write(&self, name: &str, text: &str) -> Result<PathBuf, LocalError> {
        let path = self.root.join(name);
        fs::write(&path, text).map_err(failed(&path))?;
        Ok(path)
    }

    /// Reads one of the small files beside the store; `None` if there is none.
    pub(crate) fn read(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.root.join(name)).ok()
    }
}

impl Drop for DataDir {
    /// Gives up the lock by name. Closing the file would not do where a child process that is just being
    /// started by another thread holds a copy of it for a moment.
    fn drop(&mut self) {
        let _ = self.lock.unlock();
    }
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> LocalError + use<> {
    let path = path.to_path_buf();
    move |source| LocalError::DataDir { path, source }
}

/// What the lock file says. A line that is not yet complete counts as absent.
#[derive(Debug, Default, PartialEq, Eq)]
struct Holder {
    owner: Option<u32>,
    server: Option<u32>,
}

impl Holder {
    fn read(path: &Path) -> Self {
        fs::read_to_string(path).map(|text| Self::parse(&text)).unwrap_or_default()
    }

    fn parse(text: &str) -> Self {
        let mut holder = Self::default();
        for line in text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n')) {
            match line.split_once(' ') {
                Some(("owner", pid)) => holder.owner = pid.parse().ok(),
                Some(("server", pid)) => holder.server = pid.parse().ok(),
                _ => {}
            }
        }
        holder
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_complete_lines_of_the_lock_file_count() {
        let both = Holder { owner: Some(12), server: Some(345) };
        assert_eq!(Holder::parse("owner 12\nserver 345\n"), both);
        assert_eq!(Holder::parse("owner 12\nserver 34").server, None);
        assert_eq!(Holder::parse(""), Holder::default());
    }

    #[tokio::test]
    async fn the_last_output_is_the_end_of_the_log() {
        let temp = tempfile::tempdir().unwrap();
        let dir = DataDir::open(temp.path()).await.unwrap();
        assert_eq!(dir.last_output(), "");
        for line in 0..100 {
            writeln!(dir.new_log().unwrap(), "old {line}").unwrap();
        }
        let mut log = dir.new_log().unwrap();
        for line in 0..100 {
            writeln!(log, "line {line}").unwrap();
        }
        let last = dir.last_output();
        assert!(last.starts_with("line 85\n") && last.ends_with("line 99"), "{last}");
    }

    #[tokio::test]
    async fn a_file_in_the_way_is_an_error_that_names_it() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("file");
        fs::write(&path, "").unwrap();
        let error = DataDir::open(&path).await.unwrap_err();
        assert!(error.to_string().contains(&path.display().to_string()), "{error}");
        assert_eq!(error.code(), "LOCAL_SERVER_DATA_DIR");
    }
}
