//! Bodies made from closures.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::future::BoxFuture;
use mongodb::bson::Document;
use whimbrel_core::body::{
    Body, BodyContext, BodyError, BodyFacts, BodyLoader, BodyOutcome, Direction,
};
use whimbrel_core::file_name::MigrationId;
use whimbrel_core::gate::Gate;
use whimbrel_core::source::SourceBundle;

type Run =
    dyn Fn(Direction, BodyContext) -> BoxFuture<'static, Result<(), BodyError>> + Send + Sync;

/// A body that runs a closure in both directions.
pub struct FnBody {
    facts: BodyFacts,
    run: Box<Run>,
}

impl FnBody {
    /// A body with both directions.
    pub fn new<F, T>(run: F) -> Self
    where
        F: Fn(Direction, BodyContext) -> T + Send + Sync + 'static,
        T: Future<Output = Result<(), BodyError>> + Send + 'static,
    {
        Self {
            facts: BodyFacts {
                has_up: true,
                has_rollback: true,
                transaction: Some(false),
                ..BodyFacts::default()
            },
            run: Box::new(move |direction, context| Box::pin(run(direction, context))),
        }
    }

    /// Changes what it says of itself.
    #[must_use]
    pub fn with_facts(mut self, change: impl FnOnce(&mut BodyFacts)) -> Self {
        change(&mut self.facts);
        self
    }

    /// As a trait object.
    pub fn shared(self) -> Arc<dyn Body> {
        Arc::new(self)
    }
}

#[async_trait]
impl Body for FnBody {
    async fn inspect(&self, _: Gate) -> Result<BodyFacts, BodyError> {
        Ok(self.facts.clone())
    }

    async fn run(
        &self,
        direction: Direction,
        context: BodyContext,
    ) -> Result<BodyOutcome, BodyError> {
        (self.run)(direction, context).await?;
        Ok(BodyOutcome::default())
    }
}

/// An ordinary failure.
pub fn failure(message: &str) -> BodyError {
    BodyError::Failed { message: message.to_owned(), detail: Document::new(), hint: None }
}

/// A loader whose every body succeeds and does nothing.
pub struct EmptyLoader;

#[async_trait]
impl BodyLoader for EmptyLoader {
    fn file_body(&self, _: &MigrationId, _: &Path, _: Arc<str>) -> Arc<dyn Body> {
        FnBody::new(|_, _| async { Ok(()) }).shared()
    }

    fn stored_body(&self, _: &MigrationId, _: SourceBundle) -> Arc<dyn Body> {
        FnBody::new(|_, _| async { Ok(()) }).shared()
    }
}
