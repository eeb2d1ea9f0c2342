//! What can be typed.
//!
//! The flags of all settings come from [`whimbrel::config::SETTINGS`], so that none can be missing here.

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use clap_complete::Shell;
use whimbrel::config::{SETTINGS, SettingKind};

/// The whole command line.
pub fn command() -> Command {
    let mut command = Command::new("whimbrel")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Database migrations for MongoDB: JavaScript files, run exactly once")
        .after_help(
            "Exit codes: 0 done, 1 a migration failed, 2 usage or configuration, 3 lock held, 4 drift or a state a \
             person must settle, 5 cannot reach the database or not authorised, 6 status --exit-code found pending, \
             130 interrupted.",
        )
        .subcommand_required(true)
        .arg_required_else_help(true)
        .propagate_version(true)
        .arg(
            Arg::new("config")
                .long("config")
                .value_name("FILE")
                .global(true)
                .help("Configuration file [default: the nearest whimbrel.toml]")
                .help_heading(HEADING),
        )
        .subcommands([
            up(),
            down(),
            redo(),
            status(),
            verify(),
            history(),
            repair(),
            baseline(),
            lock(),
            create(),
            reset(),
            init(),
            types(),
            local(),
            completions(),
        ]);
    for setting in SETTINGS {
        let mut arg = Arg::new(setting.key)
            .long(setting.flag())
            .global(true)
            .help_heading(HEADING)
            .help(format!("{} [default: {}]", setting.help, setting.default));
        arg = match setting.kind {
            SettingKind::Text if setting.key == "local" => arg
                .value_name("PATH")
                .num_args(0..=1)
                .require_equals(true)
                .default_missing_value("true"),
            SettingKind::Text => arg.value_name("TEXT"),
            SettingKind::Paths => arg.value_name("PATHS"),
            SettingKind::Duration | SettingKind::Limit => arg.value_name("DURATION"),
            SettingKind::Switch => arg
                .value_name("BOOL")
                .num_args(0..=1)
                .require_equals(true)
                .default_missing_value("true")
                .hide_possible_values(true),
            SettingKind::Choice(words) => {
                arg.value_name("WORD").value_parser(clap::builder::PossibleValuesParser::new(words))
            }
        };
        if setting.key == "yes" {
            arg = arg.short('y');
        }
        if setting.key == "verbose" {
            arg = arg.short('v');
        }
        if setting.key == "quiet" {
            arg = arg.short('q');
        }
        command = command.arg(arg);
    }
    command
}

const HEADING: &str = "Settings";

fn names(help: &'static str) -> Arg {
    Arg::new("names").value_name("NAME").num_args(0..).help(help)
}

fn count() -> Arg {
    Arg::new("count").long("count").short('n').value_name("N").value_parser(positive)
}

/// A whole number from 1.
fn positive(text: &str) -> Result<usize, String> {
    match text.parse::<usize>() {
        Ok(0) => Err("must be at least 1".to_owned()),
        Ok(number) => Ok(number),
        Err(_) => Err("is not a whole number".to_owned()),
    }
}

fn on_error() -> [Arg; 2] {
    [
        Arg::new("stop-on-error")
            .long("stop-on-error")
            .action(ArgAction::SetTrue)
            .conflicts_with("continue-on-error")
            .help("Stop at the first migration that fails (the default)"),
        Arg::new("continue-on-error")
            .long("continue-on-error")
            .action(ArgAction::SetTrue)
            .help("Go on with the rest after a migration failed"),
    ]
}

fn up() -> Command {
    Command::new("up")
        .about("Apply pending migrations")
        .arg(names("Apply only these, by file name, name without extension, or version"))
        .arg(count().conflicts_with_all(["names", "to"]).help("Apply at most so many"))
        .arg(
            Arg::new("to")
                .long("to")
                .value_name("NAME")
                .conflicts_with("names")
                .help("Apply up to and including this one"),
        )
        .arg(
            Arg::new("force")
                .long("force")
                .short('f')
                .value_name("NAME")
                .num_args(0..)
                .help("Besides what is due, run again what is already applied: all, or those named (changed files only when named)"),
        )
        .arg(dry_run())
        .args(on_error())
}

fn dry_run() -> Arg {
    Arg::new("dry-run")
        .long("dry-run")
        .action(ArgAction::SetTrue)
        .help("Show what would be done and why; nothing is executed or written")
}

fn reason() -> Arg {
    Arg::new("reason").long("reason").value_name("TEXT").help("Why, for the audit trail")
}

fn down() -> Command {
    rollback_arguments(Command::new("down").about("Roll back applied migrations, latest first"))
        .arg(dry_run())
        .args(on_error())
}

fn redo() -> Command {
    rollback_arguments(
        Command::new("redo")
            .about("Roll back applied migrations, latest first, and apply the same again"),
    )
    .arg(stop_on_error())
}

/// Accepted because it says what is so: a redo never goes on after an error.
fn stop_on_error() -> Arg {
    Arg::new("stop-on-error").long("stop-on-error").action(ArgAction::SetTrue).hide(true)
}

