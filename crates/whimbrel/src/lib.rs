//! Database migrations for MongoDB: JavaScript files, command files and Rust code, run exactly once however many
//! replicas of a server start at the same moment.
//!
//! ```
//! use whimbrel::mongodb::Client;
//! use whimbrel::{AutoMigrator, Migrator, StartupOptions};
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let test = whimbrel_testing::TestDatabase::start().await;
//! # let uri = test.uri();
//! # std::fs::create_dir_all(test.folder().join("migrations/scripts"))?;
//! # std::fs::write(test.folder().join("migrations/scripts/001_users.json"), r#"{ "up": [{ "create": "users" }] }"#)?;
//! # std::env::set_current_dir(test.folder())?;
//! let database = Client::with_uri_str(uri).await?.default_database().ok_or("the URI names no database")?;
//!
//! let migrator = Migrator::builder(database).directory("migrations/scripts").build()?;
//! let report = AutoMigrator::new(migrator).run_on_startup(StartupOptions::default()).await?;
//! println!("{} applied", report.run.done.len());
//! # assert_eq!(report.run.done.len(), 1);
//! # Ok(())
//! # }
//! ```
//!
//! - [`Migrator`] applies, rolls back and reports, on the application's own [`mongodb::Database`].
//! - [`AutoMigrator`] does what a server needs at its start; [`StatusSource`] is what its readiness endpoint asks.
//! - [`Migration`] and [`NativeMigration`] are migrations in Rust; [`embed_migrations!`] compiles files into the program.
//! - [`Observer`] hears [`Event`]s; spans and events of `tracing` have the target `whimbrel`, and what migrations print
//!   has `whimbrel::output`.
//! - [`Config`] reads `whimbrel.toml`, and [`Project`] connects with it.
//!
//! Nothing here prints, exits (but for [`StartupOptions::exit_on_error`]), reads the environment unless it is asked to,
//! installs handlers or keeps global state. All of it is `Send + Sync`; what happens when a future is dropped stands
//! with each method. Connection strings are never shown.
//!
//! # Features
//!
//! | feature | by default | what it brings |
//! | --- | --- | --- |
//! | `javascript` | on | migrations in JavaScript, in the embedded engine |
//! | `typescript` | | migrations in TypeScript; turns on `javascript` |
//! | `node-runtime` | | migrations that need real Node.js; turns on `javascript` |
//! | `rustls-tls` | on | TLS of the driver with rustls and ring |
//! | `rustls-tls-aws-lc` | | the same with aws-lc |
//! | `openssl-tls` | | TLS of the driver with OpenSSL |
//! | `socks5-proxy` | | what errors of the driver's feature of that name mean |
//!
//! They only add. Without `javascript`, command files, Rust code and everything else work, and no JavaScript engine is
//! compiled. One way to do TLS must be on: here, or in your own dependency on `mongodb`.
//!
//! The driver has to have its feature `bson-3`: `mongodb = { version = "3.9", features = ["bson-3"] }`. It is
//! re-exported as [`mongodb`].

#![deny(missing_docs)]

mod builder;
mod command_file;
pub mod config;
mod connection;
mod embedded;
mod loader;
mod migrator;
mod native;
mod observers;
mod options;
mod project;
#[cfg(feature = "javascript")]
mod runtime;
mod sources;
mod startup;

