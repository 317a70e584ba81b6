//! What the paper measured: its Table II, and the integers that it was measured with.

use serde::Serialize;

/// The 60 values of the paper: of a normal distribution with mean 100 and deviation 30, rounded.
pub(super) const INTEGERS: [i32; 60] = [
    127, 71, 110, 75, 140, 150, 44, 112, 119, 88, 88, 58, 34, 69, 59, 133, 124, 111, 121, 102, 91, 118, 62, 122, 79,
    77, 73, 82, 116, 153, 115, 139, 97, 111, 117, 81, 18, 100, 60, 118, 150, 47, 80, 159, 109, 92, 106, 108, 106, 126,
    143, 72, 96, 46, 108, 119, 148, 119, 123, 145,
];

/// The machine and the programs of the paper.
pub(super) const SETTING: &str = "Raspberry Pi 4, Cortex-A72 at 1.5 GHz, Elixir 1.14.3, wasmex 0.8.2";

/// One row, with the figures of the same published run that the table leaves out.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Published {
    pub(super) name: &'static str,
    pub(super) mean_us: f64,
    pub(super) minimum_us: f64,
    pub(super) maximum_us: f64,
    pub(super) calls: u32,
    /// The row of ours that does the same.
    pub(super) beside: &'static str,
}

/// Mean and median on Elixir; the same arguments to a function that computes nothing; mean and median in Wasm. The mean of
/// the second is that of the third less the difference that was published, 5.8 us.
pub(super) const TABLE_II: [Published; 3] = [
    Published {
        name: "Elixir",
        mean_us: 31.0,
        minimum_us: 25.4,
        maximum_us: 4_830.0,
        calls: 147_689,
        beside: "native-integers",
    },
    Published {
        name: "Wasm, no-op",
        mean_us: 246.7,
        minimum_us: 207.1,
        maximum_us: 851.6,
        calls: 19_913,
        beside: "json-noop",
    },
    Published { name: "Wasm", mean_us: 252.5, minimum_us: 213.6, maximum_us: 5_510.0, calls: 19_451, beside: "json" },
];

#[cfg(test)]
mod tests {
    use super::INTEGERS;

    #[test]
    fn the_integers_are_the_published_ones() {
        let mut sorted = INTEGERS;
        sorted.sort_unstable();
        assert_eq!((INTEGERS.iter().sum::<i32>(), sorted[29], sorted[30]), (6066, 108, 108));
        let text: Vec<String> = INTEGERS.iter().map(ToString::to_string).collect();
        assert_eq!(format!("{{\"values\":[{}]}}", text.join(",")).len(), 227);
    }
}
