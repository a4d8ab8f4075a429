//! Converts XGBoost's models to the serving form.

use inference::form::{Node, Trees};

use super::grow::Grown;
use crate::error::LearnError;

/// The average of what has grown: all its trees, each leaf for its share, adding to the average base.
#[expect(clippy::cast_precision_loss, reason = "there are a handful of ensembles")]
pub(super) fn flatten(ensembles: &[Grown]) -> Result<Trees, LearnError> {
    let (mut roots, mut nodes, mut base) = (Vec::new(), Vec::new(), 0.0);
    for Grown { booster, base: of_booster, .. } in ensembles {
        let json = booster.save_to_buffer(String::from("json"))?;
        let trees = xgboost_model::read_own(json.as_bytes())?;
        let first = u32::try_from(nodes.len()).unwrap_or(u32::MAX);
        roots.extend(trees.roots().iter().map(|root| first.saturating_add(*root)));
        nodes.extend(trees.nodes().iter().map(|node| moved(*node, first)));
        base += of_booster + trees.base();
    }
    let share = 1.0 / ensembles.len() as f64;
    Ok(Trees::new(base * share, share, roots, nodes)?)
}

/// A node whose tree begins so much further on.
fn moved(node: Node, by: u32) -> Node {
    match node {
        Node::Split { feature, missing_left, left_fraction, threshold, right } => {
            let right = right.saturating_add(by);
            Node::Split { feature, missing_left, left_fraction, threshold, right }
        }
        leaf @ Node::Leaf(_) => leaf,
    }
}
