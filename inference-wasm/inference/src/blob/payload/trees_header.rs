//! Codes the header of the trees: how many there are, and what holds of all of them.

use crate::form::{EnsembleStats, Trees};
use crate::stream::Stream;

/// How many bits the left fraction of a root has. A node that 1/n of the training weight reaches has log2(n)/2 fewer,
/// since the effect of its error on an explanation is proportional to the square root of that weight.
///
/// With whole leaves a typical error of an explanation is then smaller than that of the quantised leaves. With a
/// learner's own leaves it is below 1e-4 of the margin on the reference ensemble.
const ROOT_FRACTION_BITS_WHOLE: u32 = 8;
const ROOT_FRACTION_BITS_EXACT: u32 = 13;

/// What a payload says before its nodes.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct TreesHeader {
    pub(super) trees: u32,
    pub(super) nodes: u32,
    pub(super) base: f64,
    pub(super) unit: f64,
    /// Whether leaves are whole numbers of the unit.
    pub(super) whole: bool,
    /// Whether all missing values go left, if they all go the same way.
    pub(super) missing_left: Option<bool>,
    /// Whether every split has a threshold that the splits above it left possible.
    pub(super) narrowing: bool,
    pub(super) root_fraction_bits: u32,
}

impl TreesHeader {
    /// The header of narrowing trees.
    pub(super) fn of(trees: &Trees) -> TreesHeader {
        let stats = EnsembleStats::of(trees.roots(), trees.nodes());
        let goes = |left: usize| stats.missing_directions.iter().any(|feature| feature[left]);
        TreesHeader {
            trees: u32::try_from(trees.roots().len()).unwrap_or(u32::MAX),
            nodes: u32::try_from(trees.nodes().len()).unwrap_or(u32::MAX),
            base: trees.base(),
            unit: trees.unit(),
            whole: stats.is_whole,
            missing_left: (!(goes(0) && goes(1))).then_some(goes(1)),
            narrowing: true,
            root_fraction_bits: if stats.is_whole {
                ROOT_FRACTION_BITS_WHOLE
            } else {
                ROOT_FRACTION_BITS_EXACT
            },
        }
    }

    pub(super) fn code(stream: &mut impl Stream, given: TreesHeader) -> TreesHeader {
        TreesHeader {
            trees: stream.word(given.trees),
            nodes: stream.word(given.nodes),
            base: stream.float(given.base),
            unit: stream.float(given.unit),
            whole: stream.flag(given.whole),
            missing_left: {
                let is_uniform = stream.flag(given.missing_left.is_some());
                let left = stream.flag(given.missing_left.unwrap_or_default());
                is_uniform.then_some(left)
            },
            narrowing: stream.flag(given.narrowing),
            root_fraction_bits: stream.bits(4, given.root_fraction_bits),
        }
    }
}
