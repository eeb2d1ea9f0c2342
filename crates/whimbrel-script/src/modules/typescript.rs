//! TypeScript to JavaScript: types are stripped, imports that only types use are left out, and what has a
//! meaning of its own (`enum`, `namespace`, parameter properties, decorators, `export =`) is rewritten.
//! Nothing is type-checked. Without the feature `typescript` all that is left is to say so.

#[cfg(feature = "typescript")]
mod transpile;

use oxc::allocator::Allocator;
use oxc::diagnostics::OxcDiagnostic;
use oxc::parser::Parser;
use oxc::span::SourceType;

#[cfg(feature = "typescript")]
pub(crate) use transpile::transpile;

/// JavaScript made of TypeScript, and where in it everything came from.
pub(crate) struct Transpiled {
    pub(crate) code: String,
    #[cfg(feature = "typescript")]
    map: Option<oxc_sourcemap::SourceMap<'static>>,
}

/// Says that this program takes no TypeScript.
#[cfg(not(feature = "typescript"))]
pub(crate) fn transpile(path: &str, _text: &str) -> Result<Transpiled, String> {
    Err(format!(
        "{path} is TypeScript, which this program was built without: turn on the feature `typescript` of the crate whimbrel"
    ))
}

/// Whether a file's extension says TypeScript.
pub(crate) fn is_typescript(path: &str) -> bool {
    [".ts", ".mts", ".cts"].iter().any(|extension| path.ends_with(extension))
}

/// Whether JavaScript is an ES module, by what stands in it. A text with errors is judged by its lines, so that
/// its errors are those of what it was meant to be.
pub(crate) fn is_module(text: &str) -> bool {
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, text, SourceType::unambiguous()).parse();
    if !parsed.panicked && parsed.diagnostics.errors().next().is_none() {
        return parsed.program.source_type.is_module();
    }
    text.lines().map(str::trim_start).any(|line| {
        ["import", "export"].iter().any(|word| {
            line.strip_prefix(word).is_some_and(|rest| {
                rest.starts_with([' ', '{', '*', '\'', '"', '\t', '.']) || rest.is_empty()
            })
        }) || line.contains("await ")
    })
}

/// `Expected ...`, and the line with a mark below the place.
pub(super) fn described(path: &str, text: &str, error: &OxcDiagnostic) -> String {
    let mut message = format!("SyntaxError: {}", error.message);
    let Some(label) = error.labels.first() else { return message };
    let offset = (label.offset() as usize).min(text.len());
    let Some(before) = text.get(..offset) else { return message };
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let column = text[start..offset].chars().count() + 1;
    let source = text[start..].lines().next().unwrap_or_default();
    message.push('\n');
    message.push_str(&super::excerpt(path, line, Some(column), source));
    message
}

impl Transpiled {
    #[cfg(not(feature = "typescript"))]
    fn source_of(&self, _line: u32, _column: u32) -> Option<(u32, u32)> {
        None
    }

    /// The place in the source, line and column from 1, of a place in the code.
    #[cfg(feature = "typescript")]
    fn source_of(&self, line: u32, column: u32) -> Option<(u32, u32)> {
        let map = self.map.as_ref()?;
        let table = map.generate_lookup_table();
        let (line, column) = (line.checked_sub(1)?, column.checked_sub(1)?);
        let token = map.lookup_token(&table, line, column)?;
        Some((token.get_src_line() + 1, token.get_src_col() + 1))
    }

    /// Replaces every `PATH:LINE:COLUMN` of this file in a text by the place in the source. `head` is
    /// how many columns the first line was moved by what was put before it.
    pub(crate) fn map_text(&self, path: &str, head: usize, text: &str) -> String {
        let moved = |line: u32, column: u32| {
            let column = if line == 1 { column.saturating_sub(head as u32).max(1) } else { column };
            self.source_of(line, column)
        };
        replace_places(path, text, moved)
    }
}

/// Replaces every `PATH:1:COLUMN` by the place before something of `head` columns was put in front.
pub(crate) fn on_first_line_moved(path: &str, head: usize, text: &str) -> String {
    replace_places(path, text, |line, column| {
        (line == 1 && column > head as u32).then(|| (1, column - head as u32))
    })
}

fn replace_places(
    path: &str,
    text: &str,
    moved: impl Fn(u32, u32) -> Option<(u32, u32)>,
) -> String {
    let mut mapped = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(path) {
        let (before, found) = rest.split_at(at + path.len());
        // The end of a longer path is another file.
        let is_whole = before[..at].is_empty() || before[..at].ends_with([' ', '(', '\n', '\t']);
        mapped.push_str(before);
        rest = found;
        if let Some((line, column, length)) = place(found).filter(|_| is_whole)
            && let Some((line, column)) = moved(line, column)
        {
            mapped.push_str(&format!(":{line}:{column}"));
            rest = &found[length..];
        }
    }
    mapped.push_str(rest);
    mapped
}

/// Line, column and length of a `:LINE:COLUMN` at the start of a text.
fn place(text: &str) -> Option<(u32, u32, usize)> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let rest = text.strip_prefix(':')?;
    let line = digits(rest);
    let after = rest[line..].strip_prefix(':')?;
    let column = digits(after);
    Some((rest[..line].parse().ok()?, after[..column].parse().ok()?, line + column + 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_known_by_what_stands_in_them() {
        for module in
            ["const t=1;export{t as x};", "var a;import b from'b'", "await f()", "import.meta.url"]
        {
            assert!(is_module(module), "{module}");
        }
        for script in ["module.exports = 1", "import('x')", "const text = `\nexport default`;"] {
            assert!(!is_module(script), "{script}");
        }
        assert!(is_module("export const = 1;") && !is_module("const = 1;"));
    }
}
