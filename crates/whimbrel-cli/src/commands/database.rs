//! What the commands that use a database share: the local server of `--local`, opening the project, and
//! the end of a run.

use std::sync::Arc;

use clap::ArgMatches;
use whimbrel::config::Config;
use whimbrel::{ConnectionUri, Project, RunFailure};
use whimbrel_core::event::Observer;
use whimbrel_core::migrator::RunOptions;
use whimbrel_core::report::RunReport;
use whimbrel_local::{LocalServer, Search, Target};

use crate::context::Context;
use crate::exit::{CommandError, Exit};
use crate::signals::stop_on_signals;
use crate::ui::{JsonObserver, TextObserver, Ui, summary_line};

/// The database of a local server, unless a setting names another.
pub(super) const LOCAL_DATABASE: &str = "test";

/// A project, and the local server it runs on, if it does.
pub(super) struct Opened {
    pub(super) project: Project,
    server: Option<LocalServer>,
}

impl Opened {
    /// Opens the project, starting the local server first where one is asked for.
    pub(super) async fn new(
        context: &mut Context,
        observer: Option<Arc<dyn Observer>>,
    ) -> Result<Self, CommandError> {
        let server = match context.config.local.clone() {
            Some(wanted) => Some(start_local(&mut context.config, &wanted).await?),
            None => None,
        };
        let project = match Project::open_with(&context.config, observer).await {
            Ok(project) => project,
            Err(error) => {
                stop(server).await?;
                return Err(error.into());
            }
        };
        for warning in project.warnings() {
            context.ui.warn(warning);
        }
        Ok(Self { project, server })
    }

    /// Closes the connections, and stops the local server, if there is one.
    pub(super) async fn close(self) -> Result<(), CommandError> {
        self.project.close().await;
        stop(self.server).await
    }
}

async fn stop(server: Option<LocalServer>) -> Result<(), CommandError> {
    match server {
        Some(server) => Ok(server.stop().await?),
        None => Ok(()),
    }
}

async fn start_local(config: &mut Config, wanted: &str) -> Result<LocalServer, CommandError> {
    let default_dir = config.project.join(".whimbrel/local-db");
    let (program, data_dir) = match wanted {
        "true" => (None, default_dir),
        path => match Target::parse(path)? {
            Target::Program(program) => (Some(program), default_dir),
            Target::DataDir(dir) => (None, dir),
        },
    };
    let program = match program {
        Some(program) => program,
        None => Search::from_environment().find()?,
    };
    let server = LocalServer::builder().program(program).data_dir(data_dir).start().await?;
    config.uri = Some(ConnectionUri::new(server.uri()));
    config.database.get_or_insert_with(|| LOCAL_DATABASE.to_owned());
    Ok(server)
}

/// The observer that the settings ask for.
pub(super) fn observer(ui: &Ui) -> Arc<dyn Observer> {
    if ui.output.json {
        Arc::new(JsonObserver::new(ui.clone()))
    } else {
        Arc::new(TextObserver::new(ui.clone()))
    }
}

/// The options of a run, from the arguments it shares with the other direction.
pub(super) fn run_options(matches: &ArgMatches, ui: &Ui) -> RunOptions {
    RunOptions {
        continue_on_error: matches.get_flag("continue-on-error"),
        stop: stop_on_signals(ui),
        lock_wait: None,
    }
}

/// What a run's end means; with `--json` its last line.
pub(super) fn finish(ui: &Ui, result: Result<RunReport, RunFailure>) -> Result<Exit, CommandError> {
    let (report, error) = match result {
        Ok(report) => (report, None),
        Err(RunFailure { report, source }) => {
            let mut error = CommandError::of_run(&source, true);
            let of_migrations = matches!(source, whimbrel::Error::Migration { .. });
            if report.failed.len() > 1 && of_migrations && error.exit == Exit::Migration {
                let names: Vec<&str> = report.failed.iter().map(|f| f.name.as_str()).collect();
                error.message = format!("{} migrations failed: {}", names.len(), names.join(", "));
            }
            (report, Some(error))
        }
    };
    if ui.output.json {
        ui.line(&summary_line(&report, error.as_ref()).to_string());
    }
    match error {
        None => Ok(Exit::Done),
        Some(error) => Err(error),
    }
}
