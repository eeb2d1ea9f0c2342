//! Command files: migrations that are lists of database commands, run without JavaScript.
//!
//! [`parse`] reads them, [`body`] sends the commands. A file `001_x.json` or `001_x.yaml` holds both directions:
//!
//! ```json
//! {
//!   "description": "One e-mail address per user",
//!   "up": [{ "createIndexes": "users", "indexes": [{ "key": { "email": 1 }, "name": "email_1", "unique": true }] }],
//!   "rollback": [{ "dropIndexes": "users", "index": "email_1" }]
//! }
//! ```
//!
//! A pair `001_x.up.json` and `001_x.down.json` holds an array of commands each, as golang-migrate has them.

mod body;
mod parse;

pub(crate) use body::CommandBody;
pub(crate) use parse::facts_of;
