//! How setting values are written.

use std::path::{Path, PathBuf};
use std::time::Duration;

/// `500ms`, `30s`, `2m`, `1h`, `90d`; a whole number before the unit.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let number: u64 = text[..digits].parse().map_err(|_| bad_duration(text))?;
    let (unit, factor) = match text[digits..].trim() {
        "ms" => (1, 1),
        "s" => (1000, 1),
        "m" => (1000, 60),
        "h" => (1000, 3600),
        "d" => (1000, 24 * 3600),
        _ => return Err(bad_duration(text)),
    };
    number
        .checked_mul(unit)
        .and_then(|n| n.checked_mul(factor))
        .map(Duration::from_millis)
        .ok_or_else(|| bad_duration(text))
}

fn bad_duration(text: &str) -> String {
    format!("{text:?} is not a duration; write it like 500ms, 30s, 2m, 1h or 90d")
}

/// A duration, or `none`.
pub(super) fn limit(text: &str) -> Result<Option<Duration>, String> {
    if text.trim() == "none" {
        return Ok(None);
    }
    let limit = duration(text)?;
    if limit.is_zero() {
        return Err("must be more than 0; write none for no limit".to_owned());
    }
    Ok(Some(limit))
}

/// `true` or `false`.
pub(super) fn boolean(text: &str) -> Result<bool, String> {
    match text.trim() {
        "true" | "1" | "yes" => Ok(true),
        "false" | "0" | "no" => Ok(false),
        other => Err(format!("{other:?} is neither true nor false")),
    }
}

/// Paths separated by commas; relative ones start at `folder`.
pub(super) fn paths(text: &str, folder: &Path) -> Result<Vec<PathBuf>, String> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let path = |part: &str| match part.starts_with('~') {
        true => Err(format!("{part:?}: `~` is not replaced; write the path in full")),
        false => Ok(folder.join(part)),
    };
    parts.map(path).collect()
}

/// One of several words.
pub(super) fn choice<T: Copy>(text: &str, choices: &[(&str, T)]) -> Result<T, String> {
    choices.iter().find(|(word, _)| *word == text.trim()).map(|(_, value)| *value).ok_or_else(
        || {
            let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
            format!("{text:?} is none of {}", words.join(", "))
        },
    )
}
