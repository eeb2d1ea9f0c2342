//! Where on the disk a script may read and write.

use std::path::{Component, Path, PathBuf};

/// What a script may reach of the machine, as the settings say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permissions {
    /// Folders or files besides the project folder that a script may read.
    pub read: Vec<PathBuf>,
    /// Folders or files that a script may write (and read).
    pub write: Vec<PathBuf>,
    /// Whether `process.env` shows the environment.
    pub environment: bool,
}

impl Default for Permissions {
    /// Reads below the project folder, no writes, the environment.
    fn default() -> Self {
        Self { read: Vec::new(), write: Vec::new(), environment: true }
    }
}

/// The permissions of one script, with links followed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Access {
    read: Vec<PathBuf>,
    write: Vec<PathBuf>,
}

impl Access {
    /// Of a script of a project; a setting's relative paths start at the project folder.
    pub(crate) fn new(root: &Path, permissions: &Permissions) -> Self {
        let real = |path: &PathBuf| real_path(&root.join(path));
        let write: Vec<PathBuf> = permissions.write.iter().map(real).collect();
        let mut read = vec![real_path(root)];
        read.extend(permissions.read.iter().map(real));
        read.extend(write.iter().cloned());
        Self { read, write }
    }

    /// Whether a path may be read. The path is taken with its links followed.
    pub(crate) fn may_read(&self, path: &Path) -> bool {
        let path = real_path(path);
        self.read.iter().any(|allowed| path.starts_with(allowed))
    }

    /// Whether a path may be written. The path is taken with its links followed.
    pub(crate) fn may_write(&self, path: &Path) -> bool {
        let path = real_path(path);
        self.write.iter().any(|allowed| path.starts_with(allowed))
    }

    /// Whether a link itself, not what it leads to, may be replaced or removed.
    pub(crate) fn may_change_entry(&self, path: &Path) -> bool {
        let plain = plain_path(path);
        match (plain.parent(), plain.file_name()) {
            (Some(folder), Some(name)) => {
                let entry = real_path(folder).join(name);
                self.write.iter().any(|allowed| entry.starts_with(allowed))
            }
            _ => false,
        }
    }
}

/// A path with `.` and `..` taken out.
fn plain_path(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => drop(plain.pop()),
            Component::CurDir => {}
            other => plain.push(other),
        }
    }
    plain
}

/// A path with every link in it followed, also where its end does not exist yet.
fn real_path(path: &Path) -> PathBuf {
    follow(path, 40)
}

fn follow(path: &Path, patience: usize) -> PathBuf {
    if let Ok(real) = std::fs::canonicalize(path) {
        return real;
    }
    // `a/../b` is `b` only where `a` is no link, so the folder is followed before its name is taken off.
    match (path.parent(), path.components().next_back()) {
        (Some(folder), Some(Component::Normal(name))) => {
            let entry = follow(folder, patience).join(name);
            // A link to something that does not exist: writing through it would create that.
            match std::fs::read_link(&entry) {
                Ok(target) if patience > 0 => {
                    let base = entry.parent().map(Path::to_owned).unwrap_or_default();
                    follow(&base.join(target), patience - 1)
                }
                _ => entry,
            }
        }
        (Some(folder), Some(Component::ParentDir)) => {
            let mut folder = follow(folder, patience);
            folder.pop();
            folder
        }
        (Some(folder), Some(Component::CurDir)) => follow(folder, patience),
        _ => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_stay_below_the_project_and_writes_where_allowed() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("project");
        std::fs::create_dir_all(root.join("out")).unwrap();
        std::fs::write(folder.path().join("secret"), "x").unwrap();
        let permissions = Permissions { write: vec!["out".into()], ..Permissions::default() };
        let access = Access::new(&root, &permissions);
        assert!(access.may_read(&root.join("a/b")));
        assert!(!access.may_read(&root.join("../secret")));
        assert!(!access.may_read(&root.join("missing/../../secret")));
        assert!(access.may_write(&root.join("out/new/file")));
        assert!(!access.may_write(&root.join("out/../file")));
        assert!(!access.may_write(&root.join("outside")));
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("project");
        std::fs::create_dir_all(root.join("out")).unwrap();
        let link = |target: &Path, name: &str| {
            std::os::unix::fs::symlink(target, root.join(name)).unwrap();
        };
        link(folder.path(), "up");
        link(&folder.path().join("not-there"), "out/dangling");
        let permissions = Permissions { write: vec!["out".into()], ..Permissions::default() };
        let access = Access::new(&root, &permissions);
        assert!(!access.may_read(&root.join("up/secret")));
        assert!(!access.may_write(&root.join("out/dangling")));
        assert!(access.may_change_entry(&root.join("out/dangling")));
        assert!(!access.may_change_entry(&root.join("up")));
    }
}
