//! The example as a program, copied away from its files; ten at once.

use std::path::Path;

use whimbrel_testing::TestDatabase;

async fn run(program: &Path, test: &TestDatabase) -> String {
    let mut command = tokio::process::Command::new(program);
    command.env("MONGODB_URI", test.uri()).current_dir(program.parent().unwrap());
    let output = command.output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_copies_without_any_file_apply_everything_once() {
    let test = TestDatabase::start().await;
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("server");
    std::fs::copy(env!("CARGO_BIN_EXE_example-embedded"), &program).unwrap();

    let mut running = tokio::task::JoinSet::new();
    let test = std::sync::Arc::new(test);
    for _ in 0..10 {
        let (program, test) = (program.clone(), std::sync::Arc::clone(&test));
        running.spawn(async move { run(&program, &test).await });
    }
    let said = running.join_all().await;
    let applied = said.iter().filter(|text| text.contains("(2 applied now)")).count();
    assert_eq!(applied, 1, "{said:?}");
    assert_eq!(run(&program, &test).await, "everything is applied (0 applied now)\n");

    let products = test.database().collection::<mongodb::bson::Document>("products");
    let tea = products.find_one(mongodb::bson::doc! { "_id": "tea" }).await.unwrap().unwrap();
    assert_eq!(tea.get_i32("cents").unwrap(), 250);
    assert!(products.list_index_names().await.unwrap().contains(&"cents_1".to_owned()));
}

#[tokio::test]
async fn an_error_ends_the_program_with_the_command_lines_exit_code() {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_example-embedded"));
    let uri = "mongodb://127.0.0.1:1/shop?serverSelectionTimeoutMS=100&user=x";
    let output = command.env("MONGODB_URI", uri).output().await.unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(!text.contains("mongodb://"), "{text}");
    assert_ne!(output.status.code(), Some(0));

    let uri = "mongodb://127.0.0.1:1/shop?serverSelectionTimeoutMS=100";
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_example-embedded"));
    let output = command.env("MONGODB_URI", uri).output().await.unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(5), "{text}");
    assert!(text.starts_with("error: ") && text.contains("\nhint: "), "{text}");
}
