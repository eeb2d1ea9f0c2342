//! What a migration file of [Whimbrel](https://docs.rs/whimbrel) is: which names are migrations, which versions they
//! have, and what their checksums are.
//!
//! These rules bind users for ever, and two that know nothing of each other need them: the run loop
//! (`whimbrel-core`) and the macro that embeds files when a program is compiled (`whimbrel-macros`). So they stand in
//! a crate of their own, which has no database below it.

#![forbid(unsafe_code)]

pub mod checksum;
pub mod file_name;
