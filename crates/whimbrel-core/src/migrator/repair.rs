//! Settling by hand: what a person decided about single migrations, and the baseline of an existing database.
//!
//! All decisions are checked against the history under the lock before the first is written; each write is a
//! compare-and-set as a run's, and each is in the audit trail with who and why.

use std::collections::HashSet;

use mongodb::bson::doc;
use uuid::Uuid;

use super::rows::{Writer, bundle};
use super::{Migrator, Reading};
use crate::body::{BodyFacts, RunStamp};
use crate::error::{Error, RepairError};
use crate::event::Event;
use crate::gate::{Gate, StopReason, StopSignal};
use crate::history::{Expected, Row, RowChange, Status, StoredSource, Written};
use crate::lock::{Lease, Takeover};
use crate::plan::{Entry, Force, Request, State, UpTarget, find};
use crate::source::Migration;

/// What is done about a migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// It counts as applied, with the text its file has now.
    MarkApplied,
    /// It counts as not applied; the next `up` runs it.
    MarkPending,
    /// The text its file has now counts as the one that was applied.
    AcceptChecksum,
    /// Its file has this name now.
    RenameTo(String),
}

impl Remedy {
    /// A stable word, as in the audit trail.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::MarkApplied => "mark-applied",
            Self::MarkPending => "mark-pending",
            Self::AcceptChecksum => "accept-checksum",
            Self::RenameTo(_) => "rename",
        }
    }
}

/// What a person decided about one migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Name, stem or version.
    pub name: String,
    /// What to do.
    pub remedy: Remedy,
    /// How its row stood when that was decided, where somebody looked: if it stands otherwise by then, nothing is
    /// written.
    pub planned: Option<Expected>,
}

impl Decision {
    /// A decision on a migration, whatever its row says by then.
    pub fn new(name: impl Into<String>, remedy: Remedy) -> Self {
        Self { name: name.into(), remedy, planned: None }
    }
}

/// One migration that was settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repaired {
    /// Its name as it was.
    pub name: String,
    /// What was done.
    pub remedy: Remedy,
    /// How it stood before.
    pub before: State,
    /// Something worth knowing: its file could not be loaded, so that its imports are not part of its checksum.
    pub warning: Option<String>,
}

/// What a repair did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RepairReport {
    /// In the order of the decisions.
    pub repaired: Vec<Repaired>,
}

/// A decision with all it needs to be written.
struct Settled<'r> {
    entry: &'r Entry,
    remedy: Remedy,
    migration: Option<Migration>,
}

pub(super) async fn repair(
    migrator: &Migrator,
    decisions: &[Decision],
    reason: Option<&str>,
    stop: StopSignal,
) -> Result<RepairReport, Error> {
    // What is wrong with the request is said before anybody is made to wait for the lock.
    settle(&migrator.read(&Request::Status).await?, decisions)?;
    if decisions.is_empty() {
        return Ok(RepairReport::default());
    }
    let _alone = migrator.at_work(&stop, migrator.settings.lock.wait).await?;
    let run_id = Uuid::new_v4().to_string();
    let lease =
        migrator.acquire("repair", &run_id, false, Takeover::WhenDead, stop.clone()).await?;
    let result = async {
        let reading = migrator.read(&Request::Status).await?;
        let settled = settle(&reading, decisions)?;
        migrator.end_commands_of_the_dead(&reading.rows).await;
        migrator.stores.history.prepare().await?;
        write_all(migrator, &lease, &run_id, &reading, settled, ("repair", reason), &stop).await
    }
    .await;
    end_looking(migrator).await;
    migrator.release(&lease, &run_id).await;
    result
}

pub(super) async fn baseline(
    migrator: &Migrator,
    last: Option<&str>,
    reason: Option<&str>,
    stop: StopSignal,
) -> Result<RepairReport, Error> {
    let target = match last {
        Some(last) => UpTarget::To(last.to_owned()),
        None => UpTarget::All,
    };
    // As for a run: what is wrong with the files is refused, and the target names what is marked.
    let request = Request::Up { target, force: Force::Nothing };
    let chosen = |reading: &Reading| {
        let executed = reading.rows.iter().filter(|row| row.attempts > 0).count();
        if executed > 0 {
            return Err(Error::BaselineOnHistory { rows: executed });
        }
        let findings = reading.plan.refusals();
        if !findings.is_empty() {
            return Err(Error::Refused { findings });
        }
        let names = reading.plan.steps.iter().map(|step| step.name.clone());
        let mark = |name| Decision { name, remedy: Remedy::MarkApplied, planned: None };
        Ok(names.map(mark).collect::<Vec<_>>())
    };
    if chosen(&migrator.read(&request).await?)?.is_empty() {
        return Ok(RepairReport::default());
    }
    let _alone = migrator.at_work(&stop, migrator.settings.lock.wait).await?;
    let run_id = Uuid::new_v4().to_string();
    let lease =
        migrator.acquire("baseline", &run_id, false, Takeover::WhenDead, stop.clone()).await?;
    let result = async {
        let reading = migrator.read(&request).await?;
        let decisions = chosen(&reading)?;
        let settled = settle(&reading, &decisions)?;
        migrator.end_commands_of_the_dead(&reading.rows).await;
        migrator.stores.history.prepare().await?;
        write_all(migrator, &lease, &run_id, &reading, settled, ("baseline", reason), &stop).await
    }
    .await;
    end_looking(migrator).await;
    migrator.release(&lease, &run_id).await;
    result
}

