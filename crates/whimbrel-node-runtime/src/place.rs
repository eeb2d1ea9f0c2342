//! Places in files, as Node.js tells them and as people read them.

use std::path::Path;

use url::Url;

/// What Node.js puts in front of the path of a module.
const SCHEME: &str = "file://";

/// Replaces `file:///project/a.js?whimbrel=2:3:4` and `/project/a.js:3:4` by `a.js:3:4`.
pub fn relative_to(root: &Path, text: &str) -> String {
    let mut told = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(SCHEME) {
        let (before, url) = rest.split_at(at);
        told.push_str(before);
        let end = url.find([' ', ')', '\n', '\t', '\'', '"']).unwrap_or(url.len());
        let (url, after) = url.split_at(end);
        told.push_str(&path_of(url));
        rest = after;
    }
    told.push_str(rest);
    let root = format!("{}/", root.display());
    told.replace(&root, "")
}

/// Replaces each `PATH:1:COLUMN` by the place before something of `by` columns was put in front.
#[cfg_attr(not(unix), allow(dead_code, reason = "for the process"))]
pub(crate) fn before_move(path: &str, by: usize, text: &str) -> String {
    let start = format!("{path}:1:");
    let mut told = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(&start) {
        let (before, found) = rest.split_at(at + start.len());
        let digits = found.bytes().take_while(u8::is_ascii_digit).count();
        told.push_str(before);
        match found[..digits].parse::<usize>() {
            Ok(column) if column > by => told.push_str(&(column - by).to_string()),
            _ => told.push_str(&found[..digits]),
        }
        rest = &found[digits..];
    }
    told.push_str(rest);
    told
}

/// A URL with its line and column as a path with them.
fn path_of(url: &str) -> String {
    let mut parts = url.rsplitn(3, ':');
    let (last, middle, first) = (parts.next(), parts.next(), parts.next());
    let is_number =
        |part: Option<&str>| part.is_some_and(|part| part.bytes().all(|b| b.is_ascii_digit()));
    let (address, place) = match first {
        Some(first) if is_number(last) && is_number(middle) => (first, &url[first.len()..]),
        _ => (url, ""),
    };
    match Url::parse(address).ok().and_then(|url| url.to_file_path().ok()) {
        Some(path) => {
            let path = path.display().to_string();
            // Where `require` loads an ES module, the number of the load stands in the path.
            let path = path.split_once("?whimbrel=").map_or(path.as_str(), |(path, _)| path);
            format!("{path}{place}")
        }
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_those_before_the_move() {
        assert_eq!(
            before_move("a.js", 10, "at a.js:1:25\nat a.js:2:25"),
            "at a.js:1:15\nat a.js:2:25"
        );
        assert_eq!(before_move("a.js", 10, "a.js:1:5 a.js:1:x"), "a.js:1:5 a.js:1:x");
    }

    #[test]
    fn places_are_told_below_the_project() {
        let root = Path::new("/srv/my app");
        for (told, expected) in [
            ("at up (file:///srv/my%20app/m/001.js?whimbrel=2:3:9)", "at up (m/001.js:3:9)"),
            ("at file:///srv/my%20app/m/001.js?whimbrel=12:3:9", "at m/001.js:3:9"),
            ("at f (file:///srv/my%20app/lib/a.ts%3Fwhimbrel=3:3:9)", "at f (lib/a.ts:3:9)"),
            ("at load (/srv/my app/lib/a.cjs:1:2)", "at load (lib/a.cjs:1:2)"),
            (
                "Cannot find '/srv/my app/x.js' imported from file:///srv/my%20app/a.js?whimbrel=1",
                "Cannot find 'x.js' imported from a.js",
            ),
            ("at x (file:///opt/other.js:1:1)", "at x (/opt/other.js:1:1)"),
            ("at node:internal/x:1:1", "at node:internal/x:1:1"),
        ] {
            assert_eq!(relative_to(root, told), expected);
        }
    }
}
