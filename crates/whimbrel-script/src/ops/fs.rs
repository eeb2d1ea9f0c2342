//! Files, as far as the permissions go.
//!
//! One operation with a name inside, as the façade's `fs` asks for it. Every path is checked with its links
//! followed, before anything is touched; a refusal names the setting that would allow it.

use std::fs::{self, Metadata, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rquickjs::{Array, Ctx, Function, Object, Result, TypedArray, Value};

use super::OpState;
use crate::convert::{Text, bytes_of};
use crate::modules::Access;

/// Why an operation failed.
enum Failure {
    Io { error: io::Error, call: &'static str, path: PathBuf, to: Option<PathBuf> },
    Denied { call: &'static str, path: PathBuf, setting: &'static str },
    Engine(rquickjs::Error),
}

impl From<rquickjs::Error> for Failure {
    fn from(error: rquickjs::Error) -> Self {
        Self::Engine(error)
    }
}

/// How much of a file is read at once, in bytes.
const LARGEST_READ: f64 = 512.0 * 1024.0 * 1024.0;

type Outcome<T> = std::result::Result<T, Failure>;

fn at<T>(result: io::Result<T>, call: &'static str, path: &Path) -> Outcome<T> {
    result.map_err(|error| Failure::Io { error, call, path: path.to_owned(), to: None })
}

pub(super) fn install<'js>(ctx: &Ctx<'js>, state: &Rc<OpState>, ops: &Object<'js>) -> Result<()> {
    // While a migration is only looked at, nothing of the machine may change.
    let access = match state.wire {
        Some(_) => state.files.access(),
        None => state.files.access().without_writes(),
    };
    let call = move |ctx: Ctx<'js>, name: String, Text(path): Text, args: Object<'js>| {
        let call = Call { ctx: &ctx, access: &access, path: Path::new(&path), args };
        call.run(&name).map_err(|failure| throw(&ctx, failure))
    };
    ops.set("fs", Function::new(ctx.clone(), call)?)
}

struct Call<'c, 'js> {
    ctx: &'c Ctx<'js>,
    access: &'c Access,
    path: &'c Path,
    args: Object<'js>,
}

impl<'js> Call<'_, 'js> {
    fn run(&self, name: &str) -> Outcome<Value<'js>> {
        match name {
            "read" => self.read(),
            "stat" => self.stat(true),
            "lstat" => self.stat(false),
            "readdir" => self.read_folder(),
            "realpath" => {
                let real = self.readable("realpath")?;
                self.text(at(fs::canonicalize(real), "realpath", self.path)?)
            }
            "readlink" => {
                self.readable("readlink")?;
                self.text(at(fs::read_link(self.path), "readlink", self.path)?)
            }
            "access" => self.check_access(),
            "write" => self.write(),
            "mkdir" => self.make_folder(),
            "mkdtemp" => self.make_temporary(),
            _ => self.change(name).map(|()| Value::new_undefined(self.ctx.clone())),
        }
    }

    fn text(&self, path: PathBuf) -> Outcome<Value<'js>> {
        let text = rquickjs::String::from_str(self.ctx.clone(), &path.to_string_lossy())?;
        Ok(text.into_value())
    }

    fn flag(&self, name: &str) -> Outcome<bool> {
        Ok(self.args.get::<_, Option<bool>>(name)?.unwrap_or(false))
    }

    fn number(&self, name: &str) -> Outcome<Option<f64>> {
        Ok(self.args.get::<_, Option<f64>>(name)?)
    }

    fn denied(&self, call: &'static str, path: &Path, setting: &'static str) -> Failure {
        Failure::Denied { call, path: path.to_owned(), setting }
    }

    fn readable(&self, call: &'static str) -> Outcome<PathBuf> {
        let allowed = self.access.readable(self.path);
        allowed.ok_or_else(|| self.denied(call, self.path, "permissions.read"))
    }

    fn writable(&self, call: &'static str, path: &Path) -> Outcome<PathBuf> {
        let allowed = self.access.writable(path);
        allowed.ok_or_else(|| self.denied(call, path, "permissions.write"))
    }

    /// For what changes a folder's entry and does not follow it.
    fn entry(&self, call: &'static str, path: &Path) -> Outcome<PathBuf> {
        let allowed = self.access.entry(path);
        allowed.ok_or_else(|| self.denied(call, path, "permissions.write"))
    }

    fn read(&self) -> Outcome<Value<'js>> {
        let (real, path) = (self.readable("open")?, self.path);
        let found = at(fs::metadata(&real), "open", path)?;
        if found.is_dir() {
            return at(Err(io::Error::from_raw_os_error(21)), "read", path);
        }
        self.regular(&found, "open")?;
        let mut file = at(fs::File::open(&real), "open", path)?;
        // A script's memory is limited; what is read on its behalf must not go past that.
        let length = self.number("length")?.unwrap_or(found.len() as f64);
        if length.min(found.len() as f64) > LARGEST_READ {
            let message = "the file is too large to be read at once: read it in pieces";
            return at(Err(io::Error::new(io::ErrorKind::FileTooLarge, message)), "read", path);
        }
        if let Some(position) = self.number("position")? {
            at(file.seek(SeekFrom::Start(position as u64)), "read", path)?;
        }
        let mut bytes = Vec::new();
        match self.number("length")? {
            Some(length) => at(file.take(length as u64).read_to_end(&mut bytes), "read", path)?,
            None => at(file.read_to_end(&mut bytes), "read", path)?,
        };
        Ok(TypedArray::<u8>::new_copy(self.ctx.clone(), bytes)?.into_value())
    }

    /// Pipes and devices could make the script wait where nothing can stop it.
    fn regular(&self, found: &Metadata, call: &'static str) -> Outcome<()> {
        if found.is_file() {
            return Ok(());
        }
        let message = "only regular files can be read and written in a migration";
        at(Err(io::Error::new(io::ErrorKind::Unsupported, message)), call, self.path)
    }

    fn stat(&self, follow: bool) -> Outcome<Value<'js>> {
        let call = if follow { "stat" } else { "lstat" };
        let real = self.readable(call)?;
        let found = if follow { fs::metadata(real) } else { fs::symlink_metadata(self.path) };
        let found = at(found, call, self.path)?;
        Ok(described(self.ctx, &found)?.into_value())
    }

    fn read_folder(&self) -> Outcome<Value<'js>> {
        let recursive = self.flag("recursive")?;
        let entries = Array::new(self.ctx.clone())?;
        let mut folders = vec![self.path.to_owned()];
        while let Some(folder) = folders.pop() {
            let real = self.access.readable(&folder);
            let real = real.ok_or_else(|| self.denied("scandir", &folder, "permissions.read"))?;
            let mut found = at(fs::read_dir(real), "scandir", &folder)?
                .map(|entry| at(entry, "scandir", &folder))
                .collect::<Outcome<Vec<_>>>()?;
            found.sort_by_key(fs::DirEntry::file_name);
            for entry in found {
                let kind = at(entry.file_type(), "scandir", &folder)?;
                let object = Object::new(self.ctx.clone())?;
                object.set("name", entry.file_name().to_string_lossy().into_owned())?;
                object.set("parent", folder.display().to_string())?;
                object.set("kind", kind_of(kind))?;
                entries.set(entries.len(), object)?;
                if recursive && kind.is_dir() {
                    folders.push(folder.join(entry.file_name()));
                }
            }
        }
        Ok(entries.into_value())
    }

    fn check_access(&self) -> Outcome<Value<'js>> {
        let mode = self.number("mode")?.unwrap_or(0.0) as u32;
        at(fs::metadata(self.readable("access")?), "access", self.path)?;
        if mode & 2 != 0 {
            self.writable("access", self.path)?;
        }
        Ok(Value::new_undefined(self.ctx.clone()))
    }

    fn write(&self) -> Outcome<Value<'js>> {
        let (real, path) = (self.writable("open", self.path)?, self.path);
        if let Ok(found) = fs::metadata(&real) {
            if found.is_dir() {
                return at(Err(io::Error::from_raw_os_error(21)), "open", path);
            }
            self.regular(&found, "open")?;
        }
        let data = bytes_of(&self.args.get("data")?).unwrap_or_default();
        let flag: Option<String> = self.args.get("flag")?;
        let mut options = OpenOptions::new();
        match flag.as_deref().unwrap_or("w") {
            "a" => options.append(true).create(true),
            "ax" => options.append(true).create_new(true),
            "wx" => options.write(true).create_new(true),
            "r+" => options.write(true),
            _ => options.write(true).create(true).truncate(true),
        };
        #[cfg(unix)]
        if let Some(mode) = self.number("mode")? {
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode as u32);
        }
        let mut file = at(options.open(&real), "open", path)?;
        if let Some(position) = self.number("position")? {
            at(file.seek(SeekFrom::Start(position as u64)), "write", path)?;
        }
        at(file.write_all(&data), "write", path)?;
        Ok(Value::new_undefined(self.ctx.clone()))
    }

    /// Gives the first folder that was made, where the folders above were asked for as well.
    fn make_folder(&self) -> Outcome<Value<'js>> {
        let (real, path) = (self.writable("mkdir", self.path)?, self.path);
        if !self.flag("recursive")? {
            at(fs::create_dir(real), "mkdir", path)?;
            return Ok(Value::new_undefined(self.ctx.clone()));
        }
        let first = path.ancestors().take_while(|folder| !folder.exists()).last();
        let first = first.map(Path::to_owned);
        at(fs::create_dir_all(real), "mkdir", path)?;
        match first {
            Some(first) => self.text(first),
            None => Ok(Value::new_undefined(self.ctx.clone())),
        }
    }

    fn make_temporary(&self) -> Outcome<Value<'js>> {
        for _ in 0..100 {
            let ending: String = (0..6)
                .map(|_| char::from(rand::Rng::sample(&mut rand::rng(), rand::distr::Alphanumeric)))
                .collect();
            let path = PathBuf::from(format!("{}{ending}", self.path.display()));
            match fs::create_dir(self.writable("mkdtemp", &path)?) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                made => {
                    at(made, "mkdtemp", &path)?;
                    return self.text(path);
                }
            }
        }
        at(Err(io::Error::from(io::ErrorKind::AlreadyExists)), "mkdtemp", self.path)
    }

    /// What gives nothing back.
    fn change(&self, name: &str) -> Outcome<()> {
        let path = self.path;
        match name {
            "rm" => self.remove(),
            "rmdir" => at(fs::remove_dir(self.entry("rmdir", path)?), "rmdir", path),
            "unlink" => at(fs::remove_file(self.entry("unlink", path)?), "unlink", path),
            "rename" => {
                let (from, to) = (self.entry("rename", path)?, self.target()?);
                let moved = fs::rename(from, self.entry("rename", &to)?);
                self.between(moved, "rename", to)
            }
            "copy" => {
                let (from, to) = (self.readable("copyfile")?, self.target()?);
                let real = self.writable("copyfile", &to)?;
                let found = at(fs::metadata(&from), "copyfile", path)?;
                self.regular(&found, "copyfile")?;
                if self.flag("exclusive")? && real.exists() {
                    let exists = Err(io::Error::from_raw_os_error(17));
                    return self.between(exists, "copyfile", to);
                }
                let copied = fs::copy(from, real).map(|_| ());
                self.between(copied, "copyfile", to)
            }
            "truncate" => {
                let length = self.number("length")?.unwrap_or(0.0) as u64;
                let file = OpenOptions::new().write(true).open(self.writable("open", path)?);
                at(at(file, "open", path)?.set_len(length), "ftruncate", path)
            }
            "chmod" => self.change_mode(),
            "utimes" => {
                let real = self.writable("utime", path)?;
                let time = |seconds: f64| {
                    let since = Duration::try_from_secs_f64(seconds.max(0.0)).ok();
                    let time = since.and_then(|since| UNIX_EPOCH.checked_add(since));
                    let invalid = || io::Error::from(io::ErrorKind::InvalidInput);
                    at(time.ok_or_else(invalid), "utime", path)
                };
                let accessed = time(self.number("atime")?.unwrap_or(0.0))?;
                let modified = time(self.number("mtime")?.unwrap_or(0.0))?;
                let times = fs::FileTimes::new().set_accessed(accessed).set_modified(modified);
                let file = OpenOptions::new().write(true).open(real);
                at(at(file, "utime", path)?.set_times(times), "utime", path)
            }
            "symlink" => self.link(),
            unknown => Err(Failure::Engine(rquickjs::Exception::throw_message(
                self.ctx,
                &format!("there is no file operation {unknown}"),
            ))),
        }
    }

    fn target(&self) -> Outcome<PathBuf> {
        Ok(PathBuf::from(self.args.get::<_, String>("to")?))
    }

    fn between(&self, result: io::Result<()>, call: &'static str, to: PathBuf) -> Outcome<()> {
        let path = self.path.to_owned();
        result.map_err(|error| Failure::Io { error, call, path, to: Some(to) })
    }

    fn remove(&self) -> Outcome<()> {
        if let Some(folder) = self.access.named_folder(self.path)
            && self.flag("recursive")?
        {
            return self.empty(&folder);
        }
        let (real, path) = (self.entry("rm", self.path)?, self.path);
        let found = match fs::symlink_metadata(&real) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && self.flag("force")? => {
                return Ok(());
            }
            found => at(found, "rm", path)?,
        };
        if !found.is_dir() {
            return at(fs::remove_file(real), "rm", path);
        }
        if self.flag("recursive")? {
            return at(fs::remove_dir_all(real), "rm", path);
        }
        at(Err(io::Error::from_raw_os_error(21)), "rm", path)
    }

    /// Removes what is in a folder that a setting names, and keeps the folder.
    fn empty(&self, folder: &Path) -> Outcome<()> {
        for entry in at(fs::read_dir(folder), "rm", self.path)? {
            let entry = at(entry, "rm", self.path)?;
            let is_folder = at(entry.file_type(), "rm", self.path)?.is_dir();
            let removed = match is_folder {
                true => fs::remove_dir_all(entry.path()),
                false => fs::remove_file(entry.path()),
            };
            at(removed, "rm", self.path)?;
        }
        Ok(())
    }

    #[cfg(unix)]
    fn change_mode(&self) -> Outcome<()> {
        let mode = self.number("mode")?.unwrap_or(0.0) as u32;
        let path = self.writable("chmod", self.path)?;
        let permissions = std::os::unix::fs::PermissionsExt::from_mode(mode);
        at(fs::set_permissions(path, permissions), "chmod", self.path)
    }

    #[cfg(not(unix))]
    fn change_mode(&self) -> Outcome<()> {
        self.writable("chmod", self.path).map(|_| ())
    }

    /// A link only to what the script may write anyway.
    fn link(&self) -> Outcome<()> {
        let target = PathBuf::from(self.args.get::<_, String>("target")?);
        let real = self.entry("symlink", self.path)?;
        let leads_to = real.parent().map_or_else(|| target.clone(), |folder| folder.join(&target));
        if self.access.writable(&leads_to).is_none() {
            return Err(self.denied("symlink", &leads_to, "permissions.write"));
        }
        #[cfg(unix)]
        let made = std::os::unix::fs::symlink(&target, real);
        #[cfg(not(unix))]
        let made: io::Result<()> = Err(io::Error::from(io::ErrorKind::Unsupported));
        at(made, "symlink", self.path)
    }
}

