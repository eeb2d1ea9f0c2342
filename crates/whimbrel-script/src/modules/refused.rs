//! Modules that the embedded engine deliberately has not: they need Node.js itself.

/// Why a module is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It opens connections.
    Network,
    /// It starts processes or threads, or reaches into Node.js.
    Process,
    /// It is compiled for Node.js.
    NativeAddOn,
    /// It brings a driver and a connection of its own.
    Mongoose,
    /// Node.js has it, the embedded engine not.
    Absent,
    /// Nobody has it.
    Unknown,
    /// It is a URL of something that is no file.
    Url,
}

/// Built-in modules of Node.js that are not offered.
const BUILT_IN: [(&str, Refusal); 27] = [
    ("child_process", Refusal::Process),
    ("cluster", Refusal::Process),
    ("dgram", Refusal::Network),
    ("diagnostics_channel", Refusal::Process),
    ("dns", Refusal::Network),
    ("dns/promises", Refusal::Network),
    ("domain", Refusal::Process),
    ("http", Refusal::Network),
    ("http2", Refusal::Network),
    ("https", Refusal::Network),
    ("inspector", Refusal::Process),
    ("net", Refusal::Network),
    ("repl", Refusal::Process),
    ("test", Refusal::Process),
    ("tls", Refusal::Network),
    ("trace_events", Refusal::Process),
    ("v8", Refusal::Process),
    ("vm", Refusal::Process),
    ("wasi", Refusal::Process),
    ("worker_threads", Refusal::Process),
    ("sqlite", Refusal::Process),
    ("zlib", Refusal::Absent),
    ("constants", Refusal::Absent),
    ("punycode", Refusal::Absent),
    ("stream/consumers", Refusal::Absent),
    ("stream/web", Refusal::Absent),
    ("sys", Refusal::Absent),
];

/// Whether a module is refused whatever file it would be.
pub(crate) fn by_name(specifier: &str) -> Option<Refusal> {
    let (bare, prefixed) = match specifier.strip_prefix("node:") {
        Some(bare) => (bare, true),
        None => (specifier, false),
    };
    // Without the prefix these may be packages.
    if !prefixed && ["test", "sqlite", "punycode", "constants", "sys"].contains(&bare) {
        return None;
    }
    match super::resolve::package_of(bare) {
        "mongoose" => return Some(Refusal::Mongoose),
        // These look for the compiled part of a package and load it.
        "bindings" | "node-gyp-build" => return Some(Refusal::NativeAddOn),
        _ => {}
    }
    if ["http:", "https:", "data:"].iter().any(|scheme| specifier.starts_with(scheme)) {
        return Some(Refusal::Url);
    }
    let known = BUILT_IN.iter().find(|(name, _)| *name == bare).map(|(_, refusal)| *refusal);
    known.or(prefixed.then_some(Refusal::Unknown))
}

impl Refusal {
    /// As Node.js calls it, where it would refuse too.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Unknown => "ERR_UNKNOWN_BUILTIN_MODULE",
            Self::Url => "ERR_UNSUPPORTED_ESM_URL_SCHEME",
            _ => "ERR_NOT_OFFERED",
        }
    }

    /// What is said; `chain` leads from the migration to the module.
    pub(crate) fn message(self, specifier: &str, chain: &[String]) -> String {
        let why = match self {
            Self::Network => {
                "migrations have no network here; fetch what is needed beforehand and put it into a file of the project"
            }
            Self::Process => "it needs Node.js itself",
            Self::NativeAddOn => "a native add-on needs Node.js itself",
            Self::Absent => "the engine does not have it",
            Self::Unknown => "there is no such built-in module",
            Self::Url => "only files are imported",
            Self::Mongoose => {
                "mongoose needs Node.js itself and a connection of its own; use the `db` that the migration is given"
            }
        };
        format!(
            "'{specifier}' cannot be loaded in the embedded engine: {why}. Imported by {}",
            chain.join(" → ")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_needs_node_is_known_by_name() {
        assert_eq!(by_name("node:net"), Some(Refusal::Network));
        assert_eq!(by_name("mongoose/lib/x"), Some(Refusal::Mongoose));
        assert_eq!(by_name("mongoose-like"), None);
        assert_eq!(by_name("./net"), None);
        assert_eq!(by_name("node:nothing"), Some(Refusal::Unknown));
        assert_eq!(by_name("punycode"), None);
    }
}
