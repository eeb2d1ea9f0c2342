//! Start, use, stop, start again.

use std::time::{Duration, Instant};

use mongodb::Client;
use mongodb::bson::doc;

use crate::{builder, client, count, hello, insert};

#[tokio::test]
async fn it_is_a_replica_set_whose_data_outlives_it() {
    let temp = tempfile::tempdir().unwrap();
    let server = builder(temp.path()).start().await.unwrap();
    assert!(hello(&server).await.get_str("setName").is_ok());
    assert_eq!(server.uri(), format!("mongodb://127.0.0.1:{}/", server.port()));
    insert(&server, 1).await;
    server.stop().await.unwrap();

    let server = builder(temp.path()).start().await.unwrap();
    assert_eq!(count(&server).await, 1);
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_transaction_can_be_rolled_back() {
    let temp = tempfile::tempdir().unwrap();
    let server = builder(temp.path()).start().await.unwrap();
    insert(&server, 1).await;
    let client = client(&server).await;
    let mut session = client.start_session().await.unwrap();
    session.start_transaction().await.unwrap();
    let birds = client.database("test").collection("birds");
    birds.insert_one(doc! { "_id": 2 }).session(&mut session).await.unwrap();
    session.abort_transaction().await.unwrap();
    assert_eq!(count(&server).await, 1);
}

#[tokio::test]
async fn a_standalone_is_in_no_set() {
    let temp = tempfile::tempdir().unwrap();
    let server = builder(temp.path()).standalone(true).start().await.unwrap();
    assert!(hello(&server).await.get_str("setName").is_err());
}

#[tokio::test]
async fn with_authentication_the_first_user_is_created_from_here_and_must_log_in() {
    let temp = tempfile::tempdir().unwrap();
    let server = builder(temp.path()).auth(true).start().await.unwrap();
    let anonymous = client(&server).await;
    let error = anonymous.database("test").list_collection_names().await.unwrap_err();
    assert!(error.to_string().contains("authenti"), "{error}");

    let user = doc! { "createUser": "me", "pwd": "secret", "roles": ["root"] };
    anonymous.database("admin").run_command(user).await.unwrap();
    let uri = server.uri().replace("://", "://me:secret@");
    let known = Client::with_uri_str(uri).await.unwrap();
    assert!(known.database("test").list_collection_names().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_durable_server_keeps_every_acknowledged_write_when_it_crashes() {
    let temp = tempfile::tempdir().unwrap();
    let server = builder(temp.path()).durable(true).start().await.unwrap();
    let birds = client(&server).await.database("test").collection("birds");
    for id in 0..200 {
        birds.insert_one(doc! { "_id": id }).await.unwrap();
    }
    server.crash().await.unwrap();

    let server = builder(temp.path()).durable(true).start().await.unwrap();
    assert_eq!(count(&server).await, 200);
}

#[cfg(unix)]
#[tokio::test]
async fn stop_and_drop_leave_no_process_and_take_no_time() {
    let temp = tempfile::tempdir().unwrap();
    let server = builder(temp.path()).start().await.unwrap();
    let (pid, start) = (server.pid(), Instant::now());
    assert!(crate::is_running(pid));
    server.stop().await.unwrap();
    assert!(!crate::is_running(pid));
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());

    let server = builder(temp.path()).start().await.unwrap();
    let pid = server.pid();
    drop(server);
    assert!(!crate::is_running(pid));
}

#[cfg(unix)]
#[tokio::test]
async fn an_end_from_outside_is_noticed() {
    let temp = tempfile::tempdir().unwrap();
    let mut server = builder(temp.path()).start().await.unwrap();
    assert!(server.is_running());
    let kill = std::process::Command::new("kill").arg(server.pid().to_string()).status().unwrap();
    assert!(kill.success());
    let give_up = Instant::now() + Duration::from_secs(10);
    while server.is_running() {
        assert!(Instant::now() < give_up, "the server did not end");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_start_that_is_given_up_leaves_the_directory_free() {
    let temp = tempfile::tempdir().unwrap();
    let start = builder(temp.path()).start();
    assert!(tokio::time::timeout(Duration::from_millis(30), start).await.is_err());
    builder(temp.path()).start().await.unwrap();
}
