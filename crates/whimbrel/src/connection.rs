//! Connection strings: parsed for the driver, never shown with their password.

use std::fmt;
use std::time::Duration;

use mongodb::options::ClientOptions;
use whimbrel_core::database_error::{DatabaseError, Trouble, describe, trouble_of};

/// How long to look for a server unless the URI says otherwise: longer than an election takes.
const SERVER_SELECTION: Duration = Duration::from_secs(15);

/// A connection string. `Display` and `Debug` show neither user nor password.
#[derive(Clone, PartialEq, Eq)]
pub struct ConnectionUri(String);

impl ConnectionUri {
    /// Takes any text; [`ConnectionUri::options`] finds out whether it is one.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text with everything secret in it.
    pub fn expose_secret(&self) -> &str {
        &self.0
    }

    /// What the driver connects with, and warnings about options it does not take.
    ///
    /// # Errors
    /// When it is no connection string, or its DNS records or TLS files cannot be read.
    pub async fn options(&self) -> Result<(ClientOptions, Vec<String>), ConnectionError> {
        let mut text = self.0.clone();
        let mut warnings = Vec::new();
        loop {
            match ClientOptions::parse(&text).await {
                Ok(mut options) => {
                    options.server_selection_timeout =
                        options.server_selection_timeout.or(Some(SERVER_SELECTION));
                    options.app_name = options.app_name.or(Some("whimbrel".to_owned()));
                    return Ok((options, warnings));
                }
                Err(error) => {
                    let message = describe(&error);
                    if let Some((shorter, name)) = without_refused_option(&text, &message) {
                        warnings
                            .push(format!("the URI option {name} is not supported and is ignored"));
                        text = shorter;
                        continue;
                    }
                    if trouble_of(&error) == Trouble::Unreachable {
                        let doing = format!("looking up {self}");
                        return Err(DatabaseError::new(doing, error).into());
                    }
                    return Err(ConnectionError::Uri {
                        uri: self.clone(),
                        problem: told(&message),
                    });
                }
            }
        }
    }
}

/// What may be told of the driver's complaint: it can quote any part of the text, a password among them.
fn told(message: &str) -> String {
    const HARMLESS: [&str; 5] = [
        "must be URL encoded",
        "is an invalid option",
        "contains no scheme",
        "does not support",
        "feature",
    ];
    let quoted = message.contains('"') || message.contains('\'') || message.contains('@');
    if !quoted && HARMLESS.iter().any(|text| message.contains(text)) {
        message.to_owned()
    } else {
        "it is malformed, or an option has a value that cannot be used".to_owned()
    }
}

/// Takes out the option that the message calls unknown.
fn without_refused_option(uri: &str, message: &str) -> Option<(String, String)> {
    let (head, query) = uri.split_once('?')?;
    let refused = match message.split_once(" is an invalid option") {
        Some((before, _)) => before.rsplit([' ', '"', '`']).next()?.to_lowercase(),
        None if message.to_lowercase().contains("sockettimeoutms") => "sockettimeoutms".to_owned(),
        None => return None,
    };
    let name_of = |pair: &str| pair.split('=').next().unwrap_or(pair).to_owned();
    let pairs: Vec<&str> = query.split('&').collect();
    let found = *pairs.iter().find(|pair| name_of(pair).to_lowercase() == refused)?;
    let kept: Vec<&str> = pairs.into_iter().filter(|pair| *pair != found).collect();
    Some((format!("{head}?{}", kept.join("&")), name_of(found)))
}

impl fmt::Display for ConnectionUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((scheme, rest)) = self.0.split_once("://") else {
            return f.write_str("(not a URI)");
        };
        // A password may hold any character by mistake, so everything up to the last @ is secret.
        let (secret, rest) = match rest.rsplit_once('@') {
            Some((_, place)) => ("***@", place),
            None => ("", rest),
        };
        let (place, options) = match rest.split_once('?') {
            Some((place, _)) => (place, "?…"),
            None => (rest, ""),
        };
        let (hosts, path) = place.split_once('/').unwrap_or((place, ""));
        if !hosts.split(',').all(is_host) {
            return write!(f, "{scheme}://***");
        }
        let slash = if path.is_empty() { "" } else { "/" };
        // Options can be secret too (proxyPassword, authMechanismProperties).
        write!(f, "{scheme}://{secret}{hosts}{slash}{path}{options}")
    }
}

