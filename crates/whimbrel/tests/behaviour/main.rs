//! The library as a program uses it, on a real server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails where something is missing"
)]

mod builder;
mod cancelling;
mod commands;
mod embedded;
mod library;
mod native;
mod runtimes;
mod startup;
mod support;
mod surface;
mod tracing_events;
