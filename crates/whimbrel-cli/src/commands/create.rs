//! `whimbrel create`

use clap::ArgMatches;
use jiff::Zoned;
use whimbrel_core::Error;
use whimbrel_core::create::{Language, NewMigration, Numbering, create};

use crate::arguments::texts;
use crate::context::Context;
use crate::exit::{CommandError, Exit};

pub(super) fn run(matches: &ArgMatches, context: &Context) -> Result<Exit, CommandError> {
    let now = Zoned::now();
    let new = NewMigration {
        name: texts(matches, "name").join(" "),
        description: matches.get_one::<String>("description").cloned(),
        numbering: if matches.get_flag("timestamp") {
            Numbering::Timestamp
        } else {
            Numbering::AsBefore
        },
        language: Language::of_project(&context.config.project),
        date: now.strftime("%Y-%m-%d").to_string(),
        timestamp: now.strftime("%Y%m%d%H%M%S").to_string(),
    };
    let path = create(&context.config.directory, &new).map_err(Error::from)?;
    if context.ui.output.json {
        context.ui.line(
            &serde_json::json!({ "event": "created", "path": path.display().to_string() })
                .to_string(),
        );
    } else {
        context.ui.say(&format!("{}Created {}", context.ui.mark("✅ ", ""), path.display()));
    }
    Ok(Exit::Done)
}
