//! One of the three nodes, running in this process and asked by HTTP as any other.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use abi::Digest;
use anyhow::Context as _;
use node::client::Client;
use node::http::ServeError;
use node::{Config, Node, Stop};

use super::configuration::{Addresses, Part};
use super::{Function, PATIENCE};
use crate::demo::sensor::Sensor;
use crate::files;

/// The port of the device; those of edge and cloud follow.
const PORT: u16 = 7700;
/// How long a node may take to process what it has received.
const STOP: Duration = Duration::from_secs(20);

/// A folder and a port for a node that does not run yet.
pub(super) struct Place {
    part: Part,
    folder: PathBuf,
    listener: TcpListener,
    url: String,
}

/// A node that runs.
pub(super) struct Layer {
    part: Part,
    url: String,
    node: Node,
    stop: Stop,
    server: JoinHandle<Result<(), ServeError>>,
}

impl Place {
    /// The usual port, or any other where that is taken.
    pub(super) fn take(part: Part, folder: &Path) -> anyhow::Result<Self> {
        let port = match part {
            Part::Device => PORT,
            Part::Edge => PORT + 1,
            Part::Cloud => PORT + 2,
        };
        let listener = TcpListener::bind(("127.0.0.1", port)).or_else(|_| TcpListener::bind(("127.0.0.1", 0)));
        let listener = listener.context("no port of 127.0.0.1 can be used")?;
        let url = format!("http://{}", listener.local_addr().context("a port without a number")?);
        Ok(Self { part, folder: folder.join(part.name()), listener, url })
    }

    pub(super) fn url(&self) -> String {
        self.url.clone()
    }

    /// Writes the files of the node and starts it.
    pub(super) fn start(
        self,
        functions: &[Function],
        addresses: &Addresses,
        sensor: &Sensor,
        every: Duration,
    ) -> anyhow::Result<Layer> {
        let Self { part, folder, listener, url } = self;
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        for Function { slot, wasm } in functions {
            files::write(&folder.join(format!("{slot}.wasm")), wasm)?;
        }
        let file = folder.join("node.toml");
        let text = part.configuration(addresses, functions, sensor, every);
        files::write(&file, text.as_bytes())?;
        let config = Config::parse(&text, &folder).context("internal error, please report it")?;
        let node = Node::start(config, file)?;
        let (served, stop) = (node.clone(), Stop::new());
        let word = stop.clone();
        let server = thread::Builder::new()
            .name(format!("serve-{}", part.name()))
            .spawn(move || node::http::serve(served, listener, &word))
            .context("cannot start a thread")?;
        Ok(Layer { part, url, node, stop, server })
    }
}

impl Layer {
    pub(super) fn name(&self) -> &'static str {
        self.part.name()
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// What the node says is asked as everybody asks it.
    pub(super) fn client(&self) -> Client {
        Client::with_patience(&self.url, PATIENCE)
    }

    /// Whether the live version of the slot is this one.
    pub(super) fn runs(&self, slot: &str, digest: Digest) -> bool {
        let live = self.client().slot(slot).ok().and_then(|slot| slot.live);
        live.is_some_and(|version| version.digest == digest.to_string())
    }

    /// Whether a neighbor runs the same in this slot; `None` where the node cannot tell.
    pub(super) fn agrees_with(&self, neighbor: &str, slot: &str) -> anyhow::Result<Option<bool>> {
        let neighbors = self.client().neighbors()?;
        let neighbor = neighbors.into_iter().find(|known| known.name == neighbor);
        let slot = neighbor.and_then(|neighbor| neighbor.slots.into_iter().find(|known| known.name == slot));
        Ok(slot.and_then(|slot| slot.same))
    }

    /// Stops the node, then its interface; answers in sentences what was lost.
    pub(super) fn stop(self) -> Vec<String> {
        let mut lost = self.node.stop(STOP);
        self.stop.set();
        match self.server.join() {
            Ok(Ok(())) => {}
            Ok(Err(error)) => lost.push(runtime::one_line(&error)),
            Err(_) => lost.push("internal error, please report it: the HTTP interface panicked".into()),
        }
        lost
    }
}
