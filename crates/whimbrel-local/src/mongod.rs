//! What is particular to `mongod`: its arguments, and how it becomes a single-node replica set.
//!
//! A fresh `mongod` with `--replSet` waits to be told who the members are. One that ran before on another port
//! no longer finds itself among them; it is told again. Both are settled by [`ready`], which returns when the
//! server is the primary.

use std::ffi::OsString;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::time::Duration;

use mongodb::Client;
use mongodb::bson::{Bson, Document, doc};
use mongodb::error::{Error, ErrorKind};
use mongodb::options::{ClientOptions, ServerAddress};

use crate::LocalError;
use crate::builder::Options;
use crate::startup::Startup;

/// The name of the replica set.
const SET_NAME: &str = "whimbrel";

/// The server's code for "already initialized".
const ALREADY_INITIALIZED: i32 = 23;

/// The command line. `key_file` is what members of a replica set with authentication know each other by.
pub(crate) fn args(
    store: &Path,
    port: u16,
    key_file: Option<&Path>,
    options: &Options,
) -> Vec<OsString> {
    let mut args: Vec<OsString> = vec![
        "--bind_ip".into(),
        "127.0.0.1".into(),
        "--port".into(),
        port.to_string().into(),
        "--dbpath".into(),
        store.into(),
        // Without these it takes half of the machine's memory and 5 % of its disk.
        "--wiredTigerCacheSizeGB".into(),
        "0.25".into(),
    ];
    if cfg!(unix) {
        args.push("--nounixsocket".into());
    }
    if !options.standalone {
        args.extend(["--replSet".into(), SET_NAME.into(), "--oplogSize".into(), "64".into()]);
    }
    if options.auth {
        args.push("--auth".into());
    }
    if let Some(key_file) = key_file {
        args.extend(["--keyFile".into(), key_file.into()]);
    }
    args
}

/// A port for a server that cannot choose one by itself: the one it had last, else any that is free.
///
/// The port is free at this moment, and could be taken by the time the server asks for it; the builder tries again then.
pub(crate) fn choose_port(last: Option<u16>) -> io::Result<u16> {
    let free = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    let listener = match last.map(free) {
        Some(Ok(listener)) => listener,
        _ => free(0)?,
    };
    Ok(listener.local_addr()?.port())
}

/// Waits until the server answers, and, unless it is a standalone, until it is the primary of its set.
pub(crate) async fn ready(
    startup: &mut Startup<'_>,
    port: u16,
    options: &Options,
) -> Result<(), LocalError> {
    let client =
        connect(port).map_err(|source| LocalError::ReplicaSet { step: "connect", source })?;
    let mut refused = None;
    loop {
        if let Ok(hello) = run(&client, doc! { "hello": 1 }).await {
            if options.standalone || hello.get_bool("isWritablePrimary").unwrap_or(false) {
                return Ok(());
            }
            if hello.get_bool("isreplicaset").unwrap_or(false) {
                refused = found(&client, port).await.err();
            }
        }
        if let (true, Some((step, source))) = (startup.is_late(), refused.take()) {
            return Err(LocalError::ReplicaSet { step, source });
        }
        startup.pause().await?;
    }
}

/// Tells a server that is in no set who the members are. The error names the command that failed.
async fn found(client: &Client, port: u16) -> Result<(), (&'static str, Error)> {
    let Err(error) = run(client, initiate(port)).await else { return Ok(()) };
    if code(&error) != Some(ALREADY_INITIALIZED) {
        return Err(("replSetInitiate", error));
    }
    let reply = run(client, doc! { "replSetGetConfig": 1 });
    let reply = reply.await.map_err(|error| ("replSetGetConfig", error))?;
    let Some(moved) = reply.get_document("config").ok().and_then(|config| moved(config, port))
    else {
        return Ok(());
    };
    let reconfigure = doc! { "replSetReconfig": moved, "force": true };
    run(client, reconfigure).await.map_err(|error| ("replSetReconfig", error))?;
    Ok(())
}

