//! Stores trees too deep for how few nodes they have, and walks them one test after the other.

use alloc::vec::Vec;

use super::binner::{FeatureBinner, Test};
use super::check;
use super::leaf::Leaf;
use crate::ensure::ensure;
use crate::image::{ImageError, Source, count};

/// Trees as packed nodes in preorder.
#[derive(Debug, Clone, Default)]
pub(super) struct SparseTrees {
    roots: Vec<u32>,
    nodes: Vec<PackedNode>,
}

/// A node: eight bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
struct PackedNode {
    /// The index of the right child; the left child is the next node. For a leaf, its bits.
    right: u32,
    lane: u8,
    test: i8,
}

/// The lane that marks a leaf.
const LEAF: u8 = u8::MAX;

impl PackedNode {
    fn right_child(self) -> Option<u32> {
        (self.lane != LEAF).then_some(self.right)
    }
}

impl SparseTrees {
    /// Starts a tree and returns the index of its root, a u32 as in the form it comes from.
    #[expect(clippy::cast_possible_truncation, reason = "a form has fewer than 2^32 nodes")]
    pub(super) fn start_tree(&mut self) -> u32 {
        let root = self.nodes.len() as u32;
        self.roots.push(root);
        root
    }

    pub(super) fn push_test(&mut self, Test { lane, test }: Test, right: u32) {
        self.nodes.push(PackedNode { right, lane, test });
    }

    pub(super) fn push_leaf<L: Leaf>(&mut self, leaf: L) {
        self.nodes.push(PackedNode { right: leaf.to_bits(), lane: LEAF, test: 0 });
    }

    /// Adds the leaf of each tree that a row falls into. `bins` has a slot for every lane that a node tests.
    pub(super) fn add<L: Leaf>(&self, bins: &[i8], sum: &mut L::Sum) {
        for root in &self.roots {
            let mut at = *root as usize;
            // The loop ends: every right child lies after its parent, which was checked.
            while let PackedNode { right, lane, test } = self.nodes[at]
                && lane != LEAF
            {
                let goes_right = bins[usize::from(lane)] > test;
                at = if goes_right { right as usize } else { at + 1 };
            }
            *sum += L::from_bits(self.nodes[at].right).summand();
        }
    }

    /// Appends the trees as an image stores them: the number of trees and of nodes (u32), the roots (u32), and of all
    /// nodes the right children or leaf bits (u32), then the lanes (u8), then the tests (i8).
    pub(super) fn write(&self, image: &mut Vec<u8>) {
        image.extend(count(self.roots.len()));
        image.extend(count(self.nodes.len()));
        self.roots.iter().for_each(|root| image.extend(root.to_le_bytes()));
        self.nodes.iter().for_each(|node| image.extend(node.right.to_le_bytes()));
        image.extend(self.nodes.iter().map(|node| node.lane));
        image.extend(self.nodes.iter().map(|node| node.test.cast_unsigned()));
    }

    /// Reads what [`Self::write`] wrote. Checks that the trees are whole, that walks end and that `binner` has every lane
    /// that a node tests.
    pub(super) fn read<L: Leaf>(
        source: &mut Source<'_>,
        binner: &FeatureBinner,
    ) -> Result<SparseTrees, ImageError> {
        let (trees, count) = (source.count()?, source.count()?);
        let roots = source.numbers(trees)?;
        let (rights, lanes) = (source.items::<4>(count)?, source.items::<1>(count)?);
        let tests = source.items::<1>(count)?;
        let nodes: Vec<PackedNode> = rights
            .iter()
            .zip(lanes.as_flattened())
            .zip(tests.as_flattened())
            .map(|((right, lane), test)| PackedNode {
                right: u32::from_le_bytes(*right),
                lane: *lane,
                test: test.cast_signed(),
            })
            .collect();
        let are_valid = nodes.iter().all(|node| match node.lane {
            LEAF => L::has_bits(node.right),
            lane => binner.has_lane(lane),
        });
        ensure(are_valid, ImageError::Broken("a sparse tree tests a lane that is not there"))?;
        check::preorder(&roots, count, |at| Ok(nodes[at].right_child()))?;
        Ok(SparseTrees { roots, nodes })
    }

    /// How many trees there are.
    pub(super) fn trees(&self) -> usize {
        self.roots.len()
    }

    pub(super) fn bytes(&self) -> usize {
        size_of_val(self.roots.as_slice()) + size_of_val(self.nodes.as_slice())
    }
}
