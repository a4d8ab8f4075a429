//! The honest floor: the trees as they are, one after the other, a node at a time.

use inference::Features;
use inference::form::{Node, Trees};

/// The margin of a stone.
#[expect(clippy::cast_possible_truncation, reason = "XGBoost splits on f32")]
pub(crate) fn margin(trees: &Trees, features: &Features) -> f64 {
    let row = features.values().map(|value| value as f32);
    let mut units = 0.0;
    for root in trees.roots() {
        let mut at = *root as usize;
        units += loop {
            match trees.nodes()[at] {
                Node::Leaf(value) => break f64::from(value),
                Node::Split { feature, threshold, missing_left, right, .. } => {
                    let value = row[usize::from(feature)];
                    let left = if value.is_nan() { missing_left } else { value < threshold };
                    at = if left { at + 1 } else { right as usize };
                }
            }
        };
    }
    trees.base() + trees.unit() * units
}
