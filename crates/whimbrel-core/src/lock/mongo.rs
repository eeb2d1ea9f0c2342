//! The lock in MongoDB. Filters are equality only, so that compatible servers serve them too.

use std::sync::Arc;

use async_trait::async_trait;
use mongodb::bson::{DateTime, Document, doc};
use mongodb::options::{ClientOptions, ReadPreference, SelectionCriteria};
use mongodb::{Client, Collection};

use super::document::{FENCE_ID, ID};
use super::{LockDocument, LockError, LockExpectation, LockStore, RenewalHost};
use crate::database_error::{
    DatabaseError, Trouble, describe, is_duplicate_key, server_error, trouble_of,
};
use crate::history::Bookkeeping;

/// `CommandNotFound`: servers before 4.4.2 do not know `hello`.
const COMMAND_NOT_FOUND: i32 = 59;

/// The lock document in the `NAME_lock` collection.
#[derive(Clone, Debug)]
pub struct MongoLock {
    bookkeeping: Bookkeeping,
    renewal_options: Option<ClientOptions>,
}

impl MongoLock {
    /// `renewal_options` makes the second client that renews; without it renewals share the
    /// connections of the given one, still from a thread of their own.
    pub fn new(bookkeeping: Bookkeeping, renewal_options: Option<ClientOptions>) -> Self {
        Self { bookkeeping, renewal_options }
    }

    fn collection(&self) -> Collection<Document> {
        self.bookkeeping.lock()
    }

    fn error(&self, doing: &str, error: mongodb::error::Error) -> LockError {
        let doing = format!("{doing} the lock ({})", self.collection().namespace());
        LockError::Database(DatabaseError::new(doing, error))
    }

    async fn hello(&self, command: &str) -> mongodb::error::Result<Document> {
        let primary = SelectionCriteria::ReadPreference(ReadPreference::Primary);
        let admin = self.bookkeeping.database().client().database("admin");
        admin.run_command(doc! { command: 1 }).selection_criteria(primary).await
    }
}

#[async_trait]
impl LockStore for MongoLock {
    async fn server_time(&self) -> Result<DateTime, LockError> {
        let mut reply = self.hello("hello").await;
        // The driver repeats no command of ours, and one broken connection is no reason to give up.
        if reply.as_ref().is_err_and(|error| trouble_of(error) == Trouble::Unreachable) {
            reply = self.hello("hello").await;
        }
        let reply = match reply {
            Err(error)
                if server_error(&error).is_some_and(|(code, ..)| code == COMMAND_NOT_FOUND) =>
            {
                self.hello("isMaster").await
            }
            other => other,
        };
        let reply = reply.map_err(|e| self.error("asking the server's time for", e))?;
        reply.get_datetime("localTime").copied().map_err(|_| {
            let message = "the server's reply to hello holds no localTime";
            self.error("asking the server's time for", mongodb::error::Error::custom(message))
        })
    }

    async fn read(&self) -> Result<Option<LockDocument>, LockError> {
        let mut found = self.collection().find_one(doc! { "_id": ID }).await;
        if self.bookkeeping.has_refused(&found) {
            found = self.collection().find_one(doc! { "_id": ID }).await;
        }
        let found = found.map_err(|e| self.error("reading", e))?;
        Ok(found.map(|document| LockDocument::from_document(&document)).transpose()?)
    }

    async fn insert(&self, document: &LockDocument) -> Result<bool, LockError> {
        let mut inserted = self.collection().insert_one(document.to_document()).await;
        if self.bookkeeping.has_refused(&inserted) {
            inserted = self.collection().insert_one(document.to_document()).await;
        }
        match inserted {
            Ok(_) => Ok(true),
            Err(error) if is_duplicate_key(&error) => Ok(false),
            Err(error) => Err(self.error("taking", error)),
        }
    }

