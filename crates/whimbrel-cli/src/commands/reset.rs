//! `whimbrel reset`

use super::database::{Opened, observer};
use crate::context::Context;
use crate::exit::{CommandError, Exit};
use crate::signals::stop_on_signals;

pub(super) async fn run(context: &mut Context) -> Result<Exit, CommandError> {
    let question = format!(
        "This clears the migration history ({}); the next up runs every migration again.",
        context.config.collection
    );
    if !context.ui.confirm(&question)? {
        context.ui.note("nothing was cleared");
        return Ok(Exit::Done);
    }
    let opened = Opened::new(context, Some(observer(&context.ui))).await?;
    let result = opened.project.engine().reset(stop_on_signals(&context.ui)).await;
    opened.close().await?;
    let rows = result?;
    if context.ui.output.json {
        context.ui.line(&serde_json::json!({ "event": "reset", "cleared": rows }).to_string());
    } else {
        let noun = if rows == 1 { "entry" } else { "entries" };
        context.ui.say(&format!("Migration history cleared ({rows} {noun})"));
    }
    Ok(Exit::Done)
}
