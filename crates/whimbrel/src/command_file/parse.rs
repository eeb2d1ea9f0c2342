//! Reading a command file.

use mongodb::bson::{Bson, Document};
use serde_json::Value;
use whimbrel_core::body::FileFacts;
use whimbrel_core::file_name::{Form, MigrationId};

/// The keys a file may have.
const KEYS: [&str; 6] = ["$schema", "description", "transaction", "up", "rollback", "down"];
/// Those that make a file a migration rather than data.
const DIRECTIONS: [&str; 3] = ["up", "rollback", "down"];

/// What a command file says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct CommandFile {
    pub(super) transaction: Option<bool>,
    pub(super) up: Option<Vec<Document>>,
    pub(super) rollback: Option<Vec<Document>>,
}

/// What stands in a text, without judging it: whether it is a migration at all, and its description.
///
/// A text that cannot be read counts as a migration where it looks like one: then loading it says what is wrong with it.
pub(crate) fn facts_of(id: &MigrationId, text: &str) -> FileFacts {
    let is_half = id.rollback_half().is_some();
    let Ok(value) = value_of(id.form(), text) else {
        let has_key = |key: &&str| match id.form() {
            Form::Yaml => text.lines().any(|line| line.starts_with(&format!("{key}:"))),
            _ => text.contains(&format!("\"{key}\"")),
        };
        let looks_like_one = DIRECTIONS.iter().any(has_key);
        return FileFacts { is_migration: is_half || looks_like_one, description: None };
    };
    let description = value.get("description").and_then(Value::as_str);
    let description = description.map(|text| text.trim().to_owned());
    // One that is misspelt is told when it is loaded, and not passed over.
    let means_direction = |(key, value): (&String, &Value)| {
        let lower = key.to_lowercase();
        let is_close = |known: &&str| strsim::osa_distance(known, &lower) <= 1;
        DIRECTIONS.contains(&key.as_str()) || value.is_array() && DIRECTIONS.iter().any(is_close)
    };
    let mut fields = value.as_object().into_iter().flatten();
    FileFacts {
        is_migration: is_half || fields.any(means_direction),
        description: description.filter(|text| !text.is_empty()),
    }
}

/// Reads a file with both directions.
///
/// # Errors
/// What is wrong, for people.
pub(super) fn whole(form: Form, text: &str) -> Result<CommandFile, String> {
    let value = value_of(form, text)?;
    let Value::Object(fields) = value else {
        return Err("it must be an object with `up` and `rollback`".to_owned());
    };
    if let Some(unknown) = fields.keys().find(|key| !KEYS.contains(&key.as_str())) {
        let close = KEYS.iter().map(|key| (strsim::jaro_winkler(key, unknown), key));
        let close = close.max_by(|(a, _), (b, _)| a.total_cmp(b)).filter(|(like, _)| *like > 0.8);
        return Err(match close {
            Some((_, key)) => format!("the key `{unknown}` is unknown; `{key}` was probably meant"),
            None => format!("the key `{unknown}` is unknown; there are {}", KEYS[1..].join(", ")),
        });
    }
    if fields.contains_key("rollback") && fields.contains_key("down") {
        return Err("`rollback` and `down` mean the same; one of them is enough".to_owned());
    }
    if fields.get("description").is_some_and(|text| !text.is_string()) {
        return Err("`description` must be text".to_owned());
    }
    let transaction = match fields.get("transaction") {
        None => None,
        Some(Value::Bool(yes)) => Some(*yes),
        Some(_) => return Err("`transaction` must be true or false".to_owned()),
    };
    let commands = |key: &str| fields.get(key).map(|value| commands_of(key, value)).transpose();
    let up = commands("up")?;
    let rollback = commands("rollback")?;
    let rollback = if rollback.is_some() { rollback } else { commands("down")? };
    Ok(CommandFile { transaction, up, rollback })
}

/// Reads one half of a pair.
///
/// # Errors
/// As [`whole`].
pub(super) fn half(form: Form, text: &str) -> Result<Vec<Document>, String> {
    commands_of("the file", &value_of(form, text)?)
}

fn value_of(form: Form, text: &str) -> Result<Value, String> {
    let text = text.trim_start_matches('\u{feff}');
    if form == Form::Yaml {
        let options = serde_saphyr::options! { strict_booleans: true };
        return serde_saphyr::from_str_with_options(text, options).map_err(|error| {
            // The first line has the place; the others show the text, and what programmers may do about it.
            let error = error.to_string();
            let line = error.lines().next().unwrap_or_default().trim_start_matches("error: ");
            line.split(", set ").next().unwrap_or(line).to_owned()
        });
    }
    match serde_json::from_str::<Strict>(text) {
        Ok(Strict(value)) => Ok(value),
        Err(error) => Err(error.to_string()),
    }
}

