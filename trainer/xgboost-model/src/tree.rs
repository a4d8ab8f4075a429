//! Reads one tree: checks the parallel lists of XGBoost and converts them to nodes that form a tree.

use std::collections::HashMap;

use inference::form::MAX_DEPTH;

use crate::columns::{Column, Grades};
use crate::document::At;
use crate::error::ImportError;

/// The column number that marks a deleted node.
const DELETED: i32 = i32::MAX;

/// A tree in the node order of XGBoost, root first. Nodes that pruning deleted are still among them.
#[derive(Debug)]
pub(crate) struct Tree {
    pub(crate) path: String,
    pub(crate) nodes: Vec<Node>,
}

/// One node.
#[derive(Debug)]
pub(crate) struct Node {
    /// Its cover, the training weight that reached it.
    pub(crate) weight: f32,
    pub(crate) step: Step,
}

/// The kind of a node.
#[derive(Debug)]
pub(crate) enum Step {
    /// A leaf with this value.
    Leaf(f32),
    /// A node that pruning deleted; no path leads here.
    Deleted,
    Split(Split),
}

/// A split and the indices of its children.
#[derive(Debug)]
pub(crate) struct Split {
    /// The index of the feature in our order.
    pub(crate) feature: u8,
    pub(crate) test: Test,
    /// Whether a row without this feature goes left.
    pub(crate) missing_left: bool,
    pub(crate) left: usize,
    pub(crate) right: usize,
}

/// The test for rows that have the feature.
#[derive(Debug)]
pub(crate) enum Test {
    /// Goes left below this value, else right.
    Below(f32),
    /// Goes right if the grade is in this set, else left.
    Among(Grades),
}

/// The lists of a tree, all of the same length.
struct Lists<'l, 'd, 'a> {
    tree: &'l At<'d, 'a>,
    columns: &'l [Column],
    left: Vec<i32>,
    right: Vec<i32>,
    feature: Vec<i32>,
    condition: Vec<f32>,
    missing_left: Vec<i32>,
    weight: Vec<f32>,
    /// For each node that splits by category, its categories.
    categories: HashMap<usize, Vec<i32>>,
    /// Whether each node splits by category (1) or by threshold (0).
    kinds: Vec<i32>,
}

impl Tree {
    /// Reads `trees[n]`: nodes that form one tree of at most [`MAX_DEPTH`] levels, and whose values are all allowed.
    pub(crate) fn read(at: &At<'_, '_>, columns: &[Column]) -> Result<Tree, ImportError> {
        let parameters = at.field("tree_param")?;
        parameters.check_single("size_leaf_vector")?;
        let nodes = parameters.field("num_nodes")?.count()?;
        let nodes = usize::try_from(nodes).unwrap_or(usize::MAX);
        let lists = Lists {
            tree: at,
            columns,
            left: at.numbers("left_children", nodes, At::integers)?,
            right: at.numbers("right_children", nodes, At::integers)?,
            feature: at.numbers("split_indices", nodes, At::integers)?,
            condition: at.numbers("split_conditions", nodes, At::floats)?,
            missing_left: at.numbers("default_left", nodes, At::integers)?,
            weight: at.numbers("sum_hessian", nodes, At::floats)?,
            categories: categories(at, nodes)?,
            kinds: match at.optional("split_type")? {
                Some(_) => at.numbers("split_type", nodes, At::integers)?,
                // XGBoost 1.0 to 1.2 splits by threshold only.
                None => vec![0; nodes],
            },
        };
        let node = |at| Ok(Node { weight: lists.weight[at], step: lists.step(at)? });
        let nodes = (0..nodes).map(node).collect::<Result<_, ImportError>>()?;
        let tree = Tree { path: at.path().to_owned(), nodes };
        tree.check()?;
        Ok(tree)
    }

    /// Multiplies the leaves by the weight that DART gives to this tree, in f32 as XGBoost does.
    pub(crate) fn scale(&mut self, weight: f32) -> Result<(), ImportError> {
        for node in &mut self.nodes {
            let Step::Leaf(value) = &mut node.step else { continue };
            *value *= weight;
            if !value.is_finite() {
                let (path, found) = (format!("{}, weight_drop", self.path), weight.to_string());
                let allowed = "a weight with which every leaf is finite".to_owned();
                return Err(ImportError::Value { path, found, allowed });
            }
        }
        Ok(())
    }

    /// The features of the splits by category.
    pub(crate) fn by_category(&self) -> impl Iterator<Item = u8> {
        self.nodes.iter().filter_map(|node| match node.step {
            Step::Split(Split { feature, test: Test::Among(_), .. }) => Some(feature),
            _ => None,
        })
    }

