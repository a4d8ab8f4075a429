//! Elastic net: penalised least squares on the logarithm of the price.

use inference::form::Basis;
use inference::{Encoder, Form, Link, PriceLists};
use linfa::Dataset;
use linfa::traits::Fit;
use linfa_elasticnet::ElasticNet;
use serde::Deserialize;
use serde_json::{Value, json};

use super::design::{CARAT, CLARITY, COLOR, CUT, DEPTH, Design, TABLE, X, grades};
use crate::context::TrainingContext;
use crate::error::LearnError;
use crate::evaluate;
use crate::family::{Learner, TunedModel};
use crate::search::{Range, Search};
use data::stone::Stone;

pub(super) const LEARNER: Learner = Learner {
    name: "elastic-net",
    about: "penalised least squares on the logarithm of the price, with squares and products",
    link: Link::Log,
    encoder: |imputer, _| Encoder::Proportions(imputer, PriceLists::NONE),
    tune,
    recall,
};

/// Two settings need no more tries than this.
const MOST_TRIALS: usize = 8;

/// Coordinate descent stops here at the latest.
const MOST_SWEEPS: u32 = 400;

/// Weights that change by less than this share of the largest are done.
const TOLERANCE: f64 = 1e-5;

/// The penalty's strength and how it is shared between absolute and squared weights.
#[derive(Debug, Clone, Copy, Deserialize)]
struct TunedElasticNet {
    penalty: f64,
    l1_ratio: f64,
}

fn tune(context: &TrainingContext<'_>) -> Result<Box<dyn TunedModel>, LearnError> {
    let search = Search {
        context,
        family: LEARNER.name,
        ranges: &[Range::log("penalty", 1e-6, 1e-2), Range::even("l1_ratio", 0.05, 1.0)],
        trials: context.trials.min(MOST_TRIALS),
        folds: 1,
        defaults: None,
    };
    let best = search.run(|tuned: &TunedElasticNet, _, observer| {
        // One fit has one round; there is nothing to stop.
        let _ = observer.report_round(evaluate::first_fold_mae(tuned, &LEARNER, context)?);
        Ok(())
    })?;
    Ok(Box::new(best.settings))
}

/// The tuned model again, by its settings.
fn recall(params: &Value, _: u64) -> Option<Box<dyn TunedModel>> {
    Some(Box::new(TunedElasticNet::deserialize(params).ok()?))
}

impl TunedModel for TunedElasticNet {
    fn params(&self) -> Value {
        json!({
            "penalty": self.penalty,
            "l1_ratio": self.l1_ratio,
            "max_iterations": MOST_SWEEPS,
            "tolerance": TOLERANCE,
            "columns": bases().len(),
        })
    }

    fn fit(&self, stones: &[&Stone], encoder: &Encoder) -> Result<Form, LearnError> {
        let design = Design::of(stones, encoder, LEARNER.link, bases());
        let dataset = Dataset::new(design.columns.clone(), design.targets.clone());
        let fitted = ElasticNet::params()
            .penalty(self.penalty)
            .l1_ratio(self.l1_ratio)
            .max_iterations(MOST_SWEEPS)
            .tolerance(TOLERANCE)
            .fit(&dataset)
            .map_err(|source| LearnError::ElasticNet { rows: stones.len(), source })?;
        Ok(design.form(fitted.intercept(), fitted.hyperplane())?)
    }
}

/// What the price may depend on.
fn bases() -> Vec<Basis> {
    let mut bases = vec![
        Basis::Ln(CARAT),
        Basis::Value(CARAT),
        Basis::Square(CARAT),
        Basis::Value(X),
        Basis::Value(DEPTH),
        Basis::Value(TABLE),
        Basis::Square(COLOR),
        Basis::Product(CARAT, CUT),
        Basis::Product(CARAT, COLOR),
        Basis::Product(CARAT, CLARITY),
        Basis::Product(COLOR, CLARITY),
        Basis::Product(CUT, CLARITY),
    ];
    bases.extend(grades());
    bases
}
