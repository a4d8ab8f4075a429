//! The sketch: a plain interleaved walk, kept as it is so that there is something to be faster than.
//!
//! A row's values become the numbers of the bins they lie in. Every tree is padded to a complete one, so that a step
//! down is arithmetic, and sixteen trees step in one loop, so that their loads overlap. Rows have no gaps here.

use anyhow::{Result, ensure};
use inference::Features;
use inference::features::FEATURE_COUNT;
use inference::form::{Node, Trees};

/// How many splits a padded tree has on the way down.
const DEPTH: usize = crate::reference::DEPTH as usize;
/// Splits at 1 to 127 as in a heap, leaves at 128 to 255.
const PLACES: usize = 2 << DEPTH;
/// How many trees step together.
const LANES: usize = 16;
/// The low bits of a split are its bin, those above its feature.
const BIN_BITS: u32 = 12;

/// Trees laid out for walking.
pub(crate) struct Sketch {
    base: f64,
    unit: f64,
    /// For each feature its distinct thresholds, ascending.
    thresholds: [Vec<f32>; FEATURE_COUNT],
    trees: Vec<[u16; PLACES]>,
}

impl Sketch {
    /// Lays out trees whose leaves are whole numbers of their unit.
    pub(crate) fn of(trees: &Trees) -> Result<Sketch> {
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
        let mut sketch =
            Sketch { base: trees.base(), unit: trees.unit(), thresholds, trees: vec![] };
        for root in trees.roots() {
            let mut tree = [0; PLACES];
            sketch.place(trees.nodes(), *root as usize, 1, &mut tree)?;
            sketch.trees.push(tree);
        }
        // Trees of nothing but zeros fill the last loop up.
        sketch.trees.resize(sketch.trees.len().next_multiple_of(LANES), [0; PLACES]);
        Ok(sketch)
    }

    /// Copies a subtree to its place; a leaf that comes early fills everything below it.
    fn place(
        &self,
        nodes: &[Node],
        at: usize,
        place: usize,
        tree: &mut [u16; PLACES],
    ) -> Result<()> {
        match nodes[at] {
            Node::Split { feature, threshold, right, .. } => {
                ensure!(place < PLACES / 2, "a tree is deeper than {DEPTH}");
                let thresholds = &self.thresholds[usize::from(feature)];
                let bin = u16::try_from(thresholds.partition_point(|other| *other < threshold))?;
                tree[place] = u16::from(feature) << BIN_BITS | bin;
                self.place(nodes, at + 1, 2 * place, tree)?;
                self.place(nodes, right as usize, 2 * place + 1, tree)
            }
            Node::Leaf(value) => {
                let leaf = whole(value)?;
                let (mut from, mut to) = (place, place + 1);
                while from < PLACES / 2 {
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
        for ((bin, thresholds), value) in
            bins.iter_mut().zip(&self.thresholds).zip(features.values())
        {
            let value = *value as f32;
            *bin = thresholds.partition_point(|threshold| *threshold <= value) as u16;
        }
        let mut units = 0_i32;
        let (groups, _) = self.trees.as_chunks::<LANES>();
        for group in groups {
            let mut at = [1_usize; LANES];
            for _ in 0..DEPTH {
                for (at, tree) in at.iter_mut().zip(group) {
                    let split = tree[*at % PLACES];
                    let bin = bins[usize::from(split >> BIN_BITS)];
                    *at = 2 * *at + usize::from(bin > split % (1 << BIN_BITS));
                }
            }
            for (at, tree) in at.iter().zip(group) {
                units += i32::from(tree[*at % PLACES].cast_signed());
            }
        }
        self.base + self.unit * f64::from(units)
    }

    /// How many bytes a walk can touch.
    pub(crate) fn bytes(&self) -> usize {
        let thresholds: usize = self.thresholds.iter().map(|of| size_of_val(of.as_slice())).sum();
        size_of_val(self.trees.as_slice()) + thresholds
    }
}

#[expect(clippy::cast_possible_truncation, reason = "what was cut off would not be equal")]
#[expect(clippy::float_cmp, reason = "a whole number is meant to be one exactly")]
fn whole(value: f32) -> Result<i16> {
    let leaf = value as i16;
    ensure!(f32::from(leaf) == value, "leaf {value} is no whole number of 16 bits");
    Ok(leaf)
}