fn kind_of(kind: fs::FileType) -> &'static str {
    if kind.is_file() {
        "file"
    } else if kind.is_dir() {
        "directory"
    } else if kind.is_symlink() {
        "symlink"
    } else {
        "other"
    }
}

fn described<'js>(ctx: &Ctx<'js>, found: &Metadata) -> Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    object.set("kind", kind_of(found.file_type()))?;
    object.set("size", found.len() as f64)?;
    let millis = |time: io::Result<SystemTime>| {
        let since = time.ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        since.map_or(0.0, |since| since.as_secs_f64() * 1000.0)
    };
    object.set("mtimeMs", millis(found.modified()))?;
    object.set("atimeMs", millis(found.accessed()))?;
    object.set("birthtimeMs", millis(found.created().or_else(|_| found.modified())))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        object.set("mode", f64::from(found.mode()))?;
        object.set("ctimeMs", found.ctime() as f64 * 1000.0 + found.ctime_nsec() as f64 / 1e6)?;
        object.set("ino", found.ino() as f64)?;
        object.set("dev", found.dev() as f64)?;
        object.set("nlink", found.nlink() as f64)?;
        object.set("uid", f64::from(found.uid()))?;
        object.set("gid", f64::from(found.gid()))?;
    }
    #[cfg(not(unix))]
    {
        object.set("mode", if found.is_dir() { 0o040_755 } else { 0o100_644 })?;
        object.set("ctimeMs", millis(found.modified()))?;
        for name in ["ino", "dev", "uid", "gid"] {
            object.set(name, 0)?;
        }
        object.set("nlink", 1)?;
    }
    Ok(object)
}

