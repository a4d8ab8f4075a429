//! Computes a weighted sum: looks up the columns of a one-hot encoding instead of adding them one by one.

use alloc::vec::Vec;

use super::{Basis, Term};
use crate::features::Features;

/// How many levels a lookup holds; grades have up to eight.
const LEVELS: usize = 8;

/// One addition.
#[derive(Debug, Clone)]
enum Step {
    /// One term.
    Term(Term),
    /// Terms for different levels of one feature, of which at most one is not 0.
    Levels { feature: usize, weights: [f64; LEVELS] },
}

/// The additions of a sum, in the order of its terms.
#[derive(Debug, Clone)]
pub(super) struct Steps(Vec<Step>);

impl Steps {
    /// Combines consecutive terms for levels of one feature. All but one of them add 0, so the sum stays the same to the bit.
    pub(super) fn of(terms: &[Term]) -> Steps {
        let mut steps: Vec<Step> = Vec::with_capacity(terms.len());
        // Which levels the last step holds.
        let mut taken = [false; LEVELS];
        for term in terms {
            let Basis::Level(feature, level) = term.basis else {
                steps.push(Step::Term(*term));
                continue;
            };
            let (feature, level) = (usize::from(feature), usize::from(level));
            if level >= LEVELS {
                steps.push(Step::Term(*term));
                continue;
            }
            match steps.last_mut() {
                Some(Step::Levels { feature: same, weights })
                    if *same == feature && !taken[level] =>
                {
                    weights[level] = term.weight;
                }
                _ => {
                    taken = [false; LEVELS];
                    let mut weights = [0.0; LEVELS];
                    weights[level] = term.weight;
                    steps.push(Step::Levels { feature, weights });
                }
            }
            taken[level] = true;
        }
        Steps(steps)
    }

    /// Adds every step to `sum`, in order.
    #[inline]
    pub(super) fn add_to(&self, sum: f64, features: &Features) -> f64 {
        self.0.iter().fold(sum, |sum, step| {
            sum + match step {
                Step::Term(term) => term.weight * term.basis.of(features),
                Step::Levels { feature, weights } => {
                    weight_of(features.values()[*feature], weights)
                }
            }
        })
    }
}

/// The weight of a level; 0 for a value that is not a level, such as a fraction or NaN.
#[inline]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the comparison detects a loss"
)]
fn weight_of(value: f64, weights: &[f64; LEVELS]) -> f64 {
    let level = value as u8;
    let is_level = f64::from(level).to_bits() == value.to_bits();
    weights.get(usize::from(level)).copied().filter(|_| is_level).unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::FEATURE_COUNT;

    #[test]
    fn steps_sum_up_like_the_terms_to_the_bit() {
        let level = |feature, level, weight| Term {
            basis: Basis::Level(feature, level),
            weight,
            mean: 0.0,
        };
        let value = |feature, weight| Term { basis: Basis::Value(feature), weight, mean: 0.0 };
        let terms = [
            value(0, 0.1),
            level(1, 1, 0.3),
            level(1, 4, 1e9),
            level(2, 3, -0.7),
            level(2, 3, 0.1),
            level(2, 200, 5.0),
            value(6, 1e-9),
            level(2, 0, 7.0),
            level(1, 7, 0.2),
        ];
        let steps = Steps::of(&terms);
        assert_eq!(steps.0.len(), 8);
        for cut in [0.0, -0.0, 1.0, 1.5, 4.0, 7.0, 8.0, 255.0, 256.0, -1.0, f64::NAN, f64::INFINITY]
        {
            for color in [0.0, 3.0, 200.0] {
                let mut row = [0.25; FEATURE_COUNT];
                (row[1], row[2]) = (cut, color);
                let features = Features::from_values(row);
                let expected = terms
                    .iter()
                    .fold(0.7, |sum, term| sum + term.weight * term.basis.of(&features));
                let found = steps.add_to(0.7, &features);
                assert_eq!(found.to_bits(), expected.to_bits(), "{cut} {color}");
            }
        }
    }
}