fn initiate(port: u16) -> Document {
    let members = vec![doc! { "_id": 0, "host": host(port) }];
    doc! { "replSetInitiate": { "_id": SET_NAME, "members": members } }
}

/// The set's configuration with its only member at another port; `None` if it is there already.
fn moved(config: &Document, port: u16) -> Option<Document> {
    let mut config = config.clone();
    let version = match config.get("version") {
        Some(Bson::Int64(version)) => *version,
        Some(Bson::Int32(version)) => i64::from(*version),
        _ => 1,
    };
    let member = config.get_array_mut("members").ok()?.first_mut()?.as_document_mut()?;
    if member.get_str("host").is_ok_and(|host_now| host_now == host(port)) {
        return None;
    }
    member.insert("host", host(port));
    config.insert("version", version + 1);
    Some(config)
}

fn host(port: u16) -> String {
    format!("127.0.0.1:{port}")
}

fn connect(port: u16) -> Result<Client, Error> {
    let patience = Duration::from_millis(500);
    let address = ServerAddress::Tcp { host: Ipv4Addr::LOCALHOST.to_string(), port: Some(port) };
    let options = ClientOptions::builder()
        .hosts(vec![address])
        .direct_connection(true)
        .connect_timeout(patience)
        .server_selection_timeout(patience)
        .build();
    Client::with_options(options)
}

async fn run(client: &Client, command: Document) -> Result<Document, Error> {
    client.database("admin").run_command(command).await
}

fn code(error: &Error) -> Option<i32> {
    match error.kind.as_ref() {
        ErrorKind::Command(command) => Some(command.code),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(key_file: Option<&Path>, options: &Options) -> String {
        let args = args(Path::new("/d/store"), 4711, key_file, options);
        args.join(OsString::from(" ").as_os_str()).into_string().unwrap()
    }

    #[test]
    #[cfg(unix)]
    fn every_setting_is_a_flag() {
        let plain = "--bind_ip 127.0.0.1 --port 4711 --dbpath /d/store \
                     --wiredTigerCacheSizeGB 0.25 --nounixsocket";
        let set = format!("{plain} --replSet whimbrel --oplogSize 64");
        let options = Options::default();
        assert_eq!(text(None, &options), set);
        let options = Options { auth: true, ..Options::default() };
        assert_eq!(
            text(Some(Path::new("/d/key")), &options),
            format!("{set} --auth --keyFile /d/key")
        );
        let options = Options { standalone: true, ..Options::default() };
        assert_eq!(text(None, &options), plain);
    }

    #[test]
    fn a_fresh_server_is_its_only_member() {
        let expected = doc! {
            "replSetInitiate": {
                "_id": "whimbrel",
                "members": [{ "_id": 0, "host": "127.0.0.1:4711" }],
            }
        };
        assert_eq!(initiate(4711), expected);
    }

    #[test]
    fn a_server_on_another_port_is_moved_and_keeps_its_settings() {
        let config = doc! {
            "_id": "whimbrel", "version": 3, "term": 2_i64,
            "members": [{ "_id": 0, "host": "127.0.0.1:1", "priority": 1.0 }],
        };
        let expected = doc! {
            "_id": "whimbrel", "version": 4_i64, "term": 2_i64,
            "members": [{ "_id": 0, "host": "127.0.0.1:2", "priority": 1.0 }],
        };
        assert_eq!(moved(&config, 2), Some(expected));
        assert_eq!(moved(&config, 1), None);
        assert_eq!(moved(&doc! {}, 1), None);
    }

    #[test]
    fn the_last_port_is_taken_again_unless_it_is_in_use() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        assert_ne!(choose_port(Some(port)).unwrap(), port);
        drop(taken);
        assert_eq!(choose_port(Some(port)).unwrap(), port);
    }
}
