use std::io;
use std::time::Duration;

/// Why a node did not do what it was asked, or could not be asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The address is none.
    #[error("`{url}` is not the address of a node: write it as http://HOST:PORT")]
    Address {
        /// The address.
        url: String,
    },
    /// Nothing listens there.
    #[error(
        "no node answers at {url}: start one with `wasmtube run NODE.toml`, or give the address that it printed there"
    )]
    Unreachable {
        /// The address.
        url: String,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The connection was lost before the answer was complete; whether the node did what it was asked is not known.
    #[error("the connection to the node at {url} was lost before it had answered: look at its log, and ask again")]
    Lost {
        /// The address.
        url: String,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The answer did not come in time; whether the node does what it was asked is not known.
    #[error("the node at {url} did not answer within {within:?}: ask again when it has less to do")]
    TooLate {
        /// The address.
        url: String,
        /// How long it was waited for.
        within: Duration,
    },
    /// The node refuses.
    #[error("{message}")]
    Refused {
        /// Status of the HTTP answer.
        status: u16,
        /// What is wrong, for programs.
        code: String,
        /// What is wrong, why, and what to do, for people.
        message: String,
    },
    /// What answers does not speak as a node does.
    #[error("what answers at {url} does not speak as a node does, or is one of another version: {reason}")]
    Malformed {
        /// The address.
        url: String,
        /// What is wrong with the answer.
        reason: String,
    },
    /// What was to be sent has no form in JSON.
    #[error("internal error, please report it: a request cannot be written as JSON: {reason}")]
    Unwritable {
        /// Why not.
        reason: String,
    },
}

impl ClientError {
    /// Whether the same question may well be answered later: the node, or the way to it, was not there, or the node was
    /// too busy.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Lost { .. } | Self::TooLate { .. } => true,
            Self::Refused { status, .. } => matches!(status, 429 | 500..),
            Self::Address { .. } | Self::Malformed { .. } | Self::Unwritable { .. } => false,
        }
    }

    /// What went wrong on the way; `within` is how long it was waited for the answer.
    pub(super) fn of_transport(error: ureq::Error, url: &str, within: Duration) -> Self {
        let url = url.to_owned();
        match error {
            ureq::Error::BadUri(_) | ureq::Error::Http(_) | ureq::Error::TlsRequired => Self::Address { url },
            ureq::Error::HostNotFound => {
                Self::Unreachable { url, source: io::Error::new(io::ErrorKind::NotFound, "there is no such host") }
            }
            ureq::Error::Timeout(ureq::Timeout::Resolve | ureq::Timeout::Connect) => {
                let source = io::Error::new(io::ErrorKind::TimedOut, "nothing accepts the connection");
                Self::Unreachable { url, source }
            }
            ureq::Error::Timeout(_) => Self::TooLate { url, within },
            ureq::Error::Io(source) if is_before_connection(source.kind()) => Self::Unreachable { url, source },
            ureq::Error::Io(source) => Self::Lost { url, source },
            ureq::Error::ConnectionFailed => {
                let source = io::Error::new(io::ErrorKind::NotConnected, "no connection came about");
                Self::Unreachable { url, source }
            }
            error => Self::Malformed { url, reason: error.to_string() },
        }
    }
}

fn is_before_connection(kind: io::ErrorKind) -> bool {
    matches!(
        kind,
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::AddrNotAvailable
            | io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::NetworkDown
            | io::ErrorKind::PermissionDenied
    )
}
