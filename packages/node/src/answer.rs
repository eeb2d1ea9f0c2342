//! What the JavaScript of the package is answered: `{ "ok": … }` or `{ "error": … }`.

use std::path::Path;

use serde_json::{Value, json};
use whimbrel::config::ConfigError;
use whimbrel::{
    Error, ErrorClass, OpenError, RepairReport, RunFailure, StartupError, StartupOutcome,
    StartupReport, VerifyReport,
};
use whimbrel_core::error::causes_of;
use whimbrel_core::report::RunReport;

/// Milliseconds.
fn millis(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Why a call failed, as a `WhimbrelError` is made of it.
pub(crate) struct Failure(Value);

impl Failure {
    fn new(error: &dyn std::error::Error, code: &str, class: ErrorClass, hints: &[String]) -> Self {
        Self(json!({
            "message": error.to_string(),
            "code": code,
            "causes": causes_of(error),
            "hints": hints,
            "exitCode": class.exit_code(),
        }))
    }

    /// An error that is nobody's but this add-on's.
    pub(crate) fn of(code: &str, message: &str) -> Self {
        Self(json!({
            "message": message, "code": code, "causes": [], "hints": [],
            "exitCode": ErrorClass::Usage.exit_code(),
        }))
    }

    fn with_report(mut self, report: Value) -> Self {
        self.0["report"] = report;
        self
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        let hints: Vec<String> = error.hint().into_iter().collect();
        Self::new(&error, error.code(), ErrorClass::Usage, &hints)
    }
}

impl From<&OpenError> for Failure {
    fn from(error: &OpenError) -> Self {
        let hints: Vec<String> = error.hint().into_iter().collect();
        Self::new(error, error.code(), error.class(), &hints)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::new(&error, error.code(), error.class(), &error.hints())
    }
}

impl From<RunFailure> for Failure {
    fn from(failure: RunFailure) -> Self {
        let report = report(&failure.report, false);
        Self::from(failure.source).with_report(report)
    }
}

impl From<StartupError> for Failure {
    fn from(error: StartupError) -> Self {
        let waited = error.waited.map(millis);
        let mut failure = Self::from(error.failure);
        failure.0["report"]["waited"] = json!(waited);
        failure
    }
}

/// The answer.
pub(crate) fn answer(result: Result<Value, Failure>) -> String {
    match result {
        Ok(value) => json!({ "ok": value }),
        Err(Failure(error)) => json!({ "error": error }),
    }
    .to_string()
}

/// What a run did.
pub(crate) fn report(report: &RunReport, success: bool) -> Value {
    let numbers = report.summary();
    let done = report.done.iter().map(|done| {
        json!({
            "name": done.name, "direction": done.direction.as_str(), "status": "completed",
            "executionTime": millis(done.duration), "error": null,
        })
    });
    let failed = report.failed.iter().map(|failed| {
        json!({
            "name": failed.name, "direction": failed.direction.as_str(), "status": "failed",
            "executionTime": null, "error": failed.error,
        })
    });
    json!({
        "success": success,
        "runId": report.run_id,
        "migrationsRun": numbers.successful,
        "migrationsSkipped": numbers.skipped,
        "migrationsFailed": numbers.failed,
        "migrationsNotStarted": numbers.not_started,
        "migrations": done.chain(failed).collect::<Vec<_>>(),
        "skipped": report.skipped,
        "notStarted": report.not_started,
    })
}

/// What a start did.
pub(crate) fn startup(start: &StartupReport) -> Value {
    let mut value = report(&start.run, true);
    value["outcome"] = match start.outcome {
        StartupOutcome::Migrated => "migrated",
        StartupOutcome::MigratedElsewhere => "migratedElsewhere",
        _ => "upToDate",
    }
    .into();
    value["waited"] = json!(start.waited.map(millis));
    value["newer"] = json!(start.newer);
    value["duration"] = json!(millis(start.duration));
    value
}

/// Whether files and history agree.
pub(crate) fn verify(report: &VerifyReport) -> Value {
    whimbrel_core::json::verify_report(report)
}

/// What a baseline marked.
pub(crate) fn baseline(report: &RepairReport) -> Value {
    let names: Vec<&str> = report.repaired.iter().map(|one| one.name.as_str()).collect();
    json!({ "marked": names })
}

/// A file that was made.
pub(crate) fn created(path: &Path) -> Value {
    json!({
        "name": path.file_name().unwrap_or_default().to_string_lossy(),
        "path": path.to_string_lossy(),
    })
}
