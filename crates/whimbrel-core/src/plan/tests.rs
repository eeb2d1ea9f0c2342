//! The plan as a table: files × rows × request → steps, findings, states.

#![expect(clippy::type_complexity, reason = "the tables say themselves what their columns are")]

use std::collections::HashMap;

use super::*;
use crate::checksum::Checksum;
use crate::file_name::MigrationId;
use crate::history::{AppliedBy, RecordedImport, Row, Status};

/// `name` or `name!` for one whose text changed after it was applied.
fn files(names: &[&str]) -> Vec<PlannedFile> {
    let mut files: Vec<_> = names
        .iter()
        .map(|name| {
            let plain = name.trim_end_matches('!');
            PlannedFile {
                id: MigrationId::parse(plain).unwrap(),
                description: None,
                checksum: Checksum::of(name.as_bytes()),
            }
        })
        .collect();
    files.sort_by(|a, b| a.id.cmp(&b.id));
    files
}

/// `name=state`, with state one of done, pending, failed, running, back-failed, back-running, each with `+tx` for
/// one in a transaction; done ones get their sequence by position.
fn rows(specs: &[&str]) -> Vec<Row> {
    specs
        .iter()
        .enumerate()
        .map(|(at, spec)| {
            let (name, state) = spec.split_once('=').unwrap();
            let (state, transaction) = match state.strip_suffix("+tx") {
                Some(state) => (state, true),
                None => (state, false),
            };
            let (status, direction) = match state {
                "done" => (Status::Completed, Direction::Up),
                "pending" => (Status::Pending, Direction::Rollback),
                "failed" => (Status::Failed, Direction::Up),
                "running" => (Status::Running, Direction::Up),
                "back-failed" => (Status::Failed, Direction::Rollback),
                "back-running" => (Status::Running, Direction::Rollback),
                other => panic!("{other}"),
            };
            let id = MigrationId::parse(name).unwrap();
            Row {
                name: name.to_owned(),
                version: id.version().as_str().to_owned(),
                description: None,
                status,
                direction,
                rollback: state == "pending",
                sequence: (status != Status::Pending && state != "failed").then_some(at as i64 + 1),
                applied_at: None,
                execution_time: None,
                checksum: Checksum::of(name.as_bytes()),
                imports: Vec::new(),
                error: None,
                error_detail: None,
                attempts: 1,
                transaction,
                run_id: String::new(),
                fence: 1,
                applied_by: AppliedBy::default(),
                rolled_back_at: None,
            }
        })
        .collect()
}

struct Case<'a> {
    files: &'a [&'a str],
    rows: &'a [&'a str],
    request: Request,
    policy: Policy,
}

fn planned(case: &Case<'_>) -> Result<Plan, PlanError> {
    let (files, rows) = (files(case.files), rows(case.rows));
    let imports = HashMap::new();
    plan(
        PlanInput { files: &files, rows: &rows, imports: &imports, policy: case.policy },
        &case.request,
    )
}

fn up(target: UpTarget, force: Force) -> Request {
    Request::Up { target, force }
}

fn all() -> Request {
    up(UpTarget::All, Force::Nothing)
}

fn down(target: DownTarget) -> Request {
    Request::Down { target, from: RollbackFrom::UnchangedFile }
}

/// The names of the steps, or the codes of the refusals in brackets.
fn outcome(files: &[&str], rows: &[&str], request: Request, policy: Policy) -> Vec<String> {
    match planned(&Case { files, rows, request, policy }) {
        Err(error) => vec![format!("<{}>", error.code())],
        Ok(plan) if !plan.refusals().is_empty() => {
            plan.refusals().iter().map(|finding| format!("[{}]", finding.code())).collect()
        }
        Ok(plan) => plan.steps.iter().map(|step| step.name.clone()).collect(),
    }
}

