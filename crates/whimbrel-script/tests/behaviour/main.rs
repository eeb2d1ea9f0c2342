//! Behaviour of the embedded engine against a real server, a file per feature.
#![recursion_limit = "256"]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod conversion;
mod driver;
mod entry;
mod failures;
mod host;
mod legacy;
mod limits;
mod modules;
mod sessions;
mod support;
mod typescript;
