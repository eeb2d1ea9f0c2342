//! The decisions of `tools`, and an installation by a cargo that only pretends.

use super::*;

#[test]
fn the_version_is_the_one_whimbrel_local_looks_for() {
    let program = crate::workspace().join("crates/whimbrel-local/src/program.rs");
    let text = fs::read_to_string(program).unwrap();
    assert!(text.contains(&format!("SECANTUS_VERSION: &str = \"{VERSION}\"")));
}

#[test]
fn nothing_is_brought_that_is_there() {
    let machine = Machine { compiler: true, cmake: true, root: true, apt: true, python: true };
    assert_eq!(plan(machine).unwrap(), Bring::Nothing);
}

#[test]
fn root_with_apt_brings_what_is_missing() {
    let machine = Machine { root: true, apt: true, ..Machine::default() };
    assert_eq!(plan(machine).unwrap(), Bring::Apt(vec!["g++", "cmake"]));
    let machine = Machine { compiler: true, ..machine };
    assert_eq!(plan(machine).unwrap(), Bring::Apt(vec!["cmake"]));
}

#[test]
fn others_get_cmake_by_pip_but_no_compiler() {
    let machine = Machine { compiler: true, apt: true, python: true, ..Machine::default() };
    assert_eq!(plan(machine).unwrap(), Bring::CmakeByPip);
    let machine = Machine { compiler: false, ..machine };
    assert!(plan(machine).unwrap_err().to_string().contains("needs a C++ compiler and cmake"));
    let machine = Machine { compiler: true, ..Machine::default() };
    assert!(plan(machine).unwrap_err().to_string().contains("needs cmake"));
}

#[cfg(unix)]
mod installing {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// A scratch folder with a `cargo` that does what the script says; `$7` is the root to install into.
    fn scratch(name: &str, script: &str) -> (PathBuf, PathBuf) {
        let folder = env::temp_dir().join(format!("xtask-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let cargo = folder.join("fake-cargo");
        fs::write(&cargo, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).unwrap();
        (folder, cargo)
    }

    const INSTALL: &str = r#"mkdir -p "$7/bin" && echo "$*" > "$7/bin/secantusd-rs""#;

    #[test]
    fn a_complete_build_is_put_in_its_place() {
        let (cache, cargo) = scratch("complete", INSTALL);
        // What an older, interrupted way of installing may have left.
        fs::create_dir_all(final_folder(&cache).join("bin")).unwrap();
        assert_eq!(find(None, &cache), None);
        let server = install(cargo.as_os_str(), &cache, None).unwrap();
        assert_eq!(find(None, &cache), Some(server.clone()));
        let arguments = fs::read_to_string(server).unwrap();
        let expected = "install secantus-mdb --version 0.5.3-beta.196 --ignore-rust-version --root";
        assert!(arguments.starts_with(expected), "{arguments}");
        fs::remove_dir_all(cache).unwrap();
    }

    #[test]
    fn a_failed_build_leaves_nothing_behind() {
        let (cache, cargo) = scratch("failed", &format!("{INSTALL}\nexit 101"));
        let failure = install(cargo.as_os_str(), &cache, None).unwrap_err();
        assert_eq!(failure.code, 101);
        let left: Vec<_> =
            fs::read_dir(&cache).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["fake-cargo"]);
        fs::remove_dir_all(cache).unwrap();
    }

    #[test]
    fn mongod_on_the_path_comes_first() {
        let (cache, cargo) = scratch("path", INSTALL);
        install(cargo.as_os_str(), &cache, None).unwrap();
        let mongod = cache.join("mongod");
        fs::write(&mongod, "").unwrap();
        assert_ne!(find(Some(cache.as_os_str()), &cache), Some(mongod.clone()), "not executable");
        fs::set_permissions(&mongod, fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(find(Some(cache.as_os_str()), &cache), Some(mongod));
        fs::remove_dir_all(cache).unwrap();
    }
}
