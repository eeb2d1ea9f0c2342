//! The child process: a server never outlives its owner.
//!
//! On Unix the server runs below a small shell script, the watchdog, that holds the reading end of a
//! pipe. This process holds the other end. When it lets go of it, by intent or because it died in whatever
//! way, `kill -9` included, the pipe closes and the watchdog ends the server: `SIGTERM`, and `SIGKILL` after
//! a grace time. So stopping in order and dying take the same, tested path. (Linux could send a signal
//! on a parent's death instead, but that is one system only and needs unsafe code.)
//!
//! The watchdog and the server are in a process group of their own: Ctrl-C on the terminal does not hit
//! them, the command stops them when it has finished with them. Both hold the locked file of the data
//! directory (the watchdog as its standard output, the server as file 3), so the lock lasts until the server
//! is gone. The server's output goes to the log file, never into a pipe that could fill up.
//!
//! Elsewhere the server is a plain child, killed by `stop` and by `Drop`, but not when this process is killed.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long a server has between `SIGTERM` and `SIGKILL`, in tenths of a second for the watchdog.
const GRACE_TENTHS: u32 = 50;

/// How long to wait for the watchdog to be done: the grace time, and room for `SIGKILL` to take effect.
const END_PATIENCE: Duration = Duration::from_secs(GRACE_TENTHS as u64 / 10 + 2);

/// How often a child process is asked whether it has ended.
const POLL: Duration = Duration::from_millis(10);

/// `$1` is the grace time, the rest is the server's command line. File 3 is the pipe, for the server the lock.
#[cfg(unix)]
const WATCHDOG: &str = r#"
grace=$1
shift
exec 3<&0 </dev/null
"$@" 3>&1 >&2 &
server=$!
echo "server $server"
(
    while read -r _ <&3; do :; done
    kill -TERM "$server"
    while [ "$grace" -gt 0 ] && kill -0 "$server"; do
        sleep 0.1 || sleep 1
        grace=$((grace - 1))
    done
    kill -KILL "$server"
) >/dev/null 2>&1 &
guard=$!
exec 3<&-
wait "$server"
status=$?
kill "$guard" 2>/dev/null
exit "$status"
"#;

/// A server's process, with its watchdog.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    /// The end of the pipe whose closing ends the server.
    pipe: Option<ChildStdin>,
}

impl Process {
    /// Starts `program` with its output going to `log`, and `lock` held as long as it lives.
    #[cfg(unix)]
    pub(crate) fn spawn(
        program: &Path,
        args: &[OsString],
        lock: File,
        log: File,
    ) -> io::Result<Self> {
        use std::os::unix::process::CommandExt;
        let mut child = Command::new("/bin/sh")
            .args(["-c", WATCHDOG, "whimbrel-local", &GRACE_TENTHS.to_string()])
            .arg(program)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(lock)
            .stderr(log)
            .process_group(0)
            .spawn()?;
        let pipe = child.stdin.take();
        Ok(Self { child, pipe })
    }

    /// Starts `program` with its output going to `log`, and `lock` held as long as it lives.
    #[cfg(not(unix))]
    pub(crate) fn spawn(
        program: &Path,
        args: &[OsString],
        mut lock: File,
        log: File,
    ) -> io::Result<Self> {
        use std::io::Write;
        let mut child = Command::new(program)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        let pipe = child.stdin.take();
        writeln!(lock, "server {}", child.id())?;
        Ok(Self { child, pipe })
    }

    /// The child's process: the watchdog's where there is one.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// How the server ended, if it has.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Lets the server go: from now on it is being ended.
    pub(crate) fn let_go(&mut self) {
        if self.pipe.take().is_some() && cfg!(not(unix)) {
            let _ = self.child.kill();
        }
    }

    /// Waits until the server has ended after [`let_go`](Self::let_go); false if it does not end.
    pub(crate) async fn wait_for_end(&mut self) -> bool {
        let give_up = Instant::now() + END_PATIENCE;
        while self.ended().is_none() {
            if Instant::now() > give_up {
                return false;
            }
            tokio::time::sleep(POLL).await;
        }
        true
    }
}

impl Drop for Process {
    /// Ends the server and waits for its end, about 0.3 s, so that its data directory can be removed.
    fn drop(&mut self) {
        self.let_go();
        let give_up = Instant::now() + END_PATIENCE;
        while self.ended().is_none() && Instant::now() < give_up {
            thread::sleep(POLL);
        }
    }
}

/// Whether there is a process with this id.
#[cfg(unix)]
pub(crate) fn is_alive(pid: u32) -> bool {
    use rustix::io::Errno;
    use rustix::process::test_kill_process;
    id(pid).is_some_and(|pid| test_kill_process(pid) != Err(Errno::SRCH))
}

/// Whether there is a process with this id: not known here, so the answer is the careful one.
#[cfg(not(unix))]
pub(crate) fn is_alive(_pid: u32) -> bool {
    true
}

/// Ends a process at once, with no chance to finish anything. One that is gone already is no error.
#[cfg(unix)]
pub(crate) fn kill(pid: u32) {
    if let Some(pid) = id(pid) {
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
    }
}

/// Ends a process at once; here the child is killed by `let_go` anyway.
#[cfg(not(unix))]
pub(crate) fn kill(_pid: u32) {}

#[cfg(unix)]
fn id(pid: u32) -> Option<rustix::process::Pid> {
    rustix::process::Pid::from_raw(i32::try_from(pid).ok()?)
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::fs;

    use super::*;

    fn files(dir: &Path) -> (File, File) {
        let file = |name| File::options().append(true).create(true).open(dir.join(name)).unwrap();
        (file("lock"), file("log"))
    }

    #[test]
    fn the_status_and_the_output_are_those_of_the_program() {
        let temp = tempfile::tempdir().unwrap();
        let (lock, log) = files(temp.path());
        let args = ["-c", "echo to stdout; echo to stderr >&2; exit 7"].map(OsString::from);
        let mut process = Process::spawn(Path::new("/bin/sh"), &args, lock, log).unwrap();
        while process.ended().is_none() {
            thread::sleep(POLL);
        }
        assert_eq!(process.ended().unwrap().code(), Some(7));
        let log = fs::read_to_string(temp.path().join("log")).unwrap();
        assert_eq!(log, "to stdout\nto stderr\n");
        let lock = fs::read_to_string(temp.path().join("lock")).unwrap();
        assert!(lock.starts_with("server ") && lock.lines().count() == 1, "{lock}");
    }

    #[tokio::test]
    async fn a_program_that_ignores_the_signal_is_killed_after_the_grace_time() {
        let temp = tempfile::tempdir().unwrap();
        let (lock, log) = files(temp.path());
        let args = ["-c", "trap '' TERM; while :; do sleep 0.1; done"].map(OsString::from);
        let mut process = Process::spawn(Path::new("/bin/sh"), &args, lock, log).unwrap();
        tokio::time::sleep(Duration::from_millis(300)).await;
        let start = Instant::now();
        process.let_go();
        assert!(process.wait_for_end().await);
        assert!(start.elapsed() > Duration::from_secs(4), "{:?}", start.elapsed());
    }
}
