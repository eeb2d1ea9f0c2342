//! `cargo xtask soak`: the storm tests for longer than every change can wait for.
//!
//! The numbers of rounds are those that `docs/reliability.md` gives figures for. Each test prints its seed.

use std::path::Path;
use std::process::Command;

use crate::step::{self, Failure, say};
use crate::test::{FAIL_POINTS, packages};
use crate::tools;

/// The arguments of `cargo test` for the storms, and for the model.
const STORM: [&str; 6] =
    ["--package", "whimbrel-cli", "--features", FAIL_POINTS, "--test", "storm"];
const MODEL: [&str; 4] = ["--package", "whimbrel-core", "--test", "behaviour"];

/// What it is, the variables it sets, the binary, and which of its tests.
type Part =
    (&'static str, &'static [(&'static str, &'static str)], &'static [&'static str], &'static str);

const PARTS: [Part; 5] = [
    (
        "kills of the program (300) and of the server (100)",
        &[("STORM_ROUNDS", "300"), ("STORM_SERVER_ROUNDS", "100")],
        &STORM,
        "random_kill",
    ),
    (
        "kills of the program and of its Node.js process (150 each)",
        &[("STORM_NODE_ROUNDS", "150")],
        &STORM,
        "node::",
    ),
    ("fail points, up to 12 times each", &[("STORM_TIMES", "12")], &STORM, "kill_points"),
    ("fifty at once, five times", &[("STORM_CONTENTION", "5")], &STORM, "contention"),
    ("the model, 20,000 seeds", &[("MODEL_SEEDS", "20000")], &MODEL, "model::"),
];

pub(crate) fn run(root: &Path) -> Result<(), Failure> {
    tools::run()?;
    packages(&root.join("tests").join("node"))?;
    for (what, variables, binary, tests) in PARTS {
        let mut command = Command::new(crate::cargo());
        command.current_dir(root).arg("test").args(binary).args(["--", tests, "--nocapture"]);
        command.envs(variables.iter().copied());
        step::run(what, &mut command)?;
    }
    say("soak: everything holds");
    Ok(())
}
