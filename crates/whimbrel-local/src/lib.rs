//! Finds and runs a local MongoDB-compatible server for development and tests.
//!
//! One sentence: a [`Search`] finds a [`Program`], a [`Builder`] starts it on a data directory, and a
//! [`LocalServer`] is the running server until it is stopped, dropped, or its owner dies.
//!
//! | file | owns |
//! | --- | --- |
//! | `program.rs` | which programs can be the server, and how one is found |
//! | `target.rs` | what a person meant by `--local=PATH` |
//! | `builder.rs` | settings, and the order of the steps from nothing to a usable server |
//! | `server.rs` | the running server: its address, and its end |
//! | `data_dir.rs` | the layout of a data directory, and the lock that keeps a second owner out |
//! | `process.rs` | the child process: a server never outlives its owner |
//! | `secantus.rs`, `mongod.rs` | what is particular to one program: arguments, and when it is ready |
//! | `startup.rs` | the time in between, with its deadline |
//! | `error.rs` | everything that can go wrong, with a code and a way out |
//!
//! The server is always a separate process. Nothing of it is linked, and no crate depends on it.
//! What to do with the server (take its URI, run migrations against it) is the business of the
//! callers: the command line's `--local` and the test database of `whimbrel-testing`.
//!
//! ```no_run
//! # async fn example() -> Result<(), whimbrel_local::LocalError> {
//! use whimbrel_local::{LocalServer, Search};
//!
//! let program = Search::from_environment().find()?;
//! let server = LocalServer::builder().program(program).data_dir(".whimbrel/local").start().await?;
//! assert!(server.uri().starts_with("mongodb://127.0.0.1:"));
//! server.stop().await?;
//! # Ok(())
//! # }
//! ```

mod builder;
mod data_dir;
mod error;
mod mongod;
mod process;
mod program;
mod secantus;
mod server;
mod startup;
mod target;

pub use builder::Builder;
pub use error::LocalError;
pub use program::{Program, ProgramKind, SECANTUS_VERSION, Search};
pub use server::LocalServer;
pub use target::Target;