/// Nothing more is looked at: gives back what that took.
async fn end_looking(migrator: &Migrator) {
    for message in migrator.loader.release().await {
        migrator.observer.observe(&Event::Warned { name: String::new(), message });
    }
}

/// Finds what each decision is about, and whether it fits.
fn settle<'r>(reading: &'r Reading, decisions: &[Decision]) -> Result<Vec<Settled<'r>>, Error> {
    let entries = &reading.plan.entries;
    let mut taken: HashSet<&str> = HashSet::new();
    for Decision { name, remedy, .. } in decisions {
        let new = match remedy {
            Remedy::RenameTo(new) => Some(new),
            _ => None,
        };
        for text in [Some(name), new].into_iter().flatten() {
            let name = find(entries, text)?.name();
            if !taken.insert(name) {
                return Err(RepairError::Contradictory { name: name.to_owned() }.into());
            }
        }
    }
    let mut settled = Vec::new();
    for Decision { name, remedy, planned } in decisions {
        let entry = find(entries, name)?;
        if planned.as_ref().is_some_and(|planned| *planned != Expected::of(entry.row.as_ref())) {
            return Err(Error::RowChanged { name: entry.name().to_owned() });
        }
        let mut file = entry.name();
        let mut remedy = remedy.clone();
        if let Remedy::RenameTo(new) = &remedy {
            let new = find(entries, new)?;
            if let Some(problem) = cannot_rename(entry, new) {
                let (name, remedy) = (entry.name().to_owned(), remedy.as_str());
                return Err(RepairError::DoesNotFit { name, remedy, problem }.into());
            }
            file = new.name();
            remedy = Remedy::RenameTo(file.to_owned());
        } else if let Some(problem) = does_not_fit(entry, &remedy) {
            let (name, remedy) = (entry.name().to_owned(), remedy.as_str());
            return Err(RepairError::DoesNotFit { name, remedy, problem }.into());
        }
        let migrations = &reading.listing.migrations;
        let migration = migrations.iter().find(|migration| migration.id.name() == file).cloned();
        settled.push(Settled { entry, remedy, migration });
    }
    Ok(settled)
}

fn does_not_fit(entry: &Entry, remedy: &Remedy) -> Option<String> {
    // An interrupted rollback in a transaction reads as applied, and its row still says otherwise.
    let completed = entry.row.as_ref().is_some_and(|row| row.status == Status::Completed);
    match remedy {
        Remedy::MarkApplied if completed && entry.state == State::Modified => {
            Some("it is applied; to take its present text for the one that was applied, use --accept-checksum".to_owned())
        }
        Remedy::MarkApplied if completed => Some("it is applied already".to_owned()),
        Remedy::MarkPending if entry.row.is_none() || entry.state == State::Pending => {
            Some("it is pending already".to_owned())
        }
        Remedy::AcceptChecksum if entry.state == State::Missing => {
            Some("its file is not there".to_owned())
        }
        Remedy::AcceptChecksum if !entry.state.is_applied() => {
            Some(format!("it is not applied (it is {})", entry.state.as_str()))
        }
        Remedy::AcceptChecksum if !entry.modified => Some("its file is unchanged".to_owned()),
        _ => None,
    }
}

fn cannot_rename(old: &Entry, new: &Entry) -> Option<String> {
    if old.row.is_none() {
        Some("it has no row in the history".to_owned())
    } else if old.has_file {
        Some("its file is still there".to_owned())
    } else if !new.has_file {
        Some(format!("there is no file {}", new.name()))
    } else if new.row.is_some() {
        Some(format!("{} has a row of its own in the history", new.name()))
    } else {
        None
    }
}

