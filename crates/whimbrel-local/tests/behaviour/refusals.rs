//! What cannot be started, and what the error says.

use std::net::TcpListener;

use whimbrel_local::{LocalError, LocalServer};

use crate::{builder, program};

#[tokio::test]
async fn a_second_server_on_the_same_data_is_refused() {
    let temp = tempfile::tempdir().unwrap();
    let server = builder(temp.path()).start().await.unwrap();
    let error = builder(temp.path()).start().await.unwrap_err();
    assert_eq!(error.code(), "LOCAL_SERVER_IN_USE");
    let LocalError::InUse { data_dir, pid } = error else { panic!("{error}") };
    assert_eq!(data_dir, temp.path());
    if cfg!(unix) {
        assert_eq!(pid, Some(std::process::id()));
    }
    server.stop().await.unwrap();
    builder(temp.path()).start().await.unwrap();
}

#[tokio::test]
async fn a_port_in_use_is_told_in_the_servers_own_words() {
    let temp = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let error = builder(temp.path()).port(port).start().await.unwrap_err();
    assert_eq!(error.code(), "LOCAL_SERVER_EXITED_EARLY");
    assert!(error.to_string().contains("in use"), "{error}");
    drop(taken);
    let server = builder(temp.path()).port(port).start().await.unwrap();
    assert_eq!(server.port(), port);
}

#[tokio::test]
async fn what_was_not_set_is_named() {
    let error = LocalServer::builder().start().await.unwrap_err();
    assert_eq!(error.to_string(), "the local server was started without program");
    let error = LocalServer::builder().program(program()).start().await.unwrap_err();
    assert_eq!(error.to_string(), "the local server was started without data_dir");
}

#[cfg(unix)]
#[tokio::test]
async fn a_program_that_never_gets_ready_is_ended() {
    use std::os::unix::fs::PermissionsExt;
    use std::time::Duration;
    use whimbrel_local::Program;

    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join("secantusd-slow");
    std::fs::write(&path, "#!/bin/sh\necho still thinking\nexec sleep 60\n").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    let data_dir = temp.path().join("data");
    let error = LocalServer::builder()
        .program(Program::at(path).unwrap())
        .data_dir(&data_dir)
        .start_timeout(Duration::from_millis(300))
        .start()
        .await
        .unwrap_err();
    assert_eq!(error.code(), "LOCAL_SERVER_NOT_READY");
    assert!(error.to_string().contains("still thinking"), "{error}");
    let lock = std::fs::read_to_string(data_dir.join("lock")).unwrap();
    let pid = lock.lines().find_map(|line| line.strip_prefix("server ")).unwrap();
    assert!(!crate::is_running(pid.parse().unwrap()));
}
