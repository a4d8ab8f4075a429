//! The reasons why a model cannot be imported, each with a remedy.

use inference::features::FEATURE_NAMES;
use inference::form::MAX_DEPTH;
use inference::{FormError, Link};

use crate::objective::Objective;

/// How many times as many nodes a model may have after its splits by category are expanded.
pub(crate) const MAX_GROWTH: usize = 8;

/// Why bytes are not a model that can be imported: the place, what was found, and what is allowed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The bytes are not a document that XGBoost's `save_model` writes.
    #[error(
        "{found} is not an XGBoost model in JSON or UBJSON; save it with `booster.save_model(\"model.json\")`"
    )]
    Foreign {
        /// What they look like.
        found: &'static str,
    },
    /// The bytes start as a document but are broken.
    #[error(
        "broken {notation}: at byte {at}, {why}; the file is damaged or was not written by `save_model`: save the model again"
    )]
    Broken {
        /// JSON or UBJSON.
        notation: &'static str,
        /// The offset, from 0.
        at: usize,
        /// What is wrong there.
        why: &'static str,
    },
    /// A part is missing or of the wrong kind.
    #[error("{path}: {found} where {wanted} should be")]
    Shape {
        /// The part, such as `learner.objective.name`.
        path: String,
        /// What was found.
        found: &'static str,
        /// What is expected.
        wanted: &'static str,
    },
    /// The length of a list contradicts another part.
    #[error("{path}: {found} numbers where {promised} were promised")]
    Length {
        /// The path of the list.
        path: String,
        /// Its length.
        found: usize,
        /// The expected length.
        promised: usize,
    },
    /// A value has the right kind but is not allowed.
    #[error("{path}: {found}; allowed: {allowed}")]
    Value {
        /// The path of the value.
        path: String,
        /// The value.
        found: String,
        /// What is allowed.
        allowed: String,
    },
    /// The booster is not a plain sum of trees.
    #[error("learner.gradient_booster.name: {found:?} is not imported: {}", remedy(found))]
    Booster {
        /// Its name: `gblinear`, `dart` …
        found: String,
    },
    /// The objective of the model is not supported.
    #[error(
        "learner.objective.name: {found:?} is not imported; allowed: {}",
        Objective::ALL.map(Objective::name).join(", ")
    )]
    Objective {
        /// The name of the objective.
        found: String,
    },
    /// The model has more than one output per row.
    #[error("{path}: the model gives {found} numbers a row; allowed is a model of one, the price")]
    Outputs {
        /// The path of the part that says so.
        path: String,
        /// How many.
        found: u64,
    },
    /// The predictions of the objective cannot be logarithms of prices.
    #[error(
        "{} predicts what it was trained on by way of a logarithm of its own, so it was trained on prices: import it with `--target price`",
        objective.name()
    )]
    Target {
        /// The objective.
        objective: Objective,
    },
    /// The columns have no names, and their number is not that of our features.
    #[error(
        "{path}: the model has {found} columns without names; allowed are 9 without names, in this order, or any of them by name: {}",
        FEATURE_NAMES.join(", ")
    )]
    Unnamed {
        /// The path of the part that says so.
        path: String,
        /// How many columns it has.
        found: u64,
    },
    /// Splits by category expand to too many splits by threshold.
    #[error(
        "the model's splits by category would become more than {MAX_GROWTH} times as many nodes; train with `max_cat_to_onehot=9`, or on grades as plain numbers"
    )]
    Growth,
    /// The nodes of a tree do not form a tree.
    #[error("{path}: node {node} {why}")]
    Tree {
        /// The tree.
        path: String,
        /// The index of the node in the lists of the tree.
        node: usize,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A tree is too deep.
    #[error(
        "{path}: the tree has more than {MAX_DEPTH} levels, counted with those that splits by category take; train with a smaller `max_depth`"
    )]
    Depth {
        /// The tree.
        path: String,
    },
    /// The result is not a valid form.
    #[error("the trees cannot be served: {0}")]
    Form(#[from] FormError),
}

/// The remedy for a booster that is not a plain sum of trees.
fn remedy(name: &str) -> &'static str {
    match name {
        "dart" => {
            "its trees were dropped at random while it learnt and carry weights of their own; train with `booster=\"gbtree\"`"
        }
        "gblinear" => {
            "it is a weighted sum and no trees; `trainer train --families linear,elastic-net` fits such models, or train with `booster=\"gbtree\"`"
        }
        _ => "train with `booster=\"gbtree\"`",
    }
}

impl ImportError {
    /// The error for a base score that has no margin.
    pub(crate) fn base_score(path: &str, found: f32, link: Link) -> ImportError {
        let allowed = match link {
            Link::Identity => "a finite number",
            Link::Log => "a finite number above 0",
        };
        ImportError::Value {
            path: path.to_owned(),
            found: found.to_string(),
            allowed: allowed.to_owned(),
        }
    }
}
