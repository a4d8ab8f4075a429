//! The tree form: a sum of decision trees.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::FormError;
use crate::features::{FEATURE_COUNT, Features};

/// The deepest tree that is believed.
pub const MAX_DEPTH: usize = 64;

/// One node of a tree in preorder: a split's left child is the next node, its right child lies further on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trees {
    base: f64,
    unit: f64,
    roots: Vec<u32>,
    nodes: Vec<Node>,
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
        let trees = Trees { base, unit, roots, nodes };
        trees.check()?;
        Ok(trees)
    }

    /// The margin before any tree.
    #[must_use]
    pub fn base(&self) -> f64 {
        self.base
    }

    /// What a leaf of 1 adds to the margin.
    #[must_use]
    pub fn unit(&self) -> f64 {
        self.unit
    }

    /// Where each tree starts in [`Self::nodes`].
    #[must_use]
    pub fn roots(&self) -> &[u32] {
        &self.roots
    }

    /// The nodes of all trees.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The margin of a stone.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "XGBoost splits on f32, so rounding is the contract"
    )]
    pub fn margin(&self, features: &Features) -> f64 {
        let row = features.values().map(|value| value as f32);
        let leaves = self.roots.iter().map(|root| f64::from(self.leaf(*root, &row)));
        self.base + self.unit * leaves.sum::<f64>()
    }

    /// The leaf that a row falls into. Ends because [`Self::check`] saw every child lie after its parent.
    fn leaf(&self, root: u32, row: &[f32; FEATURE_COUNT]) -> f32 {
        let mut at = root as usize;
        loop {
            match self.nodes[at] {
                Node::Leaf(value) => return value,
                Node::Split { feature, threshold, missing_left, right, .. } => {
                    let value = row[usize::from(feature)];
                    let left = if value.is_nan() { missing_left } else { value < threshold };
                    at = if left { at + 1 } else { right as usize };
                }
            }
        }
    }

    pub(super) fn check(&self) -> Result<(), FormError> {
        if !self.base.is_finite() {
            return Err(FormError::NotFinite { what: "base", at: 0 });
        }
        if !(self.unit.is_finite() && self.unit > 0.0) {
            return Err(FormError::NotFinite { what: "unit", at: 0 });
        }
        if self.roots.is_empty() {
            return Err(FormError::Empty);
        }
        let mut end = 0;
        for root in &self.roots {
            if *root as usize != end {
                return Err(FormError::BrokenTree { at: end, why: "does not start a tree" });
            }
            end = self.check_tree(end)?;
        }
        if end == self.nodes.len() {
            Ok(())
        } else {
            Err(FormError::BrokenTree { at: end, why: "belongs to no tree" })
        }
    }

    /// Checks the tree that starts at `root` and returns where it ends.
    fn check_tree(&self, root: usize) -> Result<usize, FormError> {
        // The right children still to come with their depths, innermost last: in preorder each must start where
        // the left subtree beside it ends.
        let mut pending: Vec<(u32, usize)> = Vec::new();
        let (mut at, mut depth) = (root, 0);
        loop {
            let node = self.nodes.get(at).ok_or(FormError::BrokenTree { at, why: "is missing" })?;
            check_node(at, node)?;
            if depth > MAX_DEPTH {
                return Err(FormError::BrokenTree { at, why: "is deeper than 64 levels" });
            }
            at += 1;
            match *node {
                Node::Split { right, .. } => {
                    depth += 1;
                    pending.push((right, depth));
                }
                Node::Leaf(_) => match pending.pop() {
                    None => return Ok(at),
                    Some((right, its_depth)) if right as usize == at => depth = its_depth,
                    Some(_) => {
                        return Err(FormError::BrokenTree {
                            at,
                            why: "is not where its parent says",
                        });
                    }
                },
            }
        }
    }
}

fn check_node(at: usize, node: &Node) -> Result<(), FormError> {
    match *node {
        Node::Leaf(value) if !value.is_finite() => Err(FormError::NotFinite { what: "leaf", at }),
        Node::Split { threshold, .. } if !threshold.is_finite() => {
            Err(FormError::NotFinite { what: "threshold", at })
        }
        Node::Split { feature, .. } if usize::from(feature) >= FEATURE_COUNT => {
            Err(FormError::UnknownFeature { at, feature })
        }
        Node::Split { left_share: 0, .. } => {
            Err(FormError::BrokenTree { at, why: "sends no training row left" })
        }
        Node::Leaf(_) | Node::Split { .. } => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

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
