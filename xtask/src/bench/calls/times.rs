//! Times of all programs and rounds, by row.

use std::fmt::Write as _;

use anyhow::Context as _;
use serde_json::Value;

/// One row over all rounds.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub(super) id: String,
    title: String,
    /// The row that does the same without Wasm.
    native: Option<String>,
    /// Of the fastest batches the fastest, in nanoseconds.
    pub(super) minimum: f64,
    medians: Vec<f64>,
}

/// Rows in the order in which they were first seen.
#[derive(Debug, Default)]
pub(super) struct Times(Vec<Row>);

impl Times {
    /// Adds the rows of one program in one round.
    ///
    /// # Errors
    /// A row lacks what every row has.
    pub(super) fn add(&mut self, report: &Value) -> anyhow::Result<()> {
        for row in report["rows"].as_array().context("a program reports no rows")? {
            let text = |key: &str| row[key].as_str().map(str::to_owned);
            let number = |key: &str| row[key].as_f64().filter(|time| time.is_finite() && *time >= 0.0);
            let lacks = |key: &str| format!("a row lacks `{key}`: {row}");
            let id = text("id").with_context(|| lacks("id"))?;
            let title = text("title").with_context(|| lacks("title"))?;
            let minimum = number("minimum_ns").with_context(|| lacks("minimum_ns"))?;
            let median = number("median_ns").with_context(|| lacks("median_ns"))?;
            match self.0.iter_mut().find(|row| row.id == id) {
                Some(row) => {
                    row.minimum = row.minimum.min(minimum);
                    row.medians.push(median);
                }
                None => self.0.push(Row { id, title, native: text("native"), minimum, medians: vec![median] }),
            }
        }
        Ok(())
    }

    /// The fastest batch of a row, in nanoseconds.
    pub(super) fn minimum(&self, id: &str) -> Option<f64> {
        self.0.iter().find(|row| row.id == id).map(|row| row.minimum)
    }

    /// What remains of the row of a library that is called from Python when the crossing is taken off.
    pub(super) fn without(&self, id: &str, crossing: &str) -> Option<f64> {
        Some((self.minimum(id)? - self.minimum(crossing)?).max(0.0))
    }
}

/// The middle of some values, the upper one where their count is even. `None` without values.
pub(super) fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut sorted: Vec<f64> = values.into_iter().collect();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied()
}

/// All rows, each beside its native one if it has one.
pub(super) fn table(times: &Times) -> String {
    let mut text = format!("  {:32}{:>12}{:>12}{:>14}{:>10}\n", "", "fastest", "median", "over native", "x native");
    for row in &times.0 {
        let native = row.native.as_deref().and_then(|native| times.minimum(native));
        let over = native.map(|native| nanoseconds(row.minimum - native)).unwrap_or_default();
        let ratio = native.map(|native| format!("{:.2}", row.minimum / native)).unwrap_or_default();
        let middle = median(row.medians.iter().copied()).map(nanoseconds).unwrap_or_default();
        writeln!(text, "  {:32}{:>12}{middle:>12}{over:>14}{ratio:>10}", row.title, nanoseconds(row.minimum))
            .expect("writing to a string cannot fail");
    }
    text
}

/// For people.
pub(super) fn nanoseconds(time: f64) -> String {
    match time.abs() {
        1e6.. => format!("{:.2} ms", time / 1e6),
        1e3.. => format!("{:.2} us", time / 1e3),
        _ => format!("{time:.1} ns"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn rows_of_all_rounds_are_joined() {
        let mut times = Times::default();
        let round =
            |minimum, median| json!({"rows": [{"id": "a", "title": "A", "minimum_ns": minimum, "median_ns": median}]});
        for (minimum, median) in [(5.0, 9.0), (4.0, 8.0), (6.0, 100.0)] {
            times.add(&round(minimum, median)).unwrap();
        }
        times
            .add(&json!({"rows": [{"id": "b", "title": "B", "native": "a", "minimum_ns": 8, "median_ns": 8}]}))
            .unwrap();
        assert_eq!((times.minimum("a"), times.minimum("c")), (Some(4.0), None));
        assert_eq!(times.without("b", "a"), Some(4.0));
        let table = table(&times);
        assert!(table.contains("9.0 ns") && table.contains("4.0 ns      2.00"), "{table}");
    }

    #[test]
    fn a_row_is_whole() {
        for row in [json!({"id": "a"}), json!({"id": "a", "title": "A", "minimum_ns": null, "median_ns": 1})] {
            assert!(Times::default().add(&json!({"rows": [row]})).is_err());
        }
        assert!(Times::default().add(&json!({"error": "no"})).is_err());
    }

    #[test]
    fn medians_by_hand() {
        assert_eq!([median([]), median([1.0]), median([3.0, 1.0, 2.0])], [None, Some(1.0), Some(2.0)]);
    }
}
