use node::client::Client;

use super::{Outcome, live};
use crate::args::PushArguments;
use crate::files::{self, Content};
use crate::render::upload::Upload;
use crate::usage::usage;

pub(super) fn run(arguments: &PushArguments) -> anyhow::Result<Outcome> {
    let wasm = files::read(&arguments.file, Content::Module)?;
    let url = &arguments.at.at;
    let client = Client::new(url.as_str());
    let slot = match &arguments.slot {
        Some(slot) => slot.clone(),
        None => only_slot(&client)?,
    };
    let upload = Upload::start(wasm.len() as u64);
    let sent = |bytes| upload.sent(bytes);
    let published = if arguments.allow_breaking {
        client.push_breaking(&slot, &wasm, sent)
    } else {
        client.push(&slot, &wasm, sent)
    };
    drop(upload);
    live::show(&published?, url, arguments.json)?;
    Ok(Outcome::Done)
}

/// The one slot of a node.
///
/// # Errors
/// There are several or none, or the node cannot be asked.
pub(super) fn only_slot(client: &Client) -> anyhow::Result<String> {
    let slots = client.slots()?;
    match &slots[..] {
        [slot] => Ok(slot.name.clone()),
        [] => anyhow::bail!("the node at {} has no slots: add one to its configuration", client.url()),
        slots => {
            let names: Vec<&str> = slots.iter().map(|slot| slot.name.as_str()).collect();
            Err(usage(format!(
                "the node at {} has several slots: choose one with --slot: {}",
                client.url(),
                names.join(", ")
            )))
        }
    }
}
