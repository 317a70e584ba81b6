//! From an edit to a live version: looks at sources, builds, and follows the file that is built. One thread does it all
//! in turns; the file is followed by the runtime, and preparing versions has a thread there.

mod build;
mod live;
mod report;
mod sources;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use abi::Digest;
use anyhow::Context as _;
use node::client::Client;
use runtime::{
    Breaking, Deploy, Engine, EngineOptions, Follower, LoadOptions, Place, SlotOptions, Watcher, WatcherOptions,
};

use self::build::{Build, Ended};
use self::live::{Here, Live, Refused, There};
use self::report::Report;
use self::sources::{Edit, Meanwhile, Sources};
use super::{Outcome, call, push, signals};
use crate::args::{CallArguments, Format, HostArguments, WatchArguments};
use crate::files::{self, Content};
use crate::guest_log;
use crate::render::complain;
use crate::usage::usage;

/// How often a build is asked whether it has ended.
const ASK: Duration = Duration::from_millis(10);
/// How often the file is looked at where the system tells of no events.
const POLL: Duration = Duration::from_millis(250);

/// What the thread of the command hears of.
enum Happening {
    Live(Live),
    Refused(Refused),
    /// Somebody wants it to end.
    Stop,
}

/// Where the file is live.
enum Target {
    Here(Place),
    There { slot: String },
}

pub(super) fn run(arguments: &WatchArguments) -> anyhow::Result<Outcome> {
    let sources = match &arguments.build {
        Some(_) => Some(Sources::open(&arguments.source, &arguments.file)?),
        None => None,
    };
    check_folder(&arguments.file)?;
    let engine = Engine::new(EngineOptions::default())?;
    let (tell, happenings) = mpsc::channel();
    let stop = tell.clone();
    // Whoever is gone has stopped already.
    signals::watch(move || drop(stop.send(Happening::Stop)))?;
    let (target, follower) = target(arguments, &engine, tell)?;
    let watcher = Watcher::start(&engine, WatcherOptions { poll: POLL, ..WatcherOptions::default() })?;
    let _watch = watcher.follow(&arguments.file, follower)?;
    complain(&report::heading(arguments));
    let report = Report::new(arguments.build.is_some());
    let mut watching = Watching {
        arguments,
        happenings,
        target,
        sources,
        build: None,
        edited: None,
        live: None,
        refused: None,
        report,
    };
    watching.start_build(None)?;
    watching.follow()?;
    Ok(Outcome::Done)
}

/// A file in a folder that does not exist would never appear.
fn check_folder(file: &Path) -> anyhow::Result<()> {
    let folder = files::folder(file);
    let metadata = fs::metadata(folder)
        .with_context(|| format!("cannot follow {}: its folder has to be there", file.display()))?;
    if !metadata.is_dir() {
        return Err(usage(format!("cannot follow {}: {} is no folder", file.display(), folder.display())));
    }
    Ok(())
}

fn target(
    arguments: &WatchArguments,
    engine: &Engine,
    tell: Sender<Happening>,
) -> anyhow::Result<(Target, Arc<dyn Follower>)> {
    let breaking = if arguments.allow_breaking { Breaking::Allowed } else { Breaking::AsPolicy };
    let Some(url) = &arguments.at else {
        let place = Place::new(engine, "watched", SlotOptions::default());
        let load = LoadOptions {
            window: arguments.window.clone(),
            host: guest_log::host_functions(&arguments.host)?,
            ..LoadOptions::default()
        };
        let how = Deploy { breaking, ..Deploy::at_once(load) };
        let here = Here { place: place.clone(), how, tell };
        return Ok((Target::Here(place), Arc::new(here)));
    };
    let client = Client::new(url.as_str());
    let slot = match &arguments.slot {
        Some(slot) => client.slot(slot)?.name,
        None => push::only_slot(&client)?,
    };
    let (live, sending, newest) = Default::default();
    let there = There { client, slot: slot.clone(), breaking, live, sending, newest, tell };
    Ok((Target::There { slot }, Arc::new(there)))
}

struct Watching<'a> {
    arguments: &'a WatchArguments,
    happenings: Receiver<Happening>,
    target: Target,
    sources: Option<Sources>,
    build: Option<Build>,
    /// When the edit was saved whose build is to go live, and how long that build took.
    edited: Option<(Instant, Duration)>,
    live: Option<Digest>,
    refused: Option<Digest>,
    report: Report,
}

