//! Forust: boosted trees on the logarithm of the price by a second library, with settings that are fixed.

use forust_ml::gradientbooster::GradientBooster;
use forust_ml::objective::ObjectiveType;
use forust_ml::sampler::SampleMethod;
use forust_ml::tree::Tree;
use inference::features::FEATURE_COUNT;
use inference::form::{Node, Trees, left_fraction};
use inference::{Encoder, Features, Form, FormError, Link};
use serde_json::{Value, json};

use super::augment::{self, WEIGHT_POWER};
use crate::error::LearnError;
use crate::family::{Learner, TunedModel};
use data::stone::Stone;

pub(super) const LEARNER: Learner = Learner {
    name: "forust",
    about: "boosted trees on the logarithm of the price by a second library, settings fixed",
    link: Link::Log,
    encoder: Encoder::Proportions,
    tune: |context| Ok(Box::new(TunedForust { rounds: ROUNDS, seed: context.seed })),
    recall,
};

/// What did best on the public table of what fits a few seconds a fit: this family costs no search.
const ROUNDS: usize = 250;
const LEARNING_RATE: f64 = 0.1;
const MAX_DEPTH: usize = 8;
const MIN_LEAF_WEIGHT: f64 = 5.0;
const GAMMA: f64 = 0.002;
const L2: f64 = 1.0;
const SUBSAMPLE: f64 = 0.8;
const COLSAMPLE_BYTREE: f64 = 0.8;
const BINS: u16 = 512;

/// The tuned model again: but for the rounds, the settings are those of this build.
fn recall(params: &Value, seed: u64) -> Option<Box<dyn TunedModel>> {
    let rounds = usize::try_from(params["rounds"].as_u64()?).ok()?;
    let tuned = TunedForust { rounds, seed };
    (tuned.params() == *params).then(|| -> Box<dyn TunedModel> { Box::new(tuned) })
}

#[derive(Debug, Clone, Copy)]
struct TunedForust {
    rounds: usize,
    seed: u64,
}

impl TunedModel for TunedForust {
    fn params(&self) -> Value {
        json!({
            "objective": "squared loss",
            "target": "log price",
            "rounds": self.rounds,
            "learning_rate": LEARNING_RATE,
            "max_depth": MAX_DEPTH,
            "min_leaf_weight": MIN_LEAF_WEIGHT,
            "gamma": GAMMA,
            "l2": L2,
            "subsample": SUBSAMPLE,
            "colsample_bytree": COLSAMPLE_BYTREE,
            "bins": BINS,
            "rows": augment::params(),
        })
    }

    fn fit(&self, stones: &[&Stone], encoder: &Encoder) -> Result<Form, LearnError> {
        let rows = Rows::of(stones, encoder);
        let booster = self.grow(&rows)?;
        Ok(Form::Trees(trees(&booster, rows.base)?))
    }
}

impl TunedForust {
    /// One thread a booster, as everywhere: folds run side by side, and sums are made in one order.
    #[expect(clippy::cast_possible_truncation, reason = "Forust takes its settings in f32")]
    fn grow(&self, rows: &Rows) -> Result<GradientBooster, LearnError> {
        let mut booster = GradientBooster::default()
            .set_objective_type(ObjectiveType::SquaredLoss)
            .set_base_score(0.0)
            .set_initialize_base_score(false)
            .set_iterations(self.rounds)
            .set_learning_rate(LEARNING_RATE as f32)
            .set_max_depth(MAX_DEPTH)
            .set_min_leaf_weight(MIN_LEAF_WEIGHT as f32)
            .set_gamma(GAMMA as f32)
            .set_l2(L2 as f32)
            .set_sample_method(SampleMethod::Random)
            .set_subsample(SUBSAMPLE as f32)
            .set_colsample_bytree(COLSAMPLE_BYTREE)
            .set_nbins(BINS)
            .set_allow_missing_splits(false)
            .set_parallel(false)
            .set_seed(self.seed);
        booster.fit(&rows.matrix(), &rows.labels, &rows.weights, None)?;
        Ok(booster)
    }
}

/// Rows as Forust wants them.
struct Rows {
    /// One feature after the other.
    columns: Vec<f64>,
    /// The margins, minus `base`.
    labels: Vec<f64>,
    weights: Vec<f64>,
    base: f64,
}

impl Rows {
    #[expect(clippy::cast_precision_loss, reason = "row counts are far below 2^53")]
    fn of(stones: &[&Stone], encoder: &Encoder) -> Rows {
        let (mut features, mut labels, mut weights) = (Vec::new(), Vec::new(), Vec::new());
        for (stone, row, weight) in augment::with_unmeasured(stones, encoder) {
            features.push(row);
            labels.push(LEARNER.link.margin(stone.price.usd()));
            weights.push(weight);
        }
        let base = labels.iter().sum::<f64>() / labels.len() as f64;
        for (label, weight) in labels.iter_mut().zip(&mut weights) {
            *label -= base;
            *weight *= libm::exp(*label * WEIGHT_POWER);
        }
        Rows { columns: columns(&features), labels, weights, base }
    }

    fn matrix(&self) -> forust_ml::Matrix<'_, f64> {
        forust_ml::Matrix::new(&self.columns, self.labels.len(), FEATURE_COUNT)
    }
}

