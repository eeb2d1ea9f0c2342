//! The history document, read and written field by field.
//!
//! Reading names the row and the field that is wrong; it never panics and never guesses.

use mongodb::bson::{Bson, DateTime, Document, doc};

use crate::body::Direction;
use crate::checksum::Checksum;

/// Where a migration stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// Not applied; after a rollback.
    Pending,
    /// Being executed, or interrupted while it was.
    Running,
    /// Applied.
    Completed,
    /// Its last execution failed.
    Failed,
}

impl Status {
    /// As stored: `pending`, `running`, `completed`, `failed`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Failed => "failed",
        }
    }

    /// Reads the stored word.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "pending" => Self::Pending,
            "running" => Self::Running,
            "completed" => Self::Completed,
            "failed" => Self::Failed,
            _ => return None,
        })
    }
}

/// An imported file as the history records it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedImport {
    /// Path relative to the project folder.
    pub path: String,
    /// Of the text that ran.
    pub checksum: Checksum,
}

/// Who applied a migration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AppliedBy {
    /// Host name.
    pub host: String,
    /// Process id.
    pub pid: i64,
    /// Operating system user.
    pub user: String,
    /// Tool and version.
    pub tool: String,
}

/// The stored `errorDetail`: code, codeName, labels, class, stack.
pub type ErrorDetail = Document;

/// One migration's document. Times are UTC, to the millisecond.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The migration's file name.
    pub name: String,
    /// Its version's digits.
    pub version: String,
    /// From its header.
    pub description: Option<String>,
    /// Where it stands.
    pub status: Status,
    /// What it was doing last.
    pub direction: Direction,
    /// It was rolled back and not applied again since.
    pub rollback: bool,
    /// Order of application; `None` while it is not applied.
    pub sequence: Option<i64>,
    /// When it was applied.
    pub applied_at: Option<DateTime>,
    /// Milliseconds its application took.
    pub execution_time: Option<i64>,
    /// Of the text that ran last.
    pub checksum: Checksum,
    /// Files it imported.
    pub imports: Vec<RecordedImport>,
    /// Message of its last failure.
    pub error: Option<String>,
    /// More on it; left out by ordinary reads.
    pub error_detail: Option<ErrorDetail>,
    /// Number of executions, either direction, since the row exists.
    pub attempts: i32,
    /// Its last execution ran in a transaction.
    pub transaction: bool,
    /// UUID of the run that wrote it last.
    pub run_id: String,
    /// Fence of that run.
    pub fence: i64,
    /// Who wrote it last.
    pub applied_by: AppliedBy,
    /// When it was rolled back.
    pub rolled_back_at: Option<DateTime>,
}

/// A document that is not a row.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("in the document {name:?}, field {field} {problem}")]
pub struct MalformedRow {
    /// The document's `name`, or its `_id` where it has none.
    pub name: String,
    /// The field.
    pub field: &'static str,
    /// What is wrong with it.
    pub problem: String,
}

impl Row {
    /// The document without `source`, fields in the order of the documentation.
    pub fn to_document(&self) -> Document {
        let imports = self
            .imports
            .iter()
            .map(|i| Bson::Document(doc! { "path": &i.path, "checksum": i.checksum.as_str() }))
            .collect::<Vec<_>>();
        doc! {
            "name": &self.name,
            "version": &self.version,
            "description": &self.description,
            "status": self.status.as_str(),
            "direction": self.direction.as_str(),
            "rollback": self.rollback,
            "sequence": self.sequence,
            "appliedAt": self.applied_at,
            "executionTime": self.execution_time,
            "checksum": self.checksum.as_str(),
            "imports": imports,
            "error": &self.error,
            "errorDetail": self.error_detail.clone(),
            "attempts": self.attempts,
            "transaction": self.transaction,
            "runId": &self.run_id,
            "fence": self.fence,
            "appliedBy": {
                "host": &self.applied_by.host,
                "pid": self.applied_by.pid,
                "user": &self.applied_by.user,
                "tool": &self.applied_by.tool,
            },
            "rolledBackAt": self.rolled_back_at,
        }
    }

