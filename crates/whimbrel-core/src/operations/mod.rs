//! What a migration sends to the server, aggregated: by kind, collection and the shape of the filter.
//!
//! A body notes every command in the [`OperationLedger`] before it is sent ([`OperationLedger::sending`]) and
//! again when its reply is there. The run loop writes the aggregate to the audit trail with every renewal of the
//! lease, and its last state with the outcome; so after a crash somebody can read what was done up to a known
//! time. What changes indexes and collections is rare and matters most: each such command is written to the
//! trail before it is sent. [`shape`] reads commands; values in filters never leave it unless asked for.

mod sender;
mod shape;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mongodb::bson::{Bson, DateTime, Document, RawDocument, doc};
pub use sender::CommandSender;
pub use shape::{MOST_SHAPE, shape_of};

use crate::audit::{AuditEntry, AuditLog};
use crate::history::AppliedBy;

/// How many groups are told apart; commands of further ones are only counted.
pub const MOST_GROUPS: usize = 200;

/// Whether filters are recorded with their values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FilterValues {
    /// Only the shape: `{ email: ?, age: { $gt: ? } }`.
    #[default]
    Redacted,
    /// The shape, and the first filter of each group as it was.
    Recorded,
}

/// What one group of commands did. Stored as a document with the fields that are not zero:
/// ```json
/// { "kind": "update", "collection": "shop.users", "filter": "{ age: { $lt: ? } }", "commands": 3,
///   "statements": 3000, "matched": 3000, "modified": 2990, "failed": 1, "firstAt": {}, "lastAt": {} }
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OperationGroup {
    /// The command's name.
    pub kind: String,
    /// `DATABASE.COLLECTION`, or the database alone.
    pub collection: String,
    /// The filter's shape; empty where there is none.
    pub filter: String,
    /// The first filter with its values, as Extended JSON, where those are recorded.
    pub example: Option<String>,
    /// Commands that were sent.
    pub commands: u64,
    /// Documents, updates or deletes in them.
    pub statements: u64,
    /// Commands that failed, in whole or in part.
    pub failed: u64,
    /// Documents that matched an update.
    pub matched: u64,
    /// Documents that were deleted.
    pub deleted: u64,
    /// Documents that were changed.
    pub modified: u64,
    /// Documents that were inserted, upserts included.
    pub inserted: u64,
    /// Commands without a reply so far.
    pub in_flight: u64,
    /// When the first was sent.
    pub first_at: Option<DateTime>,
    /// When the last was sent.
    pub last_at: Option<DateTime>,
}

impl OperationGroup {
    /// The stored form.
    pub fn to_document(&self) -> Document {
        let mut document = doc! { "kind": &self.kind, "collection": &self.collection };
        if !self.filter.is_empty() {
            document.insert("filter", &self.filter);
        }
        if let Some(example) = &self.example {
            document.insert("example", example);
        }
        for (name, number) in self.numbers() {
            if number > 0 {
                document.insert(name, i64::try_from(number).unwrap_or(i64::MAX));
            }
        }
        document.insert("firstAt", self.first_at);
        document.insert("lastAt", self.last_at);
        document
    }

    /// Reads the stored form; what is missing is zero, because this is only shown.
    pub fn from_document(document: &Document) -> Self {
        let text = |name| document.get_str(name).unwrap_or_default().to_owned();
        let number = |name| {
            let value = document.get(name);
            let value = value.and_then(|v| v.as_i64().or_else(|| v.as_i32().map(i64::from)));
            u64::try_from(value.unwrap_or(0)).unwrap_or(0)
        };
        let date = |name| document.get_datetime(name).ok().copied();
        Self {
            kind: text("kind"),
            collection: text("collection"),
            filter: text("filter"),
            example: document.get_str("example").ok().map(str::to_owned),
            commands: number("commands"),
            statements: number("statements"),
            failed: number("failed"),
            matched: number("matched"),
            deleted: number("deleted"),
            modified: number("modified"),
            inserted: number("inserted"),
            in_flight: number("inFlight"),
            first_at: date("firstAt"),
            last_at: date("lastAt"),
        }
    }

