//! Running a command file.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use mongodb::Database;
use mongodb::bson::{Bson, Document, RawDocumentBuf};
use mongodb::error::Error as DriverError;
use whimbrel_core::body::{
    Body, BodyContext, BodyError, BodyFacts, BodyOutcome, Direction, Import,
};
use whimbrel_core::checksum::Checksum;
use whimbrel_core::database_error::{
    DatabaseError, WriteFailed, describe, detail_of, hint_of_code, server_error, write_error_in,
};
use whimbrel_core::file_name::{MigrationId, second_half_of};
use whimbrel_core::gate::Gate;
use whimbrel_core::operations::CommandSender;
use whimbrel_core::source::SourceBundle;

use super::parse::{CommandFile, half, whole};

/// Commands that take the run's comment, so that a takeover finds what is still at work on the server.
const COMMENTED: [&str; 9] = [
    "aggregate",
    "collMod",
    "createIndexes",
    "delete",
    "dropIndexes",
    "findAndModify",
    "insert",
    "update",
    "validate",
];

/// Where a pair's second half comes from.
enum Origin {
    /// A file of the project.
    File { project: PathBuf, path: PathBuf },
    /// Files kept in the history, or in the program.
    Bundle(SourceBundle),
}

/// A migration made of database commands.
pub(crate) struct CommandBody {
    id: MigrationId,
    text: Arc<str>,
    origin: Origin,
}

/// What was read for one execution.
struct Loaded {
    file: CommandFile,
    entry: String,
    imports: Vec<Import>,
}

impl CommandBody {
    pub(crate) fn file(id: &MigrationId, project: &Path, path: &Path, text: Arc<str>) -> Self {
        let origin = Origin::File { project: project.to_owned(), path: path.to_owned() };
        Self { id: id.clone(), text, origin }
    }

    pub(crate) fn bundle(id: &MigrationId, bundle: SourceBundle) -> Self {
        let text = bundle.text_of(&bundle.entry).cloned().unwrap_or_else(|| "".into());
        Self { id: id.clone(), text, origin: Origin::Bundle(bundle) }
    }

    fn load(&self) -> Result<Loaded, BodyError> {
        let entry = match &self.origin {
            Origin::File { project, path } => relative(project, path),
            Origin::Bundle(bundle) => bundle.entry.clone(),
        };
        let Some(second) = self.id.rollback_half() else {
            let file = whole(self.id.form(), &self.text).map_err(|why| not_loaded(&why))?;
            return Ok(Loaded { file, entry, imports: Vec::new() });
        };
        let up = half(self.id.form(), &self.text).map_err(|why| not_loaded(&why))?;
        let mut loaded = Loaded {
            file: CommandFile { up: Some(up), ..CommandFile::default() },
            imports: Vec::new(),
            entry,
        };
        if let Some(import) = self.second_half(&loaded.entry)? {
            let commands = half(self.id.form(), &import.text)
                .map_err(|why| not_loaded(&format!("{second}: {why}")))?;
            loaded.file.rollback = Some(commands);
            loaded.imports.push(import);
        }
        Ok(loaded)
    }

    /// The file that takes the first one back, where there is one. `entry` is the first one's path.
    fn second_half(&self, entry: &str) -> Result<Option<Import>, BodyError> {
        // By the name as it stands on the disk, accents composed or not.
        let Some(path) = second_half_of(entry) else { return Ok(None) };
        let name = path.rsplit_once('/').map_or(path.as_str(), |(_, name)| name);
        let text: Arc<str> = match &self.origin {
            Origin::Bundle(bundle) => match bundle.text_of(&path) {
                Some(text) => Arc::clone(text),
                None => return Ok(None),
            },
            Origin::File { path, .. } => match std::fs::read_to_string(path.with_file_name(name)) {
                Ok(text) => text.into(),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(not_loaded(&format!("{name} cannot be read: {error}"))),
            },
        };
        Ok(Some(Import { path, checksum: Checksum::of(text.as_bytes()), text }))
    }
}

