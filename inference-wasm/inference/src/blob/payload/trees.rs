//! Trees near their entropy: what each node is, coded by how likely it is there.

use alloc::vec;
use alloc::vec::Vec;

use super::ans::{Reader, Writer};
use super::cuts;
use super::likelihood::{
    Coder, Context, Known, LEAF_BANDS, Likelihoods, SHARE_BITS, SHARE_SYMBOL_BITS, SPAN_PARTS,
    Tally,
};
use super::stream::Stream;
use crate::blob::BlobError;
use crate::features::FEATURE_COUNT;
use crate::form::{Census, Cuts, MAX_DEPTH, Node, Numbered, Trees};

/// Whatever the likelihoods, a payload holds at most this many nodes for each of its words of four bytes, so that a few
/// bytes cannot ask for all memory. Real ensembles have fewer than eight.
const MOST_NODES_A_WORD: usize = 16;

/// The share of a root has this many bits, and that of a node which a 1/n of the training weight reaches fewer, by half
/// of log2(n): what a share's error does to an explanation goes with the root of that weight.
///
/// With whole leaves a typical error of an explanation is then below that of the quantised leaves; with a learner's own
/// leaves it is below 1e-4 of the margin on the reference ensemble.
const ROOT_SHARE_BITS_WHOLE: u32 = 8;
const ROOT_SHARE_BITS_EXACT: u32 = 13;

/// A leaf below this is a symbol of its own; of a larger one the symbol says how many bits it has.
const SMALL_LEAVES: u32 = 224;

/// The bits of an f32's fraction.
const FRACTION_BITS: u32 = 23;

/// What precedes the trees.
#[derive(Debug, Clone, Copy, Default)]
struct Prelude {
    trees: u32,
    nodes: u32,
    base: f64,
    unit: f64,
    /// Whether leaves are whole numbers of the unit.
    whole: bool,
    /// Where all missing values go, if they all go the same way: to the left?
    missing_left: Option<bool>,
    /// Whether every split is at a cut that the splits above it left possible.
    narrowing: bool,
    root_share_bits: u32,
}

