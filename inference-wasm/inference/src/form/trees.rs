//! The tree form: a sum of decision trees.

mod check;

mod numbered;

mod lanes;

mod leaf;

mod fan;

mod grove;

mod thicket;

mod census;

mod walker;

mod walked;

mod quantise;

mod simplify;

use alloc::vec::Vec;
use core::ops::Range;

pub(crate) use self::census::Census;
pub(crate) use self::lanes::Cuts;
pub(crate) use self::numbered::Numbered;
pub use self::walked::Walked;
use super::FormError;
use crate::features::Features;

/// The deepest tree that is believed.
pub const MAX_DEPTH: usize = 64;

/// One node of a tree in preorder: a split's left child is the next node, its right child lies further on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Node {
    /// Rows with `features[feature] < threshold` go left, others right; missing ones as told. Compared in f32,
    /// as XGBoost does.
    Split {
        /// The feature's place in [`FEATURE_NAMES`](crate::features::FEATURE_NAMES).
        feature: u8,
        /// Whether a row without this feature goes left.
        missing_left: bool,
        /// Of the training weight that reached this node, how much went left, in units of 1/65,536: never 0. What
        /// an explanation weighs the branches by that a row does not take.
        left_share: u16,
        /// Where the feature is split.
        threshold: f32,
        /// The right child's place among all nodes.
        right: u32,
    },
    /// What the tree adds to the margin, in units of [`Trees::unit`].
    Leaf(f32),
}

/// `base + unit * (sum of one leaf of every tree)`.
///
/// Where the leaves were quantised they are whole numbers of `unit`, and their sum is exact in any order. Where they
/// are a learner's own f32, `unit` is 1 and the sum is made in f64.
#[derive(Debug, Clone)]
pub struct Trees {
    roots: Vec<u32>,
    nodes: Vec<Node>,
    /// Follows from the others, but for base and unit.
    walked: Walked,
}

impl PartialEq for Trees {
    fn eq(&self, other: &Trees) -> bool {
        let parts = |trees: &Trees| (trees.base(), trees.unit());
        parts(self) == parts(other) && self.roots == other.roots && self.nodes == other.nodes
    }
}

impl Trees {
    /// Takes fitted trees: `nodes` holds them one after the other in preorder, `roots` where each starts.
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
        check::numbers(base, unit, &roots)?;
        check::trees(&roots, &nodes)?;
        let (numbered, census) = (Numbered::of(&nodes)?, Census::of(&roots, &nodes));
        Trees::lay_out(base, unit, roots, nodes, &numbered, &census)
    }

    /// Takes trees whose cuts are numbered and which are counted, as who reads a blob does on the way. They are whole, their
    /// cuts, leaves and shares checked: reading them could not have given others.
    pub(crate) fn numbered(
        base: f64,
        unit: f64,
        roots: Vec<u32>,
        nodes: Vec<Node>,
        numbered: &Numbered,
        census: &Census,
    ) -> Result<Trees, FormError> {
        debug_assert_eq!(check::trees(&roots, &nodes), Ok(()));
        debug_assert_eq!(census.depths, Census::of(&roots, &nodes).depths);
        check::numbers(base, unit, &roots)?;
        Trees::lay_out(base, unit, roots, nodes, numbered, census)
    }

    fn lay_out(
        base: f64,
        unit: f64,
        roots: Vec<u32>,
        nodes: Vec<Node>,
        numbered: &Numbered,
        census: &Census,
    ) -> Result<Trees, FormError> {
        let walked = Walked::of(base, unit, &roots, &nodes, numbered, census)?;
        Ok(Trees { roots, nodes, walked })
    }

    /// Appends what a walk needs as an image holds it.
    ///
    /// # Errors
    ///
    /// [`FormError::TooManyThresholds`], never for trees that were laid out.
    pub(super) fn write_walked(&self, image: &mut Vec<u8>) -> Result<(), FormError> {
        let cuts = Numbered::of(&self.nodes)?.cuts;
        let used = Census::of(&self.roots, &self.nodes).used;
        self.walked.write(&cuts, &used, image);
        Ok(())
    }

    /// The margin before any tree.
    #[must_use]
    pub fn base(&self) -> f64 {
        self.walked.base()
    }

    /// What a leaf of 1 adds to the margin.
    #[must_use]
    pub fn unit(&self) -> f64 {
        self.walked.unit()
    }

    /// Where each tree starts in [`Self::nodes`].
    #[must_use]
    pub fn roots(&self) -> &[u32] {
        &self.roots
    }

    /// Where each tree starts and ends in [`Self::nodes`].
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
        self.walked.margin(features)
    }

    /// The margins of stones, each as [`Self::margin`] gives it; as many are written as both slices have places.
    pub fn margins(&self, rows: &[Features], margins: &mut [f64]) {
        self.walked.margins(rows, margins);
    }

    /// Whether every leaf is a whole number of [`Self::unit`] that fits an i16.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.walked.is_whole()
    }

    /// How many bytes a walk through all trees can touch.
    #[must_use]
    pub fn walking_bytes(&self) -> usize {
        self.walked.bytes()
    }
}