/// Code, number and text of a system's error as Node.js tells them.
fn system_error(error: &io::Error) -> (&'static str, i32, String) {
    use io::ErrorKind as Kind;
    const KNOWN: [(i32, &str, &str); 15] = [
        (1, "EPERM", "operation not permitted"),
        (2, "ENOENT", "no such file or directory"),
        (13, "EACCES", "permission denied"),
        (16, "EBUSY", "resource busy or locked"),
        (17, "EEXIST", "file already exists"),
        (18, "EXDEV", "cross-device link not permitted"),
        (20, "ENOTDIR", "not a directory"),
        (21, "EISDIR", "illegal operation on a directory"),
        (22, "EINVAL", "invalid argument"),
        (24, "EMFILE", "too many open files"),
        (28, "ENOSPC", "no space left on device"),
        (30, "EROFS", "read-only file system"),
        (36, "ENAMETOOLONG", "name too long"),
        (39, "ENOTEMPTY", "directory not empty"),
        (40, "ELOOP", "too many symbolic links encountered"),
    ];
    let number = error.raw_os_error().or(match error.kind() {
        Kind::NotFound => Some(2),
        Kind::PermissionDenied => Some(13),
        Kind::AlreadyExists => Some(17),
        Kind::InvalidInput => Some(22),
        Kind::FileTooLarge => return ("ERR_FS_FILE_TOO_LARGE", -27, error.to_string()),
        Kind::Unsupported => return ("ENOTSUP", -95, error.to_string()),
        _ => None,
    });
    let known = KNOWN.iter().find(|(code, ..)| Some(*code) == number);
    match known {
        Some((code, name, text)) => (name, -code, (*text).to_owned()),
        None => ("EIO", -5, error.to_string()),
    }
}

/// Throws the plain object that the façade makes an error of.
fn throw(ctx: &Ctx<'_>, failure: Failure) -> rquickjs::Error {
    let thrown = || -> Result<rquickjs::Error> {
        let object = Object::new(ctx.clone())?;
        match failure {
            Failure::Engine(error) => return Ok(error),
            Failure::Io { error, call, path, to } => {
                let (code, errno, message) = system_error(&error);
                object.set("code", code)?;
                object.set("errno", errno)?;
                object.set("syscall", call)?;
                object.set("path", path.display().to_string())?;
                object.set("message", message)?;
                if let Some(to) = to {
                    object.set("dest", to.display().to_string())?;
                }
            }
            Failure::Denied { call, path, setting } => {
                let path = path.display().to_string();
                let what = if setting == "permissions.read" { "read" } else { "written" };
                object.set("code", "ERR_ACCESS_DENIED")?;
                object.set("syscall", call)?;
                object.set(
                    "message",
                    format!(
                        "{path} may not be {what} by a migration: the setting {setting} allows it"
                    ),
                )?;
                object.set("path", path)?;
            }
        }
        Ok(ctx.throw(object.into_value()))
    };
    thrown().unwrap_or_else(|error| error)
}
