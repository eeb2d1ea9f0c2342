//! Connection strings: parsed for the driver, never shown with their password.

use std::fmt;
use std::time::Duration;

use mongodb::options::ClientOptions;
use whimbrel_core::database_error::{DatabaseError, describe};

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
                    let Some((shorter, name)) = without_refused_option(&text, &message) else {
                        return Err(ConnectionError::Uri {
                            uri: self.clone(),
                            problem: self.scrubbed(&message),
                        });
                    };
                    warnings.push(format!("the URI option {name} is not supported and is ignored"));
                    text = shorter;
                }
            }
        }
    }

    /// A message about the URI without any part of its credentials.
    fn scrubbed(&self, message: &str) -> String {
        let Some((user, password)) = self.credentials() else { return message.to_owned() };
        let mut message = message.to_owned();
        for secret in [password, user] {
            if !secret.is_empty() {
                message = message.replace(secret, "***");
            }
        }
        message
    }

    fn credentials(&self) -> Option<(&str, &str)> {
        let rest = self.0.split_once("://").map_or(self.0.as_str(), |(_, rest)| rest);
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        // A password may hold an @ or / by mistake: the last @ before the query counts.
        let authority = rest.split('?').next().unwrap_or(rest);
        let at = rest[..end].rfind('@').or_else(|| authority.rfind('@'))?;
        let user_info = &rest[..at];
        Some(user_info.split_once(':').unwrap_or((user_info, "")))
    }
}

/// Takes out the option that the message calls unknown.
fn without_refused_option(uri: &str, message: &str) -> Option<(String, String)> {
    let (head, query) = uri.split_once('?')?;
    let lower = message.to_lowercase();
    if !lower.contains("is an invalid option") && !lower.contains("sockettimeout") {
        return None;
    }
    let refused = |pair: &&str| {
        let name = pair.split('=').next().unwrap_or(pair).to_lowercase();
        !name.is_empty() && lower.contains(&name)
    };
    let pairs: Vec<&str> = query.split('&').collect();
    let found = *pairs.iter().find(|pair| refused(pair))?;
    let kept: Vec<&str> = pairs.into_iter().filter(|pair| *pair != found).collect();
    let name = found.split('=').next().unwrap_or(found).to_owned();
    Some((format!("{head}?{}", kept.join("&")), name))
}

impl fmt::Display for ConnectionUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((scheme, rest)) = self.0.split_once("://") else {
            return f.write_str("(not a URI)");
        };
        let rest = match self.credentials() {
            Some(_) => {
                let authority_end = rest.find('?').unwrap_or(rest.len());
                let at = rest[..authority_end].rfind('@').map_or(0, |at| at + 1);
                format!("***@{}", &rest[at..])
            }
            None => rest.to_owned(),
        };
        // Options can be secret too (proxyPassword, authMechanismProperties).
        match rest.split_once('?') {
            Some((place, _)) => write!(f, "{scheme}://{place}?…"),
            None => write!(f, "{scheme}://{rest}"),
        }
    }
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
        ] {
            assert_eq!(ConnectionUri::new(uri).to_string(), shown);
            assert!(!format!("{:?}", ConnectionUri::new(uri)).contains("s3"));
        }
    }

    #[tokio::test]
    async fn an_invalid_uri_does_not_give_its_password_away() {
        for uri in ["mongodb://u:s3/cret@h/db", "mongodb://u:s3cret@", "http://u:s3cret@h/"] {
            let error = ConnectionUri::new(uri).options().await.unwrap_err();
            assert!(!error.to_string().contains("s3"), "{error}");
        }
    }

    #[tokio::test]
    async fn options_the_driver_refuses_are_dropped_with_a_warning() {
        let uri = "mongodb://h/db?socketTimeoutMS=3&useNewUrlParser=true&appName=me&retryWrites=false";
        let (options, warnings) = ConnectionUri::new(uri).options().await.unwrap();
        assert_eq!(options.app_name.as_deref(), Some("me"));
        assert_eq!(options.retry_writes, Some(false));
        assert_eq!(warnings.len(), 2, "{warnings:?}");
        let error = ConnectionUri::new("mongodb://h/?retryWrites=perhaps").options().await;
        assert!(error.is_err(), "a bad value is not dropped");
    }
}
