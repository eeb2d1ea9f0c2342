//! Where every migration stands: files beside rows.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{Finding, FindingKind, ModifiedPart, Plan, PlanInput, PlannedFile, Severity};
use crate::body::Direction;
use crate::file_name::{Version, stem_of};
use crate::history::{Row, Status};

/// Where one migration stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Never applied, or rolled back.
    Pending,
    /// Applied and unchanged.
    Applied,
    /// Applied; its text changed since.
    Modified,
    /// Applied; its file is not there.
    Missing,
    /// Its last `up` failed.
    Failed,
    /// Its last `up` was cut off, or is running in another process.
    Interrupted,
    /// Its last rollback failed.
    RollbackFailed,
    /// Its last rollback was cut off, or is running in another process.
    RollbackInterrupted,
}

impl State {
    /// A stable word for machines.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Applied => "applied",
            Self::Modified => "modified",
            Self::Missing => "missing",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
            Self::RollbackFailed => "rollback-failed",
            Self::RollbackInterrupted => "rollback-interrupted",
        }
    }

    /// Whether what it does stands in the database.
    pub fn is_applied(self) -> bool {
        matches!(self, Self::Applied | Self::Modified | Self::Missing)
    }
}

/// One migration: its file, its row, or both.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    name: String,
    version: String,
    /// From the file's header, else as recorded.
    pub description: Option<String>,
    /// Where it stands.
    pub state: State,
    /// There is a file of that name.
    pub has_file: bool,
    /// Its text, or an import's, is not what ran last; only ever set for applied ones.
    pub modified: bool,
    /// Its row.
    pub row: Option<Row>,
}

impl Entry {
    /// The migration's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its version's digits.
    pub fn version(&self) -> &str {
        &self.version
    }

    pub(super) fn is_meant_by(&self, text: &str) -> bool {
        text == self.name || text == stem_of(&self.name) || self.version_is(text)
    }

    fn version_is(&self, text: &str) -> bool {
        let versions = (Version::parse(&self.version), Version::parse(text));
        matches!(versions, (Some(own), Some(asked)) if own == asked)
    }
}

/// The entries, and the findings that do not depend on the request.
pub(super) fn compare(input: PlanInput<'_>) -> Plan {
    let rows: HashMap<&str, &Row> = input.rows.iter().map(|row| (row.name.as_str(), row)).collect();
    let files: HashSet<&str> = input.files.iter().map(|file| file.id.name()).collect();
    let mut plan = Plan::default();
    for file in input.files {
        let row = rows.get(file.id.name()).copied();
        let entry = with_file(&mut plan, input, file, row);
        plan.entries.push(entry);
    }
    let mut gone: Vec<&Row> =
        input.rows.iter().filter(|row| !files.contains(row.name.as_str())).collect();
    gone.sort_by(|a, b| a.sequence.cmp(&b.sequence).then_with(|| a.name.cmp(&b.name)));
    for row in gone {
        let entry = without_file(&mut plan, row);
        plan.entries.push(entry);
    }
    find_duplicates(&mut plan, input.files);
    find_renames(&mut plan);
    plan
}

fn with_file(
    plan: &mut Plan,
    input: PlanInput<'_>,
    file: &PlannedFile,
    row: Option<&Row>,
) -> Entry {
    let mut state = row.map_or(State::Pending, |row| state_of(plan, row));
    let mut modified = false;
    if let (State::Applied, Some(row)) = (state, row)
        && let Some(part) = changed_part(input, file, row)
    {
        modified = true;
        state = State::Modified;
        let kind = FindingKind::Modified { name: row.name.clone(), part };
        plan.findings.push(Finding::new(Severity::Warning, kind));
    }
    Entry {
        name: file.id.name().to_owned(),
        version: file.id.version().as_str().to_owned(),
        description: file.description.clone().or_else(|| row.and_then(|r| r.description.clone())),
        state,
        has_file: true,
        modified,
        row: row.cloned(),
    }
}

fn without_file(plan: &mut Plan, row: &Row) -> Entry {
    let mut state = state_of(plan, row);
    if state == State::Applied {
        state = State::Missing;
        let kind = FindingKind::Missing { name: row.name.clone() };
        plan.findings.push(Finding::new(Severity::Note, kind));
    }
    Entry {
        name: row.name.clone(),
        version: row.version.clone(),
        description: row.description.clone(),
        state,
        has_file: false,
        modified: false,
        row: Some(row.clone()),
    }
}

fn state_of(plan: &mut Plan, row: &Row) -> State {
    match (row.status, row.direction) {
        (Status::Pending, _) => State::Pending,
        (Status::Completed, _) => State::Applied,
        (Status::Failed, Direction::Up) => State::Failed,
        (Status::Failed, Direction::Rollback) => State::RollbackFailed,
        (Status::Running, Direction::Up) => State::Interrupted,
        (Status::Running, Direction::Rollback) if row.transaction => {
            // Nothing of it was left: it is applied as before.
            plan.restore.push(row.clone());
            State::Applied
        }
        (Status::Running, Direction::Rollback) => State::RollbackInterrupted,
    }
}

fn changed_part(input: PlanInput<'_>, file: &PlannedFile, row: &Row) -> Option<ModifiedPart> {
    if file.checksum != row.checksum {
        return Some(ModifiedPart::Own);
    }
    row.imports.iter().find_map(|import| match input.imports.get(&import.path) {
        Some(None) => Some(ModifiedPart::ImportGone(import.path.clone())),
        Some(Some(now)) if *now != import.checksum => {
            Some(ModifiedPart::Import(import.path.clone()))
        }
        _ => None,
    })
}

fn find_duplicates(plan: &mut Plan, files: &[PlannedFile]) {
    let mut versions: BTreeMap<&Version, Vec<String>> = BTreeMap::new();
    let mut folded: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in files {
        versions.entry(file.id.version()).or_default().push(file.id.name().to_owned());
        folded.entry(file.id.name().to_lowercase()).or_default().push(file.id.name().to_owned());
    }
    for names in folded.into_values().filter(|names| names.len() > 1) {
        plan.findings.push(Finding::new(Severity::Warning, FindingKind::CaseConflict { names }));
    }
    for names in versions.into_values().filter(|names| names.len() > 1) {
        plan.findings
            .push(Finding::new(Severity::Warning, FindingKind::DuplicateVersion { names }));
    }
}

fn find_renames(plan: &mut Plan) {
    let mut found = Vec::new();
    for old in plan.entries.iter().filter(|entry| entry.state == State::Missing) {
        let twin = plan.entries.iter().find(|new| {
            new.state == State::Pending
                && new.row.is_none()
                && (stem_of(&new.name) == stem_of(&old.name) || new.version_is(&old.version))
        });
        if let Some(new) = twin {
            found.push((old.name.clone(), new.name.clone()));
        }
    }
    for (old, new) in found {
        plan.findings.push(Finding::new(Severity::Warning, FindingKind::Renamed { old, new }));
    }
}
