//! `cargo xtask test`: everything the tests need, then all of them, in the order from cheap to dear.
//!
//! The first step that fails ends the run with its exit code. What a test runner prints stays as it is:
//! the counts are the runners' own.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::node;
use crate::step::{self, Failure, say};
use crate::tools;

/// The oldest Node.js the tests run on, major and minor: the official driver's, with `import.meta.dirname` and
/// the detection of ES modules.
const OLDEST_NODE: (u32, u32) = (20, 19);

/// Lets the tests kill the program at named places.
pub(crate) const FAIL_POINTS: &str = "whimbrel-cli/failpoints";

/// The copy of the lock file the installed packages belong to, inside `node_modules`.
const STAMP: &str = ".whimbrel-package-lock.json";

/// Runs everything; `args` go to the runner of the Rust tests.
pub(crate) fn run(root: &Path, args: &[OsString]) -> Result<(), Failure> {
    tools::run()?;
    let mut ran = vec!["tools".to_owned()];
    check_node(step::first_line("node", &["--version"]).as_deref())?;
    let node_tests = ["tests/node", "packages/node/tests"].map(|folder| root.join(folder));
    for folder in &node_tests {
        ran.push(packages(folder)?);
    }
    let cargo = || {
        let mut command = Command::new(crate::cargo());
        command.current_dir(root);
        command
    };
    let nextest = step::first_line("cargo-nextest", &["nextest", "--version"]).is_some();
    if nextest {
        step::run(
            "Rust tests",
            cargo().args(["nextest", "run", "--workspace", "--features", FAIL_POINTS]).args(args),
        )?;
        ran.push("Rust tests (nextest)".into());
    } else {
        step::run(
            "Rust tests",
            cargo()
                .args(["test", "--workspace", "--all-targets", "--features", FAIL_POINTS])
                .args(args),
        )?;
        ran.push("Rust tests (cargo test)".into());
    }
    if tools::on_path(env::var_os("PATH").as_deref(), "mongod").is_some() {
        let only = [
            "test",
            "--package",
            "whimbrel-local",
            "--test",
            "behaviour",
            "--",
            "--ignored",
            "mongod::",
        ];
        step::run("tests with mongod", cargo().args(only))?;
        ran.push("tests with mongod".into());
    } else {
        ran.push("tests with mongod (skipped: not on the PATH)".into());
    }
    let documentation = ["test", "--workspace", "--doc", "--features", FAIL_POINTS];
    step::run("doc tests", cargo().args(documentation))?;
    ran.push("doc tests".into());

    without_javascript(root)?;
    ran.push("without default features".into());
    // The other tests are built together with the command line, which turns all features on.
    let defaults = ["test", "--package", "whimbrel", "--test", "behaviour", "runtimes"];
    step::run("the library with default features", cargo().args(defaults))?;
    ran.push("with default features".into());

    // Only now: the Rust tests have put a program with fail points in its place.
    node::build(root, node::Profile::Debug)?;
    ran.push("binary and add-on".into());

    for folder in &node_tests {
        let name = folder.strip_prefix(root).unwrap_or(folder).display();
        let files = test_files(folder)?;
        if files.is_empty() {
            return Err(Failure::new(format!("there are no tests in {name}")));
        }
        let mut node = Command::new("node");
        let step = format!("Node.js tests in {name}");
        step::run(&step, node.arg("--test").args(&files).current_dir(root))?;
        ran.push(format!("{step} ({} files)", files.len()));
    }
    say(format_args!("test: all steps passed: {}", ran.join(", ")));
    Ok(())
}

/// A service that uses the library without its default features: no JavaScript engine is in its tree, and it works.
fn without_javascript(root: &Path) -> Result<(), Failure> {
    let package = "example-native-migrations";
    let mut tree = Command::new(crate::cargo());
    tree.args(["tree", "--package", package, "--edges", "normal", "--prefix", "none"]);
    let output = tree.current_dir(root).output().map_err(Failure::io("cargo tree"))?;
    let crates = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() || !crates.contains("whimbrel-core") {
        return Err(Failure::new("`cargo tree` does not say what the example is made of"));
    }
    if let Some(engine) = crates.lines().find(|line| is_of_javascript(line)) {
        return Err(Failure::new(format!(
            "{package} is built with {engine}, and needs no JavaScript"
        )));
    }
    let mut cargo = Command::new(crate::cargo());
    cargo.args(["test", "--package", package]).current_dir(root);
    step::run("an example without default features", &mut cargo)
}

