/// Eighths of a character cell, from one to seven.
const EIGHTHS: [char; 7] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/// A bar for a share from 0 to 1, at most `width` characters long. What is no such share has no bar.
pub(crate) fn bar(share: f64, width: usize) -> String {
    if !(0.0..=1.0).contains(&share) {
        return String::new();
    }
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "between 0 and 8 widths"
    )]
    let eighths = (share * width as f64 * 8.0).round() as usize;
    let mut bar = "█".repeat(eighths / 8);
    if let Some(rest) = (eighths % 8).checked_sub(1) {
        bar.push(EIGHTHS[rest]);
    }
    bar
}

#[cfg(test)]
mod tests {
    use super::bar;

    #[test]
    fn bars_are_as_long_as_their_share() {
        for (share, expected) in [
            (0.0, ""),
            (1.0, "████"),
            (0.5, "██"),
            (0.53, "██▏"),
            (0.97, "███▉"),
            (f64::NAN, ""),
            (1.5, ""),
            (-0.1, ""),
        ] {
            assert_eq!(bar(share, 4), expected, "{share}");
        }
    }
}
