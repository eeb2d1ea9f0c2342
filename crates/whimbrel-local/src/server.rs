//! The running server: its address, and its end.

use std::path::{Path, PathBuf};

use crate::LocalError;
use crate::builder::Builder;
use crate::data_dir::DataDir;
use crate::process::{self, Process};
use crate::program::Program;

/// A local server that is running and can be used.
///
/// It ends with [`stop`](Self::stop), when it is dropped, and, on Unix, when this process dies in whatever way.
/// Dropping it blocks until it has ended: about 0.3 s, 7 s at most.
#[derive(Debug)]
pub struct LocalServer {
    // The order matters: the process ends before the lock of its directory is given up.
    pub(crate) process: Process,
    pub(crate) dir: DataDir,
    pub(crate) program: Program,
    pub(crate) port: u16,
    pub(crate) pid: u32,
}

impl LocalServer {
    /// The settings of a server to start.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Where to connect: `mongodb://127.0.0.1:PORT/`. It names no user and no database.
    #[must_use]
    pub fn uri(&self) -> String {
        format!("mongodb://127.0.0.1:{}/", self.port)
    }

    /// The port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The server's process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// The program that is running.
    #[must_use]
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// The data directory, as an absolute path.
    #[must_use]
    pub fn data_dir(&self) -> &Path {
        self.dir.root()
    }

    /// The file that has everything the server printed since it was started.
    #[must_use]
    pub fn log_path(&self) -> PathBuf {
        self.dir.log_path()
    }

    /// Whether the server is still running; it may have been ended from outside.
    #[must_use]
    pub fn is_running(&mut self) -> bool {
        self.process.ended().is_none()
    }

    /// Ends the server in order: `SIGTERM`, and `SIGKILL` if it is still there after 5 seconds.
    ///
    /// # Errors
    ///
    /// [`LocalError::StillRunning`] if not even that ended it.
    ///
    /// # Cancel safety
    ///
    /// The server ends even if the future is dropped.
    pub async fn stop(mut self) -> Result<(), LocalError> {
        self.process.let_go();
        if self.process.wait_for_end().await {
            Ok(())
        } else {
            Err(LocalError::StillRunning { pid: self.pid })
        }
    }

    /// Ends the server as a power cut would, by `SIGKILL`: for tests of what survives.
    ///
    /// # Errors
    ///
    /// [`LocalError::StillRunning`] if not even that ended it.
    pub async fn crash(self) -> Result<(), LocalError> {
        process::kill(self.pid);
        self.stop().await
    }
}
