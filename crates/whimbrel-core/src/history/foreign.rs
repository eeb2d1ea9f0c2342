//! Recognises another tool's documents by their shape.
//!
//! Several migration tools call their collection `migrations`. A document counts as ours when it has
//! `name`, `status` and `checksum` in the way we write them; [`ForeignTool`] names the owner of others.

use mongodb::bson::Document;

use super::row::Status;

/// Whose documents a collection holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ForeignTool {
    /// migrate-mongo.
    MigrateMongo,
    /// Mongock or Flamingock.
    Mongock,
    /// Liquibase.
    Liquibase,
    /// golang-migrate.
    GolangMigrate,
    /// ts-migrate-mongoose.
    TsMigrateMongoose,
    /// MikroORM.
    MikroOrm,
    /// Umzug.
    Umzug,
    /// mongo-migrate-kit.
    MongoMigrateKit,
    /// mongodb-migrator (Rust).
    MongodbMigrator,
    /// Flyway.
    Flyway,
    /// No tool we know.
    Unknown,
}

impl ForeignTool {
    /// The fields that only this tool's documents have together, most telling first.
    const SHAPES: [(Self, &'static [&'static str]); 10] = [
        (Self::MigrateMongo, &["fileName", "appliedAt"]),
        (Self::Mongock, &["changeId", "author", "executionId"]),
        (Self::Liquibase, &["md5sum", "orderExecuted"]),
        (Self::Flyway, &["installed_rank", "script"]),
        (Self::GolangMigrate, &["version", "dirty"]),
        (Self::MikroOrm, &["name", "executed_at"]),
        (Self::Umzug, &["migrationName"]),
        (Self::TsMigrateMongoose, &["name", "state", "createdAt"]),
        (Self::MongoMigrateKit, &["name", "batch", "status"]),
        (Self::MongodbMigrator, &["start_date", "status"]),
    ];

    /// `None` when the document is, or tries to be, one of ours.
    pub(super) fn of(document: &Document) -> Option<Self> {
        let status = document.get_str("status").ok().and_then(Status::parse);
        let any = |fields: &[&str]| fields.iter().any(|field| document.contains_key(field));
        let ours = document.contains_key("version") && any(&["direction", "runId"])
            || (document.contains_key("name")
                && status.is_some()
                && any(&["rollback", "executionTime"]));
        if ours {
            return None;
        }
        let shape = |fields: &[&str]| fields.iter().all(|field| document.contains_key(field));
        Some(
            Self::SHAPES
                .iter()
                .find(|(_, fields)| shape(fields))
                .map_or(Self::Unknown, |(tool, _)| *tool),
        )
    }

    /// The tool's name.
    pub fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::MigrateMongo => "migrate-mongo",
            Self::Mongock => "Mongock",
            Self::Liquibase => "Liquibase",
            Self::GolangMigrate => "golang-migrate",
            Self::TsMigrateMongoose => "ts-migrate-mongoose",
            Self::MikroOrm => "MikroORM",
            Self::Umzug => "Umzug",
            Self::MongoMigrateKit => "mongo-migrate-kit",
            Self::MongodbMigrator => "mongodb-migrator",
            Self::Flyway => "Flyway",
            Self::Unknown => return None,
        })
    }

    pub(super) fn suffix(self) -> String {
        self.name().map_or(String::new(), |name| format!(", but look like {name}'s"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mongodb::bson::doc;

    #[test]
    fn tools_are_told_apart() {
        for (document, tool) in [
            (doc! { "fileName": "2016-x.js", "appliedAt": 1 }, Some(ForeignTool::MigrateMongo)),
            (doc! { "version": 3, "dirty": false }, Some(ForeignTool::GolangMigrate)),
            (doc! { "name": "Migration1", "executed_at": 1 }, Some(ForeignTool::MikroOrm)),
            (
                doc! { "name": "x", "state": "up", "createdAt": 1 },
                Some(ForeignTool::TsMigrateMongoose),
            ),
            (
                doc! { "name": "x", "batch": 1, "status": "done", "checksum": "ab" },
                Some(ForeignTool::MongoMigrateKit),
            ),
            (doc! { "title": "a blog post" }, Some(ForeignTool::Unknown)),
            (
                doc! { "name": 1, "status": "x", "checksum": 1, "version": "1", "direction": "up" },
                None,
            ),
        ] {
            assert_eq!(ForeignTool::of(&document), tool, "{document}");
        }
    }
}