#[async_trait]
impl Body for CommandBody {
    async fn inspect(&self, _gate: Gate) -> Result<BodyFacts, BodyError> {
        let Loaded { file, entry, imports } = self.load()?;
        Ok(BodyFacts {
            has_up: file.up.is_some(),
            has_rollback: file.rollback.is_some(),
            transaction: file.transaction,
            entry: Some(entry),
            imports,
            ..BodyFacts::default()
        })
    }

    async fn run(
        &self,
        direction: Direction,
        context: BodyContext,
    ) -> Result<BodyOutcome, BodyError> {
        let Loaded { file, entry, imports } = self.load()?;
        let database = context.require_database()?;
        let commands = match direction {
            Direction::Up => file.up,
            Direction::Rollback => file.rollback,
        };
        let sender = CommandSender::new(&context);
        for (at, command) in commands.unwrap_or_default().into_iter().enumerate() {
            let name = command.keys().next().cloned().unwrap_or_default();
            let on = command.get_str(&name).map(|on| format!(" {on}")).unwrap_or_default();
            let place = format!("command {} of {direction} ({name}{on})", at + 1);
            send(&sender, &context, &database, command, place).await?;
        }
        Ok(BodyOutcome { entry: Some(entry), imports, ..BodyOutcome::default() })
    }
}

async fn send(
    sender: &CommandSender,
    context: &BodyContext,
    database: &Database,
    mut command: Document,
    place: String,
) -> Result<(), BodyError> {
    let name = command.keys().next().map(String::as_str).unwrap_or_default();
    // The one command that changes collections and is taken by another database only.
    let database = match name {
        "renameCollection" => &database.client().database("admin"),
        _ => database,
    };
    if COMMENTED.contains(&name) && !command.contains_key("comment") {
        command.insert("comment", sender.comment());
    }
    let command = RawDocumentBuf::try_from(&command)
        .map_err(|error| not_loaded(&format!("{place} is no BSON: {error}")))?;
    let stopped = |reason| BodyError::Stopped { reason, unknown: Vec::new() };
    let mut session = match &context.transaction {
        Some(transaction) => {
            Some(transaction.enter().await.map_err(|error| failed(&place, error))?)
        }
        None => None,
    };
    let ticket = sender.may_send(database.name(), &command).await.map_err(stopped)?;
    let action = database.run_raw_command(command);
    let sent = match session.as_deref_mut() {
        Some(session) => action.session(session).await,
        None => action.await,
    };
    sender.sent(ticket, sent.as_ref());
    let error = match sent {
        Ok(reply) => write_error_in(&reply).or_else(|| concern_error_in(&reply)),
        Err(error) => Some(error),
    };
    let Some(error) = error else { return Ok(()) };
    if let Some(transaction) = &context.transaction {
        transaction.doom(&error);
    }
    Err(failed(&place, error))
}

/// What was written, and then not confirmed as it was to be.
fn concern_error_in(reply: &Document) -> Option<DriverError> {
    let error = reply.get_document("writeConcernError").ok()?;
    Some(DriverError::custom(WriteFailed {
        code: error.get_i32("code").unwrap_or_default(),
        message: error.get_str("errmsg").unwrap_or("write concern error").to_owned(),
    }))
}

fn failed(place: &str, error: DriverError) -> BodyError {
    let mut detail = detail_of(&error);
    detail.insert("command", Bson::String(place.to_owned()));
    let message = format!("{place}: {}", describe(&error));
    let code = server_error(&error).map(|(code, ..)| code);
    let hint = DatabaseError::new(place, error).hint();
    let hint = hint.or_else(|| code.and_then(hint_of_code).map(str::to_owned));
    BodyError::Failed { message, detail, hint }
}

fn not_loaded(why: &str) -> BodyError {
    BodyError::Load {
        message: why.to_owned(),
        hint: Some(
            "a command file is { \"up\": [commands], \"rollback\": [commands] } in Extended JSON; a half of a pair is an \
             array of commands"
                .to_owned(),
        ),
    }
}

/// Relative to the project folder, with `/`; outside of it the file's name.
fn relative(project: &Path, path: &Path) -> String {
    let real = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let (project, path) = (real(project), real(path));
    match path.strip_prefix(&project) {
        Ok(path) => {
            let parts = path.components().filter(|part| *part != Component::CurDir);
            parts.map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
        }
        Err(_) => path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
    }
}
