//! Lays an ensemble out for fast walks: each tree goes to the perfect or the sparse trees.

use alloc::vec::Vec;

use super::binner::{FeatureBinner, REGISTER_BYTES};
use super::blocks::Row;
use super::leaf::Leaf;
use super::perfect_trees::{PerfectTrees, ROWS};
use super::sparse_trees::SparseTrees;
use super::stats::{EnsembleStats, MissingDirections};
use super::{FormError, Node, Thresholds, spans};
use crate::ensure::ensure;
use crate::features::Features;
use crate::image::{ImageError, Source};

/// A perfect tree may take this many bytes per node, and a constant per tree. Trees that would take more are stored as
/// sparse trees, which always take 8 bytes per node.
const BYTES_PER_NODE: usize = 8;
const BYTES_PER_TREE: usize = 64;

/// As many lanes as a byte can number, which is more than fit a register.
const MAX_LANES: usize = 256;

/// An ensemble laid out for walks. Trees with enough nodes for their depth are perfect trees, grouped by depth; the
/// others are sparse trees.
#[derive(Debug, Clone)]
pub(super) struct TreeLayout<L> {
    binner: FeatureBinner,
    perfect: Vec<PerfectTrees<L>>,
    sparse: SparseTrees,
}

impl<L: Leaf> TreeLayout<L> {
    /// Lays checked trees out. `threshold_index` holds for each split the index of its threshold among its feature's;
    /// `stats` are those of the trees.
    pub(super) fn new(
        roots: &[u32],
        nodes: &[Node],
        thresholds: &Thresholds,
        threshold_index: &[u16],
        stats: &EnsembleStats,
    ) -> Result<TreeLayout<L>, FormError> {
        let binner = FeatureBinner::new(thresholds, &stats.missing_directions)?;
        let mut layout = TreeLayout { binner, perfect: Vec::new(), sparse: SparseTrees::default() };
        // The depth of each tree that is stored as a perfect one.
        let perfect_depths: Vec<Option<usize>> = stats
            .depths
            .iter()
            .zip(spans(roots, nodes.len()))
            .map(|(depth, tree)| {
                let most_bytes = BYTES_PER_NODE * tree.len() + BYTES_PER_TREE;
                let fits = PerfectTrees::<L>::bytes_per_tree(*depth) <= most_bytes as u128;
                (fits && layout.binner.fits_register()).then_some(*depth)
            })
            .collect();
        for (tree, perfect_depth) in spans(roots, nodes.len()).zip(&perfect_depths) {
            let root = tree.start;
            let (nodes, threshold_index) = (&nodes[tree.clone()], &threshold_index[tree]);
            if let Some(depth) = *perfect_depth {
                let group = layout.perfect.iter().position(|trees| trees.depth() == depth);
                let at = group.unwrap_or_else(|| {
                    let trees = perfect_depths.iter().filter(|its| **its == Some(depth)).count();
                    layout.perfect.push(PerfectTrees::new(depth, trees));
                    layout.perfect.len() - 1
                });
                push_perfect(&mut layout.perfect[at], &layout.binner, nodes, threshold_index);
            } else {
                push_sparse::<L>(&mut layout.sparse, &layout.binner, root, nodes, threshold_index);
            }
        }
        Ok(layout)
    }

    /// The sum of one leaf of every tree, in units. f32 leaves are summed in f64: first the perfect trees, depth by depth
    /// in the order in which the depths first occurred, then the sparse trees.
    pub(super) fn units(&self, features: &Features) -> f64 {
        let mut sums = [L::Sum::default()];
        if self.binner.fits_register() {
            let mut bins = [0; REGISTER_BYTES];
            self.binner.bin(features, &mut bins);
            let row = [Row::new(bins)];
            self.perfect.iter().for_each(|trees| trees.add(&row, &mut sums));
            self.sparse.add::<L>(&bins, &mut sums[0]);
        } else {
            let mut bins = [0; MAX_LANES];
            self.binner.bin(features, &mut bins);
            self.sparse.add::<L>(&bins, &mut sums[0]);
        }
        L::units(sums[0])
    }

