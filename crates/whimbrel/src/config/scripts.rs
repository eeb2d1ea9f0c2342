//! Settings of migrations in JavaScript; they exist also in programs that run none.

use std::path::PathBuf;

/// Where JavaScript runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Runtime {
    /// In the embedded engine.
    #[default]
    Embedded,
    /// In Node.js, with the project's own driver and packages.
    Node,
    /// In Node.js where a file or what it imports needs that, else in the embedded engine.
    Auto,
}

impl Runtime {
    /// The words of the setting.
    pub(crate) const WORDS: [(&'static str, Self); 3] =
        [("embedded", Self::Embedded), ("node", Self::Node), ("auto", Self::Auto)];

    #[cfg(feature = "javascript")]
    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(own, _)| *own == word).map(|(_, runtime)| *runtime)
    }
}

/// What becomes of calls that newer drivers have no more, such as `collection.update`, callbacks and
/// `up(done)`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Legacy {
    /// They work, and results have their old shape as well.
    On,
    /// They work; each script that makes them is told once.
    #[default]
    Auto,
    /// They do not exist, as with the newest driver.
    Off,
}

/// What a script may reach of the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permissions {
    /// Folders or files besides the project folder that a script may read.
    pub read: Vec<PathBuf>,
    /// Folders or files that a script may write (and read).
    pub write: Vec<PathBuf>,
    /// Whether `process.env` shows the environment.
    pub environment: bool,
}

impl Default for Permissions {
    /// Reads below the project folder, no writes, the environment.
    fn default() -> Self {
        Self { read: Vec::new(), write: Vec::new(), environment: true }
    }
}

/// How JavaScript runs in Node.js.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeSettings {
    /// The program; a name is looked for on the `PATH`.
    pub program: PathBuf,
    /// Whether Whimbrel connects the project's mongoose.
    pub mongoose: bool,
}

impl Default for NodeSettings {
    /// `node`, without mongoose.
    fn default() -> Self {
        Self { program: PathBuf::from("node"), mongoose: false }
    }
}

#[cfg(feature = "javascript")]
impl Legacy {
    /// As the engine has it.
    pub(crate) fn of_engine(self) -> whimbrel_script::Legacy {
        match self {
            Self::On => whimbrel_script::Legacy::On,
            Self::Auto => whimbrel_script::Legacy::Auto,
            Self::Off => whimbrel_script::Legacy::Off,
        }
    }
}

#[cfg(feature = "javascript")]
impl Permissions {
    /// As the engine has them.
    pub(crate) fn of_engine(&self) -> whimbrel_script::Permissions {
        let Self { read, write, environment } = self.clone();
        whimbrel_script::Permissions { read, write, environment }
    }
}
