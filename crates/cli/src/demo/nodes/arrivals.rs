//! What arrived at the cloud, held against what the device wrote down.

use std::path::Path;

use anyhow::Context as _;
use serde::Deserialize;
use serde_json::Value;

use super::configuration::WINDOW;
use crate::demo::claims::Claims;
use crate::demo::statistics;
use crate::files::{self, Content};

/// An event in a file of JSON lines.
#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Event {
    origin: String,
    route: String,
    sequence: u64,
    value: Value,
}

/// Reads the files that the stopped nodes have left in the folder.
pub(super) fn check(folder: &Path, claims: &mut Claims) -> anyhow::Result<()> {
    let [device, cloud] = ["device", "cloud"].map(|name| folder.join(name));
    let sampled = read(&device, "load")?;
    let numbered = (0_u64..).zip(&sampled).all(|(number, event)| event.sequence == number);
    let same = read(&cloud, "load")? == sampled;
    claims.check(
        numbered && same && !sampled.is_empty(),
        &format!("{} samples taken by the device, each is at the cloud once and in order", sampled.len()),
    )?;
    let computed = read(&device, "statistics")?;
    let same = read(&cloud, "statistics")? == computed;
    claims.check(
        same && !computed.is_empty(),
        &format!("{} windows computed by the device, each is at the cloud once and in order", computed.len()),
    )?;
    let at_edge = read(&cloud, "edge-statistics")?;
    let right = right(&sampled, &at_edge)?;
    claims.check(
        right == sampled.len() && at_edge.len() == right,
        &format!("{right} of {} windows computed by the edge are what is computed natively", at_edge.len()),
    )?;
    Ok(())
}

/// How many windows have the answer of either version for the samples up to theirs.
fn right(sampled: &[Event], computed: &[Event]) -> anyhow::Result<usize> {
    let sampled: Option<Vec<i32>> = sampled.iter().map(|event| i32::try_from(event.value.as_i64()?).ok()).collect();
    let sampled = sampled.context("a sample is no integer")?;
    let right = computed.iter().enumerate().filter(|(position, event)| {
        let end = (position + 1).min(sampled.len());
        let window = &sampled[end.saturating_sub(WINDOW)..end];
        let text = event.value.to_string();
        let agrees = |expected| statistics::agrees(&text, expected);
        event.origin == "edge" && (agrees(statistics::first(window)) || agrees(statistics::second(window)))
    });
    Ok(right.count())
}

fn read(folder: &Path, route: &str) -> anyhow::Result<Vec<Event>> {
    let path = folder.join(format!("{route}.jsonl"));
    let bytes = files::read(&path, Content::Argument)?;
    let events = serde_json::Deserializer::from_slice(&bytes).into_iter().collect::<Result<_, _>>();
    events.with_context(|| format!("{} is damaged", path.display()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn events(origin: &str, values: Vec<Value>) -> Vec<Event> {
        let event = |(sequence, value)| Event { origin: origin.into(), route: "r".into(), sequence, value };
        (0..).zip(values).map(event).collect()
    }

    #[test]
    fn windows_are_computed_again() {
        let sampled = events("device", [3, 1, 2, 6, 5].map(Value::from).to_vec());
        let first = json!({"mean": 3, "median": 3});
        let second = json!({"mean": 2.0, "median": 2.0, "standard_deviation": 1.0});
        let third = json!({"mean": 2, "median": 2});
        let fifth = json!({"mean": 3, "median": 5});
        let right_of = |values: Vec<Value>| right(&sampled, &events("edge", values)).unwrap();
        let fourth = json!({"mean": 3, "median": 3});
        assert_eq!(right_of(vec![first.clone(), second, third, fourth.clone(), fifth]), 5);
        assert_eq!(right_of(vec![first.clone(), first.clone(), first.clone(), fourth, first]), 2);
    }
}
