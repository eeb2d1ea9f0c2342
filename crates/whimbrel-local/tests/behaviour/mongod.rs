//! The steps that are particular to `mongod`.
//!
//! Becoming a replica set is what only a real one can show: that test is ignored, as not every machine has
//! one, and `cargo xtask test` runs it where there is. The rest is shown with a stand-in.

use whimbrel_local::{LocalServer, ProgramKind};

use crate::{count, hello, insert, program};

#[tokio::test]
#[ignore = "needs mongod on the PATH"]
async fn it_becomes_the_primary_of_its_own_set_on_every_port() {
    let program = program();
    assert_eq!(program.kind(), ProgramKind::Mongod, "there is no mongod on the PATH");
    let temp = tempfile::tempdir().unwrap();
    let start = |port| {
        LocalServer::builder().program(program.clone()).data_dir(temp.path()).port(port).start()
    };
    let server = start(0).await.unwrap();
    assert_eq!(hello(&server).await.get_str("setName").unwrap(), "whimbrel");
    insert(&server, 1).await;
    let first = server.port();
    server.stop().await.unwrap();

    let server = start(0).await.unwrap();
    assert_eq!(server.port(), first, "the last port is kept while it is free");
    server.stop().await.unwrap();

    let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let server = start(other).await.unwrap();
    assert!(hello(&server).await.get_bool("isWritablePrimary").unwrap());
    assert_eq!(count(&server).await, 1);
}

/// A script called `mongod`. Where the machine has only the other server, it hands that the port and the
/// folder; being a primary from the start, that needs no initiation.
#[cfg(unix)]
fn stand_in(folder: &std::path::Path) -> whimbrel_local::Program {
    use std::os::unix::fs::PermissionsExt;

    let real = program();
    let command = match real.kind() {
        ProgramKind::Mongod => r#""$@""#,
        _ => r#"--port "$port" --storage-path "$folder" --log-file-max 16MB"#,
    };
    let script = format!(
        r#"#!/bin/sh
for arg; do
    case $before in
        --port) port=$arg ;;
        --dbpath) folder=$arg ;;
    esac
    before=$arg
done
exec "{}" {command}
"#,
        real.path().display()
    );
    let path = folder.join("mongod");
    std::fs::write(&path, script).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    whimbrel_local::Program::at(path).unwrap()
}

#[cfg(unix)]
#[tokio::test]
async fn it_is_given_a_port_and_gets_it_again() {
    let temp = tempfile::tempdir().unwrap();
    let program = stand_in(temp.path());
    assert_eq!(program.kind(), ProgramKind::Mongod);
    let data_dir = temp.path().join("data");
    let start = || LocalServer::builder().program(program.clone()).data_dir(&data_dir).start();

    let server = start().await.unwrap();
    let port = server.port();
    insert(&server, 1).await;
    server.stop().await.unwrap();
    let noted = std::fs::read_to_string(data_dir.join("port")).unwrap();
    assert_eq!(noted, format!("{port}\n"));

    let server = start().await.unwrap();
    assert_eq!(server.port(), port);
    assert_eq!(count(&server).await, 1);
}