    /// Reads a document. Unknown fields are left alone; absent optional ones are as null.
    ///
    /// # Errors
    /// The first field that has the wrong type or value.
    pub fn from_document(document: &Document) -> Result<Self, MalformedRow> {
        let fields = Fields::of(document);
        let status = fields.string("status")?;
        let direction = fields.optional_string("direction")?;
        let row = Self {
            name: fields.string("name")?,
            version: fields.string("version")?,
            description: fields.optional_string("description")?,
            status: Status::parse(&status).ok_or_else(|| {
                fields.wrong(
                    "status",
                    format!("is {status:?}, not pending, running, completed or failed"),
                )
            })?,
            direction: match direction.as_deref() {
                None | Some("up") => Direction::Up,
                Some("rollback") => Direction::Rollback,
                Some(other) => {
                    return Err(
                        fields.wrong("direction", format!("is {other:?}, not up or rollback"))
                    );
                }
            },
            rollback: fields.boolean("rollback")?,
            sequence: fields.optional_integer("sequence")?,
            applied_at: fields.optional_date("appliedAt")?,
            execution_time: fields.optional_integer("executionTime")?,
            checksum: Checksum::from_stored(fields.string("checksum")?),
            imports: fields.imports()?,
            error: fields.optional_string("error")?,
            error_detail: document.get_document("errorDetail").ok().cloned(),
            attempts: fields
                .optional_integer("attempts")?
                .unwrap_or(0)
                .try_into()
                .map_err(|_| fields.wrong("attempts", "is too large".into()))?,
            transaction: fields.boolean("transaction")?,
            run_id: fields.optional_string("runId")?.unwrap_or_default(),
            fence: fields.optional_integer("fence")?.unwrap_or(0),
            applied_by: fields.applied_by(),
            rolled_back_at: fields.optional_date("rolledBackAt")?,
        };
        // `down` goes by it: without one, the wrong migration would be taken back.
        if row.status == Status::Completed && row.sequence.is_none() {
            return Err(fields.wrong("sequence", "is missing, although it is applied".into()));
        }
        Ok(row)
    }
}

/// Reads typed fields of one document and knows how to name them in errors.
struct Fields<'a> {
    document: &'a Document,
    name: String,
}

impl<'a> Fields<'a> {
    fn of(document: &'a Document) -> Self {
        let name = match (document.get("name"), document.get("_id")) {
            (Some(Bson::String(name)), _) => name.clone(),
            (_, Some(id)) => format!("_id: {id}"),
            _ => "without a name".to_owned(),
        };
        Self { document, name }
    }

    fn wrong(&self, field: &'static str, problem: String) -> MalformedRow {
        MalformedRow { name: self.name.clone(), field, problem }
    }

    fn not_a(&self, field: &'static str, wanted: &str, found: &Bson) -> MalformedRow {
        self.wrong(field, format!("should be {wanted}, but is {:?}", found.element_type()))
    }

