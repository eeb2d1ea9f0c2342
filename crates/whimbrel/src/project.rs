//! A project: settings, files and database put together.

use std::sync::Arc;
use std::time::Duration;

use mongodb::Client;
use whimbrel_core::ErrorClass;
use whimbrel_core::database_error::{DatabaseError, Trouble};
use whimbrel_core::event::Observer;

use crate::builder::{BuildError, MigratorBuilder};
use crate::config::Config;
use crate::connection::{ConnectionError, ConnectionUri};
use crate::migrator::Migrator;
#[cfg(feature = "javascript")]
use crate::runtime::NodeBodies;

/// How long closing may take.
const FAREWELL: Duration = Duration::from_secs(1);

/// Why a project could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// There is no usable connection string or database name.
    #[error(transparent)]
    Connection(#[from] ConnectionError),
    /// The migrator cannot be built.
    #[error(transparent)]
    Build(#[from] BuildError),
}

impl OpenError {
    /// A stable name for machines.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Connection(error) => error.code(),
            Self::Build(error) => error.code(),
        }
    }

    /// What it means for the caller.
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Connection(ConnectionError::Database(error))
                if error.trouble() != Trouble::Configuration =>
            {
                ErrorClass::Connection
            }
            Self::Connection(_) | Self::Build(_) => ErrorClass::Usage,
        }
    }

    /// The next step for a person.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Connection(error) => error.hint(),
            Self::Build(error) => error.hint(),
        }
    }
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
    ///
    /// # Cancel safety
    /// Nothing is lost when the future is dropped.
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
        Self::open_building(config, observer, |builder| builder).await
    }

    /// As [`Project::open_with`], for the npm package: JavaScript that does not say otherwise runs in `bodies`.
    ///
    /// # Errors
    /// As [`Project::open`].
    #[cfg(feature = "javascript")]
    #[doc(hidden)]
    pub async fn open_in_node(
        config: &Config,
        observer: Option<Arc<dyn Observer>>,
        bodies: Arc<dyn NodeBodies>,
    ) -> Result<Self, OpenError> {
        Self::open_building(config, observer, |builder| builder.node_bodies(bodies)).await
    }

    async fn open_building(
        config: &Config,
        observer: Option<Arc<dyn Observer>>,
        finish: impl FnOnce(MigratorBuilder) -> MigratorBuilder,
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
        let mut builder = Migrator::builder(client.database(&name))
            .config(config)
            .lock_connection(renewal)
            .own_client();
        if observer.is_some() {
            builder = builder.shared_observer(observer).untraced();
        }
        Ok(Self { client, migrator: finish(builder).build()?, warnings })
    }

    /// What runs the migrations.
    pub fn migrator(&self) -> &Migrator {
        &self.migrator
    }

    /// What runs them for the command line, which asks for more than applications do.
    #[doc(hidden)]
    pub fn engine(&self) -> &whimbrel_core::Migrator {
        self.migrator.engine()
    }

    /// To be called when nothing is running any more, see [`Migrator::shutdown`].
    ///
    /// Ends the sessions on the server and closes the connections. Without it that happens in the background, for which
    /// a program that ends at once leaves no time.
    pub async fn close(&self) {
        let shutdown = self.client.clone().shutdown().immediate(true);
        // A server that is gone needs no farewell.
        let _ = tokio::time::timeout(FAREWELL, shutdown).await;
    }

    /// Things about the connection that a person should know.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }
}
