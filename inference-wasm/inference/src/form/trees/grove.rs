//! A grove: full trees of one depth, each a crown with layers of fans below it.

use alloc::vec::Vec;

use super::fan::{CROWN_LEVELS, Crown, FAN_LEVELS, Fan, Row};
use super::lanes::{Lanes, Test};
use super::leaf::Leaf;
use crate::image::{ImageError, Source, count};

/// How many rows are walked together: what a tree is made of is fetched once for all of them.
pub(super) const ROWS: usize = 8;

/// Trees of one depth, filled up to complete ones, so that a place in one layer says which place comes next: no
/// pointers. What was filled in sends everything left and is never left by another exit.
#[derive(Debug, Clone)]
pub(super) struct Grove<L> {
    crown_levels: usize,
    crowns: Vec<Crown>,
    layers: Vec<Vec<Fan>>,
    leaves: Vec<L>,
}

/// Where a node stands in its tree: how many levels down, and which of that level's places from left to right, which
/// is of use only in trees so shallow that it can be counted.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place {
    pub(super) level: usize,
    pub(super) at: usize,
}

impl Place {
    pub(super) fn left(self) -> Place {
        Place { level: self.level + 1, at: self.at.wrapping_mul(2) }
    }

    pub(super) fn right(self) -> Place {
        Place { level: self.level + 1, at: self.at.wrapping_mul(2).wrapping_add(1) }
    }
}

impl<L: Leaf> Grove<L> {
    /// A grove for at most so many trees of this depth, without any yet.
    pub(super) fn new(depth: usize, trees: usize) -> Grove<L> {
        let (crown_levels, layers) = shape(depth);
        let fans = |layer| Vec::with_capacity(trees << (crown_levels + FAN_LEVELS * layer));
        Grove {
            crown_levels,
            crowns: Vec::with_capacity(trees),
            layers: (0..layers).map(fans).collect(),
            leaves: Vec::with_capacity(trees << depth),
        }
    }

    /// How many bytes a tree of this depth takes in a grove; `None` where that is beyond counting.
    pub(super) fn bytes_a_tree(depth: usize) -> Option<usize> {
        let (crown_levels, layers) = shape(depth);
        let exits = |layer: usize| {
            1_usize.checked_shl(u32::try_from(crown_levels + FAN_LEVELS * layer).ok()?)
        };
        let fans = (0..layers).try_fold(0_usize, |sum, layer| sum.checked_add(exits(layer)?))?;
        let leaves = exits(layers)?.checked_mul(size_of::<L>())?;
        size_of::<Crown>().checked_add(fans.checked_mul(size_of::<Fan>())?)?.checked_add(leaves)
    }

    /// Starts a tree, in which nothing is decided and every leaf is 0.
    pub(super) fn start_tree(&mut self) {
        let mut exits = 1 << self.crown_levels;
        self.crowns.push(Crown::EMPTY);
        for layer in &mut self.layers {
            layer.resize(layer.len() + exits, Fan::EMPTY);
            exits <<= FAN_LEVELS;
        }
        self.leaves.resize(self.leaves.len() + exits, L::default());
    }

    /// Sets a test of the tree that was started last.
    pub(super) fn set_test(&mut self, Place { level, at }: Place, test: Test) {
        let Some(below) = level.checked_sub(self.crown_levels) else {
            if let Some(crown) = self.crowns.last_mut() {
                crown.set(level + CROWN_LEVELS - self.crown_levels, at, test);
            }
            return;
        };
        let (layer, row) = (below / FAN_LEVELS, below % FAN_LEVELS);
        let first = (self.crowns.len() - 1) << (self.crown_levels + FAN_LEVELS * layer);
        self.layers[layer][first + (at >> row)].set(row, at & ((1 << row) - 1), test);
    }

    /// Sets a leaf of the tree that was started last. Where it stands above the lowest level, everything below goes
    /// left, so only the leftmost place is ever reached.
    pub(super) fn set_leaf(&mut self, Place { level, at }: Place, leaf: L) {
        let depth = self.depth();
        let first = (self.crowns.len() - 1) << depth;
        self.leaves[first + (at << (depth - level))] = leaf;
    }

