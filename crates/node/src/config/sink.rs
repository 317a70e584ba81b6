//! Sinks of a configuration file.

use super::files::Use;
use super::mistake::Read;
use super::parse::Context;
use super::section::{Entry, Section};
use super::{JsonLinesSpec, SinkSpec, format};

const JSON_LINES_BYTES_DEFAULT: u64 = 64 << 20;

type Reader = fn(&Section<'_>, &str, &mut Context<'_>) -> Read<SinkSpec>;

const KINDS: [(&str, Reader); 3] = [("stdout", stdout), ("json-lines", json_lines), ("upstream", upstream)];

/// The sinks of a route. Each kind that has one end only occurs at most once.
pub(super) fn read_all(entry: &Entry<'_>, route: &str, context: &mut Context<'_>) -> Read<Vec<SinkSpec>> {
    const HELP: &str = "write a list of tables: [{ kind = \"stdout\" }]";
    let elements = entry.list(HELP)?;
    let mut sinks: Vec<Read<SinkSpec>> = vec![];
    for element in elements {
        let sink =
            element.section(format!("a sink of {route}"), HELP).and_then(|section| read(&section, route, context));
        let again = matches!(sink, Ok(SinkSpec::Stdout | SinkSpec::Upstream)) && sinks.contains(&sink);
        if again {
            sinks.push(Err(element.report(format!("{route} has this sink twice"), "remove one of them")));
        } else {
            sinks.push(sink);
        }
    }
    sinks.into_iter().collect()
}

fn read(section: &Section<'_>, route: &str, context: &mut Context<'_>) -> Read<SinkSpec> {
    let read = section.required("kind", "\"stdout\"", |entry| entry.choice(&KINDS))?;
    read(section, route, context)
}

fn stdout(section: &Section<'_>, _: &str, _: &mut Context<'_>) -> Read<SinkSpec> {
    section.check_keys(&format::STDOUT_SINK);
    Ok(SinkSpec::Stdout)
}

fn json_lines(section: &Section<'_>, route: &str, context: &mut Context<'_>) -> Read<SinkSpec> {
    section.check_keys(&format::JSON_LINES_SINK);
    let path = section.required("path", "\"events.jsonl\"", |entry| {
        let path = entry.path(context.base)?;
        if path.file_name().is_none() {
            return Err(entry.report(format!("{entry} names no file"), "write its path"));
        }
        context.files.note(Use::Sink, &path, route, entry.at());
        Ok(path)
    });
    let max_bytes = section.or("max_size", JSON_LINES_BYTES_DEFAULT, |entry| entry.size(4 << 10..=1 << 40));
    Ok(SinkSpec::JsonLines(JsonLinesSpec { path: path?, max_bytes: max_bytes? }))
}

fn upstream(section: &Section<'_>, _: &str, context: &mut Context<'_>) -> Read<SinkSpec> {
    section.check_keys(&format::UPSTREAM_SINK);
    if context.has_upstream {
        return Ok(SinkSpec::Upstream);
    }
    let help = "add a table [upstream] with its url, or remove the sink";
    Err(section.report(format!("{} is the upstream node, but there is none", section.name), help))
}
