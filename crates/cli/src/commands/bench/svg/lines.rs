//! One line for each convention over the size of the argument.

use std::fmt::Write as _;

use super::axis::Axis;
use super::{INFALLIBLE, WIDTH, grid, text, tick};
use crate::commands::bench::sweep::Series;
use crate::render::units::{bytes, nanoseconds};

const LEFT: f64 = 70.0;
const RIGHT: f64 = 250.0;
const HEIGHT: f64 = 340.0;
/// Room for the names of the axis.
const BELOW: f64 = 34.0;
/// Distance of names in the legend.
const PITCH: f64 = 22.0;
/// Legible on light and dark ground and apart for those who see fewer colors.
const COLORS: [&str; 8] = ["#3f7fc4", "#d5762b", "#3a9a6b", "#b7608f", "#8a7a2e", "#5aa5c8", "#c05046", "#8d74c2"];

/// Draws below `top` and answers where it ends.
pub(super) fn draw(body: &mut String, top: f64, series: &[Series]) -> f64 {
    let points = || series.iter().flat_map(|series| &series.points);
    let right = WIDTH - RIGHT;
    let bottom = top + HEIGHT;
    let x = Axis::around(points().map(|point| precise(point.bytes)), LEFT, right);
    let y = Axis::around(points().map(|point| point.over_native_ns), bottom, top);
    for (value, place) in x.ticks() {
        grid(body, (place, top), (place, bottom));
        text(body, place, bottom + 16.0, "middle", &tick(&bytes(whole(value))));
    }
    for (value, place) in y.ticks() {
        grid(body, (LEFT, place), (right, place));
        text(body, LEFT - 8.0, place + 4.0, "end", &tick(&nanoseconds(value)));
    }
    let mut legend = top + 10.0;
    for (series, color) in series.iter().zip(COLORS.iter().cycle()) {
        // An overhead that noise has made negative has no place on the axis.
        let places: Vec<(f64, f64)> = series
            .points
            .iter()
            .filter(|point| point.over_native_ns > 0.0)
            .map(|point| (x.place(precise(point.bytes)), y.place(point.over_native_ns)))
            .collect();
        let line: Vec<String> = places.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        writeln!(body, "<polyline points=\"{}\" class=\"line\" stroke=\"{color}\"/>", line.join(" "))
            .expect(INFALLIBLE);
        for (x, y) in places {
            writeln!(body, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"{color}\"/>").expect(INFALLIBLE);
        }
        let (from, to) = (right + 20.0, right + 42.0);
        writeln!(body, "<path d=\"M{from} {legend:.1}H{to}\" class=\"line\" stroke=\"{color}\"/>").expect(INFALLIBLE);
        text(body, to + 8.0, legend + 4.0, "legend", series.title);
        legend += PITCH;
    }
    bottom + BELOW
}

#[allow(clippy::cast_precision_loss, reason = "a place on paper")]
fn precise(bytes: usize) -> f64 {
    bytes as f64
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a power of ten that sizes lie below")]
fn whole(value: f64) -> u64 {
    value as u64
}
