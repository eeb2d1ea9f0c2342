//! Migrations in real Node.js: the body runs in a `node` process of the user's project, with the project's own
//! driver and packages; everything else stays in the run loop.
//!
//! [`NodeLoader`] makes the bodies ([`body`]). One process serves a run ([`runtime`]); it is started, spoken to and
//! ended in [`process`], with messages as [`protocol`] has them. What it asks while it loads modules is answered in
//! [`files`], through a [`ModuleSource`] that knows TypeScript and which file an import means. [`transaction`] lets
//! the run loop's last writes travel into the process' session. [`place`] makes places in files readable.
//!
//! The runner itself is JavaScript (`js/`), part of this library. It never sees lock or history: it loads modules,
//! calls functions, and tells of each command before it is sent.

#[cfg(unix)]
mod body;
#[cfg(not(unix))]
#[path = "unsupported.rs"]
mod body;
#[cfg(unix)]
mod files;
mod place;
#[cfg(unix)]
mod process;
#[cfg(unix)]
mod protocol;
#[cfg(unix)]
mod runtime;
pub mod told;
#[cfg(unix)]
mod transaction;

use std::path::{Path, PathBuf};

pub use body::NodeLoader;
pub use place::relative_to as places_relative_to;

/// How a module is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModuleFormat {
    /// An ES module.
    EsModule,
    /// CommonJS.
    CommonJs,
}

/// A file of the project as Node.js is given it.
pub struct LoadedModule {
    /// Its JavaScript.
    pub code: String,
    /// How it is written.
    pub format: ModuleFormat,
    /// Replaces each `PATH:LINE:COLUMN` in the code by the place in the file; absent where they are the same. The
    /// first argument is the path, the second the text.
    pub places: Option<PlaceMap>,
}

/// See [`LoadedModule::places`].
pub type PlaceMap = Box<dyn Fn(&str, &str) -> String + Send + Sync>;

/// What knows the project's modules.
pub trait ModuleSource: Send + Sync {
    /// The file that `specifier` means in `importer`, where Node.js itself finds none; `required` when `require`
    /// asks.
    fn resolve(&self, importer: &Path, specifier: &str, required: bool) -> Option<PathBuf>;

    /// The JavaScript of a file with this text.
    ///
    /// # Errors
    /// What is wrong with the text, with the place and the line.
    fn load(&self, path: &Path, text: &str) -> Result<LoadedModule, String>;

    /// JavaScript that both runtimes share.
    fn shared(&self) -> SharedScripts;
}

/// ES modules that are the same in every runtime.
#[derive(Clone, Copy, Debug)]
pub struct SharedScripts {
    /// What a migration file offers: exports `entryPoints`, `offersNothing` and `callEntry`.
    pub entry: &'static str,
    /// What code made of TypeScript calls: exports `babelHelpers`.
    pub helpers: &'static str,
    /// The module `whimbrel`: exports `makeWhimbrelModule`.
    pub whimbrel: &'static str,
}

/// How migrations run in Node.js.
#[derive(Clone)]
pub struct NodeOptions {
    /// The program; a name is looked for on the environment's `PATH`. By default `node`.
    pub program: PathBuf,
    /// The project folder, where the process is started; files below it count as imports.
    pub project: PathBuf,
    /// The environment of the process.
    pub environment: Vec<(String, String)>,
    /// What the process connects with. It goes there by a pipe.
    pub uri: String,
    /// The migrated database.
    pub database: String,
    /// How long to look for a server, in the driver's terms; `None` leaves it to the URI.
    pub server_selection_timeout: Option<std::time::Duration>,
    /// How long opening one connection may take; `None` leaves it to the URI.
    pub connect_timeout: Option<std::time::Duration>,
    /// Whether Whimbrel connects mongoose, whose connection is then `client` and `db`. By default not.
    pub mongoose: bool,
    /// Whether an operation that nobody awaited fails the migration even when it succeeds. By default a warning.
    pub strict_await: bool,
    /// What becomes of `up(done)` and the like: `on`, `auto` or `off`. By default `auto`.
    pub legacy: &'static str,
    /// How long a stopped migration may wait for the operation in flight. By default 10 s.
    pub grace: std::time::Duration,
}

impl Default for NodeOptions {
    fn default() -> Self {
        Self {
            program: PathBuf::from("node"),
            project: PathBuf::new(),
            environment: Vec::new(),
            uri: String::new(),
            database: String::new(),
            server_selection_timeout: None,
            connect_timeout: None,
            mongoose: false,
            strict_await: false,
            legacy: "auto",
            grace: std::time::Duration::from_secs(10),
        }
    }
}

impl std::fmt::Debug for NodeOptions {
    // The connection string is a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NodeOptions")
            .field("program", &self.program)
            .field("project", &self.project)
            .field("database", &self.database)
            .finish_non_exhaustive()
    }
}