/// `name`, `name:port`, `[v6]:port`; anything else may be credentials without their @.
fn is_host(text: &str) -> bool {
    let (name, port) = match text.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => (name, Some(port)),
        _ => (text, None),
    };
    let port = port.is_none_or(|port| {
        (1..=5).contains(&port.len()) && port.bytes().all(|byte| byte.is_ascii_digit())
    });
    let name = name.trim_start_matches('[').trim_end_matches(']');
    port && !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '%'))
}

impl fmt::Debug for ConnectionUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ConnectionUri({self})")
    }
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectionError {
    /// Nobody said where the database is.
    #[error("no database is given")]
    NoUri,
    /// The text is no usable connection string.
    #[error("the connection string {uri} cannot be used: {problem}")]
    Uri {
        /// The string, without its secrets.
        uri: ConnectionUri,
        /// What the driver says.
        problem: String,
    },
    /// Neither the URI nor a setting names the database.
    #[error("the connection string {uri} names no database")]
    NoDatabase {
        /// The string, without its secrets.
        uri: ConnectionUri,
    },
    /// The driver refuses.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl ConnectionError {
    /// A stable name for machines.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoUri => "URI_MISSING",
            Self::Uri { .. } => "URI_INVALID",
            Self::NoDatabase { .. } => "DATABASE_NAME_MISSING",
            Self::Database(_) => "DATABASE",
        }
    }

    /// The next step for a person.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NoUri => Some(
                "give it with --uri mongodb://HOST/DATABASE, in the environment variable WHIMBREL_URI or MONGODB_URI, in \
                 .env, or as uri = \"…\" in whimbrel.toml; --local starts a database of your own"
                    .to_owned(),
            ),
            Self::Uri { .. } => Some(
                "it looks like mongodb://USER:PASSWORD@HOST:27017/DATABASE; special characters in the password are \
                 written percent-encoded"
                    .to_owned(),
            ),
            Self::NoDatabase { .. } => Some(
                "add it to the URI (mongodb://HOST/DATABASE) or give --database NAME".to_owned(),
            ),
            Self::Database(error) => error.hint(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_never_shown() {
        for (uri, shown) in [
            ("mongodb://u:s3cret@h:1/db?authSource=admin", "mongodb://***@h:1/db?…"),
            ("mongodb://u:s3/cr@et@h/db", "mongodb://***@h/db"),
            ("mongodb+srv://u@h.example", "mongodb+srv://***@h.example"),
            ("mongodb://h/db", "mongodb://h/db"),
            ("s3cret", "(not a URI)"),
            ("mongodb://u:s3cret?x@h/db", "mongodb://***@h/db"),
            ("mongodb://u:s3cret", "mongodb://***"),
            (
                "mongodb://a:1,b.example:27017,[::1]:3/db?x=1",
                "mongodb://a:1,b.example:27017,[::1]:3/db?…",
            ),
        ] {
            assert_eq!(ConnectionUri::new(uri).to_string(), shown);
            assert!(!format!("{:?}", ConnectionUri::new(uri)).contains("s3"));
        }
    }

    #[tokio::test]
    async fn an_invalid_uri_does_not_give_its_password_away() {
        for uri in [
            "mongodb://u:s3/cret@h/db",
            "mongodb://u:s3cret@",
            "http://u:s3cret@h/",
            "mongodb://u:s3cret",
            "mongodb://u:s3cret?x@db/app",
            "mongodb://h/?x=1&s3cret",
        ] {
            let error = ConnectionUri::new(uri).options().await.unwrap_err();
            assert!(!error.to_string().contains("s3"), "{error}");
        }
    }

    #[tokio::test]
    async fn options_the_driver_refuses_are_dropped_with_a_warning() {
        let uri =
            "mongodb://h/db?socketTimeoutMS=3&useNewUrlParser=true&appName=me&retryWrites=false";
        let (options, warnings) = ConnectionUri::new(uri).options().await.unwrap();
        assert_eq!(options.app_name.as_deref(), Some("me"));
        assert_eq!(options.retry_writes, Some(false));
        assert_eq!(warnings.len(), 2, "{warnings:?}");
        let uri = "mongodb://h/db?w=majority&wtimeout=5000";
        let (options, warnings) = ConnectionUri::new(uri).options().await.unwrap();
        assert!(options.write_concern.is_some_and(|concern| concern.w.is_some()));
        assert!(warnings[0].contains("wtimeout"), "{warnings:?}");
        let error = ConnectionUri::new("mongodb://h/?retryWrites=perhaps").options().await;
        assert!(error.is_err(), "a bad value is not dropped");
    }
}
