//! What is particular to `secantusd-rs`: its arguments, and the line that says it is ready.
//!
//! It chooses its own port and names it on its standard output, in one line:
//! `secantusd-rs listening on 127.0.0.1:43117`. It says that it is a one-node replica set; nothing need be
//! initiated.

use std::ffi::OsString;
use std::path::Path;

use crate::LocalError;
use crate::builder::Options;
use crate::startup::Startup;

/// The command line. `config` is an empty file: without it the server would read settings from the
/// working directory and from the user's home.
pub(crate) fn args(store: &Path, config: &Path, options: &Options) -> Vec<OsString> {
    let mut args: Vec<OsString> = vec![
        "--config".into(),
        config.into(),
        "--port".into(),
        options.port.to_string().into(),
        "--storage-path".into(),
        store.into(),
        // A log file is allocated in full: with the default of 128 MB an empty store takes that much.
        "--log-file-max".into(),
        "16MB".into(),
    ];
    if options.durable {
        args.push("--sync-on-commit".into());
    }
    if options.standalone {
        args.push("--standalone".into());
    }
    if options.auth {
        args.push("--auth".into());
    }
    args
}

/// Waits for the line that names the port.
pub(crate) async fn ready(startup: &mut Startup<'_>) -> Result<u16, LocalError> {
    loop {
        if let Some(port) = listening_port(&startup.dir.output()) {
            return Ok(port);
        }
        startup.pause().await?;
    }
}

fn listening_port(output: &str) -> Option<u16> {
    output
        .split_inclusive('\n')
        .filter_map(|line| line.strip_suffix('\n'))
        .filter_map(|line| line.strip_prefix("secantusd-rs listening on "))
        .find_map(|address| address.trim_end().rsplit_once(':')?.1.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_taken_from_a_complete_line_only() {
        assert_eq!(listening_port(""), None);
        assert_eq!(listening_port("secantusd-rs listening on 127.0.0.1:43"), None);
        let output = "[INFO] loaded config\nsecantusd-rs listening on 127.0.0.1:43117\nmore\n";
        assert_eq!(listening_port(output), Some(43117));
    }

    #[test]
    fn every_setting_is_a_flag() {
        let text = |options: &Options| {
            let args = args(Path::new("/d/store"), Path::new("/d/c"), options);
            args.join(OsString::from(" ").as_os_str()).into_string().unwrap()
        };
        let plain = "--config /d/c --port 0 --storage-path /d/store --log-file-max 16MB";
        assert_eq!(text(&Options::default()), plain);
        let options = Options { durable: true, standalone: true, auth: true, ..Options::default() };
        assert_eq!(text(&options), format!("{plain} --sync-on-commit --standalone --auth"));
    }
}
