//! How a file is written: as an ES module, as CommonJS, or as JSON.

use rquickjs::{Ctx, Function, Result};

use super::typescript::is_module;

/// Head of the function around a CommonJS module; on the first line, so that line numbers stay.
pub(crate) const COMMON_JS_HEAD: &str =
    "(function (exports, require, module, __filename, __dirname) {";

/// How a module is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    EsModule,
    CommonJs,
    Json,
}

/// By extension; a `.js` or `.ts` file is CommonJS if it can be the body of a function (an ES module cannot:
/// it imports or exports). `text` is JavaScript already.
pub(crate) fn format_of(ctx: &Ctx<'_>, path: &str, text: &str) -> Format {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("mjs") => Format::EsModule,
        Some("cjs") => Format::CommonJs,
        Some("json") => Format::Json,
        _ if !["import", "export", "await"].iter().any(|word| text.contains(word)) => {
            Format::CommonJs
        }
        _ => match compile_common_js(ctx, path, text) {
            Ok(_) => Format::CommonJs,
            Err(_) => {
                // Forgets the syntax error.
                let _ = ctx.catch();
                if is_module(text) { Format::EsModule } else { Format::CommonJs }
            }
        },
    }
}

/// The function around a CommonJS module's text.
pub(crate) fn compile_common_js<'js>(
    ctx: &Ctx<'js>,
    path: &str,
    text: &str,
) -> Result<Function<'js>> {
    let mut options = rquickjs::context::EvalOptions::default();
    options.strict = false;
    options.filename = Some(path.to_owned());
    ctx.eval_with_options(format!("{COMMON_JS_HEAD}{}\n}})", script_text(text)), options)
}

/// A module's text as the engine takes it: without mark, a hashbang as a comment.
pub(crate) fn script_text(text: &str) -> String {
    let text = text.trim_start_matches('\u{feff}');
    match text.strip_prefix("#!") {
        Some(rest) => format!("//{rest}"),
        None => text.to_owned(),
    }
}

/// A line of a file, with its place above and a mark below the column.
pub(crate) fn excerpt(path: &str, line: usize, column: Option<usize>, source: &str) -> String {
    let number = line.to_string();
    let gap = " ".repeat(number.len());
    match column {
        Some(column) => {
            let mark = " ".repeat(column.saturating_sub(1));
            format!(
                "{gap} --> {path}:{line}:{column}\n{gap} |\n{number} | {source}\n{gap} | {mark}^"
            )
        }
        None => format!("{gap} --> {path}:{line}\n{gap} |\n{number} | {source}"),
    }
}
