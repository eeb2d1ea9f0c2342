//! Checksums of migration files.
//!
//! The rule binds users for ever, so it stands here once: SHA-256 over the file's bytes without a
//! leading UTF-8 byte order mark and with every line end (`\r\n` or a lone `\r`) as `\n`. Editors and
//! version control may change mark and line ends; they do not change the checksum. The stored text
//! names the algorithm: `sha256:` and 64 lower-case hexadecimal digits.

use std::fmt;

use sha2::{Digest, Sha256};

/// A checksum with its algorithm's name, as it stands in the history.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Checksum(String);

impl Checksum {
    /// The checksum of a file's bytes.
    pub fn of(bytes: &[u8]) -> Self {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut hasher = Sha256::new();
        let mut rest = bytes;
        while let Some(at) = rest.iter().position(|&b| b == b'\r') {
            hasher.update(&rest[..at]);
            hasher.update(b"\n");
            let after = &rest[at + 1..];
            rest = after.strip_prefix(b"\n").unwrap_or(after);
        }
        hasher.update(rest);
        let mut text = String::with_capacity(71);
        text.push_str("sha256:");
        for byte in hasher.finalize() {
            text.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or('0'));
            text.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or('0'));
        }
        Self(text)
    }

    /// A checksum as it was stored; not verified.
    pub fn from_stored(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// `sha256:` and 64 hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_value() {
        // printf 'abc' | sha256sum
        assert_eq!(
            Checksum::of(b"abc").as_str(),
            "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn mark_and_line_ends_do_not_count_but_text_does() {
        let plain = Checksum::of(b"a\nb\n\nc");
        assert_eq!(plain, Checksum::of(b"\xef\xbb\xbfa\r\nb\r\n\r\nc"));
        assert_eq!(plain, Checksum::of(b"a\rb\r\rc"));
        assert_ne!(plain, Checksum::of(b"a\nb\nc"));
        assert_ne!(plain, Checksum::of(b"a\nb\n\nc "));
    }
}
