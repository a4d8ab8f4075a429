//! Codes the trees of a payload node by node, writing and reading by the same description.

use alloc::vec;
use alloc::vec::Vec;

use super::probability_model::{Coder, Context, SPAN_PARTS};
use super::trees_header::TreesHeader;
use super::{UNREADABLE, leaf, left_fraction};
use crate::blob::BlobError;
use crate::features::FEATURE_COUNT;
use crate::form::{EnsembleStats, MAX_DEPTH, MissingDirections, Node, Thresholds};

/// The nodes coded so far, and what the next node depends on.
pub(super) struct NodeCoder<'a> {
    header: TreesHeader,
    thresholds: &'a Thresholds,
    /// For each level, the spans of the node on the current path.
    spans: Vec<Spans>,
    /// The right subtrees that are still to come, innermost last.
    pending: Vec<PendingRight>,
    /// What to write; empty when reading.
    given: &'a [Node],
    given_index: &'a [u16],
    // What was written or read so far.
    pub(super) roots: Vec<u32>,
    pub(super) nodes: Vec<Node>,
    pub(super) threshold_index: Vec<u16>,
    pub(super) stats: EnsembleStats,
}

/// For each feature, the thresholds that are still possible. Padded to whole registers, since each node copies it.
type Spans = [Span; FEATURE_COUNT.next_multiple_of(4)];

/// The indexes of thresholds from `start` to before `end`.
#[derive(Debug, Clone, Copy, Default)]
#[repr(align(4))]
struct Span {
    start: u16,
    end: u16,
}

/// What is known of a node before it is coded, besides its spans.
#[derive(Debug, Clone, Copy)]
struct NodeContext {
    level: usize,
    /// The feature of its parent.
    parent: usize,
    /// The fraction of the training weight that reaches it, in units of 2^-32.
    cover: u64,
}

/// A right child that is still to come: its context, and the split and threshold above it.
#[derive(Debug, Clone, Copy)]
struct PendingRight {
    context: NodeContext,
    split: u32,
    index: u16,
}