fn rollback_arguments(command: Command) -> Command {
    command
        .arg(names("Roll back only these; failed ones too"))
        .arg(
            count()
                .conflicts_with_all(["names", "to", "all"])
                .help("Roll back the last so many [default: 1]"),
        )
        .arg(
            Arg::new("to")
                .long("to")
                .value_name("NAME")
                .conflicts_with_all(["names", "all"])
                .help("Roll back everything applied after this one"),
        )
        .arg(
            Arg::new("all")
                .long("all")
                .action(ArgAction::SetTrue)
                .conflicts_with("names")
                .help("Roll back everything (asks)"),
        )
        .arg(
            Arg::new("from-file")
                .long("from-file")
                .action(ArgAction::SetTrue)
                .conflicts_with("from-history")
                .help("Use the file although it was changed after it was applied"),
        )
        .arg(
            Arg::new("from-history")
                .long("from-history")
                .action(ArgAction::SetTrue)
                .help("Where the file is gone or changed, use the source kept in the history"),
        )
}

fn status() -> Command {
    Command::new("status")
        .about("Show where every migration stands")
        .arg(
            Arg::new("exit-code")
                .long("exit-code")
                .action(ArgAction::SetTrue)
                .help("Exit with 6 when migrations are pending, 4 on drift, 1 when one failed"),
        )
        .arg(
            Arg::new("watch")
                .long("watch")
                .short('w')
                .action(ArgAction::SetTrue)
                .help("Show it again whenever it changes, until interrupted"),
        )
}

fn verify() -> Command {
    Command::new("verify").about(
        "Check that files and history agree: checksums, order, names, and what is to be settled (exit 4 if not)",
    )
}

fn history() -> Command {
    Command::new("history")
        .about("Show the audit trail: who did what, when, and how long it took")
        .arg(names("Only of these migrations"))
        .arg(
            Arg::new("ops")
                .long("ops")
                .action(ArgAction::SetTrue)
                .help("Show what the migrations sent to the database as well"),
        )
        .arg(
            Arg::new("limit")
                .long("limit")
                .short('n')
                .value_name("N")
                .value_parser(positive)
                .help("Show the latest so many entries [default: 50]"),
        )
}

fn repair() -> Command {
    let several = |name: &'static str, help: &'static str| {
        Arg::new(name)
            .long(name)
            .value_name("NAME")
            .num_args(1..)
            .action(ArgAction::Append)
            .conflicts_with("names")
            .help(help)
    };
    Command::new("repair")
        .about("Settle by hand what was interrupted, failed, changed or renamed; asks, unless told what to do")
        .arg(names("Ask only about these"))
        .arg(several("mark-applied", "Count these as applied, without running them"))
        .arg(several("mark-pending", "Count these as not applied: the next up runs them"))
        .arg(several("accept-checksum", "Take the present text of these for the one that was applied"))
        .arg(
            Arg::new("rename")
                .long("rename")
                .value_names(["OLD", "NEW"])
                .num_args(2)
                .action(ArgAction::Append)
                .conflicts_with("names")
                .help("The file of the applied migration OLD is called NEW now"),
        )
        .arg(reason())
}

fn baseline() -> Command {
    Command::new("baseline")
        .about(
            "Mark migrations as applied without running them, for a database that has what they do",
        )
        .arg(
            Arg::new("to")
                .long("to")
                .value_name("NAME")
                .help("Mark those up to and including this one [default: all]"),
        )
        .arg(reason())
}

fn lock() -> Command {
    Command::new("lock")
        .about("Show who holds the lock, since when, until when, and doing what")
        .arg(
            Arg::new("release")
                .long("release")
                .action(ArgAction::SetTrue)
                .help("Take the lock from a dead holder and release it (asks)"),
        )
        .arg(
            Arg::new("force")
                .long("force")
                .action(ArgAction::SetTrue)
                .requires("release")
                .help("Take it from a holder that is alive too, which then stops"),
        )
        .arg(reason().requires("release"))
}

fn create() -> Command {
    Command::new("create")
        .about("Write the next migration file")
        .arg(
            Arg::new("name")
                .value_name("NAME")
                .required(true)
                .num_args(1..)
                .help("What it does, such as add_user_indexes"),
        )
        .arg(
            Arg::new("description")
                .long("description")
                .short('d')
                .value_name("TEXT")
                .help("One line for the file's header"),
        )
        .arg(
            Arg::new("timestamp")
                .long("timestamp")
                .action(ArgAction::SetTrue)
                .help("Use a timestamp as version [default: as the folder does]"),
        )
}

fn reset() -> Command {
    Command::new("reset")
        .about("Clear the migration history (for development): the next up runs everything again")
}

fn init() -> Command {
    Command::new("init")
        .about("Set up a project: whimbrel.toml, the folder, a first migration, npm scripts")
}

fn types() -> Command {
    Command::new("types")
        .about("Write typings into .whimbrel/types, so that db completes in an editor")
}

fn local() -> Command {
    Command::new("local")
        .about("Run a local database in the foreground and print its URI")
        .arg(
            Arg::new("data-dir")
                .long("data-dir")
                .value_name("DIR")
                .help("Where it keeps its data [default: .whimbrel/local-db]"),
        )
        .arg(
            Arg::new("port")
                .long("port")
                .value_name("PORT")
                .value_parser(value_parser!(u16))
                .help("Its port [default: any free one]"),
        )
}

fn completions() -> Command {
    Command::new("completions").about("Print a completion script for a shell").arg(
        Arg::new("shell").value_name("SHELL").required(true).value_parser(value_parser!(Shell)),
    )
}

/// The values of an argument that may be repeated; empty when it is absent.
pub(crate) fn texts(matches: &ArgMatches, name: &str) -> Vec<String> {
    matches.get_many::<String>(name).map(|texts| texts.cloned().collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_definition_is_sound() {
        super::command().debug_assert();
    }
}
