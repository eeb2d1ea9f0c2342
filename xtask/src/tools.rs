//! `cargo xtask tools`: makes sure there is a local MongoDB-compatible server.
//!
//! Where it is looked for is the same as in `crates/whimbrel-local/src/program.rs`, which says why; these few
//! lines are written again so that xtask compiles in seconds. A test keeps the version in step.
//!
//! The server is built into a temporary folder beside its final place and then renamed, under a lock: a
//! folder that is there is complete, and two runs at once build it once.

use std::env;
use std::ffi::OsStr;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::step::{self, Failure, say};

/// The version of the server; the same as `whimbrel_local::SECANTUS_VERSION`.
const VERSION: &str = "0.5.3-beta.196";

/// Makes sure there is a server, and says which.
pub(crate) fn run() -> Result<(), Failure> {
    let cache = cache_folder().ok_or_else(|| {
        Failure::new("no cache folder: set HOME, or XDG_CACHE_HOME to an absolute path")
    })?;
    if let Some(server) = find(env::var_os("PATH").as_deref(), &cache) {
        say(format_args!("tools: the local server is {}", server.display()));
        return Ok(());
    }
    fs::create_dir_all(&cache).map_err(Failure::io(cache.display()))?;
    let _lock = lock(&cache)?;
    if let Some(server) = find(env::var_os("PATH").as_deref(), &cache) {
        say(format_args!("tools: the local server is {}", server.display()));
        return Ok(());
    }
    say(format_args!(
        "tools: neither mongod nor secantusd-rs found; building secantusd-rs {VERSION} once, into {}",
        cache.display()
    ));
    let path = build_tools(&cache)?;
    let server = install(&crate::cargo(), &cache, path.as_deref())?;
    say(format_args!("tools: the local server is {}", server.display()));
    Ok(())
}

