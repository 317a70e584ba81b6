//! How the scores of classes become shares of 1.

/// How far a sum of probabilities may be from 1.
const SUM_TOLERANCE: f64 = 1e-3;

/// How scores become shares of 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shares {
    /// They are probabilities already.
    Scores,
    /// They are logarithms of odds.
    Softmax(Softmax),
    /// They do not: some are infinite or no numbers.
    None,
}

/// What the softmax of a score needs of all scores.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Softmax {
    largest: f64,
    sum: f64,
}

impl Shares {
    /// What becomes of these scores.
    #[must_use]
    pub fn of(scores: &[f32]) -> Self {
        if scores.iter().any(|score| !score.is_finite()) {
            return Self::None;
        }
        let sum: f64 = scores.iter().map(|score| f64::from(*score)).sum();
        if scores.iter().all(|score| (0.0..=1.0).contains(score)) && (sum - 1.0).abs() <= SUM_TOLERANCE {
            return Self::Scores;
        }
        let largest = scores.iter().map(|score| f64::from(*score)).fold(f64::NEG_INFINITY, f64::max);
        let sum = scores.iter().map(|score| (f64::from(*score) - largest).exp()).sum();
        Self::Softmax(Softmax { largest, sum })
    }

    /// The share of one of the scores, if they have shares.
    #[must_use]
    pub fn share(self, score: f32) -> Option<f64> {
        match self {
            Self::Scores => Some(f64::from(score)),
            Self::Softmax(Softmax { largest, sum }) => Some((f64::from(score) - largest).exp() / sum),
            Self::None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(scores: &[f32], expected: &[Option<f64>]) {
        let shares = Shares::of(scores);
        let shares: Vec<Option<f64>> = scores.iter().map(|score| shares.share(*score)).collect();
        assert_eq!(shares, expected);
    }

    #[test]
    fn probabilities_stay_what_they_are() {
        check(&[0.25, 0.5, 0.25], &[Some(0.25), Some(0.5), Some(0.25)]);
    }

    #[test]
    fn other_scores_get_a_softmax() {
        check(&[2.0, 2.0], &[Some(0.5), Some(0.5)]);
        check(&[-1000.0, 1000.0], &[Some(0.0), Some(1.0)]);
        check(&[1.0], &[Some(1.0)]);
    }

    #[test]
    fn infinities_have_no_shares() {
        check(&[f32::INFINITY, 0.0], &[None, None]);
        check(&[f32::NAN], &[None]);
        check(&[], &[]);
    }
}
