//! The forms that serve prices: every learner's result is converted to a weighted sum or to trees.

use core::fmt;

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
#[derive(Debug, Clone, PartialEq)]
pub enum FormError {
    /// A weight, threshold, leaf or intercept is NaN or infinite.
    NotFinite {
        /// What the number is.
        what: &'static str,
        /// Its index.
        at: usize,
    },
    /// A feature does not exist.
    UnknownFeature {
        /// The index of the node or term.
        at: usize,
        /// The number of the feature.
        feature: u8,
    },
    /// The nodes are not whole trees in preorder.
    BrokenTree {
        /// The index of the node.
        at: usize,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A term is the logarithm of a grade, whose lowest ordinal is 0.
    LnOfGrade {
        /// The index of the term.
        at: usize,
    },
    /// There is no tree.
    Empty,
    /// There are more distinct thresholds than a layout can number.
    TooManyThresholds,
}

impl fmt::Display for FormError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FormError::NotFinite { what, at } => write!(f, "{what} {at} is not a finite number"),
            FormError::UnknownFeature { at, feature } => {
                write!(f, "node {at} asks for feature {feature}; there are 9, from 0")
            }
            FormError::BrokenTree { at, why } => write!(f, "node {at} {why}"),
            FormError::LnOfGrade { at } => write!(f, "term {at} is the logarithm of a grade"),
            FormError::Empty => f.write_str("there is no tree"),
            FormError::TooManyThresholds => f.write_str(
                "the trees have more than 65,000 different thresholds; fit them with fewer bins",
            ),
        }
    }
}

impl core::error::Error for FormError {}
