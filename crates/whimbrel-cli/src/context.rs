//! From matched arguments to settings and an output.

use clap::ArgMatches;
use whimbrel::config::{ColorChoice, Output, SETTINGS};
use whimbrel::{Config, Layers};

use crate::exit::CommandError;
use crate::ui::{Io, Ui};

/// What every command works with.
pub(crate) struct Context {
    pub(crate) config: Config,
    pub(crate) ui: Ui,
}

impl Context {
    /// Reads all layers of settings. With an error comes an output to tell it on.
    pub(crate) fn new(matches: &ArgMatches, io: Io) -> Result<Self, (Ui, CommandError)> {
        let matches = matches.subcommand().map_or(matches, |(_, matches)| matches);
        let mut layers = Layers::new(&io.working_directory, io.environment.clone());
        if let Some(file) = matches.get_one::<String>("config") {
            layers = layers.with_file(file);
        }
        let mut early = Output::default();
        for setting in SETTINGS {
            if let Some(text) = matches.get_one::<String>(setting.key) {
                layers = layers.with_flag(setting.key, text);
                // Errors in the settings themselves are already told as the flags say.
                match setting.key {
                    "json" => early.json = text == "true",
                    "color" if text == "never" => early.color = ColorChoice::Never,
                    "color" if text == "always" => early.color = ColorChoice::Always,
                    _ => {}
                }
            }
        }
        match Config::load(layers) {
            Ok(config) => {
                let ui = Ui::new(io, config.output);
                Ok(Self { config, ui })
            }
            Err(error) => Err((Ui::new(io, early), error.into())),
        }
    }
}
