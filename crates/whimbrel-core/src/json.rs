//! Events, reports and states as JSON, the same for every program that tells machines: times are UTC, durations
//! milliseconds.

use mongodb::bson::{Bson, DateTime};
use serde_json::{Map, Value, json};

use crate::audit::AuditRecord;
use crate::body::ForeignRuntime;
use crate::event::Event;
use crate::lock::LockDocument;
use crate::migrator::{DryRun, KnownWork, LockReport, StatusReport, VerifyReport};
use crate::plan::{Cause, Finding, Severity, StepSource};
use crate::report::{RunKind, RunReport};

fn millis(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// `2024-01-01T09:00:00.000Z`.
pub fn utc_time(at: DateTime) -> String {
    let millis = at.timestamp_millis();
    match at.try_to_rfc3339_string() {
        Ok(text) if text.len() >= 19 => format!("{}.{:03}Z", &text[..19], millis.rem_euclid(1000)),
        _ => millis.to_string(),
    }
}

/// One event: `{ "event": "started", … }`. `None` for [`Event::Finished`], which the [`summary`] tells.
pub fn event(event: &Event) -> Option<Value> {
    Some(match event {
        Event::Planned { run_id, kind, files, skipped_entries } => json!({
            "event": "planned", "runId": run_id, "command": kind.as_str(), "files": files,
            "skippedEntries": skipped_entries.iter()
                .map(|entry| json!({ "name": entry.name, "reason": entry.why.to_string() }))
                .collect::<Vec<_>>(),
        }),
        Event::Found { finding } => {
            let mut object = finding_object(finding);
            object.insert("event".to_owned(), "found".into());
            Value::Object(object)
        }
        Event::LockWaiting { holder, waited } => json!({
            "event": "lockWaiting", "lock": lock_object(holder), "waited": millis(*waited),
        }),
        Event::LockTakenOver { from, alive } => {
            json!({ "event": "lockTakenOver", "from": lock_object(from), "alive": alive })
        }
        Event::LockOutlasting { wait } => {
            json!({ "event": "lockOutlasting", "wait": millis(*wait) })
        }
        Event::WasInterrupted { work } => {
            let mut object = known_work(work);
            object.insert("event".to_owned(), "wasInterrupted".into());
            Value::Object(object)
        }
        Event::AlreadyApplied { names } => json!({ "event": "alreadyApplied", "names": names }),
        Event::Started { name, direction, cause, transaction, runtime, position, total } => {
            let runtime = runtime_object(runtime.as_ref());
            json!({
                "event": "started", "name": name, "direction": direction.as_str(), "cause": cause_word(*cause),
                "transaction": transaction, "runtime": runtime, "position": position, "total": total,
            })
        }
        Event::Output { name, level, line } => json!({
            "event": "output", "name": name, "line": line,
            "level": level.as_str(),
        }),
        Event::Logged { name, level, message, fields } => json!({
            "event": "logged", "name": name, "level": level.as_str(), "message": message,
            "fields": fields.iter().map(|(key, value)| {
                (key.clone(), serde_json::to_value(value).unwrap_or_default())
            }).collect::<Map<_, _>>(),
        }),
        Event::Progress { name, done, total } => {
            json!({ "event": "progress", "name": name, "done": done, "total": total })
        }
        Event::Retrying { name, attempt, error } => {
            json!({ "event": "retrying", "name": name, "attempt": attempt, "error": error })
        }
        Event::Completed { name, direction, duration } => json!({
            "event": "completed", "name": name, "direction": direction.as_str(), "executionTime": millis(*duration),
        }),
        Event::Warned { name, message } => {
            json!({ "event": "warned", "name": name, "message": message })
        }
        Event::Failed { name, direction, duration, error, code } => json!({
            "event": "failed", "name": name, "direction": direction.as_str(), "executionTime": millis(*duration),
            "error": error, "code": code,
        }),
        // Finished is told by the summary line.
        _ => return None,
    })
}

fn cause_word(cause: Cause) -> &'static str {
    match cause {
        Cause::Pending => "pending",
        Cause::Failed => "failed",
        Cause::Interrupted => "interrupted",
        Cause::Forced => "forced",
        Cause::Modified => "modified",
        Cause::Applied => "applied",
    }
}

/// What a run did, the last line of `up --json` and `down --json`; `error` is why it ended, `{ code, message, hints }`.
pub fn summary(report: &RunReport, error: Option<Value>) -> Value {
    let numbers = report.summary();
    json!({
        "event": "summary",
        "runId": report.run_id,
        "success": error.is_none(),
        "successful": numbers.successful,
        "skipped": numbers.skipped,
        "failed": numbers.failed,
        "notStarted": numbers.not_started,
        "done": report.done.iter()
            .map(|done| json!({
                "name": done.name, "direction": done.direction.as_str(), "executionTime": millis(done.duration),
            }))
            .collect::<Vec<_>>(),
        "failures": report.failed.iter()
            .map(|failed| json!({
                "name": failed.name, "direction": failed.direction.as_str(), "error": failed.error,
            }))
            .collect::<Vec<_>>(),
        "pending": report.not_started,
        "error": error,
    })
}

fn known_work(work: &KnownWork) -> Map<String, Value> {
    let mut object = Map::new();
    object.insert("name".to_owned(), work.name.clone().into());
    object.insert("direction".to_owned(), work.direction.as_str().into());
    object.insert("runId".to_owned(), work.run_id.clone().into());
    object.insert("transaction".to_owned(), work.transaction.into());
    object.insert("startedAt".to_owned(), json!(work.started_at.map(utc_time)));
    object.insert("knownUntil".to_owned(), json!(work.known_until.map(utc_time)));
    object.insert("operations".to_owned(), json!(work.lines()));
    object
}

