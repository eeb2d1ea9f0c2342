//! The lock document.

use mongodb::bson::{Bson, DateTime, Document, doc};

/// `_id` of the lock document.
pub(super) const ID: &str = "whimbrel";
/// `_id` of the fence document beside it: `{ _id, owner, fence, confirmations }`. Written at each acquisition and by
/// the last write of each transaction, never by renewals: those would conflict with every
/// transaction that lasts longer than one of them.
pub(super) const FENCE_ID: &str = "whimbrel-fence";

/// The stored lock. It is never deleted; a released one has no `owner`.
#[derive(Clone, Debug, PartialEq)]
pub struct LockDocument {
    /// UUID of the acquisition; `None` when released.
    pub owner: Option<String>,
    /// Grows with every acquisition.
    pub fence: i64,
    /// Server time of the acquisition.
    pub acquired_at: DateTime,
    /// Server time of the last renewal.
    pub renewed_at: DateTime,
    /// How often it was renewed since it was acquired; what contenders tell a living holder by.
    pub renewals: i64,
    /// Server time after which others may take it.
    pub expires_at: DateTime,
    /// What the holder is doing, and where: `up (host api-1, pid 17)`.
    pub command: String,
    /// Session id (`{ id: UUID }`) of the holder's transactions.
    pub session: Option<Document>,
}

/// A lock document that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the lock document has no usable field {field}")]
pub struct MalformedLock {
    /// The field.
    pub field: &'static str,
}

impl LockDocument {
    /// The stored form.
    pub fn to_document(&self) -> Document {
        doc! {
            "_id": ID,
            "owner": &self.owner,
            "fence": self.fence,
            "acquiredAt": self.acquired_at,
            "renewedAt": self.renewed_at,
            "renewals": self.renewals,
            "expiresAt": self.expires_at,
            "command": &self.command,
            "session": self.session.clone(),
        }
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// The first field that is missing or of a wrong type.
    pub fn from_document(document: &Document) -> Result<Self, MalformedLock> {
        let date = |field| match document.get(field) {
            Some(Bson::DateTime(at)) => Ok(*at),
            _ => Err(MalformedLock { field }),
        };
        Ok(Self {
            owner: match document.get("owner") {
                None | Some(Bson::Null) => None,
                Some(Bson::String(owner)) => Some(owner.clone()),
                Some(_) => return Err(MalformedLock { field: "owner" }),
            },
            fence: match document.get("fence") {
                Some(Bson::Int64(fence)) => *fence,
                Some(Bson::Int32(fence)) => i64::from(*fence),
                _ => return Err(MalformedLock { field: "fence" }),
            },
            acquired_at: date("acquiredAt")?,
            renewed_at: date("renewedAt")?,
            renewals: match document.get("renewals") {
                None | Some(Bson::Null) => 0,
                Some(Bson::Int64(renewals)) => *renewals,
                Some(Bson::Int32(renewals)) => i64::from(*renewals),
                Some(_) => return Err(MalformedLock { field: "renewals" }),
            },
            expires_at: date("expiresAt")?,
            command: document.get_str("command").unwrap_or_default().to_owned(),
            session: document.get_document("session").ok().cloned(),
        })
    }

    /// Who holds it, for people.
    pub fn holder(&self) -> String {
        match self.command.split_once(" (") {
            Some((_, place)) => place.trim_end_matches(')').to_owned(),
            None => self.owner.clone().unwrap_or_else(|| "nobody".to_owned()),
        }
    }

    /// What the holder is doing, for people: ` (running up)`.
    pub(super) fn doing(&self) -> String {
        match self.command.split_once(" (") {
            Some((command, _)) => format!(" (running `{command}`)"),
            None => String::new(),
        }
    }

    /// When it was taken, for people.
    pub fn since(&self) -> String {
        rfc3339(self.acquired_at)
    }

    /// When it may be taken over, for people.
    pub fn expires(&self) -> String {
        rfc3339(self.expires_at)
    }
}

fn rfc3339(at: DateTime) -> String {
    at.try_to_rfc3339_string().unwrap_or_else(|_| at.timestamp_millis().to_string())
}
