use node::body::Slot;
use node::client::Client;

use super::Outcome;
use super::live::{short, title};
use crate::args::SlotsArguments;
use crate::render::moment::moment;
use crate::render::style::Style;
use crate::render::table::{Align, Table};
use crate::render::{json, print};

pub(super) fn run(arguments: &SlotsArguments) -> anyhow::Result<Outcome> {
    let slots = Client::new(arguments.at.at.as_str()).slots()?;
    if arguments.json {
        print(&json::line(&slots)?)?;
    } else if slots.is_empty() {
        print("the node has no slots: its configuration names them\n")?;
    } else {
        print(&table(&slots).text(Style::stdout()))?;
    }
    Ok(Outcome::Done)
}

fn table(slots: &[Slot]) -> Table {
    let mut table = Table::new(&[
        ("slot", Align::Left),
        ("version", Align::Left),
        ("digest", Align::Left),
        ("live since", Align::Left),
        ("calls", Align::Right),
        ("failed", Align::Right),
        ("problem", Align::Left),
    ]);
    for slot in slots {
        let problem = slot.problem.clone().unwrap_or_default();
        match &slot.live {
            Some(live) => table.row([
                slot.name.clone(),
                title(live),
                short(&live.digest),
                moment(live.since),
                live.calls.to_string(),
                live.failed.to_string(),
                problem,
            ]),
            None => {
                let nothing = String::new;
                let none = "none yet".to_owned();
                table.row([slot.name.clone(), none, nothing(), nothing(), nothing(), nothing(), problem]);
            }
        }
    }
    table
}
