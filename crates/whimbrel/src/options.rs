//! What a call of [`Migrator`](crate::Migrator) takes.

#[cfg(feature = "node-runtime")]
use std::path::PathBuf;

use whimbrel_core::gate::StopSignal;
use whimbrel_core::lock::LockWait;
use whimbrel_core::plan::{DownTarget, Force, RollbackFrom, UpTarget};

/// How migrations are applied; write the fields you mean and `..RunOptions::default()`.
///
/// ```
/// use whimbrel::{RunOptions, UpTarget};
///
/// let options = RunOptions { target: UpTarget::To("012".to_owned()), ..RunOptions::default() };
/// ```
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// Which are applied. By default all that are due.
    pub target: UpTarget,
    /// What is run although it is applied. By default nothing.
    pub force: Force,
    /// Whether the run ends at the first migration that fails. By default `true`.
    pub stop_on_error: bool,
    /// How long to wait for a lock that another process holds. By default as the migrator was built.
    pub lock_wait: Option<LockWait>,
    /// Stops the run: after the operation in flight it records how far it came, and gives the lock back.
    pub stop: StopSignal,
}

impl Default for RunOptions {
    fn default() -> Self {
        Self {
            target: UpTarget::All,
            force: Force::Nothing,
            stop_on_error: true,
            lock_wait: None,
            stop: StopSignal::new(),
        }
    }
}

/// How migrations are rolled back; write the fields you mean and `..RollbackOptions::default()`.
#[derive(Clone, Debug)]
pub struct RollbackOptions {
    /// Which are rolled back, latest applied first. By default the last one.
    pub target: DownTarget,
    /// Which text rolls a migration back whose file was changed or is gone. By default that is refused.
    pub from: RollbackFrom,
    /// Whether the run ends at the first rollback that fails. By default `true`.
    pub stop_on_error: bool,
    /// How long to wait for a lock that another process holds. By default as the migrator was built.
    pub lock_wait: Option<LockWait>,
    /// Stops the run, as in [`RunOptions`].
    pub stop: StopSignal,
}

impl Default for RollbackOptions {
    fn default() -> Self {
        Self {
            target: DownTarget::Count(1),
            from: RollbackFrom::UnchangedFile,
            stop_on_error: true,
            lock_wait: None,
            stop: StopSignal::new(),
        }
    }
}

/// Which migrations count as applied without having been run.
#[derive(Clone, Debug, Default)]
pub struct BaselineOptions {
    /// The last one that is marked, by name, stem or version. By default all are.
    pub to: Option<String>,
    /// Why, for the audit trail. By default nothing is said.
    pub reason: Option<String>,
}

/// How migrations in Node.js run; see [`MigratorBuilder::node`](crate::MigratorBuilder::node).
#[derive(Clone, Debug)]
#[cfg(feature = "node-runtime")]
pub struct NodeConnection {
    /// The connection string that the project's driver connects with. It is never shown.
    pub uri: crate::ConnectionUri,
    /// The program; a name is looked for on the `PATH` of [`MigratorBuilder::environment`](crate::MigratorBuilder::environment),
    /// which is all that the process sees. By default `node`.
    pub program: PathBuf,
    /// Whether Whimbrel connects the project's mongoose. By default `false`.
    pub mongoose: bool,
}

#[cfg(feature = "node-runtime")]
impl NodeConnection {
    /// With this connection string, and everything else by default.
    pub fn new(uri: impl Into<String>) -> Self {
        let crate::config::NodeSettings { program, mongoose } = Default::default();
        Self { uri: crate::ConnectionUri::new(uri), program, mongoose }
    }
}
