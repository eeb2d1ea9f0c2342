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
}

/// Built-in modules of Node.js that are not offered.
const BUILT_IN: [(&str, Refusal); 22] = [
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
    ("zlib", Refusal::Process),
];

/// Whether a module is refused whatever file it would be.
pub(crate) fn by_name(specifier: &str) -> Option<Refusal> {
    let (bare, prefixed) = match specifier.strip_prefix("node:") {
        Some(bare) => (bare, true),
        None => (specifier, false),
    };
    // These two are built in only under their full names; without the prefix they may be packages.
    if !prefixed && ["test", "sqlite"].contains(&bare) {
        return None;
    }
    if super::resolve::package_of(bare) == "mongoose" {
        return Some(Refusal::Mongoose);
    }
    BUILT_IN.iter().find(|(name, _)| *name == bare).map(|(_, refusal)| *refusal)
}

impl Refusal {
    /// What is said; `chain` leads from the migration to the module.
    pub(crate) fn message(self, specifier: &str, chain: &[String]) -> String {
        let why = match self {
            Self::Network => "migrations have no network here",
            Self::Process => "it needs Node.js itself",
            Self::NativeAddOn => "a native add-on needs Node.js itself",
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
    }
}
