//! The highest scores of an output, with labels and bars.

use std::fmt::Write as _;

use runtime::{Shares, Tensor, top_k};

use super::bar::bar;
use super::printable::printable;
use super::style::Style;
use super::tensor;

const BAR_WIDTH: usize = 24;
const LABEL_WIDTH_MAX: usize = 40;

/// The outputs of a model for people: rankings of those that are scores of classes, and what the numbers of the others
/// are like.
///
/// Classes are what `labels` name in the first output, or without labels one row that is the only output.
pub(crate) fn outputs(outputs: &[Tensor], top: usize, labels: &[String], style: Style) -> String {
    let text = |(index, output): (usize, &Tensor)| {
        let heading = format!("{} {}", printable(&output.name), tensor::type_text(output.dtype(), output.shape()));
        let heading = style.bold(heading);
        let scores = output.scores().unwrap_or_default();
        // Labels of another number of classes name something else.
        let labels = if index == 0 && labels.len() == scores.len() { labels } else { &[] };
        let has_classes = !labels.is_empty() || outputs.len() == 1 && is_row(output.shape());
        if has_classes && !scores.is_empty() {
            format!("{heading}\n{}", ranking(&scores, top, labels, style))
        } else {
            format!("{heading}\n  {}\n", tensor::summary(output))
        }
    };
    outputs.iter().enumerate().map(text).collect()
}

/// `[N]` or `[1, N]`, and pixels that there is one of: `[1, N, 1, 1]`.
fn is_row(shape: &[u64]) -> bool {
    match shape {
        [_] => true,
        [1, _, pixels @ ..] => pixels.iter().all(|size| *size == 1),
        _ => false,
    }
}

