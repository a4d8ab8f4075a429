//! Converts trees to preorder, and each split by category to a few splits by threshold.

use std::ops::Range;

use inference::form::{MAX_DEPTH, Node, Trees};

use crate::columns::{Grades, grades};
use crate::error::{ImportError, MAX_GROWTH};
use crate::tree::{Step, Test, Tree};

/// The nodes so far.
#[derive(Debug, Default)]
pub(crate) struct Forest {
    roots: Vec<u32>,
    nodes: Vec<Node>,
    /// How many nodes the file has for them.
    read: usize,
}

/// One split by category as runs of grades that go the same way.
struct Fork<'t> {
    tree: &'t Tree,
    feature: u8,
    runs: Vec<Run>,
    /// The run whose direction rows without the feature take.
    missing: usize,
    left: usize,
    right: usize,
}

/// Neighboring grades that go the same way.
struct Run {
    /// The first ordinal.
    start: u8,
    goes_right: bool,
    /// The training weight of these grades, as an estimate: all grades of one direction count the same.
    weight: f64,
}

impl Forest {
    /// Adds a tree.
    ///
    /// # Errors
    ///
    /// [`ImportError::Growth`] or [`ImportError::Depth`] where splits by category make it too large or too deep.
    pub(crate) fn push(&mut self, tree: &Tree) -> Result<(), ImportError> {
        self.roots.push(place(self.nodes.len())?);
        self.read += tree.len();
        self.push_node(tree, 0, 0)
    }

    /// The serving form.
    ///
    /// # Errors
    ///
    /// [`ImportError::Form`]
    pub(crate) fn finish(self, base: f64) -> Result<Trees, ImportError> {
        Ok(Trees::new(base, 1.0, self.roots, self.nodes)?)
    }

    /// Appends the subtree of a node. The recursion ends: the depth is at most [`MAX_DEPTH`].
    fn push_node(&mut self, tree: &Tree, at: usize, depth: usize) -> Result<(), ImportError> {
        let broken = |node| ImportError::Tree { path: tree.path.clone(), node, why: "is missing" };
        match tree.get(at).ok_or_else(|| broken(at))?.step {
            Step::Deleted => Err(broken(at)),
            Step::Leaf(value) => self.push_one(tree, Node::Leaf(value), depth).map(|_| ()),
            Step::Split { feature, test, missing_left, left, right } => {
                let weight =
                    |at| tree.get(at).map(|node| f64::from(node.weight)).ok_or_else(|| broken(at));
                let weights = [weight(left)?, weight(right)?];
                match test {
                    Test::Below(threshold) => self.push_split(
                        tree,
                        Node::Split {
                            feature,
                            missing_left,
                            left_fraction: left_fraction(weights),
                            threshold,
                            right: 0,
                        },
                        depth,
                        |forest| forest.push_node(tree, left, depth + 1),
                        |forest| forest.push_node(tree, right, depth + 1),
                    ),
                    Test::Among(set) => {
                        let runs = runs(feature, set, weights);
                        let same = |run: &Run| run.goes_right != missing_left;
                        match runs.iter().position(same) {
                            Some(missing) => {
                                let fork = Fork { tree, feature, missing, left, right, runs };
                                self.push_fork(&fork, 0..fork.runs.len(), depth)
                            }
                            // All grades go one way, and only rows without the feature go the other.
                            None => self.push_split(
                                tree,
                                Node::Split {
                                    feature,
                                    missing_left,
                                    left_fraction: left_fraction(weights),
                                    threshold: if missing_left { -0.5 } else { f32::from(u8::MAX) },
                                    right: 0,
                                },
                                depth,
                                |forest| forest.push_node(tree, left, depth + 1),
                                |forest| forest.push_node(tree, right, depth + 1),
                            ),
                        }
                    }
                }
            }
        }
    }

    /// Appends splits by threshold that separate these runs, and below each run the subtree of its direction.
    fn push_fork(
        &mut self,
        fork: &Fork<'_>,
        runs: Range<usize>,
        depth: usize,
    ) -> Result<(), ImportError> {
        let middle = runs.start + runs.len() / 2;
        if middle == runs.start {
            let goes_right = fork.runs.get(middle).is_some_and(|run| run.goes_right);
            return self.push_node(
                fork.tree,
                if goes_right { fork.right } else { fork.left },
                depth,
            );
        }
        let weight = |runs: Range<usize>| {
            fork.runs.get(runs).unwrap_or_default().iter().map(|run| run.weight).sum::<f64>()
        };
        let start = fork.runs.get(middle).map_or(0, |run| run.start);
        let node = Node::Split {
            feature: fork.feature,
            missing_left: fork.missing < middle,
            left_fraction: left_fraction([weight(runs.start..middle), weight(middle..runs.end)]),
            // Halfway between two ordinals, which are whole numbers.
            threshold: f32::from(start) - 0.5,
            right: 0,
        };
        self.push_split(
            fork.tree,
            node,
            depth,
            |forest| forest.push_fork(fork, runs.start..middle, depth + 1),
            |forest| forest.push_fork(fork, middle..runs.end, depth + 1),
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
        let here = self.push_one(tree, split, depth)?;
        push_left(self)?;
        let next = place(self.nodes.len())?;
        if let Some(Node::Split { right, .. }) = self.nodes.get_mut(here) {
            *right = next;
        }
        push_right(self)
    }

    fn push_one(&mut self, tree: &Tree, node: Node, depth: usize) -> Result<usize, ImportError> {
        if depth > MAX_DEPTH {
            return Err(ImportError::Depth { path: tree.path.clone() });
        }
        if self.nodes.len() >= self.read.saturating_mul(MAX_GROWTH) {
            return Err(ImportError::Growth);
        }
        self.nodes.push(node);
        Ok(self.nodes.len() - 1)
    }
}

/// Groups the grades of a feature into runs. Only the training weight of each side is known. It is divided equally among
/// the grades of the side, so that the splits together divide the weight as the one split did.
fn runs(feature: u8, set: Grades, [left, right]: [f64; 2]) -> Vec<Run> {
    let ways = (0_u8..)
        .zip(grades(feature).unwrap_or_default())
        .map(|(ordinal, _)| (ordinal, set.has(ordinal)));
    let count =
        |side: bool| ways.clone().map(|(_, goes)| f64::from(u8::from(goes == side))).sum::<f64>();
    let weight_of_one = [left / count(false), right / count(true)];
    let mut runs: Vec<Run> = Vec::new();
    for (start, goes_right) in ways.clone() {
        let weight = weight_of_one[usize::from(goes_right)];
        match runs.last_mut() {
            Some(run) if run.goes_right == goes_right => run.weight += weight,
            _ => runs.push(Run { start, goes_right, weight }),
        }
    }
    runs
}

/// The fraction of a split's training weight that went left, in units of 1/65,536; one half where it is unknown.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the fraction is clamped to 1 to 65,535 first"
)]
fn left_fraction([left, right]: [f64; 2]) -> u16 {
    let fraction = left / (left + right);
    let fraction = if fraction.is_nan() { 0.5 } else { fraction };
    (65_536.0 * fraction).round().clamp(1.0, 65_535.0) as u16
}

/// The index of a node as the form stores it.
fn place(at: usize) -> Result<u32, ImportError> {
    u32::try_from(at).map_err(|_| ImportError::Growth)
}
