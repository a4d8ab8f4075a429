//! The forms that serve prices: every learner's result is converted to a weighted sum or to trees.

use crate::features::Features;

mod linear;
mod trees;
mod compiled;

pub use compiled::CompiledForm;
pub use linear::{Basis, Linear, Term};
pub use trees::{CompiledTrees, MAX_DEPTH, Node, Trees, left_fraction};
pub(crate) use trees::{EnsembleStats, IndexedThresholds, MissingDirections, Thresholds};

/// A fitted function from features to a margin, which the link turns into a price.
#[derive(Debug, Clone, PartialEq)]
pub enum Form {
    /// A weighted sum.
    Linear(Linear),
    /// A sum of decision trees.
    Trees(Trees),
}

/// A function from features to a margin.
pub trait Margin {
    /// The margin of a stone. Finite features give a finite margin unless its weights overflow f64.
    fn margin(&self, features: &Features) -> f64;
}

impl Margin for Form {
    fn margin(&self, features: &Features) -> f64 {
        Form::margin(self, features)
    }
}

impl Form {
    /// The margin of a stone. Finite features give a finite margin unless its weights overflow f64.
    #[must_use]
    pub fn margin(&self, features: &Features) -> f64 {
        match self {
            Form::Linear(linear) => linear.margin(features),
            Form::Trees(trees) => trees.margin(features),
        }
    }

    /// Computes the margins of stones as [`Self::margin`] does, as many as the shorter slice has elements.
    pub fn margins(&self, rows: &[Features], margins: &mut [f64]) {
        match self {
            Form::Linear(linear) => {
                for (row, margin) in rows.iter().zip(margins) {
                    *margin = linear.margin(row);
                }
            }
            Form::Trees(trees) => trees.margins(rows, margins),
        }
    }

    /// How many terms or tree nodes the form holds.
    #[must_use]
    pub fn nodes(&self) -> usize {
        match self {
            Form::Linear(linear) => linear.terms().len() + 1,
            Form::Trees(trees) => trees.nodes().len(),
        }
    }

    /// Whether the form accepts rows with missing values.
    #[must_use]
    pub fn takes_missing(&self) -> bool {
        matches!(self, Form::Trees(_))
    }
}

/// Why numbers are not a valid form.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[expect(missing_docs, reason = "the message says what each variant and its fields are")]
pub enum FormError {
    #[error("{what} {at} is not a finite number")]
    NotFinite { what: &'static str, at: usize },
    #[error("node {at} asks for feature {feature}; there are 10, from 0")]
    UnknownFeature { at: usize, feature: u8 },
    #[error("node {at} {why}")]
    BrokenTree { at: usize, why: &'static str },
    #[error("term {at} is the logarithm of a grade")]
    LnOfGrade { at: usize },
    #[error("there is no tree")]
    Empty,
    #[error("the trees have more than 65,000 different thresholds; fit them with fewer bins")]
    TooManyThresholds,
}
