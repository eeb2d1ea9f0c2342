//! `docs/reference.md` is made from the command line's definition and the table of settings.
//!
//! When it is stale this fails; `UPDATE_REFERENCE=1 cargo test -p whimbrel-cli reference` writes it anew.

use std::fmt::Write as _;
use std::path::Path;

use whimbrel::config::{SETTINGS, SettingKind};

fn reference() -> String {
    let mut text = String::from(
        "# Reference\n\nMade from the program itself; `UPDATE_REFERENCE=1 cargo test -p whimbrel-cli reference` writes it anew.\n\n\
         ## Settings\n\n\
         Defaults < `whimbrel.toml` < environment (`.env` included) < flags. A dot in a key is a table of the file.\n\n\
         | key | environment | flag | takes | default | what for |\n| --- | --- | --- | --- | --- | --- |\n",
    );
    for setting in SETTINGS {
        let takes = match setting.kind {
            SettingKind::Text => "text".to_owned(),
            SettingKind::Paths => {
                "paths: an array in the file, separated by commas elsewhere".to_owned()
            }
            SettingKind::Duration => "duration: `500ms`, `30s`, `2m`, `1h`".to_owned(),
            SettingKind::Limit => "duration or `none`".to_owned(),
            SettingKind::Switch => "`true` or `false`".to_owned(),
            SettingKind::Choice(words) => {
                words.iter().map(|w| format!("`{w}`")).collect::<Vec<_>>().join(", ")
            }
        };
        let (key, variable, flag) = (setting.key, setting.variable(), setting.flag());
        let (default, help) = (setting.default, setting.help);
        writeln!(text, "| `{key}` | `{variable}` | `--{flag}` | {takes} | {default} | {help} |")
            .unwrap();
    }
    let mut command = whimbrel_cli::command().term_width(100);
    command.build();
    for sub in command.get_subcommands_mut().filter(|sub| sub.get_name() != "help") {
        // Settings stand above, once.
        let shown = sub.clone().mut_args(|arg| {
            let setting = SETTINGS.iter().any(|setting| setting.key == arg.get_id().as_str());
            if setting || arg.get_id() == "config" { arg.hide(true) } else { arg }
        });
        let help = shown.clone().render_help().to_string();
        let help: Vec<&str> = help.trim_end().lines().map(str::trim_end).collect();
        writeln!(text, "\n## whimbrel {}\n\n```text\n{}\n```", sub.get_name(), help.join("\n"))
            .unwrap();
    }
    text
}

#[test]
fn the_reference_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference.md");
    let reference = reference();
    if std::env::var_os("UPDATE_REFERENCE").is_some() {
        std::fs::write(&path, &reference).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == reference,
        "docs/reference.md is stale: UPDATE_REFERENCE=1 cargo test -p whimbrel-cli reference"
    );
}
