use clap::Args;
use node::config::{NodeUrl, NodeUrlError};

/// Where a node listens if its configuration is that of the examples.
const USUAL: &str = "http://127.0.0.1:7700";

/// The node that a command speaks to.
#[derive(Debug, Args)]
pub(crate) struct At {
    /// Address of the node
    #[arg(long, value_name = "URL", env = "WASMTUBE_AT", default_value = USUAL, value_parser = node_url)]
    pub(crate) at: NodeUrl,
}

/// Reads the address of a node; `http://` may be left away.
pub(super) fn node_url(text: &str) -> Result<NodeUrl, NodeUrlError> {
    if text.contains("://") { text.parse() } else { format!("http://{text}").parse() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_may_be_left_away() {
        for text in ["127.0.0.1:7700", "http://127.0.0.1:7700", "http://127.0.0.1:7700/", USUAL] {
            assert_eq!(node_url(text).unwrap().as_str(), USUAL);
        }
        assert!(node_url("https://127.0.0.1:7700").is_err());
        assert!(node_url("127.0.0.1").is_err());
    }
}