    async fn replace(
        &self,
        expected: &LockExpectation,
        document: &LockDocument,
    ) -> Result<bool, LockError> {
        let mut filter = doc! { "_id": ID, "owner": &expected.owner, "fence": expected.fence };
        if let Some((renewals, renewed_at)) = expected.renewal {
            filter.insert("renewedAt", renewed_at);
            match renewals {
                // A document that somebody mended by hand may lack it; it reads as 0.
                0 => filter.insert("renewals", doc! { "$in": [null, 0_i64] }),
                renewals => filter.insert("renewals", renewals),
            };
        }
        let mut replaced =
            self.collection().replace_one(filter.clone(), document.to_document()).await;
        if self.bookkeeping.has_refused(&replaced) {
            replaced = self.collection().replace_one(filter, document.to_document()).await;
        }
        replaced.map(|result| result.matched_count == 1).map_err(|e| self.error("writing", e))
    }

    async fn claim(&self, owner: &str, fence: i64) -> Result<bool, LockError> {
        let failed = |e| self.error("claiming", e);
        let lower = doc! { "_id": FENCE_ID, "fence": { "$lt": fence } };
        let mine = doc! { "$set": { "owner": owner, "fence": fence } };
        let updated = self.collection().update_one(lower, mine).await.map_err(failed)?;
        if updated.matched_count == 1 {
            return Ok(true);
        }
        let document = doc! { "_id": FENCE_ID, "owner": owner, "fence": fence };
        match self.collection().insert_one(document).await {
            Ok(_) => return Ok(true),
            Err(error) if is_duplicate_key(&error) => {}
            Err(error) => return Err(failed(error)),
        }
        // Ours already (a reply was lost), or a higher one.
        let stands = self.collection().find_one(doc! { "_id": FENCE_ID }).await.map_err(failed)?;
        Ok(stands
            .is_some_and(|document| document.get_str("owner").is_ok_and(|stands| stands == owner)))
    }

    async fn highest_fence(&self) -> Result<i64, LockError> {
        let mut highest = 0;
        for collection in
            [self.bookkeeping.history(), self.bookkeeping.log(), self.bookkeeping.lock()]
        {
            let found = collection
                // Numbers only, whatever else somebody has written there.
                .find_one(doc! { "fence": { "$gte": 0 } })
                .sort(doc! { "fence": -1 })
                .projection(doc! { "fence": 1 })
                .await
                .map_err(|e| self.error("finding the highest fence for", e))?;
            let fence = found
                .as_ref()
                .and_then(|d| d.get("fence"))
                .and_then(|fence| fence.as_i64().or_else(|| fence.as_i32().map(i64::from)));
            highest = highest.max(fence.unwrap_or(0));
        }
        Ok(highest)
    }

    async fn end_session(&self, session: &Document) {
        let database = self.bookkeeping.database();
        let killed = database.run_command(doc! { "killSessions": [session.clone()] }).await;
        if let Err(error) = killed {
            tracing::debug!(target: "whimbrel", error = %error, "could not end the session of the lock's last holder");
        }
    }

    async fn end_commands(&self, run_ids: &[String]) {
        let admin = self.bookkeeping.database().client().database("admin");
        let stages = vec![
            doc! { "$currentOp": {} },
            doc! { "$match": { "command.comment.whimbrel": { "$in": run_ids } } },
            doc! { "$project": { "opid": 1 } },
        ];
        let found: mongodb::error::Result<Vec<Document>> =
            async { futures_util::TryStreamExt::try_collect(admin.aggregate(stages).await?).await }
                .await;
        match found {
            Ok(operations) => {
                for operation in operations {
                    let Some(id) = operation.get("opid").cloned() else { continue };
                    if let Err(error) = admin.run_command(doc! { "killOp": 1, "op": id }).await {
                        tracing::debug!(target: "whimbrel", error = %describe(&error), "could not end a dead run's command");
                    }
                }
            }
            Err(error) => {
                tracing::debug!(target: "whimbrel", error = %describe(&error), "could not look for commands of dead runs");
            }
        }
    }

    fn renewal_host(&self) -> RenewalHost {
        RenewalHost::Thread
    }

    async fn for_renewal(&self) -> Result<Arc<dyn LockStore>, LockError> {
        let Some(options) = &self.renewal_options else { return Ok(Arc::new(self.clone())) };
        let client = Client::with_options(options.clone())
            .map_err(|e| self.error("connecting to renew", e))?;
        let database = client.database(self.bookkeeping.database().name());
        Ok(Arc::new(Self::new(self.bookkeeping.through(database), None)))
    }
}
