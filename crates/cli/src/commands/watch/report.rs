//! What is said: versions and answers on standard output, all else on standard error.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use abi::Digest;

use super::live::{Live, Refused};
use crate::args::WatchArguments;
use crate::render::printable::printable;
use crate::render::style::Style;
use crate::render::{complain, print, units};

/// What is followed, before anything happens.
pub(super) fn heading(arguments: &WatchArguments) -> String {
    let place = arguments.at.as_ref().map_or(String::new(), |url| format!(" on {url}"));
    let file = printable(&format!("{}{place}", arguments.file.display())).into_owned();
    format!("{}; Ctrl-C ends it\n", Style::stderr().bold(format!("keeps {file} live")))
}

/// Tells what happens.
pub(super) struct Report {
    builds: bool,
    out: Style,
    err: Style,
}

impl Report {
    /// `builds`: whether there is a command that builds.
    pub(super) fn new(builds: bool) -> Self {
        Self { builds, out: Style::stdout(), err: Style::stderr() }
    }

    pub(super) fn building(&self, command: &str, edited: Option<&Path>) {
        let because = edited.and_then(Path::file_name).map(|name| format!(" ({} changed)", name.display()));
        let line = format!("building: {command}{}", because.unwrap_or_default());
        complain(&format!("{}\n", self.err.dim(printable(&line))));
    }

    pub(super) fn failed(&self, how: &str, took: Duration, live: Option<Digest>) {
        let line = format!("the build {how} after {}: {}", units::duration(took), stays(live));
        complain(&format!("{}\n", self.err.red(line)));
    }

    pub(super) fn wrote_nothing(&self, file: &Path, took: Duration) {
        let file = file.display().to_string();
        let line = format!(
            "built in {}, but there is no {}: does the command write another file?",
            units::duration(took),
            file
        );
        complain(&format!("{}\n", self.err.red(printable(&line))));
    }

    pub(super) fn still_refused(&self, took: Duration) {
        let line = format!("built in {}: the same file as before, which was refused", units::duration(took));
        complain(&format!("{}\n", self.err.red(line)));
    }

    pub(super) fn unchanged(&self, file: &Path, took: Duration) {
        let line = format!("built in {}: {} is what is live", units::duration(took), file.display());
        complain(&format!("{}\n", self.err.dim(printable(&line))));
    }

    pub(super) fn outputs(&self, outputs: &[PathBuf]) {
        if outputs.is_empty() {
            return;
        }
        let names: Vec<String> = outputs.iter().map(|path| path.display().to_string()).collect();
        let line = format!(
            "every build changes {}: that is taken for its output, not for a source; --source says what is one",
            names.join(", ")
        );
        complain(&format!("{}\n", printable(&line)));
    }

    pub(super) fn refused(&self, refused: &Refused, live: Option<Digest>) {
        let digest = refused.digest.map(|digest| format!(" {}", digest.short())).unwrap_or_default();
        let line = format!("refused{digest}, {}: {}", stays(live), refused.reason);
        complain(&format!("{}\n", self.err.red(printable(&line))));
    }

    /// `edited`: when the edit was saved, and how long its build took, if that is over.
    pub(super) fn live(&self, live: &Live, edited: Option<(Instant, Option<Duration>)>) -> anyhow::Result<()> {
        let title = live.title.as_ref().map(|title| format!(" {title}")).unwrap_or_default();
        let heading = format!("live {}{title}", live.digest.short());
        let mut steps: Vec<String> = Vec::new();
        let after =
            edited.map(|(at, _)| format!(" {} after the edit", units::duration(live.at.saturating_duration_since(at))));
        if let Some((_, Some(took))) = edited {
            steps.push(format!("built in {}", units::duration(took)));
        }
        steps.push(format!("compiled in {}", units::duration(live.compile)));
        steps.push(format!("checked in {}", units::duration(live.check)));
        steps.push(format!("exchanged in {}", units::duration(live.switch)));
        let after = after.filter(|_| self.builds).unwrap_or_default();
        if let Some(warning) = &live.warning {
            complain(&format!("{}\n", self.err.red(printable(warning))));
        }
        Ok(print(&format!("{}{after}: {}\n", self.out.bold(printable(&heading)), steps.join(", ")))?)
    }
}

fn stays(live: Option<Digest>) -> String {
    live.map_or_else(|| "nothing is live yet".into(), |digest| format!("{} stays live", digest.short()))
}
