//! Single commands.

use mongodb::bson::{Document, RawDocumentBuf, rawdoc};
use mongodb::options::{Acknowledgment, ReadConcernLevel, ReadPreference, SelectionCriteria};
use whimbrel_core::database_error::write_error_in;

use super::failure::is_retryable;
use super::session::WriteSession;
use super::{Failure, Wire, append_document, append_raw};

/// What kind of command it is, as the façade says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Reads; tried once more after a network error.
    Read,
    /// Writes, and may be sent twice under one transaction number.
    Write,
    /// Writes; sent once.
    WritePlain,
    /// The script's own command, sent as it is.
    Raw,
}

impl Kind {
    /// From the façade's word.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "read" => Self::Read,
            "write" => Self::Write,
            "write-plain" => Self::WritePlain,
            "raw" => Self::Raw,
            _ => return None,
        })
    }
}

/// The handle of the script's session, if the operation carries one.
pub(crate) type SessionChoice = Option<u32>;

impl Wire {
    /// Sends one command and gives its reply.
    pub(crate) async fn command(
        &self,
        database: &str,
        mut command: RawDocumentBuf,
        kind: Kind,
        session: SessionChoice,
    ) -> Result<Document, Failure> {
        if kind != Kind::Raw {
            self.mark(&mut command);
        }
        if self.transaction.is_some() {
            return self.in_own_transaction(database, command).await;
        }
        if let Some(handle) = session {
            return self.in_session(database, command, kind, handle).await;
        }
        self.add_concerns(&mut command, kind);
        match kind {
            Kind::Write if self.deployment().await.retryable_writes => {
                self.retryable_write(database, command).await
            }
            Kind::Read => self.read(database, command).await,
            _ => self.once(database, command, None).await,
        }
    }

    /// Concerns of a command in a script's session: a transaction has its own.
    pub(super) fn set_concerns(
        &self,
        command: &mut RawDocumentBuf,
        kind: Kind,
        in_transaction: bool,
    ) {
        if in_transaction {
            strip_concerns(command);
        } else {
            self.add_concerns(command, kind);
        }
    }

    /// The connection's own concerns, where the command has none.
    pub(super) fn add_concerns(&self, command: &mut RawDocumentBuf, kind: Kind) {
        let has = |command: &RawDocumentBuf, key: &str| !matches!(command.get(key), Ok(None));
        if matches!(kind, Kind::Write | Kind::WritePlain)
            && !has(command, "writeConcern")
            && let Some(concern) = self.own.write_concern()
        {
            let mut fields = RawDocumentBuf::new();
            match &concern.w {
                Some(Acknowledgment::Nodes(nodes)) => {
                    append_raw(&mut fields, 0x10, "w", &(*nodes as i32).to_le_bytes());
                }
                Some(Acknowledgment::Majority) => append_text(&mut fields, "w", "majority"),
                Some(Acknowledgment::Custom(tag)) => append_text(&mut fields, "w", tag),
                Some(_) | None => {}
            }
            if let Some(journal) = concern.journal {
                append_raw(&mut fields, 0x08, "j", &[u8::from(journal)]);
            }
            if let Some(limit) = concern.w_timeout {
                append_raw(
                    &mut fields,
                    0x12,
                    "wtimeout",
                    &(limit.as_millis() as i64).to_le_bytes(),
                );
            }
            append_document(command, "writeConcern", &fields);
        }
        if kind == Kind::Read
            && !has(command, "readConcern")
            && supports_read_concern(command)
            && let Some(concern) = self.own.read_concern()
        {
            let level = match &concern.level {
                ReadConcernLevel::Local => "local",
                ReadConcernLevel::Majority => "majority",
                ReadConcernLevel::Linearizable => "linearizable",
                ReadConcernLevel::Available => "available",
                ReadConcernLevel::Snapshot => "snapshot",
                ReadConcernLevel::Custom(level) => level,
                _ => return,
            };
            append_document(command, "readConcern", &rawdoc! { "level": level });
        }
    }

    /// What the connection string says of concerns and where reads go, as the façade shows it.
    pub(crate) fn connection_settings(&self) -> Document {
        let mut settings = Document::new();
        if let Some(SelectionCriteria::ReadPreference(preference)) = self.own.selection_criteria() {
            let mode = match preference {
                ReadPreference::Primary => "primary",
                ReadPreference::Secondary { .. } => "secondary",
                ReadPreference::PrimaryPreferred { .. } => "primaryPreferred",
                ReadPreference::SecondaryPreferred { .. } => "secondaryPreferred",
                ReadPreference::Nearest { .. } => "nearest",
                _ => "primary",
            };
            settings.insert("readPreference", mode);
        }
        let mut read = rawdoc! { "find": 1 };
        self.add_concerns(&mut read, Kind::Read);
        let mut write = rawdoc! { "insert": 1 };
        self.add_concerns(&mut write, Kind::Write);
        let read = Document::try_from(read.as_ref()).unwrap_or_default();
        let write = Document::try_from(write.as_ref()).unwrap_or_default();
        if let Ok(level) = read.get_document("readConcern").and_then(|c| c.get_str("level")) {
            settings.insert("readConcern", level);
        }
        if let Ok(concern) = write.get_document("writeConcern") {
            settings.insert("writeConcern", concern.clone());
        }
        settings
    }

