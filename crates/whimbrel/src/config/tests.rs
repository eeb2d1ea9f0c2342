//! Each layer alone and on top of the others.

use super::*;

struct Folder(tempfile::TempDir);

impl Folder {
    fn with(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        Self(folder)
    }

    fn layers(&self, variables: &[(&str, &str)]) -> Layers {
        let pairs = variables.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
        Layers::new(self.0.path(), Environment::of(pairs))
    }
}

#[test]
fn later_layers_win() {
    let folder = Folder::with(&[
        ("whimbrel.toml", "collection = \"file\"\n[lock]\nttl = \"10s\"\nwait = \"1m\"\n"),
        (".env", "WHIMBREL_COLLECTION=dotenv\nWHIMBREL_LOCK_TTL=20s\n"),
    ]);
    let layers = folder
        .layers(&[("WHIMBREL_LOCK_TTL", "40s"), ("MONGODB_URI", "mongodb://h/x")])
        .with_flag("dir", "elsewhere");
    let config = Config::load(layers).unwrap();
    assert_eq!(config.collection, "dotenv");
    assert_eq!(config.lock.ttl, Duration::from_secs(40));
    assert_eq!(config.lock.wait, LockWait::For(Duration::from_secs(60)));
    assert_eq!(config.directory, folder.0.path().join("elsewhere"));
    assert_eq!(config.uri.unwrap().to_string(), "mongodb://h/x");
}

#[test]
fn own_uri_variable_wins_over_the_common_one() {
    let folder = Folder::with(&[]);
    let both = [("WHIMBREL_URI", "mongodb://own/"), ("MONGODB_URI", "mongodb://common/")];
    let config = Config::load(folder.layers(&both)).unwrap();
    assert_eq!(config.uri.unwrap().to_string(), "mongodb://own");
}

#[test]
fn the_environment_wins_over_the_file_whatever_its_name() {
    let folder = Folder::with(&[("whimbrel.toml", "uri = \"mongodb://file/\"")]);
    let config = Config::load(folder.layers(&[("MONGODB_URI", "mongodb://common/")])).unwrap();
    assert_eq!(config.uri.unwrap().to_string(), "mongodb://common");
}

#[test]
fn a_dot_env_file_of_the_application_is_no_trouble() {
    let text = "APP_NAME=My App\nWHIMBREL_COLLECTION=mine\nexport OTHER='x'\n";
    let config = Config::load(Folder::with(&[(".env", text)]).layers(&[])).unwrap();
    assert_eq!(config.collection, "mine");
    assert_eq!(config.environment.get("OTHER"), Some("x"));
    let folder = Folder::with(&[(".env", "MONGODB_URI=mongodb://u:s3cret@h/ x\n")]);
    let error = Config::load(folder.layers(&[])).unwrap_err();
    assert!(error.to_string().contains("the line of MONGODB_URI cannot be read"), "{error}");
    assert!(!error.to_string().contains("s3cret"));
    let shown = format!("{config:?}");
    assert!(!shown.contains("My App") && shown.contains("WHIMBREL_COLLECTION"), "{shown}");
}

#[test]
fn the_file_above_is_found_and_its_paths_are_its_own() {
    let folder = Folder::with(&[("whimbrel.toml", "dir = \"db\"")]);
    let below = folder.0.path().join("a/b");
    std::fs::create_dir_all(&below).unwrap();
    let config = Config::load(Layers::new(below, Environment::default())).unwrap();
    assert_eq!(config.directory, folder.0.path().join("db"));
    assert_eq!(config.project, folder.0.path());
}

#[test]
fn mistakes_are_named_with_place_and_suggestion() {
    for (text, message, hint) in [
        ("\nx = 1", "line 2: unknown key `x`", "the settings are"),
        ("[lock]\ntll = \"3s\"", "line 2: unknown key `lock.tll`", "did you mean `lock.ttl`?"),
        ("collecton = \"a\"", "unknown key `collecton`", "did you mean `collection`?"),
        ("uri = ", "line 1", ""),
        ("[lock]\nttl = \"30\"", "line 2: `lock.ttl` \"30\" is not a duration", ""),
        ("[lock]\nttl = \"500ms\"", "must be at least 1s", ""),
        ("out_of_order = \"maybe\"", "none of run, warn, refuse", ""),
        ("transaction = \"ja\"", "neither true nor false", ""),
        ("collection = \"a$b\"", "is not a collection name", ""),
        ("dir = [1]", "must be text", ""),
    ] {
        let folder = Folder::with(&[("whimbrel.toml", text)]);
        let error = Config::load(folder.layers(&[])).unwrap_err();
        assert!(error.to_string().contains(message), "{text}: {error}");
        assert!(error.hint().unwrap_or_default().contains(hint), "{text}: {:?}", error.hint());
    }
}

#[test]
fn every_setting_of_the_table_can_be_set_in_every_layer() {
    for setting in SETTINGS {
        let text = match setting.kind {
            SettingKind::Text | SettingKind::Paths => "mongodb",
            SettingKind::Duration | SettingKind::Limit => "7s",
            SettingKind::Switch => "true",
            SettingKind::Choice(words) => words[0],
        };
        let line = match setting.key.split_once('.') {
            Some((table, key)) => format!("[{table}]\n{key} = {text:?}"),
            None => format!("{} = {text:?}", setting.key),
        };
        let folder = Folder::with(&[("whimbrel.toml", &line)]);
        Config::load(folder.layers(&[])).unwrap();
        let empty = Folder::with(&[]);
        Config::load(empty.layers(&[(&setting.variable(), text)])).unwrap();
        Config::load(empty.layers(&[]).with_flag(setting.key, text)).unwrap();
    }
}
