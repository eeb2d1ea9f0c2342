//! The lock in memory: the twin of [`super::MongoLock`] for tests.
//!
//! Its server clock is the current runtime's (virtual under `tokio::time::pause`).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use mongodb::bson::{DateTime, Document};
use tokio::time::Instant;

use super::{LockDocument, LockError, LockExpectation, LockStore, RenewalHost};

#[derive(Debug)]
struct State {
    document: Option<LockDocument>,
    ended_sessions: Vec<Document>,
    highest_fence: i64,
    claim: Option<(String, i64)>,
    ended_runs: Vec<String>,
}

/// A lock in memory; clones share it.
#[derive(Clone, Debug)]
pub struct MemoryLock {
    state: Arc<Mutex<State>>,
    origin: Instant,
}

impl MemoryLock {
    /// A lock nobody ever took. Must be called within a runtime.
    pub fn new() -> Self {
        let state = State {
            document: None,
            ended_sessions: Vec::new(),
            highest_fence: 0,
            claim: None,
            ended_runs: Vec::new(),
        };
        Self { state: Arc::new(Mutex::new(state)), origin: Instant::now() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The document as it stands.
    pub fn document(&self) -> Option<LockDocument> {
        self.state().document.clone()
    }

    /// Puts a document in place, or takes it away, as a person with a shell could.
    pub fn set_document(&self, document: Option<LockDocument>) {
        self.state().document = document;
    }

    /// What `highest_fence` answers.
    pub fn set_highest_fence(&self, fence: i64) {
        self.state().highest_fence = fence;
    }

    /// The sessions that takeovers ended.
    pub fn ended_sessions(&self) -> Vec<Document> {
        self.state().ended_sessions.clone()
    }

    /// The runs whose commands were ended.
    pub fn ended_runs(&self) -> Vec<String> {
        self.state().ended_runs.clone()
    }

    /// Owner and fence of the fence document.
    pub fn claimed(&self) -> Option<(String, i64)> {
        self.state().claim.clone()
    }
}

impl Default for MemoryLock {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl LockStore for MemoryLock {
    async fn server_time(&self) -> Result<DateTime, LockError> {
        let elapsed = i64::try_from(self.origin.elapsed().as_millis()).unwrap_or(i64::MAX);
        Ok(DateTime::from_millis(1_700_000_000_000 + elapsed))
    }

    async fn read(&self) -> Result<Option<LockDocument>, LockError> {
        Ok(self.document())
    }

    async fn insert(&self, document: &LockDocument) -> Result<bool, LockError> {
        let mut state = self.state();
        let free = state.document.is_none();
        if free {
            state.document = Some(document.clone());
        }
        Ok(free)
    }

    async fn replace(
        &self,
        expected: &LockExpectation,
        document: &LockDocument,
    ) -> Result<bool, LockError> {
        let mut state = self.state();
        let matches = state.document.as_ref().is_some_and(|current| {
            current.owner == expected.owner
                && current.fence == expected.fence
                && expected
                    .renewal
                    .is_none_or(|renewal| renewal == (current.renewals, current.renewed_at))
        });
        if matches {
            state.document = Some(document.clone());
        }
        Ok(matches)
    }

    async fn claim(&self, owner: &str, fence: i64) -> Result<bool, LockError> {
        let mut state = self.state();
        let lower = state.claim.as_ref().is_none_or(|(_, stands)| *stands < fence);
        if lower {
            state.claim = Some((owner.to_owned(), fence));
        }
        Ok(state.claim.as_ref().is_some_and(|(stands, _)| stands == owner))
    }

    async fn highest_fence(&self) -> Result<i64, LockError> {
        Ok(self.state().highest_fence)
    }

    async fn end_session(&self, session: &Document) {
        self.state().ended_sessions.push(session.clone());
    }

    async fn end_commands(&self, run_ids: &[String]) {
        self.state().ended_runs.extend_from_slice(run_ids);
    }

    fn renewal_host(&self) -> RenewalHost {
        RenewalHost::Task
    }

    async fn for_renewal(&self) -> Result<Arc<dyn LockStore>, LockError> {
        Ok(Arc::new(self.clone()))
    }
}