fn is_of_javascript(line: &str) -> bool {
    ["rquickjs", "oxc", "whimbrel-script", "whimbrel-node-runtime"]
        .iter()
        .any(|name| line.starts_with(name))
}

fn check_node(version: Option<&str>) -> Result<(), Failure> {
    let (major, minor) = OLDEST_NODE;
    let hint =
        format!("install Node.js {major}.{minor} or newer, so that node and npm are on the PATH");
    let Some(version) = version else {
        return Err(Failure::new(format!(
            "the tests compare with Node.js, but there is none\nhint: {hint}"
        )));
    };
    let mut numbers = version.trim_start_matches('v').split('.').map(str::parse::<u32>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) if OLDEST_NODE <= (major, minor) => Ok(()),
        _ => Err(Failure::new(format!("the tests cannot use Node.js {version}\nhint: {hint}"))),
    }
}

/// Installs the npm packages of a folder, unless those of its lock file are there. Says what it was.
pub(crate) fn packages(folder: &Path) -> Result<String, Failure> {
    let lock = folder.join("package-lock.json");
    let wanted = fs::read(&lock).map_err(Failure::io(lock.display()))?;
    let modules = folder.join("node_modules");
    if fs::read(modules.join(STAMP)).is_ok_and(|installed| installed == wanted) {
        say("npm packages: up to date");
        return Ok("npm packages (up to date)".into());
    }
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let mut command = Command::new(npm);
    command.args(["ci", "--no-audit", "--no-fund"]).current_dir(folder);
    step::run("npm packages", &mut command)?;
    // Without a package nothing is installed, and there is no folder for the stamp.
    fs::create_dir_all(&modules).map_err(Failure::io(modules.display()))?;
    let stamp = modules.join(STAMP);
    fs::write(&stamp, wanted).map_err(Failure::io(stamp.display()))?;
    Ok("npm packages".into())
}

/// Every `*.test.js`, `.mjs` and `.cjs` below a folder, sorted. They are named one by one because the
/// versions of Node.js disagree on what a folder after `--test` means.
fn test_files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        if !folder.is_dir() {
            continue;
        }
        for entry in fs::read_dir(&folder).map_err(Failure::io(folder.display()))? {
            let path = entry.map_err(Failure::io(folder.display()))?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() && name != "node_modules" {
                folders.push(path);
            } else if [".test.js", ".test.mjs", ".test.cjs"].iter().any(|end| name.ends_with(end)) {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_must_be_there_and_new_enough() {
        assert!(check_node(Some("v20.19.0")).is_ok());
        assert!(check_node(Some("v22.11.0")).is_ok());
        for bad in [None, Some("v20.18.9"), Some("nonsense")] {
            assert!(
                check_node(bad).unwrap_err().to_string().contains("hint: install Node.js 20.19")
            );
        }
    }

    #[test]
    fn test_files_are_found_below_but_not_in_packages() {
        let folder = env::temp_dir().join(format!("xtask-node-{}", std::process::id()));
        for name in
            ["b.test.mjs", "a.test.js", "deep/c.test.cjs", "helper.js", "node_modules/p/x.test.js"]
        {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let found = test_files(&folder).unwrap();
        let expected = ["a.test.js", "b.test.mjs", "deep/c.test.cjs"].map(|name| folder.join(name));
        assert_eq!(found, expected);
        fs::remove_dir_all(&folder).unwrap();
        assert!(test_files(&folder).unwrap().is_empty());
    }

    #[test]
    fn packages_of_the_same_lock_file_are_not_installed_again() {
        let folder = env::temp_dir().join(format!("xtask-npm-{}", std::process::id()));
        fs::create_dir_all(folder.join("node_modules")).unwrap();
        fs::write(folder.join("package-lock.json"), "{}").unwrap();
        fs::write(folder.join("node_modules").join(STAMP), "{}").unwrap();
        assert_eq!(packages(&folder).unwrap(), "npm packages (up to date)");
        fs::remove_dir_all(&folder).unwrap();
    }
}
