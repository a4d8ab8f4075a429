//! Why bytes are no model that can be imported.

use inference::features::FEATURE_NAMES;
use inference::form::MAX_DEPTH;
use inference::{FormError, Link};

use crate::forest::MOST_GROWTH;
use crate::objective::Objective;

/// Why bytes are no model that can be imported: where, what was found, and what would do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The bytes are no document that XGBoost's `save_model` writes.
    #[error(
        "{found} is not an XGBoost model in JSON or UBJSON; save it with `booster.save_model(\"model.json\")`"
    )]
    Foreign {
        /// What they look like.
        found: &'static str,
    },
    /// The bytes start as a document and do not go on as one.
    #[error(
        "broken {notation}: at byte {at}, {why}; the file is damaged or was not written by `save_model`: save the model again"
    )]
    Broken {
        /// JSON or UBJSON.
        notation: &'static str,
        /// Where, from 0.
        at: usize,
        /// What is wrong there.
        why: &'static str,
    },
    /// A part is missing or of another kind.
    #[error("{path}: {found} where {wanted} should be")]
    Shape {
        /// The part, such as `learner.objective.name`.
        path: String,
        /// What is there.
        found: &'static str,
        /// What should be.
        wanted: &'static str,
    },
    /// A list is longer or shorter than another part says.
    #[error("{path}: {found} numbers where {promised} were promised")]
    Length {
        /// The list.
        path: String,
        /// How long it is.
        found: usize,
        /// How long it should be.
        promised: usize,
    },
    /// A value is of the right kind and not allowed.
    #[error("{path}: {found}; allowed: {allowed}")]
    Value {
        /// The value's place.
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
    /// The model was made to predict something else.
    #[error(
        "learner.objective.name: {found:?} is not imported; allowed: {}",
        Objective::ALL.map(Objective::name).join(", ")
    )]
    Objective {
        /// The objective's name.
        found: String,
    },
    /// The model gives more than one number a row.
    #[error("{path}: the model gives {found} numbers a row; allowed is a model of one, the price")]
    Outputs {
        /// Where it says so.
        path: String,
        /// How many.
        found: u64,
    },
    /// The objective's predictions cannot be logarithms of prices.
    #[error(
        "{} predicts what it was trained on by way of a logarithm of its own, so it was trained on prices: import it with `--target price`",
        objective.name()
    )]
    Target {
        /// The objective.
        objective: Objective,
    },
    /// The model's columns are not known by name and are not as many as there are features.
    #[error(
        "{path}: the model has {found} columns without names; allowed are 9 without names, in this order, or any of them by name: {}",
        FEATURE_NAMES.join(", ")
    )]
    Unnamed {
        /// Where it says so.
        path: String,
        /// How many columns it has.
        found: u64,
    },
    /// Splits by category make too many splits by threshold.
    #[error(
        "the model's splits by category would become more than {MOST_GROWTH} times as many nodes; train with `max_cat_to_onehot=9`, or on grades as plain numbers"
    )]
    Growth,
    /// The nodes of a tree form no tree.
    #[error("{path}: node {node} {why}")]
    Tree {
        /// The tree.
        path: String,
        /// The node's place in the tree's lists.
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
    /// What came out is not a form that can be served.
    #[error("the trees cannot be served: {0}")]
    Form(#[from] FormError),
}

/// What to do about a booster that is no plain sum of trees.
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
    /// A base score that has no margin.
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
