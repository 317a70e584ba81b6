//! Two bars for each convention: native code, and the call.

use std::fmt::Write as _;

use super::axis::Axis;
use super::{GAP, INFALLIBLE, WIDTH, grid, text, tick};
use crate::commands::bench::report::Report;
use crate::render::units::nanoseconds;

const LEFT: f64 = 220.0;
/// Room for the times behind the bars.
const RIGHT: f64 = 150.0;
const BAR: f64 = 12.0;
const PITCH: f64 = 38.0;

/// Draws below `top` and answers where it ends.
pub(super) fn draw(body: &mut String, top: f64, report: &Report) -> f64 {
    let pairs: Vec<_> = report.rows.iter().filter_map(|row| Some((row, report.row(row.native?)?))).collect();
    let times = pairs.iter().flat_map(|(row, native)| [row.minimum_ns, native.minimum_ns]);
    let axis = Axis::around(times, LEFT, WIDTH - RIGHT);
    #[allow(clippy::cast_precision_loss, reason = "a handful of rows")]
    let bottom = top + PITCH * pairs.len() as f64;
    for (value, x) in axis.ticks() {
        grid(body, (x, top), (x, bottom));
        text(body, x, bottom + 16.0, "middle", &tick(&nanoseconds(value)));
    }
    let mut y = top + 4.0;
    for (row, native) in pairs {
        text(body, LEFT - 10.0, y + BAR + 5.0, "end", row.title);
        bar(body, &axis, y, "native", native.minimum_ns, &nanoseconds(native.minimum_ns));
        let ratio = row.ratio.map(|ratio| format!("  ({ratio:.1} x)")).unwrap_or_default();
        bar(body, &axis, y + BAR + 2.0, "wasm", row.minimum_ns, &format!("{}{ratio}", nanoseconds(row.minimum_ns)));
        y += PITCH;
    }
    legend(body, bottom + GAP);
    bottom + GAP
}

fn bar(body: &mut String, axis: &Axis, y: f64, class: &str, time: f64, label: &str) {
    let end = axis.place(time);
    let width = (end - LEFT).max(1.0);
    writeln!(body, "<rect x=\"{LEFT}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{BAR}\" class=\"{class}\"/>")
        .expect(INFALLIBLE);
    text(body, LEFT + width + 6.0, y + BAR - 2.0, "value", label);
}

fn legend(body: &mut String, y: f64) {
    for (x, class, name) in [(LEFT, "native", "native code, same work"), (LEFT + 200.0, "wasm", "call of the function")]
    {
        let top = y - BAR + 2.0;
        writeln!(body, "<rect x=\"{x}\" y=\"{top:.1}\" width=\"{BAR}\" height=\"{BAR}\" class=\"{class}\"/>")
            .expect(INFALLIBLE);
        text(body, x + BAR + 6.0, y, "legend", name);
    }
}
