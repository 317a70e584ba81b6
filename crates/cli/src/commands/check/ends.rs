//! Whether sources give something, and whether there are the folders that sinks write to.

use std::path::Path;

use node::config::{SinkSpec, SourceSpec};
use node::{Config, Input, Seen, sources};

use super::finding::{Finding, Level};
use super::places::Places;

/// Asks the sources that read files for one value, and looks for the folders that sinks write to.
pub(super) fn look(config: &Config, places: &Places<'_>, findings: &mut Vec<Finding>) {
    for (name, route) in &config.topology.routes {
        if let Some(reason) = problem(&route.source) {
            let message = format!("the source of the route `{name}` gives nothing at present: {reason}");
            let keys = ["routes", name, "source", "path"];
            findings.push(places.finding(Level::Warning, &keys, message, "correct the source or its file"));
        }
        for sink in &route.sinks {
            let SinkSpec::JsonLines(lines) = sink else { continue };
            let folder = lines.path.parent().filter(|folder| !folder.as_os_str().is_empty());
            if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
                let what = if folder.exists() { "is no folder" } else { "is not there" };
                let message = format!("a sink of the route `{name}` writes into {}, which {what}", folder.display());
                findings.push(places.finding(Level::Error, &["routes", name, "sinks"], message, "make the folder"));
            }
        }
    }
    if let Some(problem) = data_problem(&config.node.data) {
        let help = "choose another `data`";
        findings.push(places.finding(Level::Error, &["node", "data"], problem, help));
    }
}

/// Why a source that reads a file gives no value.
fn problem(source: &SourceSpec) -> Option<String> {
    match source {
        SourceSpec::File(_) | SourceSpec::Replay(_) => match sources::input(source, None, &Seen::default()) {
            Input::Polled { mut source, .. } => source.read().err().map(|error| error.reason),
            Input::Pushed | Input::Received(_) => None,
        },
        SourceSpec::Signal(_) | SourceSpec::Push | SourceSpec::Nodes(_) => None,
    }
}

fn data_problem(data: &Path) -> Option<String> {
    let is_other = data.exists() && !data.is_dir();
    is_other.then(|| format!("the folder for data {} is something else", data.display()))
}
