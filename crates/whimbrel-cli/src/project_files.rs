//! The texts that `init` writes: `whimbrel.toml`, made from the table of settings, npm scripts, and modules for
//! applications that have the npm package.

use std::path::Path;

use serde_json::{Map, Value};
use whimbrel::config::{SETTINGS, Setting, SettingKind};

/// Name of the configuration file.
pub(crate) const CONFIG_FILE: &str = "whimbrel.toml";

/// Settings that belong to a command line more than to a project.
const NOT_IN_TEMPLATE: [&str; 6] = ["local", "yes", "json", "quiet", "verbose", "color"];

/// Every setting with its meaning and default, commented out.
pub(crate) fn config_template() -> String {
    let mut text = String::from(
        "# Settings of Whimbrel. Each can also be given in the environment (WHIMBREL_LOCK_TTL) and as a flag\n\
         # (--lock-ttl); flags win over the environment, the environment over this file.\n",
    );
    let in_file = |key: &str| !NOT_IN_TEMPLATE.contains(&key);
    let mut table = "";
    // A table's keys must come after those that are in none.
    let (plain, nested): (Vec<&Setting>, Vec<&Setting>) =
        SETTINGS.iter().filter(|s| in_file(s.key)).partition(|s| !s.key.contains('.'));
    for setting in plain.into_iter().chain(nested) {
        let key = match setting.key.split_once('.') {
            Some((own, key)) => {
                if table != own {
                    table = own;
                    text.push_str(&format!("\n# [{own}]\n"));
                }
                key
            }
            None => setting.key,
        };
        let value = match (setting.key, setting.kind) {
            ("uri", _) => "\"mongodb://localhost:27017/app\"".to_owned(),
            ("database", _) => "\"app\"".to_owned(),
            (_, SettingKind::Switch) => setting.default.to_owned(),
            (_, SettingKind::Paths) => "[]".to_owned(),
            _ => format!("{:?}", setting.default),
        };
        let choices = match setting.kind {
            SettingKind::Choice(words) => format!(" ({})", words.join(", ")),
            _ => String::new(),
        };
        text.push_str(&format!("\n# {}{choices}\n# {key} = {value}\n", setting.help));
    }
    text
}

/// The scripts a Node.js project gets.
const SCRIPTS: [(&str, &str); 5] = [
    ("migrate:up", "whimbrel up"),
    ("migrate:down", "whimbrel down"),
    ("migrate:status", "whimbrel status"),
    ("migrate:create", "whimbrel create"),
    ("migrate:reset", "whimbrel reset"),
];

/// What `init` wants to know of a project of Node.js.
pub(crate) struct NodeProject {
    /// The npm package is installed for it, or named in its `package.json`.
    pub(crate) has_whimbrel: bool,
    /// Its `.js` files are ES modules.
    pub(crate) is_module: bool,
}

impl NodeProject {
    /// Reads a `package.json` in `folder`.
    pub(crate) fn read(text: &str, folder: &Path) -> Result<Self, String> {
        let package = parse(text)?;
        let names =
            |list: &str| package.get(list).is_some_and(|list| list.get("whimbrel").is_some());
        let is_installed =
            || folder.ancestors().any(|folder| folder.join("node_modules/whimbrel").is_dir());
        Ok(Self {
            has_whimbrel: names("dependencies") || names("devDependencies") || is_installed(),
            is_module: package.get("type").and_then(Value::as_str) == Some("module"),
        })
    }
}

/// A module that applications import from their own project.
#[derive(Clone, Copy)]
pub(crate) enum NodeModule {
    /// `import Migrator from './migrations/migrator.js'`.
    Migrator,
    /// `import AutoMigrator from './migrations/autoMigrate.js'`.
    AutoMigrate,
    /// `node migrations/cli.js up`.
    CommandLine,
}

impl NodeModule {
    pub(crate) const ALL: [Self; 3] = [Self::Migrator, Self::AutoMigrate, Self::CommandLine];

    pub(crate) fn file_name(self) -> &'static str {
        match self {
            Self::Migrator => "migrator.js",
            Self::AutoMigrate => "autoMigrate.js",
            Self::CommandLine => "cli.js",
        }
    }

    /// Its typings, which a project in TypeScript needs beside a module in JavaScript.
    pub(crate) fn typings(self, is_module: bool) -> Option<(&'static str, String)> {
        let (file, class) = match self {
            Self::Migrator => ("migrator.d.ts", "Migrator"),
            Self::AutoMigrate => ("autoMigrate.d.ts", "AutoMigrator"),
            Self::CommandLine => return None,
        };
        let text = match is_module {
            true => format!("export {{ {class} as default }} from 'whimbrel';\n"),
            false => format!("import {{ {class} }} from 'whimbrel';\n\nexport = {class};\n"),
        };
        Some((file, text))
    }

    /// Its text; `up` leads from its folder to the project's, `../`.
    pub(crate) fn text(self, up: &str, is_module: bool) -> String {
        let (class, what) = match self {
            Self::Migrator => ("Migrator", "The migrator of this project"),
            Self::AutoMigrate => {
                ("AutoMigrator", "Migrations at the start of this project's server")
            }
            Self::CommandLine => {
                return match is_module {
                    true => "// The command line of Whimbrel: node migrations/cli.js up\nimport 'whimbrel/cli';\n",
                    false => "// The command line of Whimbrel: node migrations/cli.js up\nimport('whimbrel/cli');\n",
                }
                .to_owned();
            }
        };
        let head = format!("// {what}: with its settings, wherever the process was started.\n");
        let body = format!(
            "class {class} extends Base {{\n  constructor(options) {{\n    super({{ config, ...options }});\n  }}\n}}\n"
        );
        if is_module {
            format!(
                "{head}import {{ fileURLToPath }} from 'node:url';\nimport {{ {class} as Base }} from 'whimbrel';\n\n\
                 const config = fileURLToPath(new URL('{up}{CONFIG_FILE}', import.meta.url));\n\n\
                 export default {body}"
            )
        } else {
            format!(
                "{head}const path = require('node:path');\nconst {{ {class}: Base }} = require('whimbrel');\n\n\
                 const config = path.join(__dirname, '{up}{CONFIG_FILE}');\n\n\
                 {body}\nmodule.exports = {class};\nmodule.exports.default = {class};\n"
            )
        }
    }
}

