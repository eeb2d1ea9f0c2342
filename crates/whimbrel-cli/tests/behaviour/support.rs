//! A project folder and the program.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use whimbrel_testing::TestDatabase;

/// What a command gave.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    pub(crate) fn of(output: &Output) -> Self {
        let ran = Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        };
        assert!(!ran.stdout.contains(PASSWORD), "{}", ran.stdout);
        assert!(!ran.stderr.contains(PASSWORD), "{}", ran.stderr);
        ran
    }

    /// Exit code and both streams, with what differs from run to run replaced.
    pub(crate) fn snapshot(&self, project: &Path) -> String {
        let text =
            format!("exit {}\n--- stdout\n{}--- stderr\n{}", self.code, self.stdout, self.stderr);
        without_durations(&text.replace(&project.display().to_string(), "PROJECT"))
    }

    pub(crate) fn must(self) -> Self {
        assert_eq!(self.code, 0, "{}\n{}", self.stdout, self.stderr);
        self
    }
}

/// A password that no output may ever show.
pub(crate) const PASSWORD: &str = "s3cr3t-passw0rd";

/// `12ms`, `1.2s` and dates become words.
fn without_durations(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let mut line = line.to_owned();
        for label in ["Applied: ", "Rolled back: ", "Duration: "] {
            if line.starts_with("   ") && line.trim_start().starts_with(label) {
                line = format!("   {label}…");
            }
        }
        if let (Some(open), Some(close)) = (line.rfind(" ("), line.rfind(')'))
            && open < close
            && line[open + 2..close].ends_with('s')
            && line[open + 2..close].starts_with(|c: char| c.is_ascii_digit())
        {
            line.replace_range(open + 2..close, "TIME");
        }
        out.push_str(&line);
        out.push('\n');
    }
    out
}

/// A folder with migrations.
pub(crate) struct Project {
    folder: tempfile::TempDir,
    uri: Option<String>,
}

impl Project {
    pub(crate) fn new(uri: Option<String>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("migrations/scripts")).unwrap();
        Self { folder, uri }
    }

    pub(crate) fn on(test: &TestDatabase) -> Self {
        Self::new(Some(test.uri()))
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap()
    }

    pub(crate) fn file(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn remove(&self, path: &str) {
        std::fs::remove_file(self.folder.path().join(path)).unwrap();
    }

    /// Lets its migrations run in Node.js, with the packages of the repository's own tests.
    pub(crate) fn in_node(self) -> Self {
        let packages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/node/node_modules");
        assert!(
            packages.join("mongodb").is_dir(),
            "the npm packages are not installed: `cargo xtask test` installs them, or `npm ci` in tests/node"
        );
        let packages = packages.canonicalize().unwrap();
        std::os::unix::fs::symlink(packages, self.folder.path().join("node_modules")).unwrap();
        self.file("package.json", "{ \"private\": true }\n");
        self.file("whimbrel.toml", "runtime = \"node\"\n");
        self
    }

    /// A migration that inserts its name into `applied` and takes it out again.
    pub(crate) fn migration(&self, name: &str) {
        self.file(
            &format!("migrations/scripts/{name}"),
            &format!(
                "export default async function up(db) {{ await db.collection('applied').insertOne({{ name: '{name}' }}); }}\n\
                 export async function rollback(db) {{ await db.collection('applied').deleteOne({{ name: '{name}' }}); }}\n"
            ),
        );
    }

    /// A migration whose `up` is these statements.
    pub(crate) fn up_body(&self, name: &str, statements: &str) {
        self.file(
            &format!("migrations/scripts/{name}"),
            &format!(
                "export default async function up(db) {{\n{statements}\n}}\nexport async function rollback(db) {{}}\n"
            ),
        );
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_whimbrel"));
        command.args(args).current_dir(self.folder.path()).stdin(Stdio::null());
        for name in ["MONGODB_URI", "WHIMBREL_URI", "NO_COLOR"] {
            command.env_remove(name);
        }
        command.env("TZ", "UTC");
        if let Some(uri) = &self.uri {
            command.env("MONGODB_URI", uri);
        }
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        Ran::of(&self.command(args).output().unwrap())
    }

    /// Starts it and leaves it running, its output collected.
    pub(crate) fn start(&self, args: &[&str]) -> Child {
        self.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }
}

/// Waits for a started command.
pub(crate) fn finish(child: Child) -> Ran {
    Ran::of(&child.wait_with_output().unwrap())
}

/// Reads lines of a running command until one holds `wanted`; gives all that was read.
pub(crate) fn read_until(stream: impl std::io::Read, wanted: &str) -> String {
    use std::io::BufRead as _;
    let mut read = String::new();
    for line in std::io::BufReader::new(stream).lines() {
        let line = line.unwrap();
        read.push_str(&line);
        read.push('\n');
        if line.contains(wanted) {
            return read;
        }
    }
    panic!("no {wanted:?} in\n{read}");
}

/// Waits until something is so; fails after a generous time.
pub(crate) async fn until<F: AsyncFnMut() -> bool>(mut holds: F) {
    for _ in 0..600 {
        if holds().await {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("it never came to pass");
}

/// Sends a signal to a process.
pub(crate) fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").arg(format!("-{name}")).arg(child.id().to_string()).status();
    assert!(sent.unwrap().success());
}