/// One entry of the audit trail, a line of `history --json`.
pub fn audit_record(record: &AuditRecord, with_operations: bool) -> Value {
    let mut detail = record.detail.clone();
    if !with_operations {
        detail.remove("operations");
        detail.remove("notListed");
    }
    json!({
        "at": record.at.map(utc_time),
        "event": record.event,
        "name": record.name,
        "direction": record.direction,
        "durationMs": record.duration_ms,
        "error": record.error,
        "runId": record.run_id,
        "fence": record.fence,
        "by": {
            "host": record.by.host, "pid": record.by.pid, "user": record.by.user, "tool": record.by.tool,
        },
        "detail": detail.iter().map(|(key, value)| (key.clone(), plain(value))).collect::<Map<_, _>>(),
    })
}

/// A stored value as machines want it: dates in UTC, numbers as numbers.
fn plain(value: &Bson) -> Value {
    match value {
        Bson::DateTime(at) => utc_time(*at).into(),
        Bson::Int64(number) => (*number).into(),
        Bson::Int32(number) => (*number).into(),
        Bson::Document(document) => {
            document.iter().map(|(key, value)| (key.clone(), plain(value))).collect()
        }
        Bson::Array(values) => values.iter().map(plain).collect(),
        other => serde_json::to_value(other).unwrap_or_default(),
    }
}

/// The object of `lock --json`.
pub fn lock_report(report: &LockReport) -> Value {
    let held = report.document.as_ref().is_some_and(|document| document.owner.is_some());
    json!({
        "held": held,
        "alive": report.alive,
        "lock": report.document.as_ref().map(lock_object),
        "running": report.running,
        "serverTime": report.now.map(utc_time),
    })
}

/// The object of `verify --json`.
pub fn verify_report(report: &VerifyReport) -> Value {
    let is_problem = |finding: &Finding| finding.severity == Severity::Refusal;
    json!({
        "ok": !report.findings.iter().any(is_problem),
        "total": report.total,
        "applied": report.applied,
        "pending": report.pending,
        "findings": report.findings.iter().map(finding_object).collect::<Vec<_>>(),
    })
}

fn runtime_object(runtime: Option<&ForeignRuntime>) -> Value {
    runtime.map_or(
        Value::Null,
        |runtime| json!({ "name": runtime.name, "title": runtime.title, "reason": runtime.reason }),
    )
}

/// The object of `up --dry-run --json` and `down --dry-run --json`.
pub fn dry_run_report(kind: RunKind, dry_run: &DryRun) -> Value {
    let steps: Vec<Value> = dry_run
        .steps
        .iter()
        .map(|step| {
            let source = if step.source == StepSource::History { "history" } else { "file" };
            json!({
                "name": step.name, "direction": step.direction.as_str(), "cause": cause_word(step.cause),
                "transaction": step.transaction, "runtime": runtime_object(step.runtime.as_ref()), "source": source, "running": step.running,
                "problem": step.problem.as_ref().map(|problem| &problem.message),
            })
        })
        .collect();
    json!({
        "event": "dryRun",
        "command": kind.as_str(),
        "files": dry_run.files,
        "steps": steps,
        "alreadyApplied": dry_run.already_applied,
        "restored": dry_run.restored,
        "findings": dry_run.findings.iter().map(finding_object).collect::<Vec<_>>(),
        "lock": dry_run.lock.as_ref().map(lock_object),
        "warnings": dry_run.warnings,
    })
}

fn finding_object(finding: &Finding) -> Map<String, Value> {
    let mut object = Map::new();
    object.insert("code".to_owned(), finding.code().into());
    object.insert(
        "severity".to_owned(),
        match finding.severity {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Refusal => "refusal",
        }
        .into(),
    );
    object.insert("names".to_owned(), json!(finding.names()));
    object.insert("message".to_owned(), finding.to_string().into());
    object.insert("hint".to_owned(), json!(finding.hint()));
    object
}

fn lock_object(lock: &LockDocument) -> Value {
    json!({
        "owner": lock.owner,
        "fence": lock.fence,
        "command": lock.command,
        "acquiredAt": utc_time(lock.acquired_at),
        "renewedAt": utc_time(lock.renewed_at),
        "expiresAt": utc_time(lock.expires_at),
    })
}

/// The object of `status --json`.
pub fn status_report(status: &StatusReport) -> Value {
    let migrations: Vec<Value> = status
        .migrations
        .iter()
        .map(|migration| {
            let entry = &migration.entry;
            let row = entry.row.as_ref();
            json!({
                "name": entry.name(),
                "version": entry.version(),
                "description": entry.description,
                "status": migration.status().as_str(),
                "state": migration.state(),
                "appliedAt": row.and_then(|row| row.applied_at).map(utc_time),
                "executionTime": row.and_then(|row| row.execution_time),
                "checksum": row.map(|row| row.checksum.as_str()),
                "error": row.and_then(|row| row.error.clone()),
                "rollback": row.is_some_and(|row| row.rollback),
            })
        })
        .collect();
    json!({
        "total": status.total(),
        "applied": status.applied(),
        "pending": status.pending(),
        "failed": status.failed(),
        "migrations": migrations,
        "findings": status.findings.iter().map(finding_object).collect::<Vec<_>>(),
        "lock": status.lock.as_ref().map(lock_object),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_milliseconds() {
        for (millis, text) in [
            (1_704_103_200_005, "2024-01-01T10:00:00.005Z"),
            (1_704_103_200_000, "2024-01-01T10:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(utc_time(DateTime::from_millis(millis)), text);
        }
    }
}
