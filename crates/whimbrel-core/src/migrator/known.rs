//! What the audit trail knows of an execution that was cut off.
//!
//! The aggregate of what it had sent is as old as its last renewal of the lease; what changes indexes and
//! collections was written down before it was sent. Everything later is unknown, and said to be.

use std::collections::BTreeSet;

use mongodb::bson::DateTime;

use crate::audit::{AuditLog, AuditQuery, AuditRecord};
use crate::body::Direction;
use crate::database_error::DatabaseError;
use crate::history::{AppliedBy, Row};
use crate::operations::OperationGroup;

/// What one execution had sent, as far as it is known.
#[derive(Clone, Debug, PartialEq)]
pub struct KnownWork {
    /// The migration.
    pub name: String,
    /// Which way it was executed.
    pub direction: Direction,
    /// UUID of its run.
    pub run_id: String,
    /// It ran in a transaction: nothing of it was left.
    pub transaction: bool,
    /// Who executed it.
    pub by: AppliedBy,
    /// When it began; `None` where the trail does not know it at all.
    pub started_at: Option<DateTime>,
    /// What was sent later than this is unknown.
    pub known_until: Option<DateTime>,
    /// What was sent by then.
    pub operations: Vec<OperationGroup>,
    /// Commands beyond those that could be listed.
    pub not_listed: u64,
    /// What changes indexes and collections, in order, as it was written before it was sent:
    /// `createIndexes shop.users a_1`.
    pub announced: Vec<(Option<DateTime>, String)>,
    /// When the aggregate was written.
    pub counted_at: Option<DateTime>,
    /// It came to its end, well or not, and was not cut off: everything it sent is known.
    pub ended: bool,
    /// How far it said it was: done, and out of how many.
    pub progress: Option<(u64, Option<u64>)>,
}

impl KnownWork {
    fn of(row: &Row) -> Self {
        Self {
            name: row.name.clone(),
            direction: row.direction,
            run_id: row.run_id.clone(),
            transaction: row.transaction,
            by: row.applied_by.clone(),
            started_at: None,
            known_until: None,
            operations: Vec::new(),
            not_listed: 0,
            announced: Vec::new(),
            counted_at: None,
            ended: false,
            progress: None,
        }
    }

    fn take(&mut self, record: &AuditRecord) {
        let detail = &record.detail;
        self.known_until = self.known_until.max(record.at);
        match record.event.as_str() {
            "migration_started" => {
                // A run can execute a migration more than once; the last execution counts.
                *self = Self {
                    operations: Vec::new(),
                    announced: Vec::new(),
                    counted_at: None,
                    ended: false,
                    not_listed: 0,
                    progress: None,
                    started_at: record.at,
                    known_until: record.at,
                    ..self.clone()
                };
            }
            "operation_started" => {
                let text = |name| detail.get_str(name).unwrap_or_default();
                let parts = [text("kind"), text("collection"), text("what")];
                self.announced.push((record.at, parts.join(" ").trim_end().to_owned()));
            }
            "migration_completed" | "migration_rolled_back" | "migration_failed" => {
                self.ended = true;
            }
            "migration_progress" => {
                let number = |name| detail.get_i64(name).ok().and_then(|n| u64::try_from(n).ok());
                self.progress = number("done").map(|done| (done, number("total")));
            }
            _ => {}
        }
        if let Ok(groups) = detail.get_array("operations") {
            let groups = groups.iter().filter_map(|group| group.as_document());
            self.operations = groups.map(OperationGroup::from_document).collect();
            self.counted_at = record.at;
            let rest = detail.get_i64("notListed").unwrap_or(0);
            self.not_listed = u64::try_from(rest).unwrap_or(0);
        }
    }

    /// What it had done, a line each.
    pub fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.operations.iter().map(OperationGroup::describe).collect();
        if self.not_listed > 0 {
            lines.push(format!("and {} commands of other kinds", self.not_listed));
        }
        // Those before the aggregate are in it.
        for (at, announced) in &self.announced {
            if *at >= self.counted_at {
                lines.push(format!("{announced}: about to be sent"));
            }
        }
        if let Some((done, total)) = self.progress {
            let total = total.map_or(String::new(), |total| format!(" of {total}"));
            lines.push(format!("progress it told: {done}{total}"));
        }
        lines
    }
}

