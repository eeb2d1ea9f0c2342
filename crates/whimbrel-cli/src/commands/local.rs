//! `whimbrel local`: a database server in the foreground.

use clap::ArgMatches;
use whimbrel_local::{LocalServer, Search};

use super::database::LOCAL_DATABASE;
use crate::context::Context;
use crate::exit::{CommandError, Exit};
use crate::signals::interrupted;

pub(super) async fn run(matches: &ArgMatches, context: &Context) -> Result<Exit, CommandError> {
    let data_dir = match matches.get_one::<String>("data-dir") {
        Some(dir) => context.config.working_folder.join(dir),
        None => context.config.project.join(".whimbrel/local-db"),
    };
    let mut builder =
        LocalServer::builder().program(Search::from_environment().find()?).data_dir(data_dir);
    if let Some(port) = matches.get_one::<u16>("port") {
        builder = builder.port(*port);
    }
    // Listening for the end before the start: a signal in between must not leave a process.
    let ended = interrupted();
    tokio::pin!(ended);
    let mut server = tokio::select! {
        started = builder.start() => started?,
        () = &mut ended => return Ok(Exit::Interrupted),
    };
    let database = context.config.database.as_deref().unwrap_or(LOCAL_DATABASE);
    context.ui.line(&format!("{}{database}", server.uri()));
    context.ui.note(&format!("data in {}; Ctrl-C stops it", server.data_dir().display()));
    loop {
        tokio::select! {
            () = &mut ended => break,
            () = tokio::time::sleep(std::time::Duration::from_millis(500)) => {
                if !server.is_running() {
                    return Err(CommandError {
                        exit: Exit::Connection,
                        code: "LOCAL_SERVER_ENDED",
                        message: "the local server ended by itself".to_owned(),
                        causes: Vec::new(),
                        hints: vec![format!("its log is {}", server.log_path().display())],
                    });
                }
            }
        }
    }
    server.stop().await?;
    Ok(Exit::Done)
}
