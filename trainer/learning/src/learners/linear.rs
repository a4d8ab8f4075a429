//! The notebook's linear regressions: the price or its logarithm from carat, length and the one-hot grades.

use inference::form::Basis;
use inference::{Encoder, Form, Link};
use linfa::Dataset;
use linfa::traits::Fit;
use linfa_linear::LinearRegression;
use serde_json::{Value, json};

use super::design::{CARAT, Design, X, grades};
use crate::error::LearnError;
use crate::family::{Learner, TunedModel};
use data::stone::Stone;

pub(super) const LINEAR: Learner = Learner {
    name: "linear",
    about: "least squares on the price from carat, x and one-hot cut, color, clarity",
    link: Link::Identity,
    encoder: |imputer, _| Encoder::Impute(imputer),
    tune: |_| Ok(Box::new(LeastSquares { link: Link::Identity })),
    recall: |_, _| Some(Box::new(LeastSquares { link: Link::Identity })),
};

pub(super) const LOG_LINEAR: Learner = Learner {
    name: "log-linear",
    about: "least squares on the logarithm of the price, from the same columns as linear",
    link: Link::Log,
    encoder: |imputer, _| Encoder::Impute(imputer),
    tune: |_| Ok(Box::new(LeastSquares { link: Link::Log })),
    recall: |_, _| Some(Box::new(LeastSquares { link: Link::Log })),
};

/// Ordinary least squares on the notebook's columns; there is nothing to tune.
struct LeastSquares {
    link: Link,
}

impl TunedModel for LeastSquares {
    fn params(&self) -> Value {
        json!({ "columns": ["carat", "x", "cut", "color", "clarity"], "one_hot": "first level dropped" })
    }

    fn fit(&self, stones: &[&Stone], encoder: &Encoder) -> Result<Form, LearnError> {
        let bases = [Basis::Value(CARAT), Basis::Value(X)].into_iter().chain(grades());
        let design = Design::of(stones, encoder, self.link, bases);
        let dataset = Dataset::new(design.columns.clone(), design.targets.clone());
        let fitted = LinearRegression::new()
            .fit(&dataset)
            .map_err(|source| LearnError::LeastSquares { rows: stones.len(), source })?;
        Ok(design.form(fitted.intercept(), fitted.params())?)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::path::Path;

    use super::*;
    use crate::measures;
    use data::delivery::Delivery;

    /// scikit-learn's predictions by line, as `scikit_learn.py` next to the file wrote them: linear, log-linear.
    fn expected(folder: &Path) -> HashMap<u64, [f64; 2]> {
        let mut reader =
            csv::Reader::from_path(folder.join("tests/fixtures/scikit_learn.csv")).unwrap();
        reader
            .deserialize()
            .map(|row| row.unwrap())
            .map(|(line, one, other)| (line, [one, other]))
            .collect()
    }

    #[test]
    fn both_linear_families_equal_scikit_learn_in_every_prediction() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let expected = expected(folder);
        assert_eq!(expected.len(), 200);
        let delivery = Delivery::read(&folder.join("../../data/diamonds.csv")).unwrap();
        let train: Vec<&Stone> = delivery
            .stones
            .iter()
            .filter(|(line, stone)| line % 50 == 0 && stone.is_measured())
            .map(|(_, stone)| stone)
            .collect();
        let encoder = Encoder::Impute(measures::learn(&train));
        for (at, link) in [Link::Identity, Link::Log].into_iter().enumerate() {
            let form = LeastSquares { link }.fit(&train, &encoder).unwrap();
            let mut checked = 0;
            for (line, stone) in &delivery.stones {
                let Some(prices) = expected.get(line) else { continue };
                let ours = link.price_usd(form.margin(&stone.features()));
                let theirs = prices[at];
                assert!(
                    (ours - theirs).abs() <= 1e-6 * theirs.abs(),
                    "line {line}, {link:?}: {ours} and {theirs}"
                );
                checked += 1;
            }
            assert_eq!(checked, expected.len());
        }
    }
}
