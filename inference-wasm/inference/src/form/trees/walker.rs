//! The walker: an ensemble laid out to be walked fast.

use alloc::vec::Vec;

use super::census::{Census, Used};
use super::fan::Row;
use super::grove::{Grove, Place, ROWS};
use super::lanes::{Cuts, Lanes, REGISTER};
use super::leaf::Leaf;
use super::thicket::Thicket;
use super::{FormError, Node, spans};
use crate::features::Features;
use crate::image::{ImageError, Source};

/// A layout may take this many bytes for each node, and a little more for each tree; trees that would take more in a
/// grove stand in the thicket, which takes 8 always.
const BYTES_A_NODE: usize = 8;
const BYTES_A_TREE: usize = 64;

/// More lanes than one register holds, as many as a byte can name.
const MOST_LANES: usize = 256;

/// Trees laid out to be walked, each where it is walked fastest: those with nodes enough for their depth in the grove
/// of their depth, others in the thicket.
#[derive(Debug, Clone)]
pub(super) struct Walker<L> {
    lanes: Lanes,
    groves: Vec<Grove<L>>,
    thicket: Thicket,
}

impl<L: Leaf> Walker<L> {
    /// Lays checked trees out. `cuts` are the features' thresholds, `cut_of` for each node that is a split which of
    /// its feature's cuts it asks for, and `census` is theirs.
    ///
    /// # Errors
    ///
    /// [`FormError::TooManyThresholds`]
    pub(super) fn new(
        roots: &[u32],
        nodes: &[Node],
        cuts: &Cuts,
        cut_of: &[u16],
        census: &Census,
    ) -> Result<Walker<L>, FormError> {
        let lanes = Lanes::new(cuts, &census.used)?;
        let mut walker = Walker { lanes, groves: Vec::new(), thicket: Thicket::default() };
        // The depth of each tree that stands in a grove.
        let grove_depths: Vec<Option<usize>> = census
            .depths
            .iter()
            .zip(spans(roots, nodes.len()))
            .map(|(depth, tree)| {
                let bytes = Grove::<L>::bytes_a_tree(*depth)?;
                let fits = bytes <= BYTES_A_NODE * tree.len() + BYTES_A_TREE;
                (fits && walker.lanes.fit_a_register()).then_some(*depth)
            })
            .collect();
        let mut grove_of_depth: Vec<Option<usize>> = Vec::new();
        for (tree, grove_depth) in spans(roots, nodes.len()).zip(&grove_depths) {
            let root = tree.start;
            let (nodes, cut_of) = (&nodes[tree.clone()], &cut_of[tree]);
            if let Some(depth) = *grove_depth {
                grove_of_depth.resize(grove_of_depth.len().max(depth + 1), None);
                let at = *grove_of_depth[depth].get_or_insert_with(|| {
                    let trees = grove_depths.iter().filter(|its| **its == Some(depth)).count();
                    walker.groves.push(Grove::new(depth, trees));
                    walker.groves.len() - 1
                });
                plant(&mut walker.groves[at], &walker.lanes, nodes, cut_of);
            } else {
                tangle::<L>(&mut walker.thicket, &walker.lanes, root, nodes, cut_of);
            }
        }
        Ok(walker)
    }

    /// The sum of one leaf of every tree, in units. f32 leaves are summed in f64: grove by grove in the order in which
    /// their depths first came, the trees of each in their order, the thicket's last.
    pub(super) fn units(&self, features: &Features) -> f64 {
        let mut sums = [L::Sum::default()];
        if self.lanes.fit_a_register() {
            let mut bins = [0; REGISTER];
            self.lanes.bin(features, &mut bins);
            let row = [Row::new(bins)];
            self.groves.iter().for_each(|grove| grove.add(&row, &mut sums));
            self.thicket.add::<L>(&bins, &mut sums[0]);
        } else {
            let mut bins = [0; MOST_LANES];
            self.lanes.bin(features, &mut bins);
            self.thicket.add::<L>(&bins, &mut sums[0]);
        }
        L::units(sums[0])
    }

    /// The sums of [`ROWS`] rows, each as [`Self::units`] gives it.
    pub(super) fn units_of_rows(&self, rows: &[Features; ROWS]) -> [f64; ROWS] {
        if !self.lanes.fit_a_register() {
            return rows.each_ref().map(|row| self.units(row));
        }
        let bins = rows.each_ref().map(|features| {
            let mut bins = [0; REGISTER];
            self.lanes.bin(features, &mut bins);
            bins
        });
        let mut sums = [L::Sum::default(); ROWS];
        let rows = bins.map(Row::new);
        self.groves.iter().for_each(|grove| grove.add(&rows, &mut sums));
        for (bins, sum) in bins.iter().zip(&mut sums) {
            self.thicket.add::<L>(bins, sum);
        }
        sums.map(L::units)
    }

