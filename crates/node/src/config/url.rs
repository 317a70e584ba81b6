//! Addresses of nodes.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use super::NodeUrl;

/// Why a text is no address of a node that can be spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NodeUrlError {
    /// It does not begin with `http://`.
    #[error("an address of a node begins with http://, and nothing else is spoken yet")]
    Scheme,
    /// It is not `http://HOST:PORT`.
    #[error("an address of a node is http://HOST:PORT without a path, for example http://127.0.0.1:7701")]
    Form,
    /// The host is not the machine itself.
    #[error(
        "nodes speak to nodes on the same machine only, as nothing is encrypted yet: 127.0.0.1, [::1] or localhost"
    )]
    Host,
}

impl FromStr for NodeUrl {
    type Err = NodeUrlError;

    fn from_str(text: &str) -> Result<Self, NodeUrlError> {
        let rest = text.strip_prefix("http://").ok_or(NodeUrlError::Scheme)?;
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        if let Ok(address) = authority.parse::<SocketAddr>() {
            return match address.port() {
                0 => Err(NodeUrlError::Form),
                _ if !address.ip().is_loopback() => Err(NodeUrlError::Host),
                _ => Ok(Self(format!("http://{address}"))),
            };
        }
        let (host, port) = authority.rsplit_once(':').ok_or(NodeUrlError::Form)?;
        let is_host = |c: char| c.is_ascii_alphanumeric() || "-.".contains(c);
        match port.parse::<u16>() {
            Ok(port) if port != 0 && host.eq_ignore_ascii_case("localhost") => {
                Ok(Self(format!("http://localhost:{port}")))
            }
            Ok(port) if port != 0 && !host.is_empty() && host.chars().all(is_host) => Err(NodeUrlError::Host),
            Ok(_) | Err(_) => Err(NodeUrlError::Form),
        }
    }
}

impl NodeUrl {
    /// The address as text, without a slash at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a node that listens there is spoken to by this address.
    pub(super) fn leads_to(&self, listen: SocketAddr) -> bool {
        let Some((_, authority)) = self.0.split_once("://") else { return false };
        let hosts: &[IpAddr] = &[Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
        match (authority.parse::<SocketAddr>(), authority.rsplit_once(':')) {
            (Ok(address), _) => address == listen,
            (Err(_), Some((_, port))) => hosts.contains(&listen.ip()) && port.parse() == Ok(listen.port()),
            (Err(_), None) => false,
        }
    }
}

impl fmt::Display for NodeUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&str, NodeUrlError>) {
        assert_eq!(text.parse::<NodeUrl>().as_ref().map(NodeUrl::as_str), expected.as_ref().copied(), "{text}");
    }

    #[test]
    fn an_address_is_a_host_of_this_machine_and_a_port() {
        check("http://127.0.0.1:7701", Ok("http://127.0.0.1:7701"));
        check("http://127.9.9.9:1/", Ok("http://127.9.9.9:1"));
        check("http://[::1]:65535", Ok("http://[::1]:65535"));
        check("http://LocalHost:80", Ok("http://localhost:80"));
    }

    #[test]
    fn anything_else_is_refused() {
        use NodeUrlError::{Form, Host, Scheme};
        for (text, error) in [
            ("https://127.0.0.1:1", Scheme),
            ("127.0.0.1:1", Scheme),
            ("", Scheme),
            ("http://", Form),
            ("http://127.0.0.1", Form),
            ("http://127.0.0.1:0", Form),
            ("http://localhost:0", Form),
            ("http://127.0.0.1:1/path", Form),
            ("http://127.0.0.1:1?x", Form),
            ("http://127.0.0.1:65536", Form),
            ("http://localhost:1//", Form),
            ("http://user@localhost:1", Form),
            ("http://localhost:+1x", Form),
            ("http://[::1]", Form),
            ("http://10.0.0.1:1", Host),
            ("http://0.0.0.0:1", Host),
            ("http://[::ffff:127.0.0.1]:1", Host),
            ("http://localhost.example:1", Host),
        ] {
            check(text, Err(error));
        }
    }

    #[test]
    fn a_node_recognizes_its_own_address() {
        for (url, listen, leads) in [
            ("http://127.0.0.1:1", "127.0.0.1:1", true),
            ("http://127.0.0.1:1", "127.0.0.1:2", false),
            ("http://127.0.0.2:1", "127.0.0.1:1", false),
            ("http://localhost:1", "127.0.0.1:1", true),
            ("http://localhost:1", "[::1]:1", true),
            ("http://localhost:2", "[::1]:1", false),
        ] {
            let url: NodeUrl = url.parse().unwrap();
            assert_eq!(url.leads_to(listen.parse().unwrap()), leads, "{url} {listen}");
        }
    }
}
