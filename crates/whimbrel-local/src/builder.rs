//! The settings of a local server, and the order of the steps from nothing to a usable one.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::data_dir::DataDir;
use crate::process::Process;
use crate::program::{Program, ProgramKind};
use crate::server::LocalServer;
use crate::startup::Startup;
use crate::{LocalError, mongod, secantus};

/// How often another port is tried when the chosen one was taken in the meantime.
const PORT_ATTEMPTS: usize = 3;

/// What a program's command line depends on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    pub(crate) durable: bool,
    pub(crate) standalone: bool,
    pub(crate) auth: bool,
    pub(crate) port: u16,
}

/// What a successful attempt has brought.
struct Ready {
    process: Process,
    port: u16,
    pid: u32,
}

/// Starts a [`LocalServer`]. [`program`](Self::program) and [`data_dir`](Self::data_dir) are required.
#[derive(Clone, Debug)]
#[must_use]
pub struct Builder {
    program: Option<Program>,
    data_dir: Option<PathBuf>,
    options: Options,
    timeout: Duration,
}

impl Default for Builder {
    fn default() -> Self {
        let timeout = Duration::from_secs(20);
        Self { program: None, data_dir: None, options: Options::default(), timeout }
    }
}

impl Builder {
    /// The server program, found by [`Search::find`](crate::Search::find) or named by
    /// [`Program::at`].
    pub fn program(mut self, program: Program) -> Self {
        self.program = Some(program);
        self
    }

    /// Where the server keeps its data, its log and its lock. Created if missing; data of an earlier run
    /// of the same kind of program is opened again.
    pub fn data_dir(mut self, data_dir: impl Into<PathBuf>) -> Self {
        self.data_dir = Some(data_dir.into());
        self
    }

    /// Whether an acknowledged write survives a crash of the server. By default false.
    ///
    /// `secantusd-rs` otherwise loses the last writes when it is killed, even those with `j: true`. `mongod` takes no
    /// notice: as a replica set it has journaled a majority write before it acknowledges it.
    pub fn durable(mut self, durable: bool) -> Self {
        self.options.durable = durable;
        self
    }

    /// Whether the server is a standalone: no sessions with transactions, no change streams. By default
    /// false: it is a single-node replica set.
    pub fn standalone(mut self, standalone: bool) -> Self {
        self.options.standalone = standalone;
        self
    }

    /// Whether clients must log in (SCRAM). By default false.
    ///
    /// The store begins without users; from this machine the first may be created without logging in.
    /// [`LocalServer::uri`] names none.
    pub fn auth(mut self, auth: bool) -> Self {
        self.options.auth = auth;
        self
    }

    /// The port on 127.0.0.1. By default 0: any that is free.
    pub fn port(mut self, port: u16) -> Self {
        self.options.port = port;
        self
    }

    /// How long the server may take until it can be used. By default 20 seconds.
    pub fn start_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Starts the server and waits until it can be used.
    ///
    /// # Errors
    ///
    /// Every variant of [`LocalError`] but `NotFound`, `UnknownProgram` and `StillRunning`. After an error
    /// no process is left.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future ends the process, as dropping a [`LocalServer`] does.
    pub async fn start(self) -> Result<LocalServer, LocalError> {
        let missing = |setting| LocalError::MissingSetting { setting };
        let program = self.program.clone().ok_or_else(|| missing("program"))?;
        let dir = DataDir::open(self.data_dir.as_ref().ok_or_else(|| missing("data_dir"))?).await?;
        let mut attempt = 1;
        loop {
            match self.attempt(&program, &dir).await {
                Err(LocalError::ExitedEarly { output, .. })
                    if program.kind() == ProgramKind::Mongod
                        && self.options.port == 0
                        && attempt < PORT_ATTEMPTS
                        && output.contains("Address already in use") =>
                {
                    attempt += 1;
                }
                other => {
                    let Ready { process, port, pid } = other?;
                    return Ok(LocalServer { process, dir, program, port, pid });
                }
            }
        }
    }

    async fn attempt(&self, program: &Program, dir: &DataDir) -> Result<Ready, LocalError> {
        let log = dir.new_log()?;
        let store = dir.store(program.kind())?;
        let mut chosen = self.options.port;
        let args = match program.kind() {
            ProgramKind::Secantus => {
                let config = dir.write("secantusd.toml", "")?;
                secantus::args(&store, &config, &self.options)
            }
            ProgramKind::Mongod => {
                if chosen == 0 {
                    let last = dir.read("port").and_then(|port| port.trim().parse().ok());
                    chosen =
                        mongod::choose_port(last).map_err(|source| spawn_error(program, source))?;
                }
                let key_file = self.key_file(dir)?;
                mongod::args(&store, chosen, key_file.as_deref(), &self.options)
            }
        };
        let process = dir
            .name_owner()
            .and_then(|()| dir.share_lock())
            .and_then(|lock| Process::spawn(program.path(), &args, lock, log))
            .map_err(|source| spawn_error(program, source))?;
        let mut startup =
            Startup { program, dir, process, started: Instant::now(), timeout: self.timeout };
        let port = match program.kind() {
            ProgramKind::Secantus => secantus::ready(&mut startup).await?,
            ProgramKind::Mongod => {
                mongod::ready(&mut startup, chosen, &self.options).await?;
                dir.write("port", &format!("{chosen}\n"))?;
                chosen
            }
        };
        // Without a watchdog the child is the server; with one, the watchdog has named it by now.
        let pid = if cfg!(unix) {
            loop {
                match dir.server_pid() {
                    Some(pid) => break pid,
                    None => startup.pause().await?,
                }
            }
        } else {
            startup.process.id()
        };
        Ok(Ready { process: startup.process, port, pid })
    }

    /// The key of a `mongod` replica set with authentication, made at its first start.
    fn key_file(&self, dir: &DataDir) -> Result<Option<PathBuf>, LocalError> {
        if !self.options.auth || self.options.standalone {
            return Ok(None);
        }
        let path = dir.root().join("key");
        if !path.exists() {
            let key: String = (0..3).map(|_| uuid::Uuid::new_v4().simple().to_string()).collect();
            write_private(&path, &key)
                .map_err(|source| LocalError::DataDir { path: path.clone(), source })?;
        }
        Ok(Some(path))
    }
}

fn spawn_error(program: &Program, source: std::io::Error) -> LocalError {
    LocalError::Spawn { program: program.path().to_path_buf(), source }
}

/// Writes a file only its owner may read; `mongod` refuses any other key.
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    let mut options = std::fs::File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}
