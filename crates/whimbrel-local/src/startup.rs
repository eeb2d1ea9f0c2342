//! The time between a started process and a server that can be used.

use std::time::{Duration, Instant};

use crate::LocalError;
use crate::data_dir::DataDir;
use crate::process::Process;
use crate::program::Program;

/// How often the server is asked whether it is ready.
const POLL: Duration = Duration::from_millis(15);

/// A server on its way up. Dropping it ends the process.
#[derive(Debug)]
pub(crate) struct Startup<'a> {
    pub(crate) program: &'a Program,
    pub(crate) dir: &'a DataDir,
    pub(crate) process: Process,
    pub(crate) started: Instant,
    pub(crate) timeout: Duration,
}

impl Startup<'_> {
    /// Waits a moment for something to happen.
    ///
    /// # Errors
    ///
    /// [`LocalError::ExitedEarly`] if the process has ended, [`LocalError::NotReady`] if the time is over.
    pub(crate) async fn pause(&mut self) -> Result<(), LocalError> {
        let program = || self.program.path().to_path_buf();
        if let Some(status) = self.process.ended() {
            let output = self.dir.last_output();
            return Err(LocalError::ExitedEarly {
                program: program(),
                status: status.to_string(),
                output,
            });
        }
        if self.is_late() {
            let output = self.dir.last_output();
            return Err(LocalError::NotReady { program: program(), waited: self.timeout, output });
        }
        tokio::time::sleep(POLL).await;
        Ok(())
    }

    /// Whether the time is over.
    pub(crate) fn is_late(&self) -> bool {
        self.started.elapsed() > self.timeout
    }
}
