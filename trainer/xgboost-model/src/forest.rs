//! Converts trees to preorder, and each split by category to a few splits by threshold.

use std::ops::Range;

use inference::form::{MAX_DEPTH, Node, Trees, left_fraction};

use crate::columns::grades;
use crate::error::{ImportError, MAX_GROWTH};
use crate::tree::{Split, Step, Test, Tree};

/// The nodes so far.
#[derive(Debug, Default)]
pub(crate) struct Forest {
    roots: Vec<u32>,
    nodes: Vec<Node>,
    /// How many nodes the file has for them.
    read: usize,
}

/// One split by category as runs of grades that go the same way.
struct Fork {
    feature: u8,
    runs: Vec<Run>,
    /// The run whose direction rows without the feature take.
    missing: usize,
}

/// Neighboring grades that go the same way.
struct Run {
    /// The threshold below its first grade, halfway between two ordinals, which are whole numbers.
    start: f32,
    child: usize,
    /// The training weight of these grades, as an estimate: all grades of one direction count the same.
    weight: f64,
}

impl Forest {
    /// Adds a tree. Splits by category may make it too large or too deep.
    pub(crate) fn push(&mut self, tree: &Tree) -> Result<(), ImportError> {
        self.roots.push(self.next());
        self.read += tree.nodes.len();
        self.push_node(tree, 0, 0)
    }

    /// The serving form.
    pub(crate) fn finish(self, base: f64) -> Result<Trees, ImportError> {
        Ok(Trees::new(base, 1.0, self.roots, self.nodes)?)
    }

    /// Appends the subtree of a node. The recursion ends: the depth is at most [`MAX_DEPTH`].
    fn push_node(&mut self, tree: &Tree, at: usize, depth: usize) -> Result<(), ImportError> {
        let split = match &tree.nodes[at].step {
            Step::Split(split) => split,
            Step::Leaf(value) => return self.push_one(tree, Node::Leaf(*value), depth),
            // No path leads here, as the tree has checked.
            Step::Deleted => return Ok(()),
        };
        let Split { feature, missing_left, left, right, .. } = *split;
        let weights = [left, right].map(|child| f64::from(tree.nodes[child].weight));
        let threshold = match split.test {
            Test::Below(threshold) => threshold,
            Test::Among(goes_right) => {
                let grades = &goes_right[..grades(feature).len()];
                let runs = runs(grades, [left, right], weights);
                let missing = if missing_left { left } else { right };
                match runs.iter().position(|run| run.child == missing) {
                    Some(missing) => {
                        let fork = Fork { feature, missing, runs };
                        return self.push_fork(tree, &fork, 0..fork.runs.len(), depth);
                    }
                    // All grades go one way, and only rows without the feature go the other.
                    None if missing_left => -0.5,
                    None => f32::from(u8::MAX),
                }
            }
        };
        let left_fraction = left_fraction(weights);
        self.push_split(
            tree,
            Node::Split { feature, missing_left, left_fraction, threshold, right: 0 },
            depth,
            |forest| forest.push_node(tree, left, depth + 1),
            |forest| forest.push_node(tree, right, depth + 1),
        )
    }

    /// Appends splits by threshold that separate these runs, and below each run the subtree of its direction.
    fn push_fork(
        &mut self,
        tree: &Tree,
        fork: &Fork,
        runs: Range<usize>,
        depth: usize,
    ) -> Result<(), ImportError> {
        let middle = runs.start + runs.len() / 2;
        if middle == runs.start {
            return self.push_node(tree, fork.runs[middle].child, depth);
        }
        let weight = |runs: Range<usize>| fork.runs[runs].iter().map(|run| run.weight).sum::<f64>();
        let node = Node::Split {
            feature: fork.feature,
            missing_left: fork.missing < middle,
            left_fraction: left_fraction([weight(runs.start..middle), weight(middle..runs.end)]),
            threshold: fork.runs[middle].start,
            right: 0,
        };
        self.push_split(
            tree,
            node,
            depth,
            |forest| forest.push_fork(tree, fork, runs.start..middle, depth + 1),
            |forest| forest.push_fork(tree, fork, middle..runs.end, depth + 1),
        )
    }

    fn push_split(
        &mut self,
        tree: &Tree,
        split: Node,
        depth: usize,
        push_left: impl FnOnce(&mut Forest) -> Result<(), ImportError>,
        push_right: impl FnOnce(&mut Forest) -> Result<(), ImportError>,
    ) -> Result<(), ImportError> {
        let here = self.nodes.len();
        self.push_one(tree, split, depth)?;
        push_left(self)?;
        let next = self.next();
        if let Node::Split { right, .. } = &mut self.nodes[here] {
            *right = next;
        }
        push_right(self)
    }

    fn push_one(&mut self, tree: &Tree, node: Node, depth: usize) -> Result<(), ImportError> {
        if depth > MAX_DEPTH {
            return Err(ImportError::Depth { path: tree.path.clone() });
        }
        if self.nodes.len() >= self.read.saturating_mul(MAX_GROWTH) {
            return Err(ImportError::Growth);
        }
        self.nodes.push(node);
        Ok(())
    }

    /// The index of the next node as the form stores it; the form refuses more nodes than that.
    fn next(&self) -> u32 {
        u32::try_from(self.nodes.len()).unwrap_or(u32::MAX)
    }
}

/// Groups the grades of a feature into runs, by whether each goes right. Only the training weight of each side is known. It
/// is divided equally among the grades of the side, so that the splits together divide the weight as the one split did.
#[expect(clippy::cast_precision_loss, reason = "a feature has at most 8 grades")]
fn runs(goes_right: &[bool], children: [usize; 2], weights: [f64; 2]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (ordinal, side) in goes_right.iter().enumerate() {
        let child = children[usize::from(*side)];
        let same_side = goes_right.iter().filter(|other| *other == side).count();
        let weight = weights[usize::from(*side)] / same_side as f64;
        match runs.last_mut() {
            Some(run) if run.child == child => run.weight += weight,
            _ => runs.push(Run { start: ordinal as f32 - 0.5, child, weight }),
        }
    }
    runs
}
