//! Replaces a file whose function is being called by many threads, first by a new version and then by a
//! broken file, and measures what the callers notice.

use std::path::PathBuf;
use std::sync::mpsc::Receiver;
use std::thread;
use std::time::{Duration, Instant};

use abi::Digest;
use runtime::{Engine, LoadOptions, Slot, SlotEvent, SlotPolicy, Version, Watch, Watcher, WatcherOptions};

use super::claims::Claims;
use super::folder::Folder;
use super::load::{Load, REST, Seen, callers};
use super::statistics::{self, FIRST, FUNCTION, SECOND};
use crate::files;
use crate::render::units;

/// Longest time until something happens that should.
const PATIENCE: Duration = Duration::from_secs(60);
const EVENTS: usize = 1024;

/// How long things are watched.
#[derive(Debug, Clone, Copy)]
pub(super) struct Durations {
    /// Length of a load without a swap; with one, it lasts as long after the swap is done.
    pub(super) load: Duration,
    /// How long the refused file lies there, so that it could be reported twice.
    pub(super) quiet: Duration,
}

/// A slot with the first version.
pub(super) fn open(engine: &Engine) -> anyhow::Result<Slot> {
    let version = Version::load(engine, FIRST.to_vec(), LoadOptions::default())?;
    Ok(Slot::new("stats", version, SlotPolicy::default())?)
}

/// A file in a folder of its own that a slot follows.
struct Place<'s> {
    slot: &'s Slot,
    path: PathBuf,
    _watch: Watch,
    _watcher: Watcher,
    _folder: Folder,
}

impl<'s> Place<'s> {
    /// Puts the first version in a temporary folder and follows it.
    fn open(engine: &Engine, slot: &'s Slot) -> anyhow::Result<Self> {
        let folder = Folder::create()?;
        let path = folder.path().join("stats.wasm");
        files::write(&path, FIRST)?;
        let options = WatcherOptions { poll: Duration::from_millis(250), ..WatcherOptions::default() };
        let watcher = Watcher::start(engine, options)?;
        let watch = watcher.watch(slot, &path, LoadOptions::default())?;
        Ok(Self { slot, path, _watch: watch, _watcher: watcher, _folder: folder })
    }
}

/// Swaps the first version for the second under load. What is on the disk for that is gone afterwards.
pub(super) fn run(
    engine: &Engine,
    slot: &Slot,
    window: &[i32],
    durations: Durations,
    claims: &mut Claims,
) -> anyhow::Result<()> {
    let place = Place::open(engine, slot)?;
    claims.title("2. A function is replaced while it is being called")?;
    let argument = statistics::argument(window);
    claims.line(&format!(
        "{} threads call `{FUNCTION}` on {} values, each again {} after its last answer",
        callers(),
        window.len(),
        units::duration(REST)
    ))?;
    let control = {
        let load = Load::start(place.slot, &argument);
        thread::sleep(durations.load);
        load.stop()
    };
    replace(&place, window, &argument, durations, &control, claims)?;
    break_file(&place, &argument, durations, claims)
}

/// The new version is renamed over the old one.
fn replace(
    place: &Place<'_>,
    window: &[i32],
    argument: &str,
    durations: Durations,
    control: &Seen,
    claims: &mut Claims,
) -> anyhow::Result<()> {
    let (old, new) = (place.slot.digest(), Digest::of(SECOND));
    let events = place.slot.subscribe(EVENTS);
    let load = Load::start(place.slot, argument);
    thread::sleep(durations.load / 2);
    let renamed = Instant::now();
    files::write(&place.path, SECOND)?;
    // The old version may be gone before the new one is announced.
    let happened = collect(&events, |seen| seen.iter().any(is_published) && seen.iter().any(is_drained));
    thread::sleep(durations.load / 2);
    let seen = load.stop();

    claims.line(&format!("old {old}"))?;
    claims.line(&format!("new {new}"))?;
    compare(control, &seen, new, claims)?;
    let live_after = seen.first_answer(new).map(|at| units::duration(at.saturating_duration_since(renamed)));
    let published = happened.iter().find(|event| is_published(event));
    if let (Some(SlotEvent::Published { compile, check, switch, .. }), Some(live_after)) = (published, &live_after) {
        claims.line(&format!(
            "first new answer {live_after} after the file was written: compiled in {}, checked in {}, switched in {}",
            units::duration(*compile),
            units::duration(*check),
            units::duration(*switch)
        ))?;
    }
    claims.check(
        old != new && place.slot.digest() == new,
        &format!("the slot went from {} to {}", old.short(), new.short()),
    )?;
    no_failures(&seen, claims)?;
    let answers = [(old, statistics::first(window)), (new, statistics::second(window))];
    for (digest, expected) in answers {
        let found = seen.answers_of(digest);
        let right = matches!(found[..], [only] if statistics::agrees(only, expected));
        claims.check(right, &format!("every answer of {}: {}", digest.short(), found.join(" and ")))?;
    }
    let of_others = seen.answers.iter().filter(|(digest, ..)| ![old, new].contains(digest)).count();
    claims.check(of_others == 0, "every call was answered by exactly one of the two versions")?;
    let after = match happened.iter().find(|event| is_drained(event)) {
        Some(SlotEvent::Drained { after, .. }) => format!(", {} after the switch", units::duration(*after)),
        _ => String::new(),
    };
    Ok(claims.check(!after.is_empty(), &format!("the old version finished its calls and was dropped{after}"))?)
}

