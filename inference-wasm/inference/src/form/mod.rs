//! The serving forms: what every learner's result is flattened into.

use core::fmt;

use crate::features::Features;

mod linear;
mod trees;
mod compiled;

pub use compiled::CompiledForm;
pub use linear::{Basis, Linear, Term};
pub(crate) use trees::{Census, Cuts, Numbered};
pub use trees::{MAX_DEPTH, Node, Trees, Walked};

/// A fitted function from features to a margin, the number that the link turns into a price.
#[derive(Debug, Clone, PartialEq)]
pub enum Form {
    /// A weighted sum.
    Linear(Linear),
    /// A sum of decision trees.
    Trees(Trees),
}

/// What gives a stone its margin.
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

    /// The margins of stones, each as [`Self::margin`] gives it; as many are written as both slices have places.
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

    /// Whether the form gives a margin for a row with missing values.
    #[must_use]
    pub fn takes_missing(&self) -> bool {
        matches!(self, Form::Trees(_))
    }
}

/// Why numbers are no form.
#[derive(Debug, Clone, PartialEq)]
pub enum FormError {
    /// A weight, threshold, leaf or intercept is NaN or infinite.
    NotFinite {
        /// Which number.
        what: &'static str,
        /// Its place.
        at: usize,
    },
    /// A feature's number is past the last.
    UnknownFeature {
        /// The node or term.
        at: usize,
        /// The number found.
        feature: u8,
    },
    /// A tree's nodes are not one tree in preorder.
    BrokenTree {
        /// The node.
        at: usize,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A logarithm of a grade, whose lowest ordinal is 0.
    LnOfGrade {
        /// The term.
        at: usize,
    },
    /// There is no tree.
    Empty,
    /// More different thresholds than a walk can tell apart.
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
