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

    /// The same without any writing.
    pub(crate) fn without_writes(self) -> Self {
        Self { write: Vec::new(), ..self }
    }

    /// Whether a path may be read. The path is taken with its links followed.
    pub(crate) fn may_read(&self, path: &Path) -> bool {
        self.readable(path).is_some()
    }

    /// The path to read from, with its links followed, if it may be read. What is used must be this path: the
    /// one that was given may mean another file.
    pub(crate) fn readable(&self, path: &Path) -> Option<PathBuf> {
        let path = real_path(path);
        self.read.iter().any(|allowed| path.starts_with(allowed)).then_some(path)
    }

    /// The path to write to, with its links followed, if it may be written.
    pub(crate) fn writable(&self, path: &Path) -> Option<PathBuf> {
        let path = real_path(path);
        self.write.iter().any(|allowed| path.starts_with(allowed)).then_some(path)
    }

    /// The path of an entry of a folder, links followed up to the folder, if the entry itself may be replaced or
    /// removed. A folder or link that a setting names may not: it would be allowed to be something else then.
    pub(crate) fn entry(&self, path: &Path) -> Option<PathBuf> {
        let (folder, name) = (path.parent()?, path.file_name()?);
        let entry = real_path(folder).join(name);
        let is_plain = || match std::fs::symlink_metadata(&entry) {
            Ok(found) => found.is_file(),
            Err(_) => true,
        };
        let allows =
            |allowed: &PathBuf| entry.starts_with(allowed) && (entry != *allowed || is_plain());
        self.write.iter().any(allows).then_some(entry)
    }

    /// The folder that a setting names, if the path is one: it may be emptied, not removed.
    pub(crate) fn named_folder(&self, path: &Path) -> Option<PathBuf> {
        let real = real_path(path);
        (self.write.contains(&real) && real.is_dir()).then_some(real)
    }
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
        assert!(access.writable(&root.join("out/new/file")).is_some());
        assert!(access.writable(&root.join("out/../file")).is_none());
        assert!(access.writable(&root.join("outside")).is_none());
        assert!(access.entry(&root.join("out/x")).is_some());
        assert!(access.entry(&root.join("out")).is_none(), "not what the setting names");
        assert!(access.clone().without_writes().writable(&root.join("out/x")).is_none());
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
        assert!(access.writable(&root.join("out/dangling")).is_none());
        assert!(access.entry(&root.join("out/dangling")).is_some());
        assert!(access.entry(&root.join("up")).is_none());
        // The system follows the link before it goes up.
        std::fs::create_dir_all(root.join("src/deep")).unwrap();
        link(&root.join("src/deep"), "out/l");
        assert!(access.entry(&root.join("out/l/../victim")).is_none());
        assert!(access.entry(&root.join("out/l/..")).is_none());
    }
}