/// What to add to a `package.json`.
pub(crate) struct NpmScripts {
    /// Names and commands that are not there.
    pub(crate) missing: Vec<(&'static str, &'static str)>,
    /// Names that are there with another command.
    pub(crate) taken: Vec<&'static str>,
}

impl NpmScripts {
    /// Compares with the text of a `package.json`.
    pub(crate) fn plan(text: &str) -> Result<Self, String> {
        let package = parse(text)?;
        let scripts = package.get("scripts").and_then(Value::as_object);
        let there = |name: &str| scripts.and_then(|scripts| scripts.get(name));
        Ok(Self {
            missing: SCRIPTS.into_iter().filter(|(name, _)| there(name).is_none()).collect(),
            taken: SCRIPTS
                .into_iter()
                .filter(|(name, command)| there(name).is_some_and(|has| has != command))
                .map(|(name, _)| name)
                .collect(),
        })
    }

    /// The text with the missing scripts added; order, indentation and the last line's end stay.
    pub(crate) fn apply(&self, text: &str) -> Result<String, String> {
        let mut package = parse(text)?;
        let scripts = package
            .entry("scripts")
            .or_insert_with(|| Value::Object(Map::new()))
            .as_object_mut()
            .ok_or("\"scripts\" is not an object")?;
        for (name, command) in &self.missing {
            scripts.insert((*name).to_owned(), Value::String((*command).to_owned()));
        }
        let indent: String = text
            .lines()
            .find(|line| line.starts_with([' ', '\t']))
            .map(|line| line.chars().take_while(|c| matches!(c, ' ' | '\t')).collect())
            .unwrap_or_else(|| "  ".to_owned());
        let formatter = serde_json::ser::PrettyFormatter::with_indent(indent.as_bytes());
        let mut out = Vec::new();
        let mut serializer = serde_json::Serializer::with_formatter(&mut out, formatter);
        serde::Serialize::serialize(&package, &mut serializer).map_err(|e| e.to_string())?;
        let mut out = String::from_utf8(out).map_err(|e| e.to_string())?;
        if text.ends_with('\n') {
            out.push('\n');
        }
        if text.contains("\r\n") {
            out = out.replace('\n', "\r\n");
        }
        if text.starts_with('\u{feff}') {
            out.insert(0, '\u{feff}');
        }
        Ok(out)
    }
}

fn parse(text: &str) -> Result<Map<String, Value>, String> {
    match serde_json::from_str(text.trim_start_matches('\u{feff}')) {
        Ok(Value::Object(package)) => Ok(package),
        Ok(_) => Err("is not a JSON object".to_owned()),
        Err(error) => Err(format!("is no JSON: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_added_and_nothing_else_changes() {
        let text = "{\n    \"name\": \"x\",\n    \"scripts\": {\n        \"migrate:up\": \"mine\"\n    },\n    \"a\": 1\n}\n";
        let plan = NpmScripts::plan(text).unwrap();
        assert_eq!((plan.missing.len(), plan.taken.as_slice()), (4, ["migrate:up"].as_slice()));
        let changed = plan.apply(text).unwrap();
        assert!(changed.starts_with(
            "{\n    \"name\": \"x\",\n    \"scripts\": {\n        \"migrate:up\": \"mine\",\n"
        ));
        assert!(changed.ends_with("\n    \"a\": 1\n}\n"));
        assert!(NpmScripts::plan(&changed).unwrap().missing.is_empty());
        assert!(NpmScripts::plan("[]").is_err());
        let windows = "\u{feff}{\r\n  \"name\": \"x\"\r\n}\r\n";
        let changed = NpmScripts::plan(windows).unwrap().apply(windows).unwrap();
        assert!(changed.starts_with("\u{feff}{\r\n  \"name\": \"x\",\r\n"));
        assert!(!changed.replace("\r\n", "").contains('\n'));
    }

    #[test]
    fn the_template_is_valid_when_its_comments_are_taken_off() {
        let uncommented: String = config_template()
            .lines()
            .filter(|line| line.contains(" = ") || line.contains("# ["))
            .map(|line| format!("{}\n", line.trim_start_matches("# ")))
            .collect();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(CONFIG_FILE), &uncommented).unwrap();
        let layers = whimbrel::Layers::new(folder.path(), whimbrel::Environment::default());
        let config = whimbrel::Config::load(layers).unwrap();
        assert_eq!(config.collection, "migrations");
    }
}
