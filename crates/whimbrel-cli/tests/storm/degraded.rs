//! Deployments that lack something: standalone servers, and servers without majority concerns. What the local server
//! accepts although a real one would not is refused by the proxy.

use std::sync::Arc;

use mongodb::bson::Document;
use whimbrel_testing::TestDatabase;
use whimbrel_testing::proxy::{Command, Fault, FaultProxy, Rule, When, error};

use crate::support::Project;
use crate::world;

/// Refuses what a standalone `mongod` refuses, as it does.
fn as_standalone(proxy: &FaultProxy) {
    let numbered: When = Arc::new(|command| command.document.contains_key("txnNumber"));
    let mut refusal = error(20, "IllegalOperation", &[]);
    refusal
        .insert("errmsg", "Transaction numbers are only allowed on a replica set member or mongos");
    proxy.add(Rule::always(numbered, Fault::Answer(refusal)));
    let hello: When =
        Arc::new(|command| ["hello", "isMaster", "ismaster"].contains(&command.name.as_str()));
    let alone = |reply: &mut Document| {
        for field in ["setName", "setVersion", "hosts", "me", "primary", "electionId", "secondary"]
        {
            reply.remove(field);
        }
    };
    proxy.add(Rule::always(hello, Fault::Change(Arc::new(alone))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standalone_server_serves_all_but_transactions() {
    let test = TestDatabase::start_with(|builder| builder.standalone(true)).await;
    let proxy = FaultProxy::to(test.port()).await;
    as_standalone(&proxy);
    let project = Project::new(Some(proxy.uri(TestDatabase::NAME)));
    world::migrations(&project, false);
    world::prepare(&test.database()).await;
    let ran = project.run(&["up", "--continue-on-error"]);
    assert_eq!(ran.code, 1, "{}\n{}", ran.stdout, ran.stderr);
    assert!(
        ran.stdout.contains("Successful: 3") && ran.stdout.contains("Failed: 2"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.contains("this server has no transactions"), "{}", ran.stdout);
    world::sound(&test.database()).await.unwrap();
    let status = project.run(&["status"]).must();
    assert_eq!(status.stdout.matches("[applied]").count(), 3, "{}", status.stdout);
    let again = project.run(&["up"]);
    assert_eq!(again.code, 1);
    assert!(
        again.stderr.contains("hint: it is neither a replica set nor a sharded cluster"),
        "{}",
        again.stderr
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_majority_concerns_what_there_is_is_used() {
    let test = TestDatabase::start().await;
    for (number, (read_code, write_code)) in [
        ((148, "ReadConcernMajorityNotEnabled"), (79, "UnknownReplWriteConcern")),
        ((72, "InvalidOptions"), (2, "BadValue")),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("concerns_{number}");
        let database = test.client_database(&name);
        let proxy = FaultProxy::to(test.port()).await;
        let majority = |field: &'static str, key: &'static str| -> When {
            Arc::new(move |command: &Command| {
                command
                    .document
                    .get_document(field)
                    .is_ok_and(|c| c.get_str(key).is_ok_and(|level| level == "majority"))
            })
        };
        let refusal = |(code, name): (i32, &str), what: &str| {
            let mut refusal = error(code, name, &[]);
            refusal.insert("errmsg", format!("{what} majority is not supported"));
            Fault::Answer(refusal)
        };
        proxy
            .add(Rule::always(majority("readConcern", "level"), refusal(read_code, "readConcern")));
        proxy.add(Rule::always(majority("writeConcern", "w"), refusal(write_code, "writeConcern")));
        let project = Project::new(Some(proxy.uri(&name)));
        world::migrations(&project, false);
        world::prepare(&database).await;
        project.run(&["up"]).must();
        world::all_applied(&database).await.unwrap();
        assert!(proxy.happened() > 0);
        project.run(&["status"]).must();
        project.run(&["lock"]).must();
        project.run(&["down", "--all", "--yes"]).must();
        world::all_rolled_back(&database).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_majority_that_does_not_confirm_is_told_and_nothing_runs() {
    let test = TestDatabase::start().await;
    let proxy = FaultProxy::to(test.port()).await;
    let project = Project::new(Some(proxy.uri(TestDatabase::NAME)));
    world::migrations(&project, false);
    world::prepare(&test.database()).await;
    // The write is done on the primary; its confirmation by a majority takes too long.
    let late = |reply: &mut Document| {
        reply.insert(
            "writeConcernError",
            mongodb::bson::doc! { "code": 64, "codeName": "WriteConcernFailed", "errmsg": "waiting for replication timed out" },
        );
    };
    let lock: When =
        Arc::new(|command| command.name == "insert" && command.collection == "migrations");
    // A majority read does not show it either.
    let reading: When = Arc::new(|command| {
        command.name == "find"
            && command.collection == "migrations"
            && command.document.contains_key("limit")
    });
    proxy.add(Rule::always(lock, Fault::Change(Arc::new(late))));
    proxy.add(Rule::always(
        reading,
        Fault::Answer(mongodb::bson::doc! {
            "ok": 1.0, "cursor": { "id": 0_i64, "ns": "shop.migrations", "firstBatch": [] },
        }),
    ));
    let ran = project.run(&["up"]);
    assert_eq!(ran.code, 1, "{}\n{}", ran.stdout, ran.stderr);
    assert!(
        ran.stderr.contains("hint: not enough members of the replica set confirmed"),
        "{}",
        ran.stderr
    );
    assert_eq!(
        test.database()
            .collection::<Document>("items")
            .count_documents(mongodb::bson::doc! {})
            .await
            .unwrap(),
        0
    );
    proxy.clear();
    project.run(&["up"]).must();
    world::all_applied(&test.database()).await.unwrap();
}
