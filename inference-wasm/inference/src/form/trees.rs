//! The tree form: a sum of decision trees.
//!
//! [`Trees`] keeps the nodes, for explanations and blobs, and [`CompiledTrees`], which computes margins.

mod check;
mod thresholds;
mod stats;
mod leaf;
mod binner;
mod blocks;
mod perfect_trees;
mod sparse_trees;
mod layout;
mod compiled_trees;
mod quantise;
mod simplify;

use alloc::vec::Vec;
use core::ops::Range;

pub use self::compiled_trees::CompiledTrees;
pub(crate) use self::stats::{EnsembleStats, MissingDirections};
pub(crate) use self::thresholds::{IndexedThresholds, Thresholds};
use super::FormError;
use crate::ensure::ensure;
use crate::features::Features;

/// The depth of the deepest tree that is accepted.
pub const MAX_DEPTH: usize = 64;

/// One node of a tree in preorder: the left child of a split is the next node, its right child lies further on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Node {
    /// Sends rows with `features[feature] < threshold` left and the others right, compared in f32 as XGBoost does.
    Split {
        /// The index of the feature in [`FEATURE_NAMES`](crate::features::FEATURE_NAMES).
        feature: u8,
        /// Whether a row in which the feature is missing goes left.
        missing_left: bool,
        /// The fraction of this node's cover (training weight) that went left, in units of 1/65,536; never 0. An
        /// explanation weights branches by it.
        left_fraction: u16,
        /// The value that the feature is compared with.
        threshold: f32,
        /// The index of the right child among all nodes.
        right: u32,
    },
    /// The value that the tree adds to the margin, in units of [`Trees::unit`].
    Leaf(f32),
}

/// The fraction of a split's cover that went left, of the covers of both children, as [`Node::Split`] holds it; one half
/// where it is unknown.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the fraction is clamped to 1 to 65,535 first"
)]
pub fn left_fraction([left, right]: [f64; 2]) -> u16 {
    let fraction = left / (left + right);
    let fraction = if fraction.is_nan() { 0.5 } else { fraction };
    libm::round(65_536.0 * fraction).clamp(1.0, 65_535.0) as u16
}

/// `base + unit * (sum of one leaf of every tree)`.
///
/// Quantised leaves are whole numbers of `unit`, and their sum is exact in any order. For a learner's own f32 leaves,
/// `unit` is 1 and the sum is computed in f64.
#[derive(Debug, Clone)]
pub struct Trees {
    roots: Vec<u32>,
    nodes: Vec<Node>,
    /// Holds base and unit; all else in it follows from roots and nodes.
    compiled: CompiledTrees,
}

impl PartialEq for Trees {
    fn eq(&self, other: &Trees) -> bool {
        let parts = |trees: &Trees| (trees.base(), trees.unit());
        parts(self) == parts(other) && self.roots == other.roots && self.nodes == other.nodes
    }
}

impl Trees {
    /// Takes fitted trees: `nodes` holds them one after the other in preorder, `roots` holds the index where each starts.
    ///
    /// # Errors
    ///
    /// [`FormError`] unless every tree is whole, at most [`MAX_DEPTH`] deep, and every number finite.
    pub fn new(
        base: f64,
        unit: f64,
        roots: Vec<u32>,
        nodes: Vec<Node>,
    ) -> Result<Trees, FormError> {
        check::trees(&roots, &nodes)?;
        let (thresholds, stats) =
            (IndexedThresholds::of(&nodes)?, EnsembleStats::of(&roots, &nodes));
        Trees::from_indexed(base, unit, roots, nodes, &thresholds, &stats)
    }

    /// Takes trees whose thresholds are already indexed and whose statistics are known, as reading a blob gives them. Reading
    /// has checked the nodes, so a release build does not check them again.
    pub(crate) fn from_indexed(
        base: f64,
        unit: f64,
        roots: Vec<u32>,
        nodes: Vec<Node>,
        thresholds: &IndexedThresholds,
        stats: &EnsembleStats,
    ) -> Result<Trees, FormError> {
        debug_assert_eq!(check::trees(&roots, &nodes), Ok(()));
        debug_assert_eq!(stats.depths, EnsembleStats::of(&roots, &nodes).depths);
        check::scale(base, unit)?;
        ensure(!roots.is_empty(), FormError::Empty)?;
        let compiled = CompiledTrees::of(base, unit, &roots, &nodes, thresholds, stats)?;
        Ok(Trees { roots, nodes, compiled })
    }

