//! Processes, servers and connections that are killed, stopped, cut and refused: whatever happens, the next run
//! continues correctly or says what a person must decide. What each test promises is in `docs/reliability.md`.
//!
//! [`world`] has the migrations and what must hold of the database; each other file is one kind of storm.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "tests, which tell their seeds"
)]

#[path = "../behaviour/support.rs"]
#[allow(dead_code, reason = "this binary uses some of it")]
mod support;

mod contention;
mod degraded;
mod history;
#[cfg(feature = "failpoints")]
mod kill_points;
mod network;
mod node;
mod random_kill;
mod rights;
mod world;
