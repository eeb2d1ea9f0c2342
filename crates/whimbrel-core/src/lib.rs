//! The engine-independent heart of [Whimbrel](https://docs.rs/whimbrel), database migrations for MongoDB.
//!
//! A [`source`] gives migrations, a [`history`] says which ran, a pure [`plan`] compares the two, and
//! the [`migrator`] executes the plan under a [`lock`] while telling an [`event::Observer`]. What a
//! migration does is a [`body::Body`]; the engines that implement it live above this crate.
//!
//! Applications use the `whimbrel` crate, which re-exports what they need. Nothing here prints, reads the
//! environment, or keeps global state.

pub mod audit;
pub mod body;
pub mod clock;
pub mod create;
pub mod database_error;
pub mod error;
pub mod event;
pub mod gate;
pub mod history;
pub mod json;
pub mod lock;
pub mod migrator;
pub mod operations;
pub mod plan;
pub mod readiness;
pub mod report;
pub mod source;
pub mod stores;
pub mod thrown;
pub mod transaction;

pub use body::Direction;
pub use error::{Error, ErrorClass, RunFailure};
pub use migrator::Migrator;
pub use mongodb::bson;
pub use whimbrel_files::{checksum, file_name};
