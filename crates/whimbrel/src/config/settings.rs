//! The table of all settings. Flags, environment variables, file keys and their documentation come from it.

/// What a setting takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingKind {
    /// Text, a path or a name.
    Text,
    /// `30s`, `2m`, `500ms`, `90d`.
    Duration,
    /// A duration, or `none`.
    Limit,
    /// `true` or `false`; as a flag without a value, `true`.
    Switch,
    /// One of several words.
    Choice(&'static [&'static str]),
    /// Paths: an array in the file, separated by commas elsewhere.
    Paths,
}

impl SettingKind {
    /// What the file may hold, for errors.
    pub(super) fn expected(self) -> &'static str {
        match self {
            Self::Paths => "text or an array of texts",
            _ => "text, a number, true or false",
        }
    }
}

/// One setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its key in `whimbrel.toml`; a dot leads into a table.
    pub key: &'static str,
    /// What it takes.
    pub kind: SettingKind,
    /// Its default, for people.
    pub default: &'static str,
    /// What it is for.
    pub help: &'static str,
}

impl Setting {
    /// Its environment variable: `WHIMBREL_LOCK_TTL`.
    pub fn variable(&self) -> String {
        format!("WHIMBREL_{}", self.key.replace('.', "_").to_uppercase())
    }

    /// Its flag without the dashes: `lock-ttl`.
    pub fn flag(&self) -> String {
        self.key.replace(['.', '_'], "-")
    }

    /// The setting with this key.
    pub fn find(key: &str) -> Option<&'static Self> {
        SETTINGS.iter().find(|setting| setting.key == key)
    }
}

/// All settings.
pub static SETTINGS: &[Setting] = &[
    Setting {
        key: "uri",
        kind: SettingKind::Text,
        default: "MONGODB_URI",
        help: "Connection string of the database, mongodb:// or mongodb+srv://",
    },
    Setting {
        key: "database",
        kind: SettingKind::Text,
        default: "the URI's path",
        help: "Name of the database to migrate",
    },
    Setting {
        key: "dir",
        kind: SettingKind::Text,
        default: "migrations/scripts",
        help: "Folder with the migration files",
    },
    Setting {
        key: "collection",
        kind: SettingKind::Text,
        default: "migrations",
        help: "Collection of the migration history; audit trail and lock are NAME_log and NAME_lock",
    },
    Setting {
        key: "lock.ttl",
        kind: SettingKind::Duration,
        default: "30s",
        help: "How long the lock outlives a process that died, at least 1s",
    },
    Setting {
        key: "lock.wait",
        kind: SettingKind::Duration,
        default: "60s",
        help: "How long to wait for a lock that another process holds",
    },
    Setting {
        key: "timeout",
        kind: SettingKind::Limit,
        default: "none",
        help: "Time limit for each migration",
    },
    Setting {
        key: "run_timeout",
        kind: SettingKind::Limit,
        default: "none",
        help: "Time limit for a whole run",
    },
    Setting {
        key: "grace",
        kind: SettingKind::Duration,
        default: "10s",
        help: "How long a stopped run waits for the operation in flight",
    },
    Setting {
        key: "connect_timeout",
        kind: SettingKind::Duration,
        default: "10s",
        help: "How long opening one connection may take; without it, what the URI says (connectTimeoutMS)",
    },
    Setting {
        key: "server_selection_timeout",
        kind: SettingKind::Duration,
        default: "15s",
        help: "How long to look for a server that can serve; without it, what the URI says (serverSelectionTimeoutMS)",
    },
    Setting {
        key: "log.retention",
        kind: SettingKind::Limit,
        default: "none",
        help: "How long the audit trail keeps its entries, such as 90d; older ones are deleted by runs",
    },
    Setting {
        key: "log.filters",
        kind: SettingKind::Choice(&["redacted", "recorded"]),
        default: "redacted",
        help: "Whether the audit trail shows the filters of a migration's operations without or with their values",
    },
    Setting {
        key: "transaction",
        kind: SettingKind::Switch,
        default: "false",
        help: "Run migrations that do not say otherwise in a transaction",
    },
    Setting {
        key: "strict_await",
        kind: SettingKind::Switch,
        default: "false",
        help: "Fail a migration that does not await an operation",
    },
    Setting {
        key: "out_of_order",
        kind: SettingKind::Choice(&["run", "warn", "refuse"]),
        default: "warn",
        help: "What to do with a pending migration older than an applied one",
    },
    Setting {
        key: "on_modified",
        kind: SettingKind::Choice(&["refuse", "warn", "rerun"]),
        default: "refuse",
        help: "What to do when an applied migration's file was changed",
    },
    Setting {
        key: "on_interrupted",
        kind: SettingKind::Choice(&["retry", "stop"]),
        default: "retry",
        help: "What to do with a migration that was cut off outside a transaction",
    },
    Setting {
        key: "newer_database",
        kind: SettingKind::Choice(&["allow", "warn", "refuse"]),
        default: "warn",
        help: "What to do when the database has applied migrations that came after all that is here: an older release",
    },
    Setting {
        key: "checksum.ignore",
        kind: SettingKind::Paths,
        default: "none",
        help: "Imported files that may change without an applied migration counting as modified, such as the application's models",
    },
    Setting {
        key: "runtime",
        kind: SettingKind::Choice(&["embedded", "node", "auto"]),
        default: "embedded",
        help: "Where migrations run: in Whimbrel itself, in a Node.js process of the project, or there where what they import \
               needs it (auto); `export const runtime` in a file goes before",
    },
    Setting {
        key: "node.program",
        kind: SettingKind::Text,
        default: "node",
        help: "The Node.js that runs migrations, 18.19 or newer: a name on the PATH, or a path",
    },
    Setting {
        key: "node.mongoose",
        kind: SettingKind::Switch,
        default: "false",
        help: "Connect the project's mongoose for migrations in Node.js; db and client are its connection then",
    },
    Setting {
        key: "javascript.legacy",
        kind: SettingKind::Choice(&["auto", "true", "false"]),
        default: "auto",
        help: "Calls that newer drivers have no more: they work and are told once (auto), work with old result shapes as \
               well (true), or do not exist (false)",
    },
    Setting {
        key: "permissions.read",
        kind: SettingKind::Paths,
        default: "none",
        help: "What migrations may read besides the project folder",
    },
    Setting {
        key: "permissions.write",
        kind: SettingKind::Paths,
        default: "none",
        help: "What migrations may write",
    },
    Setting {
        key: "permissions.env",
        kind: SettingKind::Switch,
        default: "true",
        help: "Whether migrations see the environment in process.env",
    },
    Setting {
        key: "local",
        kind: SettingKind::Text,
        default: "false",
        help: "Start a local database for the command: true, or the path of a data folder or server program",
    },
    Setting {
        key: "yes",
        kind: SettingKind::Switch,
        default: "false",
        help: "Answer yes to every question",
    },
    Setting {
        key: "json",
        kind: SettingKind::Switch,
        default: "false",
        help: "Print JSON: one object, or one line per event",
    },
    Setting {
        key: "quiet",
        kind: SettingKind::Switch,
        default: "false",
        help: "Print results, warnings and errors only",
    },
    Setting {
        key: "verbose",
        kind: SettingKind::Switch,
        default: "false",
        help: "Print more: skipped files, every applied migration",
    },
    Setting {
        key: "color",
        kind: SettingKind::Choice(&["auto", "always", "never"]),
        default: "auto",
        help: "Colours and emoji",
    },
];
