//! `cargo xtask demo`: the main job, on a real server, with the binary as a user would get it.
//!
//! One server lives through all commands: `whimbrel local`, which prints its URI as its first line and runs until it is
//! told to stop. The example is copied, so that a run leaves the checkout as it was.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::step::{self, Failure, say};
use crate::tools;

/// The database of the example.
const DATABASE: &str = "social";

/// How long the server has to stop.
const PATIENCE: Duration = Duration::from_secs(10);

/// Shows everything, and cleans up after itself, also when a step fails.
pub(crate) fn run(root: &Path) -> Result<(), Failure> {
    tools::run()?;
    let mut build = Command::new(crate::cargo());
    build.args(["build", "--release", "--package", "whimbrel-cli"]).current_dir(root);
    step::run("binary", &mut build)?;

    let scratch = Scratch::new()?;
    let project = scratch.0.join("social");
    say(format_args!("example: a copy of examples/social in {}", project.display()));
    copy(&root.join("examples").join("social"), &project)?;

    let whimbrel = crate::target_folder(root)
        .join("release")
        .join(format!("whimbrel{}", env::consts::EXE_SUFFIX));
    let server = Server::start(&whimbrel, &scratch.0.join("data"))?;
    say(format_args!("server: {}", server.uri));
    let demo = Demo { whimbrel, project, uri: server.uri.clone() };
    let shown = demo.seed().and_then(|()| demo.show());
    say("server: stopping");
    drop(server);
    shown?;
    say("demo: done; the server and its data are gone");
    Ok(())
}

struct Demo {
    whimbrel: PathBuf,
    project: PathBuf,
    uri: String,
}

impl Demo {
    /// Fills the database, by the example's own script: an ordinary migration with a history of its own.
    fn seed(&self) -> Result<(), Failure> {
        if !self.project.join("seed").is_dir() {
            return Ok(());
        }
        say("seed: some people and posts, as if the application had been in use");
        self.whimbrel(&["up", "--dir", "seed", "--collection", "seeds"])
    }

    fn show(&self) -> Result<(), Failure> {
        ["up", "status", "down", "status"].iter().try_for_each(|command| self.whimbrel(&[command]))
    }

    /// Runs one command with the terminal's own streams.
    fn whimbrel(&self, args: &[&str]) -> Result<(), Failure> {
        let typed = args.join(" ");
        println!("\n$ whimbrel {typed}");
        let status = Command::new(&self.whimbrel)
            .args(args)
            .current_dir(&self.project)
            .env("MONGODB_URI", &self.uri)
            .env_remove("WHIMBREL_URI")
            .env("WHIMBREL_DATABASE", DATABASE)
            .status()
            .map_err(Failure::io(self.whimbrel.display()))?;
        println!();
        if status.success() {
            return Ok(());
        }
        Err(Failure::new(format!("`whimbrel {typed}` failed ({status})")))
    }
}

/// The server in the foreground of a child process.
struct Server {
    child: Child,
    uri: String,
}

impl Server {
    fn start(whimbrel: &Path, data: &Path) -> Result<Self, Failure> {
        say("server: whimbrel local");
        let mut child = Command::new(whimbrel)
            .args(["local", "--data-dir"])
            .arg(data)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(Failure::io(whimbrel.display()))?;
        let mut uri = String::new();
        let mut lines = child.stdout.take().map(BufReader::new);
        if let Some(lines) = &mut lines {
            lines.read_line(&mut uri).map_err(Failure::io("whimbrel local"))?;
        }
        let server = Self { child, uri: uri.trim().to_owned() };
        if !server.uri.starts_with("mongodb://") {
            return Err(Failure::new("`whimbrel local` did not print the URI of a server"));
        }
        // Whatever it prints later is read and dropped: it must neither block on a full pipe nor be cut off.
        thread::spawn(move || {
            lines.map(|mut lines| std::io::copy(&mut lines, &mut std::io::sink()))
        });
        Ok(server)
    }
}

impl Drop for Server {
    /// Asks the server to stop, as Ctrl-C would. If it does not, it is killed, and its watchdog ends the rest.
    fn drop(&mut self) {
        let asked = Command::new("kill").arg(self.child.id().to_string()).status();
        let give_up = Instant::now() + PATIENCE;
        if asked.is_ok_and(|status| status.success()) {
            while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < give_up {
                thread::sleep(Duration::from_millis(20));
            }
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A folder that is removed at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Self, Failure> {
        let folder = env::temp_dir().join(format!("whimbrel-demo-{}", std::process::id()));
        fs::create_dir(&folder).map_err(Failure::io(folder.display()))?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            say(format_args!("cannot remove {}: {error}", self.0.display()));
        }
    }
}

/// Copies a folder with all that is in it, but not the packages of npm.
fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    fs::create_dir_all(to).map_err(Failure::io(to.display()))?;
    for entry in fs::read_dir(from).map_err(Failure::io(from.display()))? {
        let entry = entry.map_err(Failure::io(from.display()))?;
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            if entry.file_name() != "node_modules" {
                copy(&path, &target)?;
            }
        } else {
            fs::copy(&path, &target).map_err(Failure::io(path.display()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
