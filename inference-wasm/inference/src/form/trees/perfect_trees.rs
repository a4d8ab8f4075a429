//! Stores trees of one depth as perfect binary trees: each is a root block with layers of subtree blocks below it.

use alloc::vec::Vec;

use super::binner::{FeatureBinner, Test};
use super::blocks::{ROOT_LEVELS, RootBlock, Row, SUBTREE_LEVELS, SubtreeBlock};
use super::leaf::Leaf;
use crate::ensure::ensure;
use crate::image::{ImageError, Source, count};

/// How many rows are walked together: a block is fetched from memory once for all of them.
pub(super) const ROWS: usize = 8;

/// Trees of one depth, padded to perfect binary trees. An index in one layer determines the index in the next, so no
/// pointers are stored. Padding sends every row left.
#[derive(Debug, Clone)]
pub(super) struct PerfectTrees<L> {
    root_levels: usize,
    root_blocks: Vec<RootBlock>,
    layers: Vec<Vec<SubtreeBlock>>,
    leaves: Vec<L>,
}

impl<L: Leaf> PerfectTrees<L> {
    /// Reserves memory for at most so many trees of this depth.
    pub(super) fn new(depth: usize, trees: usize) -> PerfectTrees<L> {
        let (root_levels, layers) = shape(depth);
        let blocks = |layer| Vec::with_capacity(trees << (root_levels + SUBTREE_LEVELS * layer));
        PerfectTrees {
            root_levels,
            root_blocks: Vec::with_capacity(trees),
            layers: (0..layers).map(blocks).collect(),
            leaves: Vec::with_capacity(trees << depth),
        }
    }

    /// How many bytes a tree of this depth takes.
    pub(super) fn bytes_per_tree(depth: usize) -> u128 {
        let (root_levels, layers) = shape(depth);
        let exits = |layer: usize| 1_u128 << (root_levels + SUBTREE_LEVELS * layer);
        let blocks: u128 = (0..layers).map(exits).sum();
        size_of::<RootBlock>() as u128
            + blocks * size_of::<SubtreeBlock>() as u128
            + exits(layers) * size_of::<L>() as u128
    }

    /// Starts a tree that sends every row left and has only leaves of 0.
    pub(super) fn start_tree(&mut self) {
        let mut exits = 1 << self.root_levels;
        self.root_blocks.push(RootBlock::EMPTY);
        for layer in &mut self.layers {
            layer.resize(layer.len() + exits, SubtreeBlock::EMPTY);
            exits <<= SUBTREE_LEVELS;
        }
        self.leaves.resize(self.leaves.len() + exits, L::default());
    }

    /// Sets a test of the tree that was started last, by its level and its index in the level from left to right.
    pub(super) fn set_test(&mut self, level: usize, at: usize, test: Test) {
        let Some(below) = level.checked_sub(self.root_levels) else {
            if let Some(root_block) = self.root_blocks.last_mut() {
                root_block.set(level + ROOT_LEVELS - self.root_levels, at, test);
            }
            return;
        };
        let (layer, row) = (below / SUBTREE_LEVELS, below % SUBTREE_LEVELS);
        let first = (self.root_blocks.len() - 1) << (self.root_levels + SUBTREE_LEVELS * layer);
        self.layers[layer][first + (at >> row)].set(row, at & ((1 << row) - 1), test);
    }

    /// Sets a leaf of the tree that was started last, by its level and index. A leaf above the lowest level is stored at its leftmost descendant:
    /// the padding below it sends every row left.
    pub(super) fn set_leaf(&mut self, level: usize, at: usize, leaf: L) {
        let depth = self.depth();
        let first = (self.root_blocks.len() - 1) << depth;
        self.leaves[first + (at << (depth - level))] = leaf;
    }

    /// Appends the trees as an image stores them: depth (u8), number of trees (u32), root blocks (32 bytes each), layer by
    /// layer the subtree blocks (16 bytes each), leaves.
    #[expect(clippy::cast_possible_truncation, reason = "trees that fit in memory are not so deep")]
    pub(super) fn write(&self, image: &mut Vec<u8>) {
        image.push(self.depth() as u8);
        image.extend(count(self.root_blocks.len()));
        image.extend(self.root_blocks.iter().flat_map(|block| block.0).flatten());
        for layer in &self.layers {
            image.extend(layer.iter().flat_map(|block| block.0));
        }
        L::write(&self.leaves, image);
    }

