//! Gives an imported model what it lacks and rows of known price can teach: the measures of stones of which only the four Cs
//! are given, and ranges.

use inference::{Encoder, Form, Link, PredictionInterval};
use serde::Serialize;

use crate::calibrate::calibrate;
use crate::evaluate::{self, View, ViewPrices};
use crate::measures;
use data::stone::Stone;

/// The fewest stones that teach anything.
const FEWEST_ROWS: usize = 20;

/// How many stones teach at most: as many as leave 200 to each group of a range, four times over.
pub const MOST_ROWS: usize = 20_000;

/// What an imported model was given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fitted {
    /// How it goes without measures.
    pub encoder: Encoder,
    /// The comparison that decided that.
    pub missing_measures: MissingMeasures,
    /// Its ranges; `None` where the stones are too few, or a price is not finite.
    pub interval: Option<PredictionInterval>,
}

/// The errors on stones of which the model is told the four Cs alone, by its own rule for missing values and with imputed
/// measures.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MissingMeasures {
    /// How many stones were priced.
    pub rows: usize,
    /// Which of the two is used.
    pub rule: MissingRule,
    /// The mean absolute error in dollars by the model's own rule; infinite where a price is.
    pub own_rule_mae: f64,
    /// The one with imputed measures.
    pub imputed_mae: f64,
    /// The one on the same stones with their measures.
    pub measured_mae: f64,
}

/// How a model goes without measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MissingRule {
    /// By the directions that its trees learnt for missing values, from rows with gaps.
    Own,
    /// With measures that are imputed from weight and cut: its trees learnt from complete rows, and their directions for
    /// missing values are arbitrary.
    Imputed,
}

impl Fitted {
    /// Learns from stones whose measures are all known; `None` where they are too few. The model's own rule for missing values
    /// stays where imputed measures are no better.
    pub fn of(form: &Form, link: Link, stones: &[&Stone]) -> Option<Fitted> {
        if stones.len() < FEWEST_ROWS {
            return None;
        }
        let imputer = Encoder::Impute(measures::learn(stones));
        let predict =
            |encoder: &Encoder, view| evaluate::predict(form, link, encoder, stones, view);
        let mae = |prices: &[f64]| {
            evaluate::metrics(prices, stones).map_or(f64::NAN, |metrics| metrics.mae)
        };
        let measured = predict(&Encoder::Passthrough, View::Measured);
        let own = predict(&Encoder::Passthrough, View::FourCs);
        let imputed = predict(&imputer, View::FourCs);
        let (own_rule_mae, imputed_mae) = (mae(&own), mae(&imputed));
        let (rule, encoder, four_cs) = if imputed_mae < own_rule_mae {
            (MissingRule::Imputed, imputer, imputed)
        } else {
            (MissingRule::Own, Encoder::Passthrough, own)
        };
        let missing_measures = MissingMeasures {
            rows: stones.len(),
            rule,
            own_rule_mae,
            imputed_mae,
            measured_mae: mae(&measured),
        };
        let of_view = |view| match view {
            View::Measured | View::MeasuredWithoutList => measured.clone(),
            View::FourCs | View::FourCsWithoutList => four_cs.clone(),
        };
        let interval = calibrate(link, &ViewPrices::of(&encoder, of_view), stones);
        // Of prices that are infinite, or hundreds of digits long, there is no table.
        let interval = interval.filter(PredictionInterval::is_valid);
        Some(Fitted { encoder, missing_measures, interval })
    }
}

#[cfg(test)]
mod tests {
    use inference::form::{Node, Trees};

    use super::*;
    use data::dataset::Dataset;

    const CARAT: u8 = 0;
    const X: u8 = 6;

    fn split(feature: u8, threshold: f32, missing_left: bool, right: u32) -> Node {
        Node::Split { feature, missing_left, left_fraction: 1 << 15, threshold, right }
    }

    fn check(nodes: Vec<Node>, expected: MissingRule) {
        let dataset = Dataset::diamonds(200);
        let (stones, _) = dataset.usable();
        let form = Form::Trees(Trees::new(0.0, 1.0, vec![0], nodes).unwrap());
        let fitted = Fitted::of(&form, Link::Identity, &stones).unwrap();
        assert_eq!(fitted.missing_measures.rule, expected, "{fitted:?}");
        assert_eq!(fitted.encoder.imputer().is_some(), expected == MissingRule::Imputed);
        assert!(fitted.interval.is_some_and(|interval| interval.is_valid()));
        assert_eq!(Fitted::of(&form, Link::Identity, &stones[..19]), None);
    }

    #[test]
    fn the_rule_with_the_lower_error_is_taken_and_the_models_own_if_neither_is() {
        let leaves = |cheap: f32, dear: f32| [Node::Leaf(cheap), Node::Leaf(dear)];
        let tree = |root, leaves: [Node; 2]| [vec![root], leaves.to_vec()].concat();
        // A missing x goes where the small ones are, whatever the weight.
        check(tree(split(X, 6.4, true, 2), leaves(1500.0, 8000.0)), MissingRule::Imputed);
        check(tree(split(CARAT, 1.0, true, 2), leaves(1500.0, 8000.0)), MissingRule::Own);
        // Where x is missing, the weight decides; where it is known, nothing does.
        let by_weight = tree(split(CARAT, 1.0, true, 3), leaves(1500.0, 8000.0));
        let root = vec![split(X, 0.0, true, 4)];
        let learnt = [root, by_weight, vec![Node::Leaf(3000.0)]].concat();
        check(learnt, MissingRule::Own);
    }
}
