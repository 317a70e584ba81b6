//! Runs a node until it is told to stop. The thread of the command waits; others serve HTTP and follow the file.

mod follow;

use std::net::{SocketAddr, TcpListener};
use std::path::{self, Path};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use node::body::Node as Status;
use node::config::Mistake;
use node::{Node, Stop};

use self::follow::Follower;
use super::{Outcome, configuration, signals};
use crate::args::RunArguments;
use crate::files::{self, Content};
use crate::render::complain;
use crate::render::printable::printable;
use crate::render::style::Style;

/// How long a node may take to stop.
const STOP: Duration = Duration::from_secs(10);
/// What of it is kept for requests that are being answered.
const REQUESTS: Duration = Duration::from_secs(5);

/// Why a node ends.
enum End {
    /// Somebody wants it to.
    Signal,
    /// The HTTP interface ended by itself.
    Server(Result<(), String>),
}

pub(super) fn run(arguments: &RunArguments) -> anyhow::Result<Outcome> {
    let file = path::absolute(&arguments.config)
        .with_context(|| format!("cannot find the folder of {}", arguments.config.display()))?;
    let content = files::read(&arguments.config, Content::Text)?;
    let config = configuration::read(&content, &file).map_err(|mistakes| refused(&arguments.config, &mistakes))?;
    let listener = listen(config.node.listen)?;
    let address = listener.local_addr().context("cannot find out the port of the HTTP interface")?;

    let (ends, ended) = mpsc::channel();
    let stop = ends.clone();
    // Whoever is gone has stopped already.
    signals::watch(move || drop(stop.send(End::Signal)))?;
    let node = Node::start(config, file.clone())?;
    let stop = Stop::new();
    serve(&node, listener, &stop, ends)?;
    let follower = Follower::new(file, content);
    let (followed, following) = (node.clone(), stop.clone());
    thread::Builder::new()
        .name("wasmtube-follow".into())
        .spawn(move || follower.run(&followed, &following))
        .context("cannot start the thread that follows the configuration")?;
    complain(&heading(&node, address));

    let end = ended.recv().unwrap_or(End::Signal);
    let begun = Instant::now();
    stop.set();
    let served = wait_for_server(end, &ended);
    let lost = node.stop(STOP.saturating_sub(begun.elapsed()));
    for sentence in &lost {
        tracing::error!(lost = sentence.as_str(), "something is lost");
    }
    served.map_err(|reason| anyhow::anyhow!("the HTTP interface ended: {reason}"))?;
    tracing::info!(lost = lost.len(), "stopped");
    Ok(if lost.is_empty() { Outcome::Done } else { Outcome::Failed })
}

/// Every mistake with the file before its line and column, as compilers write them.
fn refused(file: &Path, mistakes: &[Mistake]) -> anyhow::Error {
    let lines: Vec<String> = mistakes.iter().map(|mistake| format!("\n{}:{mistake}", file.display())).collect();
    anyhow::anyhow!("{} cannot come into effect{}", file.display(), lines.concat())
}

fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).with_context(|| {
        format!("cannot listen at {address}: stop what listens there, or give the node another `listen`")
    })
}

/// Where the page is.
fn heading(node: &Node, address: SocketAddr) -> String {
    let Status { name, layer, .. } = node.status();
    let name = Style::stderr().bold(printable(&name));
    format!("{name} ({layer}) runs: its page is http://{address}/\n")
}

/// Serves HTTP in a thread of its own, which tells when it ends.
fn serve(node: &Node, listener: TcpListener, stop: &Stop, ends: Sender<End>) -> anyhow::Result<()> {
    let (node, stop) = (node.clone(), stop.clone());
    let serve = move || {
        let served = node::http::serve(node, listener, &stop).map_err(|problem| runtime::one_line(&problem));
        // Whoever is gone does not wait for it.
        drop(ends.send(End::Server(served)));
    };
    let thread = thread::Builder::new().name("wasmtube-http".into()).spawn(serve);
    thread.map(drop).context("cannot start the thread of the HTTP interface")
}

/// Waits until requests are answered, for a while. How the interface ended, if nobody wanted it to.
fn wait_for_server(end: End, ended: &Receiver<End>) -> Result<(), String> {
    match end {
        End::Server(Ok(())) => Err("nobody had told it to".into()),
        End::Server(failed) => failed,
        End::Signal => {
            let until = Instant::now() + REQUESTS;
            while let Ok(End::Signal) = ended.recv_timeout(until.saturating_duration_since(Instant::now())) {}
            Ok(())
        }
    }
}