    /// Reads what [`Self::write`] wrote. Checks that no walk leaves it: there are as many blocks and leaves as exits
    /// above them, a root block uses only its own levels, and `binner` has every lane that a block tests.
    pub(super) fn read(
        source: &mut Source<'_>,
        binner: &FeatureBinner,
    ) -> Result<PerfectTrees<L>, ImageError> {
        let depth = usize::from(source.byte()?);
        let trees = source.count()?;
        let (root_levels, layers) = shape(depth);
        let halves = source.items(exits(trees, 1)?)?;
        let root_blocks: Vec<RootBlock> =
            halves.as_chunks().0.iter().map(|block| RootBlock(*block)).collect();
        let is_empty = root_blocks.is_empty();
        ensure(!is_empty, ImageError::Broken("a group of perfect trees has no tree"))?;
        let are_lowest = root_blocks.iter().all(|block| block.uses_only_lowest(root_levels));
        ensure(are_lowest, ImageError::Broken("a root block tests above its own levels"))?;
        check_lane(RootBlock::highest_lane(&root_blocks), binner)?;
        let layers = (0..layers)
            .map(|layer| {
                let count = exits(trees, root_levels + SUBTREE_LEVELS * layer)?;
                let blocks = source.items(count)?;
                let blocks: Vec<SubtreeBlock> =
                    blocks.iter().map(|block| SubtreeBlock(*block)).collect();
                check_lane(SubtreeBlock::highest_lane(&blocks), binner)?;
                Ok(blocks)
            })
            .collect::<Result<_, ImageError>>()?;
        let leaves = L::read(source, exits(trees, depth)?)?;
        Ok(PerfectTrees { root_levels, root_blocks, layers, leaves })
    }

    pub(super) fn depth(&self) -> usize {
        self.root_levels + SUBTREE_LEVELS * self.layers.len()
    }

    /// Adds to the sum of each row the leaves that the row falls into. The common numbers of layers are separate cases,
    /// so that the compiler can unroll them.
    #[inline]
    pub(super) fn add<const N: usize>(&self, rows: &[Row; N], sums: &mut [L::Sum; N]) {
        match self.layers.as_slice() {
            [] => self.add_by(rows, sums, |_, at| at),
            [one] => self.add_by(rows, sums, |row, at| step(one, row, at)),
            [one, two] => self.add_by(rows, sums, |row, at| step(two, row, step(one, row, at))),
            layers => self.add_by(rows, sums, |row, at| {
                layers.iter().fold(at, |at, layer| step(layer, row, at))
            }),
        }
    }

    #[inline]
    fn add_by<const N: usize>(
        &self,
        rows: &[Row; N],
        sums: &mut [L::Sum; N],
        below: impl Fn(Row, usize) -> usize,
    ) {
        let exits = 1 << self.root_levels;
        let mut first = 0;
        for root_block in &self.root_blocks {
            for (row, sum) in rows.iter().zip(sums.iter_mut()) {
                *sum += self.leaves[below(*row, first + root_block.exit(*row))].summand();
            }
            first += exits;
        }
    }

    pub(super) fn bytes(&self) -> usize {
        size_of_val(self.root_blocks.as_slice())
            + self.layers.iter().map(|layer| size_of_val(layer.as_slice())).sum::<usize>()
            + size_of_val(self.leaves.as_slice())
    }
}

/// How many exits so many trees have after so many levels.
fn exits(trees: usize, levels: usize) -> Result<usize, ImageError> {
    u32::try_from(levels)
        .ok()
        .and_then(|levels| 1_usize.checked_shl(levels)?.checked_mul(trees))
        .ok_or(ImageError::Broken("perfect trees have more exits than can be counted"))
}

fn check_lane(lane: u8, binner: &FeatureBinner) -> Result<(), ImageError> {
    let error = ImageError::Broken("a perfect tree tests a lane that is not there");
    ensure(binner.has_lane(lane), error)
}

/// Walks one layer down.
#[inline]
fn step(layer: &[SubtreeBlock], row: Row, at: usize) -> usize {
    (at << SUBTREE_LEVELS) + layer[at].exit(row)
}

/// The number of levels of the root block, and the smallest number of subtree layers below it that reaches the depth.
fn shape(depth: usize) -> (usize, usize) {
    let layers = depth.saturating_sub(ROOT_LEVELS).div_ceil(SUBTREE_LEVELS);
    (depth - SUBTREE_LEVELS * layers, layers)
}
