//! Plainer ways through the trees, which Loupe's own is compared with: pointer chasing, and an interleaved walk.

use anyhow::{Result, ensure};
use inference::Features;
use inference::features::FEATURE_COUNT;
use inference::form::{Node, Trees};

use crate::reference;

/// The depth of a padded tree.
const DEPTH: usize = reference::DEPTH as usize;
/// Splits at 1 to 127 as in a heap, leaves at 128 to 255.
const TREE_SIZE: usize = 2 << DEPTH;
/// How many trees step together.
const LANES: usize = 16;
/// The low bits of a split are its bin, those above its feature.
const BIN_BITS: u32 = 12;

/// The margin of a stone by the trees as they are, one after the other, one node at a time.
#[expect(clippy::cast_possible_truncation, reason = "XGBoost splits on f32")]
pub(crate) fn pointer_margin(trees: &Trees, features: &Features) -> f64 {
    let row = features.values().map(|value| value as f32);
    let mut units = 0.0;
    for root in trees.roots() {
        let mut at = *root as usize;
        units += loop {
            match trees.nodes()[at] {
                Node::Leaf(value) => break f64::from(value),
                Node::Split { feature, threshold, missing_left, right, .. } => {
                    let value = row[usize::from(feature)];
                    let left = if value.is_nan() { missing_left } else { value < threshold };
                    at = if left { at + 1 } else { right as usize };
                }
            }
        };
    }
    trees.base() + trees.unit() * units
}

/// Trees that are padded to complete ones, so that a step down is arithmetic. Sixteen trees step in one loop, so that their
/// loads overlap. A row's values become bin numbers first; no tree here looks at a missing value.
pub(crate) struct InterleavedTrees {
    base: f64,
    unit: f64,
    /// For each feature its distinct thresholds, ascending.
    thresholds: [Vec<f32>; FEATURE_COUNT],
    trees: Vec<[u16; TREE_SIZE]>,
}

impl InterleavedTrees {
    /// Lays out trees whose leaves are whole multiples of their unit.
    pub(crate) fn of(trees: &Trees) -> Result<InterleavedTrees> {
        let mut thresholds: [Vec<f32>; FEATURE_COUNT] = Default::default();
        for node in trees.nodes() {
            if let Node::Split { feature, threshold, .. } = node {
                thresholds[usize::from(*feature)].push(*threshold);
            }
        }
        for thresholds in &mut thresholds {
            thresholds.sort_unstable_by(f32::total_cmp);
            thresholds.dedup();
            ensure!(thresholds.len() < 1 << BIN_BITS, "too many thresholds for {BIN_BITS} bits");
        }
        let mut interleaved =
            InterleavedTrees { base: trees.base(), unit: trees.unit(), thresholds, trees: vec![] };
        for root in trees.roots() {
            let mut tree = [0; TREE_SIZE];
            interleaved.copy_subtree(trees.nodes(), *root as usize, 1, &mut tree)?;
            interleaved.trees.push(tree);
        }
        // Trees of zeros fill the last group up.
        interleaved.trees.resize(interleaved.trees.len().next_multiple_of(LANES), [0; TREE_SIZE]);
        Ok(interleaved)
    }

    /// Copies a subtree to an index of the padded tree; a leaf above the last level fills everything below it.
    fn copy_subtree(
        &self,
        nodes: &[Node],
        at: usize,
        index: usize,
        tree: &mut [u16; TREE_SIZE],
    ) -> Result<()> {
        match nodes[at] {
            Node::Split { feature, threshold, right, .. } => {
                ensure!(index < TREE_SIZE / 2, "a tree is deeper than {DEPTH}");
                let thresholds = &self.thresholds[usize::from(feature)];
                let bin = u16::try_from(thresholds.partition_point(|other| *other < threshold))?;
                tree[index] = u16::from(feature) << BIN_BITS | bin;
                self.copy_subtree(nodes, at + 1, 2 * index, tree)?;
                self.copy_subtree(nodes, right as usize, 2 * index + 1, tree)
            }
            Node::Leaf(value) => {
                let leaf = whole(value)?;
                let (mut from, mut to) = (index, index + 1);
                while from < TREE_SIZE / 2 {
                    (from, to) = (2 * from, 2 * to);
                }
                tree[from..to].fill(leaf.cast_unsigned());
                Ok(())
            }
        }
    }

