use std::io::{self, IsTerminal as _};

use crate::commands::Outcome;
use crate::render::printable::printable;
use crate::render::style::Style;
use crate::render::{print, units};

/// What the demo says on the screen, and whether it is true.
#[derive(Debug)]
pub(super) struct Claims {
    style: Style,
    kept: usize,
    failed: usize,
}

impl Claims {
    pub(super) fn new() -> Self {
        Self { style: Style::stdout(), kept: 0, failed: 0 }
    }

    /// Whether somebody looks on.
    pub(super) fn is_for_people() -> bool {
        io::stdout().is_terminal()
    }

    /// Begins a part.
    pub(super) fn title(&self, text: &str) -> io::Result<()> {
        print(&format!("\n{}\n", self.style.bold(printable(text))))
    }

    /// A line of a part.
    pub(super) fn line(&self, text: &str) -> io::Result<()> {
        print(&format!("{}\n", format!("  {}", printable(text)).trim_end()))
    }

    /// Says what was found, and whether that is as it should be.
    pub(super) fn check(&mut self, holds: bool, text: &str) -> io::Result<()> {
        let verdict = if holds { self.style.green("ok    ") } else { self.style.red("FAILED") };
        *(if holds { &mut self.kept } else { &mut self.failed }) += 1;
        print(&format!("  {verdict}  {}\n", printable(text)))
    }

    /// The last line.
    pub(super) fn sum_up(&self) -> anyhow::Result<Outcome> {
        let all = units::plural(self.kept + self.failed, "claim");
        if self.failed == 0 {
            print(&format!("\n{}\n", self.style.green(format!("{all} checked, all ok"))))?;
            return Ok(Outcome::Done);
        }
        print(&format!("\n{}\n", self.style.red(format!("{all} checked, {} FAILED", self.failed))))?;
        Ok(Outcome::Failed)
    }
}
