use std::path::PathBuf;
use std::time::Duration;

use abi::Window;
use clap::Args;
use node::config::NodeUrl;

use super::at::node_url;
use super::host::HostArguments;
use super::value;

const EXAMPLES: &str = "\
Examples:
  wasmtube watch stats.wasm --build ./build.sh
                                             what is saved in this folder is built and goes live
  wasmtube watch stats.wasm --build ./build.sh --call calc_stats --json '{\"values\":[3,1,2]}'
                                             and is called, each time
  wasmtube watch stats.wasm --build make --source src --source Makefile
  wasmtube watch stats.wasm                  whoever builds it, what appears in the file goes live
  wasmtube watch stats.wasm --build ./build.sh --at 127.0.0.1:7700 --slot stats
                                             live on a running node instead of here

A build that fails leaves the live version as it is, and so does a file that is refused. What changes while a build
runs is built once more. Ctrl-C ends it all.";

/// Keeps a Wasm file live while its sources are edited.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct WatchArguments {
    /// The Wasm file that is kept live; it need not be there yet
    #[arg(value_parser = value::file())]
    pub(crate) file: PathBuf,
    /// Command that builds the file, for the shell
    #[arg(long, value_name = "COMMAND")]
    pub(crate) build: Option<String>,
    /// File or folder of sources; may be repeated. The current folder if not given, in any case without hidden files,
    /// `target` and `node_modules`
    #[arg(long, value_name = "PATH", requires = "build", value_parser = value::file())]
    pub(crate) source: Vec<PathBuf>,
    /// Longest time that a build may take, such as 90s
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = duration, requires = "build")]
    pub(crate) build_timeout: Duration,
    /// Function that is called whenever a version went live; its answer is shown
    #[arg(long, value_name = "FUNCTION")]
    pub(crate) call: Option<String>,
    /// JSON that it takes
    #[arg(long, value_name = "TEXT", allow_negative_numbers = true, requires = "call", conflicts_with_all = ["bytes", "image"])]
    pub(crate) json: Option<String>,
    /// File whose bytes it takes
    #[arg(long, value_name = "FILE", requires = "call", conflicts_with = "image", value_parser = value::file())]
    pub(crate) bytes: Option<PathBuf>,
    /// Picture that it takes, PNG or JPEG
    #[arg(long, value_name = "FILE", requires = "call", value_parser = value::file())]
    pub(crate) image: Option<PathBuf>,
    /// Keeps it live on the node at this address instead of here
    #[arg(long, value_name = "URL", value_parser = node_url)]
    pub(crate) at: Option<NodeUrl>,
    /// Slot of that node; may be left away where there is one only
    #[arg(long, value_name = "SLOT", requires = "at")]
    pub(crate) slot: Option<String>,
    /// What goes live may lack or change functions that callers of the live version use
    #[arg(long)]
    pub(crate) allow_breaking: bool,
    /// Where functions of the classic convention get their arguments: `end` of memory, an address, or `alloc:NAME`
    #[arg(long, value_name = "PLACE", conflicts_with = "at")]
    pub(crate) window: Option<Window>,
    #[command(flatten)]
    pub(crate) host: HostArguments,
}

fn duration(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(time) if time >= Duration::from_millis(1) => Ok(time),
        Ok(_) => Err("give at least 1ms".into()),
        Err(error) => Err(format!("{error}: give a time such as 90s or 5m")),
    }
}
