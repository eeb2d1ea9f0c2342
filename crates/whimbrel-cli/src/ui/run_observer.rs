//! A run's events as text.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use whimbrel::Direction;
use whimbrel_core::body::{ForeignRuntime, OutputLevel};
use whimbrel_core::event::{Event, Observer};
use whimbrel_core::migrator::KnownWork;
use whimbrel_core::plan::Severity;
use whimbrel_core::report::{RunKind, Summary};

use super::{Ui, duration};

/// More "already applied" entries than this become one line.
const COLLAPSE_ABOVE: usize = 10;

/// Tells people.
pub(crate) struct TextObserver {
    ui: Ui,
    spinner: Mutex<Option<ProgressBar>>,
    /// When progress was last printed, where there is no spinner to show it.
    told: Mutex<Option<Instant>>,
}

/// How often progress is printed where there is no spinner.
const PROGRESS_EVERY: Duration = Duration::from_secs(10);

impl TextObserver {
    pub(crate) fn new(ui: Ui) -> Self {
        Self { ui, spinner: Mutex::new(None), told: Mutex::new(None) }
    }

    fn say(&self, text: &str) {
        self.above_spinner(|| self.ui.say(text));
    }

    fn warn(&self, text: &str) {
        self.above_spinner(|| self.ui.warn(text));
    }

    fn above_spinner(&self, print: impl FnOnce()) {
        match &*self.spinner.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }

    fn start_spinner(&self, name: &str) {
        if !self.ui.live {
            return;
        }
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
            bar.set_style(style);
        }
        bar.set_message(name.to_owned());
        bar.enable_steady_tick(Duration::from_millis(100));
        *self.spinner.lock().unwrap_or_else(PoisonError::into_inner) = Some(bar);
    }

    /// In the spinner where there is one; else a line now and then, and the last one.
    fn progress(&self, name: &str, done: u64, total: Option<u64>) {
        let text = how_far(done, total);
        if let Some(bar) = &*self.spinner.lock().unwrap_or_else(PoisonError::into_inner) {
            bar.set_message(format!("{name}: {text}"));
            return;
        }
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = told.is_none_or(|at| at.elapsed() >= PROGRESS_EVERY);
        if is_due || total == Some(done) {
            *told = Some(Instant::now());
            self.ui.say(&format!("   {}", self.ui.dim(&text)));
        }
    }

    fn stop_spinner(&self) {
        *self.told.lock().unwrap_or_else(PoisonError::into_inner) = None;
        if let Some(bar) = self.spinner.lock().unwrap_or_else(PoisonError::into_inner).take() {
            bar.finish_and_clear();
        }
    }

    /// `emoji text` on a terminal, the text alone elsewhere.
    fn head(&self, emoji: &str, text: &str) -> String {
        if self.ui.fancy { format!("{emoji} {text}") } else { text.to_owned() }
    }

    fn planned(&self, kind: RunKind, files: usize) {
        let title = match kind {
            RunKind::Up => self.head("🚀", "Starting migration process..."),
            RunKind::Down => self.head("🚀", "Starting rollback process..."),
            RunKind::Redo => self.head("🚀", "Starting redo process..."),
        };
        self.say(&title);
        let noun = if files == 1 { "file" } else { "files" };
        self.say(&self.head("📋", &format!("Found {files} migration {noun}")));
    }

    fn already_applied(&self, names: &[String]) {
        if names.len() > COLLAPSE_ABOVE && !self.ui.output.verbose {
            let text = format!("{} migrations already applied, skipping", names.len());
            self.say(&format!("\n{}", self.head("✅", &text)));
            return;
        }
        for name in names {
            self.say(&format!("\n{}", self.head("🔄", &format!("Executing migration: {name}"))));
            let text = format!("Migration {name} already applied, skipping");
            self.say(&self.head("✅", &text));
        }
    }

    fn finished(&self, kind: RunKind, summary: Summary) {
        let (title, done, count) = match kind {
            RunKind::Up => ("Migration Summary:", "Successful", summary.successful),
            RunKind::Down => ("Rollback Summary:", "Rolled back", summary.rolled_back),
            RunKind::Redo => ("Redo Summary:", "Rolled back", summary.rolled_back),
        };
        self.say(&format!("\n{}", self.head("📊", title)));
        self.say(&self.head("✅", &format!("{done}: {count}")));
        if kind == RunKind::Redo {
            let again = summary.successful - summary.rolled_back;
            self.say(&self.head("✅", &format!("Applied again: {again}")));
        }
        if kind == RunKind::Up {
            self.say(&self.head("⏭️ ", &format!("Skipped: {}", summary.skipped)));
        }
        self.say(&self.head("❌", &format!("Failed: {}", summary.failed)));
        if summary.not_started > 0 {
            self.say(&self.head("⏸️ ", &format!("Not started: {}", summary.not_started)));
        }
    }
}

