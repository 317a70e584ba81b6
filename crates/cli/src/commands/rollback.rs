use node::body::Rollback;
use node::client::Client;

use super::{Outcome, live};
use crate::args::RollbackArguments;

pub(super) fn run(arguments: &RollbackArguments) -> anyhow::Result<Outcome> {
    let url = &arguments.at.at;
    let rollback = Rollback { to: arguments.to.clone() };
    let published = Client::new(url.as_str()).roll_back(&arguments.slot, &rollback)?;
    live::show(&published, url, arguments.json)?;
    Ok(Outcome::Done)
}
