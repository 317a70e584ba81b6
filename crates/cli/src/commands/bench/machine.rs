//! Which machine this is.

use std::fs;
use std::num::NonZeroUsize;
use std::thread;

use serde::Serialize;

#[derive(Debug, Clone, Serialize)]
pub(super) struct Machine {
    /// The name of the processor or of the board, as far as the system says it.
    pub(super) processor: String,
    pub(super) architecture: &'static str,
    pub(super) system: &'static str,
    /// Threads that run at once.
    pub(super) threads: usize,
    /// Whether this program was built without optimization: its native times then mean little.
    pub(super) unoptimized: bool,
    pub(super) version: &'static str,
}

impl Machine {
    pub(super) fn here() -> Self {
        let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let board = fs::read_to_string("/proc/device-tree/model").unwrap_or_default();
        Self {
            processor: processor(&cpuinfo, &board).unwrap_or_else(|| "unnamed processor".into()),
            architecture: std::env::consts::ARCH,
            system: std::env::consts::OS,
            threads: thread::available_parallelism().map_or(1, NonZeroUsize::get),
            unoptimized: cfg!(debug_assertions),
            version: env!("CARGO_PKG_VERSION"),
        }
    }
}

/// x86 names the processor, ARM boards name themselves.
fn processor(cpuinfo: &str, board: &str) -> Option<String> {
    let fields = cpuinfo.lines().filter_map(|line| line.split_once(':'));
    let named = fields.filter(|(name, _)| name.trim() == "model name").map(|(_, value)| value.trim());
    let board = board.trim_matches(|c: char| c == '\0' || c.is_whitespace());
    named.chain([board]).find(|name| !name.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::processor;

    #[test]
    fn whoever_has_a_name_says_it() {
        let x86 = "processor\t: 0\nmodel name\t: Example CPU @ 2 GHz\nmodel name\t: other\n";
        assert_eq!(processor(x86, "").as_deref(), Some("Example CPU @ 2 GHz"));
        let pi = "processor\t: 0\nBogoMIPS\t: 108.00\n";
        assert_eq!(
            processor(pi, "Raspberry Pi 5 Model B Rev 1.0\0").as_deref(),
            Some("Raspberry Pi 5 Model B Rev 1.0")
        );
        assert_eq!(processor("", "\0"), None);
    }
}
