//! Commands, read without their values.
//!
//! A shape keeps field names and operators and replaces every value: `{ email: ?, $or: [{ a: ? }, { b: ? }] }`.

use mongodb::bson::{Document, RawArray, RawBsonRef, RawDocument};

use super::OperationGroup;

/// The longest shape, in bytes; longer ones end in `…`.
pub const MOST_SHAPE: usize = 300;
/// The longest recorded filter, in bytes.
const MOST_EXAMPLE: usize = 2000;
/// How deep a shape goes.
const DEPTH: usize = 6;
/// How many different shapes of one bulk write are listed.
const MOST_STATEMENTS: usize = 3;

/// A command as the ledger needs it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Read {
    pub(super) kind: String,
    pub(super) collection: String,
    pub(super) filter: String,
    pub(super) statements: u64,
    /// What of indexes or collections it changes, if it does.
    pub(super) change: Option<String>,
    /// How its reply counts: `insert`, `update`, `delete`, `findAndModify`, or nothing.
    pub(super) result: &'static str,
}

/// Commands that change indexes, collections or users, and so are announced.
const CHANGES: [&str; 21] = [
    "createIndexes",
    "dropIndexes",
    "deleteIndexes",
    "create",
    "drop",
    "dropDatabase",
    "collMod",
    "renameCollection",
    "convertToCapped",
    "createUser",
    "updateUser",
    "dropUser",
    "dropAllUsersFromDatabase",
    "grantRolesToUser",
    "createRole",
    "updateRole",
    "dropRole",
    "shardCollection",
    "createSearchIndexes",
    "updateSearchIndex",
    "dropSearchIndex",
];

pub(super) fn read(database: &str, command: &RawDocument) -> Read {
    let Some(Ok((kind, target))) = command.iter().next() else { return Read::default() };
    let kind = kind.as_str().to_owned();
    let name = match target {
        RawBsonRef::String(name) => Some(name),
        _ => None,
    };
    let collection = match name {
        // The namespace is whole there.
        Some(name) if kind == "renameCollection" => name.to_owned(),
        Some(name) if !kind.contains("User") && !kind.ends_with("Role") => {
            format!("{database}.{name}")
        }
        _ => database.to_owned(),
    };
    let field = |name: &str| command.get(name).ok().flatten();
    let filter_of = |name: &str| field(name).map(|value| one_shape(value)).unwrap_or_default();
    let (filter, statements, result) = match kind.as_str() {
        "insert" => (String::new(), count(field("documents")), "insert"),
        "update" => (shapes(field("updates"), "q"), count(field("updates")), "update"),
        "delete" => (shapes(field("deletes"), "q"), count(field("deletes")), "delete"),
        "bulkWrite" => (String::new(), count(field("ops")), "bulkWrite"),
        "find" => (filter_of("filter"), 0, ""),
        "count" | "distinct" => (filter_of("query"), 0, ""),
        "findAndModify" | "findandmodify" => (filter_of("query"), 0, "findAndModify"),
        "aggregate" => (stages(field("pipeline")), 0, ""),
        _ => (String::new(), 0, ""),
    };
    let change = match kind.as_str() {
        "aggregate" => written_by(field("pipeline")),
        kind => CHANGES.contains(&kind).then(|| change_of(kind, command)),
    };
    Read { kind, collection, filter, statements, change, result }
}

/// What of indexes or collections a command changes, without what may be data.
fn change_of(kind: &str, command: &RawDocument) -> String {
    let text = |name: &str| command.get_str(name).unwrap_or_default().to_owned();
    match kind {
        "createIndexes" => {
            let names =
                items(command.get("indexes").ok().flatten()).filter_map(|index| match index {
                    RawBsonRef::Document(index) => {
                        Some(index.get_str("name").unwrap_or("?").to_owned())
                    }
                    _ => None,
                });
            names.collect::<Vec<_>>().join(", ")
        }
        "dropIndexes" | "deleteIndexes" => match command.get("index") {
            Ok(Some(RawBsonRef::String(name))) => name.to_owned(),
            Ok(Some(RawBsonRef::Document(keys))) => keys_of(keys),
            Ok(Some(RawBsonRef::Array(_))) => "several".to_owned(),
            _ => String::new(),
        },
        "renameCollection" => format!("to {}", text("to")),
        _ if kind.contains("User") || kind.ends_with("Role") => text(kind),
        "collMod" => {
            let fields = command
                .iter()
                .skip(1)
                .filter_map(Result::ok)
                .map(|(key, _)| key.as_str().to_owned());
            fields
                .filter(|key| key != "comment" && key != "writeConcern")
                .collect::<Vec<_>>()
                .join(", ")
        }
        _ => String::new(),
    }
}

/// A pipeline that writes a collection: `$out`, which replaces it, or `$merge`.
fn written_by(pipeline: Option<RawBsonRef<'_>>) -> Option<String> {
    let RawBsonRef::Document(last) = items(pipeline).last()? else { return None };
    let (stage, _) = last.iter().next()?.ok()?;
    matches!(stage.as_str(), "$out" | "$merge").then(|| stage.as_str().to_owned())
}

fn keys_of(keys: &RawDocument) -> String {
    let keys = keys.iter().filter_map(Result::ok).map(|(key, _)| key.as_str().to_owned());
    keys.collect::<Vec<_>>().join("_")
}

