//! Migrations that are Rust code.
//!
//! [`Migration`] is the trait, [`NativeMigration`] makes one of plain `async fn`s; [`MigrationContext`] is what both are
//! given. [`body`] is how the run loop sees them.

mod body;
mod context;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

pub(crate) use body::{NativeBody, name_of};
pub use context::{Cancelled, MigrationContext};

/// What a migration's error may be: anything that is an error, and text.
pub type MigrationError = Box<dyn std::error::Error + Send + Sync>;

/// What a migration gives back.
pub type MigrationResult = Result<(), MigrationError>;

/// A migration written in Rust.
///
/// It has its place among the files by its name, and its row in the history beside theirs. Methods are written as
/// `async fn`:
///
/// ```
/// use whimbrel::mongodb::bson::{Document, doc};
/// use whimbrel::{Migration, MigrationContext, MigrationResult};
///
/// struct AddActiveFlag;
///
/// impl Migration for AddActiveFlag {
///     fn name(&self) -> &str {
///         "003_add_active_flag"
///     }
///
///     async fn up(&self, context: MigrationContext) -> MigrationResult {
///         let users = context.database().collection::<Document>("users");
///         let absent = doc! { "active": { "$exists": false } };
///         users.update_many(absent, doc! { "$set": { "active": true } }).await?;
///         Ok(())
///     }
///
///     async fn rollback(&self, context: MigrationContext) -> MigrationResult {
///         let users = context.database().collection::<Document>("users");
///         users.update_many(doc! {}, doc! { "$unset": { "active": "" } }).await?;
///         Ok(())
///     }
/// }
/// ```
///
/// **Safe to run again.** Like every migration, one that was cut off outside a transaction is run again, so it must
/// find out what is done already.
///
/// **Stopping.** When the run is stopped, or a time limit is over, [`MigrationContext::checkpoint`] fails; code that
/// works in batches calls it between them. Code that does not is dropped when the grace time is over. When the lock is
/// lost, the future is dropped at once, at its next `await`: nothing more is sent beside the next holder. Only what the
/// migration does itself is held by this; a task that it spawns is not. An operation that the server has begun goes on
/// there; one that carries [`MigrationContext::comment`] is found and ended, as those of scripts are.
///
/// **Changes are not noticed.** Code has no text to make a checksum of, so an applied migration whose code was changed
/// does not count as modified.
pub trait Migration: Send + Sync + 'static {
    /// Version and title, such as `003_add_active_flag`. In the history it stands as `003_add_active_flag.rs`.
    fn name(&self) -> &str;

    /// What it does, in one line. By default nothing is said.
    fn description(&self) -> Option<&str> {
        None
    }

    /// Whether it runs in a transaction. By default `false`, whatever the setting says: only operations with
    /// [`MigrationContext::session`] are part of one, and nobody adds that to them.
    fn transaction(&self) -> bool {
        false
    }

    /// Whether [`Migration::rollback`] can take it back. By default `true`; where it is `false`, a rollback of it is
    /// refused before anything is run.
    fn is_reversible(&self) -> bool {
        true
    }

    /// Applies it.
    fn up(&self, context: MigrationContext) -> impl Future<Output = MigrationResult> + Send;

    /// Takes it back.
    fn rollback(&self, context: MigrationContext) -> impl Future<Output = MigrationResult> + Send;
}

type Step = Arc<
    dyn Fn(MigrationContext) -> Pin<Box<dyn Future<Output = MigrationResult> + Send>> + Send + Sync,
>;

/// A [`Migration`] made of functions.
///
/// ```
/// use whimbrel::mongodb::bson::{Document, doc};
/// use whimbrel::{MigrationContext, MigrationResult, NativeMigration};
///
/// async fn up(context: MigrationContext) -> MigrationResult {
///     let users = context.database().collection::<Document>("users");
///     users.update_many(doc! { "age": null }, doc! { "$set": { "age": 0 } }).await?;
///     Ok(())
/// }
///
/// let migration = NativeMigration::new("004_default_age", up).description("Every user has an age");
/// ```
///
/// Without [`NativeMigration::rollback`] it cannot be taken back.
#[derive(Clone)]
pub struct NativeMigration {
    name: String,
    description: Option<String>,
    transaction: bool,
    up: Step,
    rollback: Option<Step>,
}

impl NativeMigration {
    /// A migration that this function applies. `name` is version and title, such as `004_default_age`.
    pub fn new<F, T>(name: impl Into<String>, up: F) -> Self
    where
        F: Fn(MigrationContext) -> T + Send + Sync + 'static,
        T: Future<Output = MigrationResult> + Send + 'static,
    {
        let up: Step = Arc::new(move |context| Box::pin(up(context)));
        Self { name: name.into(), description: None, transaction: false, up, rollback: None }
    }

    /// The function that takes it back. By default there is none.
    #[must_use]
    pub fn rollback<F, T>(mut self, rollback: F) -> Self
    where
        F: Fn(MigrationContext) -> T + Send + Sync + 'static,
        T: Future<Output = MigrationResult> + Send + 'static,
    {
        self.rollback = Some(Arc::new(move |context| Box::pin(rollback(context))));
        self
    }

    /// What it does, in one line. By default nothing is said.
    #[must_use]
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.description = Some(text.into());
        self
    }

    /// Whether it runs in a transaction, see [`Migration::transaction`]. By default `false`.
    #[must_use]
    pub fn transaction(mut self, yes: bool) -> Self {
        self.transaction = yes;
        self
    }
}

impl std::fmt::Debug for NativeMigration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NativeMigration").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Migration for NativeMigration {
    fn name(&self) -> &str {
        &self.name
    }

    fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    fn transaction(&self) -> bool {
        self.transaction
    }

    fn is_reversible(&self) -> bool {
        self.rollback.is_some()
    }

    async fn up(&self, context: MigrationContext) -> MigrationResult {
        (self.up)(context).await
    }

    async fn rollback(&self, context: MigrationContext) -> MigrationResult {
        match &self.rollback {
            Some(rollback) => rollback(context).await,
            None => Err("there is no rollback".into()),
        }
    }
}
