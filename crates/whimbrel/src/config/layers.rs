//! The layers on top of each other, and where the project is.

use std::path::{Path, PathBuf};

use super::{Config, Environment, SETTINGS, file};
use crate::connection::ConnectionUri;

/// Name of the configuration file.
pub(crate) const FILE_NAME: &str = "whimbrel.toml";

/// Where a setting came from, for errors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A line of a file.
    File {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// An environment variable (or a line of `.env`).
    Variable(String),
    /// A flag.
    Flag(String),
    /// An option of the program that this is part of.
    Option(String),
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File { path, line } => write!(f, "{}, line {line}", path.display()),
            Self::Variable(name) => write!(f, "environment variable {name}"),
            Self::Flag(name) => write!(f, "--{name}"),
            Self::Option(name) => write!(f, "the option `{name}`"),
        }
    }
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file named with `--config` is not there, or cannot be read.
    #[error("cannot read {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's error.
        #[source]
        source: std::io::Error,
    },
    /// The file has an unknown key or is no TOML.
    #[error("{}, line {line}: {message}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        message: String,
        /// The key that was probably meant.
        suggestion: Option<String>,
    },
    /// A value cannot be read.
    #[error("{origin}: `{key}` {problem}")]
    Value {
        /// Where it stands.
        origin: Origin,
        /// The setting.
        key: &'static str,
        /// What is wrong with it; never the value of a secret.
        problem: String,
    },
    /// `.env` cannot be read.
    #[error("cannot read {}: {problem}", path.display())]
    DotEnv {
        /// The file.
        path: PathBuf,
        /// What is wrong; without the line's text, which may be a secret.
        problem: String,
    },
}

impl ConfigError {
    /// A stable name for machines.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "CONFIG_UNREADABLE",
            Self::File { .. } => "CONFIG_INVALID",
            Self::Value { .. } => "CONFIG_VALUE",
            Self::DotEnv { .. } => "DOT_ENV_INVALID",
        }
    }

    /// The next step for a person.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::File { suggestion: Some(key), .. } => Some(format!("did you mean `{key}`?")),
            Self::File { message, .. } if message.starts_with("unknown key") => {
                let keys: Vec<&str> = SETTINGS.iter().map(|setting| setting.key).collect();
                Some(format!("the settings are {}", keys.join(", ")))
            }
            Self::Unreadable { .. } => Some("check the path given with --config".to_owned()),
            Self::File { .. } | Self::Value { .. } | Self::DotEnv { .. } => None,
        }
    }
}

/// What the settings are made of.
#[derive(Clone)]
pub struct Layers {
    working_directory: PathBuf,
    environment: Environment,
    config_file: Option<PathBuf>,
    flags: Vec<(String, String, Option<String>)>,
    folder: PathBuf,
}

impl Layers {
    /// Defaults, the `whimbrel.toml` in `working_directory` or the nearest folder above it, and an
    /// environment.
    pub fn new(working_directory: impl Into<PathBuf>, environment: Environment) -> Self {
        let working_directory = working_directory.into();
        Self {
            folder: working_directory.clone(),
            working_directory,
            environment,
            config_file: None,
            flags: Vec::new(),
        }
    }

    /// Reads this file and no other.
    #[must_use]
    pub fn with_file(mut self, path: impl AsRef<Path>) -> Self {
        self.config_file = Some(self.working_directory.join(path));
        self
    }

    /// Adds a flag: a setting's key and its value.
    #[must_use]
    pub fn with_flag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.flags.push((key.into(), value.into(), None));
        self
    }

    /// As [`Layers::with_flag`], of a program that calls it `name`, for errors.
    #[must_use]
    pub fn with_option(
        mut self,
        key: impl Into<String>,
        value: impl Into<String>,
        name: impl Into<String>,
    ) -> Self {
        self.flags.push((key.into(), value.into(), Some(name.into())));
        self
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn working_directory(&self) -> &Path {
        &self.working_directory
    }

    pub(super) fn resolve(mut self) -> Result<Config, ConfigError> {
        let file = match &self.config_file {
            Some(path) => Some(path.clone()),
            None => self
                .working_directory
                .ancestors()
                .map(|folder| folder.join(FILE_NAME))
                .find(|path| path.is_file()),
        };
        if let Some(folder) = file.as_deref().and_then(Path::parent) {
            self.folder = folder.to_owned();
        }
        let dot_env = self.folder.join(".env");
        self.environment
            .add_file(&dot_env)
            .map_err(|problem| ConfigError::DotEnv { path: dot_env, problem })?;
        let mut config = Config::defaults(&self);
        if let Some(path) = &file {
            self.apply_file(&mut config, path)?;
        }
        self.apply_environment(&mut config)?;
        self.apply_flags(&mut config)?;
        if file.is_none() {
            config.project = project_of(&config.directory, &self.working_directory);
        }
        config.file = file;
        config.environment = self.environment;
        Ok(config)
    }

    fn apply_file(&self, config: &mut Config, path: &Path) -> Result<(), ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
        let entries = file::parse(&text).map_err(|problem| ConfigError::File {
            path: path.to_owned(),
            line: problem.line,
            message: problem.message,
            suggestion: problem.suggestion,
        })?;
        for entry in entries {
            config.apply(entry.key, &entry.text, &self.folder).map_err(|problem| {
                let origin = Origin::File { path: path.to_owned(), line: entry.line };
                ConfigError::Value { origin, key: entry.key, problem }
            })?;
        }
        Ok(())
    }

    fn apply_environment(&self, config: &mut Config) -> Result<(), ConfigError> {
        for setting in SETTINGS {
            let variable = setting.variable();
            if let Some(text) = self.environment.get(&variable) {
                config.apply(setting.key, text, &self.working_directory).map_err(|problem| {
                    ConfigError::Value {
                        origin: Origin::Variable(variable),
                        key: setting.key,
                        problem,
                    }
                })?;
            } else if setting.key == "uri"
                && let Some(text) = self.environment.get("MONGODB_URI")
            {
                config.uri = Some(ConnectionUri::new(text));
            }
        }
        Ok(())
    }

    fn apply_flags(&self, config: &mut Config) -> Result<(), ConfigError> {
        for (key, text, name) in &self.flags {
            let Some(setting) = super::Setting::find(key) else { continue };
            config.apply(setting.key, text, &self.working_directory).map_err(|problem| {
                let origin = match name {
                    Some(name) => Origin::Option(name.clone()),
                    None => Origin::Flag(setting.flag()),
                };
                ConfigError::Value { origin, key: setting.key, problem }
            })?;
        }
        Ok(())
    }
}

/// The nearest folder above the migrations that looks like a project; else the working directory if the
/// migrations are below it; else their own folder.
pub(crate) fn project_of(directory: &Path, working_directory: &Path) -> PathBuf {
    let marked = directory
        .ancestors()
        .find(|folder| folder.join("package.json").is_file() || folder.join(".git").exists());
    match marked {
        Some(folder) => folder.to_owned(),
        None if directory.starts_with(working_directory) => working_directory.to_owned(),
        None => directory.to_owned(),
    }
}
