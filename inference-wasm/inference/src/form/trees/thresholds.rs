//! Indexes the thresholds of an ensemble: each split refers to its threshold by its index among its feature's.

use alloc::vec::Vec;

use super::{FormError, Node};
use crate::features::FEATURE_COUNT;

/// The sorted, distinct thresholds of each feature.
pub(crate) type Thresholds = [Vec<f32>; FEATURE_COUNT];

/// The thresholds of all features, and which of them each split compares with.
pub(crate) struct IndexedThresholds {
    pub(crate) thresholds: Thresholds,
    /// For each node that is a split, the index of its threshold among its feature's; 0 for a leaf.
    pub(crate) threshold_index: Vec<u16>,
}

impl IndexedThresholds {
    /// Collects and indexes the thresholds of checked nodes.
    pub(crate) fn of(nodes: &[Node]) -> Result<IndexedThresholds, FormError> {
        let mut thresholds = Thresholds::default();
        for node in nodes {
            if let Node::Split { feature, threshold, .. } = *node {
                thresholds[usize::from(feature)].push(threshold);
            }
        }
        for thresholds in &mut thresholds {
            thresholds.sort_unstable_by(f32::total_cmp);
            // By `==`, for which -0 and 0 are one threshold.
            thresholds.dedup();
            thresholds.shrink_to_fit();
        }
        let index = |node: &Node| match *node {
            Node::Split { feature, threshold, .. } => {
                u16::try_from(index_of(&thresholds[usize::from(feature)], threshold))
            }
            Node::Leaf(_) => Ok(0),
        };
        let indexes = nodes.iter().map(index).collect::<Result<_, _>>();
        let threshold_index = indexes.map_err(|_| FormError::TooManyThresholds)?;
        Ok(IndexedThresholds { thresholds, threshold_index })
    }
}

/// The index at which a value stands, or would be inserted, among sorted ones.
pub(super) fn index_of(sorted: &[f32], value: f32) -> usize {
    sorted.partition_point(|other| *other < value)
}
