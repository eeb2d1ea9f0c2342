//! Events as JSON lines, and the status as one JSON object. Times are UTC, durations milliseconds.

use serde_json::{Map, Value, json};
use whimbrel::core::lock::LockDocument;
use whimbrel::core::plan::Cause;
use whimbrel::run::{Event, Finding, Observer, RunReport, Severity, StatusReport};

use super::{Ui, utc_time};
use crate::exit::CommandError;

/// Tells machines: one line per event. The summary is the command's last line, not an event of its own.
pub(crate) struct JsonObserver {
    ui: Ui,
}

impl JsonObserver {
    pub(crate) fn new(ui: Ui) -> Self {
        Self { ui }
    }
}

impl Observer for JsonObserver {
    fn observe(&self, event: &Event) {
        if let Some(line) = line(event) {
            self.ui.line(&line.to_string());
        }
    }
}

fn millis(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn line(event: &Event) -> Option<Value> {
    Some(match event {
        Event::Planned { run_id, kind, files, skipped_entries } => json!({
            "event": "planned", "runId": run_id, "command": kind.as_str(), "files": files,
            "skippedEntries": skipped_entries.iter()
                .map(|entry| json!({ "name": entry.name, "reason": entry.why.to_string() }))
                .collect::<Vec<_>>(),
        }),
        Event::Found { finding } => {
            let mut object = finding_json(finding);
            object.insert("event".to_owned(), "found".into());
            Value::Object(object)
        }
        Event::LockWaiting { holder, waited } => json!({
            "event": "lockWaiting", "lock": lock_json(holder), "waited": millis(*waited),
        }),
        Event::LockTakenOver { from } => {
            json!({ "event": "lockTakenOver", "from": lock_json(from) })
        }
        Event::AlreadyApplied { names } => json!({ "event": "alreadyApplied", "names": names }),
        Event::Started { name, direction, cause, transaction, position, total } => json!({
            "event": "started", "name": name, "direction": direction.as_str(), "cause": cause_word(*cause),
            "transaction": transaction, "position": position, "total": total,
        }),
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

/// The last line of `up --json` and `down --json`.
pub(crate) fn summary_line(report: &RunReport, error: Option<&CommandError>) -> Value {
    let summary = report.summary();
    json!({
        "event": "summary",
        "runId": report.run_id,
        "success": error.is_none(),
        "successful": summary.successful,
        "skipped": summary.skipped,
        "failed": summary.failed,
        "notStarted": summary.not_started,
        "done": report.done.iter()
            .map(|done| json!({ "name": done.name, "executionTime": millis(done.duration) }))
            .collect::<Vec<_>>(),
        "failures": report.failed.iter()
            .map(|failed| json!({ "name": failed.name, "error": failed.error }))
            .collect::<Vec<_>>(),
        "pending": report.not_started,
        "error": error.map(|error| json!({
            "code": error.code, "message": error.message, "hints": error.hints,
        })),
    })
}

fn finding_json(finding: &Finding) -> Map<String, Value> {
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

fn lock_json(lock: &LockDocument) -> Value {
    json!({
        "owner": lock.owner,
        "fence": lock.fence,
        "command": lock.command,
        "acquiredAt": utc_time(lock.acquired_at.timestamp_millis()),
        "renewedAt": utc_time(lock.renewed_at.timestamp_millis()),
        "expiresAt": utc_time(lock.expires_at.timestamp_millis()),
    })
}

/// The object of `status --json`.
pub(crate) fn status_json(status: &StatusReport) -> Value {
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
                "appliedAt": row.and_then(|row| row.applied_at).map(|at| utc_time(at.timestamp_millis())),
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
        "findings": status.findings.iter().map(finding_json).collect::<Vec<_>>(),
        "lock": status.lock.as_ref().map(lock_json),
    })
}
