//! Nodes that run in this process.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use node::client::Client;
use node::{Config, Node, Stop};

pub(crate) const PATIENCE: Duration = Duration::from_secs(240);

/// Version 1 and 2 of the statistics function.
pub(crate) const FIRST: &[u8] = include_bytes!("../../../../guests/prebuilt/stats-v1.wasm");
pub(crate) const SECOND: &[u8] = include_bytes!("../../../../guests/prebuilt/stats-v2.wasm");

/// A port that nobody listens at for now.
pub(crate) fn free_port() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// A node with its HTTP interface.
pub(crate) struct Running {
    pub(crate) node: Node,
    pub(crate) address: SocketAddr,
    folder: PathBuf,
    stop: Stop,
    server: Option<JoinHandle<()>>,
}

/// The configuration of a node of this name, with more of it behind `[node]`.
pub(crate) fn configuration(name: &str, address: SocketAddr, rest: &str) -> String {
    format!("[node]\nname = \"{name}\"\nlayer = \"edge\"\nlisten = \"{address}\"\n{rest}")
}

impl Running {
    /// Starts a node in the folder.
    pub(crate) fn start(folder: &Path, name: &str, rest: &str) -> Self {
        Self::start_at(folder, name, free_port(), rest)
    }

    pub(crate) fn start_at(folder: &Path, name: &str, address: SocketAddr, rest: &str) -> Self {
        let config = Config::parse(&configuration(name, address, rest), folder).unwrap();
        let listener = TcpListener::bind(address).unwrap();
        let node = Node::start(config, folder.join("node.toml")).unwrap();
        let (served, stop) = (node.clone(), Stop::new());
        let word = stop.clone();
        let server = thread::spawn(move || node::http::serve(served, listener, &word).unwrap());
        Self { node, address, folder: folder.into(), stop, server: Some(server) }
    }

    /// Changes the configuration while the node runs.
    pub(crate) fn configure(&self, rest: &str) -> Result<(), node::Refusal> {
        let name = self.node.status().name;
        self.node.apply(Config::parse(&configuration(&name, self.address, rest), &self.folder).unwrap())
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(&format!("http://{}", self.address))
    }

    /// Stops the node, then its interface.
    pub(crate) fn stop(mut self) -> Vec<String> {
        let lost = self.node.stop(PATIENCE);
        self.end_server();
        lost
    }

    fn end_server(&mut self) {
        self.stop.set();
        if let Some(server) = self.server.take() {
            server.join().unwrap();
        }
    }

    pub(crate) fn kinds(&self) -> Vec<String> {
        self.node.events(0).into_iter().map(|event| event.kind).collect()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.server.is_some() && !thread::panicking() {
            drop(self.node.stop(Duration::ZERO));
            self.end_server();
        }
    }
}

#[track_caller]
pub(crate) fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < until, "{what}: not so after {PATIENCE:?}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// The events in a file of JSON lines.
pub(crate) fn lines(path: &Path) -> Vec<flow::Event> {
    let text = fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

pub(crate) fn sequences(path: &Path) -> Vec<u64> {
    lines(path).iter().map(|event| event.id.sequence).collect()
}