    /// The margin of a stone.
    #[expect(clippy::cast_possible_truncation, reason = "XGBoost splits on f32; bins have 12 bits")]
    pub(crate) fn margin(&self, features: &Features) -> f64 {
        let mut bins = [0_u16; 16];
        let places = bins.iter_mut().zip(&self.thresholds);
        for ((bin, thresholds), value) in places.zip(features.values()) {
            let value = *value as f32;
            *bin = thresholds.partition_point(|threshold| *threshold <= value) as u16;
        }
        let mut units = 0_i32;
        let (groups, _) = self.trees.as_chunks::<LANES>();
        for group in groups {
            let mut at = [1_usize; LANES];
            for _ in 0..DEPTH {
                for (at, tree) in at.iter_mut().zip(group) {
                    let split = tree[*at % TREE_SIZE];
                    let bin = bins[usize::from(split >> BIN_BITS)];
                    *at = 2 * *at + usize::from(bin > split % (1 << BIN_BITS));
                }
            }
            for (at, tree) in at.iter().zip(group) {
                units += i32::from(tree[*at % TREE_SIZE].cast_signed());
            }
        }
        self.base + self.unit * f64::from(units)
    }

    /// How many bytes a walk can read.
    pub(crate) fn bytes(&self) -> usize {
        let thresholds: usize = self.thresholds.iter().map(|of| size_of_val(of.as_slice())).sum();
        size_of_val(self.trees.as_slice()) + thresholds
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a truncated value would not be equal")]
#[expect(clippy::float_cmp, reason = "only exactly whole numbers are accepted")]
fn whole(value: f32) -> Result<i16> {
    let leaf = value as i16;
    ensure!(f32::from(leaf) == value, "leaf {value} is no whole number of 16 bits");
    Ok(leaf)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::split_mix;

    /// Trees of random shapes, at most seven splits deep.
    fn trees(seed: u64) -> Trees {
        let mut state = seed;
        let (mut roots, mut nodes) = (Vec::new(), Vec::new());
        for _ in 0..35 {
            roots.push(u32::try_from(nodes.len()).unwrap());
            grow(&mut state, 0, &mut nodes);
        }
        Trees::new(7.5, 1.0 / 1024.0, roots, nodes).unwrap()
    }

    fn grow(state: &mut u64, depth: u32, nodes: &mut Vec<Node>) {
        if depth == 7 || below(state, 8) == 0 {
            nodes.push(Node::Leaf(f32::from(below(state, 600)) - 300.0));
            return;
        }
        let here = nodes.len();
        nodes.push(Node::Split {
            feature: u8::try_from(below(state, 10)).unwrap(),
            missing_left: below(state, 2) == 0,
            left_fraction: 1 << 15,
            threshold: f32::from(below(state, 50)),
            right: 0,
        });
        grow(state, depth + 1, nodes);
        let next = u32::try_from(nodes.len()).unwrap();
        if let Node::Split { right, .. } = &mut nodes[here] {
            *right = next;
        }
        grow(state, depth + 1, nodes);
    }

    fn below(state: &mut u64, end: u64) -> u16 {
        u16::try_from(split_mix(state) % end).unwrap()
    }

    #[test]
    fn every_walk_gives_the_same_margin() {
        for seed in 0..20 {
            let trees = trees(seed);
            let interleaved = InterleavedTrees::of(&trees).unwrap();
            let mut state = seed;
            for _ in 0..200 {
                let values = [0; FEATURE_COUNT].map(|_: u8| f64::from(below(&mut state, 52)) - 1.0);
                let row = Features::from_values(values);
                let margins = [pointer_margin(&trees, &row), interleaved.margin(&row)];
                let expected = [trees.margin(&row).to_bits(); 2];
                assert_eq!(margins.map(f64::to_bits), expected, "seed {seed}: {row:?}");
            }
        }
    }
}
