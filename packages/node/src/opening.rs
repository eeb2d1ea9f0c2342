//! From the options of an application to a project: they are a layer of settings above the environment, as flags are
//! for the command line.

use std::path::PathBuf;
use std::sync::Arc;

use serde::Deserialize;
use whimbrel::__private::NodeBodies;
use whimbrel::config::{Config, NodeSettings, SETTINGS, Setting};
use whimbrel::{ConfigError, Environment, Layers, OpenError, Project};
use whimbrel_core::event::Observer;

/// Settings of a command line, and of no application.
const NOT_OF_APPLICATIONS: [&str; 6] = ["local", "yes", "json", "quiet", "verbose", "color"];

/// What an application gave, checked by its JavaScript.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Options {
    /// Keys of settings, their values as text, and the options that they were given as.
    settings: Vec<(String, String, String)>,
    /// The configuration file; by default the nearest `whimbrel.toml`.
    config: Option<PathBuf>,
    /// Where relative paths start.
    folder: PathBuf,
    /// The environment of the thread.
    environment: Vec<(String, String)>,
    /// The program that runs this, for migrations in a process of their own.
    node: PathBuf,
}

impl Options {
    /// Reads all layers.
    pub(crate) fn config(&self) -> Result<Config, ConfigError> {
        let environment = Environment::of(self.environment.iter().cloned());
        let mut layers = Layers::new(&self.folder, environment);
        if let Some(file) = &self.config {
            layers = layers.with_file(file);
        }
        for (key, text, option) in &self.settings {
            layers = layers.with_option(key, text, option);
        }
        let mut config = Config::load(layers)?;
        if config.node.program == NodeSettings::default().program {
            config.node.program.clone_from(&self.node);
        }
        Ok(config)
    }
}

/// Connects lazily, and puts the engine together.
pub(crate) async fn open(
    config: &Config,
    observer: Arc<dyn Observer>,
    bodies: Option<Arc<dyn NodeBodies>>,
) -> Result<Project, OpenError> {
    match bodies {
        None => Project::open_with(config, Some(observer)).await,
        Some(bodies) => Project::open_in_node(config, Some(observer), bodies).await,
    }
}

/// The option that stands for a setting: `lock.ttl` is `lockTtl`.
fn option_of(setting: &Setting) -> String {
    let mut option = String::new();
    let mut upper = false;
    for character in setting.key.chars() {
        match character {
            '.' | '_' => upper = true,
            _ if upper => {
                option.extend(character.to_uppercase());
                upper = false;
            }
            _ => option.push(character),
        }
    }
    option
}

/// A setting as an option of applications.
#[napi_derive::napi(object)]
pub struct SettingOption {
    /// The option's name: `lockTtl`.
    pub option: String,
    /// The setting's key: `lock.ttl`.
    pub key: String,
    /// What it takes: `text`, `duration`, `limit`, `switch`, `paths`, or `choice`.
    pub kind: String,
    /// What it may be, where that is a choice.
    pub choices: Vec<String>,
    /// Its default, for people.
    pub default: String,
    /// What it is for.
    pub help: String,
}

/// Every setting that an application can give as an option.
#[napi_derive::napi]
pub fn setting_options() -> Vec<SettingOption> {
    use whimbrel::config::SettingKind;

    let settings = SETTINGS.iter().filter(|setting| !NOT_OF_APPLICATIONS.contains(&setting.key));
    settings
        .map(|setting| {
            let (kind, choices): (_, &[&str]) = match setting.kind {
                SettingKind::Text => ("text", &[]),
                SettingKind::Duration => ("duration", &[]),
                SettingKind::Limit => ("limit", &[]),
                SettingKind::Switch => ("switch", &[]),
                SettingKind::Choice(choices) => ("choice", choices),
                SettingKind::Paths => ("paths", &[]),
            };
            SettingOption {
                option: option_of(setting),
                key: setting.key.to_owned(),
                kind: kind.to_owned(),
                choices: choices.iter().map(|choice| (*choice).to_owned()).collect(),
                default: setting.default.to_owned(),
                help: setting.help.to_owned(),
            }
        })
        .collect()
}

/// The word that was probably meant.
#[napi_derive::napi]
pub fn nearest_word(word: String, words: Vec<String>) -> Option<String> {
    let close = |other: &String| strsim::jaro_winkler(&word.to_lowercase(), &other.to_lowercase());
    let nearest = words.into_iter().map(|other| (close(&other), other));
    let (closeness, nearest) = nearest.max_by(|(a, _), (b, _)| a.total_cmp(b))?;
    (closeness > 0.8).then_some(nearest)
}