async fn write_all(
    migrator: &Migrator,
    lease: &Lease,
    run_id: &str,
    reading: &Reading,
    settled: Vec<Settled<'_>>,
    (event, reason): (&'static str, Option<&str>),
    stop: &StopSignal,
) -> Result<RepairReport, Error> {
    let mut sequence = reading.rows.iter().filter_map(|row| row.sequence).max().unwrap_or(0);
    let stamp = RunStamp { run_id: run_id.to_owned(), fence: lease.fence() };
    let writer = Writer { stamp: &stamp, identity: &migrator.identity };
    let mut report = RepairReport::default();
    for Settled { entry, remedy, migration } in settled {
        sequence += 1;
        if let Some(reason) = stop.reason() {
            return Err(reason.into());
        }
        let (facts, warning) = match (&remedy, &migration) {
            (Remedy::RenameTo(_), Some(file)) => (BodyFacts::default(), changed_too(entry, file)),
            (Remedy::MarkPending, _) | (_, None) => (BodyFacts::default(), None),
            (_, Some(migration)) => load(migration, stop).await?,
        };
        let row = match (&remedy, &entry.row, &migration) {
            (Remedy::MarkPending, Some(row), _) => Some(writer.marked_pending(row)),
            (Remedy::RenameTo(_), Some(row), Some(migration)) => {
                Some(writer.renamed(row, migration))
            }
            (_, row, migration) => {
                writer.marked_applied(row.as_ref(), migration.as_ref(), &facts.imports, sequence)
            }
        };
        let Some(row) = row else { continue };
        let source = match (&remedy, &migration) {
            (Remedy::MarkPending | Remedy::RenameTo(_), _) | (_, None) => StoredSource::Keep,
            (_, Some(migration)) => {
                bundle(migration, &facts.entry, &facts.imports, &facts.resolutions)
                    .map_or(StoredSource::Clear, StoredSource::Store)
            }
        };
        let change = RowChange { expected: Expected::of(entry.row.as_ref()), row, source };
        lease.guard().check()?;
        let history = &migrator.stores.history;
        fail::fail_point!("repair::before_write");
        let written = match &remedy {
            Remedy::RenameTo(_) => history.rename(entry.name(), &change).await?,
            _ => history.write(&change).await?,
        };
        fail::fail_point!("repair::written");
        if written == Written::Conflict {
            return Err(Error::RowChanged { name: entry.name().to_owned() });
        }
        let mut audit = migrator.audit_entry(event, run_id, lease.fence());
        audit.name = Some(entry.name().to_owned());
        audit.detail = doc! {
            "action": remedy.as_str(),
            "before": entry.state.as_str(),
            "reason": reason,
        };
        if let Remedy::RenameTo(new) = &remedy {
            audit.detail.insert("to", new);
        }
        migrator.stores.audit.append(audit, &migrator.identity).await;
        let (name, before) = (entry.name().to_owned(), entry.state);
        report.repaired.push(Repaired { name, remedy, before, warning });
    }
    Ok(report)
}

/// What to say of a file that was renamed and is not what was applied.
fn changed_too(entry: &Entry, file: &Migration) -> Option<String> {
    let row = entry.row.as_ref().filter(|row| row.status == Status::Completed)?;
    (row.checksum != file.checksum).then(|| {
        format!(
            "its text was changed as well; `whimbrel repair --accept-checksum {}` takes that",
            file.id.name()
        )
    })
}

/// What a file imports. One that cannot be loaded here is no reason to refuse: it was applied elsewhere.
async fn load(
    migration: &Migration,
    stop: &StopSignal,
) -> Result<(BodyFacts, Option<String>), Error> {
    let limit = super::loading::Loading::start(stop, super::loading::LOADING);
    Ok(match migration.body.inspect(Gate::new(limit.stop(), None)).await {
        Ok(facts) => (facts, None),
        // One that takes too long to load is as good as one that cannot be loaded.
        Err(_) if stop.reason().is_some() => {
            return Err(stop.reason().unwrap_or(StopReason::Cancelled).into());
        }
        Err(error) => {
            let first = error.to_string().lines().next().unwrap_or_default().to_owned();
            let warning = format!(
                "its file cannot be loaded, so a change in what it imports will not be noticed: {first}"
            );
            (BodyFacts::default(), Some(warning))
        }
    })
}

impl Writer<'_> {
    /// The row under the name of its new file. Its checksum stays: a text that was changed as well is another matter.
    fn renamed(&self, row: &Row, migration: &Migration) -> Row {
        let mut renamed = Row {
            name: migration.id.name().to_owned(),
            version: migration.id.version().as_str().to_owned(),
            description: migration.description.clone(),
            ..row.clone()
        };
        self.sign(&mut renamed);
        renamed
    }
}
