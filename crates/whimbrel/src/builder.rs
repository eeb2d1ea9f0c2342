//! Putting a migrator together.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use mongodb::Database;
use mongodb::options::ClientOptions;
use whimbrel_core::body::BodyLoader;
use whimbrel_core::checksum::Checksum;
use whimbrel_core::event::Observer;
use whimbrel_core::file_name::{MigrationId, NotAMigration};
use whimbrel_core::history::AppliedBy;
use whimbrel_core::lock::LockWait;
use whimbrel_core::migrator::{Migrator as Core, Settings};
use whimbrel_core::plan::{NewerDatabase, OnInterrupted, OnModified, OutOfOrder};
use whimbrel_core::readiness::StatusSource;
use whimbrel_core::source::{
    DirectorySource, Listing, Migration as Listed, SkippedEntry, why_without_commands,
};
use whimbrel_core::stores::Stores;

use crate::config::{Config, Environment, FILE_NAME, project_of};
#[cfg(feature = "javascript")]
use crate::config::{Legacy, Permissions, Runtime};
use crate::embedded::{EmbeddedMigrations, name_of as file_name};
use crate::loader::{EmbeddedBody, Loader};
use crate::migrator::Migrator;
use crate::native::{Migration, NativeBody, name_of};
use crate::observers::Observers;
#[cfg(feature = "node-runtime")]
use crate::options::NodeConnection;
#[cfg(feature = "javascript")]
use crate::runtime::{Modules, NodeBodies, RuntimeLoader};
use crate::sources::Sources;

/// Why a migrator cannot be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// There is nothing to run.
    #[error("no migrations were given")]
    NoMigrations,
    /// A migration in Rust has a name that says no version.
    #[error("{name:?} is no migration's name: {why}")]
    Name {
        /// The name.
        name: String,
        /// Why.
        why: NotAMigration,
    },
    /// Two migrations in the program have one name.
    #[error("two migrations are called {name}")]
    NameTwice {
        /// The name.
        name: String,
    },
    /// A setting cannot be used.
    #[error("{setting} {problem}")]
    Setting {
        /// The builder's method.
        setting: &'static str,
        /// What is wrong with the value.
        problem: &'static str,
    },
    /// The folder that relative paths start at cannot be found.
    #[error("the current directory cannot be read")]
    CurrentDirectory(#[source] std::io::Error),
}

impl BuildError {
    /// A stable name for machines.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoMigrations => "MIGRATIONS_MISSING",
            Self::Name { .. } => "MIGRATION_NAME_INVALID",
            Self::NameTwice { .. } => "FILE_NAME_DUPLICATE",
            Self::Setting { .. } => "CONFIG_VALUE",
            Self::CurrentDirectory(_) => "CURRENT_DIRECTORY",
        }
    }

    /// The next step for a person.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NoMigrations => Some(
                "give the builder a directory(\"migrations/scripts\"), embedded(embed_migrations!(…)) or a migration(…)"
                    .to_owned(),
            ),
            Self::Name { .. } => {
                Some("a name is version and title, such as 003_add_active_flag".to_owned())
            }
            Self::NameTwice { .. } => Some("give each a version of its own".to_owned()),
            Self::Setting { .. } | Self::CurrentDirectory(_) => None,
        }
    }
}

/// Sets up a [`Migrator`]. Nothing is read before [`MigratorBuilder::build`], and nothing of the database then.
pub struct MigratorBuilder {
    database: Database,
    directory: Option<PathBuf>,
    /// The folder of a [`Config`], which counts where nothing else was given.
    configured_directory: Option<PathBuf>,
    project: Option<PathBuf>,
    embedded: Vec<EmbeddedMigrations>,
    native: Vec<Native>,
    collection: String,
    settings: Settings,
    /// Files or folders whose changes do not count; relative paths start at the project folder.
    ignored: Vec<PathBuf>,
    environment: Environment,
    lock_connection: Option<ClientOptions>,
    observers: Vec<Arc<dyn Observer>>,
    traced: bool,
    owns_client: bool,
    #[cfg(feature = "javascript")]
    scripts: Scripts,
}

/// A migration in Rust with its name as it was given.
struct Native {
    name: String,
    description: Option<String>,
    body: Arc<dyn whimbrel_core::body::Body>,
}