    fn value(&self, field: &str) -> Option<&'a Bson> {
        self.document.get(field).filter(|value| !matches!(value, Bson::Null | Bson::Undefined))
    }

    fn string(&self, field: &'static str) -> Result<String, MalformedRow> {
        self.optional_string(field)?.ok_or_else(|| self.wrong(field, "is missing".into()))
    }

    fn optional_string(&self, field: &'static str) -> Result<Option<String>, MalformedRow> {
        match self.value(field) {
            None => Ok(None),
            Some(Bson::String(text)) => Ok(Some(text.clone())),
            Some(other) => Err(self.not_a(field, "a string", other)),
        }
    }

    fn boolean(&self, field: &'static str) -> Result<bool, MalformedRow> {
        match self.value(field) {
            None => Ok(false),
            Some(Bson::Boolean(value)) => Ok(*value),
            Some(other) => Err(self.not_a(field, "true or false", other)),
        }
    }

    /// Any numeric type that holds a whole number, because people mend rows in a shell.
    fn optional_integer(&self, field: &'static str) -> Result<Option<i64>, MalformedRow> {
        match self.value(field) {
            None => Ok(None),
            Some(Bson::Int32(value)) => Ok(Some(i64::from(*value))),
            Some(Bson::Int64(value)) => Ok(Some(*value)),
            Some(Bson::Double(value)) if value.fract() == 0.0 && value.abs() < 9e15 => {
                Ok(Some(*value as i64))
            }
            Some(other) => Err(self.not_a(field, "a whole number", other)),
        }
    }

    fn optional_date(&self, field: &'static str) -> Result<Option<DateTime>, MalformedRow> {
        match self.value(field) {
            None => Ok(None),
            Some(Bson::DateTime(value)) => Ok(Some(*value)),
            Some(other) => Err(self.not_a(field, "a date", other)),
        }
    }

    fn imports(&self) -> Result<Vec<RecordedImport>, MalformedRow> {
        let items = match self.value("imports") {
            None => return Ok(Vec::new()),
            Some(Bson::Array(items)) => items,
            Some(other) => return Err(self.not_a("imports", "an array", other)),
        };
        items
            .iter()
            .map(|item| {
                let import = item.as_document();
                let text = |key| import.and_then(|d| d.get_str(key).ok());
                match (text("path"), text("checksum")) {
                    (Some(path), Some(checksum)) => Ok(RecordedImport {
                        path: path.to_owned(),
                        checksum: Checksum::from_stored(checksum),
                    }),
                    _ => {
                        Err(self.wrong("imports", "holds an entry without path or checksum".into()))
                    }
                }
            })
            .collect()
    }

    /// Only shown to people, so a strange value is not worth an error.
    fn applied_by(&self) -> AppliedBy {
        let Ok(by) = self.document.get_document("appliedBy") else { return AppliedBy::default() };
        let text = |key| by.get_str(key).unwrap_or_default().to_owned();
        AppliedBy {
            host: text("host"),
            pid: by.get("pid").and_then(|p| p.as_i64().or(p.as_i32().map(i64::from))).unwrap_or(0),
            user: text("user"),
            tool: text("tool"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> Document {
        doc! {
            "name": "001_x.js", "version": "001", "status": "completed", "direction": "up",
            "rollback": false, "sequence": 1_i64, "appliedAt": DateTime::from_millis(1_000),
            "executionTime": 5_i64, "checksum": "sha256:00",
            "imports": [{ "path": "a.js", "checksum": "sha256:01" }], "attempts": 1,
            "runId": "r", "fence": 3_i64,
        }
    }

    #[test]
    fn a_row_survives_the_round_trip() {
        let row = Row::from_document(&document()).unwrap();
        assert_eq!(Row::from_document(&row.to_document()).unwrap(), row);
        assert_eq!(row.imports[0].path, "a.js");
    }

    #[test]
    fn each_wrong_field_is_named() {
        for (field, value) in [
            ("name", Bson::Int32(1)),
            ("version", Bson::Null),
            ("status", "done".into()),
            ("direction", "left".into()),
            ("rollback", "no".into()),
            ("sequence", 1.5.into()),
            ("appliedAt", "yesterday".into()),
            ("executionTime", "long".into()),
            ("checksum", Bson::Int32(1)),
            ("imports", Bson::Array(vec![Bson::Null])),
            ("attempts", Bson::Int64(i64::MAX)),
            ("fence", Bson::Boolean(true)),
        ] {
            let mut document = document();
            document.insert(field, value);
            assert_eq!(Row::from_document(&document).unwrap_err().field, field);
        }
    }

    #[test]
    fn numbers_mended_in_a_shell_are_accepted() {
        let mut document = document();
        document.insert("sequence", 7.0);
        document.insert("fence", 2);
        let row = Row::from_document(&document).unwrap();
        assert_eq!((row.sequence, row.fence), (Some(7), 2));
    }
}