fn ranking(scores: &[f32], top: usize, labels: &[String], style: Style) -> String {
    let shares = Shares::of(scores);
    let ranked = top_k(scores, top, labels);
    let label = |label: &Option<String>| label.as_deref().map(shortened).unwrap_or_default();
    let width = ranked.iter().map(|ranked| label(&ranked.label).chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for class in &ranked {
        let name = label(&class.label);
        let padding = " ".repeat(width - name.chars().count());
        let gap = if width == 0 { "" } else { "  " };
        // No share, hence no bar.
        let share = shares.share(class.score).unwrap_or(f64::NAN);
        let value = match shares {
            Shares::Scores => format!("{:8.4}", class.score),
            Shares::None => format!("{:9.4}", class.score),
            Shares::Softmax(_) => format!("{:9.4}  softmax {share:.4}", class.score),
        };
        let bar = bar(share, BAR_WIDTH);
        let line = format!("  {:>5}{gap}{name}{padding}  {value}  {}", class.class, style.green(bar));
        writeln!(text, "{}", line.trim_end()).expect("writing to a string cannot fail");
    }
    text
}

/// A label or name that fits a table.
pub(crate) fn shortened(label: &str) -> String {
    let label = printable(label);
    if label.chars().count() <= LABEL_WIDTH_MAX {
        return label.into_owned();
    }
    label.chars().take(LABEL_WIDTH_MAX - 3).chain("...".chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(shape: &[u64], values: &[f32], labels: &[&str], expected: &str) {
        let labels: Vec<String> = labels.iter().map(ToString::to_string).collect();
        let tensor = Tensor::from_f32s(shape.to_vec(), values).unwrap().named("y");
        let style = Style::stdout();
        assert!(!style.is_colored(), "tests are not run on a terminal that shows their output");
        assert_eq!(outputs(&[tensor], 2, &labels, style), expected);
    }

    #[test]
    fn probabilities_are_shares() {
        check(
            &[1, 3],
            &[0.25, 0.5, 0.25],
            &["cat", "horse", "dog"],
            "y f32[1, 3]\n      1  horse    0.5000  ████████████\n      0  cat      0.2500  ██████\n",
        );
    }

    #[test]
    fn other_scores_get_a_softmax() {
        check(
            &[1, 2, 1, 1],
            &[0.0, 100.0],
            &["of", "another", "model"],
            "y f32[1, 2, 1, 1]\n      1   100.0000  softmax 1.0000  ████████████████████████\n      0     0.0000  softmax 0.0000\n",
        );
    }

    #[test]
    fn without_labels_only_one_row_is_ranked() {
        let summary = "smallest 0.0000, largest 1.0000, mean 0.5000: 0.0000, 1.0000\n";
        for shape in [&[2, 1][..], &[1, 1, 2], &[1, 1, 1, 2]] {
            check(shape, &[0.0, 1.0], &[], &format!("y f32{shape:?}\n  {summary}"));
        }
        let ranked = "      1  b    1.0000  ████████████████████████\n      0  a    0.0000\n";
        check(&[1, 1, 2], &[0.0, 1.0], &["a", "b"], &format!("y f32[1, 1, 2]\n{ranked}"));
    }

    #[test]
    fn of_several_outputs_only_the_first_with_labels_is_ranked() {
        let output = |name: &str| Tensor::from_f32s(vec![1, 2], &[0.0, 1.0]).unwrap().named(name);
        let both = [output("y"), output("z")];
        let summary = "  smallest 0.0000, largest 1.0000, mean 0.5000: 0.0000, 1.0000\n";
        let text = outputs(&both, 2, &[], Style::stdout());
        assert_eq!(text, format!("y f32[1, 2]\n{summary}z f32[1, 2]\n{summary}"));
        let text = outputs(&both, 2, &["a".into(), "b".into()], Style::stdout());
        let ranked = "      1  b    1.0000  ████████████████████████\n      0  a    0.0000\n";
        assert_eq!(text, format!("y f32[1, 2]\n{ranked}z f32[1, 2]\n{summary}"));
    }

    #[test]
    fn tables_are_summarized() {
        check(
            &[2, 2],
            &[0.0, 1.0, 2.0, 3.0],
            &[],
            "y f32[2, 2]\n  smallest 0.0000, largest 3.0000, mean 1.5000: 0.0000, 1.0000, 2.0000, 3.0000\n",
        );
        check(&[0], &[], &[], "y f32[0]\n  no elements\n");
    }

    #[test]
    fn what_is_no_number_is_not_ranked() {
        check(
            &[1, 4],
            &[0.5, f32::NAN, f32::NAN, 1.5],
            &[],
            "y f32[1, 4]\n  2 of 4 values are not numbers; the others: smallest 0.5000, largest 1.5000, mean 1.0000: 0.5000, NaN, NaN, 1.5000\n",
        );
        check(&[2], &[f32::NAN; 2], &[], "y f32[2]\n  2 of 2 values are not numbers\n");
    }

    #[test]
    fn infinities_are_ranked_without_shares() {
        check(
            &[1, 3],
            &[f32::NEG_INFINITY, f32::INFINITY, 2.0],
            &[],
            "y f32[1, 3]\n      1        inf\n      2     2.0000\n",
        );
        check(
            &[3, 2],
            &[f32::INFINITY, 1.0, 2.0, 3.0, 3.0, 1.0],
            &[],
            "y f32[3, 2]\n  1 of 6 values is infinite; the others: smallest 1.0000, largest 3.0000, mean 2.0000: inf, 1.0000, 2.0000, 3.0000, 3.0000, 1.0000\n",
        );
    }

    #[test]
    fn labels_cannot_command_a_terminal() {
        check(
            &[2],
            &[0.0, 1.0],
            &["\x1b[2J", "b"],
            "y f32[2]\n      1  b            1.0000  ████████████████████████\n      0  \\u{1b}[2J    0.0000\n",
        );
    }

    #[test]
    fn long_labels_are_cut() {
        assert_eq!(shortened(&"x".repeat(40)), "x".repeat(40));
        assert_eq!(shortened(&"ä".repeat(41)), format!("{}...", "ä".repeat(37)));
    }
}
