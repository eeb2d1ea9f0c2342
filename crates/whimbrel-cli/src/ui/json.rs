//! Events as JSON lines, and the status as one JSON object. Times are UTC, durations milliseconds.

use serde_json::{Map, Value, json};
use whimbrel_core::audit::AuditRecord;
use whimbrel_core::body::ForeignRuntime;
use whimbrel_core::bson::Bson;
use whimbrel_core::event::{Event, Observer};
use whimbrel_core::lock::LockDocument;
use whimbrel_core::migrator::{DryRun, KnownWork, LockReport, StatusReport, VerifyReport};
use whimbrel_core::plan::Cause;
use whimbrel_core::plan::StepSource;
use whimbrel_core::plan::{Finding, Severity};
use whimbrel_core::report::{RunKind, RunReport};

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
        Event::LockTakenOver { from, alive } => {
            json!({ "event": "lockTakenOver", "from": lock_json(from), "alive": alive })
        }
        Event::LockOutlasting { wait } => {
            json!({ "event": "lockOutlasting", "wait": millis(*wait) })
        }
        Event::WasInterrupted { work } => {
            let mut object = known_work_json(work);
            object.insert("event".to_owned(), "wasInterrupted".into());
            Value::Object(object)
        }
        Event::AlreadyApplied { names } => json!({ "event": "alreadyApplied", "names": names }),
        Event::Started { name, direction, cause, transaction, runtime, position, total } => {
            let runtime = runtime_json(runtime.as_ref());
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
        "error": error.map(|error| json!({
            "code": error.code, "message": error.message, "hints": error.hints,
        })),
    })
}

fn known_work_json(work: &KnownWork) -> Map<String, Value> {
    let mut object = Map::new();
    object.insert("name".to_owned(), work.name.clone().into());
    object.insert("direction".to_owned(), work.direction.as_str().into());
    object.insert("runId".to_owned(), work.run_id.clone().into());
    object.insert("transaction".to_owned(), work.transaction.into());
    object.insert(
        "startedAt".to_owned(),
        json!(work.started_at.map(|at| utc_time(at.timestamp_millis()))),
    );
    object.insert(
        "knownUntil".to_owned(),
        json!(work.known_until.map(|at| utc_time(at.timestamp_millis()))),
    );
    object.insert("operations".to_owned(), json!(work.lines()));
    object
}

/// One line of `history --json`.
pub(crate) fn audit_json(record: &AuditRecord, with_operations: bool) -> Value {
    let mut detail = record.detail.clone();
    if !with_operations {
        detail.remove("operations");
        detail.remove("notListed");
    }
    json!({
        "at": record.at.map(|at| utc_time(at.timestamp_millis())),
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
        Bson::DateTime(at) => utc_time(at.timestamp_millis()).into(),
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
pub(crate) fn lock_report_json(report: &LockReport) -> Value {
    let held = report.document.as_ref().is_some_and(|document| document.owner.is_some());
    json!({
        "held": held,
        "alive": report.alive,
        "lock": report.document.as_ref().map(lock_json),
        "running": report.running,
        "serverTime": report.now.map(|at| utc_time(at.timestamp_millis())),
    })
}

/// The object of `verify --json`.
pub(crate) fn verify_json(report: &VerifyReport, sound: bool) -> Value {
    json!({
        "ok": sound,
        "total": report.total,
        "applied": report.applied,
        "pending": report.pending,
        "findings": report.findings.iter().map(finding_json).collect::<Vec<_>>(),
    })
}

fn runtime_json(runtime: Option<&ForeignRuntime>) -> Value {
    runtime.map_or(
        Value::Null,
        |runtime| json!({ "name": runtime.name, "title": runtime.title, "reason": runtime.reason }),
    )
}

/// The object of `up --dry-run --json` and `down --dry-run --json`.
pub(crate) fn dry_run_json(kind: RunKind, dry_run: &DryRun) -> Value {
    let steps: Vec<Value> = dry_run
        .steps
        .iter()
        .map(|step| {
            let source = if step.source == StepSource::History { "history" } else { "file" };
            json!({
                "name": step.name, "direction": step.direction.as_str(), "cause": cause_word(step.cause),
                "transaction": step.transaction, "runtime": runtime_json(step.runtime.as_ref()), "source": source, "running": step.running,
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
        "findings": dry_run.findings.iter().map(finding_json).collect::<Vec<_>>(),
        "lock": dry_run.lock.as_ref().map(lock_json),
        "warnings": dry_run.warnings,
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