fn names(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn up_takes_what_is_due_in_order() {
    let three = ["3.js", "1.js", "2.js"];
    let default = Policy::default();
    let table: &[(&[&str], &[&str], Request, &[&str])] = &[
        (&three, &[], all(), &["1.js", "2.js", "3.js"]),
        (&three, &["1.js=done", "2.js=done", "3.js=done"], all(), &[]),
        (&three, &["1.js=done", "2.js=pending", "3.js=failed"], all(), &["2.js", "3.js"]),
        (&three, &["1.js=running", "2.js=running+tx"], all(), &["1.js", "2.js", "3.js"]),
        (&three, &["1.js=done"], up(UpTarget::Count(1), Force::Nothing), &["2.js"]),
        (&three, &[], up(UpTarget::Count(0), Force::Nothing), &["<COUNT_INVALID>"]),
        (&three, &[], up(UpTarget::To("2".into()), Force::Nothing), &["1.js", "2.js"]),
        (&three, &[], up(UpTarget::To("9".into()), Force::Nothing), &["<MIGRATION_UNKNOWN>"]),
        (
            &three,
            &[],
            up(UpTarget::Names(names(&["3", "1.js"])), Force::Nothing),
            &["1.js", "3.js"],
        ),
        (&three, &["1.js=done"], up(UpTarget::Names(names(&["1"])), Force::Nothing), &[]),
        (
            &three,
            &["1.js=done", "2.js=done"],
            up(UpTarget::All, Force::All),
            &["1.js", "2.js", "3.js"],
        ),
        (
            &three,
            &["1.js=done", "2.js=done"],
            up(UpTarget::All, Force::Names(names(&["2"]))),
            &["2.js", "3.js"],
        ),
        (
            &three,
            &["1.js=done", "2.js=done"],
            up(UpTarget::Names(names(&["2"])), Force::Names(names(&["2"]))),
            &["2.js"],
        ),
    ];
    for (files, rows, request, expected) in table {
        let got = outcome(files, rows, request.clone(), default);
        assert_eq!(got, *expected, "{rows:?} {request:?}");
    }
}

#[test]
fn up_refuses_what_a_person_must_settle() {
    let refuse = Policy { out_of_order: OutOfOrder::Refuse, ..Policy::default() };
    let warn = Policy { on_modified: OnModified::Warn, ..Policy::default() };
    let rerun = Policy { on_modified: OnModified::Rerun, ..Policy::default() };
    let stop = Policy { on_interrupted: OnInterrupted::Stop, ..Policy::default() };
    let default = Policy::default();
    let forced = up(UpTarget::All, Force::Names(names(&["1"])));
    let table: &[(&[&str], &[&str], Request, Policy, &[&str])] = &[
        (&["1.js!", "2.js"], &["1.js=done"], all(), default, &["[MIGRATION_MODIFIED]"]),
        (&["1.js!", "2.js"], &["1.js=done"], all(), warn, &["2.js"]),
        (&["1.js!", "2.js"], &["1.js=done"], all(), rerun, &["1.js", "2.js"]),
        (&["1.js!", "2.js"], &["1.js=done"], forced.clone(), default, &["1.js", "2.js"]),
        (
            &["1.js!", "2.js"],
            &["1.js=done"],
            up(UpTarget::All, Force::All),
            default,
            &["[MIGRATION_MODIFIED]"],
        ),
        // Only completed rows are compared.
        (&["1.js!"], &["1.js=failed"], all(), default, &["1.js"]),
        (&["1.js!"], &["1.js=pending"], all(), default, &["1.js"]),
        (&["1_a.js", "1_b.js"], &[], all(), default, &["[VERSION_DUPLICATE]"]),
        (&["1_a.js", "01_c.js"], &[], all(), default, &["[VERSION_DUPLICATE]"]),
        (
            &["1_a.js", "1_A.js"],
            &[],
            all(),
            default,
            &["[NAME_CASE_CONFLICT]", "[VERSION_DUPLICATE]"],
        ),
        (&["2_new.js"], &["2_old.js=done"], all(), default, &["[MIGRATION_RENAMED]"]),
        (&["02_old.mjs"], &["2_old.js=done"], all(), default, &["[MIGRATION_RENAMED]"]),
        (&["3.js"], &["2_old.js=done"], all(), default, &["3.js"]),
        (&["1.js", "2.js"], &["2.js=done"], all(), default, &["1.js"]),
        (&["1.js", "2.js"], &["2.js=done"], all(), refuse, &["[OUT_OF_ORDER]"]),
        (&["1.js"], &["1.js=running"], all(), stop, &["[MIGRATION_INTERRUPTED]"]),
        (&["1.js"], &["1.js=running+tx"], all(), stop, &["1.js"]),
        (&["1.js"], &["1.js=running"], forced, stop, &["1.js"]),
        (&["1.js", "2.js"], &["1.js=back-failed"], all(), default, &["[ROLLBACK_FAILED]"]),
        (&["1.js", "2.js"], &["1.js=back-running"], all(), default, &["[ROLLBACK_INTERRUPTED]"]),
        (&["1.js", "2.js"], &["1.js=back-running+tx"], all(), default, &["2.js"]),
    ];
    for (files, rows, request, policy, expected) in table {
        let got = outcome(files, rows, request.clone(), *policy);
        assert_eq!(got, *expected, "{files:?} {rows:?} {request:?}");
    }
}

#[test]
fn down_goes_by_order_of_application() {
    let files = ["1.js", "2.js", "3.js"];
    let applied = ["2.js=done", "1.js=done", "3.js=done"];
    let table: &[(&[&str], &[&str], DownTarget, &[&str])] = &[
        (&files, &applied, DownTarget::Count(1), &["3.js"]),
        (&files, &applied, DownTarget::Count(2), &["3.js", "1.js"]),
        (&files, &applied, DownTarget::Count(9), &["3.js", "1.js", "2.js"]),
        (&files, &applied, DownTarget::Count(0), &["<COUNT_INVALID>"]),
        (&files, &applied, DownTarget::All, &["3.js", "1.js", "2.js"]),
        (&files, &applied, DownTarget::To("2".into()), &["3.js", "1.js"]),
        (&files, &applied, DownTarget::To("3".into()), &[]),
        (&files, &["1.js=done"], DownTarget::To("2".into()), &["<MIGRATION_NOT_APPLIED>"]),
        (&files, &applied, DownTarget::Names(names(&["2", "3"])), &["3.js", "2.js"]),
        (&files, &["1.js=failed"], DownTarget::Count(1), &[]),
        (&files, &["1.js=failed"], DownTarget::Names(names(&["1"])), &["1.js"]),
        (&files, &["1.js=pending"], DownTarget::Names(names(&["1"])), &["<MIGRATION_NOT_APPLIED>"]),
        (&files, &["1.js=done", "2.js=back-failed"], DownTarget::Count(1), &["2.js"]),
        (&files, &["1.js=done", "2.js=back-running"], DownTarget::Count(1), &["2.js"]),
        (&["2.js"], &["1.js=done"], DownTarget::Count(1), &["[ROLLBACK_FILE_MISSING]"]),
        (&["1.js!"], &["1.js=done"], DownTarget::Count(1), &["[ROLLBACK_FILE_MODIFIED]"]),
        // Trouble with others does not stop a rollback.
        (
            &["1.js!", "2.js", "2_b.js"],
            &["1.js=done", "2.js=done"],
            DownTarget::Count(1),
            &["2.js"],
        ),
    ];
    for (files, rows, target, expected) in table {
        let got = outcome(files, rows, down(target.clone()), Policy::default());
        assert_eq!(got, *expected, "{files:?} {rows:?} {target:?}");
    }
}

#[test]
fn a_rollback_takes_the_text_it_is_told_to() {
    let source = |files: &[&str], from| {
        let request = Request::Down { target: DownTarget::Count(1), from };
        let case = Case { files, rows: &["1.js=done"], request, policy: Policy::default() };
        let plan = planned(&case).unwrap();
        (plan.refusals().len(), plan.steps[0].source)
    };
    assert_eq!(source(&["1.js!"], RollbackFrom::File), (0, StepSource::File));
    assert_eq!(source(&["1.js!"], RollbackFrom::History), (0, StepSource::History));
    assert_eq!(source(&["1.js"], RollbackFrom::History), (0, StepSource::File));
    assert_eq!(source(&[], RollbackFrom::History), (0, StepSource::History));
    assert_eq!(source(&[], RollbackFrom::File).0, 1);
}

#[test]
fn a_changed_import_counts_as_modified() {
    let files = files(&["1.js"]);
    let mut rows = rows(&["1.js=done"]);
    let recorded = Checksum::of(b"before");
    rows[0].imports = vec![RecordedImport { path: "lib/a.js".into(), checksum: recorded.clone() }];
    let state = |now: Option<Checksum>| {
        let imports = HashMap::from([("lib/a.js".to_owned(), now)]);
        let input =
            PlanInput { files: &files, rows: &rows, imports: &imports, policy: Policy::default() };
        plan(input, &Request::Status).unwrap().entries[0].state
    };
    assert_eq!(state(Some(recorded)), State::Applied);
    assert_eq!(state(Some(Checksum::of(b"after"))), State::Modified);
    assert_eq!(state(None), State::Modified);
}

#[test]
fn states_and_what_is_put_back() {
    let case = Case {
        files: &["1.js", "2.js", "3.js", "4.js", "5.js!", "6.js"],
        rows: &[
            "1.js=running",
            "2.js=back-running",
            "3.js=back-running+tx",
            "4.js=back-failed",
            "5.js=done",
            "7.js=done",
            "8.js=failed",
        ],
        request: Request::Status,
        policy: Policy::default(),
    };
    let plan = planned(&case).unwrap();
    let states: Vec<_> =
        plan.entries.iter().map(|e| format!("{}={}", e.name(), e.state.as_str())).collect();
    assert_eq!(
        states,
        [
            "1.js=interrupted",
            "2.js=rollback-interrupted",
            "3.js=applied",
            "4.js=rollback-failed",
            "5.js=modified",
            "6.js=pending",
            "8.js=failed",
            "7.js=missing",
        ]
    );
    assert_eq!(plan.restore.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["3.js"]);
}

#[test]
fn an_ambiguous_version_asks_for_the_name() {
    let got = outcome(
        &["1_a.js", "1_b.js"],
        &[],
        up(UpTarget::To("1".into()), Force::Nothing),
        Policy::default(),
    );
    assert_eq!(got, ["<MIGRATION_AMBIGUOUS>"]);
}

#[test]
fn a_deployment_is_older_only_than_what_came_after_all_it_has() {
    let newer = |files: &[&str], rows: &[&str]| {
        let policy = Policy { newer_database: NewerDatabase::Refuse, ..Policy::default() };
        let plan = planned(&Case { files, rows, request: all(), policy }).unwrap();
        let found = plan.findings.iter().find(|finding| finding.code() == "DATABASE_NEWER");
        found.map(|finding| finding.names().into_iter().map(str::to_owned).collect::<Vec<_>>())
    };
    for (files, rows, expected) in [
        // The newer release has applied 3, is at it, or has failed with it.
        (&["1.js", "2.js"][..], &["1.js=done", "2.js=done", "3.js=done"][..], Some(vec!["3.js"])),
        (&["1.js"], &["1.js=done", "2.js=running"], Some(vec!["2.js"])),
        (&["1.js"], &["1.js=done", "2.js=failed"], Some(vec!["2.js"])),
        // Merged late: applied after all that is here, although its version is lower.
        (&["1.js", "3.js"], &["1.js=done", "3.js=done", "2.js=done"], Some(vec!["2.js"])),
        // Taken away since: the first ones, all, and one in the middle after a rollback.
        (&["2.js"], &["1.js=done", "2.js=done"], None),
        (&["3.js"], &["1.js=done", "2.js=done"], None),
        (&["1.js", "3.js"], &["1.js=done", "2.js=done", "3.js=pending"], None),
        // Rolled back there as well.
        (&["1.js"], &["1.js=done", "2.js=pending"], None),
        // Rust code of a newer release.
        (&["1.js"], &["1.js=done", "2_x.rs=done"], Some(vec!["2_x.rs"])),
    ] {
        let expected = expected.map(|names| names.into_iter().map(str::to_owned).collect());
        assert_eq!(newer(files, rows), expected, "{files:?} {rows:?}");
    }
    // The command line never has any.
    let policy = Policy { native_is_elsewhere: true, ..Policy::default() };
    let rows = &["1.js=done", "2_x.rs=done"];
    let plan = planned(&Case { files: &["1.js"], rows, request: all(), policy }).unwrap();
    assert!(plan.findings.iter().all(|finding| finding.code() != "DATABASE_NEWER"));
}
