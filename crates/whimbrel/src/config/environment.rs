//! The environment, as a value that somebody passes in.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

/// Environment variables. Later ones with the same name do not replace earlier ones.
#[derive(Clone, Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
}

impl Environment {
    /// The process's own. Variables that are not Unicode are left out.
    pub fn of_process() -> Self {
        let variables = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Self { variables }
    }

    /// Exactly these.
    pub fn of(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        Self { variables: pairs.into_iter().collect() }
    }

    /// A variable that is set and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// All of them, in order of name.
    pub fn pairs(&self) -> Vec<(String, String)> {
        self.variables.iter().map(|(n, v)| (n.clone(), v.clone())).collect()
    }

    /// Adds what a `.env` file says and the environment does not. No file: nothing to add.
    ///
    /// The file is the application's: a line that only its own tools can read is none of our business,
    /// unless it sets one of our variables.
    pub(super) fn add_file(&mut self, path: &Path) -> Result<(), String> {
        if !path.is_file() {
            return Ok(());
        }
        let text = std::fs::read(path).map_err(|error| error.to_string())?;
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text);
        let mut unreadable = false;
        let mut read: BTreeSet<String> = self.variables.keys().cloned().collect();
        for entry in dotenvy::from_read_iter(text) {
            match entry {
                Ok((name, value)) => {
                    read.insert(name.clone());
                    self.variables.entry(name).or_insert(value);
                }
                Err(dotenvy::Error::LineParse(..)) => unreadable = true,
                Err(error) => return Err(error.to_string()),
            }
        }
        if !unreadable {
            return Ok(());
        }
        let text = String::from_utf8_lossy(text);
        let names = text.lines().filter_map(|line| {
            let line = line.trim();
            line.strip_prefix("export ")
                .unwrap_or(line)
                .split_once('=')
                .map(|(name, _)| name.trim())
        });
        let ours = |name: &&str| name.starts_with("WHIMBREL_") || *name == "MONGODB_URI";
        match names.filter(ours).find(|name| !read.contains(*name)) {
            Some(name) => Err(format!("the line of {name} cannot be read; quote its value")),
            None => Ok(()),
        }
    }
}

// Values may be secrets: only names are shown.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.variables.keys()).finish()
    }
}