/// The names of the migrations that are applied, as far as the trail tells.
pub(super) fn applied(mut records: Vec<AuditRecord>) -> BTreeSet<String> {
    // The fence gives the order; the clocks of those who wrote may differ.
    records.sort_by_key(|record| record.fence);
    let mut applied = BTreeSet::new();
    for record in records.into_iter().filter(|record| record.error.is_none()) {
        if record.event == "reset" {
            applied.clear();
        }
        let Some(name) = record.name else { continue };
        let action = record.detail.get_str("action").unwrap_or_default();
        match (record.event.as_str(), action) {
            ("migration_completed" | "baseline", _) | ("repair", "mark-applied") => {
                applied.insert(name);
            }
            ("migration_rolled_back", _) | ("repair", "mark-pending") => {
                applied.remove(&name);
            }
            ("repair", "rename") => {
                let was_applied = applied.remove(&name);
                let new = record.detail.get_str("to").ok().map(str::to_owned);
                applied.extend(new.filter(|_| was_applied));
            }
            _ => {}
        }
    }
    applied
}

/// The events that tell of an execution; what it logged does not.
const EVENTS: [&str; 7] = [
    "migration_started",
    "operation_started",
    "migration_operations",
    "migration_progress",
    "migration_completed",
    "migration_rolled_back",
    "migration_failed",
];

/// What the last executions of these rows had sent, in the order of the rows' names.
pub(super) async fn of_rows(
    audit: &dyn AuditLog,
    rows: impl Iterator<Item = &Row>,
) -> Result<Vec<KnownWork>, DatabaseError> {
    let mut works: Vec<KnownWork> = rows.map(KnownWork::of).collect();
    if works.is_empty() {
        return Ok(works);
    }
    works.sort_by(|a, b| a.name.cmp(&b.name));
    let query = AuditQuery {
        names: Some(works.iter().map(|work| work.name.clone()).collect()),
        run_ids: Some(works.iter().map(|work| work.run_id.clone()).collect()),
        events: Some(EVENTS.map(str::to_owned).to_vec()),
        ..AuditQuery::default()
    };
    for record in audit.read(&query).await? {
        let of_record = |work: &&mut KnownWork| {
            Some(&work.name) == record.name.as_ref() && work.run_id == record.run_id
        };
        if let Some(work) = works.iter_mut().find(of_record) {
            work.take(&record);
        }
    }
    Ok(works)
}

#[cfg(test)]
mod tests {
    use mongodb::bson::doc;

    use super::*;

    fn record(fence: i64, event: &str, name: &str, detail: mongodb::bson::Document) -> AuditRecord {
        let name = (!name.is_empty()).then(|| name.to_owned());
        AuditRecord { fence, event: event.to_owned(), name, detail, ..AuditRecord::default() }
    }

    #[test]
    fn what_is_applied_follows_from_the_trail() {
        let repair = |action: &str| doc! { "action": action };
        let failed_reset =
            AuditRecord { error: Some("no".into()), ..record(7, "reset", "", doc! {}) };
        let trail = vec![
            // Out of order in time; the fence decides.
            record(3, "migration_completed", "1.js", doc! {}),
            record(3, "migration_completed", "2.js", doc! {}),
            record(1, "migration_completed", "old.js", doc! {}),
            record(2, "reset", "", doc! {}),
            record(4, "migration_rolled_back", "2.js", doc! {}),
            record(5, "baseline", "3.js", repair("mark-applied")),
            record(5, "repair", "4.js", repair("mark-applied")),
            record(6, "repair", "3.js", repair("mark-pending")),
            record(6, "repair", "4.js", doc! { "action": "rename", "to": "5.js" }),
            record(6, "repair", "2.js", doc! { "action": "rename", "to": "6.js" }),
            record(6, "repair", "1.js", repair("accept-checksum")),
            failed_reset,
        ];
        let applied: Vec<String> = applied(trail).into_iter().collect();
        assert_eq!(applied, ["1.js", "5.js"]);
    }
}