    /// Where reads go: as the connection says.
    pub(super) fn reads_from(&self) -> Option<SelectionCriteria> {
        self.own.selection_criteria().cloned()
    }

    async fn once(
        &self,
        database: &str,
        command: RawDocumentBuf,
        from: Option<SelectionCriteria>,
    ) -> Result<Document, Failure> {
        let ticket = self.may_send(database, &command).await?;
        let handle = self.client.database(database);
        let action = handle.run_raw_command(command);
        let sent = match from {
            Some(from) => action.selection_criteria(from).await,
            None => action.await,
        };
        self.sent(ticket, sent)
    }

    async fn read(&self, database: &str, command: RawDocumentBuf) -> Result<Document, Failure> {
        match self.once(database, command.clone(), self.reads_from()).await {
            Err(Failure::Driver(error)) if is_retryable(&error) => {
                self.once(database, command, self.reads_from()).await
            }
            other => other,
        }
    }

    /// Sent at most twice under one transaction number, so that it happens at most once.
    pub(super) async fn retryable_write(
        &self,
        database: &str,
        command: RawDocumentBuf,
    ) -> Result<Document, Failure> {
        let Some(mut writer) = self.writer().await? else {
            return self.once(database, command, None).await;
        };
        let number = writer.advance();
        let numbered = || {
            let mut command = command.clone();
            append_raw(&mut command, 0x12, "txnNumber", &number.to_le_bytes());
            command
        };
        let first = self.with_writer(database, numbered(), &mut writer).await;
        let result = match first {
            Err(Failure::Driver(error)) if is_retryable(&error) => {
                match self.with_writer(database, numbered(), &mut writer).await {
                    // The first error says more than, say, "not primary" of the second.
                    Err(Failure::Driver(second)) if is_retryable(&second) => {
                        Err(Failure::Driver(error))
                    }
                    other => other,
                }
            }
            other => other,
        };
        self.give_back(writer).await;
        result
    }

    async fn with_writer(
        &self,
        database: &str,
        command: RawDocumentBuf,
        writer: &mut WriteSession,
    ) -> Result<Document, Failure> {
        let ticket = self.may_send(database, &command).await?;
        let handle = self.client.database(database);
        let sent = handle.run_raw_command(command).session(writer.session()?).await;
        self.sent(ticket, sent)
    }

    /// In the migration's own transaction, one operation at a time. The first error dooms it.
    pub(super) async fn in_own_transaction(
        &self,
        database: &str,
        mut command: RawDocumentBuf,
    ) -> Result<Document, Failure> {
        let Some(transaction) = &self.transaction else {
            return Err(Failure::Argument("there is no transaction".to_owned()));
        };
        strip_concerns(&mut command);
        let mut session = transaction.enter().await?;
        let ticket = self.may_send(database, &command).await?;
        let handle = self.client.database(database);
        let sent = handle.run_raw_command(command).session(&mut *session).await;
        match self.sent(ticket, sent) {
            Ok(reply) => {
                if let Some(error) = write_error_in(&reply) {
                    transaction.doom(&error);
                }
                Ok(reply)
            }
            Err(Failure::Driver(error)) => {
                transaction.doom(&error);
                Err(error.into())
            }
            Err(other) => Err(other),
        }
    }

    async fn in_session(
        &self,
        database: &str,
        mut command: RawDocumentBuf,
        kind: Kind,
        handle: u32,
    ) -> Result<Document, Failure> {
        let slot = self.slot(handle)?;
        let mut entered = slot.enter().await?;
        self.set_concerns(&mut command, kind, entered.in_transaction());
        let ticket = self.may_send(database, &command).await?;
        let handle = self.client.database(database);
        let sent = handle.run_raw_command(command).session(entered.session()).await;
        self.sent(ticket, sent)
    }
}

/// Concerns belong to a transaction, not to its statements; the driver drops them too.
pub(super) fn strip_concerns(command: &mut RawDocumentBuf) {
    let has = |key: &str| !matches!(command.get(key), Ok(None));
    if !has("writeConcern") && !has("readConcern") {
        return;
    }
    if let Ok(mut document) = Document::try_from(command.as_ref()) {
        document.remove("writeConcern");
        document.remove("readConcern");
        if let Ok(raw) = RawDocumentBuf::try_from(&document) {
            *command = raw;
        }
    }
}

fn supports_read_concern(command: &RawDocumentBuf) -> bool {
    let name = command.iter().next().and_then(Result::ok).map(|(key, _)| key.as_str().to_owned());
    name.is_some_and(|name| matches!(name.as_str(), "find" | "aggregate" | "count" | "distinct"))
}

fn append_text(document: &mut RawDocumentBuf, key: &str, text: &str) {
    let mut value = (text.len() as i32 + 1).to_le_bytes().to_vec();
    value.extend_from_slice(text.as_bytes());
    value.push(0);
    append_raw(document, 0x02, key, &value);
}
