//! What a person meant by the path in `--local=PATH`: the server, or the place for its data.

use std::path::{Path, PathBuf};

use crate::LocalError;
use crate::program::{Program, is_executable};

/// The meaning of a path given to `--local`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The path is an executable file: the server program.
    Program(Program),
    /// Anything else: the data directory, which need not exist yet.
    DataDir(PathBuf),
}

impl Target {
    /// Looks at what is at `path`.
    ///
    /// # Errors
    ///
    /// [`LocalError::UnknownProgram`] if it is an executable file that is no known server. A file that is
    /// not executable is taken for a data directory, and refused when the server is started there.
    pub fn parse(path: impl AsRef<Path>) -> Result<Self, LocalError> {
        let path = path.as_ref();
        if is_executable(path) {
            Program::at(path).map(Self::Program)
        } else {
            Ok(Self::DataDir(path.to_path_buf()))
        }
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn an_executable_file_is_the_program_and_all_else_a_data_directory() {
        let temp = tempfile::tempdir().unwrap();
        let there = temp.path().to_path_buf();
        assert_eq!(Target::parse(&there).unwrap(), Target::DataDir(there));
        let missing = temp.path().join("later");
        assert_eq!(Target::parse(&missing).unwrap(), Target::DataDir(missing));
        let program = temp.path().join("secantusd-rs");
        fs::write(&program, "").unwrap();
        assert_eq!(Target::parse(&program).unwrap(), Target::DataDir(program.clone()));
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(
            Target::parse(&program).unwrap(),
            Target::Program(Program::at(&program).unwrap())
        );
    }
}
