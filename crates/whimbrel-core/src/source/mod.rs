//! A source gives migrations: from a directory, or from memory.
//!
//! [`directory`] reads files, [`memory`] serves tests and embedded files, [`bundle`] is the compressed
//! form kept in the history.

mod bundle;
mod directory;
mod memory;

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;

pub use bundle::{BundleError, BundleFile, Resolution, SourceBundle};
pub use directory::{DirectorySource, why_without_commands};
pub use memory::MemorySource;

use crate::body::Body;
use crate::checksum::Checksum;
use crate::file_name::{MigrationId, NotAMigration};

/// A migration as its source gives it.
#[derive(Clone)]
pub struct Migration {
    /// Name, version, title.
    pub id: MigrationId,
    /// From the file's header (`// Description: …`).
    pub description: Option<String>,
    /// Of the text without imports.
    pub checksum: Checksum,
    /// The text, if there is one; kept in the history so that an older deployment can roll back.
    pub text: Option<Arc<str>>,
    /// What it does.
    pub body: Arc<dyn Body>,
}

impl std::fmt::Debug for Migration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Migration").field("id", &self.id).finish_non_exhaustive()
    }
}

/// An entry of the folder that is not a migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkippedEntry {
    /// The entry's name.
    pub name: String,
    /// Why it was skipped.
    pub why: NotAMigration,
}

/// Everything a source has.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// In order of version, then name.
    pub migrations: Vec<Migration>,
    /// In order of name.
    pub skipped: Vec<SkippedEntry>,
}

/// Why a source could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// The folder does not exist.
    #[error("the migrations folder {} does not exist", path.display())]
    MissingDirectory {
        /// The folder.
        path: PathBuf,
    },
    /// The path is not a folder.
    #[error("{} is not a folder", path.display())]
    NotADirectory {
        /// The path.
        path: PathBuf,
    },
    /// A file or the folder cannot be read.
    #[error("cannot read {}", path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        #[source]
        source: std::io::Error,
    },
    /// A name is not Unicode.
    #[error("the name of {} is not valid Unicode", path.display())]
    NameNotUnicode {
        /// The file, with the offending bytes replaced.
        path: PathBuf,
    },
    /// A file is not UTF-8.
    #[error("{} is not UTF-8 text (byte {position})", path.display())]
    NotUtf8 {
        /// The file.
        path: PathBuf,
        /// Offset of the first byte that is not.
        position: usize,
    },
    /// Two migrations have one name: in the folder, in the program, or in both.
    #[error("two migrations are called {name}")]
    SeveralOfOneName {
        /// The name.
        name: String,
    },
    /// Two names are the same in Unicode NFC.
    #[error("two files are called {name} once their accents are composed")]
    DuplicateName {
        /// The name in NFC.
        name: String,
    },
}

impl SourceError {
    /// A stable name for machines.
    pub fn code(&self) -> &'static str {
        match self {
            Self::MissingDirectory { .. } => "DIRECTORY_MISSING",
            Self::NotADirectory { .. } => "NOT_A_DIRECTORY",
            Self::Unreadable { .. } => "FILE_UNREADABLE",
            Self::NameNotUnicode { .. } => "FILE_NAME_NOT_UNICODE",
            Self::NotUtf8 { .. } => "FILE_NOT_UTF8",
            Self::SeveralOfOneName { .. } | Self::DuplicateName { .. } => "FILE_NAME_DUPLICATE",
        }
    }

    /// The next step for a person.
    pub fn hint(&self) -> Option<String> {
        Some(
            match self {
                Self::MissingDirectory { .. } => {
                    "create it with `whimbrel init`, or name the right one with --dir"
                }
                Self::NotADirectory { .. } => "name the folder that holds the files with --dir",
                Self::Unreadable { .. } => {
                    "check the permissions; nothing was run, because a file may have been missed"
                }
                Self::NameNotUnicode { .. } | Self::DuplicateName { .. } => "rename the file",
                Self::SeveralOfOneName { .. } => {
                    "a migration comes from one place: a folder, embedded files, or Rust code"
                }
                Self::NotUtf8 { .. } => "save the file as UTF-8",
            }
            .to_owned(),
        )
    }
}

/// Gives migrations.
#[async_trait]
pub trait Source: Send + Sync {
    /// Everything there is, in order.
    ///
    /// # Errors
    /// Whatever makes the list incomplete: a partial list is never returned.
    async fn list(&self) -> Result<Listing, SourceError>;

    /// The current checksum of a file that a migration imported; `None` when it is gone.
    ///
    /// # Errors
    /// When it exists and cannot be read.
    async fn import_checksum(&self, path: &str) -> Result<Option<Checksum>, SourceError>;

    /// Where the migrations come from, for people.
    fn describe(&self) -> String;
}

/// The `// Description:` line of a file's header comment, if it has one.
///
/// Only comment lines before the first line of code count.
pub fn description_of(text: &str) -> Option<String> {
    text.trim_start_matches('\u{feff}')
        .lines()
        .map(str::trim)
        .take_while(|line| line.is_empty() || line.starts_with("//") || line.starts_with("#!"))
        .find_map(|line| line.trim_start_matches('/').trim().strip_prefix("Description:"))
        .map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
}
