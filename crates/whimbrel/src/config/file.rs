//! `whimbrel.toml`: flat keys with their lines, unknown ones refused with a suggestion.

use toml::de::{DeTable, DeValue};

use super::settings::{SETTINGS, Setting, SettingKind};

/// A key of the file, its value as text, and its line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FileEntry {
    pub(super) key: &'static str,
    pub(super) text: String,
    pub(super) line: usize,
}

/// What is wrong with a file, and in which line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FileProblem {
    pub(super) line: usize,
    pub(super) message: String,
    pub(super) suggestion: Option<String>,
}

/// Reads the text of a `whimbrel.toml`.
pub(super) fn parse(text: &str) -> Result<Vec<FileEntry>, FileProblem> {
    let line_of = |offset: usize| {
        text.as_bytes().iter().take(offset).filter(|&&byte| byte == b'\n').count() + 1
    };
    let table = DeTable::parse(text).map_err(|error| FileProblem {
        line: error.span().map_or(1, |span| line_of(span.start)),
        message: error.message().to_owned(),
        suggestion: None,
    })?;
    let mut entries = Vec::new();
    walk("", table.get_ref(), &line_of, &mut entries)?;
    Ok(entries)
}

fn walk(
    prefix: &str,
    table: &DeTable<'_>,
    line_of: &dyn Fn(usize) -> usize,
    entries: &mut Vec<FileEntry>,
) -> Result<(), FileProblem> {
    for (name, value) in table.iter() {
        let key = format!("{prefix}{}", name.get_ref());
        let line = line_of(name.span().start);
        let is_table = SETTINGS.iter().any(|setting| setting.key.starts_with(&format!("{key}.")));
        if let (DeValue::Table(inner), true) = (value.get_ref(), is_table) {
            walk(&format!("{key}."), inner, line_of, entries)?;
            continue;
        }
        let Some(setting) = Setting::find(&key) else {
            return Err(FileProblem {
                line,
                message: format!("unknown key `{key}`"),
                suggestion: nearest(&key),
            });
        };
        let text = match value.get_ref() {
            DeValue::String(text) => text.to_string(),
            DeValue::Boolean(value) if setting.kind != SettingKind::Paths => value.to_string(),
            DeValue::Integer(number) if setting.kind != SettingKind::Paths => number.to_string(),
            DeValue::Array(items) if setting.kind == SettingKind::Paths => {
                let texts = items.iter().map(|item| item.get_ref().as_str().map(ToOwned::to_owned));
                match texts.collect::<Option<Vec<String>>>() {
                    Some(texts) if texts.iter().any(|text| text.contains(',')) => {
                        return Err(wrong_type(line, &key, "without commas inside a path"));
                    }
                    Some(texts) => texts.join(","),
                    None => return Err(wrong_type(line, &key, "an array of texts")),
                }
            }
            _ => return Err(wrong_type(line, &key, setting.kind.expected())),
        };
        entries.push(FileEntry { key: setting.key, text, line });
    }
    Ok(())
}

fn wrong_type(line: usize, key: &str, expected: &str) -> FileProblem {
    FileProblem { line, message: format!("`{key}` must be {expected}"), suggestion: None }
}

/// The setting that was probably meant.
fn nearest(key: &str) -> Option<String> {
    let plain = |text: &str| text.replace(['-', '.'], "_");
    // In the wrong table: the last part of a key that only one setting has.
    let last = key.rsplit('.').next().unwrap_or(key);
    let mut same = SETTINGS.iter().filter(|setting| setting.key.rsplit('.').next() == Some(last));
    if let (Some(setting), None) = (same.next(), same.next()) {
        return Some(setting.key.to_owned());
    }
    SETTINGS
        .iter()
        .map(|setting| (strsim::jaro_winkler(&plain(key), &plain(setting.key)), setting.key))
        .filter(|(similarity, _)| *similarity > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, key)| key.to_owned())
}
