//! From XGBoost's model to the serving form.

use inference::form::Trees;
use xgboost_rs::Booster;

use crate::learn::LearnError;

/// The booster's trees, adding to `base` and the booster's own base score.
///
/// # Errors
///
/// [`LearnError::XgBoostModel`] where the model is not laid out as XGBoost lays it out.
pub(super) fn flatten(booster: &Booster, base: f64) -> Result<Trees, LearnError> {
    let json = booster.save_to_buffer(String::from("json"))?;
    let trees = xgboost_model::read(json.as_bytes())?.trees;
    let (roots, nodes) = (trees.roots().to_vec(), trees.nodes().to_vec());
    Ok(Trees::new(base + trees.base(), trees.unit(), roots, nodes)?)
}