impl Observer for TextObserver {
    fn observe(&self, event: &Event) {
        match event {
            Event::Planned { kind, files, skipped_entries, .. } => {
                self.planned(*kind, *files);
                for entry in skipped_entries {
                    if entry.why.is_suspicious() || self.ui.output.verbose {
                        self.warn(&format!("skipped {}: {}", entry.name, entry.why));
                    }
                }
            }
            Event::Found { finding } => match finding.severity {
                Severity::Warning => self.warn(&finding.to_string()),
                Severity::Note if self.ui.output.verbose => self.ui.note(&finding.to_string()),
                // A refusal is the run's error and told at its end.
                Severity::Note | Severity::Refusal => {}
            },
            Event::LockWaiting { holder, waited } => {
                let text = format!(
                    "waiting for the lock, held by {} since {}{}",
                    holder.holder(),
                    super::local_time(holder.acquired_at.timestamp_millis()),
                    if waited.as_secs() > 0 {
                        format!(" (for {} now)", duration(*waited))
                    } else {
                        String::new()
                    }
                );
                self.above_spinner(|| self.ui.note(&text));
            }
            Event::LockTakenOver { from, alive: true } => {
                self.warn(&format!("took the lock away from {}", from.holder()));
            }
            Event::LockTakenOver { from, alive: false } => {
                self.warn(&format!(
                    "took over the lock of {}, which has given no sign of life since {}",
                    from.holder(),
                    local(from)
                ));
            }
            Event::LockOutlasting { wait } => {
                let text = format!(
                    "waiting {} before anything is done, so that whoever still believes to hold the lock has stopped",
                    duration(*wait)
                );
                self.above_spinner(|| self.ui.note(&text));
            }
            // A warning says that it was interrupted; of what ran in a transaction nothing was left.
            Event::WasInterrupted { work } if !work.transaction => {
                for line in known_work_lines(work) {
                    self.above_spinner(|| self.ui.note(&format!("{}: {line}", work.name)));
                }
            }
            Event::AlreadyApplied { names } => self.already_applied(names),
            Event::Started { name, direction, runtime, .. } => {
                let text = match direction {
                    Direction::Up => self.head("🔄", &format!("Executing migration: {name}")),
                    Direction::Rollback => {
                        self.head("🔄", &format!("Rolling back migration: {name}"))
                    }
                };
                self.say(&format!("\n{text}"));
                if let Some(runtime) = runtime {
                    self.say(&format!("   {}", self.ui.dim(&format!("in {}", told(runtime)))));
                }
                self.start_spinner(name);
            }
            Event::Output { level, line, .. } => match level {
                OutputLevel::Debug if !self.ui.output.verbose => {}
                _ => self.say(&format!("   {}", self.ui.dim(line))),
            },
            Event::Logged { level, message, fields, .. } => match level {
                OutputLevel::Debug if !self.ui.output.verbose => {}
                _ => {
                    let fields = fields.iter().map(|(key, value)| {
                        let plain = value.as_object_id().map(|id| id.to_hex()).or_else(|| {
                            value.as_datetime().and_then(|at| at.try_to_rfc3339_string().ok())
                        });
                        let json = || serde_json::to_value(value).unwrap_or_default();
                        (key.as_str(), plain.map_or_else(json, serde_json::Value::from))
                    });
                    let text = logged(message, fields).replace('\n', "\n   ");
                    match level {
                        OutputLevel::Warn => self.warn(&text),
                        OutputLevel::Error => self.above_spinner(|| self.ui.logged_error(&text)),
                        _ => self.say(&format!("   {}", self.ui.dim(&text))),
                    }
                }
            },
            Event::Progress { name, done, total } => self.progress(name, *done, *total),
            Event::Retrying { attempt, error, .. } => {
                self.warn(&format!("the transaction is tried again (attempt {attempt}): {error}"));
            }
            Event::Completed { name, direction, duration: took } => {
                self.stop_spinner();
                let what = match direction {
                    Direction::Up => "completed",
                    Direction::Rollback => "rolled back",
                };
                let text = format!("Migration {name} {what} successfully ({})", duration(*took));
                self.say(&self.head("✅", &text));
            }
            Event::Warned { name, message } if name.is_empty() => self.warn(message),
            Event::Warned { name, message } => self.warn(&format!("{name}: {message}")),
            Event::Failed { name, direction, duration: took, error, code } => {
                self.stop_spinner();
                let what = match direction {
                    Direction::Up => "Migration",
                    Direction::Rollback => "Rollback of migration",
                };
                let text = if *code == "MIGRATION_NOT_LOADED" && took.is_zero() {
                    format!("{what} {name} cannot be loaded, so nothing was run: {error}")
                } else {
                    format!("{what} {name} failed ({}): {error}", duration(*took))
                };
                self.above_spinner(|| self.ui.line(&self.head("❌", &text)));
            }
            Event::Finished { kind, summary } => {
                self.stop_spinner();
                self.finished(*kind, *summary);
            }
            _ => {}
        }
    }
}

