//! A thicket: trees too deep for how few nodes they have, walked one question after the other.

use alloc::vec::Vec;

use super::MAX_DEPTH;
use super::lanes::{Lanes, Test};
use super::leaf::Leaf;
use crate::image::{ImageError, Source, count};

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

    /// Appends the thicket as an image holds it: trees and nodes (u32), then of the trees where they start (u32), and of
    /// the nodes where their right child is or the bits of a leaf (u32), the lanes (u8) and the tests (i8).
    pub(super) fn write(&self, image: &mut Vec<u8>) {
        image.extend(count(self.roots.len()));
        image.extend(count(self.twigs.len()));
        self.roots.iter().for_each(|root| image.extend(root.to_le_bytes()));
        self.twigs.iter().for_each(|twig| image.extend(twig.right.to_le_bytes()));
        image.extend(self.twigs.iter().map(|twig| twig.lane));
        image.extend(self.twigs.iter().map(|twig| twig.test.cast_unsigned()));
    }

    /// Reads what [`Self::write`] wrote, and checks that it is nothing but whole trees, whose walks end, and that every
    /// lane that is asked for is one of `lanes`.
    pub(super) fn read<L: Leaf>(
        source: &mut Source<'_>,
        lanes: &Lanes,
    ) -> Result<Thicket, ImageError> {
        let (trees, nodes) = (source.count()?, source.count()?);
        let roots = source.numbers(trees)?;
        let (rights, names) = (source.items::<4>(nodes)?, source.items::<1>(nodes)?);
        let tests = source.items::<1>(nodes)?;
        let twigs: Vec<Twig> = rights
            .iter()
            .zip(names.as_flattened())
            .zip(tests.as_flattened())
            .map(|((right, lane), test)| Twig {
                right: u32::from_le_bytes(*right),
                lane: *lane,
                test: test.cast_signed(),
            })
            .collect();
        check_twigs::<L>(&twigs, lanes)?;
        check_trees(&roots, &twigs)?;
        Ok(Thicket { roots, twigs })
    }

    /// How many trees there are.
    pub(super) fn trees(&self) -> usize {
        self.roots.len()
    }

    pub(super) fn bytes(&self) -> usize {
        size_of_val(self.roots.as_slice()) + size_of_val(self.twigs.as_slice())
    }
}

fn check_twigs<L: Leaf>(twigs: &[Twig], lanes: &Lanes) -> Result<(), ImageError> {
    let is_valid = |twig: &Twig| match twig.lane {
        LEAF => L::gives(twig.right),
        lane => lanes.have(lane),
    };
    if twigs.iter().all(is_valid) {
        Ok(())
    } else {
        Err(ImageError::Broken { why: "a node of the thicket asks for a lane that is not there" })
    }
}

fn check_trees(roots: &[u32], twigs: &[Twig]) -> Result<(), ImageError> {
    // The right children still to come with their depths, innermost last.
    let mut pending: Vec<(u32, usize)> = Vec::with_capacity(MAX_DEPTH);
    let mut end = 0;
    for root in roots {
        if *root as usize != end {
            return Err(ImageError::Broken {
                why: "a tree of the thicket does not start where it should",
            });
        }
        end = end_of(twigs, end, &mut pending)?;
    }
    if end == twigs.len() {
        Ok(())
    } else {
        Err(ImageError::Broken { why: "a node of the thicket belongs to no tree" })
    }
}

/// Where the tree that starts at `root` ends: in preorder each right child starts where the left subtree beside it ends.
fn end_of(
    twigs: &[Twig],
    root: usize,
    pending: &mut Vec<(u32, usize)>,
) -> Result<usize, ImageError> {
    const BROKEN: ImageError = ImageError::Broken { why: "a tree of the thicket is not whole" };
    let (mut at, mut depth) = (root, 0);
    loop {
        let twig = twigs.get(at).ok_or(BROKEN)?;
        at += 1;
        if twig.lane != LEAF {
            depth += 1;
            if depth > MAX_DEPTH {
                return Err(ImageError::Broken { why: "a tree of the thicket is too deep" });
            }
            pending.push((twig.right, depth));
            continue;
        }
        match pending.pop() {
            None => return Ok(at),
            Some((right, its_depth)) if right as usize == at => depth = its_depth,
            Some(_) => return Err(BROKEN),
        }
    }
}
