//! `whimbrel types`, and TypeScript on the command line.

use whimbrel_testing::TestDatabase;

use crate::support::Project;

#[tokio::test(flavor = "multi_thread")]
async fn typings_are_written_where_no_package_has_them() {
    let test = TestDatabase::start().await;
    let project = Project::on(&test);
    project.migration("001_a.js");
    let ran = project.run(&["types"]).must();
    let read = |path: &str| std::fs::read_to_string(project.path().join(path)).unwrap_or_default();
    assert!(ran.stdout.contains("whimbrel.d.ts"), "{}", ran.stdout);
    for (file, declares) in [
        ("whimbrel.d.ts", "declare module 'whimbrel'"),
        ("mongodb.d.ts", "declare module 'mongodb'"),
        ("bson.d.ts", "declare module 'bson'"),
        ("node.d.ts", "declare module 'fs'"),
    ] {
        assert!(read(&format!(".whimbrel/types/{file}")).contains(declares), "{file}");
    }
    let config: serde_json::Value =
        serde_json::from_str(&read("migrations/scripts/jsconfig.json")).unwrap();
    assert_eq!(config["include"][1], "../../.whimbrel/types");
    assert_eq!(config["compilerOptions"]["checkJs"], true);

    // What the author changed stays; what a package declares by now goes.
    project.file("migrations/scripts/jsconfig.json", "{}");
    project.file("node_modules/mongodb/package.json", "{}");
    let ran = project.run(&["types"]).must();
    assert!(ran.stdout.contains("exists, left as it is"), "{}", ran.stdout);
    assert!(ran.stdout.contains("Removed"), "{}", ran.stdout);
    assert_eq!(read("migrations/scripts/jsconfig.json"), "{}");
    assert_eq!(read(".whimbrel/types/mongodb.d.ts"), "");
    // Neither the typings nor the project file are taken for migrations.
    let ran = project.run(&["status"]).must();
    assert!(ran.stdout.contains("Total migrations: 1"), "{}", ran.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn typescript_migrations_go_up_and_down_and_on_without_their_files() {
    let test = TestDatabase::start().await;
    let project = Project::on(&test);
    project.file("lib/names.ts", "export enum Name { A = 'a' }\n");
    let aliases = r#"{ "compilerOptions": { "baseUrl": ".", "paths": { "@lib/*": ["lib/*"] } } }"#;
    project.file("tsconfig.json", aliases);
    let text = "import { Db } from 'mongodb';\nimport { Name } from '@lib/names';\n\
                export async function up(db: Db): Promise<void> { await db.collection(Name.A).insertOne({ n: 1 }); }\n\
                export async function rollback(db: Db): Promise<void> { await db.collection(Name.A).drop(); }\n";
    project.file("migrations/scripts/001_typed.ts", text);
    project.run(&["up"]).must();
    assert_eq!(
        test.database()
            .collection::<mongodb::bson::Document>("a")
            .count_documents(mongodb::bson::doc! {})
            .await
            .unwrap(),
        1
    );
    // A change of what it imports counts as one of its own.
    project.file("lib/names.ts", "export enum Name { A = 'b' }\n");
    assert_eq!(project.run(&["up"]).code, 4);
    project.remove("lib/names.ts");
    project.remove("migrations/scripts/001_typed.ts");
    project.run(&["down", "--from-history"]).must();
    assert_eq!(
        test.database()
            .list_collection_names()
            .await
            .unwrap()
            .iter()
            .filter(|name| *name == "a")
            .count(),
        0
    );
}
