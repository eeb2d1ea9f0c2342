//! `up` with nothing to do: one find and nothing else.

use std::sync::{Arc, Mutex};

use mongodb::event::EventHandler;
use mongodb::event::command::CommandEvent;
use mongodb::options::ClientOptions;
use whimbrel_core::Migrator;
use whimbrel_core::migrator::RunOptions;
use whimbrel_core::plan::{Force, UpTarget};
use whimbrel_core::source::MemorySource;
use whimbrel_core::stores::Stores;
use whimbrel_testing::TestDatabase;
use whimbrel_testing::bodies::{EmptyLoader, FnBody};

#[tokio::test]
async fn one_find_no_lock_no_write() {
    let test = TestDatabase::start().await;
    let commands: Arc<Mutex<Vec<String>>> = Arc::default();
    let mut options = ClientOptions::parse(test.uri()).await.unwrap();
    let seen = Arc::clone(&commands);
    options.command_event_handler = Some(EventHandler::callback(move |event: CommandEvent| {
        if let CommandEvent::Started(started) = event {
            seen.lock().unwrap().push(started.command_name);
        }
    }));
    let source = Arc::new(MemorySource::new());
    for number in 0..200 {
        let body = FnBody::new(|_, _| async { Ok(()) }).shared();
        source.put(&format!("{number:03}_x.js"), &format!("{number}"), body).unwrap();
    }
    let migrator = |options: ClientOptions| {
        let client = mongodb::Client::with_options(options).unwrap();
        let stores = Stores::mongo(client.database(TestDatabase::NAME), "migrations", None);
        Migrator::new(Arc::clone(&source) as _, Arc::new(EmptyLoader), stores)
    };
    let first = migrator(options.clone());
    first.up(UpTarget::All, Force::Nothing, RunOptions::default()).await.unwrap();
    commands.lock().unwrap().clear();
    let second = migrator(options);
    let report = second.up(UpTarget::All, Force::Nothing, RunOptions::default()).await.unwrap();
    assert_eq!(report.skipped.len(), 200);
    assert_eq!(*commands.lock().unwrap(), ["find"]);
}
