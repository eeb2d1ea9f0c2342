//! Migrations whose body is JavaScript: the loader and the body that the run loop sees.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use whimbrel_core::body::{
    Body, BodyContext, BodyError, BodyFacts, BodyLoader, BodyOutcome, Direction, Trust,
};
use whimbrel_core::file_name::MigrationId;
use whimbrel_core::gate::Gate;
use whimbrel_core::source::SourceBundle;

use crate::engine::{Job, Work, run_on_thread};
use crate::modules::{Files, Permissions, Resolvers};

/// What a script may use of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Memory of the engine's heap, in bytes. By default 1 GiB.
    pub memory: usize,
    /// Stack of the script, in bytes, besides what the conversion of deep documents needs. By default 2 MiB.
    pub stack: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { memory: 1 << 30, stack: 2 << 20 }
    }
}

/// How scripts are run.
#[derive(Clone, Debug, Default)]
pub struct ScriptOptions {
    /// The project folder: imports are read below it and recorded relative to it.
    pub project: PathBuf,
    /// What `process.env` shows.
    pub environment: Vec<(String, String)>,
    /// Memory and stack.
    pub limits: Limits,
    /// Whether an operation that nobody awaited fails the migration even when it succeeds. By default a
    /// warning.
    pub strict_await: bool,
    /// What scripts may reach of the machine.
    pub permissions: Permissions,
    /// What becomes of calls that newer drivers have no more.
    pub legacy: Legacy,
    /// The client is that of an application, which may wait for its sessions when it ends. By default it is ours.
    pub shares_client: bool,
    /// How often sessions and cursors are refreshed while a script runs, so that the server does not forget them. By
    /// default every five minutes.
    pub session_refresh: Option<Duration>,
}

/// What becomes of calls that newer drivers have no more, such as `collection.update`, callbacks and
/// `up(done)`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Legacy {
    /// They work, and results have their old shape as well.
    On,
    /// They work; each script that makes them is told once.
    #[default]
    Auto,
    /// They do not exist, as with the newest driver.
    Off,
}

impl Legacy {
    /// `on`, `auto` or `off`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Auto => "auto",
            Self::Off => "off",
        }
    }
}

/// Makes bodies of JavaScript files.
#[derive(Clone, Debug)]
pub struct ScriptLoader {
    options: Arc<ScriptOptions>,
    resolvers: Arc<Resolvers>,
}

impl ScriptLoader {
    /// A loader for the files of one project.
    pub fn new(options: ScriptOptions) -> Self {
        Self { options: Arc::new(options), resolvers: Arc::default() }
    }

    /// The body of a migration that is compiled into the program, with all files it may import. It reads no files of
    /// the machine; the environment it sees as a file of the project does.
    pub fn embedded_body(&self, bundle: SourceBundle) -> Arc<dyn Body> {
        let files = Files::embedded(bundle);
        Arc::new(ScriptBody { files, trust: Trust::Project, options: Arc::clone(&self.options) })
    }
}

#[async_trait]
impl BodyLoader for ScriptLoader {
    fn file_body(&self, _id: &MigrationId, path: &Path, text: Arc<str>) -> Arc<dyn Body> {
        let files = Files::project(
            &self.options.project,
            path,
            text,
            &self.options.permissions,
            Arc::clone(&self.resolvers),
        );
        Arc::new(ScriptBody { files, trust: Trust::Project, options: Arc::clone(&self.options) })
    }

    fn stored_body(&self, _id: &MigrationId, bundle: SourceBundle) -> Arc<dyn Body> {
        let files = Files::bundle(bundle);
        Arc::new(ScriptBody { files, trust: Trust::Stored, options: Arc::clone(&self.options) })
    }
}

struct ScriptBody {
    files: Files,
    trust: Trust,
    options: Arc<ScriptOptions>,
}

/// How often sessions and cursors are refreshed while a script runs.
const REFRESH_EVERY: Duration = Duration::from_secs(300);

impl ScriptBody {
    fn job(&self, work: Work) -> Job {
        Job {
            files: self.files.clone(),
            trust: self.trust,
            options: Arc::clone(&self.options),
            work,
            main: tokio::runtime::Handle::current(),
        }
    }
}

#[async_trait]
impl Body for ScriptBody {
    async fn inspect(&self, gate: Gate) -> Result<BodyFacts, BodyError> {
        let finished = run_on_thread(self.job(Work::Inspect { gate })).await?;
        Ok(BodyFacts {
            entry: Some(self.files.entry().to_owned()),
            imports: self.files.imports(),
            resolutions: self.files.resolutions(),
            ..finished.facts
        })
    }

    async fn run(
        &self,
        direction: Direction,
        context: BodyContext,
    ) -> Result<BodyOutcome, BodyError> {
        let wire =
            crate::wire::Wire::new(&context, self.options.shares_client).ok_or_else(|| {
                BodyError::Load {
                    message: "there is no database to run the script against".to_owned(),
                    hint: None,
                }
            })?;
        let refresher = {
            let wire = Arc::clone(&wire);
            let every = self.options.session_refresh.unwrap_or(REFRESH_EVERY);
            tokio::spawn(async move {
                loop {
                    tokio::time::sleep(every).await;
                    wire.refresh_sessions().await;
                }
            })
        };
        let work = Work::Run { direction, context, wire: Arc::clone(&wire) };
        let result = run_on_thread(self.job(work)).await;
        refresher.abort();
        wire.close().await;
        let finished = result?;
        let imports = self.files.imports();
        Ok(BodyOutcome {
            entry: Some(self.files.entry().to_owned()),
            imports,
            resolutions: self.files.resolutions(),
            warnings: finished.warnings,
        })
    }
}