/// What runs a migration, and why.
pub(crate) fn told(runtime: &ForeignRuntime) -> String {
    let why = runtime.reason.as_ref().map(|why| format!(", because it {why}"));
    format!("{}{}", runtime.title, why.unwrap_or_default())
}

/// What is known of an execution that was cut off, and up to when.
pub(crate) fn known_work_lines(work: &KnownWork) -> Vec<String> {
    let Some(until) = work.known_until else {
        return vec!["the audit trail knows nothing of what it sent".to_owned()];
    };
    let until = super::local_time(until.timestamp_millis());
    let mut lines = work.lines();
    let head = match lines.len() {
        _ if work.ended => "what it sent:".to_owned(),
        0 => format!(
            "nothing is known to have been sent up to {until}; later operations are unknown"
        ),
        _ => format!("what it sent is known up to {until}; later operations are unknown"),
    };
    lines.insert(0, head);
    lines
}

/// `message key=value key=value`.
fn logged<'f>(message: &str, fields: impl Iterator<Item = (&'f str, serde_json::Value)>) -> String {
    let mut text = message.to_owned();
    for (key, value) in fields {
        let value = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
        text.push_str(&format!(" {key}={value}"));
    }
    text
}

/// `1200`, or `1200 of 5000 (24%)`.
fn how_far(done: u64, total: Option<u64>) -> String {
    match total {
        Some(total) if total > 0 => {
            let percent = (done as f64 / total as f64 * 100.0).min(100.0) as u64;
            format!("{done} of {total} ({percent}%)")
        }
        _ => done.to_string(),
    }
}

fn local(lock: &whimbrel_core::lock::LockDocument) -> String {
    super::local_time(lock.renewed_at.timestamp_millis())
}