/// How JavaScript runs.
#[cfg(feature = "javascript")]
#[derive(Default)]
struct Scripts {
    runtime: Runtime,
    strict_await: bool,
    legacy: Legacy,
    permissions: Permissions,
    /// What runs them in Node.js instead of a process that is started.
    bodies: Option<Arc<dyn NodeBodies>>,
    #[cfg(feature = "node-runtime")]
    node: Option<NodeConnection>,
    /// By the builder's own method, as opposed to a [`Config`] that is the same for all.
    #[cfg(feature = "node-runtime")]
    is_node_asked_for: bool,
    #[cfg(feature = "node-runtime")]
    connect_timeout: Option<Duration>,
    #[cfg(feature = "node-runtime")]
    server_selection_timeout: Option<Duration>,
}

impl MigratorBuilder {
    pub(crate) fn new(database: Database) -> Self {
        Self {
            database,
            directory: None,
            configured_directory: None,
            project: None,
            embedded: Vec::new(),
            native: Vec::new(),
            collection: "migrations".to_owned(),
            settings: Settings::default(),
            ignored: Vec::new(),
            environment: Environment::default(),
            lock_connection: None,
            observers: Vec::new(),
            traced: true,
            owns_client: false,
            #[cfg(feature = "javascript")]
            scripts: Scripts::default(),
        }
    }

    /// The folder with the migration files. By default there is none.
    #[must_use]
    pub fn directory(mut self, folder: impl Into<PathBuf>) -> Self {
        self.directory = Some(folder.into());
        self
    }

    /// Adds files that were compiled into the program; see [`embed_migrations!`](crate::embed_migrations). By default
    /// there are none.
    #[must_use]
    pub fn embedded(mut self, migrations: EmbeddedMigrations) -> Self {
        self.embedded.push(migrations);
        self
    }

    /// Adds a migration written in Rust. By default there is none.
    #[must_use]
    pub fn migration(mut self, migration: impl Migration) -> Self {
        self.native.push(Native {
            name: migration.name().to_owned(),
            description: migration.description().map(str::to_owned),
            body: Arc::new(NativeBody(migration)),
        });
        self
    }

    /// The project folder: migrations may read and import below it, and the history records imports relative to it, so
    /// it must be the one that the command line takes. By default the nearest folder at or above that of the files
    /// with a `whimbrel.toml`, else with a `package.json` or `.git`, else the current directory if the files are below
    /// it, else their own folder.
    #[must_use]
    pub fn project(mut self, folder: impl Into<PathBuf>) -> Self {
        self.project = Some(folder.into());
        self
    }

    /// The collection of the history; audit trail and lock are `NAME_log` and `NAME_lock`. By default `migrations`.
    #[must_use]
    pub fn collection(mut self, name: impl Into<String>) -> Self {
        self.collection = name.into();
        self
    }

    /// How long the lock outlives a process that died, at least one second. By default 30 s.
    #[must_use]
    pub fn lock_ttl(mut self, ttl: Duration) -> Self {
        self.settings.lock.ttl = ttl;
        self
    }

    /// How long to wait for a lock that another process holds. By default 60 s; [`AutoMigrator`](crate::AutoMigrator)
    /// waits as long as the holder keeps renewing.
    #[must_use]
    pub fn lock_wait(mut self, wait: LockWait) -> Self {
        self.settings.lock.wait = wait;
        self
    }

    /// What a second client connects with, which renews the lock on a thread and a connection of its own. By default the
    /// application's client is used from that thread: then a pool whose connections are all in use, or an async runtime
    /// that is blocked, can keep the lock from being renewed, and the run ends without it.
    #[must_use]
    pub fn lock_connection(mut self, options: ClientOptions) -> Self {
        self.lock_connection = Some(options);
        self
    }

