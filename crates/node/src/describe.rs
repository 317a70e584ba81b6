//! Parts of a route in a few words.

use flow::{CallSpec, WindowSpec};

use crate::config::{NodeRoute, SinkSpec, SourceSpec};

/// Where values come from, and how often.
pub(crate) fn source(route: &NodeRoute) -> String {
    let source = match &route.source {
        SourceSpec::File(file) => file.path.display().to_string(),
        SourceSpec::Replay(replay) => format!("replay of {}", replay.path.display()),
        SourceSpec::Signal(_) => "signal".into(),
        SourceSpec::Push => "pushed values".into(),
        SourceSpec::Nodes(nodes) => match (&nodes.route, &nodes.origin) {
            (None, None) => "events of other nodes".into(),
            (Some(route), None) => format!("`{route}` of other nodes"),
            (None, Some(origin)) => format!("events of {origin}"),
            (Some(route), Some(origin)) => format!("`{route}` of {origin}"),
        },
    };
    match route.every {
        Some(every) => format!("{source}, every {}", humantime::format_duration(every)),
        None => source,
    }
}

/// Which events are given to a function together.
pub(crate) fn window(window: &WindowSpec) -> String {
    match window {
        WindowSpec::Count { size, every } if size == every => format!("{size} values"),
        WindowSpec::Count { size, every } => format!("last {size} values, every {every}"),
        WindowSpec::Time { length } => format!("{} of values", humantime::format_duration(*length)),
    }
}

/// `slot.function`.
pub(crate) fn call(call: &CallSpec) -> String {
    format!("{}.{}", call.slot, call.function)
}

/// Where events go.
pub(crate) fn sink(sink: &SinkSpec) -> String {
    match sink {
        SinkSpec::Stdout => "standard output".into(),
        SinkSpec::JsonLines(file) => file.path.display().to_string(),
        SinkSpec::Upstream => "upstream".into(),
    }
}
