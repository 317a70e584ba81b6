//! Routes of a configuration file.

use std::num::NonZeroUsize;
use std::ops::RangeInclusive;
use std::time::Duration;

use flow::{CallSpec, Policy, QueueSpec, RouteSpec, WindowSpec};

use super::mistake::Read;
use super::parse::{Context, EVENTS_MAX};
use super::section::{Entry, Section};
use super::{NodeRoute, SourceSpec, format, sink, source, suggest};

const QUEUE_CAPACITY_DEFAULT: NonZeroUsize = NonZeroUsize::new(1024).expect("not zero");
const POLICIES: [(&str, Policy); 3] =
    [("block", Policy::Block), ("drop-oldest", Policy::DropOldest), ("drop-newest", Policy::DropNewest)];

pub(super) fn read(name: &str, entry: &Entry<'_>, context: &mut Context<'_>) -> Read<NodeRoute> {
    let section = entry.section(format!("[routes.{}]", suggest::shortened(name)), "write a table [routes.NAME]")?;
    section.check_keys(&format::ROUTE);
    let source = section.required("source", "{ kind = \"push\" }", |entry| source::read(entry, &section.name, context));
    let every = section.optional("every", Entry::duration);
    let every = check_every(&section, source.as_ref().ok(), every);
    let queue = section.optional("queue", |entry| queue(&entry.section(named("the queue", &section), QUEUE_HELP)?));
    let window =
        section.optional("window", |entry| window(&entry.section(named("the window", &section), WINDOW_HELP)?));
    let call = call(&section, context);
    let sinks = section.or("sinks", vec![], |entry| sink::read_all(entry, &section.name, context));
    if section.get("function").is_none() && sinks.as_ref().is_ok_and(Vec::is_empty) {
        let help = "add a `function`, or `sinks` such as [{ kind = \"stdout\" }]";
        return Err(section.report(format!("{} has no function and no sinks, so it does nothing", section.name), help));
    }
    Ok(RouteSpec {
        source: source?,
        every: every?,
        queue: queue?.unwrap_or(QueueSpec { capacity: QUEUE_CAPACITY_DEFAULT, policy: Policy::Block }),
        window: window?,
        call: call?,
        sinks: sinks?,
    })
}

const QUEUE_HELP: &str = "write { capacity = 1024, policy = \"block\" }";
const WINDOW_HELP: &str = "write { count = 60 }, { count = 60, every = 10 } or { time = \"10s\" }";

fn named(part: &str, section: &Section<'_>) -> String {
    format!("{part} of {}", section.name)
}

/// Whether a source has a pace is decided by its kind.
fn check_every(
    section: &Section<'_>,
    source: Option<&SourceSpec>,
    every: Read<Option<Duration>>,
) -> Read<Option<Duration>> {
    let (kind, wanted) = match source {
        Some(SourceSpec::File(_)) => ("file", Some(true)),
        Some(SourceSpec::Signal(_)) => ("signal", Some(true)),
        Some(SourceSpec::Push) => ("push", Some(false)),
        Some(SourceSpec::Nodes(_)) => ("nodes", Some(false)),
        Some(SourceSpec::Replay(_)) | None => return every,
    };
    match (section.get("every"), wanted) {
        (None, Some(true)) => {
            let what =
                format!("`every` is missing in {}, whose source of the kind `{kind}` is asked at a pace", section.name);
            Err(section.report(what, "add it, for example `every = \"1s\"`"))
        }
        (Some(entry), Some(false)) => {
            let what = format!("{entry} has no meaning, as values of the kind `{kind}` come when others send them");
            Err(entry.report_key(what, "remove it"))
        }
        (Some(_) | None, _) => every,
    }
}

fn queue(section: &Section<'_>) -> Read<QueueSpec> {
    section.check_keys(&format::QUEUE);
    let capacity = section.or("capacity", QUEUE_CAPACITY_DEFAULT, |entry| entry.positive(EVENTS_MAX));
    let policy = section.or("policy", Policy::Block, |entry| entry.choice(&POLICIES));
    Ok(QueueSpec { capacity: capacity?, policy: policy? })
}

fn window(section: &Section<'_>) -> Read<WindowSpec> {
    section.check_keys(&format::WINDOW);
    let size = section.optional("count", |entry| entry.positive(EVENTS_MAX));
    let every = section.optional("every", |entry| entry.positive(EVENTS_MAX));
    let length = section.optional("time", Entry::duration);
    match (size?, every?, length?) {
        (Some(size), every, None) => Ok(WindowSpec::Count { size, every: every.unwrap_or(size) }),
        (None, None, Some(length)) => Ok(WindowSpec::Time { length }),
        (None, Some(_), Some(_)) => {
            let what = format!("{} has `every`, which counts events, beside `time`", section.name);
            Err(section.report(what, "remove `every`: windows by time follow each other without a gap"))
        }
        (Some(_), _, Some(_)) => {
            Err(section.report(format!("{} has both `count` and `time`", section.name), "remove one of them"))
        }
        (None, _, None) => Err(section.report(format!("{} has neither `count` nor `time`", section.name), WINDOW_HELP)),
    }
}

fn call(section: &Section<'_>, context: &Context<'_>) -> Read<Option<CallSpec>> {
    let field = section.optional("field", Entry::word);
    let function = section.optional("function", |entry| function(entry, context));
    if let (Some(entry), None) = (section.get("field"), section.get("function")) {
        let what = format!("{entry} has no meaning without a function");
        return Err(entry.report_key(what, "add `function`, or remove it"));
    }
    let (field, function) = (field?, function?);
    Ok(function.map(|(slot, function)| CallSpec { slot, function, field }))
}

/// `SLOT.FUNCTION`
fn function(entry: &Entry<'_>, context: &Context<'_>) -> Read<(String, String)> {
    const FUNCTION_LENGTHS: RangeInclusive<usize> = 1..=1024;
    let text = entry.text()?;
    let parts = text.split_once('.').filter(|(_, function)| FUNCTION_LENGTHS.contains(&function.len()));
    let Some((slot, function)) = parts else {
        let what = format!("{entry} is \"{}\"", suggest::shortened(text));
        return Err(entry.report(what, "write the slot, a point and the function: \"SLOT.FUNCTION\""));
    };
    if context.slots.contains(&slot) {
        return Ok((slot.to_owned(), function.to_owned()));
    }
    let what = format!("there is no slot `{}` for {entry}", suggest::shortened(slot));
    let help = match context.slots.as_slice() {
        [] => format!("add a table [slots.{}]", suggest::shortened(slot)),
        slots => suggest::nearest(slot, slots.iter().copied(), "the slots are"),
    };
    Err(entry.report(what, help))
}