    fn numbers(&self) -> [(&'static str, u64); 8] {
        [
            ("commands", self.commands),
            ("statements", self.statements),
            ("failed", self.failed),
            ("matched", self.matched),
            ("modified", self.modified),
            ("inserted", self.inserted),
            ("deleted", self.deleted),
            ("inFlight", self.in_flight),
        ]
    }

    /// `update shop.users { age: { $lt: ? } }: 3 commands, 2990 documents modified`.
    pub fn describe(&self) -> String {
        let mut text = format!("{} {}", self.kind, self.collection);
        if !self.filter.is_empty() {
            text.push(' ');
            text.push_str(self.example.as_ref().unwrap_or(&self.filter));
        }
        let noun = if self.commands == 1 { "command" } else { "commands" };
        text.push_str(&format!(": {} {noun}", self.commands));
        for (number, what) in [
            (self.inserted, "inserted"),
            (self.matched, "matched"),
            (self.modified, "modified"),
            (self.deleted, "deleted"),
            (self.failed, "failed"),
            (self.in_flight, "without a reply"),
        ] {
            if number > 0 {
                text.push_str(&format!(", {number} {what}"));
            }
        }
        text
    }
}

/// What all groups together did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Totals {
    /// Commands that were sent.
    pub commands: u64,
    /// Documents that were inserted, upserts included.
    pub inserted: u64,
    /// Documents that were changed.
    pub modified: u64,
    /// Documents that were deleted.
    pub deleted: u64,
}

#[derive(Debug, Default)]
struct State {
    groups: Vec<OperationGroup>,
    /// Kind, collection and filter → place in `groups`.
    places: HashMap<(String, String, String), usize>,
    /// Commands beyond [`MOST_GROUPS`].
    not_listed: u64,
    changed: bool,
}

/// Where announcements are written.
struct Trail {
    log: Arc<dyn AuditLog>,
    by: AppliedBy,
    blank: AuditEntry,
}

/// Counts the operations of one execution.
#[derive(Default)]
pub struct OperationLedger {
    state: Mutex<State>,
    values: FilterValues,
    trail: Option<Trail>,
}

impl std::fmt::Debug for OperationLedger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OperationLedger").finish_non_exhaustive()
    }
}

/// A command whose reply is not there yet. A ticket that is dropped leaves the command "without a reply".
#[derive(Debug)]
#[must_use]
pub struct Ticket {
    place: Option<usize>,
    kind: &'static str,
    statements: u64,
}

impl OperationLedger {
    /// A ledger that announces nothing.
    pub fn new(values: FilterValues) -> Self {
        Self { values, ..Self::default() }
    }

    /// Announces what changes indexes and collections to this trail; `blank` is what its entries begin as.
    pub(crate) fn with_trail(
        self,
        log: Arc<dyn AuditLog>,
        by: AppliedBy,
        blank: AuditEntry,
    ) -> Self {
        Self { trail: Some(Trail { log, by, blank }), ..self }
    }

    /// Notes a command that is about to be sent. Returns when it may be: for what changes indexes or collections,
    /// after the trail has it.
    pub async fn sending(&self, database: &str, command: &RawDocument) -> Ticket {
        self.sending_counted(database, command, None).await
    }

    /// As [`Self::sending`], of a command that is not there whole: `statements` says how many it has.
    pub async fn sending_counted(
        &self,
        database: &str,
        command: &RawDocument,
        statements: Option<u64>,
    ) -> Ticket {
        let read = shape::read(database, command);
        if let (Some(what), Some(trail)) = (&read.change, &self.trail) {
            let entry = AuditEntry {
                event: "operation_started",
                detail: doc! { "kind": &read.kind, "collection": &read.collection, "what": what },
                ..trail.blank.clone()
            };
            trail.log.append(entry, &trail.by).await;
        }
        self.note(read, command, statements)
    }

