//! Thresholds as numbers: the different cuts of each feature, and which of them each split asks for.

use alloc::vec::Vec;

use super::lanes::Cuts;
use super::{FormError, Node};

/// The cuts of all features and, of each node that is a split, which of its feature's it asks for.
pub(crate) struct Numbered {
    pub(crate) cuts: Cuts,
    pub(crate) cut_of: Vec<u16>,
}

impl Numbered {
    /// Numbers the cuts of checked nodes.
    pub(crate) fn of(nodes: &[Node]) -> Result<Numbered, FormError> {
        let mut cuts = Cuts::default();
        for node in nodes {
            if let Node::Split { feature, threshold, .. } = *node {
                cuts[usize::from(feature)].push(threshold);
            }
        }
        for cuts in &mut cuts {
            cuts.sort_unstable_by(f32::total_cmp);
            // By `==`, for which -0 and 0 are one threshold.
            cuts.dedup();
            cuts.shrink_to_fit();
        }
        let number = |node: &Node| match *node {
            Node::Split { feature, threshold, .. } => {
                u16::try_from(place(&cuts[usize::from(feature)], threshold))
            }
            Node::Leaf(_) => Ok(0),
        };
        let cut_of = nodes.iter().map(number).collect::<Result<_, _>>();
        Ok(Numbered { cut_of: cut_of.map_err(|_| FormError::TooManyThresholds)?, cuts })
    }
}

/// Where a threshold stands or would stand among sorted ones.
pub(super) fn place(cuts: &[f32], threshold: f32) -> usize {
    cuts.partition_point(|cut| *cut < threshold)
}
