//! The demo, with a `whimbrel` that only pretends.
#![cfg(unix)]

use std::os::unix::fs::PermissionsExt;

use super::*;

fn fake(folder: &Path, script: &str) -> PathBuf {
    let path = folder.join("whimbrel");
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

fn scratch(name: &str) -> PathBuf {
    let folder = env::temp_dir().join(format!("xtask-demo-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("social/seed")).unwrap();
    folder
}

#[test]
fn the_commands_run_in_order_with_the_uri_in_the_environment() {
    let folder = scratch("order");
    let log = folder.join("log");
    let script = format!(r#"echo "$* $MONGODB_URI $WHIMBREL_DATABASE" >> {}"#, log.display());
    let demo = Demo {
        whimbrel: fake(&folder, &script),
        project: folder.join("social"),
        uri: "mongodb://127.0.0.1:1/".into(),
    };
    demo.seed().and_then(|()| demo.show()).unwrap();
    let seen = fs::read_to_string(log).unwrap();
    let commands = ["up --dir seed --collection seeds", "up", "status", "down", "status"];
    let expected = commands.map(|command| format!("{command} mongodb://127.0.0.1:1/ social\n"));
    assert_eq!(seen, expected.concat());
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn the_server_is_asked_to_stop() {
    let folder = scratch("server");
    let stopped = folder.join("stopped");
    let script = format!(
        "trap 'touch {}; exit 0' TERM\necho mongodb://127.0.0.1:1/\nwhile :; do sleep 0.05; done",
        stopped.display()
    );
    let server = Server::start(&fake(&folder, &script), &folder.join("data")).unwrap();
    assert_eq!(server.uri, "mongodb://127.0.0.1:1/");
    drop(server);
    assert!(stopped.exists());
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_server_that_prints_no_uri_is_an_error() {
    let folder = scratch("no-server");
    let whimbrel = fake(&folder, "echo 'error: no server' >&2; exit 2");
    assert!(Server::start(&whimbrel, &folder.join("data")).is_err());
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_copy_leaves_npm_packages_out() {
    let folder = scratch("copy");
    let from = folder.join("social");
    fs::create_dir_all(from.join("node_modules/p")).unwrap();
    fs::write(from.join("seed/001.js"), "1").unwrap();
    copy(&from, &folder.join("to")).unwrap();
    assert_eq!(fs::read_to_string(folder.join("to/seed/001.js")).unwrap(), "1");
    assert!(!folder.join("to/node_modules").exists());
    fs::remove_dir_all(folder).unwrap();
}
