//! The form in which a migration's text is kept in the history.
//!
//! `source` is binary data: a zlib stream of the JSON object
//! `{ "entry": "001_x.js", "files": [{ "path": "migrations/helpers/a.js", "text": "…" }] }`, the entry's
//! text first, and where imports lead that are more than relative paths to a file:
//! `"resolutions": [{ "from": "001_x.ts", "specifier": "@lib/a", "path": "lib/a.ts", "interop": true }]`. It is
//! not stored above [`SourceBundle::LIMIT`] bytes compressed.

use std::io::{Read, Write};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::checksum::Checksum;

/// One file of a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundleFile {
    /// Path relative to the project folder; for the entry, the migration's name.
    pub path: String,
    /// The text.
    pub text: Arc<str>,
}

/// Where an import of one file led when the migration ran.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolution {
    /// The importing file's path.
    pub from: String,
    /// What it wrote.
    pub specifier: String,
    /// The file that was meant.
    pub path: String,
    /// Whether a default import of CommonJS took the `default` of what was an ES module once.
    #[serde(default)]
    pub interop: bool,
}

/// A migration's text and the texts it imported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceBundle {
    /// Path of the migration's own file among `files`.
    pub entry: String,
    /// The texts, the entry first.
    pub files: Vec<BundleFile>,
    /// Where their imports lead.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resolutions: Vec<Resolution>,
}

/// Why a bundle from the history cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// The data is not a bundle.
    #[error("the stored source is damaged: {reason}")]
    Damaged {
        /// What is wrong with it.
        reason: String,
    },
    /// A text does not have the checksum that the history records.
    #[error("the stored source of {path} does not match its recorded checksum")]
    Mismatch {
        /// The file within the bundle.
        path: String,
    },
}

impl SourceBundle {
    /// Largest compressed size that is stored, in bytes: 1 MiB.
    pub const LIMIT: usize = 1 << 20;
    /// Largest size that is ever unpacked, in bytes: 64 MiB. What is larger is damage or malice.
    const UNPACKED_LIMIT: u64 = 64 << 20;

    /// The compressed form, or `None` when it is larger than [`Self::LIMIT`].
    pub fn pack(&self) -> Option<Vec<u8>> {
        let json = serde_json::to_vec(self).ok()?;
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(&json).ok()?;
        let packed = encoder.finish().ok()?;
        (packed.len() <= Self::LIMIT).then_some(packed)
    }

    /// Reads the compressed form.
    ///
    /// # Errors
    /// [`BundleError::Damaged`] when it is none.
    pub fn unpack(bytes: &[u8]) -> Result<Self, BundleError> {
        let damaged = |reason: String| BundleError::Damaged { reason };
        let mut json = Vec::new();
        flate2::read::ZlibDecoder::new(bytes)
            .take(Self::UNPACKED_LIMIT)
            .read_to_end(&mut json)
            .map_err(|e| damaged(e.to_string()))?;
        let bundle: Self = serde_json::from_slice(&json).map_err(|e| damaged(e.to_string()))?;
        if bundle.text_of(&bundle.entry).is_none() {
            return Err(damaged(format!("it does not hold its entry {}", bundle.entry)));
        }
        Ok(bundle)
    }

    /// The text of one file.
    pub fn text_of(&self, path: &str) -> Option<&Arc<str>> {
        self.files.iter().find(|file| file.path == path).map(|file| &file.text)
    }

    /// Compares every text with what the history recorded.
    ///
    /// # Errors
    /// [`BundleError::Mismatch`] naming the first file that differs or is not recorded.
    pub fn verify<'a>(
        &self,
        entry: &Checksum,
        imports: impl Fn(&str) -> Option<&'a Checksum>,
    ) -> Result<(), BundleError> {
        for file in &self.files {
            let expected = if file.path == self.entry { Some(entry) } else { imports(&file.path) };
            if expected != Some(&Checksum::of(file.text.as_bytes())) {
                return Err(BundleError::Mismatch { path: file.path.clone() });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bundle() -> SourceBundle {
        SourceBundle {
            entry: "001_x.js".into(),
            files: vec![
                BundleFile { path: "001_x.js".into(), text: "export default 1".into() },
                BundleFile { path: "lib/a.js".into(), text: "export const é = 2".into() },
            ],
            resolutions: vec![Resolution {
                from: "001_x.js".into(),
                specifier: "#a".into(),
                path: "lib/a.js".into(),
                interop: false,
            }],
        }
    }

    #[test]
    fn what_was_packed_is_unpacked() {
        assert_eq!(SourceBundle::unpack(&bundle().pack().unwrap()).unwrap(), bundle());
    }

    #[test]
    fn damage_and_changes_are_found() {
        let mut packed = bundle().pack().unwrap();
        packed.truncate(packed.len() / 2);
        assert!(matches!(SourceBundle::unpack(&packed), Err(BundleError::Damaged { .. })));

        let (entry, import) =
            (Checksum::of(b"export default 1"), Checksum::of("export const é = 2".as_bytes()));
        bundle().verify(&entry, |_| Some(&import)).unwrap();
        assert!(bundle().verify(&entry, |_| None).is_err());
        assert!(bundle().verify(&import, |_| Some(&import)).is_err());
    }

    #[test]
    fn what_is_too_large_is_not_packed() {
        let mut random: u64 = 1;
        let noise: String = (0..4_000_000)
            .map(|_| {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                char::from(b' ' + (random >> 58) as u8)
            })
            .collect();
        let files = vec![BundleFile { path: "1.js".into(), text: noise.into() }];
        assert!(
            SourceBundle { entry: "1.js".into(), files, resolutions: Vec::new() }.pack().is_none()
        );
    }
}
