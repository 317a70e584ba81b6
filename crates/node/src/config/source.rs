//! Sources of a configuration file.

use super::files::Use;
use super::mistake::Read;
use super::parse::Context;
use super::section::{Entry, Section};
use super::{FileSpec, NodesSpec, ReplaySpec, SignalSpec, SourceSpec, format};

/// More words than a file that is small enough to be read can have.
const WORD_MAX: u64 = (64 << 10) / 2;

type Reader = fn(&Section<'_>, &str, &mut Context<'_>) -> Read<SourceSpec>;

const KINDS: [(&str, Reader); 5] =
    [("file", file), ("replay", replay), ("signal", signal), ("push", push), ("nodes", nodes)];

pub(super) fn read(entry: &Entry<'_>, route: &str, context: &mut Context<'_>) -> Read<SourceSpec> {
    let section = entry.section(format!("the source of {route}"), "write a table such as { kind = \"push\" }")?;
    let read = section.required("kind", "\"push\"", |entry| entry.choice(&KINDS))?;
    read(&section, route, context)
}

fn file(section: &Section<'_>, route: &str, context: &mut Context<'_>) -> Read<SourceSpec> {
    section.check_keys(&format::FILE_SOURCE);
    let path = section.required("path", "\"/proc/loadavg\"", |entry| {
        let path = entry.path(context.base)?;
        context.files.note(Use::Source, &path, route, entry.at());
        Ok(path)
    });
    let word = section.or("word", 0, |entry| entry.whole(0..=WORD_MAX - 1));
    let scale = section.or("scale", 1.0, not_zero);
    let round = section.or("round", false, Entry::flag);
    let word = usize::try_from(word?).unwrap_or(usize::MAX);
    Ok(SourceSpec::File(FileSpec { path: path?, word, scale: scale?, round: round? }))
}

fn not_zero(entry: &Entry<'_>) -> Read<f64> {
    match entry.number()? {
        0.0 => Err(entry.report(format!("{entry} is 0, so every value would be 0"), "write another number")),
        number => Ok(number),
    }
}

fn replay(section: &Section<'_>, route: &str, context: &mut Context<'_>) -> Read<SourceSpec> {
    section.check_keys(&format::REPLAY_SOURCE);
    let path = section.required("path", "\"values.csv\"", |entry| {
        let path = entry.path(context.base)?;
        context.files.note(Use::Source, &path, route, entry.at());
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("csv" | "jsonl") => Ok(path),
            Some(_) | None => {
                let what = format!("{entry} ends neither in .csv nor in .jsonl, so its form is unknown");
                Err(entry.report(what, "rename the file"))
            }
        }
    });
    let column = section.optional("column", Entry::word);
    let repeat = section.or("repeat", false, Entry::flag);
    let is_lines = path.as_ref().is_ok_and(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    if let (true, Some(entry)) = (is_lines, section.get("column")) {
        return Err(entry.report_key("JSON lines have no columns", "remove `column`"));
    }
    Ok(SourceSpec::Replay(ReplaySpec { path: path?, column: column?, repeat: repeat? }))
}

fn signal(section: &Section<'_>, _: &str, _: &mut Context<'_>) -> Read<SourceSpec> {
    section.check_keys(&format::SIGNAL_SOURCE);
    let offset = section.or("offset", 0.0, Entry::number);
    let amplitude = section.or("amplitude", 1.0, Entry::number);
    let period = section.or("period", 60.0, |entry| match entry.number()? {
        number if number > 0.0 => Ok(number),
        number => Err(entry.report(format!("{entry} is {number}"), "write how many values a wave has, more than 0")),
    });
    let noise = section.or("noise", 0.0, |entry| match entry.number()? {
        number if number >= 0.0 => Ok(number),
        number => Err(entry.report(format!("{entry} is {number}"), "write 0 or more")),
    });
    let seed = section.or("seed", 0, |entry| entry.whole(0..=u64::MAX));
    let round = section.or("round", false, Entry::flag);
    let count = section.optional("count", |entry| entry.whole(1..=u64::MAX));
    let (offset, amplitude, noise) = (offset?, amplitude?, noise?);
    if !(offset.abs() + amplitude.abs() + noise).is_finite() {
        return Err(section.report(
            format!("`offset`, `amplitude` and `noise` of {} are too large together", section.name),
            "write smaller numbers",
        ));
    }
    Ok(SourceSpec::Signal(SignalSpec {
        offset,
        amplitude,
        period: period?,
        noise,
        seed: seed?,
        round: round?,
        count: count?,
    }))
}

fn push(section: &Section<'_>, _: &str, _: &mut Context<'_>) -> Read<SourceSpec> {
    section.check_keys(&format::PUSH_SOURCE);
    Ok(SourceSpec::Push)
}

fn nodes(section: &Section<'_>, _: &str, _: &mut Context<'_>) -> Read<SourceSpec> {
    section.check_keys(&format::NODES_SOURCE);
    let route = section.optional("route", Entry::name);
    let origin = section.optional("origin", Entry::name);
    Ok(SourceSpec::Nodes(NodesSpec { route: route?, origin: origin? }))
}
