//! `cargo xtask soak`: the storm tests for longer than every change can wait for.
//!
//! The numbers of rounds are those that `docs/reliability.md` gives figures for. Each test prints its seed.

use std::path::Path;
use std::process::Command;

use crate::step::{self, Failure, say};
use crate::test::FAIL_POINTS;
use crate::tools;

/// What it is, the variables it sets, the arguments of `cargo test`.
type Part = (&'static str, &'static [(&'static str, &'static str)], &'static [&'static str]);

const PARTS: [Part; 4] = [
    (
        "kills of the program (300) and of the server (100)",
        &[("STORM_ROUNDS", "300"), ("STORM_SERVER_ROUNDS", "100")],
        &[
            "--package",
            "whimbrel-cli",
            "--test",
            "storm",
            "--features",
            FAIL_POINTS,
            "--",
            "random_kill",
        ],
    ),
    (
        "fail points, up to 12 times each",
        &[("STORM_TIMES", "12")],
        &[
            "--package",
            "whimbrel-cli",
            "--test",
            "storm",
            "--features",
            FAIL_POINTS,
            "--",
            "kill_points",
        ],
    ),
    (
        "fifty at once, five times",
        &[("STORM_CONTENTION", "5")],
        &[
            "--package",
            "whimbrel-cli",
            "--test",
            "storm",
            "--features",
            FAIL_POINTS,
            "--",
            "contention",
        ],
    ),
    (
        "the model, 20,000 seeds",
        &[("MODEL_SEEDS", "20000")],
        &["--package", "whimbrel-core", "--test", "behaviour", "--", "model::"],
    ),
];

pub(crate) fn run(root: &Path) -> Result<(), Failure> {
    tools::run()?;
    for (what, variables, arguments) in PARTS {
        let mut command = Command::new(crate::cargo());
        command.current_dir(root).arg("test").args(arguments).arg("--nocapture");
        command.envs(variables.iter().copied());
        step::run(what, &mut command)?;
    }
    say("soak: everything holds");
    Ok(())
}
