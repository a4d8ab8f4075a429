//! A thicket: trees too deep for how few nodes they have, walked one question after the other.

use alloc::vec::Vec;

use super::lanes::Test;
use super::leaf::Leaf;

/// Trees as they are, in preorder.
#[derive(Debug, Clone, Default)]
pub(super) struct Thicket {
    roots: Vec<u32>,
    twigs: Vec<Twig>,
}

/// A node: eight bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Twig {
    /// Where a row goes that goes right; left is the next twig. Of a leaf, its bits.
    right: u32,
    lane: u8,
    test: i8,
}

/// The lane of a twig that is a leaf.
const LEAF: u8 = u8::MAX;

impl Thicket {
    /// Starts a tree.
    ///
    /// Places are u32, as in the form they come from.
    #[expect(clippy::cast_possible_truncation, reason = "a form has fewer than 2^32 nodes")]
    pub(super) fn start_tree(&mut self) -> u32 {
        let root = self.twigs.len() as u32;
        self.roots.push(root);
        root
    }

    pub(super) fn push_test(&mut self, Test { lane, test }: Test, right: u32) {
        self.twigs.push(Twig { right, lane, test });
    }

    pub(super) fn push_leaf<L: Leaf>(&mut self, leaf: L) {
        self.twigs.push(Twig { right: leaf.to_bits(), lane: LEAF, test: 0 });
    }

    /// Adds the leaves that a row falls into. `bins` has a slot for every lane that is named.
    pub(super) fn add<L: Leaf>(&self, bins: &[i8], sum: &mut L::Sum) {
        for root in &self.roots {
            let mut at = *root as usize;
            // Ends: the right place of a test lies further on, as the form was checked to have it.
            while let Twig { right, lane, test } = self.twigs[at]
                && lane != LEAF
            {
                let goes_right = bins[usize::from(lane)] > test;
                at = if goes_right { right as usize } else { at + 1 };
            }
            *sum += L::from_bits(self.twigs[at].right).summand();
        }
    }

    pub(super) fn bytes(&self) -> usize {
        size_of_val(self.roots.as_slice()) + size_of_val(self.twigs.as_slice())
    }
}
