use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use crate::running::{Running, sequences, wait_until};

const SAMPLES: u64 = 60_000;
/// Every so many answers one is kept from the node that waits for it.
const LOST: u64 = 5;

/// Passes requests on to `to`, and most answers back.
fn lossy(to: SocketAddr, lost: &Arc<AtomicU64>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let lost = Arc::clone(lost);
    let answers = Arc::new(AtomicU64::new(0));
    thread::spawn(move || {
        for client in listener.incoming() {
            let (client, server) = (client.unwrap(), TcpStream::connect(to).unwrap());
            let (lost, answers) = (Arc::clone(&lost), Arc::clone(&answers));
            thread::spawn(move || {
                let (mut from_client, mut to_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                thread::spawn(move || {
                    drop(std::io::copy(&mut from_client, &mut to_server));
                    drop(to_server.shutdown(Shutdown::Write));
                });
                answer(client, server, &answers, &lost);
            });
        }
    });
    address
}

fn answer(mut client: TcpStream, mut server: TcpStream, answers: &AtomicU64, lost: &AtomicU64) {
    let mut buffer = [0; 65_536];
    while let Ok(length @ 1..) = server.read(&mut buffer) {
        if answers.fetch_add(1, Ordering::Relaxed) % LOST == LOST - 1 {
            lost.fetch_add(1, Ordering::Relaxed);
            break;
        }
        if client.write_all(&buffer[..length]).is_err() {
            break;
        }
    }
    drop(client.shutdown(Shutdown::Both));
    drop(server.shutdown(Shutdown::Both));
}

#[test]
fn a_thousand_samples_a_second_for_a_minute_arrive_once_and_in_order_though_acknowledgements_are_lost() {
    let (below, above) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let takes = "[routes.all]\nsource = { kind = \"nodes\", route = \"load\" }\nsinks = [{ kind = \"json-lines\", path = \"all.jsonl\" }]\n";
    let edge = Running::start(above.path(), "edge", takes);
    let lost = Arc::new(AtomicU64::new(0));
    let way = lossy(edge.address, &lost);
    let device = format!(
        "[upstream]\nurl = \"http://{way}\"\n[routes.load]\n\
         source = {{ kind = \"signal\", offset = 0, amplitude = 1000, period = 100, round = true, count = {SAMPLES} }}\n\
         every = \"1ms\"\nsinks = [{{ kind = \"upstream\" }}]\n"
    );
    let device = Running::start(below.path(), "device", &device);
    wait_until("all samples are taken and acknowledged", || {
        device.node.status().upstream.unwrap().acknowledged == SAMPLES
    });
    let (taken, stored) = (device.node.route("load").unwrap().counters, edge.node.route("all").unwrap().counters);
    assert_eq!((taken.received, taken.dropped, taken.write_failures, taken.missed), (SAMPLES, 0, 0, 0));
    assert_eq!(stored.received, SAMPLES);
    let lost = lost.load(Ordering::Relaxed);
    assert!(lost > 10 && stored.duplicates > 0, "{lost} acknowledgements were lost, {stored:?}");
    assert_eq!((device.stop(), edge.stop()), (vec![], vec![]));
    assert_eq!(sequences(&above.path().join("all.jsonl")), (0..SAMPLES).collect::<Vec<_>>());
}
