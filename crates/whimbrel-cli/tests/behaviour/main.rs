//! The program as people run it, a file per feature. Each test has a server of its own where it needs
//! one.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod bad_input;
mod command_files;
mod concurrency;
mod example;
mod files;
mod lifecycle;
mod node;
mod noop;
mod reading;
mod reference;
mod settle;
mod status;
mod support;
mod types;
