//! Explains a margin by the exact contribution of each feature.

use crate::features::{FEATURE_COUNT, Features};
use crate::form::Form;

mod trees;
mod linear;
mod dollars;

pub use dollars::{Part, PartValue};
pub(crate) use dollars::{Subject, parts};

/// What each feature adds to the margin of a stone, compared with the average stone of the training rows.
///
/// These are Shapley values (Shapley 1953), the only way to divide the difference between the stone's margin and the
/// average one such that equal features get equal parts, a feature that changes nothing gets 0, the effects for a sum of
/// models are the sums of their effects, and the effects add up to the difference.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Explanation {
    /// The margin of the average stone.
    pub base_margin: f64,
    /// The effect of each feature, in the order of [`Encoder::names`](crate::features::Encoder::names).
    /// `base_margin` plus all effects is the margin of the stone.
    pub effects: [f64; FEATURE_COUNT],
}

impl Explanation {
    /// Explains the margin of a stone; NaN where [`Form::margin`] is NaN.
    #[must_use]
    pub fn of(form: &Form, features: &Features) -> Explanation {
        match form {
            Form::Linear(linear) => linear::explain(linear, features),
            Form::Trees(trees) => trees::explain(trees, features),
        }
    }
}
