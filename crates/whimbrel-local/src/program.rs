//! Which programs can be the local server, and how one is found.
//!
//! `mongod` is preferred: it is the thing itself. Where there is none, SecantusDB's `secantusd-rs` speaks
//! the same protocol; it is under the GPL, and therefore only ever run as a separate process. The tools
//! cache is where `cargo xtask tools` installs it, one folder per version.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::LocalError;

/// The version of SecantusDB's server that Whimbrel is tested with. `cargo xtask tools` installs it.
pub const SECANTUS_VERSION: &str = "0.5.3-beta.196";

/// What kind of server a program is; the two are started with different arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProgramKind {
    /// MongoDB's own server.
    Mongod,
    /// SecantusDB's server in Rust, `secantusd-rs`.
    Secantus,
}

/// A program that can be the local server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    kind: ProgramKind,
    path: PathBuf,
}

impl Program {
    /// Takes a program by its path; its file name tells what kind it is.
    ///
    /// # Errors
    ///
    /// [`LocalError::UnknownProgram`] if there is no executable file at `path`, or if its name begins
    /// with neither `mongod` nor `secantusd`.
    pub fn at(path: impl Into<PathBuf>) -> Result<Self, LocalError> {
        let path = path.into();
        match kind_by_name(&path) {
            Some(kind) if is_executable(&path) => {
                // A bare name would be looked up on the PATH when it is started.
                let path = std::path::absolute(&path).unwrap_or(path);
                Ok(Self { kind, path })
            }
            _ => Err(LocalError::UnknownProgram { path }),
        }
    }

    /// The kind of server.
    #[must_use]
    pub fn kind(&self) -> ProgramKind {
        self.kind
    }

    /// Where the program is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Where to look for a server program.
///
/// By default (`Search::default()`) nowhere: what is not named is not searched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// A list of directories in the form of the `PATH` variable.
    pub path: Option<OsString>,
    /// The tools cache: the folder that holds `secantus-VERSION/bin/secantusd-rs`.
    pub tools_cache: Option<PathBuf>,
}

impl Search {
    /// Takes `PATH` and the user's cache folder from the environment of this process.
    ///
    /// This is the only place of this crate that reads the environment; everything else works on its
    /// arguments. The tools cache is `whimbrel/tools` in `XDG_CACHE_HOME`, where that is absolute, else in
    /// `~/.cache` (`~/Library/Caches` on macOS, `%LOCALAPPDATA%` on Windows).
    #[must_use]
    pub fn from_environment() -> Self {
        Self { path: env::var_os("PATH"), tools_cache: tools_cache(env::var_os) }
    }

    /// Looks for `mongod` on the path, then for `secantusd-rs` on the path, then in the tools cache.
    ///
    /// # Errors
    ///
    /// [`LocalError::NotFound`] if there is none; its hints name the ways to get one.
    pub fn find(&self) -> Result<Program, LocalError> {
        self.on_path(ProgramKind::Mongod)
            .or_else(|| self.on_path(ProgramKind::Secantus))
            .or_else(|| self.in_tools_cache())
            .ok_or(LocalError::NotFound)
    }

    fn on_path(&self, kind: ProgramKind) -> Option<Program> {
        let name = file_name(kind);
        env::split_paths(self.path.as_ref()?)
            .filter(|dir| !dir.as_os_str().is_empty())
            .map(|dir| dir.join(&name))
            .find(|path| is_executable(path))
            .map(|path| Program { kind, path })
    }

    fn in_tools_cache(&self) -> Option<Program> {
        let kind = ProgramKind::Secantus;
        let folder = self.tools_cache.as_ref()?.join(format!("secantus-{SECANTUS_VERSION}"));
        let path = folder.join("bin").join(file_name(kind));
        is_executable(&path).then_some(Program { kind, path })
    }
}

fn file_name(kind: ProgramKind) -> String {
    let name = match kind {
        ProgramKind::Mongod => "mongod",
        ProgramKind::Secantus => "secantusd-rs",
    };
    format!("{name}{}", env::consts::EXE_SUFFIX)
}