    /// Appends the grove as an image holds it: depth (u8), trees (u32), crowns (32 bytes each), layer by layer the fans
    /// (16 bytes each), and leaves.
    #[expect(clippy::cast_possible_truncation, reason = "a grove that can be held is not so deep")]
    pub(super) fn write(&self, image: &mut Vec<u8>) {
        image.push(self.depth() as u8);
        image.extend(count(self.crowns.len()));
        image.extend(self.crowns.iter().flat_map(|crown| crown.to_bytes()).flatten());
        for layer in &self.layers {
            image.extend(layer.iter().flat_map(|fan| fan.to_bytes()));
        }
        L::write(&self.leaves, image);
    }

    /// Reads what [`Self::write`] wrote, and checks that no walk leaves it: there are as many fans and leaves as exits
    /// above them, a low crown has no exits beside its own, and every lane that is asked for is one of `lanes`.
    pub(super) fn read(source: &mut Source<'_>, lanes: &Lanes) -> Result<Grove<L>, ImageError> {
        let depth = usize::from(source.byte()?);
        let trees = source.count()?;
        let (crown_levels, layers) = shape(depth);
        let halves = source.items(exits(trees, 1)?)?;
        let crowns: Vec<Crown> =
            halves.as_chunks().0.iter().map(|crown| Crown::from_bytes(*crown)).collect();
        check_crowns(&crowns, crown_levels, lanes)?;
        let layers = (0..layers)
            .map(|layer| {
                let count = exits(trees, crown_levels + FAN_LEVELS * layer)?;
                let fans = source.items(count)?;
                let fans: Vec<Fan> = fans.iter().map(|fan| Fan::from_bytes(*fan)).collect();
                check_fans(&fans, lanes)?;
                Ok(fans)
            })
            .collect::<Result<_, ImageError>>()?;
        let leaves = L::read(source, exits(trees, depth)?)?;
        Ok(Grove { crown_levels, crowns, layers, leaves })
    }

    pub(super) fn depth(&self) -> usize {
        self.crown_levels + FAN_LEVELS * self.layers.len()
    }

    /// Adds the leaves that each row falls into to its sum. As many layers as models mostly have are known when this
    /// is compiled.
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
        let exits = 1 << self.crown_levels;
        let mut first = 0;
        for crown in &self.crowns {
            for (row, sum) in rows.iter().zip(sums.iter_mut()) {
                *sum += self.leaves[below(*row, first + crown.exit(*row))].summand();
            }
            first += exits;
        }
    }

    pub(super) fn bytes(&self) -> usize {
        size_of_val(self.crowns.as_slice())
            + self.layers.iter().map(|layer| size_of_val(layer.as_slice())).sum::<usize>()
            + size_of_val(self.leaves.as_slice())
    }
}

/// How many exits so many trees have below so many levels.
fn exits(trees: usize, levels: usize) -> Result<usize, ImageError> {
    u32::try_from(levels)
        .ok()
        .and_then(|levels| 1_usize.checked_shl(levels)?.checked_mul(trees))
        .ok_or(ImageError::Broken { why: "a grove has more exits than can be counted" })
}

fn check_crowns(crowns: &[Crown], levels: usize, lanes: &Lanes) -> Result<(), ImageError> {
    if crowns.is_empty() {
        return Err(ImageError::Broken { why: "a grove has no tree" });
    }
    if !crowns.iter().all(|crown| crown.is_of(levels)) {
        return Err(ImageError::Broken { why: "a crown asks above its own levels" });
    }
    check_lane(Crown::highest_lane(crowns), lanes)
}

fn check_fans(fans: &[Fan], lanes: &Lanes) -> Result<(), ImageError> {
    check_lane(Fan::highest_lane(fans), lanes)
}

fn check_lane(lane: u8, lanes: &Lanes) -> Result<(), ImageError> {
    if lanes.have(lane) {
        Ok(())
    } else {
        Err(ImageError::Broken { why: "a grove asks for a lane that is not there" })
    }
}

/// One layer down.
#[inline]
fn step(layer: &[Fan], row: Row, at: usize) -> usize {
    (at << FAN_LEVELS) + layer[at].exit(row)
}

/// How many levels the crown of a tree has, and how many layers of fans stand below it: as few as reach its depth.
fn shape(depth: usize) -> (usize, usize) {
    let layers = depth.saturating_sub(CROWN_LEVELS).div_ceil(FAN_LEVELS);
    (depth - FAN_LEVELS * layers, layers)
}