    /// Checks that every path from the root ends, and that every node is on one of them, except deleted nodes, which 1.0 to
    /// 1.2 do not count. Children may be in any order: some tree builders of XGBoost place them before their parents.
    fn check(&self) -> Result<(), ImportError> {
        let broken = |node, why| ImportError::Tree { path: self.path.clone(), node, why };
        let mut reached = vec![false; self.nodes.len()];
        let mut pending = vec![(0, 0)];
        while let Some((at, depth)) = pending.pop() {
            let node = self.nodes.get(at).ok_or_else(|| broken(at, "is missing"))?;
            if std::mem::replace(&mut reached[at], true) {
                return Err(broken(at, "is the child of more than one node, or above itself"));
            }
            if depth > MAX_DEPTH {
                return Err(ImportError::Depth { path: self.path.clone() });
            }
            match node.step {
                Step::Split(Split { left, right, .. }) => {
                    pending.extend([(left, depth + 1), (right, depth + 1)]);
                }
                Step::Leaf(_) => {}
                Step::Deleted => return Err(broken(at, "was deleted and has a parent")),
            }
        }
        let is_lost =
            |(reached, node): (&bool, &Node)| !reached && !matches!(node.step, Step::Deleted);
        match reached.iter().zip(&self.nodes).position(is_lost) {
            None => Ok(()),
            Some(lost) => Err(broken(lost, "belongs to no branch")),
        }
    }
}

/// The categories of every split by category: the node, where its categories start in one list of all, and how many they
/// are. XGBoost 1.0 to 1.2 has none.
fn categories(tree: &At<'_, '_>, nodes: usize) -> Result<HashMap<usize, Vec<i32>>, ImportError> {
    let Some(at) = tree.optional("categories_nodes")? else { return Ok(HashMap::new()) };
    let of_node = at.integers()?;
    let starts = tree.numbers("categories_segments", of_node.len(), At::integers)?;
    let sizes = tree.numbers("categories_sizes", of_node.len(), At::integers)?;
    let all_at = tree.field("categories")?;
    let all = all_at.integers()?;
    let mut categories = HashMap::new();
    let mut end = 0;
    for ((node, start), size) in of_node.iter().zip(&starts).zip(&sizes) {
        let index = usize::try_from(*node).ok().filter(|index| *index < nodes);
        let index = index.ok_or_else(|| at.refuse(node, "a node of the tree"))?;
        let (start, size) = (usize::try_from(*start), usize::try_from(*size));
        // Each starts where the last one ends, so all of them together are as long as the list.
        let codes = match (start, size) {
            (Ok(start), Ok(size)) if start == end => {
                end = start.saturating_add(size);
                all.get(start..end)
            }
            _ => None,
        };
        let codes = codes.ok_or_else(|| all_at.length(all.len(), end))?;
        if categories.insert(index, codes.to_vec()).is_some() {
            return Err(at.refuse(format!("{node} twice"), "each node once"));
        }
    }
    Ok(categories)
}

impl Lists<'_, '_, '_> {
    fn step(&self, at: usize) -> Result<Step, ImportError> {
        if self.feature[at] == DELETED {
            return Ok(Step::Deleted);
        }
        let (left, right) = (self.left[at], self.right[at]);
        let (Ok(left), Ok(right)) = (usize::try_from(left), usize::try_from(right)) else {
            if (left, right) != (-1, -1) {
                let why = "has one child; allowed are two, or -1 twice";
                return Err(ImportError::Tree { path: self.tree.path().to_owned(), node: at, why });
            }
            return self.finite(at).map(Step::Leaf);
        };
        let number = self.feature[at];
        let column = usize::try_from(number).ok().and_then(|number| self.columns.get(number));
        let column = column
            .ok_or_else(|| self.refuse("split_indices", at, number, "a column of the model"))?;
        let missing_left = match self.missing_left[at] {
            0 => false,
            1 => true,
            other => return Err(self.refuse("default_left", at, other, "0 or 1")),
        };
        let refused = |found: &str, allowed: &str| Err((found.to_owned(), allowed.to_owned()));
        let test = match (self.kinds[at], self.categories.get(&at)) {
            (0, _) if column.is_in_order() => Ok(Test::Below(self.finite(at)?)),
            (0, _) => {
                let found = "a split by threshold of grades in an order of their own";
                refused(found, "a split by category")
            }
            (1, Some(codes)) => column.grades(codes).map(Test::Among),
            (1, None) => {
                let found = "a split by category without categories";
                refused(found, "its node among `categories_nodes`")
            }
            (other, _) => refused(&other.to_string(), "0 or 1"),
        };
        let test =
            test.map_err(|(found, allowed)| self.refuse("split_type", at, found, &allowed))?;
        Ok(Step::Split(Split { feature: column.feature, test, missing_left, left, right }))
    }

    /// A leaf or a threshold. For splits by category the number is meaningless, and up to 2.1 it is missing.
    fn finite(&self, at: usize) -> Result<f32, ImportError> {
        let value = self.condition[at];
        if value.is_finite() {
            return Ok(value);
        }
        Err(self.refuse("split_conditions", at, value, "a finite number"))
    }

    /// The error for one number of a list.
    fn refuse(&self, list: &str, at: usize, found: impl ToString, allowed: &str) -> ImportError {
        self.tree.refuse_in(&format!(".{list}[{at}]"), found, allowed)
    }
}