fn items(value: Option<RawBsonRef<'_>>) -> impl Iterator<Item = RawBsonRef<'_>> {
    let array: Option<&RawArray> = match value {
        Some(RawBsonRef::Array(array)) => Some(array),
        _ => None,
    };
    array.into_iter().flat_map(|array| array.into_iter().filter_map(Result::ok))
}

fn count(value: Option<RawBsonRef<'_>>) -> u64 {
    items(value).count() as u64
}

/// The different shapes of a bulk write's statements.
fn shapes(statements: Option<RawBsonRef<'_>>, field: &str) -> String {
    let mut found: Vec<String> = Vec::new();
    let mut more = false;
    for statement in items(statements) {
        let RawBsonRef::Document(statement) = statement else { continue };
        let Ok(Some(filter)) = statement.get(field) else { continue };
        let shape = one_shape(filter);
        if found.contains(&shape) {
            continue;
        }
        if found.len() == MOST_STATEMENTS {
            more = true;
            break;
        }
        found.push(shape);
    }
    found.sort_unstable();
    if more {
        found.push("…".to_owned());
    }
    cut(found.join(" | "), MOST_SHAPE)
}

/// The stages of a pipeline, `$match` with its shape.
fn stages(pipeline: Option<RawBsonRef<'_>>) -> String {
    let stages = items(pipeline).map(|stage| match stage {
        RawBsonRef::Document(stage) => match stage.iter().next() {
            Some(Ok((name, value))) if name == "$match" => format!("$match {}", one_shape(value)),
            Some(Ok((name, _))) => name.as_str().to_owned(),
            _ => "{}".to_owned(),
        },
        _ => "?".to_owned(),
    });
    cut(stages.collect::<Vec<_>>().join(" | "), MOST_SHAPE)
}

/// A filter without its values.
pub fn shape_of(filter: &RawDocument) -> String {
    let mut text = String::new();
    write_document(&mut text, filter, DEPTH);
    cut(text, MOST_SHAPE)
}

fn one_shape(value: RawBsonRef<'_>) -> String {
    match value {
        RawBsonRef::Document(filter) => shape_of(filter),
        _ => "?".to_owned(),
    }
}

fn write_document(text: &mut String, document: &RawDocument, depth: usize) {
    let mut first = true;
    text.push('{');
    for (key, value) in document.iter().filter_map(Result::ok) {
        if text.len() > MOST_SHAPE {
            break;
        }
        text.push_str(if first { " " } else { ", " });
        first = false;
        text.push_str(key.as_str());
        text.push_str(": ");
        write_value(text, value, depth, key.as_str().starts_with('$'));
    }
    text.push_str(if first { "}" } else { " }" });
}

/// Documents that are values (`{ address: { city: … } }`) have their keys hidden as well, unless they hold
/// operators: an exact match is data.
fn write_value(text: &mut String, value: RawBsonRef<'_>, depth: usize, of_operator: bool) {
    match value {
        RawBsonRef::Document(document) if depth > 0 => {
            let operators = document
                .iter()
                .next()
                .is_some_and(|first| first.is_ok_and(|(key, _)| key.as_str().starts_with('$')));
            if operators || of_operator {
                write_document(text, document, depth - 1);
            } else {
                text.push('?');
            }
        }
        RawBsonRef::Array(array) if depth > 0 && of_operator => {
            let mut seen: Vec<String> = Vec::new();
            for item in array.into_iter().filter_map(Result::ok) {
                let mut one = String::new();
                write_value(&mut one, item, depth - 1, matches!(item, RawBsonRef::Document(_)));
                if !seen.contains(&one) {
                    seen.push(one);
                }
                if seen.len() > 8 {
                    break;
                }
            }
            text.push('[');
            text.push_str(&seen.join(", "));
            text.push(']');
        }
        _ => text.push('?'),
    }
}

fn cut(mut text: String, most: usize) -> String {
    if text.len() > most {
        let at = (0..=most).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.truncate(at);
        text.push('…');
    }
    text
}

/// The filter of a command with its values, as Extended JSON; for a bulk write that of its first statement.
pub(super) fn example(command: &RawDocument) -> Option<String> {
    let (key, _) = command.iter().next()?.ok()?;
    let value = match key.as_str() {
        "find" => command.get("filter"),
        "count" | "distinct" | "findAndModify" | "findandmodify" => command.get("query"),
        "aggregate" => command.get("pipeline"),
        "update" | "delete" => {
            let field = if key == "update" { "updates" } else { "deletes" };
            let first = items(command.get(field).ok().flatten()).next()?;
            let RawBsonRef::Document(statement) = first else { return None };
            statement.get("q")
        }
        _ => return None,
    };
    let value = mongodb::bson::Bson::try_from(value.ok()??).ok()?;
    Some(cut(serde_json::to_string(&value).ok()?, MOST_EXAMPLE))
}

/// Adds what a reply says.
pub(super) fn add_result(group: &mut OperationGroup, kind: &str, reply: &Document) {
    let number = |name: &str| {
        let value = reply.get(name);
        let value = value.and_then(|v| {
            v.as_i64()
                .or_else(|| v.as_i32().map(i64::from))
                .or_else(|| v.as_f64().map(|f| f as i64))
        });
        u64::try_from(value.unwrap_or(0)).unwrap_or(0)
    };
    match kind {
        "insert" => group.inserted += number("n"),
        "update" => {
            let upserted = reply.get_array("upserted").map_or(0, |upserted| upserted.len() as u64);
            group.matched += number("n").saturating_sub(upserted);
            group.modified += number("nModified");
            group.inserted += upserted;
        }
        "delete" => {
            group.deleted += number("n");
        }
        "bulkWrite" => {
            group.inserted += number("nInserted") + number("nUpserted");
            group.matched += number("nMatched");
            group.modified += number("nModified");
            group.deleted += number("nDeleted");
        }
        "findAndModify" => {
            let last = reply.get_document("lastErrorObject").ok();
            let n = last.and_then(|last| last.get_i32("n").ok()).unwrap_or(0);
            group.matched += u64::try_from(n).unwrap_or(0);
            group.modified += u64::try_from(n).unwrap_or(0);
        }
        _ => {}
    }
}
