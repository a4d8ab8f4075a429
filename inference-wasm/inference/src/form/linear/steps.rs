//! A weighted sum as it is computed: the columns of a one-hot encoding looked up instead of added one by one.

use alloc::vec::Vec;

use super::{Basis, Term};
use crate::features::Features;

/// How many levels a look-up holds; grades have up to eight.
const LEVELS: usize = 8;

/// What is added in one go.
#[derive(Debug, Clone)]
enum Step {
    /// One term.
    Term(Term),
    /// Terms that are each 1 for a level of one feature and 0 for the others: at most one of them counts.
    Levels { feature: usize, weights: [f64; LEVELS] },
}

/// The terms of a sum, in their order.
#[derive(Debug, Clone)]
pub(super) struct Steps(Vec<Step>);

impl Steps {
    /// Gathers levels of one feature that follow each other. All but one of them add 0, so the sum stays what it was, to
    /// the bit.
    pub(super) fn of(terms: &[Term]) -> Steps {
        let mut steps: Vec<Step> = Vec::with_capacity(terms.len());
        // Which levels of the last step are taken.
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

/// The weight of a level; 0 for what is no level, such as a fraction or NaN.
#[inline]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "what is lost shows in the comparison"
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
    fn steps_give_what_the_terms_give_to_the_bit() {
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
                let plainly = terms
                    .iter()
                    .fold(0.7, |sum, term| sum + term.weight * term.basis.of(&features));
                let found = steps.add_to(0.7, &features);
                assert_eq!(found.to_bits(), plainly.to_bits(), "{cut} {color}");
            }
        }
    }
}
