//! What a file is and offers: gathered once into a [`Report`], then shown as text or JSON.

mod report;
mod text;

use self::report::Report;
use super::Outcome;
use crate::args::InspectArguments;
use crate::files::{self, Content};
use crate::render::print;
use crate::render::style::Style;

pub(super) fn run(arguments: &InspectArguments) -> anyhow::Result<Outcome> {
    let bytes = files::read(&arguments.file, Content::Module)?;
    let report = Report::of(arguments.file.display().to_string(), bytes);
    if arguments.json {
        print(&format!("{}\n", serde_json::to_string(&report)?))?;
    } else {
        let style = Style::stdout();
        let steps = if arguments.steps { text::steps(&report, style) } else { String::new() };
        print(&format!("{}{steps}{}", text::facts(&report, style), text::problem(&report, style)))?;
    }
    Ok(if report.problem.is_some() { Outcome::Failed } else { Outcome::Done })
}
