//! The trees themselves, node by node as they are coded.

use alloc::vec;
use alloc::vec::Vec;

use super::likelihood::{Coder, Context, SPAN_PARTS};
use super::prelude::Prelude;
use super::{UNREADABLE, leaf, share};
use crate::blob::BlobError;
use crate::features::FEATURE_COUNT;
use crate::form::{Census, Cuts, MAX_DEPTH, Node};

/// The trees themselves, as they are coded.
pub(super) struct Body<'a> {
    prelude: Prelude,
    cuts: &'a Cuts,
    /// By level, the spans of the node that is coded there.
    spans: Vec<Spans>,
    /// The subtrees to the right that are still to come, innermost last.
    pending: Vec<Right>,
    /// What is to be written; nothing when reading.
    given: &'a [Node],
    given_cuts: &'a [u16],
    /// What was written or read so far.
    pub(super) roots: Vec<u32>,
    pub(super) nodes: Vec<Node>,
    pub(super) cut_of: Vec<u16>,
    pub(super) census: Census,
}

/// Of each feature, the cuts that are possible. Copied for every node, so padded to whole registers.
type Spans = [Span; FEATURE_COUNT.next_multiple_of(4)];

/// From the first cut to before the last.
#[derive(Debug, Clone, Copy, Default)]
#[repr(align(4))]
struct Span {
    start: u16,
    end: u16,
}

/// What is known of a node before it is coded, beside its spans.
#[derive(Debug, Clone, Copy)]
struct Spot {
    level: usize,
    /// The feature of its parent.
    parent: usize,
    /// The share of the training weight that reaches it, in units of 2^-32.
    reach: u64,
}

/// The right child of a split: what is known of it, and what it is to the right of.
#[derive(Debug, Clone, Copy)]
struct Right {
    spot: Spot,
    split: u32,
    cut: u16,
}

impl<'a> Body<'a> {
    pub(super) fn new(
        prelude: Prelude,
        cuts: &'a Cuts,
        given: &'a [Node],
        given_cuts: &'a [u16],
    ) -> Body<'a> {
        let mut all = Spans::default();
        for (span, cuts) in all.iter_mut().zip(cuts) {
            span.end = u16::try_from(cuts.len()).unwrap_or(u16::MAX);
        }
        Body {
            prelude,
            cuts,
            spans: vec![all; MAX_DEPTH + 1],
            pending: Vec::new(),
            given,
            given_cuts,
            roots: Vec::new(),
            nodes: Vec::with_capacity(prelude.nodes as usize),
            cut_of: Vec::with_capacity(prelude.nodes as usize),
            census: Census {
                depths: Vec::new(),
                used: [[false; 2]; FEATURE_COUNT],
                is_whole: prelude.whole,
            },
        }
    }

    pub(super) fn code(mut self, coder: &mut impl Coder) -> Result<Body<'a>, BlobError> {
        for tree in 0..self.prelude.trees as usize {
            self.roots.push(place(&self.nodes));
            self.code_tree(coder, leaf::band(tree))?;
        }
        if self.nodes.len() == self.prelude.nodes as usize { Ok(self) } else { Err(UNREADABLE) }
    }

    fn code_tree(&mut self, coder: &mut impl Coder, band: usize) -> Result<(), BlobError> {
        let mut spot = Spot { level: 0, parent: FEATURE_COUNT, reach: 1 << 32 };
        let mut depth = 0;
        loop {
            let at = self.nodes.len();
            if at == self.prelude.nodes as usize {
                return Err(UNREADABLE);
            }
            let given = self.given.get(at);
            let is_split = u8::from(matches!(given, Some(Node::Split { .. })));
            if coder.symbol(Context::IsSplit(spot.level), is_split) != 0 {
                spot = self.code_split(coder, spot, given)?;
            } else {
                self.code_leaf(coder, band, given)?;
                depth = depth.max(spot.level);
                match self.pending.pop() {
                    Some(right) => spot = self.go_right(right),
                    None => {
                        self.census.depths.push(depth);
                        return Ok(());
                    }
                }
            }
        }
    }

    /// Codes a split and returns what is known of the node to its left.
    #[inline]
    fn code_split(
        &mut self,
        coder: &mut impl Coder,
        spot: Spot,
        given: Option<&Node>,
    ) -> Result<Spot, BlobError> {
        let at = self.nodes.len();
        let (given_feature, given_missing, given_share) = match given {
            Some(Node::Split { feature, missing_left, left_share, .. }) => {
                (*feature, *missing_left, *left_share)
            }
            _ => (0, false, 0),
        };
        // A split on the lowest level would have no place for its children.
        let [spans, below] =
            self.spans.get_disjoint_mut([spot.level, spot.level + 1]).map_err(|_| UNREADABLE)?;
        let feature = coder.symbol(Context::Feature(spot.parent), given_feature);
        let of = usize::from(feature);
        let Span { start, end } = *spans.get(of).ok_or(UNREADABLE)?;
        let given_cut = self.given_cuts.get(at).copied().unwrap_or(start);
        let cut = coder.cut(of, start, end, given_cut).ok_or(UNREADABLE)?;
        *below = *spans;
        if self.prelude.narrowing {
            below[of].end = cut;
        }
        let missing_left = match self.prelude.missing_left {
            Some(left) => left,
            None => coder.symbol(Context::MissingLeft(of), u8::from(given_missing)) != 0,
        };
        self.census.used[of][usize::from(missing_left)] = true;
        let bits = share::bits(self.prelude.root_share_bits, spot.reach);
        let part = usize::from(cut - start) * SPAN_PARTS / usize::from(end - start);
        let left_share = share::code(coder, bits, part, given_share).ok_or(UNREADABLE)?;
        let threshold = *self.cuts[of].get(usize::from(cut)).ok_or(UNREADABLE)?;

        let left_reach = (spot.reach * u64::from(left_share)) >> 16;
        let left = Spot { level: spot.level + 1, parent: of, reach: left_reach };
        let right = Spot { reach: spot.reach - left_reach, ..left };
        self.pending.push(Right { spot: right, split: place(&self.nodes), cut });
        self.cut_of.push(cut);
        // The right child's place is known when it comes.
        self.nodes.push(Node::Split { feature, missing_left, left_share, threshold, right: 0 });
        Ok(left)
    }

    /// Goes to the right child of a split whose left subtree is complete.
    #[inline]
    fn go_right(&mut self, Right { spot, split, cut }: Right) -> Spot {
        if self.prelude.narrowing {
            let mut spans = self.spans[spot.level - 1];
            spans[spot.parent].start = cut + 1;
            self.spans[spot.level] = spans;
        }
        let next = place(&self.nodes);
        if let Some(Node::Split { right, .. }) = self.nodes.get_mut(split as usize) {
            *right = next;
        }
        spot
    }

    #[inline]
    fn code_leaf(
        &mut self,
        coder: &mut impl Coder,
        band: usize,
        given: Option<&Node>,
    ) -> Result<(), BlobError> {
        let given = match given {
            Some(Node::Leaf(value)) => *value,
            _ => 0.0,
        };
        let value = if self.prelude.whole {
            leaf::whole(coder, band, given)
        } else {
            leaf::float(coder, band, given).ok_or(UNREADABLE)?
        };
        self.cut_of.push(0);
        self.nodes.push(Node::Leaf(value));
        Ok(())
    }
}

/// The place of the next node.
fn place(nodes: &[Node]) -> u32 {
    u32::try_from(nodes.len()).unwrap_or(u32::MAX)
}
