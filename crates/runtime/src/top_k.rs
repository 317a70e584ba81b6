use std::cmp::Ordering;

use crate::{Shares, Tensor};

/// One class of a ranking.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranked {
    /// Number of the class: its position in the scores.
    pub class: usize,
    /// Name of the class, where there is one.
    pub label: Option<String>,
    /// The score.
    pub score: f32,
}

/// The `k` highest scores, highest first; equal scores by lower class, not-a-number last.
#[must_use]
pub fn top_k(scores: &[f32], k: usize, labels: &[String]) -> Vec<Ranked> {
    let by_rank = |&a: &usize, &b: &usize| rank(scores[a], scores[b]).then(a.cmp(&b));
    let mut classes: Vec<usize> = (0..scores.len()).collect();
    if k < classes.len() {
        classes.select_nth_unstable_by(k, by_rank);
        classes.truncate(k);
    }
    classes.sort_unstable_by(by_rank);
    let ranked = |class: usize| Ranked { class, label: labels.get(class).cloned(), score: scores[class] };
    classes.into_iter().map(ranked).collect()
}

/// The `k` highest scores of an output, highest first, each with its share of 1; `None` where it is no row of scores, or
/// they have no shares. Labels that are not as many as the classes are those of something else.
#[must_use]
pub fn top_shares(output: &Tensor, k: usize, labels: &[String]) -> Option<Vec<(Ranked, f64)>> {
    let scores = output.scores()?;
    let labels = if labels.len() == scores.len() { labels } else { &[] };
    let shares = Shares::of(&scores);
    top_k(&scores, k, labels)
        .into_iter()
        .map(|ranked| shares.share(ranked.score).map(|share| (ranked, share)))
        .collect()
}

fn rank(a: f32, b: f32) -> Ordering {
    a.is_nan().cmp(&b.is_nan()).then_with(|| b.partial_cmp(&a).unwrap_or(Ordering::Equal))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(scores: &[f32], k: usize, expected: &[usize]) {
        let classes: Vec<usize> = top_k(scores, k, &[]).into_iter().map(|ranked| ranked.class).collect();
        assert_eq!(classes, expected);
    }

    #[test]
    fn highest_first() {
        check(&[0.1, 0.7, 0.2], 2, &[1, 2]);
    }

    #[test]
    fn equal_scores_by_class() {
        check(&[0.5, 0.5, 0.5, 0.9], 3, &[3, 0, 1]);
    }

    #[test]
    fn more_than_there_are() {
        check(&[1.0, 2.0], 5, &[1, 0]);
        check(&[], 5, &[]);
        check(&[1.0], 0, &[]);
    }

    #[test]
    fn not_a_number_is_last() {
        check(&[f32::NAN, -1.0, f32::NEG_INFINITY], 3, &[1, 2, 0]);
        check(&[0.0, -0.0], 2, &[0, 1]);
    }

    #[test]
    fn labels_are_attached_where_they_reach() {
        let ranked = top_k(&[0.0, 1.0], 2, &["zero".to_string()]);
        assert_eq!((ranked[0].label.as_deref(), ranked[1].label.as_deref()), (None, Some("zero")));
    }

    #[test]
    fn shares_are_those_of_rows_of_scores() {
        let labels = |count: usize| (0..count).map(|class| format!("class {class}")).collect::<Vec<_>>();
        let top = |shape: &[u64], values: &[f32], labels: &[String]| {
            let top = top_shares(&Tensor::from_f32s(shape.to_vec(), values).unwrap(), 2, labels)?;
            Some(top.into_iter().map(|(ranked, share)| (ranked.class, ranked.label, share)).collect::<Vec<_>>())
        };
        let second = Some("class 1".to_owned());
        assert_eq!(top(&[1, 2], &[0.25, 0.75], &labels(2)).unwrap()[0], (1, second, 0.75));
        assert_eq!(top(&[1, 2], &[0.25, 0.75], &labels(3)).unwrap()[0], (1, None, 0.75));
        assert_eq!(top(&[2, 2], &[0.25; 4], &[]), None);
        assert_eq!(top(&[2], &[0.0, f32::INFINITY], &[]), None);
        assert_eq!(top(&[2], &[0.0, f32::NAN], &[]), None);
    }
}
