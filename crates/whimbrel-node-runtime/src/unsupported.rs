//! Where processes cannot inherit pipes: bodies that say so.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use whimbrel_core::body::{Body, BodyContext, BodyError, BodyFacts, BodyOutcome, Direction};
use whimbrel_core::gate::Gate;

use crate::{ModuleSource, NodeOptions};

/// Makes bodies that cannot run.
pub struct NodeLoader;

impl NodeLoader {
    /// A loader for the files of one project.
    pub fn new(_: NodeOptions, _: Arc<dyn ModuleSource>) -> Self {
        Self
    }

    /// A body that says why it cannot run here.
    pub fn body(&self, _: &Path, _: Arc<str>, _: Option<String>) -> Arc<dyn Body> {
        Arc::new(Unsupported)
    }

    /// Has nothing to end.
    pub async fn release(&self) -> Vec<String> {
        Vec::new()
    }
}

struct Unsupported;

fn unsupported() -> BodyError {
    BodyError::Load {
        message: "migrations in Node.js are not supported on this operating system".to_owned(),
        hint: Some("run Whimbrel under Linux or macOS, for example in a container".to_owned()),
    }
}

#[async_trait]
impl Body for Unsupported {
    async fn inspect(&self, _: Gate) -> Result<BodyFacts, BodyError> {
        Err(unsupported())
    }

    async fn run(&self, _: Direction, _: BodyContext) -> Result<BodyOutcome, BodyError> {
        Err(unsupported())
    }
}
