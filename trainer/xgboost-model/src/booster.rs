//! Reads a whole model: its trees, its objective, and notes for the user who imports it.

use std::fmt;

use inference::features::FEATURE_COUNT;
use inference::form::Trees;

use crate::columns::{self, Column};
use crate::document::{At, Value};
use crate::error::ImportError;
use crate::forest::Forest;
use crate::objective::Objective;
use crate::tree::Tree;
use crate::{json, ubjson};

/// A model that XGBoost saved.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Booster {
    /// Base margin and trees, with XGBoost's own f32 leaves: [`Trees::margin`] is XGBoost's margin.
    pub trees: Trees,
    /// The objective it was trained for.
    pub objective: Objective,
    /// The version of XGBoost that saved it.
    pub version: String,
    /// The number of nodes in the file. [`Self::trees`] has fewer where pruning deleted some, and more where there are
    /// splits by category.
    pub nodes: usize,
    /// The names of its columns; empty if it was trained without names.
    pub feature_names: Vec<String>,
    /// Notes for the user who imports it.
    pub notes: Vec<Note>,
}

/// A decision about the meaning of a model that the user should know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Note {
    /// Training stopped early, and the model also holds the rounds after the best one.
    BestIteration {
        /// The best round, from 0.
        best: u64,
        /// How many rounds there are.
        rounds: u64,
    },
    /// Grades are split by category, but the file does not name the categories.
    UnnamedCategories,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Note::BestIteration { best, rounds } => write!(
                f,
                "all {rounds} rounds were taken, as `Booster.predict` does; training found round {best} best (counted from 0), and scikit-learn's wrapper would stop there: save `booster[:{}]` to import those",
                best.saturating_add(1)
            ),
            Note::UnnamedCategories => f.write_str(
                "the file does not name its categories; they were taken as codes from worst to best, color from D: cut Fair = 0, color D = 0, clarity I1 = 0",
            ),
        }
    }
}

/// Reads a model that XGBoost 1.x to 3.x saved by `save_model` or `save_raw`, in JSON or UBJSON; the bytes show
/// which. Never panics, whatever the bytes.
///
/// # Errors
///
/// [`ImportError`], with the reason, the place and a remedy.
pub fn read(bytes: &[u8]) -> Result<Booster, ImportError> {
    read_with(bytes, columns::COLUMNS)
}

/// Reads the trees of a model that was trained on all features, the price list among them, in their order and without names.
///
/// # Errors
///
/// As [`read`].
pub fn read_own(bytes: &[u8]) -> Result<Trees, ImportError> {
    Ok(read_with(bytes, FEATURE_COUNT)?.trees)
}

fn read_with(bytes: &[u8], unnamed_columns: usize) -> Result<Booster, ImportError> {
    let document = document(bytes)?;
    let root = At::root(&document);
    let learner = root.field("learner")?;
    let objective = Objective::read(&learner)?;
    let parameters = learner.field("learner_model_param")?;
    for name in ["num_class", "num_target"] {
        parameters.check_single(name)?;
    }
    let (model, tree_weights) = trees(&learner)?;
    let names = names(&learner)?;
    let columns = columns::read(&learner, &model, &names, unnamed_columns)?;
    check_groups(&model)?;
    let mut forest = Forest::default();
    let (mut nodes, mut has_unnamed) = (0, false);
    let is_unnamed = |column: &Column, feature| column.feature == feature && !column.are_named;
    for (index, at) in model.field("trees")?.items()?.enumerate() {
        let mut tree = Tree::read(&at, &columns)?;
        if let Some(weights) = &tree_weights {
            tree.scale(weights[index])?;
        }
        nodes += tree.nodes.len();
        has_unnamed |= tree
            .by_category()
            .any(|feature| columns.iter().any(|column| is_unnamed(column, feature)));
        forest.push(&tree)?;
    }
    let mut notes = Vec::new();
    notes.extend(best_iteration(&learner, &model)?);
    if has_unnamed {
        notes.push(Note::UnnamedCategories);
    }
    Ok(Booster {
        trees: forest.finish(objective.base(&parameters)?)?,
        objective,
        version: version(&root)?,
        nodes,
        feature_names: names.into_iter().map(str::to_owned).collect(),
        notes,
    })
}