    /// As [`Self::sending_counted`], at once: `None` where the trail has to have the command before it is sent.
    pub fn sending_now(
        &self,
        database: &str,
        command: &RawDocument,
        statements: Option<u64>,
    ) -> Option<Ticket> {
        let read = shape::read(database, command);
        if read.change.is_some() && self.trail.is_some() {
            return None;
        }
        Some(self.note(read, command, statements))
    }

    fn note(
        &self,
        mut read: shape::Read,
        command: &RawDocument,
        statements: Option<u64>,
    ) -> Ticket {
        read.statements = statements.unwrap_or(read.statements);
        let example = match self.values {
            FilterValues::Redacted => None,
            FilterValues::Recorded => shape::example(command),
        };
        let now = DateTime::now();
        let mut state = self.state();
        state.changed = true;
        let key = (read.kind, read.collection, read.filter);
        let place = match state.places.get(&key) {
            Some(place) => Some(*place),
            None if state.groups.len() < MOST_GROUPS => {
                let place = state.groups.len();
                let (kind, collection, filter) = key.clone();
                let first_at = Some(now);
                let group = OperationGroup {
                    kind,
                    collection,
                    filter,
                    example,
                    first_at,
                    ..OperationGroup::default()
                };
                state.groups.push(group);
                state.places.insert(key, place);
                Some(place)
            }
            None => None,
        };
        match place {
            Some(place) => {
                let group = &mut state.groups[place];
                group.commands += 1;
                group.statements += read.statements;
                group.in_flight += 1;
                group.last_at = Some(now);
            }
            None => state.not_listed += 1,
        }
        Ticket { place, kind: read.result, statements: read.statements }
    }

    /// Notes a command's reply, or with `None` its failure.
    pub fn replied(&self, ticket: Ticket, reply: Option<&Document>) {
        let Some(place) = ticket.place else { return };
        let mut state = self.state();
        state.changed = true;
        let Some(group) = state.groups.get_mut(place) else { return };
        group.in_flight = group.in_flight.saturating_sub(1);
        let Some(reply) = reply else {
            group.failed += 1;
            return;
        };
        if reply.get_array("writeErrors").is_ok_and(|errors| !errors.is_empty()) {
            group.failed += 1;
        }
        shape::add_result(group, ticket.kind, reply);
    }

    /// Takes a command back that was not sent after all.
    pub fn withdrawn(&self, ticket: Ticket) {
        let mut state = self.state();
        state.changed = true;
        let Some(place) = ticket.place else {
            state.not_listed = state.not_listed.saturating_sub(1);
            return;
        };
        let Some(group) = state.groups.get_mut(place) else { return };
        group.in_flight = group.in_flight.saturating_sub(1);
        group.commands = group.commands.saturating_sub(1);
        group.statements = group.statements.saturating_sub(ticket.statements);
    }

    /// The aggregate as it is stored: `{ operations: […], notListed: 12 }`; `None` without any operation.
    pub fn to_document(&self) -> Option<Document> {
        let state = self.state();
        let sent = state.groups.iter().filter(|group| group.commands > 0);
        let groups: Vec<&OperationGroup> = sent.collect();
        if groups.is_empty() {
            return None;
        }
        let groups = groups.into_iter().map(|group| Bson::Document(group.to_document()));
        let mut document = doc! { "operations": groups.collect::<Vec<_>>() };
        if state.not_listed > 0 {
            document.insert("notListed", i64::try_from(state.not_listed).unwrap_or(i64::MAX));
        }
        Some(document)
    }

    /// What was done so far; commands beyond [`MOST_GROUPS`] groups are counted, their results are not.
    pub fn totals(&self) -> Totals {
        let state = self.state();
        let none = Totals { commands: state.not_listed, ..Totals::default() };
        state.groups.iter().fold(none, |sum, group| Totals {
            commands: sum.commands + group.commands,
            inserted: sum.inserted + group.inserted,
            modified: sum.modified + group.modified,
            deleted: sum.deleted + group.deleted,
        })
    }

    /// As [`Self::to_document`], if anything was noted since the last call.
    pub(crate) fn take_changed(&self) -> Option<Document> {
        if !std::mem::take(&mut self.state().changed) {
            return None;
        }
        self.to_document()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
