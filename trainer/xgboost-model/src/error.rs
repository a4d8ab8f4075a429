//! The reasons why a model cannot be imported, each with a remedy.

use inference::FormError;
use inference::form::MAX_DEPTH;

use crate::columns::names_of_columns;

/// How many times as many nodes a model may have after its splits by category are expanded.
pub(crate) const MAX_GROWTH: usize = 8;

/// Why bytes are not a model that can be imported: the place, what was found, and what is allowed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the message says what the fields of each variant are")]
pub enum ImportError {
    /// The bytes are not a document that XGBoost's `save_model` writes.
    #[error(
        "{found} is not an XGBoost model in JSON or UBJSON; save it with `booster.save_model(\"model.json\")`"
    )]
    Foreign { found: &'static str },
    /// The bytes start as a document but are broken.
    #[error(
        "broken {notation}: at byte {at}, {why}; the file is damaged or was not written by `save_model`: save the model again"
    )]
    Broken { notation: &'static str, at: usize, why: &'static str },
    /// A part is missing or of the wrong kind.
    #[error("{path}: {found} where {wanted} should be")]
    Shape { path: String, found: &'static str, wanted: &'static str },
    /// The length of a list contradicts another part.
    #[error("{path}: {found} numbers where {promised} were promised")]
    Length { path: String, found: usize, promised: usize },
    /// A value has the right kind but is not allowed.
    #[error("{path}: {found}; allowed: {allowed}")]
    Value { path: String, found: String, allowed: String },
    /// The booster is not a plain sum of trees.
    #[error("learner.gradient_booster.name: {found:?} is not imported: {}", remedy(found))]
    Booster { found: String },
    /// The objective of the model is not supported.
    #[error("learner.objective.name: {found:?} is not imported; allowed: {allowed}")]
    Objective { found: String, allowed: String },
    /// The model has more than one output per row.
    #[error("{path}: the model gives {found} numbers a row; allowed is a model of one, the price")]
    Outputs { path: String, found: u64 },
    /// The predictions of the objective cannot be logarithms of prices.
    #[error(
        "{objective} predicts what it was trained on by way of a logarithm of its own, so it was trained on prices: import it with `--target price`"
    )]
    Target { objective: &'static str },
    /// The columns have no names, and their number is not that of our features.
    #[error(
        "{path}: the model has {found} columns without names; allowed are 9 without names, in this order, or any of them by name: {}",
        names_of_columns()
    )]
    Unnamed { path: String, found: u64 },
    /// Splits by category expand to too many splits by threshold.
    #[error(
        "the model's splits by category would become more than {MAX_GROWTH} times as many nodes; train with `max_cat_to_onehot=9`, or on grades as plain numbers"
    )]
    Growth,
    /// The nodes of a tree, by their index in its lists, do not form a tree.
    #[error("{path}: node {node} {why}")]
    Tree { path: String, node: usize, why: &'static str },
    /// A tree is too deep.
    #[error(
        "{path}: the tree has more than {MAX_DEPTH} levels, counted with those that splits by category take; train with a smaller `max_depth`"
    )]
    Depth { path: String },
    /// The result is not a valid form.
    #[error("the trees cannot be served: {0}")]
    Form(#[from] FormError),
}

/// The remedy for a booster that is not a plain sum of trees.
fn remedy(name: &str) -> &'static str {
    match name {
        "gblinear" => {
            "it is a weighted sum and no trees; `trainer train --families linear,elastic-net` fits such models, or train with `booster=\"gbtree\"`"
        }
        _ => "train with `booster=\"gbtree\"`",
    }
}