/// Detects JSON or UBJSON by the first bytes. Where JSON has white space or a name in quotes, UBJSON has a marker.
fn document(bytes: &[u8]) -> Result<Value<'_>, ImportError> {
    let found = match bytes.trim_ascii_start() {
        [] => "an empty file",
        [b'{', b'"' | b'}' | b' ' | b'\t' | b'\r' | b'\n', ..] => return json::read(bytes),
        [b'{', ..] => return ubjson::read(bytes),
        [b'[', ..] => "a list of trees, as `dump_model` writes for people,",
        [0x80, 2..=5, ..] => "a pickle",
        [b'b', b'i', b'n', b'f', ..] => "XGBoost's old binary format",
        _ => "what this file holds",
    };
    Err(ImportError::Foreign { found })
}

/// The part that holds the trees, and the weight of each tree where the booster is DART. Checks that the model is a sum of
/// trees.
///
/// Up to 3.3 DART wraps a plain booster and keeps the weights beside it; since 3.4 it is a plain booster with weights.
fn trees<'d, 'a>(learner: &At<'d, 'a>) -> Result<(At<'d, 'a>, Option<Vec<f32>>), ImportError> {
    let booster = learner.field("gradient_booster")?;
    let (model, weights) = match booster.field("name")?.text()? {
        "gbtree" => {
            let model = booster.field("model")?;
            let weights = model.optional("weight_drop")?;
            (model, weights)
        }
        "dart" => (booster.field("gbtree")?.field("model")?, Some(booster.field("weight_drop")?)),
        other => return Err(ImportError::Booster { found: other.to_owned() }),
    };
    let Some(weights) = weights else { return Ok((model, None)) };
    let (values, promised) = (weights.floats()?, model.field("trees")?.items()?.len());
    if values.len() == promised {
        Ok((model, Some(values)))
    } else {
        Err(weights.length(values.len(), promised))
    }
}

/// The names of the columns; XGBoost before 1.4 stores none.
fn names<'d>(learner: &At<'d, '_>) -> Result<Vec<&'d str>, ImportError> {
    match learner.optional("feature_names")? {
        Some(names) => names.items()?.map(|name| name.text()).collect(),
        None => Ok(Vec::new()),
    }
}

/// Checks that there are as many trees as promised, and that all of them add to the single output of the model.
fn check_groups(model: &At<'_, '_>) -> Result<(), ImportError> {
    let trees = model.field("trees")?;
    let found = trees.items()?.len();
    let promised = model.field("gbtree_model_param")?.field("num_trees")?.count()?;
    if found as u64 != promised {
        let allowed = format!("{promised}, as `num_trees` says");
        return Err(trees.refuse(format!("{found} trees"), &allowed));
    }
    let groups = model.numbers("tree_info", found, At::integers)?;
    match groups.iter().find(|group| **group != 0) {
        None => Ok(()),
        Some(group) => {
            Err(model.field("tree_info")?.refuse(group, "0, as all trees add to one number"))
        }
    }
}

/// Whether rounds follow the best one, which XGBoost stores as an attribute; 1.4 to 1.7 store it for every model.
fn best_iteration(learner: &At<'_, '_>, model: &At<'_, '_>) -> Result<Option<Note>, ImportError> {
    let Some(attributes) = learner.optional("attributes")? else { return Ok(None) };
    let Some(best) = attributes.optional("best_iteration")? else { return Ok(None) };
    let best = best.count()?;
    let parameters = model.field("gbtree_model_param")?;
    let a_round = parameters.optional("num_parallel_tree")?;
    let a_round = a_round.map_or(Ok(1), |count| count.count())?.max(1);
    let rounds = parameters.field("num_trees")?.count()? / a_round;
    Ok((best.saturating_add(1) < rounds).then_some(Note::BestIteration { best, rounds }))
}

/// The version of XGBoost that saved the model.
fn version(root: &At<'_, '_>) -> Result<String, ImportError> {
    let at = root.field("version")?;
    let numbers = at.integers()?;
    match numbers.as_slice() {
        [major @ 1..=3, minor @ 0..=i32::MAX, patch @ 0..=i32::MAX] => {
            Ok(format!("{major}.{minor}.{patch}"))
        }
        _ => Err(at.refuse(format!("{numbers:?}"), "three numbers, of XGBoost 1.0 to 3.x")),
    }
}
