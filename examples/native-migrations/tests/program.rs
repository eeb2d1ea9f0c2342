//! The example as a program, built without a JavaScript engine.

use whimbrel_testing::TestDatabase;

async fn run(test: &TestDatabase, arguments: &[&str]) -> String {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_example-native-migrations"));
    let output = command.args(arguments).env("MONGODB_URI", test.uri()).output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    // How long it took is not the same every time.
    text.lines().map(|line| line.split(" in ").next().unwrap().to_owned() + "\n").collect()
}

#[tokio::test]
async fn it_applies_and_rolls_back() {
    let test = TestDatabase::start().await;
    let expected =
        "up 001_users.yaml\nup 002_split_names.rs\nup 003_open_accounts.rs\n3 of 3 applied\n";
    assert_eq!(run(&test, &[]).await, expected);
    assert_eq!(run(&test, &[]).await, "3 of 3 applied\n");

    let database = test.database();
    let users = database.collection::<mongodb::bson::Document>("users");
    let ada = mongodb::bson::doc! { "firstName": "Ada", "lastName": "Lovelace" };
    assert_eq!(users.count_documents(ada).await.unwrap(), 1);
    let accounts = database.collection::<mongodb::bson::Document>("accounts");
    assert_eq!(accounts.count_documents(mongodb::bson::doc! {}).await.unwrap(), 2);

    assert_eq!(run(&test, &["down"]).await, "rollback 003_open_accounts.rs\n2 of 3 applied\n");
    assert_eq!(accounts.count_documents(mongodb::bson::doc! {}).await.unwrap(), 0);
    assert_eq!(run(&test, &["down"]).await, "rollback 002_split_names.rs\n1 of 3 applied\n");
    assert_eq!(run(&test, &["down"]).await, "rollback 001_users.yaml\n0 of 3 applied\n");
}