    /// The sums of [`ROWS`] rows, each as [`Self::units`] gives it.
    pub(super) fn units_of_rows(&self, rows: &[Features; ROWS]) -> [f64; ROWS] {
        if !self.binner.fits_register() {
            return rows.each_ref().map(|row| self.units(row));
        }
        let bins = rows.each_ref().map(|features| {
            let mut bins = [0; REGISTER_BYTES];
            self.binner.bin(features, &mut bins);
            bins
        });
        let mut sums = [L::Sum::default(); ROWS];
        let rows = bins.map(Row::new);
        self.perfect.iter().for_each(|trees| trees.add(&rows, &mut sums));
        for (bins, sum) in bins.iter().zip(&mut sums) {
            self.sparse.add::<L>(bins, sum);
        }
        sums.map(L::units)
    }

    /// Appends the layout as an image stores it: the binner, the number of groups of perfect trees (u8), these groups, the
    /// sparse trees. `thresholds` and `missing` are those it was made from.
    #[expect(clippy::cast_possible_truncation, reason = "one group per depth, of at most 64")]
    pub(super) fn write(
        &self,
        thresholds: &Thresholds,
        missing: &MissingDirections,
        image: &mut Vec<u8>,
    ) {
        FeatureBinner::write(thresholds, missing, image);
        image.push(self.perfect.len() as u8);
        self.perfect.iter().for_each(|trees| trees.write(image));
        self.sparse.write(image);
    }

    /// Reads what [`Self::write`] wrote, and checks that walks stay inside it.
    pub(super) fn read(source: &mut Source<'_>) -> Result<TreeLayout<L>, ImageError> {
        let binner = FeatureBinner::read(source)?;
        let count = usize::from(source.byte()?);
        let mut perfect: Vec<PerfectTrees<L>> = Vec::new();
        for _ in 0..count {
            let trees = PerfectTrees::read(source, &binner)?;
            let is_new = perfect.iter().all(|other| other.depth() != trees.depth());
            let twice = ImageError::Broken("two groups of perfect trees have the same depth");
            ensure(is_new, twice)?;
            perfect.push(trees);
        }
        let sparse = SparseTrees::read::<L>(source, &binner)?;
        let no_register = "there are perfect trees, but the bins of a row do not fit a register";
        let fits = perfect.is_empty() || binner.fits_register();
        ensure(fits, ImageError::Broken(no_register))?;
        ensure(!perfect.is_empty() || sparse.trees() > 0, FormError::Empty)?;
        Ok(TreeLayout { binner, perfect, sparse })
    }

    /// How many bytes a walk can touch.
    pub(super) fn bytes(&self) -> usize {
        self.binner.bytes()
            + self.perfect.iter().map(PerfectTrees::bytes).sum::<usize>()
            + self.sparse.bytes()
    }
}

/// Adds a tree to the perfect trees of its depth.
fn push_perfect<L: Leaf>(
    trees: &mut PerfectTrees<L>,
    binner: &FeatureBinner,
    nodes: &[Node],
    threshold_index: &[u16],
) {
    trees.start_tree();
    // The level of a node and its index in the level; of the right children still to come, innermost last.
    let (mut level, mut at) = (0, 0);
    let mut pending: Vec<(usize, usize)> = Vec::new();
    for (node, index) in nodes.iter().zip(threshold_index) {
        match *node {
            Node::Split { feature, missing_left, .. } => {
                trees.set_test(level, at, binner.test(feature, missing_left, *index));
                (level, at) = (level + 1, 2 * at);
                pending.push((level, at + 1));
            }
            Node::Leaf(value) => {
                trees.set_leaf(level, at, L::of(value));
                (level, at) = pending.pop().unwrap_or_default();
            }
        }
    }
}

/// Adds a tree to the sparse trees. `root` is its index among all nodes, from which the indexes of its right children
/// count.
#[expect(clippy::cast_possible_truncation, reason = "a form has fewer than 2^32 nodes")]
fn push_sparse<L: Leaf>(
    sparse: &mut SparseTrees,
    binner: &FeatureBinner,
    root: usize,
    nodes: &[Node],
    threshold_index: &[u16],
) {
    let start = sparse.start_tree();
    for (node, index) in nodes.iter().zip(threshold_index) {
        match *node {
            Node::Split { feature, missing_left, right, .. } => {
                let right = right.wrapping_sub(root as u32).wrapping_add(start);
                sparse.push_test(binner.test(feature, missing_left, *index), right);
            }
            Node::Leaf(value) => sparse.push_leaf(L::of(value)),
        }
    }
}
