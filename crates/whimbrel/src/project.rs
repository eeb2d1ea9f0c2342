//! A project: settings, files and database put together.

use std::sync::Arc;
use std::time::Duration;

use mongodb::Client;
use whimbrel_core::Migrator;
use whimbrel_core::body::BodyLoader;
use whimbrel_core::database_error::DatabaseError;
use whimbrel_core::event::Observer;
use whimbrel_core::history::AppliedBy;
use whimbrel_core::source::DirectorySource;
use whimbrel_core::stores::Stores;
use whimbrel_node_runtime::{ModuleSource, NodeLoader, NodeOptions};
use whimbrel_script::{Limits, ProjectModules, ScriptLoader, ScriptOptions};

use crate::config::{Config, Environment};
use crate::connection::{ConnectionError, ConnectionUri};
use crate::runtime::{Modules, RuntimeLoader};

/// How long closing may take.
const FAREWELL: Duration = Duration::from_secs(1);

/// Why a project could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// There is no usable connection string or database name.
    #[error(transparent)]
    Connection(#[from] ConnectionError),
}

/// Migrations of one folder, for one database.
pub struct Project {
    client: Client,
    migrator: Migrator,
    warnings: Vec<String>,
}

impl Project {
    /// Puts everything together. The server is first asked when the migrator is used.
    ///
    /// # Errors
    /// When the connection string or the database name is missing or wrong.
    pub async fn open(config: &Config) -> Result<Self, OpenError> {
        Self::open_with(config, None).await
    }

    /// As [`Project::open`], telling an observer.
    ///
    /// # Errors
    /// As [`Project::open`].
    pub async fn open_with(
        config: &Config,
        observer: Option<Arc<dyn Observer>>,
    ) -> Result<Self, OpenError> {
        let uri: &ConnectionUri = config.uri.as_ref().ok_or(ConnectionError::NoUri)?;
        let (mut options, warnings) = uri.options().await?;
        options.connect_timeout = config.connect_timeout.or(options.connect_timeout);
        options.server_selection_timeout =
            config.server_selection_timeout.or(options.server_selection_timeout);
        let name = config
            .database
            .clone()
            .or_else(|| options.default_database.clone())
            .ok_or_else(|| ConnectionError::NoDatabase { uri: uri.clone() })?;
        let client = Client::with_options(options.clone())
            .map_err(|e| ConnectionError::Database(DatabaseError::new("connecting", e)))?;
        let mut renewal = options;
        // One connection is enough to renew a lock.
        renewal.max_pool_size = Some(2);
        renewal.min_pool_size = None;
        let stores = Stores::mongo(client.database(&name), &config.collection, Some(renewal));

        let embedded = ScriptLoader::new(ScriptOptions {
            project: config.project.clone(),
            environment: config.environment.pairs(),
            limits: Limits::default(),
            strict_await: config.strict_await,
            permissions: config.permissions.clone(),
            legacy: config.legacy,
            ..ScriptOptions::default()
        });
        let modules = Arc::new(Modules(ProjectModules::new(&config.project)));
        let node = NodeLoader::new(
            NodeOptions {
                program: config.node.program.clone(),
                project: config.project.clone(),
                environment: node_environment(config),
                uri: uri.expose_secret().to_owned(),
                database: name,
                server_selection_timeout: config.server_selection_timeout,
                connect_timeout: config.connect_timeout,
                mongoose: config.node.mongoose,
                strict_await: config.strict_await,
                legacy: config.legacy.as_str(),
                grace: config.grace,
            },
            Arc::clone(&modules) as Arc<dyn ModuleSource>,
        );
        let loader: Arc<dyn BodyLoader> =
            Arc::new(RuntimeLoader::new(embedded, node, modules, config.runtime));
        let source = DirectorySource::new(&config.directory, &config.project, Arc::clone(&loader));
        let mut migrator = Migrator::new(Arc::new(source), loader, stores)
            .with_settings(config.run_settings())
            .with_identity(identity(&config.environment));
        if let Some(observer) = observer {
            migrator = migrator.with_observer(observer);
        }
        Ok(Self { client, migrator, warnings })
    }

    /// What runs the migrations.
    pub fn migrator(&self) -> &Migrator {
        &self.migrator
    }

    /// Ends the sessions on the server and closes the connections. Without it that happens in the background, for which
    /// a program that ends at once leaves no time.
    pub async fn close(self) {
        let shutdown = self.client.shutdown().immediate(true);
        // A server that is gone needs no farewell.
        let _ = tokio::time::timeout(FAREWELL, shutdown).await;
    }

    /// Things about the connection that a person should know.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }
}

/// What Node.js sees of the environment: all of it, or without the permission what it needs to run.
fn node_environment(config: &Config) -> Vec<(String, String)> {
    const NEEDED: [&str; 4] = ["PATH", "HOME", "TMPDIR", "NODE_OPTIONS"];
    let mut pairs = config.environment.pairs();
    // Ours alone; the application's own variables are the application's.
    pairs.retain(|(name, _)| name != "WHIMBREL_URI");
    if !config.permissions.environment {
        pairs.retain(|(name, _)| NEEDED.contains(&name.as_str()));
    }
    pairs
}

/// Who we are, for history, lock and audit trail.
fn identity(environment: &Environment) -> AppliedBy {
    #[cfg(unix)]
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    #[cfg(not(unix))]
    let host = environment.get("COMPUTERNAME").unwrap_or("unknown").to_owned();
    let user = ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| environment.get(name));
    AppliedBy {
        host,
        pid: i64::from(std::process::id()),
        user: user.unwrap_or_default().to_owned(),
        tool: format!("whimbrel {}", env!("CARGO_PKG_VERSION")),
    }
}