impl<'a> NodeCoder<'a> {
    pub(super) fn new(
        header: TreesHeader,
        thresholds: &'a Thresholds,
        given: &'a [Node],
        given_index: &'a [u16],
    ) -> NodeCoder<'a> {
        let mut all = Spans::default();
        for (span, thresholds) in all.iter_mut().zip(thresholds) {
            span.end = u16::try_from(thresholds.len()).unwrap_or(u16::MAX);
        }
        NodeCoder {
            header,
            thresholds,
            spans: vec![all; MAX_DEPTH + 1],
            pending: Vec::new(),
            given,
            given_index,
            roots: Vec::new(),
            nodes: Vec::with_capacity(header.nodes as usize),
            threshold_index: Vec::with_capacity(header.nodes as usize),
            stats: EnsembleStats {
                depths: Vec::new(),
                missing_directions: MissingDirections::default(),
                is_whole: header.whole,
            },
        }
    }

    /// Codes all trees.
    pub(super) fn code(mut self, coder: &mut impl Coder) -> Result<NodeCoder<'a>, BlobError> {
        for tree in 0..self.header.trees as usize {
            self.roots.push(next_index(&self.nodes));
            self.code_tree(coder, leaf::group(tree))?;
        }
        if self.nodes.len() == self.header.nodes as usize { Ok(self) } else { Err(UNREADABLE) }
    }

    fn code_tree(&mut self, coder: &mut impl Coder, group: usize) -> Result<(), BlobError> {
        let mut context = NodeContext { level: 0, parent: FEATURE_COUNT, cover: 1 << 32 };
        let mut depth = 0;
        loop {
            let at = self.nodes.len();
            if at == self.header.nodes as usize {
                return Err(UNREADABLE);
            }
            let given = self.given.get(at);
            let is_split = u8::from(matches!(given, Some(Node::Split { .. })));
            if coder.symbol(Context::IsSplit(context.level), is_split) != 0 {
                context = self.code_split(coder, context, given)?;
            } else {
                self.code_leaf(coder, group, given)?;
                depth = depth.max(context.level);
                match self.pending.pop() {
                    Some(right) => context = self.go_right(right),
                    None => {
                        self.stats.depths.push(depth);
                        return Ok(());
                    }
                }
            }
        }
    }

    /// Codes a split and returns the context of its left child.
    #[inline]
    fn code_split(
        &mut self,
        coder: &mut impl Coder,
        context: NodeContext,
        given: Option<&Node>,
    ) -> Result<NodeContext, BlobError> {
        let at = self.nodes.len();
        let (given_feature, given_missing, given_fraction) = match given {
            Some(Node::Split { feature, missing_left, left_fraction, .. }) => {
                (*feature, *missing_left, *left_fraction)
            }
            _ => (0, false, 0),
        };
        // Fails for a split on the lowest level, whose children would be too deep.
        let [spans, below] = self
            .spans
            .get_disjoint_mut([context.level, context.level + 1])
            .map_err(|_| UNREADABLE)?;
        let feature = coder.symbol(Context::Feature(context.parent), given_feature);
        let of = usize::from(feature);
        let Span { start, end } = *spans.get(of).ok_or(UNREADABLE)?;
        let given_index = self.given_index.get(at).copied().unwrap_or(start);
        let index = coder.threshold(of, start, end, given_index).ok_or(UNREADABLE)?;
        *below = *spans;
        if self.header.narrowing {
            below[of].end = index;
        }
        let missing_left = match self.header.missing_left {
            Some(left) => left,
            None => coder.symbol(Context::MissingLeft(of), u8::from(given_missing)) != 0,
        };
        self.stats.missing_directions[of][usize::from(missing_left)] = true;
        let bits = left_fraction::bits(self.header.root_fraction_bits, context.cover);
        let part = usize::from(index - start) * SPAN_PARTS / usize::from(end - start);
        let left_fraction =
            left_fraction::code(coder, bits, part, given_fraction).ok_or(UNREADABLE)?;
        let threshold = *self.thresholds[of].get(usize::from(index)).ok_or(UNREADABLE)?;

        let left_cover = (context.cover * u64::from(left_fraction)) >> 16;
        let left = NodeContext { level: context.level + 1, parent: of, cover: left_cover };
        let right = NodeContext { cover: context.cover - left_cover, ..left };
        self.pending.push(PendingRight { context: right, split: next_index(&self.nodes), index });
        self.threshold_index.push(index);
        // The index of the right child is not known yet.
        self.nodes.push(Node::Split { feature, missing_left, left_fraction, threshold, right: 0 });
        Ok(left)
    }

    /// Continues with the right child of a split whose left subtree is complete.
    #[inline]
    fn go_right(&mut self, PendingRight { context, split, index }: PendingRight) -> NodeContext {
        if self.header.narrowing {
            let mut spans = self.spans[context.level - 1];
            spans[context.parent].start = index + 1;
            self.spans[context.level] = spans;
        }
        let next = next_index(&self.nodes);
        if let Some(Node::Split { right, .. }) = self.nodes.get_mut(split as usize) {
            *right = next;
        }
        context
    }

    #[inline]
    fn code_leaf(
        &mut self,
        coder: &mut impl Coder,
        group: usize,
        given: Option<&Node>,
    ) -> Result<(), BlobError> {
        let given = match given {
            Some(Node::Leaf(value)) => *value,
            _ => 0.0,
        };
        let value = if self.header.whole {
            leaf::whole(coder, group, given)
        } else {
            leaf::float(coder, group, given).ok_or(UNREADABLE)?
        };
        self.threshold_index.push(0);
        self.nodes.push(Node::Leaf(value));
        Ok(())
    }
}

/// The index of the next node.
fn next_index(nodes: &[Node]) -> u32 {
    u32::try_from(nodes.len()).unwrap_or(u32::MAX)
}
