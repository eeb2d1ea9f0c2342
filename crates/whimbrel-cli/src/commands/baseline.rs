//! `whimbrel baseline`

use clap::ArgMatches;

use super::database::{Opened, observer};
use super::repair::{show, text_of};
use crate::context::Context;
use crate::exit::{CommandError, Exit};
use crate::signals::stop_on_signals;

pub(super) async fn run(matches: &ArgMatches, context: &mut Context) -> Result<Exit, CommandError> {
    let opened = Opened::new(context, Some(observer(&context.ui))).await?;
    let stop = stop_on_signals(&context.ui);
    let (last, reason) = (text_of(matches, "to"), text_of(matches, "reason"));
    let result = opened.project.engine().baseline(last, reason, stop).await;
    opened.close().await?;
    show(&context.ui, "baseline", &result?);
    Ok(Exit::Done)
}
