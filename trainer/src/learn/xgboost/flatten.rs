//! From XGBoost's model to the serving form: every tree in preorder, one after the other.

use inference::form::{Node, Trees};
use serde::Deserialize;
use xgboost_rs::Booster;

use crate::learn::LearnError;

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

/// The booster's trees, adding to `base` and the booster's own base score.
///
/// # Errors
///
/// [`LearnError::XgBoostModel`] where the model is not laid out as expected.
pub(super) fn flatten(booster: &Booster, base: f64) -> Result<Trees, LearnError> {
    let json = booster.save_to_buffer(String::from("json"))?;
    let document: Document =
        serde_json::from_str(&json).map_err(|error| LearnError::XgBoostModel(error.to_string()))?;
    let LearnerPart { gradient_booster, learner_model_param } = document.learner;
    let score: f64 = learner_model_param.base_score.parse().map_err(|_| {
        LearnError::XgBoostModel(format!("base_score {:?}", learner_model_param.base_score))
    })?;
    let mut nodes = Vec::new();
    let mut roots = Vec::new();
    for tree in &gradient_booster.model.trees {
        roots.push(place(&nodes));
        tree.push_subtree(0, &mut nodes)?;
    }
    Ok(Trees::new(base + score, 1.0, roots, nodes)?)
}

impl Tree {
    /// Appends the subtree under a node in preorder. Deeper than the serving form's limit cannot come out of a
    /// booster whose `max_depth` is 10.
    fn push_subtree(&self, at: usize, nodes: &mut Vec<Node>) -> Result<(), LearnError> {
        let broken = || LearnError::XgBoostModel(format!("node {at} of a tree is missing"));
        let condition = *self.split_conditions.get(at).ok_or_else(broken)?;
        let (left, right) = (
            *self.left_children.get(at).ok_or_else(broken)?,
            *self.right_children.get(at).ok_or_else(broken)?,
        );
        let (Ok(left), Ok(right)) = (usize::try_from(left), usize::try_from(right)) else {
            nodes.push(Node::Leaf(condition));
            return Ok(());
        };
        // Children come after their parents, so a walk down ends.
        if left <= at || right <= at {
            return Err(broken());
        }
        let feature = *self.split_indices.get(at).ok_or_else(broken)?;
        let split = Node::Split {
            feature: u8::try_from(feature).unwrap_or(u8::MAX),
            missing_left: (*self.default_left.get(at).ok_or_else(broken)?).into(),
            left_share: self.left_share(left, right).ok_or_else(broken)?,
            threshold: condition,
            right: 0,
        };
        let here = nodes.len();
        nodes.push(split);
        self.push_subtree(left, nodes)?;
        let next = place(nodes);
        if let Node::Split { right, .. } = &mut nodes[here] {
            *right = next;
        }
        self.push_subtree(right, nodes)
    }
}

impl Tree {
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

/// The place of the next node.
fn place(nodes: &[Node]) -> u32 {
    u32::try_from(nodes.len()).unwrap_or(u32::MAX)
}