    /// Appends the layout as an image holds it: lanes, the number of groves (u8), the groves, the thicket. `cuts` and
    /// `used` are those it was laid out from.
    #[expect(clippy::cast_possible_truncation, reason = "one grove a depth, of at most 64")]
    pub(super) fn write(&self, cuts: &Cuts, used: &Used, image: &mut Vec<u8>) {
        Lanes::write(cuts, used, image);
        image.push(self.groves.len() as u8);
        self.groves.iter().for_each(|grove| grove.write(image));
        self.thicket.write(image);
    }

    /// Reads what [`Self::write`] wrote, and checks that walks stay inside.
    pub(super) fn read(source: &mut Source<'_>) -> Result<Walker<L>, ImageError> {
        let lanes = Lanes::read(source)?;
        let count = usize::from(source.byte()?);
        let mut groves: Vec<Grove<L>> = Vec::new();
        for _ in 0..count {
            let grove = Grove::read(source, &lanes)?;
            check_depth(&grove, &groves)?;
            groves.push(grove);
        }
        let thicket = Thicket::read::<L>(source, &lanes)?;
        let walker = Walker { lanes, groves, thicket };
        walker.check_groves()?;
        walker.check_trees()?;
        Ok(walker)
    }

    /// Groves are walked with the bins in one register, or they are not walked.
    fn check_groves(&self) -> Result<(), ImageError> {
        if self.groves.is_empty() || self.lanes.fit_a_register() {
            Ok(())
        } else {
            Err(ImageError::Broken { why: "groves stand where rows fit no register" })
        }
    }

    fn check_trees(&self) -> Result<(), ImageError> {
        if self.groves.is_empty() && self.thicket.trees() == 0 {
            Err(FormError::Empty.into())
        } else {
            Ok(())
        }
    }

    /// How much memory a walk touches.
    pub(super) fn bytes(&self) -> usize {
        self.lanes.bytes()
            + self.groves.iter().map(Grove::bytes).sum::<usize>()
            + self.thicket.bytes()
    }
}

/// Trees of one depth stand in one grove.
fn check_depth<L: Leaf>(grove: &Grove<L>, others: &[Grove<L>]) -> Result<(), ImageError> {
    if others.iter().all(|other| other.depth() != grove.depth()) {
        Ok(())
    } else {
        Err(ImageError::Broken { why: "two groves are of one depth" })
    }
}

/// Calls back for every node of a tree in preorder with its place.
fn survey(nodes: &[Node], mut visit: impl FnMut(usize, &Node, Place)) {
    let mut pending: Vec<Place> = Vec::new();
    let mut place = Place::default();
    for (at, node) in nodes.iter().enumerate() {
        visit(at, node, place);
        match node {
            Node::Split { .. } => {
                pending.push(place.right());
                place = place.left();
            }
            Node::Leaf(_) => place = pending.pop().unwrap_or_default(),
        }
    }
}

fn plant<L: Leaf>(grove: &mut Grove<L>, lanes: &Lanes, nodes: &[Node], cut_of: &[u16]) {
    grove.start_tree();
    survey(nodes, |at, node, place| match *node {
        Node::Split { feature, missing_left, .. } => {
            grove.set_test(place, lanes.test(feature, missing_left, cut_of[at]));
        }
        Node::Leaf(value) => grove.set_leaf(place, L::of(value)),
    });
}

/// `root` is where the tree starts among all nodes, which its right places count from.
#[expect(clippy::cast_possible_truncation, reason = "a form has fewer than 2^32 nodes")]
fn tangle<L: Leaf>(
    thicket: &mut Thicket,
    lanes: &Lanes,
    root: usize,
    nodes: &[Node],
    cut_of: &[u16],
) {
    let start = thicket.start_tree();
    for (node, cut) in nodes.iter().zip(cut_of) {
        match *node {
            Node::Split { feature, missing_left, right, .. } => {
                let right = right.wrapping_sub(root as u32).wrapping_add(start);
                thicket.push_test(lanes.test(feature, missing_left, *cut), right);
            }
            Node::Leaf(value) => thicket.push_leaf(L::of(value)),
        }
    }
}