/// A value of JSON in which no key stands twice: the later one would take the place of the first without a word.
struct Strict(Value);

impl<'de> serde::Deserialize<'de> for Strict {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Self)
    }
}

struct StrictVisitor;

impl<'de> serde::de::Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a value of JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Strict(value)) = items.next_element()? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = serde_json::Map::new();
        while let Some((key, Strict(value))) = entries.next_entry::<String, Strict>()? {
            if map.contains_key(&key) {
                return Err(serde::de::Error::custom(format!(
                    "the key `{key}` stands there twice"
                )));
            }
            map.insert(key, value);
        }
        Ok(Value::Object(map))
    }
}

/// What the driver puts on a command itself, or drops from it.
const THE_DRIVERS: [&str; 5] = ["$db", "$clusterTime", "$readPreference", "lsid", "txnNumber"];

fn commands_of(key: &str, value: &Value) -> Result<Vec<Document>, String> {
    let what = if key == "the file" { key.to_owned() } else { format!("`{key}`") };
    let Value::Array(commands) = value else {
        return Err(format!("{what} must be an array of database commands"));
    };
    let command = |(at, value): (usize, &Value)| {
        let place = format!("command {} of {what}", at + 1);
        match bson_of(value, "").map_err(|why| format!("{place} is no Extended JSON: {why}"))? {
            Bson::Document(command) if command.is_empty() => Err(format!("{place} is empty")),
            Bson::Document(command) => {
                match THE_DRIVERS.into_iter().find(|key| command.contains_key(key)) {
                    Some(key) => Err(format!("{place} has `{key}`, which the driver gives")),
                    None => Ok(command),
                }
            }
            _ => Err(format!("{place} must be an object, such as {{ \"create\": \"users\" }}")),
        }
    };
    commands.iter().enumerate().map(command).collect()
}

/// The value as BSON; an error names the field.
fn bson_of(value: &Value, path: &str) -> Result<Bson, String> {
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match value {
        Value::Object(fields) if !is_extended(fields) => {
            let field =
                |(key, value): (&String, &Value)| Ok((key.clone(), bson_of(value, &below(key))?));
            let document: Result<Document, String> = fields.iter().map(field).collect();
            Ok(Bson::Document(document?))
        }
        Value::Array(items) => {
            let item = |(at, value): (usize, &Value)| bson_of(value, &below(&at.to_string()));
            let array: Result<Vec<Bson>, String> = items.iter().enumerate().map(item).collect();
            Ok(Bson::Array(array?))
        }
        Value::Number(number) if number.is_u64() && number.as_i64().is_none() => Err(format!(
            "{path}: {number} is larger than 64 bits; {{ \"$numberDecimal\": \"{number}\" }} can hold it"
        )),
        value => Bson::try_from(value.clone()).map_err(|error| {
            let error = error.to_string();
            let why = error.rsplit_once("Message: ").map_or(error.as_str(), |(_, why)| why);
            format!("{path}: {why}")
        }),
    }
}

/// `{ "$oid": "…" }` and the like, as opposed to operators such as `{ "$set": {} }`.
fn is_extended(fields: &serde_json::Map<String, Value>) -> bool {
    const TYPES: [&str; 17] = [
        "$binary",
        "$code",
        "$date",
        "$dbPointer",
        "$maxKey",
        "$minKey",
        "$numberDecimal",
        "$numberDouble",
        "$numberInt",
        "$numberLong",
        "$oid",
        "$regularExpression",
        "$symbol",
        "$timestamp",
        "$undefined",
        "$uuid",
        "$scope",
    ];
    fields.keys().next().is_some_and(|key| TYPES.contains(&key.as_str()))
}

#[cfg(test)]
mod tests {
    use mongodb::bson::doc;

    use super::*;

    fn problem(text: &str) -> String {
        whole(Form::Json, text).unwrap_err()
    }

