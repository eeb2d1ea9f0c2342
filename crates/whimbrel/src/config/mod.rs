//! Settings, from four layers: defaults < `whimbrel.toml` < environment (`.env` included) < flags.
//!
//! [`settings`] is the one table of all settings; [`file`] reads the file, [`layers`] puts the layers on top of
//! each other, [`value`] reads durations and the like. Every setting exists in all layers: `lock.ttl` in the file
//! is `WHIMBREL_LOCK_TTL` in the environment and `--lock-ttl` on the command line.

mod environment;
mod file;
mod layers;
mod scripts;
mod settings;
mod value;

use std::path::{Component, PathBuf};
use std::time::Duration;

pub use environment::Environment;
pub use layers::{ConfigError, Layers, Origin};
pub(crate) use layers::{FILE_NAME, project_of};
pub use scripts::{Legacy, NodeSettings, Permissions, Runtime};
pub use settings::{SETTINGS, Setting, SettingKind};
use whimbrel_core::lock::{LockSettings, LockWait};
use whimbrel_core::migrator::{LogSettings, Settings};
use whimbrel_core::operations::FilterValues;
use whimbrel_core::plan::{NewerDatabase, OnInterrupted, OnModified, OutOfOrder, Policy};

use crate::connection::ConnectionUri;

/// All settings, resolved.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the database is; `None` until somebody says so.
    pub uri: Option<ConnectionUri>,
    /// The database; by default the one in the URI's path.
    pub database: Option<String>,
    /// The folder with the migrations, absolute.
    pub directory: PathBuf,
    /// The folder that scripts may read, absolute: where `whimbrel.toml` is, else the nearest with a
    /// `package.json`.
    pub project: PathBuf,
    /// The folder the command was given in, absolute.
    pub working_folder: PathBuf,
    /// The history collection.
    pub collection: String,
    /// How the lock is taken and kept.
    pub lock: LockSettings,
    /// What to do with what a plan finds.
    pub policy: Policy,
    /// Whether migrations that do not say run in a transaction.
    pub transaction: bool,
    /// Whether an operation that nobody awaited is an error.
    pub strict_await: bool,
    /// Where JavaScript runs.
    pub runtime: Runtime,
    /// How it runs in Node.js.
    pub node: NodeSettings,
    /// What becomes of calls that newer drivers have no more.
    pub legacy: Legacy,
    /// What scripts may reach of the machine.
    pub permissions: Permissions,
    /// Limit per migration.
    pub timeout: Option<Duration>,
    /// Limit per run.
    pub run_timeout: Option<Duration>,
    /// How long a stopped run waits for the operation in flight.
    pub grace: Duration,
    /// How long opening one connection may take; `None` leaves it to the URI and the driver.
    pub connect_timeout: Option<Duration>,
    /// How long to look for a server; `None` leaves it to the URI.
    pub server_selection_timeout: Option<Duration>,
    /// What the audit trail keeps.
    pub log: LogSettings,
    /// Imported files that do not count for the checksum: files or folders, absolute.
    pub checksum_ignore: Vec<PathBuf>,
    /// Start a local database: `true`, or a path; `None` when not.
    pub local: Option<String>,
    /// How the command line talks.
    pub output: Output,
    /// The file that was read, if there was one.
    pub file: Option<PathBuf>,
    /// What `process.env` of a script shows, and who we are.
    pub environment: Environment,
}

/// How the command line talks; no concern of the library.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// Answer yes to every question.
    pub yes: bool,
    /// JSON instead of text.
    pub json: bool,
    /// Errors only.
    pub quiet: bool,
    /// More.
    pub verbose: bool,
    /// Colours and emoji.
    pub color: ColorChoice,
}

