//! The bars that calls are held to, and whether they are met here and now.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::times::{Times, median, nanoseconds};

/// One bar and what was measured for it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Bar {
    about: &'static str,
    limit: Limit,
    found: Option<f64>,
    /// The same without Wasm, where the machine itself may be the reason.
    control: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Limit {
    /// Nanoseconds that must not be exceeded.
    Time(f64),
    /// A ratio that must not be exceeded.
    AtMost(f64),
    /// A ratio that must be reached.
    AtLeast(f64),
}

impl Bar {
    /// `None` where nothing was measured.
    fn is_met(&self) -> Option<bool> {
        let found = self.found?;
        Some(match self.limit {
            Limit::Time(limit) | Limit::AtMost(limit) => found <= limit,
            Limit::AtLeast(limit) => found >= limit,
        })
    }

    pub(super) fn json(&self) -> Value {
        json!({ "bar": self.about, "found": self.found, "control": self.control, "met": self.is_met() })
    }
}

/// Every bar, from the times of all rounds and from the reports of the program.
pub(super) fn judged(times: &Times, reports: &[Value]) -> Vec<Bar> {
    let minimum = |id: &str| times.minimum(id);
    let over = |id: &str, native: &str| Some(minimum(id)? - minimum(native)?);
    let middle = |part: &str, key: &str| median(reports.iter().filter_map(|report| report[part][key].as_f64()));
    let bar = |about, limit, found| Bar { about, limit, found, control: None };
    let extism = times.without("extism-json", "extism-crossing").filter(|time| *time > 0.0);
    vec![
        bar("typed no-op on a held lease", Limit::Time(50.0), minimum("noop-held")),
        bar("typed no-op, acquire and call", Limit::Time(150.0), minimum("noop")),
        bar("60 integers in, two numbers out, over native", Limit::Time(1e3), over("typed", "native-integers")),
        bar("JSON in and out, over native JSON", Limit::Time(1.8e3), over("json", "native-json")),
        bar(
            "JSON in and out, as a share of extism",
            Limit::AtMost(0.4),
            minimum("json").zip(extism).map(|(a, b)| a / b),
        ),
        bar("60 floats through a component, typed", Limit::Time(1.5e3), minimum("component-typed")),
        Bar {
            control: middle("idle", "native_median_ns"),
            ..bar("no-op, first call after a second of idleness", Limit::Time(20e3), middle("idle", "median_ns"))
        },
        Bar {
            control: middle("threads", "native_ratio"),
            ..bar("two threads against one", Limit::AtLeast(1.8), middle("threads", "ratio"))
        },
    ]
}

/// For people.
pub(super) fn table(bars: &[Bar]) -> String {
    let mut text = String::new();
    for bar in bars {
        let show = |value: f64| match bar.limit {
            Limit::Time(_) => nanoseconds(value),
            Limit::AtMost(_) | Limit::AtLeast(_) => format!("{value:.2} x"),
        };
        let limit = match bar.limit {
            Limit::Time(limit) | Limit::AtMost(limit) => format!("<= {}", show(limit)),
            Limit::AtLeast(limit) => format!(">= {}", show(limit)),
        };
        let verdict = match bar.is_met() {
            Some(true) => "met",
            Some(false) => "MISSED",
            None => "not measured",
        };
        let found = bar.found.map(show).unwrap_or_default();
        let control = bar.control.map(|control| format!("  (native: {})", show(control))).unwrap_or_default();
        writeln!(text, "  {verdict:13}{:48}{limit:>13}{found:>12}{control}", bar.about)
            .expect("writing to a string cannot fail");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(rows: &[(&str, f64)]) -> Times {
        let rows: Vec<Value> = rows
            .iter()
            .map(|(id, time)| json!({ "id": id, "title": id, "minimum_ns": time, "median_ns": time }))
            .collect();
        let mut times = Times::default();
        times.add(&json!({ "rows": rows })).unwrap();
        times
    }

    #[track_caller]
    fn check(rows: &[(&str, f64)], reports: &[Value], about: &str, expected: Option<bool>) {
        let bars = judged(&times(rows), reports);
        let bar = bars.iter().find(|bar| bar.about == about).unwrap();
        assert_eq!(bar.is_met(), expected, "{}", table(&bars));
    }

    #[test]
    fn times_must_not_be_exceeded() {
        let about = "typed no-op on a held lease";
        check(&[("noop-held", 50.0)], &[], about, Some(true));
        check(&[("noop-held", 50.1)], &[], about, Some(false));
        check(&[], &[], about, None);
        let about = "60 integers in, two numbers out, over native";
        check(&[("typed", 1_200.0), ("native-integers", 200.0)], &[], about, Some(true));
        check(&[("typed", 1_201.0), ("native-integers", 200.0)], &[], about, Some(false));
        check(&[("typed", 1_200.0)], &[], about, None);
    }

    #[test]
    fn the_share_of_extism_is_that_without_python() {
        let about = "JSON in and out, as a share of extism";
        check(&[("json", 400.0), ("extism-json", 1_500.0), ("extism-crossing", 500.0)], &[], about, Some(true));
        check(&[("json", 401.0), ("extism-json", 1_500.0), ("extism-crossing", 500.0)], &[], about, Some(false));
        check(&[("json", 400.0), ("extism-json", 1_500.0)], &[], about, None);
    }

    #[test]
    fn the_round_in_the_middle_counts_where_the_machine_matters() {
        let round = |ratio: f64, idle: f64| json!({"threads": {"ratio": ratio}, "idle": {"median_ns": idle}});
        let rounds = [round(1.9, 30e3), round(1.0, 10e3), round(1.8, 20e3), json!({"rows": []})];
        check(&[], &rounds, "two threads against one", Some(true));
        check(&[], &rounds[1..2], "two threads against one", Some(false));
        check(&[], &rounds, "no-op, first call after a second of idleness", Some(true));
        check(&[], &rounds[..1], "no-op, first call after a second of idleness", Some(false));
    }
}