    /// Appends the compiled trees as an image stores them. Never an error, since these trees were compiled.
    pub(super) fn write_compiled(&self, image: &mut Vec<u8>) -> Result<(), FormError> {
        let thresholds = IndexedThresholds::of(&self.nodes)?.thresholds;
        let missing = EnsembleStats::of(&self.roots, &self.nodes).missing_directions;
        self.compiled.write(&thresholds, &missing, image);
        Ok(())
    }

    /// The margin before any tree is added.
    #[must_use]
    pub fn base(&self) -> f64 {
        self.compiled.base
    }

    /// What a leaf of 1 adds to the margin.
    #[must_use]
    pub fn unit(&self) -> f64 {
        self.compiled.unit
    }

    /// The index in [`Self::nodes`] where each tree starts.
    #[must_use]
    pub fn roots(&self) -> &[u32] {
        &self.roots
    }

    /// The range of each tree in [`Self::nodes`].
    pub fn spans(&self) -> impl Iterator<Item = Range<usize>> {
        spans(&self.roots, self.nodes.len())
    }

    /// The nodes of all trees.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The margin of a stone.
    #[must_use]
    pub fn margin(&self, features: &Features) -> f64 {
        self.compiled.margin(features)
    }

    /// Computes the margins of stones as [`Self::margin`] does, as many as the shorter slice has elements.
    pub fn margins(&self, rows: &[Features], margins: &mut [f64]) {
        self.compiled.margins(rows, margins);
    }

    /// Whether every leaf is a whole number of [`Self::unit`] that fits an i16.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.compiled.is_whole()
    }

    /// How many bytes a walk through all trees can touch.
    #[must_use]
    pub fn walking_bytes(&self) -> usize {
        self.compiled.bytes()
    }
}

/// The range of each tree among so many nodes.
fn spans(roots: &[u32], nodes: usize) -> impl Iterator<Item = Range<usize>> {
    let starts = || roots.iter().map(|root| *root as usize);
    starts().zip(starts().skip(1).chain([nodes])).map(|(start, end)| start..end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::FEATURE_COUNT;
    use crate::properties::seeds::stump;

    fn split(feature: u8, threshold: f32, missing_left: bool, right: u32) -> Node {
        Node::Split { feature, missing_left, left_fraction: 1 << 15, threshold, right }
    }

    fn carat(carat: f64) -> Features {
        let mut values = [0.0; FEATURE_COUNT];
        values[0] = carat;
        Features::from_values(values)
    }

    #[test]
    fn a_row_goes_left_below_the_threshold() {
        let trees = Trees::new(10.0, 1.0, vec![0], stump(1.0, [-1.0, 2.0])).unwrap();
        let check = |value, expected: f64| {
            assert_eq!(trees.margin(&carat(value)).to_bits(), expected.to_bits());
        };
        check(0.9, 9.0);
        check(1.0, 12.0);
        check(f64::NAN, 9.0);
        // Below 1 in f64 but equal to 1 in f32, in which XGBoost compares.
        check(0.999_999_999, 12.0);
    }

    #[test]
    fn nodes_that_are_not_trees_are_refused() {
        let check = |roots: Vec<u32>, nodes: Vec<Node>, why: &str| {
            let error = Trees::new(0.0, 1.0, roots, nodes).unwrap_err();
            assert!(format!("{error}").contains(why), "{error}");
        };
        check(vec![], vec![], "no tree");
        check(vec![1], stump(1.0, [-1.0, 2.0]), "does not start");
        check(vec![0], vec![split(0, 1.0, true, 2), Node::Leaf(0.0)], "is missing");
        check(
            vec![0],
            vec![split(0, 1.0, true, 0), Node::Leaf(0.0), Node::Leaf(0.0)],
            "parent says",
        );
        check(
            vec![0],
            vec![split(10, 1.0, true, 2), Node::Leaf(0.0), Node::Leaf(0.0)],
            "feature 10",
        );
        check(vec![0], vec![Node::Leaf(f32::NAN)], "leaf 0");
        check(vec![0], vec![Node::Leaf(0.0), Node::Leaf(0.0)], "belongs to no tree");
        check(vec![0], vec![split(0, 1.0, true, 2); 100], "deeper");
        let to_the_right = |at: u32| [split(0, 1.0, true, 2 * at + 2), Node::Leaf(0.0)];
        let chain = (0..100).flat_map(to_the_right).chain([Node::Leaf(0.0)]).collect();
        check(vec![0], chain, "deeper");
    }
}