    #[test]
    fn values_are_extended_json_and_order_is_kept() {
        let text = r#"{ "up": [{ "insert": "a", "documents": [
            { "_id": { "$oid": "0123456789abcdef01234567" }, "n": -1, "l": { "$numberLong": "2" }, "x": 1.5,
              "d": { "$date": "2020-01-02T03:04:05Z" } }] }], "down": [] }"#;
        let file = whole(Form::Json, text).unwrap();
        let up = file.up.unwrap();
        let keys: Vec<&str> = up[0].keys().map(String::as_str).collect();
        assert_eq!(keys, ["insert", "documents"]);
        let document = up[0].get_array("documents").unwrap()[0].as_document().unwrap().clone();
        assert!(document.get_object_id("_id").is_ok() && document.get_datetime("d").is_ok());
        let numbers = ["n", "l", "x"].map(|key| document.get(key).cloned());
        let expected = [Bson::Int32(-1), Bson::Int64(2), Bson::Double(1.5)].map(Some);
        assert_eq!((numbers, file.rollback), (expected, Some(Vec::new())));
    }

    #[test]
    fn yaml_says_the_same() {
        let text = "description: d\ntransaction: true\nup:\n  - create: users\n    capped: no\n  - update: users\n    \
                    updates:\n      - q: { a: { $exists: false } }\n        u: { $set: { a: 1 } }\n        multi: true\n";
        let file = whole(Form::Yaml, text).unwrap();
        // As YAML 1.2 has it, only true and false are switches.
        let update =
            doc! { "q": { "a": { "$exists": false } }, "u": { "$set": { "a": 1 } }, "multi": true };
        let expected = vec![
            doc! { "create": "users", "capped": "no" },
            doc! { "update": "users", "updates": [update] },
        ];
        assert_eq!((file.transaction, file.up, file.rollback), (Some(true), Some(expected), None));
        for (text, expected) in [("up: [\n", "line 1"), ("up: []\nup: []\n", "line 2")] {
            let error = whole(Form::Yaml, text).unwrap_err();
            assert!(error.contains(expected) && !error.contains('\n'), "{error}");
            assert!(!error.contains("Options"), "{error}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, expected) in [
            ("{ \"up\": [] ", "line 1"),
            ("[]", "must be an object"),
            (r#"{ "up": [], "rolback": [] }"#, "`rollback` was probably meant"),
            (r#"{ "up": [], "zzz": [] }"#, "there are description"),
            (r#"{ "up": [], "down": [], "rollback": [] }"#, "mean the same"),
            (r#"{ "up": {} }"#, "`up` must be an array"),
            (r#"{ "up": [{ "create": "a" }, 5] }"#, "command 2 of `up` must be an object"),
            (r#"{ "up": [{}] }"#, "command 1 of `up` is empty"),
            (r#"{ "up": [{ "a": { "$oid": "x" } }] }"#, "command 1 of `up` is no Extended JSON"),
            (r#"{ "up": [{ "a": { "b": [1, { "$oid": "x" }] } }] }"#, "a.b.1: "),
            (r#"{ "up": [{ "a": 12345678901234567890 }] }"#, "a: 12345678901234567890 is larger"),
            (r#"{ "up": [{ "a": 1, "$db": "other" }] }"#, "has `$db`, which the driver gives"),
            (r#"{ "up": [{ "a": 1 }], "up": [] }"#, "the key `up` stands there twice"),
            (r#"{ "up": [], "transaction": "yes" }"#, "true or false"),
            (r#"{ "up": [], "description": 5 }"#, "must be text"),
        ] {
            assert!(problem(text).contains(expected), "{text}: {}", problem(text));
        }
        assert!(half(Form::Json, "{}").unwrap_err().contains("the file must be an array"));
    }

    #[test]
    fn data_is_told_from_migrations() {
        let facts = |name: &str, text: &str| facts_of(&MigrationId::parse(name).unwrap(), text);
        assert!(!facts("1_a.json", "[{ \"up\": 1 }]").is_migration);
        assert!(!facts("1_a.json", "{ \"name\": 1 }").is_migration);
        assert!(facts("1_a.json", "{ \"up\": 1 }").is_migration);
        for misspelt in
            ["{ \"uo\": [] }", "{ \"Up\": [] }", "{ \"upp\": [] }", "{ \"rolback\": [] }"]
        {
            assert!(facts("1_a.json", misspelt).is_migration, "{misspelt}");
        }
        assert!(facts("1_a.json", "{ broken \"up\": [").is_migration);
        assert!(
            !facts("1_a.json", "{ \"name\": 1 }\n{ \"name\": 2 }").is_migration,
            "lines of JSON"
        );
        assert!(facts("1_a.up.json", "[]").is_migration);
        let described = facts("1_a.yaml", "description: ' what it does'\ndown: []");
        assert_eq!(described.description.as_deref(), Some("what it does"));
    }
}
