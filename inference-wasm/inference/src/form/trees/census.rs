//! What is to be known of an ensemble before it is laid out.

use alloc::vec::Vec;

use super::Node;
use crate::features::FEATURE_COUNT;

/// Of each feature, whether any split sends its missing values right, and left.
pub(crate) type Used = [[bool; 2]; FEATURE_COUNT];

/// How deep trees are, and what of their kind they have.
pub(crate) struct Census {
    /// How deep each tree is.
    pub(crate) depths: Vec<usize>,
    /// Which lanes there are.
    pub(crate) used: Used,
    /// Whether every leaf is a whole number of an i16.
    pub(crate) is_whole: bool,
}

impl Census {
    /// Counts checked trees.
    pub(crate) fn of(roots: &[u32], nodes: &[Node]) -> Census {
        let mut census = Census {
            depths: Vec::with_capacity(roots.len()),
            used: [[false; 2]; FEATURE_COUNT],
            is_whole: true,
        };
        // The levels of the right children that are still to come.
        let mut pending: Vec<usize> = Vec::new();
        let (mut level, mut depth) = (0, 0);
        for node in nodes {
            match *node {
                Node::Split { feature, missing_left, .. } => {
                    census.used[usize::from(feature)][usize::from(missing_left)] = true;
                    level += 1;
                    pending.push(level);
                }
                Node::Leaf(value) => {
                    census.is_whole &= is_whole(value);
                    depth = depth.max(level);
                    level = pending.pop().unwrap_or_else(|| {
                        census.depths.push(depth);
                        depth = 0;
                        0
                    });
                }
            }
        }
        census
    }
}

#[expect(clippy::cast_possible_truncation, reason = "what is lost shows in the comparison")]
fn is_whole(leaf: f32) -> bool {
    f32::from(leaf as i16).to_bits() == leaf.to_bits()
}
