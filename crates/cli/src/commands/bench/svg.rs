//! What was measured, as one drawing: bars for the calls, lines for the sweep, both on logarithmic axes. Colors are legible
//! on light and on dark ground, and the ground is left to whoever shows it.

mod axis;
mod bars;
mod lines;

use std::fmt::Write as _;

use super::report::Report;

const INFALLIBLE: &str = "writing to a string cannot fail";
const WIDTH: f64 = 860.0;
const GAP: f64 = 40.0;

const STYLE: &str = "text{font:12px system-ui,sans-serif;fill:#7a7a7a}\
.title{font-size:15px;font-weight:600}.grid{stroke:#7a7a7a;stroke-opacity:.25}\
.native{fill:#9a9a9a}.wasm{fill:#3f7fc4}.end{text-anchor:end}.middle{text-anchor:middle}\
.line{fill:none;stroke-width:2}";

pub(super) fn drawing(report: &Report) -> String {
    let machine = &report.machine;
    let mut body = String::new();
    let title = format!("Calls beside native code, {} ({})", machine.processor, machine.architecture);
    let mut top = GAP;
    text(&mut body, 12.0, 24.0, "title", &title);
    top = bars::draw(&mut body, top, report) + GAP;
    text(&mut body, 12.0, top, "title", "Time over native code by size of the argument");
    let bottom = lines::draw(&mut body, top + 16.0, &report.sweep);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {bottom:.0}\" width=\"{WIDTH}\" \
         height=\"{bottom:.0}\" role=\"img\"><title>{}</title><style>{STYLE}</style>\n{body}</svg>\n",
        escaped(&title)
    )
}

fn text(body: &mut String, x: f64, y: f64, class: &str, content: &str) {
    writeln!(body, "<text x=\"{x:.1}\" y=\"{y:.1}\" class=\"{class}\">{}</text>", escaped(content)).expect(INFALLIBLE);
}

/// A round number without its zeros.
fn tick(label: &str) -> String {
    let (number, unit) = label.split_once(' ').unwrap_or((label, ""));
    let number = if number.contains('.') { number.trim_end_matches('0').trim_end_matches('.') } else { number };
    format!("{number} {unit}")
}

fn grid(body: &mut String, from: (f64, f64), to: (f64, f64)) {
    let ((x1, y1), (x2, y2)) = (from, to);
    writeln!(body, "<path d=\"M{x1:.1} {y1:.1}L{x2:.1} {y2:.1}\" class=\"grid\"/>").expect(INFALLIBLE);
}

/// Text as the content of an element; what XML has no place for is left away.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{escaped, tick};

    #[test]
    fn ticks_are_round() {
        let ticks = ["1.00 ns", "10.0 us", "100 kB", "1.50 s", "0.10 ns"].map(tick);
        assert_eq!(ticks, ["1 ns", "10 us", "100 kB", "1.5 s", "0.1 ns"]);
    }

    #[test]
    fn text_stays_text() {
        assert_eq!(escaped("a < b & \"c\"\0 > d\u{1b}"), "a &lt; b &amp; &quot;c&quot; &gt; d");
    }
}
