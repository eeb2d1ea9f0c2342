//! Database migrations for MongoDB: JavaScript files, run exactly once, from one small binary or from
//! inside your own program.
//!
//! [`Config`] collects settings from defaults, `whimbrel.toml`, environment and flags; [`Project::open`]
//! connects and gives a [`Migrator`]:
//!
//! ```no_run
//! use whimbrel::{Config, Environment, Layers, Project};
//! use whimbrel::run::{Force, RunOptions, UpTarget};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let environment = Environment::of_process();
//! let config = Config::load(Layers::new(std::env::current_dir()?, environment))?;
//! let project = Project::open(&config).await?;
//! let report = project.migrator().up(UpTarget::All, Force::Nothing, RunOptions::default()).await?;
//! println!("{} applied", report.done.len());
//! # Ok(())
//! # }
//! ```
//!
//! Nothing here prints, exits or installs handlers.

pub mod config;
mod connection;
mod project;
mod runtime;

pub use config::{Config, ConfigError, Environment, Layers};
pub use connection::{ConnectionError, ConnectionUri};
pub use project::{OpenError, Project};
pub use runtime::Runtime;
pub use whimbrel_core as core;
pub use whimbrel_core::{Direction, Error, ErrorClass, Migrator, RunFailure};

/// What a run takes, tells and gives back.
pub mod run {
    pub use whimbrel_core::audit::{AuditQuery, AuditRecord};
    pub use whimbrel_core::event::{Event, Observer, Silent};
    pub use whimbrel_core::gate::{StopReason, StopSignal};
    pub use whimbrel_core::lock::Takeover;
    pub use whimbrel_core::migrator::{
        Decision, DryProblem, DryRun, DryStep, KnownWork, LockReport, LogSettings, MigrationStatus,
        Remedy, RepairReport, Repaired, RunOptions, Settings, StatusReport, VerifyReport,
    };
    pub use whimbrel_core::plan::{
        DownTarget, Finding, Force, Plan, Request, RollbackFrom, Severity, State, UpTarget,
    };
    pub use whimbrel_core::report::{Done, Failed, RunKind, RunReport, Summary};
}
