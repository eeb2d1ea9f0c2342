//! create, init, completions, local.

use std::io::{BufRead, BufReader};

use crate::support::{Project, finish, signal};

#[test]
fn create_writes_the_next_file() {
    let project = Project::new(None);
    let ran = project
        .run(&["create", "add user indexes", "--description", "Indexes for user queries"])
        .must();
    assert!(
        ran.stdout.starts_with("Created ") && ran.stdout.contains("001_add_user_indexes.js"),
        "{}",
        ran.stdout
    );
    let path = project.path().join("migrations/scripts/001_add_user_indexes.js");
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.contains("// Description: Indexes for user queries\n"));
    assert!(text.contains("export default async function up(db)"));
    project.run(&["create", "../../escape"]).must();
    assert!(project.path().join("migrations/scripts/002_escape.js").is_file());
    project.run(&["create", "x", "--timestamp"]).must();
    let ran = project.run(&["create", "..."]);
    assert_eq!((ran.code, ran.stderr.contains("no letter or digit")), (2, true), "{}", ran.stderr);
}

#[test]
fn init_sets_up_a_project_and_overwrites_nothing() {
    let project = Project::new(None);
    std::fs::remove_dir_all(project.path().join("migrations")).unwrap();
    project.file(
        "package.json",
        "{\n  \"name\": \"x\",\n  \"scripts\": { \"migrate:up\": \"mine\" }\n}\n",
    );
    let ran = project.run(&["init"]).must();
    assert!(ran.stderr.contains("package.json was left as it is"), "{}", ran.stderr);
    project.run(&["init", "--yes"]).must();
    let package = std::fs::read_to_string(project.path().join("package.json")).unwrap();
    assert!(
        package.contains("\"migrate:up\": \"mine\"")
            && package.contains("\"migrate:down\": \"whimbrel down\"")
    );
    assert!(project.path().join("migrations/scripts/001_initial_setup.js").is_file());
    let config = std::fs::read_to_string(project.path().join("whimbrel.toml")).unwrap();
    assert!(config.contains("# [lock]"));
    project.file("whimbrel.toml", "collection = \"mine\"\n");
    project.run(&["init", "--yes"]).must();
    let config = std::fs::read_to_string(project.path().join("whimbrel.toml")).unwrap();
    assert_eq!(config, "collection = \"mine\"\n");
}

#[test]
fn init_gives_a_project_with_the_npm_package_modules_and_scripts_without_asking() {
    for (kind, import) in [
        ("module", "import { AutoMigrator as Base } from 'whimbrel';"),
        ("commonjs", "require('whimbrel')"),
    ] {
        let project = Project::new(None);
        std::fs::remove_dir_all(project.path().join("migrations")).unwrap();
        let package = format!(
            "{{ \"type\": \"{kind}\", \"dependencies\": {{ \"whimbrel\": \"^0.1.0\" }} }}\n"
        );
        project.file("package.json", &package);
        project.file("migrations/cli.js", "// mine\n");
        let ran = project.run(&["init"]).must();
        assert!(ran.stdout.contains("then run `npm run migrate:up`"), "{}", ran.stdout);
        assert!(ran.stdout.contains("cli.js exists, left as it is"), "{}", ran.stdout);
        let read = |name: &str| std::fs::read_to_string(project.path().join(name)).unwrap();
        assert!(read("package.json").contains("\"migrate:reset\": \"whimbrel reset\""));
        assert!(read("migrations/autoMigrate.js").contains(import), "{kind}");
        assert!(read("migrations/migrator.js").contains("'../whimbrel.toml'"), "{kind}");
        assert_eq!(read("migrations/cli.js"), "// mine\n");
    }
    let project = Project::new(None);
    std::fs::remove_dir_all(project.path().join("migrations")).unwrap();
    project.file(
        "package.json",
        "{ \"type\": \"module\", \"dependencies\": { \"whimbrel\": \"^0.1.0\" } }",
    );
    project.file("tsconfig.json", "{}");
    project.run(&["init"]).must();
    let typings =
        std::fs::read_to_string(project.path().join("migrations/autoMigrate.d.ts")).unwrap();
    assert_eq!(typings, "export { AutoMigrator as default } from 'whimbrel';\n");
    // Where the folder of the migrations has none of its own around it, there is no place for them.
    let project = Project::new(None);
    std::fs::remove_dir_all(project.path().join("migrations")).unwrap();
    project.file("package.json", "{ \"devDependencies\": { \"whimbrel\": \"^0.1.0\" } }");
    let ran = project.run(&["init", "--dir", "migrations"]).must();
    assert!(ran.stderr.contains("import 'whimbrel' itself"), "{}", ran.stderr);
    assert!(!project.path().join("migrator.js").exists());
    let project = Project::new(None);
    project.file("package.json", "{ no json");
    let ran = project.run(&["init"]);
    assert_eq!(
        (ran.code, ran.stderr.contains("package.json: is no JSON")),
        (2, true),
        "{}",
        ran.stderr
    );
    assert!(!project.path().join("whimbrel.toml").exists(), "something was written");
    project.file("package.json", "{ \"scripts\": [] }");
    assert_eq!(project.run(&["init"]).code, 2);
    // In a folder of a project, its settings hold.
    project.file("package.json", "{}");
    project.file("whimbrel.toml", "");
    project.file("packages/api/package.json", "{}");
    let mut inside = project.command(&["init"]);
    let output = inside.current_dir(project.path().join("packages/api")).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("this folder is part of a project"), "{told}");
    assert_eq!(output.status.code(), Some(2));
    assert!(!project.path().join("packages/api/whimbrel.toml").exists());
}

#[test]
fn completions_and_help() {
    let project = Project::new(None);
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(project.run(&["completions", shell]).must().stdout.contains("whimbrel"), "{shell}");
    }
    let help = project.run(&["--help"]).must();
    for command in ["up", "down", "status", "create", "reset", "init", "local", "completions"] {
        assert!(help.stdout.contains(&format!("\n  {command} ")), "{command}");
    }
    assert!(help.stdout.contains("--lock-ttl"));
    assert_eq!(project.run(&["nonsense"]).code, 2);
}

#[test]
fn local_runs_until_it_is_stopped_and_keeps_its_data() {
    let project = Project::new(None);
    for round in 0..2 {
        let mut server = project.start(&["local"]);
        let mut uri = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut uri).unwrap();
        assert!(uri.starts_with("mongodb://127.0.0.1:"), "{uri}");
        let status =
            project.run(&["status", "--json", "--uri", uri.trim(), "--database", "shop"]).must();
        let status: serde_json::Value = serde_json::from_str(&status.stdout).unwrap();
        assert_eq!(status["applied"], round, "the data of the round before is there");
        project.migration("001_a.js");
        project.run(&["up", "--uri", uri.trim(), "--database", "shop"]).must();
        signal(&server, if round == 0 { "INT" } else { "TERM" });
        assert_eq!(finish(server).code, 0);
    }
    assert!(project.path().join(".whimbrel/local-db").is_dir());
}

#[test]
fn a_local_server_for_one_command() {
    let project = Project::new(None);
    project.migration("001_a.js");
    project.run(&["up", "--local"]).must();
    let ran = project.run(&["up", "--local"]).must();
    assert!(ran.stdout.contains("already applied"), "{}", ran.stdout);
}