/// When to use colours and emoji.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Config {
    /// Reads all layers.
    ///
    /// # Errors
    /// The first setting that is unknown or cannot be read, with where it came from.
    pub fn load(layers: Layers) -> Result<Self, ConfigError> {
        layers.resolve()
    }

    fn defaults(layers: &Layers) -> Self {
        Self {
            uri: None,
            database: None,
            directory: layers.folder().join("migrations/scripts"),
            project: layers.folder().to_owned(),
            working_folder: layers.working_directory().to_owned(),
            collection: "migrations".to_owned(),
            lock: LockSettings::default(),
            policy: Policy::default(),
            transaction: false,
            strict_await: false,
            runtime: Runtime::default(),
            node: NodeSettings::default(),
            legacy: Legacy::default(),
            permissions: Permissions::default(),
            timeout: None,
            run_timeout: None,
            grace: Duration::from_secs(10),
            connect_timeout: None,
            server_selection_timeout: None,
            log: LogSettings::default(),
            checksum_ignore: Vec::new(),
            local: None,
            output: Output::default(),
            file: None,
            environment: Environment::default(),
        }
    }

    /// The settings of a migrator.
    pub(crate) fn run_settings(&self) -> Settings {
        Settings {
            lock: self.lock,
            policy: self.policy,
            transaction: self.transaction,
            timeout: self.timeout,
            run_timeout: self.run_timeout,
            grace: self.grace,
            log: self.log,
            ignored_imports: relative_to(&self.project, &self.checksum_ignore),
        }
    }

    /// Takes one setting; `folder` is what relative paths are relative to.
    fn apply(&mut self, key: &str, text: &str, folder: &std::path::Path) -> Result<(), String> {
        match key {
            "uri" => self.uri = Some(ConnectionUri::new(text)),
            "database" => self.database = Some(not_empty(text)?),
            "dir" => self.directory = folder.join(not_empty(text)?),
            "collection" => self.collection = collection(text)?,
            "lock.ttl" => {
                let ttl = value::duration(text)?;
                if ttl < Duration::from_secs(1) {
                    return Err("must be at least 1s".to_owned());
                }
                self.lock.ttl = ttl;
            }
            "lock.wait" => self.lock.wait = LockWait::For(value::duration(text)?),
            "timeout" => self.timeout = value::limit(text)?,
            "run_timeout" => self.run_timeout = value::limit(text)?,
            "grace" => self.grace = value::duration(text)?,
            "connect_timeout" => self.connect_timeout = Some(positive(text)?),
            "server_selection_timeout" => self.server_selection_timeout = Some(positive(text)?),
            "log.retention" => self.log.retention = value::limit(text)?,
            "log.filters" => {
                self.log.filter_values = value::choice(
                    text,
                    &[("redacted", FilterValues::Redacted), ("recorded", FilterValues::Recorded)],
                )?;
            }
            "transaction" => self.transaction = value::boolean(text)?,
            "strict_await" => self.strict_await = value::boolean(text)?,
            "out_of_order" => {
                self.policy.out_of_order = value::choice(
                    text,
                    &[
                        ("run", OutOfOrder::Run),
                        ("warn", OutOfOrder::Warn),
                        ("refuse", OutOfOrder::Refuse),
                    ],
                )?;
            }
            "on_modified" => {
                self.policy.on_modified = value::choice(
                    text,
                    &[
                        ("refuse", OnModified::Refuse),
                        ("warn", OnModified::Warn),
                        ("rerun", OnModified::Rerun),
                    ],
                )?;
            }
            "on_interrupted" => {
                self.policy.on_interrupted = value::choice(
                    text,
                    &[("retry", OnInterrupted::Retry), ("stop", OnInterrupted::Stop)],
                )?;
            }
            "newer_database" => {
                self.policy.newer_database = value::choice(
                    text,
                    &[
                        ("allow", NewerDatabase::Allow),
                        ("warn", NewerDatabase::Warn),
                        ("refuse", NewerDatabase::Refuse),
                    ],
                )?;
            }
            "runtime" => self.runtime = value::choice(text, &Runtime::WORDS)?,
            "node.program" => self.node.program = program(&not_empty(text)?, folder),
            "node.mongoose" => self.node.mongoose = value::boolean(text)?,
            "javascript.legacy" => {
                self.legacy = value::choice(
                    text,
                    &[("auto", Legacy::Auto), ("true", Legacy::On), ("false", Legacy::Off)],
                )?;
            }
            "checksum.ignore" => self.checksum_ignore = value::paths(text, folder)?,
            "permissions.read" => self.permissions.read = value::paths(text, folder)?,
            "permissions.write" => self.permissions.write = value::paths(text, folder)?,
            "permissions.env" => self.permissions.environment = value::boolean(text)?,
            "local" => {
                self.local = match text {
                    "false" | "" => None,
                    other => Some(other.to_owned()),
                };
            }
            "yes" => self.output.yes = value::boolean(text)?,
            "json" => self.output.json = value::boolean(text)?,
            "quiet" => self.output.quiet = value::boolean(text)?,
            "verbose" => self.output.verbose = value::boolean(text)?,
            "color" => {
                self.output.color = value::choice(
                    text,
                    &[
                        ("auto", ColorChoice::Auto),
                        ("always", ColorChoice::Always),
                        ("never", ColorChoice::Never),
                    ],
                )?;
            }
            // The table and this match are compared by a test.
            _ => return Err("is not a setting".to_owned()),
        }
        Ok(())
    }
}

fn positive(text: &str) -> Result<Duration, String> {
    match value::duration(text)? {
        duration if duration.is_zero() => Err("must be more than 0".to_owned()),
        duration => Ok(duration),
    }
}

/// A name without a slash is looked for on the `PATH`, anything else is a path.
fn program(text: &str, folder: &std::path::Path) -> PathBuf {
    if text.contains(['/', '\\']) { folder.join(text) } else { PathBuf::from(text) }
}

fn not_empty(text: &str) -> Result<String, String> {
    if text.trim().is_empty() { Err("must not be empty".to_owned()) } else { Ok(text.to_owned()) }
}

/// As imports are recorded: relative to the project folder, with `/`. What lies outside is never recorded.
pub(crate) fn relative_to(project: &std::path::Path, paths: &[PathBuf]) -> Vec<String> {
    let below = paths.iter().map(|path| project.join(path));
    let relative = below.filter_map(|path| path.strip_prefix(project).ok().map(PathBuf::from));
    let slashed = relative.map(|path| {
        let parts = path.components().filter(|part| *part != Component::CurDir);
        parts.map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
    });
    slashed.collect()
}

/// A collection name that can also carry the suffixes `_log` and `_lock`.
pub(crate) fn collection_name(text: &str) -> Option<&str> {
    let bad = text.is_empty()
        || text.contains(['$', '\0'])
        || text.starts_with("system.")
        || text.starts_with('.')
        || text.ends_with('.')
        || text.len() > 100;
    (!bad).then_some(text)
}

fn collection(text: &str) -> Result<String, String> {
    collection_name(text).map(str::to_owned).ok_or_else(|| "is not a collection name".to_owned())
}

#[cfg(test)]
mod tests;