    /// Limit for each migration. By default none.
    #[must_use]
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.settings.timeout = Some(limit);
        self
    }

    /// Limit for a whole run, from the moment it has the lock. By default none.
    #[must_use]
    pub fn run_timeout(mut self, limit: Duration) -> Self {
        self.settings.run_timeout = Some(limit);
        self
    }

    /// How long a stopped run waits for the operation in flight. By default 10 s.
    #[must_use]
    pub fn grace(mut self, limit: Duration) -> Self {
        self.settings.grace = limit;
        self
    }

    /// Whether files that do not say run in a transaction. By default `false`. Migrations in Rust say so themselves.
    #[must_use]
    pub fn transaction(mut self, yes: bool) -> Self {
        self.settings.transaction = yes;
        self
    }

    /// What to do with a pending migration older than an applied one. By default [`OutOfOrder::Warn`].
    #[must_use]
    pub fn out_of_order(mut self, policy: OutOfOrder) -> Self {
        self.settings.policy.out_of_order = policy;
        self
    }

    /// What to do when an applied migration's file was changed. By default [`OnModified::Refuse`].
    #[must_use]
    pub fn on_modified(mut self, policy: OnModified) -> Self {
        self.settings.policy.on_modified = policy;
        self
    }

    /// What to do with a migration that was cut off outside a transaction. By default [`OnInterrupted::Retry`].
    #[must_use]
    pub fn on_interrupted(mut self, policy: OnInterrupted) -> Self {
        self.settings.policy.on_interrupted = policy;
        self
    }

    /// What to do when this program is older than the database: it has applied migrations that came after all that are
    /// here. By default [`NewerDatabase::Warn`].
    #[must_use]
    pub fn newer_database(mut self, policy: NewerDatabase) -> Self {
        self.settings.policy.newer_database = policy;
        self
    }

    /// Files or folders that migrations import and that may change without an applied migration counting as modified,
    /// such as the application's models; relative paths start at the project folder. By default none.
    #[must_use]
    pub fn ignore_imports(mut self, paths: impl IntoIterator<Item = impl Into<PathBuf>>) -> Self {
        self.ignored.extend(paths.into_iter().map(Into::into));
        self
    }

    /// Hears what runs do; may be called several times. By default nobody does, except `tracing`.
    #[must_use]
    pub fn observer(mut self, observer: impl Observer + 'static) -> Self {
        self.observers.push(Arc::new(observer));
        self
    }

    /// The environment that scripts see as `process.env`, and that names the user in the history. By default it is empty;
    /// [`Environment::of_process`] is the process's own.
    #[must_use]
    pub fn environment(mut self, environment: Environment) -> Self {
        self.environment = environment;
        self
    }

    /// Takes over all settings of a [`Config`], such as one read from `whimbrel.toml`, in place of those that were set
    /// before; not its connection, except for [`MigratorBuilder::node`]. Its folder counts where neither a folder nor
    /// embedded files are given.
    #[must_use]
    pub fn config(mut self, config: &Config) -> Self {
        self.configured_directory = Some(config.directory.clone());
        self.project = Some(config.project.clone());
        self.collection = config.collection.clone();
        self.settings = config.run_settings();
        self.ignored = config.checksum_ignore.clone();
        self.environment = config.environment.clone();
        #[cfg(feature = "javascript")]
        {
            self.scripts.runtime = config.runtime;
            self.scripts.strict_await = config.strict_await;
            self.scripts.legacy = config.legacy;
            self.scripts.permissions = config.permissions.clone();
        }
        #[cfg(feature = "node-runtime")]
        {
            self.scripts.connect_timeout = config.connect_timeout;
            self.scripts.server_selection_timeout = config.server_selection_timeout;
            let connection = config.uri.clone().map(|uri| NodeConnection {
                uri,
                program: config.node.program.clone(),
                mongoose: config.node.mongoose,
            });
            self.scripts.node = connection.or(self.scripts.node);
        }
        self
    }

    /// For the npm package: JavaScript that does not say otherwise runs in the process of Node.js that this is part of.
    #[cfg(feature = "javascript")]
    pub(crate) fn node_bodies(mut self, bodies: Arc<dyn NodeBodies>) -> Self {
        self.scripts.runtime = Runtime::Node;
        self.scripts.bodies = Some(bodies);
        self
    }

    /// As [`MigratorBuilder::observer`], for one that is shared already.
    pub(crate) fn shared_observer(mut self, observer: Option<Arc<dyn Observer>>) -> Self {
        self.observers.extend(observer);
        self
    }

    /// The client is ours, and nobody else's sessions are in its pool.
    pub(crate) fn own_client(mut self) -> Self {
        self.owns_client = true;
        self
    }

    /// The terminal tells what happens; it needs no log of it.
    pub(crate) fn untraced(mut self) -> Self {
        self.traced = false;
        self
    }

    /// Puts everything together.
    ///
    /// # Errors
    /// [`BuildError`]: nothing to run, a name or a setting that cannot be used.
    pub fn build(mut self) -> Result<Migrator, BuildError> {
        if self.directory.is_none() && self.embedded.is_empty() {
            self.directory = self.configured_directory.take();
        }
        self.check()?;
        let directory = match &self.directory {
            Some(folder) => {
                Some(std::path::absolute(folder).map_err(BuildError::CurrentDirectory)?)
            }
            None => None,
        };
        let project = self.project_folder(directory.as_deref())?;
        // The command line and whoever else connects by settings alone have no code of their own.
        self.settings.policy.native_is_elsewhere = self.owns_client;
        self.settings.ignored_imports = crate::config::relative_to(&project, &self.ignored);
        let identity = identity(&self.environment);
        let loader = Arc::new(self.loader(&project));
        let built_in = self.built_in(&loader)?;
        let shared = Arc::clone(&loader) as Arc<dyn BodyLoader>;
        let source = Sources {
            directory: directory
                .map(|folder| DirectorySource::new(folder, &project, Arc::clone(&shared))),
            embedded: self.embedded,
            built_in,
        };
        let status = StatusSource::new();
        let observers = Arc::new(Observers::new(status.clone(), self.observers, self.traced));
        let stores = Stores::mongo(self.database, &self.collection, self.lock_connection);
        let core = Core::new(Arc::new(source), shared, stores)
            .with_settings(self.settings)
            .with_identity(identity)
            .with_observer(Arc::clone(&observers) as Arc<dyn Observer>);
        Ok(Migrator::new(core, status, observers))
    }

    fn check(&self) -> Result<(), BuildError> {
        if self.directory.is_none() && self.embedded.is_empty() && self.native.is_empty() {
            return Err(BuildError::NoMigrations);
        }
        if self.settings.lock.ttl < Duration::from_secs(1) {
            return Err(BuildError::Setting {
                setting: "lock_ttl",
                problem: "must be at least one second",
            });
        }
        #[cfg(feature = "node-runtime")]
        if self.scripts.is_node_asked_for
            && self.scripts.node.as_ref().is_some_and(|node| node.program.components().count() == 1)
            && self.environment.get("PATH").is_none()
        {
            return Err(BuildError::Setting {
                setting: "node",
                problem: "looks for its program on the PATH, and there is none: give \
                          environment(Environment::of_process()), or a path as its program",
            });
        }
        if crate::config::collection_name(&self.collection).is_none() {
            return Err(BuildError::Setting {
                setting: "collection",
                problem: "is not the name of a collection",
            });
        }
        Ok(())
    }

    fn project_folder(&self, directory: Option<&Path>) -> Result<PathBuf, BuildError> {
        let current = || std::env::current_dir().map_err(BuildError::CurrentDirectory);
        if let Some(project) = &self.project {
            return std::path::absolute(project).map_err(BuildError::CurrentDirectory);
        }
        // Without files there is nothing that needs it.
        let Some(directory) = directory else {
            return Ok(current().unwrap_or_else(|_| "/".into()));
        };
        let configured = directory.ancestors().find(|folder| folder.join(FILE_NAME).is_file());
        Ok(match configured {
            Some(folder) => folder.to_owned(),
            None => project_of(directory, &current()?),
        })
    }

    /// The migrations that are part of the program.
    fn built_in(&self, loader: &Arc<Loader>) -> Result<Listing, BuildError> {
        let mut listing =
            Listing { skipped: Sources::skipped(&self.embedded), ..Listing::default() };
        let mut names = HashSet::new();
        let mut add = |migration: Listed| {
            let name = migration.id.name().to_owned();
            if !names.insert(name.clone()) {
                return Err(BuildError::NameTwice { name });
            }
            listing.migrations.push(migration);
            Ok(())
        };
        let mut data = Vec::new();
        for migrations in &self.embedded {
            for file in migrations.migrations() {
                let name = file_name(file.path);
                let id = MigrationId::parse(name)
                    .map_err(|why| BuildError::Name { name: name.to_owned(), why })?;
                let facts = loader.facts_of_file(&id, file.text);
                if !facts.is_migration {
                    data.push((name.to_owned(), id.version().clone()));
                    continue;
                }
                add(Listed {
                    description: facts.description,
                    checksum: Checksum::from_stored(file.checksum),
                    text: Some(Arc::from(file.text)),
                    body: Arc::new(EmbeddedBody {
                        loader: Arc::clone(loader),
                        id: id.clone(),
                        migrations: *migrations,
                        entry: file.path,
                    }),
                    id,
                })?;
            }
        }
        for Native { name, description, body } in &self.native {
            let id = name_of(name).map_err(|why| BuildError::Name { name: name.clone(), why })?;
            add(Listed {
                description: description.clone(),
                // Code has no text; what stands for it never changes.
                checksum: Checksum::of(id.name().as_bytes()),
                text: None,
                body: Arc::clone(body),
                id,
            })?;
        }
        for (name, version) in data {
            let why = why_without_commands(&listing.migrations, &version);
            listing.skipped.push(SkippedEntry { name, why });
        }
        Ok(listing)
    }

    #[cfg(not(feature = "javascript"))]
    fn loader(&mut self, project: &Path) -> Loader {
        Loader::new(project.to_owned())
    }

    #[cfg(feature = "javascript")]
    fn loader(&mut self, project: &Path) -> Loader {
        use whimbrel_script::{Limits, ProjectModules, ScriptLoader, ScriptOptions};

        let modules = Arc::new(Modules(ProjectModules::new(project)));
        let node = self.scripts.bodies.take().or_else(|| self.node_loader(project, &modules));
        let Scripts { runtime, strict_await, legacy, ref permissions, .. } = self.scripts;
        let embedded = ScriptLoader::new(ScriptOptions {
            project: project.to_owned(),
            environment: self.environment.pairs(),
            limits: Limits::default(),
            strict_await,
            permissions: permissions.of_engine(),
            legacy: legacy.of_engine(),
            shares_client: !self.owns_client,
            ..ScriptOptions::default()
        });
        Loader::new(project.to_owned(), RuntimeLoader::new(embedded, node, modules, runtime))
    }

    #[cfg(all(feature = "javascript", not(feature = "node-runtime")))]
    fn node_loader(
        &mut self,
        _project: &Path,
        _modules: &Arc<Modules>,
    ) -> Option<Arc<dyn NodeBodies>> {
        None
    }

    #[cfg(feature = "node-runtime")]
    fn node_loader(
        &mut self,
        project: &Path,
        modules: &Arc<Modules>,
    ) -> Option<Arc<dyn NodeBodies>> {
        use whimbrel_node_runtime::{ModuleSource, NodeLoader, NodeOptions};

        let connection = self.scripts.node.take()?;
        let options = NodeOptions {
            program: connection.program,
            project: project.to_owned(),
            environment: node_environment(&self.environment, &self.scripts.permissions),
            uri: connection.uri.expose_secret().to_owned(),
            database: self.database.name().to_owned(),
            server_selection_timeout: self.scripts.server_selection_timeout,
            connect_timeout: self.scripts.connect_timeout,
            mongoose: connection.mongoose,
            strict_await: self.scripts.strict_await,
            legacy: self.scripts.legacy.of_engine().as_str(),
            grace: self.settings.grace,
        };
        Some(Arc::new(NodeLoader::new(options, Arc::clone(modules) as Arc<dyn ModuleSource>)))
    }
}