impl Prelude {
    fn of(trees: &Trees, numbered: &Numbered) -> Prelude {
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

    fn code(stream: &mut impl Stream, given: Prelude) -> Prelude {
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

/// Writes trees.
pub(super) fn write(trees: &Trees) -> Result<Vec<u8>, BlobError> {
    let numbered = Numbered::of(trees.nodes())?;
    let prelude = Prelude::of(trees, &numbered);
    let mut tally = Tally::new(numbered.cuts.each_ref().map(Vec::len));
    Body::new(prelude, &numbered.cuts, trees.nodes(), &numbered.cut_of).code(&mut tally)?;

    let (mut shape, mut values) = (Writer::default(), Writer::default());
    Prelude::code(&mut shape, prelude);
    code_cuts(&mut shape, &numbered.cuts)?;
    let likelihoods = Likelihoods::code(&mut shape, &tally);
    let mut known = Known { likelihoods: &likelihoods, shape: &mut shape, values: &mut values };
    Body::new(prelude, &numbered.cuts, trees.nodes(), &numbered.cut_of).code(&mut known)?;
    let (shape, values) = (shape.finish(), values.finish());
    let shape_words = u32::try_from(shape.len() / 4).map_err(|_| UNREADABLE)?;
    let mut bytes = [&shape_words.to_le_bytes(), shape.as_slice(), values.as_slice()].concat();
    let least_words = trees.nodes().len().div_ceil(MOST_NODES_A_WORD);
    bytes.resize(bytes.len().max(4 * least_words), 0);
    Ok(bytes)
}

/// Reads trees. Takes time and memory in proportion to the bytes, whatever they are.
pub(super) fn read(bytes: &[u8]) -> Result<Trees, BlobError> {
    let (words, rest) = bytes.as_chunks();
    let (shape_words, parts) = words.split_first().filter(|_| rest.is_empty()).ok_or(UNREADABLE)?;
    let (shape, values) =
        parts.split_at_checked(u32::from_le_bytes(*shape_words) as usize).ok_or(UNREADABLE)?;
    let (mut shape, mut values) = (Reader::new(shape), Reader::new(values));
    let prelude = Prelude::code(&mut shape, Prelude::default());
    let least_words = (prelude.nodes as usize).div_ceil(MOST_NODES_A_WORD);
    if prelude.root_share_bits == 0 || least_words > words.len() {
        return Err(UNREADABLE);
    }
    let cuts = code_cuts(&mut shape, &Cuts::default())?;
    let likelihoods = Likelihoods::code(&mut shape, &Tally::new(cuts.each_ref().map(Vec::len)));
    let mut known = Known { likelihoods: &likelihoods, shape: &mut shape, values: &mut values };
    let Body { roots, nodes, cut_of, census, .. } =
        Body::new(prelude, &cuts, &[], &[]).code(&mut known)?;
    let may_be_padded = words.len() == least_words;
    if !shape.is_at_the_end(false) || !values.is_at_the_end(may_be_padded) {
        return Err(UNREADABLE);
    }
    let numbered = Numbered { cuts, cut_of };
    Ok(Trees::numbered(prelude.base, prelude.unit, roots, nodes, &numbered, &census)?)
}

const UNREADABLE: BlobError = BlobError::Unreadable { part: "payload" };

fn code_cuts(stream: &mut impl Stream, given: &Cuts) -> Result<Cuts, BlobError> {
    let mut all = Cuts::default();
    for (cuts, given) in all.iter_mut().zip(given) {
        *cuts = cuts::code(stream, given).ok_or(UNREADABLE)?;
    }
    Ok(all)
}

/// The trees themselves, as they are coded.
struct Body<'a> {
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
    roots: Vec<u32>,
    nodes: Vec<Node>,
    cut_of: Vec<u16>,
    census: Census,
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
    fn new(prelude: Prelude, cuts: &'a Cuts, given: &'a [Node], given_cuts: &'a [u16]) -> Body<'a> {
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

    fn code(mut self, coder: &mut impl Coder) -> Result<Body<'a>, BlobError> {
        for tree in 0..self.prelude.trees as usize {
            self.roots.push(place(&self.nodes));
            self.code_tree(coder, leaf_band(tree))?;
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
        let bits = share_bits(self.prelude.root_share_bits, spot.reach);
        let part = usize::from(cut - start) * SPAN_PARTS / usize::from(end - start);
        let left_share = code_share(coder, bits, part, given_share).ok_or(UNREADABLE)?;
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
            code_whole(coder, band, given)
        } else {
            code_float(coder, band, given).ok_or(UNREADABLE)?
        };
        self.cut_of.push(0);
        self.nodes.push(Node::Leaf(value));
        Ok(())
    }
}

/// A leaf that is a whole number of an i16: 0, -1, 1, -2 … are the symbols 0, 1, 2, 3 …
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "whole leaves are of an i16")]
fn code_whole(coder: &mut impl Coder, band: usize, given: f32) -> f32 {
    let given = given as i16;
    let folded = u32::from(((given << 1) ^ (given >> 15)).cast_unsigned());
    let symbol = |folded: u32| match folded {
        small if small < SMALL_LEAVES => small as u8,
        large => (SMALL_LEAVES + large.ilog2() - SMALL_LEAVES.ilog2()) as u8,
    };
    let symbol = u32::from(coder.symbol(Context::Leaf(band), symbol(folded)));
    let folded = if symbol < SMALL_LEAVES {
        symbol
    } else {
        // No more than 16 bits come from a writer; no more are made of what is read.
        let bits = (symbol - SMALL_LEAVES + SMALL_LEAVES.ilog2()).min(15);
        1 << bits | coder.bits(bits, folded & ((1 << bits) - 1))
    };
    let folded = folded as u16;
    f32::from((folded >> 1).cast_signed() ^ -((folded & 1).cast_signed()))
}

/// A leaf that is any finite f32: its exponent is the symbol, sign and fraction are plain.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the exponent has eight bits")]
fn code_float(coder: &mut impl Coder, band: usize, given: f32) -> Option<f32> {
    let bits = given.to_bits();
    let exponent = u32::from(coder.symbol(Context::Leaf(band), (bits >> FRACTION_BITS) as u8));
    let plain = coder.bits(24, bits >> 31 << FRACTION_BITS | bits & ((1 << FRACTION_BITS) - 1));
    let (sign, fraction) = (plain >> FRACTION_BITS, plain & ((1 << FRACTION_BITS) - 1));
    let value = f32::from_bits(sign << 31 | exponent << FRACTION_BITS | fraction);
    value.is_finite().then_some(value)
}

/// A share to this many bits: never 0, and never all.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "a share has 16 bits, its symbol four")]
fn code_share(coder: &mut impl Coder, bits: u32, part: usize, given: u16) -> Option<u16> {
    let dropped = SHARE_BITS - bits;
    let half = (1_u32 << dropped) >> 1;
    let given = ((u32::from(given) + half) >> dropped).clamp(1, (1 << bits) - 1);
    let upper_bits = (bits as usize).min(SHARE_SYMBOL_BITS);
    let plain_bits = bits - upper_bits as u32;
    let upper = coder.symbol(Context::Share(upper_bits, part), (given >> plain_bits) as u8);
    let lower = coder.bits(plain_bits, given & ((1 << plain_bits) - 1));
    let share = u32::from(upper) << plain_bits | lower;
    (1..1 << bits).contains(&share).then_some((share << dropped) as u16)
}

/// How many bits the share of a node has that is reached by so much of the training weight.
#[inline]
fn share_bits(root_bits: u32, reach: u64) -> u32 {
    let halvings = 32 - reach.max(1).ilog2().min(32);
    root_bits.saturating_sub(halvings / 2).max(1)
}

/// The band of a tree's leaves: two for each doubling of how many trees there were.
fn leaf_band(tree: usize) -> usize {
    let count = tree.saturating_add(1);
    let doublings = count.ilog2() as usize;
    let upper_half = doublings > 0 && count >> (doublings - 1) & 1 == 1;
    (2 * doublings + usize::from(upper_half)).min(LEAF_BANDS - 1)
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

/// The place of the next node.
fn place(nodes: &[Node]) -> u32 {
    u32::try_from(nodes.len()).unwrap_or(u32::MAX)
}