/// Features one after the other, as near as f32 has them: the form compares in f32, and so the library splits between the
/// very values that the form will see.
#[expect(clippy::cast_possible_truncation, reason = "rounding to f32 is what is wanted")]
fn columns(rows: &[Features]) -> Vec<f64> {
    let column = |at: usize| rows.iter().map(move |row| f64::from(row.values()[at] as f32));
    (0..FEATURE_COUNT).flat_map(column).collect()
}

/// The booster's trees in the serving form, adding to `base`. Both send a row left that is below the threshold.
fn trees(booster: &GradientBooster, base: f64) -> Result<Trees, FormError> {
    let (mut roots, mut nodes) = (Vec::new(), Vec::new());
    for tree in &booster.trees {
        roots.push(next(&nodes));
        push(tree, 0, &mut nodes)?;
    }
    Trees::new(base + booster.base_score, 1.0, roots, nodes)
}

/// Appends a node and what lies under it, in preorder; a tree is at most [`MAX_DEPTH`] deep, so this ends.
fn push(tree: &Tree, at: usize, nodes: &mut Vec<Node>) -> Result<(), FormError> {
    let broken = |why| FormError::BrokenTree { at, why };
    let node = tree.nodes.get(at).ok_or_else(|| broken("is missing"))?;
    if node.is_leaf {
        nodes.push(Node::Leaf(node.weight_value));
        return Ok(());
    }
    let weight = |at: usize| tree.nodes.get(at).map_or(0.0, |node| f64::from(node.hessian_sum));
    let here = nodes.len();
    nodes.push(Node::Split {
        feature: u8::try_from(node.split_feature).map_err(|_| broken("has no feature"))?,
        missing_left: node.missing_node == node.left_child,
        left_fraction: left_fraction([node.left_child, node.right_child].map(weight)),
        threshold: threshold(node.split_value),
        right: 0,
    });
    push(tree, node.left_child, nodes)?;
    let next = next(nodes);
    if let Node::Split { right, .. } = &mut nodes[here] {
        *right = next;
    }
    push(tree, node.right_child, nodes)
}

/// The index of the next node as the form stores it; the form refuses more nodes than that.
fn next(nodes: &[Node]) -> u32 {
    u32::try_from(nodes.len()).unwrap_or(u32::MAX)
}

/// The least f32 that is not below it: no f32 lies between the two, so every value stays on its side.
#[expect(clippy::cast_possible_truncation, reason = "what rounding takes away is put right")]
fn threshold(split: f64) -> f32 {
    let near = split as f32;
    let above = if f64::from(near) < split { near.next_up() } else { near };
    above.clamp(f32::MIN, f32::MAX)
}

#[cfg(test)]
mod tests {
    use super::augment::without;
    use super::*;
    use crate::measures;
    use data::dataset::Dataset;
    use inference::PriceLists;

    const QUICK: TunedForust = TunedForust { rounds: 60, seed: 42 };

    #[test]
    fn the_form_gives_forusts_predictions_whatever_is_missing() {
        let dataset = Dataset::diamonds(10);
        let (stones, _) = dataset.usable();
        let (held_out, train) = stones.split_at(1000);
        let encoder = (LEARNER.encoder)(measures::learn(train), PriceLists::NONE);
        let rows = Rows::of(train, &encoder);
        let booster = QUICK.grow(&rows).unwrap();
        let form = trees(&booster, rows.base).unwrap();
        // Stones as they are, then each with other gaps, then values that lie on the thresholds themselves.
        let whole = held_out.iter().map(|stone| encoder.encode(&stone.diamond));
        let gappy =
            whole.clone().enumerate().map(|(at, row)| without(row, at % (1 << FEATURE_COUNT)));
        let on_thresholds = form.nodes().iter().filter_map(|node| match *node {
            Node::Split { feature, threshold, .. } => {
                let mut values = *encoder.encode(&held_out[0].diamond).values();
                values[usize::from(feature)] = f64::from(threshold);
                Some(Features::from_values(values))
            }
            Node::Leaf(_) => None,
        });
        let asked: Vec<Features> = whole.chain(gappy).chain(on_thresholds.take(1000)).collect();
        let columns = columns(&asked);
        let matrix = forust_ml::Matrix::new(&columns, asked.len(), FEATURE_COUNT);
        let theirs = booster.predict(&matrix, false);
        assert_eq!(theirs.len(), 3000);
        for (row, theirs) in asked.iter().zip(theirs) {
            let (ours, theirs) = (form.margin(row), rows.base + theirs);
            assert!((ours - theirs).abs() <= 1e-12 * theirs, "{row:?}: {ours} and {theirs}");
        }
    }

    #[test]
    fn a_threshold_between_two_f32_leaves_every_f32_on_its_side() {
        let check = |split: f64, expected: f32| {
            assert_eq!(threshold(split).to_bits(), expected.to_bits(), "{split}");
        };
        check(0.5, 0.5);
        check(0.1, 0.1);
        check(f64::from(0.1_f32) + 1e-12, 0.1_f32.next_up());
        check(f64::MAX, f32::MAX);
    }

    #[test]
    fn the_same_seed_grows_the_same_trees_and_another_seed_others() {
        let dataset = Dataset::diamonds(20);
        let (stones, _) = dataset.usable();
        let encoder = (LEARNER.encoder)(measures::learn(&stones), PriceLists::NONE);
        let fit = |seed| TunedForust { rounds: 10, seed }.fit(&stones, &encoder).unwrap();
        assert_eq!(fit(42), fit(42));
        assert_ne!(fit(42), fit(43));
    }
}
