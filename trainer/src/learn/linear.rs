//! The notebook's linear regression: the price from carat, length and the one-hot grades.

use inference::form::Basis;
use inference::{Form, Link, MeasureLaw};
use linfa::Dataset;
use linfa::traits::Fit;
use linfa_linear::LinearRegression;
use serde_json::{Value, json};

use super::design::{CARAT, Design, X, grades};
use super::{LearnError, Learner, Lesson, Recipe};
use crate::data::stone::Stone;

pub(super) const LEARNER: Learner = Learner {
    name: "linear",
    about: "least squares on the price from carat, x and one-hot cut, color, clarity",
    link: Link::Identity,
    tune,
};

fn tune(_: &Lesson<'_>) -> Result<Box<dyn Recipe>, LearnError> {
    Ok(Box::new(LeastSquares { link: LEARNER.link }))
}

/// Ordinary least squares on the notebook's columns; there is nothing to tune.
pub(super) struct LeastSquares {
    pub(super) link: Link,
}

impl Recipe for LeastSquares {
    fn params(&self) -> Value {
        json!({ "columns": ["carat", "x", "cut", "color", "clarity"], "one_hot": "first level dropped" })
    }

    fn fit(&self, stones: &[&Stone], _: &MeasureLaw) -> Result<Form, LearnError> {
        let bases = [Basis::Value(CARAT), Basis::Value(X)].into_iter().chain(grades());
        let design = Design::of(stones, self.link, bases);
        let dataset = Dataset::new(design.columns.clone(), design.targets.clone());
        let fitted = LinearRegression::new()
            .fit(&dataset)
            .map_err(|source| LearnError::LeastSquares { rows: stones.len(), source })?;
        Ok(design.form(fitted.intercept(), fitted.params())?)
    }
}