pub use builder::{BuildError, MigratorBuilder};
pub use config::{Config, ConfigError, Environment, Layers};
pub use connection::{ConnectionError, ConnectionUri};
pub use embedded::EmbeddedMigrations;
pub use migrator::Migrator;
pub use mongodb;
pub use native::{
    Cancelled, Migration, MigrationContext, MigrationError, MigrationResult, NativeMigration,
};
#[cfg(feature = "node-runtime")]
pub use options::NodeConnection;
pub use options::{BaselineOptions, RollbackOptions, RunOptions};
pub use project::{OpenError, Project};
pub use startup::{AutoMigrator, StartupError, StartupOptions, StartupOutcome, StartupReport};
#[doc(inline)]
pub use whimbrel_core::body::{BodyError, Direction, OutputLevel};
#[doc(inline)]
pub use whimbrel_core::event::{Event, Observer};
#[doc(inline)]
pub use whimbrel_core::gate::{StopReason, StopSignal};
#[doc(inline)]
pub use whimbrel_core::lock::{LockError, LockWait};
#[doc(inline)]
pub use whimbrel_core::migrator::{
    Decision, MigrationStatus, Remedy, RepairReport, Repaired, StatusReport, VerifyReport,
};
#[doc(inline)]
pub use whimbrel_core::plan::{
    DownTarget, Finding, FindingKind, Force, NewerDatabase, OnInterrupted, OnModified, OutOfOrder,
    RollbackFrom, Severity, State, UpTarget,
};
#[doc(inline)]
pub use whimbrel_core::readiness::{Readiness, StatusSource};
#[doc(inline)]
pub use whimbrel_core::report::{Done, Failed, RunKind, RunReport, Summary};
#[doc(inline)]
pub use whimbrel_core::{Error, ErrorClass, RunFailure};

/// What reports, events and errors are made of.
pub mod detail {
    #[doc(inline)]
    pub use whimbrel_core::body::ForeignRuntime;
    #[doc(inline)]
    pub use whimbrel_core::create::CreateError;
    #[doc(inline)]
    pub use whimbrel_core::database_error::{DatabaseError, Trouble};
    #[doc(inline)]
    pub use whimbrel_core::error::RepairError;
    #[doc(inline)]
    pub use whimbrel_core::file_name::NotAMigration;
    #[doc(inline)]
    pub use whimbrel_core::history::{
        AppliedBy, Expected, ForeignTool, HistoryError, MalformedRow, RecordedImport, Row, Status,
    };
    #[doc(inline)]
    pub use whimbrel_core::lock::{LockDocument, LockSettings, MalformedLock};
    #[doc(inline)]
    pub use whimbrel_core::migrator::{KnownWork, LogSettings};
    #[doc(inline)]
    pub use whimbrel_core::operations::{FilterValues, OperationGroup};
    #[doc(inline)]
    pub use whimbrel_core::plan::{Cause, Entry, ModifiedPart, PlanError, Policy};
    #[doc(inline)]
    pub use whimbrel_core::source::{BundleError, SkippedEntry, SourceError};
}

/// Compiles the migration files of a folder into the program, so that it needs no files beside it.
///
/// ```ignore
/// use whimbrel::{EmbeddedMigrations, Migrator, embed_migrations};
///
/// static MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/scripts");
///
/// let migrator = Migrator::builder(database).embedded(MIGRATIONS).build()?;
/// ```
///
/// The path starts at the folder of the package's `Cargo.toml`. Subfolders are compiled in for what migrations import;
/// more folders with such files are named after it: `embed_migrations!("migrations/scripts", "migrations/helpers")`.
/// Packages of `node_modules` and paths of `tsconfig.json` are not; migrations that need them are shipped as files.
///
/// Names and checksums are those of the same files on disk, so the command line and this program agree on one history.
/// Paths of imports are recorded relative to the nearest folder with a `whimbrel.toml`, else the package's;
/// `project = "FOLDER"` at the end names another.
///
/// Two scripts of one version, and files that are no UTF-8, are errors of the compiler; all else is found out when the
/// program starts.
///
/// **When files are changed** the program is compiled anew. That a file was *added* the compiler cannot see; a `build.rs`
/// beside `Cargo.toml` tells it:
///
/// ```text
/// // build.rs
/// fn main() {
///     println!("cargo::rerun-if-changed=migrations");
/// }
/// ```
pub use whimbrel_macros::embed_migrations;

#[doc(hidden)]
pub mod __private {
    pub use crate::embedded::EmbeddedFile;
    #[cfg(feature = "javascript")]
    pub use crate::runtime::NodeBodies;
}
