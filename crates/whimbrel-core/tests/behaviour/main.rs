//! Behaviour of the core, a file per feature: on the in-memory twins and on a real server.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod history;
mod lock;
mod migrator;
mod model;
mod repair;
mod support;