/// Half a file takes the place of the new version.
fn break_file(place: &Place<'_>, argument: &str, durations: Durations, claims: &mut Claims) -> anyhow::Result<()> {
    let live = place.slot.digest();
    let broken = &FIRST[..FIRST.len() / 2];
    claims.line("")?;
    claims.line(&format!("then a file that was cut at {} of {} bytes takes its place", broken.len(), FIRST.len()))?;
    let events = place.slot.subscribe(EVENTS);
    let load = Load::start(place.slot, argument);
    files::write(&place.path, broken)?;
    let mut happened = collect(&events, |seen| seen.iter().any(is_refused));
    thread::sleep(durations.quiet);
    let seen = load.stop();
    happened.extend(events.try_iter());
    for event in &happened {
        if let SlotEvent::Refused { reason, .. } = event {
            claims.line(&format!("refused: {reason}"))?;
        }
    }
    claims.check(matches!(&happened[..], [only] if is_refused(only)), "the broken file was refused with one event")?;
    claims.check(
        place.slot.digest() == live && seen.answers.iter().all(|(digest, ..)| *digest == live),
        &format!("{} kept answering", live.short()),
    )?;
    no_failures(&seen, claims)
}

/// Events until they are enough, or until it takes too long.
fn collect(events: &Receiver<SlotEvent>, is_enough: impl Fn(&[SlotEvent]) -> bool) -> Vec<SlotEvent> {
    let deadline = Instant::now() + PATIENCE;
    let mut happened = vec![];
    while !is_enough(&happened) {
        match events.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(event) => happened.push(event),
            Err(_) => break,
        }
    }
    happened
}

fn is_published(event: &SlotEvent) -> bool {
    matches!(event, SlotEvent::Published { .. })
}

fn is_drained(event: &SlotEvent) -> bool {
    matches!(event, SlotEvent::Drained { .. })
}

fn is_refused(event: &SlotEvent) -> bool {
    matches!(event, SlotEvent::Refused { .. })
}

fn no_failures(seen: &Seen, claims: &mut Claims) -> anyhow::Result<()> {
    let answered = seen.answered();
    claims.check(seen.failed == 0 && answered > 0, &format!("{answered} calls answered, {} failed", seen.failed))?;
    seen.failures.iter().try_for_each(|failure| Ok(claims.line(&format!("        {failure}"))?))
}

fn compare(control: &Seen, swap: &Seen, new: Digest, claims: &Claims) -> anyhow::Result<()> {
    let row = |name: &str, a: String, b: String| claims.line(&format!("{name:34}{a:>16}{b:>16}"));
    let time = units::duration;
    row("", "without swap".into(), "with swap".into())?;
    row("calls answered", control.answered().to_string(), swap.answered().to_string())?;
    row("calls failed", control.failed.to_string(), swap.failed.to_string())?;
    row("longest single call", time(control.longest_call()), time(swap.longest_call()))?;
    row("longest gap between two answers", time(control.longest_gap()), time(swap.longest_gap()))?;
    let at_switch = swap.gap_before(new).map_or_else(|| "none".into(), time);
    row("gap before the first new answer", String::new(), at_switch)?;
    Ok(())
}
