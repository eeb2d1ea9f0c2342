//! The native part of the npm package: built by cargo, and put where the package of a checkout looks for it.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::step::{self, Failure, say};

/// How it is built.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Together with the command line, for tests.
    Debug,
    /// As it is released.
    Release,
}

/// Builds it and puts it into `packages/node`.
pub(crate) fn build(root: &Path, profile: Profile) -> Result<(), Failure> {
    let mut cargo = Command::new(crate::cargo());
    cargo.args(["build", "--package", "whimbrel-node"]).current_dir(root);
    // What its functions are, for the typings that are checked in; a test compares.
    let types = crate::target_folder(root).join("napi-types");
    fs::create_dir_all(&types).map_err(Failure::io(types.display()))?;
    cargo.env("NAPI_TYPE_DEF_TMP_FOLDER", std::path::absolute(&types).unwrap_or(types));
    match profile {
        // One command, so that both are built of the same crates with the same features.
        Profile::Debug => {
            step::run("binary and add-on", cargo.args(["--package", "whimbrel-cli"]))?
        }
        Profile::Release => step::run("add-on", cargo.arg("--release"))?,
    }
    let folder = if profile == Profile::Release { "release" } else { "debug" };
    let library = format!("{}whimbrel_node{}", env::consts::DLL_PREFIX, env::consts::DLL_SUFFIX);
    let built = crate::target_folder(root).join(folder).join(library);
    let placed = root.join("packages/node").join(format!("whimbrel.{}.node", platform(root)?));
    // Under another name first: a Node.js may have the old one open.
    let fresh = placed.with_extension("tmp");
    fs::copy(&built, &fresh).map_err(Failure::io(built.display()))?;
    // What a debugger needs of it is most of it; without the tool it is only larger.
    let mut strip = Command::new("strip");
    let stripped = strip.arg("--strip-debug").arg(&fresh).status();
    if !stripped.is_ok_and(|status| status.success()) {
        say("add-on: not stripped");
    }
    fs::rename(&fresh, &placed).map_err(Failure::io(placed.display()))?;
    say(format_args!("add-on: {}", placed.display()));
    Ok(())
}

/// What the package calls the platform that Node.js runs on here.
fn platform(root: &Path) -> Result<String, Failure> {
    let module = root.join("packages/node/lib/internal/platform.cjs");
    let script = "process.stdout.write(require(process.argv[1]).platform())";
    let args = ["-e", script, &module.to_string_lossy()];
    step::first_line("node", &args).ok_or_else(|| {
        Failure::new("`node` does not say which platform it runs on\nhint: install Node.js, so that it is on the PATH")
    })
}
