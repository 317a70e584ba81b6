//! The HTTP interface of a node, and the page that speaks it.
//!
//! A request passes, from outside in: the headers of every answer, the net for panics, the `guard` against pages of
//! other sites, the `limits`, and then the function of its path, one file for each group of paths. Whatever asks the
//! node may block, so it runs on a thread of its own, through one of the `lanes`, each of which carries only so many
//! at once. Every error is a [`Problem`](crate::body::Problem) in JSON; only what is no HTTP at all gets less.

mod argument;
mod content;
mod deliveries;
mod events;
mod failure;
mod guard;
mod headers;
mod health;
mod interface;
mod lanes;
mod limits;
mod lines;
mod metrics;
mod names;
mod neighbors;
mod openapi;
mod page;
mod paths;
mod rate;
mod routes;
pub(crate) mod schemas;
mod slots;
mod status;

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use axum::Router;
use flow::Stop;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::Node;
use interface::Interface;

/// Connections that are open at once; the next ones wait for a place.
const CONNECTIONS: usize = 256;
/// How long a client may take to send the head of a request, and how long a connection without one stays open. Clients
/// that keep connections for later give them up before that.
const HEAD: Duration = Duration::from_secs(30);
/// How long requests may go on after the word to stop.
const GRACE: Duration = Duration::from_secs(5);
/// How long nothing is accepted after the system could not.
const REST: Duration = Duration::from_millis(100);
/// How often those who wait for the node look whether the server is over.
const LOOK: Duration = Duration::from_millis(500);

/// Why there is no HTTP interface.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The listener cannot be used.
    #[error("cannot listen for HTTP requests")]
    Listener(#[source] io::Error),
    /// The system gives no threads.
    #[error("cannot start threads for HTTP requests")]
    Threads(#[source] io::Error),
}

/// Answers requests until the word to stop; then lets those that run come to their end, for five seconds at most.
///
/// # Errors
/// [`ServeError`] before anything was answered.
pub fn serve(node: Node, listener: TcpListener, stop: &Stop) -> Result<(), ServeError> {
    listener.set_nonblocking(true).map_err(ServeError::Listener)?;
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(lanes::PLACES)
        .thread_name("http")
        .enable_io()
        .enable_time()
        .build()
        .map_err(ServeError::Threads)?;
    let (news, heard) = watch::channel(());
    let (stopping, stopped) = watch::channel(false);
    let over = AtomicBool::new(false);
    let app = paths::router(&Interface::new(node.clone(), heard, stopped.clone()));
    let served = thread::scope(|scope| {
        let waiting = || {
            while !stop.wait(LOOK) && !over.load(Ordering::Relaxed) {}
            stopping.send_replace(true);
        };
        let listening = || events::listen(&node, &news, || stop.is_set() || over.load(Ordering::Relaxed));
        let spawned = thread::Builder::new()
            .name("http-stop".into())
            .spawn_scoped(scope, waiting)
            .and_then(|_| thread::Builder::new().name("http-events".into()).spawn_scoped(scope, listening));
        let served = spawned.map_err(ServeError::Threads).and_then(|_| accept(&runtime, listener, app, stopped));
        over.store(true, Ordering::Relaxed);
        served
    });
    runtime.shutdown_timeout(GRACE);
    served
}

/// Takes connections until the word to stop, and then waits for those that are open.
fn accept(
    runtime: &Runtime,
    listener: TcpListener,
    app: Router,
    mut stopped: watch::Receiver<bool>,
) -> Result<(), ServeError> {
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener).map_err(ServeError::Listener)?;
        let graceful = GracefulShutdown::new();
        let places = Arc::new(Semaphore::new(CONNECTIONS));
        let next = || async {
            let place = Arc::clone(&places).acquire_owned().await.map_err(io::Error::other)?;
            listener.accept().await.map(|(stream, _)| (place, stream))
        };
        loop {
            let accepted = tokio::select! {
                _ = stopped.wait_for(|stopped| *stopped) => break,
                accepted = next() => accepted,
            };
            match accepted {
                Ok((place, stream)) => begin(&graceful, &app, place, stream),
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(REST).await;
                }
            }
        }
        drop(listener);
        if tokio::time::timeout(GRACE, graceful.shutdown()).await.is_err() {
            tracing::warn!("requests were broken off, they took too long to end");
        }
        Ok(())
    })
}

fn begin(graceful: &GracefulShutdown, app: &Router, place: OwnedSemaphorePermit, stream: TcpStream) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "small answers may be delayed");
    }
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(app.clone()));
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection broke");
        }
        drop(place);
    });
}
