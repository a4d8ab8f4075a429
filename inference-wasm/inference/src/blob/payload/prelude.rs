//! What precedes the trees: how many there are, and what holds of all of them.

use alloc::vec::Vec;

use super::stream::Stream;
use crate::features::FEATURE_COUNT;
use crate::form::{Node, Numbered, Trees};

/// The share of a root has this many bits, and that of a node which a 1/n of the training weight reaches fewer, by half
/// of log2(n): what a share's error does to an explanation goes with the root of that weight.
///
/// With whole leaves a typical error of an explanation is then below that of the quantised leaves; with a learner's own
/// leaves it is below 1e-4 of the margin on the reference ensemble.
const ROOT_SHARE_BITS_WHOLE: u32 = 8;
const ROOT_SHARE_BITS_EXACT: u32 = 13;

/// What precedes the trees.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Prelude {
    pub(super) trees: u32,
    pub(super) nodes: u32,
    pub(super) base: f64,
    pub(super) unit: f64,
    /// Whether leaves are whole numbers of the unit.
    pub(super) whole: bool,
    /// Where all missing values go, if they all go the same way: to the left?
    pub(super) missing_left: Option<bool>,
    /// Whether every split is at a cut that the splits above it left possible.
    pub(super) narrowing: bool,
    pub(super) root_share_bits: u32,
}

impl Prelude {
    pub(super) fn of(trees: &Trees, numbered: &Numbered) -> Prelude {
        let whole = trees.is_whole();
        Prelude {
            trees: u32::try_from(trees.roots().len()).unwrap_or(u32::MAX),
            nodes: u32::try_from(trees.nodes().len()).unwrap_or(u32::MAX),
            base: trees.base(),
            unit: trees.unit(),
            whole,
            missing_left: missing_left(trees.nodes()),
            narrowing: is_narrowing(trees, numbered),
            root_share_bits: if whole { ROOT_SHARE_BITS_WHOLE } else { ROOT_SHARE_BITS_EXACT },
        }
    }

    pub(super) fn code(stream: &mut impl Stream, given: Prelude) -> Prelude {
        Prelude {
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
            root_share_bits: stream.bits(4, given.root_share_bits),
        }
    }
}

/// Where all missing values go, if they all go the same way: to the left?
fn missing_left(nodes: &[Node]) -> Option<bool> {
    let mut ways = nodes.iter().filter_map(|node| match node {
        Node::Split { missing_left, .. } => Some(*missing_left),
        Node::Leaf(_) => None,
    });
    let first = ways.next().unwrap_or_default();
    ways.all(|way| way == first).then_some(first)
}

/// Whether no split asks what a split above it has answered already.
fn is_narrowing(trees: &Trees, numbered: &Numbered) -> bool {
    let whole =
        numbered.cuts.each_ref().map(|cuts| (0, u16::try_from(cuts.len()).unwrap_or(u16::MAX)));
    let mut pending: Vec<[(u16, u16); FEATURE_COUNT]> = Vec::new();
    let mut spans = whole;
    for (node, cut) in trees.nodes().iter().zip(&numbered.cut_of) {
        match *node {
            Node::Split { feature, .. } => {
                let of = usize::from(feature);
                let (start, end) = spans[of];
                if !(start..end).contains(cut) {
                    return false;
                }
                let mut right = spans;
                right[of].0 = cut + 1;
                pending.push(right);
                spans[of].1 = *cut;
            }
            Node::Leaf(_) => spans = pending.pop().unwrap_or(whole),
        }
    }
    true
}
