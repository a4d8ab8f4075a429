//! Codes the header of the trees: how many there are, and what holds of all of them.

use alloc::vec::Vec;

use super::stream::Stream;
use crate::features::FEATURE_COUNT;
use crate::form::{IndexedThresholds, Node, Trees};

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
    pub(super) fn of(trees: &Trees, indexed: &IndexedThresholds) -> TreesHeader {
        let whole = trees.is_whole();
        TreesHeader {
            trees: u32::try_from(trees.roots().len()).unwrap_or(u32::MAX),
            nodes: u32::try_from(trees.nodes().len()).unwrap_or(u32::MAX),
            base: trees.base(),
            unit: trees.unit(),
            whole,
            missing_left: missing_left(trees.nodes()),
            narrowing: is_narrowing(trees, indexed),
            root_fraction_bits: if whole {
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

/// Whether all missing values go left, if they all go the same way.
fn missing_left(nodes: &[Node]) -> Option<bool> {
    let mut ways = nodes.iter().filter_map(|node| match node {
        Node::Split { missing_left, .. } => Some(*missing_left),
        Node::Leaf(_) => None,
    });
    let first = ways.next().unwrap_or_default();
    ways.all(|way| way == first).then_some(first)
}

/// Whether no split repeats a test that a split above it has already decided.
fn is_narrowing(trees: &Trees, indexed: &IndexedThresholds) -> bool {
    let all = indexed
        .thresholds
        .each_ref()
        .map(|thresholds| (0, u16::try_from(thresholds.len()).unwrap_or(u16::MAX)));
    let mut pending: Vec<[(u16, u16); FEATURE_COUNT]> = Vec::new();
    let mut spans = all;
    for (node, index) in trees.nodes().iter().zip(&indexed.threshold_index) {
        match *node {
            Node::Split { feature, .. } => {
                let of = usize::from(feature);
                let (start, end) = spans[of];
                if !(start..end).contains(index) {
                    return false;
                }
                let mut right = spans;
                right[of].0 = index + 1;
                pending.push(right);
                spans[of].1 = *index;
            }
            Node::Leaf(_) => spans = pending.pop().unwrap_or(all),
        }
    }
    true
}
