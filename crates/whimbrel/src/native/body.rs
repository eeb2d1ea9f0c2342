//! How the run loop sees a migration in Rust.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use async_trait::async_trait;
use mongodb::bson::Document;
use mongodb::error::Error as DriverError;
use whimbrel_core::body::{Body, BodyContext, BodyError, BodyFacts, BodyOutcome, Direction};
use whimbrel_core::database_error::{
    DatabaseError, describe, detail_of, hint_of_code, server_error,
};
use whimbrel_core::file_name::{MigrationId, NATIVE_EXTENSION, NotAMigration};
use whimbrel_core::gate::{Gate, StopReason};

use super::{Cancelled, Migration, MigrationContext, MigrationError, MigrationResult};

/// The name in the history: with the extension that files of Rust have.
///
/// # Errors
/// When it is no migration's name.
pub(crate) fn name_of(name: &str) -> Result<MigrationId, NotAMigration> {
    let extension = format!(".{NATIVE_EXTENSION}");
    let stem = name.strip_suffix(&extension).unwrap_or(name);
    if let Some((_, other)) = stem.rsplit_once('.')
        && MigrationId::parse(stem).is_ok()
    {
        return Err(NotAMigration::Extension(other.to_owned()));
    }
    MigrationId::parse(&format!("{stem}{extension}"))
}

pub(crate) struct NativeBody<M>(pub(crate) M);

#[async_trait]
impl<M: Migration> Body for NativeBody<M> {
    async fn inspect(&self, _gate: Gate) -> Result<BodyFacts, BodyError> {
        Ok(BodyFacts {
            has_up: true,
            has_rollback: self.0.is_reversible(),
            transaction: Some(self.0.transaction()),
            ..BodyFacts::default()
        })
    }

    async fn run(
        &self,
        direction: Direction,
        context: BodyContext,
    ) -> Result<BodyOutcome, BodyError> {
        let stopped = |reason| BodyError::Stopped { reason, unknown: Vec::new() };
        let database = context.require_database()?;
        let session = match &context.transaction {
            Some(transaction) => {
                Some(transaction.enter().await.map_err(|error| failed(Box::new(error)))?)
            }
            None => None,
        };
        let given = MigrationContext::new(database, &context, session);
        let running: Pin<Box<dyn Future<Output = MigrationResult> + Send + '_>> = match direction {
            Direction::Up => Box::pin(self.0.up(given)),
            Direction::Rollback => Box::pin(self.0.rollback(given)),
        };
        let fenced = Fenced { running, gate: context.gate.clone() };
        let ended = tokio::select! {
            biased;
            reason = context.gate.lost() => Err(reason),
            ended = fenced => ended,
        };
        if context.transaction.as_ref().is_some_and(|transaction| transaction.is_entered()) {
            let error = "the migration ended, and a task that it left behind keeps its context; in a transaction nothing \
                         may go on beside it";
            return Err(failed(error.into()));
        }
        let error = match ended {
            Err(reason) => {
                let unknown = vec!["the operation in flight".to_owned()];
                return Err(BodyError::Stopped { reason, unknown });
            }
            Ok(Ok(())) => return Ok(BodyOutcome::default()),
            Ok(Err(error)) => error,
        };
        if let Some(Cancelled(reason)) = error.downcast_ref::<Cancelled>() {
            return Err(stopped(reason.clone()));
        }
        if let Some(transaction) = &context.transaction
            && let Some(error) = driver_error(error.as_ref())
        {
            transaction.doom(error);
        }
        Err(failed(error))
    }

    fn ends_when_dropped(&self) -> bool {
        true
    }
}

/// A migration that goes on only while the lease holds: it is asked before each time the code runs on, and no command
/// of the driver is sent without that.
struct Fenced<F> {
    running: F,
    gate: Gate,
}

impl<F: Future<Output = MigrationResult> + Unpin> Future for Fenced<F> {
    type Output = Result<MigrationResult, StopReason>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if let Some(reason) = self.gate.lease_lost() {
            return Poll::Ready(Err(reason));
        }
        Pin::new(&mut self.running).poll(context).map(Ok)
    }
}

/// The driver's error that an error is, or was caused by.
fn driver_error<'e>(error: &'e (dyn std::error::Error + 'static)) -> Option<&'e DriverError> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<DriverError>() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

fn failed(error: MigrationError) -> BodyError {
    let mut message = match error.downcast_ref::<DriverError>() {
        Some(error) => describe(error),
        None => error.to_string(),
    };
    let mut next = error.source();
    while let Some(cause) = next {
        let text = cause.downcast_ref::<DriverError>().map_or_else(|| cause.to_string(), describe);
        if !message.contains(&text) {
            message.push_str(&format!("\ncaused by: {text}"));
        }
        next = cause.source();
    }
    let (mut detail, mut hint) = (Document::new(), None);
    if let Some(error) = driver_error(error.as_ref()) {
        detail = detail_of(error);
        if let Some((code, ..)) = server_error(error) {
            hint = DatabaseError::new("running the migration", error.clone())
                .hint()
                .or_else(|| hint_of_code(code).map(str::to_owned));
        }
    }
    BodyError::Failed { message, detail, hint }
}
