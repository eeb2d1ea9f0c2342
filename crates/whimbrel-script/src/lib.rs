//! The embedded JavaScript engine of Whimbrel: runs migration files in QuickJS, without Node.js.
//!
//! A migration runs in a fresh runtime on a thread of its own ([`engine`]); what it calls on `db` and `client`
//! is a façade in JavaScript (`js/`) over a few operations in Rust ([`ops`]), which send database commands
//! ([`wire`]). Values cross the border in [`convert`]; files come through [`modules`]; what goes wrong is
//! told by [`failure`]. [`ScriptLoader`] is what the rest of Whimbrel uses.

mod body;
mod convert;
mod engine;
mod failure;
mod modules;
mod ops;
mod wire;

pub use body::{Legacy, Limits, ScriptLoader, ScriptOptions};
pub use modules::{
    CompiledModule, DeclaredRuntime, ModuleFormat, Permissions, ProjectModules, SharedScripts,
    Survey,
};
