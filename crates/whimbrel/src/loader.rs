//! Which body a file has: command files have one of their own, JavaScript and TypeScript have those of the runtimes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use whimbrel_core::body::{Body, BodyContext, BodyError, BodyFacts, BodyLoader, BodyOutcome};
use whimbrel_core::body::{Direction, FileFacts};
use whimbrel_core::file_name::MigrationId;
use whimbrel_core::gate::Gate;
use whimbrel_core::source::{SourceBundle, description_of};

use crate::command_file::{CommandBody, facts_of};
use crate::embedded::EmbeddedMigrations;
#[cfg(feature = "javascript")]
use crate::runtime::RuntimeLoader;

/// The loader of everything that is text.
pub(crate) struct Loader {
    project: PathBuf,
    #[cfg(feature = "javascript")]
    scripts: RuntimeLoader,
}

impl Loader {
    #[cfg(feature = "javascript")]
    pub(crate) fn new(project: PathBuf, scripts: RuntimeLoader) -> Self {
        Self { project, scripts }
    }

    #[cfg(not(feature = "javascript"))]
    pub(crate) fn new(project: PathBuf) -> Self {
        Self { project }
    }

    /// The body of a migration that is compiled into the program.
    fn embedded(&self, id: &MigrationId, bundle: SourceBundle) -> Arc<dyn Body> {
        if id.form().is_commands() {
            return Arc::new(CommandBody::bundle(id, bundle));
        }
        #[cfg(feature = "javascript")]
        return self.scripts.embedded_body(bundle);
        #[cfg(not(feature = "javascript"))]
        return Arc::new(Unsupported);
    }
}

#[async_trait]
impl BodyLoader for Loader {
    fn facts_of_file(&self, id: &MigrationId, text: &str) -> FileFacts {
        if id.form().is_commands() {
            return facts_of(id, text);
        }
        FileFacts { is_migration: true, description: description_of(text) }
    }

    fn file_body(&self, id: &MigrationId, path: &Path, text: Arc<str>) -> Arc<dyn Body> {
        if id.form().is_commands() {
            return Arc::new(CommandBody::file(id, &self.project, path, text));
        }
        #[cfg(feature = "javascript")]
        return self.scripts.file_body(id, path, text);
        #[cfg(not(feature = "javascript"))]
        return Arc::new(Unsupported);
    }

    fn stored_body(&self, id: &MigrationId, bundle: SourceBundle) -> Arc<dyn Body> {
        if id.form().is_commands() {
            return Arc::new(CommandBody::bundle(id, bundle));
        }
        #[cfg(feature = "javascript")]
        return self.scripts.stored_body(id, bundle);
        #[cfg(not(feature = "javascript"))]
        return Arc::new(Unsupported);
    }

    async fn release(&self) -> Vec<String> {
        #[cfg(feature = "javascript")]
        return self.scripts.release().await;
        #[cfg(not(feature = "javascript"))]
        return Vec::new();
    }
}

/// A migration in the program, with what it may import; put together only when it is looked at.
pub(crate) struct EmbeddedBody {
    pub(crate) loader: Arc<Loader>,
    pub(crate) id: MigrationId,
    pub(crate) migrations: EmbeddedMigrations,
    pub(crate) entry: &'static str,
}

impl EmbeddedBody {
    fn body(&self) -> Arc<dyn Body> {
        self.loader.embedded(&self.id, self.migrations.bundle(self.entry))
    }
}

#[async_trait]
impl Body for EmbeddedBody {
    async fn inspect(&self, gate: Gate) -> Result<BodyFacts, BodyError> {
        self.body().inspect(gate).await
    }

    async fn run(
        &self,
        direction: Direction,
        context: BodyContext,
    ) -> Result<BodyOutcome, BodyError> {
        self.body().run(direction, context).await
    }
}

/// A migration in a language that this program was built without.
#[cfg(not(feature = "javascript"))]
struct Unsupported;

#[cfg(not(feature = "javascript"))]
impl Unsupported {
    fn error() -> BodyError {
        BodyError::Load {
            message: "it is JavaScript or TypeScript, which this program was built without"
                .to_owned(),
            hint: Some(
                "turn on the feature `javascript` of the crate whimbrel; nothing was run"
                    .to_owned(),
            ),
        }
    }
}

#[cfg(not(feature = "javascript"))]
#[async_trait]
impl Body for Unsupported {
    async fn inspect(&self, _gate: Gate) -> Result<BodyFacts, BodyError> {
        Err(Self::error())
    }

    async fn run(&self, _: Direction, _: BodyContext) -> Result<BodyOutcome, BodyError> {
        Err(Self::error())
    }
}