impl Watching<'_> {
    /// Goes on until it is told to stop.
    fn follow(&mut self) -> anyhow::Result<()> {
        loop {
            match self.next() {
                Ok(Happening::Stop) | Err(RecvTimeoutError::Disconnected) => return Ok(()),
                Ok(Happening::Live(live)) => self.went_live(&live)?,
                Ok(Happening::Refused(refused)) => {
                    self.refused = refused.digest;
                    self.report.refused(&refused, self.live);
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
            if self.build.is_some() {
                self.look_at_build()?;
            } else if let Some(edit) = self.sources.as_mut().and_then(Sources::edited) {
                self.start_build(Some(edit))?;
            }
        }
    }

    fn next(&self) -> Result<Happening, RecvTimeoutError> {
        let pause = match (&self.build, &self.sources) {
            (Some(_), _) => ASK,
            (None, Some(sources)) => sources.pause(),
            (None, None) => return self.happenings.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        self.happenings.recv_timeout(pause)
    }

    /// Nothing without a command.
    fn start_build(&mut self, edit: Option<Edit>) -> anyhow::Result<()> {
        let Some(command) = &self.arguments.build else { return Ok(()) };
        self.report.building(command, edit.as_ref().map(|edit| edit.path.as_path()));
        let started = Build::start(command, self.arguments.build_timeout, edit.map(|edit| edit.at));
        self.build = Some(started.context("cannot start the shell that builds")?);
        self.edited = None;
        Ok(())
    }

    fn look_at_build(&mut self) -> anyhow::Result<()> {
        let Some(build) = &mut self.build else { return Ok(()) };
        let Some(ended) = build.ended().context("cannot wait for the build")? else { return Ok(()) };
        let (took, edited) = (build.elapsed(), build.edited);
        self.build = None;
        match ended {
            Ended::Status(status) if status.success() => self.built(took, edited),
            Ended::Status(status) => self.report.failed(&format!("failed ({status})"), took, self.live),
            Ended::TimedOut => self.report.failed("took too long and was stopped (--build-timeout)", took, self.live),
        }
        let meanwhile = self.sources.as_mut().map(Sources::after_build).unwrap_or_default();
        let Meanwhile { edit, outputs } = meanwhile;
        self.report.outputs(&outputs);
        if edit.is_some() { self.start_build(edit) } else { Ok(()) }
    }

    /// The runtime will find what was built, if that is new.
    fn built(&mut self, took: Duration, edited: Option<Instant>) {
        let file = &self.arguments.file;
        // The file may be replaced at this moment; then it is new.
        let digest = files::read(file, Content::Module).ok().map(|bytes| Digest::of(&bytes));
        self.edited = edited.map(|edited| (edited, took));
        if digest.is_none() && !file.exists() {
            self.report.wrote_nothing(file, took);
        } else if digest.is_some() && digest == self.refused {
            self.report.still_refused(took);
        } else if digest.is_some() && digest == self.live {
            self.edited = None;
            self.report.unchanged(file, took);
        }
    }

    fn went_live(&mut self, live: &Live) -> anyhow::Result<()> {
        self.live = Some(live.digest);
        self.refused = None;
        let edited = match &self.build {
            // The file was there before the command ended.
            Some(build) => build.edited.map(|edited| (edited, None)),
            None => self.edited.take().map(|(edited, took)| (edited, Some(took))),
        };
        self.report.live(live, edited)?;
        if self.arguments.call.is_some()
            && let Err(error) = self.call()
        {
            complain(&crate::render::error::text(&error));
        }
        Ok(())
    }

    fn call(&self) -> anyhow::Result<()> {
        let Some(function) = &self.arguments.call else { return Ok(()) };
        let file = match &self.target {
            Target::Here(_) => self.arguments.file.clone(),
            Target::There { slot } => PathBuf::from(slot),
        };
        let call = CallArguments {
            file,
            function: function.clone(),
            scalars: vec![],
            json: self.arguments.json.clone(),
            bytes: self.arguments.bytes.clone(),
            image: self.arguments.image.clone(),
            tensor: vec![],
            output: vec![],
            top: None,
            format: Format::Table,
            at: self.arguments.at.clone(),
            key: None,
            deadline: None,
            convention: None,
            window: None,
            host: HostArguments::default(),
        };
        match &self.target {
            Target::Here(place) => place.slot().map_or(Ok(()), |slot| call::on(&slot.acquire(), &call)),
            Target::There { .. } => call::run(&call).map(drop),
        }
    }
}
