//! BSON ⇄ JavaScript, straight between raw BSON and engine values.
//!
//! The rules are the official driver's: which number becomes which type, what `undefined` becomes, what
//! is promoted on the way back. [`to_bson`] writes, [`from_bson`] reads, [`classes`] holds the BSON classes
//! of the façade that both need.

mod bytes;
mod classes;
mod from_bson;
mod options;
mod text;
mod to_bson;

pub(crate) use bytes::{buffer_from, bytes_of};
pub(crate) use classes::Classes;
pub(crate) use from_bson::{array_from_bson, document_from_bson};
pub(crate) use options::BsonOptions;
pub(crate) use text::Text;
pub(crate) use to_bson::{append, array_to_bson, document_to_bson};

/// Deepest nesting that is converted. The server allows 100 levels; the driver has no limit but the
/// stack.
pub(crate) const MAX_DEPTH: usize = 256;
