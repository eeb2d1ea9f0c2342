//! An axum server that migrates its database when it starts.
//!
//! It listens from the first moment, so that probes are answered: `/live` says that the process is there, `/ready` is
//! 503 until every migration is applied. However many replicas start together, one migrates and the others wait. On
//! SIGTERM in the middle of a migration, the migration is stopped, what it did is recorded, and the lock is given back
//! for the next replica.
//!
//! ```text
//! MONGODB_URI=mongodb://localhost/shop PORT=3000 cargo run -p example-axum-server
//! curl -i localhost:3000/ready
//! ```

use std::env;
use std::error::Error;
use std::io::Write;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json};
use axum::routing::get;
use mongodb::Database;
use mongodb::bson::{Document, doc};
use mongodb::options::ClientOptions;
use tokio::net::TcpListener;
use whimbrel::{AutoMigrator, Migrator, Readiness, StartupOptions, StatusSource};

#[derive(Clone)]
struct App {
    database: Database,
    status: StatusSource,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let uri = env::var("MONGODB_URI").unwrap_or_else(|_| "mongodb://localhost/shop".to_owned());
    let options = ClientOptions::parse(uri).await?;
    let client = mongodb::Client::with_options(options.clone())?;
    let database = client.default_database().ok_or("MONGODB_URI names no database")?;

    let folder = env::var("MIGRATIONS")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/scripts").to_owned());
    let migrator =
        Migrator::builder(database.clone()).directory(folder).lock_connection(options).build()?;
    let auto = AutoMigrator::new(migrator.clone());

    let app = App { database, status: auto.status_source() };
    let routes = Router::new()
        .route("/live", get(|| async { "alive" }))
        .route("/ready", get(ready))
        .route("/users", get(users))
        .with_state(app);
    let port = env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(3000);
    // Before anybody can know that we are here.
    let told_to_stop = told_to_stop()?;
    let listener = TcpListener::bind(("0.0.0.0", port)).await?;
    println!("listening on {}", listener.local_addr()?);
    std::io::stdout().flush()?;

    // Probes are answered while it migrates.
    let migrations = tokio::spawn(async move {
        let options = StartupOptions::default();
        let result = auto.run_on_startup(options).await;
        match &result {
            Ok(report) => tracing::info!(outcome = %report.outcome, "ready"),
            Err(error) => {
                tracing::error!(%error, code = error.code(), hints = ?error.hints(), "not started");
            }
        }
        result.map(|_| ())
    });
    let server = axum::serve(listener, routes).with_graceful_shutdown(async move {
        told_to_stop.await;
        // Stops a migration after the operation in flight, and waits until that is recorded.
        migrator.shutdown().await;
    });
    // A server without its migrations is of no use: the orchestrator starts it again. One that was told to stop in the
    // middle ends as it would at any other time.
    let failed = async {
        match migrations.await.expect("the task is not aborted") {
            Err(error) if error.code() != "INTERRUPTED" => error,
            _ => std::future::pending().await,
        }
    };
    tokio::select! {
        ended = server => ended?,
        error = failed => std::process::exit(i32::from(error.exit_code())),
    }
    client.shutdown().await;
    Ok(())
}

/// Ends when somebody stops the server: Ctrl-C, or SIGTERM as orchestrators send it.
#[cfg(unix)]
fn told_to_stop() -> Result<impl Future<Output = ()>, Box<dyn Error>> {
    use tokio::signal::unix::{SignalKind, signal};

    let (mut terminate, mut interrupt) =
        (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Ends when somebody stops the server with Ctrl-C.
#[cfg(not(unix))]
fn told_to_stop() -> Result<impl Future<Output = ()>, Box<dyn Error>> {
    Ok(async { drop(tokio::signal::ctrl_c().await) })
}

async fn ready(State(app): State<App>) -> impl IntoResponse {
    let readiness = app.status.readiness();
    let code = match readiness {
        Readiness::Ready => StatusCode::OK,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    };
    (code, Json(readiness))
}

async fn users(State(app): State<App>) -> Result<Json<serde_json::Value>, StatusCode> {
    if !app.status.is_ready() {
        return Err(StatusCode::SERVICE_UNAVAILABLE);
    }
    let users = app.database.collection::<Document>("users");
    let count = users.count_documents(doc! {}).await;
    let count = count.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(Json(serde_json::json!({ "users": count })))
}
