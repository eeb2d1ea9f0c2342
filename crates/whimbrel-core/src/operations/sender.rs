//! What stands around every command that a body of ours sends.

use std::sync::Arc;

use mongodb::bson::{Document, RawDocument, doc};
use mongodb::error::Error as DriverError;

use super::{OperationLedger, Ticket};
use crate::body::{BodyContext, RunStamp};
use crate::database_error::server_error;
use crate::gate::{Gate, StopReason};

/// Asks the gate before each command and keeps the ledger.
#[derive(Clone, Debug)]
pub struct CommandSender {
    gate: Gate,
    stamp: RunStamp,
    ledger: Arc<OperationLedger>,
}

impl CommandSender {
    /// Of the execution that this context belongs to.
    pub fn new(context: &BodyContext) -> Self {
        Self {
            gate: context.gate.clone(),
            stamp: context.stamp.clone(),
            ledger: Arc::clone(&context.operations),
        }
    }

    /// The gate it asks.
    pub fn gate(&self) -> &Gate {
        &self.gate
    }

    /// The run's mark, `{ whimbrel: runId, fence }`, for a command that has no comment of its own.
    pub fn comment(&self) -> Document {
        doc! { "whimbrel": &self.stamp.run_id, "fence": self.stamp.fence }
    }

    /// Tells the ledger of a command that is about to be sent, then asks the gate, last of all.
    ///
    /// # Errors
    /// The reason to send nothing.
    pub async fn may_send(
        &self,
        database: &str,
        command: &RawDocument,
    ) -> Result<Ticket, StopReason> {
        let ticket = self.ledger.sending(database, command).await;
        if let Err(stopped) = self.gate.check() {
            self.ledger.withdrawn(ticket);
            return Err(stopped);
        }
        fail::fail_point!("wire::before_send");
        Ok(ticket)
    }

    /// Tells the ledger what became of it. A reply in which the ledger can read no results is an empty one.
    pub fn sent(&self, ticket: Ticket, sent: Result<&Document, &DriverError>) {
        fail::fail_point!("wire::replied");
        match sent {
            Ok(reply) => self.ledger.replied(ticket, Some(reply)),
            Err(error) if server_error(error).is_some() => self.ledger.replied(ticket, None),
            // Without an answer nobody knows what became of it; the ledger keeps it as such.
            Err(_) => drop(ticket),
        }
    }
}
