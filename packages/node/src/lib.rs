//! The add-on of the npm package `whimbrel`: the engine and the command line for Node.js.
//!
//! It is thin. What applications call is JavaScript (`lib/`), which checks arguments and makes classes of errors; from
//! there everything goes through [`NativeMigrator`](migrator::NativeMigrator) as JSON, one request and one answer
//! ([`request`], [`answer`]). [`opening`] makes settings of options. [`bodies`] runs migrations in this very process, with the
//! driver of the application; [`executions`] is what their JavaScript asks before it sends anything. [`command_line`] is
//! the program. Nothing here blocks the event loop.

mod answer;
mod bodies;
pub mod command_line;
mod executions;
pub mod migrator;
pub mod opening;
mod request;
pub mod runtime;
