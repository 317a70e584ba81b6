//! Looks at everything that a configuration names: findings are gathered, put in the order of the text, and shown.

mod ends;
mod finding;
mod places;
mod routes;
mod slots;

use node::Config;
use serde::Serialize;

use self::finding::{Finding, Level};
use self::places::Places;
use super::{Outcome, configuration};
use crate::args::CheckArguments;
use crate::files::{self, Content};
use crate::render::print;
use crate::render::printable::printable;
use crate::render::style::Style;
use crate::render::units::plural;

/// What was found in a file.
#[derive(Debug, Serialize)]
struct Report {
    file: String,
    findings: Vec<Finding>,
}

pub(super) fn run(arguments: &CheckArguments) -> anyhow::Result<Outcome> {
    let path = &arguments.config;
    let content = files::read(path, Content::Text)?;
    let mut findings = match configuration::read(&content, path) {
        Ok(config) => look(&config, &String::from_utf8_lossy(&content)),
        Err(mistakes) => mistakes.into_iter().map(Finding::from).collect(),
    };
    findings.sort_by_key(|finding| (finding.line, finding.column));
    let report = Report { file: path.display().to_string(), findings };
    if arguments.json {
        print(&format!("{}\n", serde_json::to_string(&report)?))?;
    } else {
        print(&text(&report, Style::stdout()))?;
    }
    let is_wrong = report.findings.iter().any(|finding| finding.level == Level::Error);
    Ok(if is_wrong { Outcome::Failed } else { Outcome::Done })
}

/// Everything that can be said of a configuration without starting it.
fn look(config: &Config, text: &str) -> Vec<Finding> {
    let places = Places::new(text);
    let mut findings = vec![];
    let interfaces = slots::look(config, &places, &mut findings);
    routes::look(config, &interfaces, &places, &mut findings);
    ends::look(config, &places, &mut findings);
    findings
}

/// A line for each finding, and how many there are.
fn text(report: &Report, style: Style) -> String {
    let Report { file, findings } = report;
    let file = printable(file);
    let mut text: String = findings.iter().map(|finding| finding.line_of(&file, style)).collect();
    let count = |level| findings.iter().filter(|finding| finding.level == level).count();
    let total = match (count(Level::Error), count(Level::Warning)) {
        (0, 0) => "nothing is wrong".into(),
        (0, warnings) => plural(warnings, "warning"),
        (errors, 0) => plural(errors, "error"),
        (errors, warnings) => format!("{}, {}", plural(errors, "error"), plural(warnings, "warning")),
    };
    text.push_str(&format!("{file}: {total}\n"));
    text
}
