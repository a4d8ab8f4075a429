//! Why a margin is what it is: exact contributions of the features.

use crate::features::{FEATURE_COUNT, Features};
use crate::form::Form;

mod trees;
mod linear;
mod dollars;

pub use dollars::{Part, PartValue};
pub(crate) use dollars::{Subject, parts};

/// What each feature adds to a stone's margin, measured against the average stone of the training rows.
///
/// Shapley values of the stone's features (Shapley 1953): of all ways to share the difference between the stone's
/// margin and the average one, the only one by which equal features get equal shares, a feature that changes nothing
/// gets nothing, the effects of a sum of models are the sums of their effects, and everything adds up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Explanation {
    /// The margin of the average stone.
    pub base_margin: f64,
    /// What each feature adds to it, in the order of [`Encoder::names`](crate::features::Encoder::names).
    /// `base_margin` and these together are the stone's margin.
    pub effects: [f64; FEATURE_COUNT],
}

impl Explanation {
    /// Explains the margin of a stone. NaN where [`Form::margin`] is.
    #[must_use]
    pub fn of(form: &Form, features: &Features) -> Explanation {
        match form {
            Form::Linear(linear) => linear::explain(linear, features),
            Form::Trees(trees) => trees::explain(trees, features),
        }
    }
}
