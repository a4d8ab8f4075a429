//! Collects what a layout must know of an ensemble first: depths, directions of missing values, kind of leaves.

use alloc::vec::Vec;

use super::Node;
use crate::features::FEATURE_COUNT;

/// For each feature, whether any split sends its missing values right, and whether any sends them left.
pub(crate) type MissingDirections = [[bool; 2]; FEATURE_COUNT];

/// What holds of an ensemble as a whole.
pub(crate) struct EnsembleStats {
    /// The depth of each tree.
    pub(crate) depths: Vec<usize>,
    pub(crate) missing_directions: MissingDirections,
    /// Whether every leaf is a whole number that fits an i16.
    pub(crate) is_whole: bool,
}

impl EnsembleStats {
    /// Computes the statistics of checked trees.
    pub(crate) fn of(roots: &[u32], nodes: &[Node]) -> EnsembleStats {
        let mut stats = EnsembleStats {
            depths: Vec::with_capacity(roots.len()),
            missing_directions: MissingDirections::default(),
            is_whole: true,
        };
        // The levels of the right children that are still to come.
        let mut pending: Vec<usize> = Vec::new();
        let (mut level, mut depth) = (0, 0);
        for node in nodes {
            match *node {
                Node::Split { feature, missing_left, .. } => {
                    stats.missing_directions[usize::from(feature)][usize::from(missing_left)] =
                        true;
                    level += 1;
                    pending.push(level);
                }
                Node::Leaf(value) => {
                    stats.is_whole &= is_whole(value);
                    depth = depth.max(level);
                    level = pending.pop().unwrap_or_else(|| {
                        stats.depths.push(depth);
                        depth = 0;
                        0
                    });
                }
            }
        }
        stats
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the comparison detects a loss")]
fn is_whole(leaf: f32) -> bool {
    f32::from(leaf as i16).to_bits() == leaf.to_bits()
}