#[cfg(feature = "javascript")]
impl MigratorBuilder {
    /// Where JavaScript runs that does not say. By default [`Runtime::Embedded`].
    #[must_use]
    pub fn runtime(mut self, runtime: Runtime) -> Self {
        self.scripts.runtime = runtime;
        self
    }

    /// Whether an operation that a script does not await fails the migration even when it succeeds. By default it is a
    /// warning.
    #[must_use]
    pub fn strict_await(mut self, yes: bool) -> Self {
        self.scripts.strict_await = yes;
        self
    }

    /// What becomes of calls that newer drivers have no more. By default [`Legacy::Auto`].
    #[must_use]
    pub fn legacy(mut self, legacy: Legacy) -> Self {
        self.scripts.legacy = legacy;
        self
    }

    /// What scripts may reach of the machine. By default they read below the project folder, write nothing, and see
    /// what [`MigratorBuilder::environment`] gives.
    #[must_use]
    pub fn permissions(mut self, permissions: Permissions) -> Self {
        self.scripts.permissions = permissions;
        self
    }
}

#[cfg(feature = "node-runtime")]
impl MigratorBuilder {
    /// Lets migrations run in Node.js, which connects by itself. By default they cannot.
    #[must_use]
    pub fn node(mut self, connection: NodeConnection) -> Self {
        self.scripts.node = Some(connection);
        self.scripts.is_node_asked_for = true;
        self
    }
}

impl std::fmt::Debug for MigratorBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MigratorBuilder")
            .field("database", &self.database.name())
            .field("directory", &self.directory)
            .finish_non_exhaustive()
    }
}

/// What Node.js sees of the environment: all of it, or without the permission what it needs to run.
#[cfg(feature = "node-runtime")]
fn node_environment(environment: &Environment, permissions: &Permissions) -> Vec<(String, String)> {
    const NEEDED: [&str; 4] = ["PATH", "HOME", "TMPDIR", "NODE_OPTIONS"];
    let mut pairs = environment.pairs();
    // Ours alone; the application's own variables are the application's.
    pairs.retain(|(name, _)| name != "WHIMBREL_URI");
    if !permissions.environment {
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