fn cache_folder() -> Option<PathBuf> {
    let absolute = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
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

fn find(path: Option<&OsStr>, cache: &Path) -> Option<PathBuf> {
    let cached = final_folder(cache).join("bin").join(exe("secantusd-rs"));
    on_path(path, "mongod")
        .or_else(|| on_path(path, "secantusd-rs"))
        .or_else(|| cached.is_file().then_some(cached))
}

/// Whether, and where, a program is on a path. A file without the right to be run does not count.
pub(crate) fn on_path(path: Option<&OsStr>, name: &str) -> Option<PathBuf> {
    env::split_paths(path?)
        .filter(|folder| !folder.as_os_str().is_empty())
        .map(|folder| folder.join(exe(name)))
        .find(|file| is_executable(file))
}

#[cfg(unix)]
fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(file: &Path) -> bool {
    file.is_file()
}

fn exe(name: &str) -> String {
    format!("{name}{}", env::consts::EXE_SUFFIX)
}

fn final_folder(cache: &Path) -> PathBuf {
    cache.join(format!("secantus-{VERSION}"))
}

/// Keeps a second run out; it waits, and says so. Released when the file is closed.
fn lock(cache: &Path) -> Result<File, Failure> {
    let path = cache.join("install.lock");
    let file = File::create(&path).map_err(Failure::io(path.display()))?;
    match file.try_lock() {
        Ok(()) => return Ok(file),
        Err(TryLockError::WouldBlock) => say("tools: another run is installing; waiting for it"),
        Err(TryLockError::Error(error)) => return Err(Failure::io(path.display())(error)),
    }
    file.lock().map_err(Failure::io(path.display()))?;
    Ok(file)
}

/// What this machine has for building the server, and for getting what is missing.
#[derive(Clone, Copy, Debug, Default)]
struct Machine {
    compiler: bool,
    cmake: bool,
    root: bool,
    apt: bool,
    python: bool,
}

/// How the missing tools for the build are brought.
#[derive(Debug, PartialEq, Eq)]
enum Bring {
    Nothing,
    /// By the system's package manager, which takes the names.
    Apt(Vec<&'static str>),
    /// cmake as a Python package in the cache folder.
    CmakeByPip,
}

fn plan(machine: Machine) -> Result<Bring, Failure> {
    let Machine { compiler, cmake, root, apt, python } = machine;
    match (compiler, cmake) {
        (true, true) => Ok(Bring::Nothing),
        _ if root && apt => {
            let missing = [(compiler, "g++"), (cmake, "cmake")];
            Ok(Bring::Apt(missing.into_iter().filter(|have| !have.0).map(|have| have.1).collect()))
        }
        (true, false) if python => Ok(Bring::CmakeByPip),
        (true, false) => Err(missing("cmake")),
        (false, true) => Err(missing("a C++ compiler")),
        (false, false) => Err(missing("a C++ compiler and cmake")),
    }
}

fn missing(what: &str) -> Failure {
    Failure::new(format!(
        "building the local server needs {what}\n\
         hint: install it with the system's package manager (Debian: g++ cmake, Fedora: gcc-c++ cmake, \
         macOS: xcode-select --install, brew install cmake) and run `cargo xtask tools` again\n\
         hint: or install MongoDB, so that mongod is on the PATH; then nothing need be built"
    ))
}

/// Sees to a compiler and cmake. Returns the folder to put on the path of the build, if there is one.
fn build_tools(cache: &Path) -> Result<Option<PathBuf>, Failure> {
    let path = env::var_os("PATH");
    let has = |name: &str| on_path(path.as_deref(), name).is_some();
    let by_pip = cache.join("cmake");
    let cmake_by_pip = by_pip.join("cmake").join("data").join("bin");
    let machine = Machine {
        compiler: env::var_os("CXX").is_some()
            || ["c++", "g++", "clang++", "cl"].into_iter().any(has),
        cmake: has("cmake") || cmake_by_pip.join(exe("cmake")).is_file(),
        root: step::first_line("id", &["-u"]).as_deref() == Some("0"),
        apt: has("apt-get"),
        python: has("python3"),
    };
    match plan(machine)? {
        Bring::Nothing => {}
        Bring::Apt(packages) => {
            step::run("tools: package lists", Command::new("apt-get").args(["update"]))?;
            let mut install = Command::new("apt-get");
            install.args(["install", "-y"]).args(packages).env("DEBIAN_FRONTEND", "noninteractive");
            step::run("tools: packages", &mut install)?;
        }
        Bring::CmakeByPip => {
            let mut install = Command::new("python3");
            install.args(["-m", "pip", "install", "--quiet", "--target"]).arg(&by_pip).arg("cmake");
            step::run("tools: cmake", &mut install)?;
        }
    }
    Ok(cmake_by_pip.is_dir().then_some(cmake_by_pip))
}

/// Builds the server into a temporary folder, and puts it in its place when it is complete.
fn install(cargo: &OsStr, cache: &Path, path: Option<&Path>) -> Result<PathBuf, Failure> {
    let target = final_folder(cache);
    let temporary = cache.join(format!("secantus-{VERSION}.{}.tmp", std::process::id()));
    let mut command = Command::new(cargo);
    command
        .args(["install", "secantus-mdb", "--version", VERSION, "--ignore-rust-version", "--root"])
        .arg(&temporary)
        // Away from the workspace, whose settings are not meant for it.
        .current_dir(cache)
        .env_remove("CARGO_TARGET_DIR");
    if let Some(extra) = path {
        let old = env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(extra.to_path_buf()).chain(env::split_paths(&old));
        let joined = env::join_paths(folders).map_err(|error| Failure::new(error.to_string()))?;
        command.env("PATH", joined);
    }
    let result = step::run("tools: build (about five minutes)", &mut command).and_then(|()| {
        let binary = Path::new("bin").join(exe("secantusd-rs"));
        if !temporary.join(&binary).is_file() {
            return Err(Failure::new("the build ended well, but there is no secantusd-rs"));
        }
        if target.exists() {
            fs::remove_dir_all(&target).map_err(Failure::io(target.display()))?;
        }
        fs::rename(&temporary, &target).map_err(Failure::io(target.display()))?;
        Ok(target.join(binary))
    });
    if result.is_err() {
        // What is left of a failed build is of no use; not being able to remove it is no second error.
        let _ = fs::remove_dir_all(&temporary);
    }
    result
}

#[cfg(test)]
mod tests;
