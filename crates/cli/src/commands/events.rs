use std::thread;
use std::time::Duration;

use node::body::NodeEvent;
use node::client::{Client, ClientError, EventStream};

use super::Outcome;
use super::live::short;
use crate::args::EventsArguments;
use crate::render::moment::moment;
use crate::render::printable::printable;
use crate::render::style::Style;
use crate::render::{complain, json, print};

/// Pause before a node that is away is asked again.
const PAUSE: Duration = Duration::from_secs(1);

pub(super) fn run(arguments: &EventsArguments) -> anyhow::Result<Outcome> {
    let client = Client::new(arguments.at.at.as_str());
    if arguments.follow {
        follow(&client, arguments)?;
    } else {
        for event in client.events(arguments.after)? {
            show(&event, arguments.json)?;
        }
    }
    Ok(Outcome::Done)
}

/// Where a follower is.
#[derive(Debug, Clone, Copy)]
struct Place {
    /// When the node began; another run of it numbers its events anew.
    run: u64,
    /// The last event that was shown.
    last: u64,
}

/// Goes on until somebody ends the process, or nobody reads any more.
fn follow(client: &Client, arguments: &EventsArguments) -> anyhow::Result<()> {
    let mut place = Place { run: client.node()?.since, last: arguments.after };
    let mut stream = client.follow_events(place.last)?;
    loop {
        let lost = match stream.next() {
            Some(Ok(event)) => {
                show(&event, arguments.json)?;
                place.last = event.id;
                continue;
            }
            Some(Err(error)) if !error.is_passing() => return Err(error.into()),
            Some(Err(error)) => error.to_string(),
            None => format!("the node at {} ended the connection", client.url()),
        };
        complain(&format!("{}; waiting for it\n", printable(&lost)));
        (place, stream) = again(client, place)?;
        complain(&format!("the node at {} is back\n", client.url()));
    }
}

/// Waits until the node answers.
fn again(client: &Client, before: Place) -> Result<(Place, EventStream), ClientError> {
    loop {
        thread::sleep(PAUSE);
        match resume(client, before) {
            Err(error) if error.is_passing() => {}
            outcome => return outcome,
        }
    }
}

fn resume(client: &Client, before: Place) -> Result<(Place, EventStream), ClientError> {
    let run = client.node()?.since;
    let place = if run == before.run { before } else { Place { run, last: 0 } };
    Ok((place, client.follow_events(place.last)?))
}

fn show(event: &NodeEvent, json: bool) -> anyhow::Result<()> {
    let line = if json { json::line(event)? } else { line(event, Style::stdout()) + "\n" };
    Ok(print(&line)?)
}

/// `12  2026-11-25 03:06:31Z  warning  refused  stats: why  3f2a9c1b7d04`.
fn line(event: &NodeEvent, style: Style) -> String {
    let NodeEvent { id, time, kind, level, subject, message, digest, step: _ } = event;
    let padded = format!("{:<7}", printable(level));
    let level = match level.as_str() {
        "warning" => style.yellow(padded),
        "error" => style.red(padded),
        _ => padded,
    };
    let about = subject.as_ref().map(|subject| format!("{subject}: ")).unwrap_or_default();
    let digest = digest.as_ref().map(|digest| short(digest)).filter(|digest| !message.contains(digest));
    let digest = digest.map(|digest| format!("  {digest}")).unwrap_or_default();
    format!(
        "{id:>4}  {}  {level}  {}  {}{}",
        style.dim(moment(*time)),
        style.cyan(printable(kind)),
        printable(&format!("{about}{message}")),
        style.dim(printable(&digest)),
    )
}
