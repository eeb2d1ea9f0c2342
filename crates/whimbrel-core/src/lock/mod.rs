//! The lock: a lease on one document, with a fence that only grows.
//!
//! [`document`] is what is stored, [`store`] the few operations on it with its Mongo and memory
//! implementations, [`acquire`] takes the lease, [`lease`] holds and renews it. Times in the document
//! are the server's; deadlines are on the holder's own clock ([`crate::clock`]).
//!
//! Beside it stands the fence document, written only at an acquisition and as the last write of each
//! transaction: an old holder's transaction and a new holder's acquisition cannot both go through.
//!
//! The rule that makes it safe: a holder stops at two thirds of the time to live, counted from
//! before its last successful renewal was *sent*; a contender takes over only when the server's
//! clock is past `expiresAt` **and** it saw the document unchanged for two thirds of the time to live on
//! its own clock. The second condition does not depend on the server's clock, which a failover may change.

mod acquire;
mod document;
mod lease;
mod memory;
mod mongo;
mod store;

pub use acquire::{
    Acquired, LockRequest, LockSettings, LockWait, StillNeeded, Takeover, acquire,
    acquire_if_needed,
};
pub use document::{LockDocument, MalformedLock};
pub(crate) use lease::confirmation;
pub use lease::{Lease, LeaseGuard};
pub use memory::MemoryLock;
pub use mongo::MongoLock;
pub use store::{LockExpectation, LockStore, RenewalHost};

use std::time::Duration;

use crate::database_error::DatabaseError;
use crate::gate::StopReason;

/// Why the lock could not be taken or kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// Somebody else holds it, for longer than we may wait.
    #[error("the lock is held by {} since {}{}", holder.holder(), holder.since(), holder.doing())]
    Held {
        /// The lock document as last seen.
        holder: Box<LockDocument>,
        /// How long we waited.
        waited: Duration,
    },
    /// Another run of the same migrator is at work, for longer than we may wait.
    #[error("another run of this program's migrator is at work")]
    HeldHere {
        /// How long we waited.
        waited: Duration,
    },
    /// The document cannot be read.
    #[error(transparent)]
    Malformed(#[from] MalformedLock),
    /// The run was stopped while it waited.
    #[error(transparent)]
    Stopped(#[from] StopReason),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The thread that renews the lease could not be started.
    #[error("cannot start the thread that renews the lock")]
    Thread(#[source] std::io::Error),
}

impl LockError {
    /// A stable name for machines.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Held { .. } | Self::HeldHere { .. } => "LOCK_HELD",
            Self::Malformed(_) => "LOCK_MALFORMED",
            Self::Stopped(reason) => reason.code(),
            Self::Database(_) => "DATABASE",
            Self::Thread(_) => "THREAD",
        }
    }

    /// The next step for a person.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Held { holder, .. } => Some(format!(
                "wait for it to finish, or allow more time with --lock-wait; `whimbrel lock` shows what it is doing; \
                 if that process is gone, the lock is taken over by itself after {}",
                holder.expires()
            )),
            Self::Database(error) => error.hint(),
            Self::Malformed(_) => {
                Some(
                    "while nothing runs, mend or delete the document with _id \"whimbrel\" in the lock collection \
                     (migrations_lock, or NAME_lock)"
                        .to_owned(),
                )
            }
            Self::HeldHere { .. } => {
                Some("wait for it to finish, or allow more time with lock_wait".to_owned())
            }
            Self::Stopped(_) | Self::Thread(_) => None,
        }
    }
}
