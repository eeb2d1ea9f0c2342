//! The same for machines: events as JSON lines. What they look like, the core says.

use serde_json::{Value, json};
use whimbrel_core::event::{Event, Observer};
use whimbrel_core::json::{event, summary};
use whimbrel_core::report::RunReport;

use super::Ui;
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
    fn observe(&self, happened: &Event) {
        if let Some(line) = event(happened) {
            self.ui.line(&line.to_string());
        }
    }
}

/// The last line of `up --json` and `down --json`.
pub(crate) fn summary_line(report: &RunReport, error: Option<&CommandError>) -> Value {
    let error = error
        .map(|error| json!({ "code": error.code, "message": error.message, "hints": error.hints }));
    summary(report, error)
}
