use super::json::harmless;
use super::printable::printable_lines;
use super::style::Style;

/// An error and what caused it, one a line.
pub(crate) fn text(error: &anyhow::Error) -> String {
    let style = Style::stderr();
    let mut text = format!("{} {}\n", style.red("error:"), indented(error));
    for cause in error.chain().skip(1) {
        text.push_str(&format!("  {} {}\n", style.dim("because:"), indented(cause)));
    }
    text
}

/// A message whose further lines cannot be taken for messages of their own.
fn indented(message: impl std::fmt::Display) -> String {
    let message = message.to_string();
    printable_lines(message.trim_end()).replace('\n', "\n    ")
}

/// `{"error":"..."}` with what caused it, in one line.
pub(crate) fn json(error: &anyhow::Error) -> String {
    let text = serde_json::json!({ "error": runtime::one_line(error.as_ref()) }).to_string();
    format!("{}\n", harmless(&text))
}
