//! Tests that any implementation can call: [`history`] and [`lock`].

pub mod history;
pub mod lock;