/// Where each tree starts and ends among so many nodes.
fn spans(roots: &[u32], nodes: usize) -> impl Iterator<Item = Range<usize>> {
    let starts = || roots.iter().map(|root| *root as usize);
    starts().zip(starts().skip(1).chain([nodes])).map(|(start, end)| start..end)
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;
    use crate::features::FEATURE_COUNT;

    fn split(feature: u8, threshold: f32, missing_left: bool, right: u32) -> Node {
        Node::Split { feature, missing_left, left_share: 1 << 15, threshold, right }
    }

    fn stump() -> Vec<Node> {
        vec![split(0, 1.0, true, 2), Node::Leaf(-1.0), Node::Leaf(2.0)]
    }

    fn carat(carat: f64) -> Features {
        let mut values = [0.0; FEATURE_COUNT];
        values[0] = carat;
        Features::from_values(values)
    }

    #[test]
    fn a_row_goes_left_below_the_threshold_and_missing_ones_as_told() {
        let trees = Trees::new(10.0, 1.0, vec![0], stump()).unwrap();
        let check = |value, expected: f64| {
            assert_eq!(trees.margin(&carat(value)).to_bits(), expected.to_bits());
        };
        check(0.9, 9.0);
        check(1.0, 12.0);
        check(f64::NAN, 9.0);
        // Below 1 in f64 and 1 in f32: the comparison is XGBoost's.
        check(0.999_999_999, 12.0);
    }

    #[test]
    fn nodes_that_are_no_trees_are_refused() {
        let check = |roots: Vec<u32>, nodes: Vec<Node>, why: &str| {
            let error = Trees::new(0.0, 1.0, roots, nodes).unwrap_err();
            assert!(std::format!("{error}").contains(why), "{error}");
        };
        check(vec![], vec![], "no tree");
        check(vec![1], stump(), "does not start");
        check(vec![0], vec![split(0, 1.0, true, 2), Node::Leaf(0.0)], "is missing");
        check(
            vec![0],
            vec![split(0, 1.0, true, 0), Node::Leaf(0.0), Node::Leaf(0.0)],
            "parent says",
        );
        check(vec![0], vec![split(9, 1.0, true, 2), Node::Leaf(0.0), Node::Leaf(0.0)], "feature 9");
        check(vec![0], vec![Node::Leaf(f32::NAN)], "leaf 0");
        check(vec![0], vec![Node::Leaf(0.0), Node::Leaf(0.0)], "belongs to no tree");
        check(vec![0], vec![split(0, 1.0, true, 2); 100], "deeper");
        let to_the_right = |at: u32| [split(0, 1.0, true, 2 * at + 2), Node::Leaf(0.0)];
        let chain = (0..100).flat_map(to_the_right).chain([Node::Leaf(0.0)]).collect();
        check(vec![0], chain, "deeper");
    }
}
