//! The environment, as a value that somebody passes in.

use std::collections::BTreeMap;
use std::path::Path;

/// Environment variables. Later ones with the same name do not replace earlier ones.
#[derive(Clone, Debug, Default)]
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
    pub(super) fn add_file(&mut self, path: &Path) -> Result<(), dotenvy::Error> {
        let entries = match dotenvy::from_path_iter(path) {
            Ok(entries) => entries,
            Err(error) if error.not_found() => return Ok(()),
            Err(error) => return Err(error),
        };
        for entry in entries {
            let (name, value) = entry?;
            self.variables.entry(name).or_insert(value);
        }
        Ok(())
    }
}
