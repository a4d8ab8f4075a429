//! Computes the contributions of features to a weighted sum.

use super::Explanation;
use crate::features::{FEATURE_COUNT, Features};
use crate::form::Linear;

/// Adds the difference of each term from its mean over the training rows to the effect of the term's feature. That is the
/// Shapley value where each term depends on one feature. A product of two features is divided equally.
pub(super) fn explain(linear: &Linear, features: &Features) -> Explanation {
    let mut base_margin = linear.intercept();
    let mut effects = [0.0; FEATURE_COUNT];
    for term in linear.terms() {
        base_margin += term.weight * term.mean;
        let effect = term.weight * (term.basis.of(features) - term.mean);
        // Two halves: for a product one to each feature, for any other term both to the same.
        for feature in term.basis.features().cycle().take(2) {
            effects[usize::from(feature)] += effect / 2.0;
        }
    }
    Explanation { base_margin, effects }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::{Basis, Form, Term};

    const STONE: Features =
        Features::from_values([2.0, 4.0, 0.0, 7.0, 60.0, 57.0, 8.0, 8.1, 5.0, 0.0]);

    #[test]
    fn a_term_adds_its_difference_from_its_mean() {
        let check = |terms: &[(Basis, f64)], base: f64, expected: [f64; FEATURE_COUNT]| {
            let terms =
                terms.iter().map(|(basis, mean)| Term { basis: *basis, weight: 10.0, mean: *mean });
            let form = Form::Linear(Linear::new(1.0, terms.collect::<Vec<_>>()).unwrap());
            let found = Explanation::of(&form, &STONE);
            let close = |one: f64, other: f64| assert!((one - other).abs() < 1e-9, "{found:?}");
            close(found.base_margin, base);
            for (effect, expected) in found.effects.into_iter().zip(expected) {
                close(effect, expected);
            }
            close(found.base_margin + found.effects.iter().sum::<f64>(), form.margin(&STONE));
        };
        let nothing = [0.0; FEATURE_COUNT];
        let carat = |effect| [effect, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        check(&[], 1.0, nothing);
        check(&[(Basis::Value(0), 0.8)], 9.0, carat(12.0));
        check(&[(Basis::Value(0), 0.8), (Basis::Square(0), 1.0)], 19.0, carat(42.0));
        check(&[(Basis::Ln(0), 0.0)], 1.0, carat(10.0 * core::f64::consts::LN_2));
        // A stone without the grade has an effect too: it differs from the mean.
        check(&[(Basis::Level(0, 1), 0.25)], 3.5, carat(-2.5));
        check(&[(Basis::Product(0, 0), 1.0)], 11.0, carat(30.0));
        let halves = [65.0, 0.0, 0.0, 65.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        check(&[(Basis::Product(0, 3), 1.0)], 11.0, halves);
    }
}
