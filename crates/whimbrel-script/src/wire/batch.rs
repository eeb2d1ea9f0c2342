//! Bulk writes, split so that each command stays within the server's limits.
//!
//! The gate is checked before every part, so a run that lost its lock stops between two of them.

use mongodb::bson::{Document, RawDocumentBuf};

use super::{Failure, Kind, SessionChoice, Wire, append_raw};

/// Largest command, leaving room for its other fields (the server takes 16 MiB plus 16 KiB).
const MAX_BYTES: usize = 16 * 1024 * 1024 - 16 * 1024;

/// Largest document that is stored.
const MAX_DOCUMENT: usize = 16 * 1024 * 1024;

/// Statements of one kind.
pub(crate) struct WriteBatch {
    /// The command without its statements.
    pub(crate) command: RawDocumentBuf,
    /// `documents`, `updates` or `deletes`.
    pub(crate) field: String,
    pub(crate) statements: Vec<Vec<u8>>,
    pub(crate) ordered: bool,
}

impl Wire {
    /// Sends all parts, an ordered batch up to the first that has errors; gives each part's offset and
    /// reply.
    pub(crate) async fn write_batch(
        &self,
        database: &str,
        batch: WriteBatch,
        session: SessionChoice,
    ) -> Result<Vec<(usize, Document)>, Failure> {
        let max_batch = self.deployment().await.max_batch;
        if batch.field == "documents"
            && batch.statements.iter().any(|document| document.len() > MAX_DOCUMENT)
        {
            // Nothing of the call is sent then, as in the driver.
            return Err(Failure::Argument(format!(
                "Document is larger than the maximum size {MAX_DOCUMENT}"
            )));
        }
        // Only single-document statements may be sent twice.
        let kind = if batch.statements.iter().any(|s| touches_many(s)) {
            Kind::WritePlain
        } else {
            Kind::Write
        };
        let mut replies = Vec::new();
        let mut offset = 0;
        while offset < batch.statements.len() {
            let count = part(&batch.statements[offset..], max_batch);
            let mut command = batch.command.clone();
            let array = array_of(&batch.statements[offset..offset + count]);
            append_raw(&mut command, 0x04, &batch.field, &array);
            let reply = self.command(database, command, kind, session).await?;
            let failed = reply.contains_key("writeErrors");
            replies.push((offset, reply));
            if failed && batch.ordered {
                break;
            }
            offset += count;
        }
        Ok(replies)
    }
}

/// How many of the statements fit into one command; at least one.
fn part(statements: &[Vec<u8>], max_batch: usize) -> usize {
    let mut bytes = 0;
    for (count, statement) in statements.iter().enumerate() {
        bytes += statement.len() + 8;
        if count > 0 && (count >= max_batch || bytes > MAX_BYTES) {
            return count;
        }
    }
    statements.len()
}

/// `updateMany` and `deleteMany` statements.
fn touches_many(statement: &[u8]) -> bool {
    let Ok(document) = mongodb::bson::RawDocument::from_bytes(statement) else { return true };
    let many = |key| document.get_bool(key).unwrap_or(false);
    let all = || document.get_i32("limit").is_ok_and(|limit| limit == 0);
    document.get("q").is_ok_and(|q| q.is_some()) && (many("multi") || all())
}

fn array_of(statements: &[Vec<u8>]) -> Vec<u8> {
    let size: usize = statements.iter().map(|s| s.len() + 8).sum();
    let mut array = Vec::with_capacity(size + 5);
    array.extend_from_slice(&[0; 4]);
    for (index, statement) in statements.iter().enumerate() {
        array.push(0x03);
        array.extend_from_slice(index.to_string().as_bytes());
        array.push(0);
        array.extend_from_slice(statement);
    }
    array.push(0);
    let length = (array.len() as i32).to_le_bytes();
    array[..4].copy_from_slice(&length);
    array
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_keep_to_count_and_size() {
        let small = vec![vec![0; 10]; 7];
        assert_eq!(part(&small, 3), 3);
        assert_eq!(part(&small, 100), 7);
        let large = vec![vec![0; 9 * 1024 * 1024]; 3];
        assert_eq!(part(&large, 100), 1);
        let huge = vec![vec![0; 20 * 1024 * 1024]; 2];
        assert_eq!(part(&huge, 100), 1, "one that is too large is the server's to refuse");
    }
}
