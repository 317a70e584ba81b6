//! Three nodes on this machine, device, edge and cloud, with the same files: the device samples, statistics are computed
//! on device and edge, and everything arrives at the cloud.

mod arrivals;
mod configuration;
mod layer;
mod waiting;

use std::path::Path;
use std::time::Duration;

use abi::Digest;
use anyhow::Context as _;

use self::configuration::{Addresses, Part};
use self::layer::{Layer, Place};
use self::waiting::wait_until;
use super::claims::Claims;
use super::folder::Folder;
use super::interrupt;
use super::sensor::Sensor;
use super::statistics::{FIRST, SECOND};
use crate::args::DemoArguments;
use crate::commands::Outcome;
use crate::files;

/// Time between two samples.
const EVERY: Duration = Duration::from_secs(1);
/// Samples before and after the function is replaced with `--once`.
const ONCE: usize = 4;
/// How long nodes stay without a terminal, where somebody would end them.
const UNATTENDED: u32 = 30;
/// Longest time until something happens that should.
const PATIENCE: Duration = Duration::from_secs(60);
const STATS: &str = "stats";

/// A file that all three nodes run.
pub(super) struct Function {
    /// Name of its slot; the file is `NAME.wasm`.
    pub(super) slot: &'static str,
    pub(super) wasm: Vec<u8>,
}

/// Device, edge and cloud.
struct Three {
    device: Layer,
    edge: Layer,
    cloud: Layer,
}

pub(super) fn run(
    arguments: &DemoArguments,
    claims: &mut Claims,
    models: &[fn() -> anyhow::Result<Function>],
) -> anyhow::Result<Outcome> {
    let folder = Folder::create()?;
    let mut functions = vec![Function { slot: STATS, wasm: FIRST.to_vec() }];
    for model in models {
        functions.push(model()?);
    }
    claims.title("3. Device, edge and cloud: three nodes with the same files")?;
    let sensor = Sensor::find();
    let three = Three::start(folder.path(), &functions, &sensor)?;
    claims.line(&format!("the device samples once a second: {sensor}"))?;
    for layer in three.all() {
        claims.line(&format!("{:<7} {}", layer.name(), layer.url()))?;
    }
    for function in &functions {
        let digest = Digest::of(&function.wasm);
        let everywhere = three.all().iter().all(|layer| layer.runs(function.slot, digest));
        let text = format!("the same `{}` runs on all three, {}", function.slot, digest.short());
        claims.check(everywhere, &text)?;
    }
    if arguments.once {
        once(&three, claims)?
    } else {
        stay(arguments, folder.path(), &three, claims)?
    }
    three.stop(claims)?;
    arrivals::check(folder.path(), claims)?;
    Ok(Outcome::Done)
}

/// Some samples, the new function, some more.
fn once(three: &Three, claims: &mut Claims) -> anyhow::Result<()> {
    let cloud = three.cloud.client();
    wait_until("the cloud has samples", || Ok(cloud.route("load")?.counters.written >= ONCE as u64))?;
    three.device.client().push(STATS, SECOND, |_| ())?;
    let (old, new) = (Digest::of(FIRST), Digest::of(SECOND));
    let has_deviation = || {
        let outcomes = cloud.route("statistics")?.outcomes;
        Ok(outcomes.last().is_some_and(|outcome| outcome.value.get("standard_deviation").is_some()))
    };
    wait_until("the cloud has answers of the new version", has_deviation)?;
    claims.check(
        three.device.runs(STATS, new) && three.edge.runs(STATS, old),
        &format!("`{STATS}` was replaced on the device, {} by {}; the cloud has its answers", old.short(), new.short()),
    )?;
    let differs = |name: &str| three.device.agrees_with(name, STATS).map(|same| same == Some(false));
    claims
        .check(differs("edge")? && differs("cloud")?, "the page of the device says that edge and cloud run another")?;
    for layer in [&three.edge, &three.cloud] {
        layer.client().push(STATS, SECOND, |_| ())?;
    }
    let agrees = |name: &str| three.device.agrees_with(name, STATS).map(|same| same == Some(true));
    claims.check(agrees("edge")? && agrees("cloud")?, "replaced there as well: all three run the same again")?;
    let before = cloud.route("load")?.counters.written;
    wait_until("the cloud has more samples", || Ok(cloud.route("load")?.counters.written >= before + 2))
}

/// Shows what arrives at the cloud until somebody has seen enough.
fn stay(arguments: &DemoArguments, folder: &Path, three: &Three, claims: &Claims) -> anyhow::Result<()> {
    let second = folder.join("stats-v2.wasm");
    files::write(&second, SECOND)?;
    claims.line("")?;
    claims.line("open the pages; replace the function while you watch, and take it back:")?;
    let program = std::env::current_exe().context("cannot find out where this program is")?;
    let at = format!("--at {} --slot {STATS}", three.device.url());
    claims.line(&format!("  {} push {} {at}", program.display(), second.display()))?;
    claims.line(&format!("  {} rollback {STATS} --at {}", program.display(), three.device.url()))?;
    claims.line("")?;
    let seconds = arguments.seconds.or_else(|| (!Claims::is_for_people()).then_some(UNATTENDED));
    match seconds {
        Some(seconds) => claims.line(&format!("the nodes run for {seconds} s; Ctrl-C ends them earlier"))?,
        None => claims.line("the nodes run until Ctrl-C")?,
    }
    let until = seconds.map(|seconds| Duration::from_secs(seconds.into()));
    let cloud = three.cloud.client();
    let mut shown = 0;
    let interrupted = interrupt::Listening::begin();
    let begun = std::time::Instant::now();
    while until.is_none_or(|until| begun.elapsed() < until) && !interrupted.wait(EVERY / 4) {
        let statistics = cloud.route("statistics")?;
        for outcome in statistics.outcomes.iter().filter(|outcome| outcome.sequence >= shown) {
            claims.line(&format!(
                "  window {:4} of the device, at the cloud: {}",
                outcome.sequence + 1,
                outcome.value
            ))?;
        }
        shown = statistics.outcomes.last().map_or(shown, |outcome| outcome.sequence + 1);
    }
    claims.line("")?;
    Ok(())
}

impl Three {
    fn start(folder: &Path, functions: &[Function], sensor: &Sensor) -> anyhow::Result<Self> {
        let take = |part| Place::take(part, folder);
        let (device, edge, cloud) = (take(Part::Device)?, take(Part::Edge)?, take(Part::Cloud)?);
        let addresses = Addresses { device: device.url(), edge: edge.url(), cloud: cloud.url() };
        // From above, so that whatever is sent up has somebody to take it.
        let start = |place: Place| place.start(functions, &addresses, sensor, EVERY);
        let (cloud, edge, device) = (start(cloud)?, start(edge)?, start(device)?);
        Ok(Self { device, edge, cloud })
    }

    fn all(&self) -> [&Layer; 3] {
        [&self.device, &self.edge, &self.cloud]
    }

    /// From below, so that whatever is sent up arrives.
    fn stop(self, claims: &mut Claims) -> anyhow::Result<()> {
        let Self { device, edge, cloud } = self;
        let mut lost = vec![];
        for layer in [device, edge, cloud] {
            lost.extend(layer.stop());
        }
        claims.check(lost.is_empty(), "all three stopped in order, nothing was left unsent")?;
        lost.iter().try_for_each(|sentence| Ok(claims.line(&format!("        {sentence}"))?))
    }
}
