//! The notebook's linear regression on the logarithm of the price.

use inference::{Encoder, Link};
use serde_json::Value;

use super::linear::LeastSquares;
use crate::context::TrainingContext;
use crate::error::LearnError;
use crate::family::{Learner, TunedModel};

pub(super) const LEARNER: Learner = Learner {
    name: "log-linear",
    about: "least squares on the logarithm of the price, from the same columns as linear",
    link: Link::Log,
    encoder: Encoder::Impute,
    tune,
    recall,
};

fn tune(_: &TrainingContext<'_>) -> Result<Box<dyn TunedModel>, LearnError> {
    Ok(Box::new(LeastSquares { link: LEARNER.link }))
}

/// The tuned model again: there are no settings.
fn recall(_: &Value, _: u64) -> Option<Box<dyn TunedModel>> {
    Some(Box::new(LeastSquares { link: LEARNER.link }))
}