fn kind_by_name(path: &Path) -> Option<ProgramKind> {
    let name = path.file_name()?.to_str()?;
    if name.starts_with("mongod") {
        Some(ProgramKind::Mongod)
    } else if name.starts_with("secantusd") {
        Some(ProgramKind::Secantus)
    } else {
        None
    }
}

fn tools_cache(variable: impl Fn(&'static str) -> Option<OsString>) -> Option<PathBuf> {
    let absolute =
        |name| variable(name).map(PathBuf::from).filter(|path: &PathBuf| path.is_absolute());
    let caches = absolute("XDG_CACHE_HOME").or_else(|| {
        if cfg!(windows) {
            absolute("LOCALAPPDATA")
        } else {
            let folder = if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" };
            Some(absolute("HOME")?.join(folder))
        }
    })?;
    Some(caches.join("whimbrel").join("tools"))
}

/// Whether a file can be run. On Windows, where no such right exists, whether it is named like one.
pub(crate) fn is_executable(path: &Path) -> bool {
    let Ok(metadata) = path.metadata() else { return false };
    metadata.is_file() && may_run(path, &metadata)
}

#[cfg(unix)]
fn may_run(_path: &Path, metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn may_run(path: &Path, _metadata: &std::fs::Metadata) -> bool {
    path.extension() == Some(std::ffi::OsStr::new("exe"))
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn put(path: &Path, mode: u32) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn mongod_comes_before_secantus_and_the_path_before_the_cache() {
        let temp = tempfile::tempdir().unwrap();
        let (first, second) = (temp.path().join("first"), temp.path().join("second"));
        let cache = temp.path().join("cache");
        let cached = cache.join(format!("secantus-{SECANTUS_VERSION}/bin/secantusd-rs"));
        let search = Search {
            path: Some(env::join_paths([&first, &second]).unwrap()),
            tools_cache: Some(cache),
        };
        assert!(matches!(search.find(), Err(LocalError::NotFound)));
        put(&cached, 0o755);
        assert_eq!(search.find().unwrap().path(), cached);
        put(&first.join("secantusd-rs"), 0o755);
        assert_eq!(search.find().unwrap().path(), first.join("secantusd-rs"));
        put(&first.join("mongod"), 0o644);
        assert_eq!(search.find().unwrap().kind(), ProgramKind::Secantus, "not executable");
        put(&second.join("mongod"), 0o755);
        assert_eq!(search.find().unwrap().path(), second.join("mongod"));
        assert_eq!(search.find().unwrap().kind(), ProgramKind::Mongod);
    }

    #[test]
    fn nothing_named_is_nothing_found() {
        assert!(matches!(Search::default().find(), Err(LocalError::NotFound)));
    }

    #[test]
    fn a_program_is_known_by_its_name() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("mongod-8.0");
        assert!(Program::at(&path).is_err(), "not there");
        put(&path, 0o755);
        assert_eq!(Program::at(&path).unwrap().kind(), ProgramKind::Mongod);
        let other = temp.path().join("ls");
        put(&other, 0o755);
        assert_eq!(Program::at(&other).unwrap_err().code(), "LOCAL_SERVER_UNKNOWN_PROGRAM");
    }

    #[test]
    fn the_tools_cache_is_in_the_users_cache_folder() {
        let both = |name| match name {
            "XDG_CACHE_HOME" => Some("/x".into()),
            "HOME" => Some("/home/me".into()),
            _ => None,
        };
        assert_eq!(tools_cache(both).unwrap(), Path::new("/x/whimbrel/tools"));
        let home = |name| (name == "HOME").then(|| "/home/me".into());
        let folder = if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" };
        let expected = Path::new("/home/me").join(folder).join("whimbrel/tools");
        assert_eq!(tools_cache(home).unwrap(), expected);
        let relative = |name| (name == "XDG_CACHE_HOME").then(|| "x".into());
        assert_eq!(tools_cache(relative), None);
    }
}
