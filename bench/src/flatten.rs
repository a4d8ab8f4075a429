//! From XGBoost's JSON to the serving form: the trainer's own lines, to be deleted for the crate `xgboost-model` when
//! that lands.

use anyhow::{Context, Result, ensure};
use inference::form::{Node, Trees};
use serde::Deserialize;

/// The parts of XGBoost's JSON model that decide a prediction.
#[derive(Deserialize)]
struct Document {
    learner: LearnerPart,
}

#[derive(Deserialize)]
struct LearnerPart {
    gradient_booster: GradientBooster,
    learner_model_param: LearnerModelParam,
}

#[derive(Deserialize)]
struct LearnerModelParam {
    /// A number in text, such as `5E-1`.
    base_score: String,
}

#[derive(Deserialize)]
struct GradientBooster {
    model: GbTree,
}

#[derive(Deserialize)]
struct GbTree {
    trees: Vec<Tree>,
}

/// One tree as parallel arrays over its nodes. A leaf has no children, and its value stands in place of a
/// threshold.
#[derive(Deserialize)]
struct Tree {
    left_children: Vec<i32>,
    right_children: Vec<i32>,
    split_indices: Vec<u32>,
    split_conditions: Vec<f32>,
    default_left: Vec<Flag>,
    /// The training weight that reached each node.
    sum_hessian: Vec<f32>,
}

/// XGBoost 1.6 writes booleans as 0 and 1, others as false and true.
#[derive(Deserialize, Clone, Copy)]
#[serde(untagged)]
enum Flag {
    Bool(bool),
    Number(u8),
}

impl From<Flag> for bool {
    fn from(flag: Flag) -> bool {
        match flag {
            Flag::Bool(flag) => flag,
            Flag::Number(number) => number != 0,
        }
    }
}

/// The trees of a JSON document, adding to its base score.
pub(crate) fn flatten(json: &str) -> Result<Trees> {
    let document: Document = serde_json::from_str(json)?;
    let LearnerPart { gradient_booster, learner_model_param } = document.learner;
    let base: f64 = learner_model_param.base_score.parse()?;
    let (mut nodes, mut roots) = (Vec::new(), Vec::new());
    for tree in &gradient_booster.model.trees {
        roots.push(u32::try_from(nodes.len())?);
        tree.push_subtree(0, &mut nodes)?;
    }
    Ok(Trees::new(base, 1.0, roots, nodes)?)
}

impl Tree {
    /// Appends the subtree under a node in preorder.
    fn push_subtree(&self, at: usize, nodes: &mut Vec<Node>) -> Result<()> {
        let missing = || format!("node {at} of a tree is missing");
        let threshold = *self.split_conditions.get(at).with_context(missing)?;
        let left = *self.left_children.get(at).with_context(missing)?;
        let right = *self.right_children.get(at).with_context(missing)?;
        let (Ok(left), Ok(right)) = (usize::try_from(left), usize::try_from(right)) else {
            nodes.push(Node::Leaf(threshold));
            return Ok(());
        };
        ensure!(left > at && right > at, "node {at} of a tree has a child before it");
        let here = nodes.len();
        nodes.push(Node::Split {
            feature: u8::try_from(*self.split_indices.get(at).with_context(missing)?)?,
            missing_left: (*self.default_left.get(at).with_context(missing)?).into(),
            left_share: self.left_share(left, right).with_context(missing)?,
            threshold,
            right: 0,
        });
        self.push_subtree(left, nodes)?;
        let next = u32::try_from(nodes.len())?;
        if let Node::Split { right, .. } = &mut nodes[here] {
            *right = next;
        }
        self.push_subtree(right, nodes)
    }

    /// How much of a split's training weight went left.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the share is clamped to 1 to 65,535 first"
    )]
    fn left_share(&self, left: usize, right: usize) -> Option<u16> {
        let weight = |at: usize| self.sum_hessian.get(at).map(|weight| f64::from(*weight));
        let (left, right) = (weight(left)?, weight(right)?);
        Some((65_536.0 * left / (left + right)).round().clamp(1.0, 65_535.0) as u16)
    }
}
