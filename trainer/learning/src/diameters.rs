//! Measures how much the prices of a model depend on the order of a stone's two diameters.

use inference::{Diamond, Measures, Predictor};
use serde::Serialize;

use crate::statistics::mean;
use data::stone::Stone;

/// By how much prices change, up or down, when x and y are exchanged, that is when stones are turned.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ExchangedChange {
    /// The mean over all stones, in percent of the price.
    pub mean_change_percent: f64,
    /// The largest change, in percent.
    pub max_change_percent: f64,
}

/// The change over stones of known measures; `None` where no price changes.
pub fn exchanged_change(model: &Predictor, stones: &[&Stone]) -> Option<ExchangedChange> {
    let change_percent = |stone: &&Stone| {
        let [before_usd, after_usd] =
            [stone.diamond, turned(stone.diamond)].map(|diamond| model.price_usd(&diamond));
        100.0 * (after_usd / before_usd - 1.0).abs()
    };
    let changes = stones.iter().map(change_percent).filter(|percent| percent.is_finite());
    let changes: Vec<f64> = changes.collect();
    let max_change_percent = changes.iter().copied().fold(0.0, f64::max);
    let mean_change_percent = mean(&changes)?;
    (max_change_percent > 0.0)
        .then_some(ExchangedChange { mean_change_percent, max_change_percent })
}

/// The same stone with x and y exchanged.
fn turned(diamond: Diamond) -> Diamond {
    let Measures { x, y, .. } = diamond.measures;
    Diamond { measures: Measures { x: y, y: x, ..diamond.measures }, ..diamond }
}

#[cfg(test)]
mod tests {
    use data::dataset::Dataset;
    use inference::blob::{Header, Model};
    use inference::form::{Basis, Linear, Term};
    use inference::{Encoder, Form, Link};

    use super::*;

    #[test]
    fn only_a_model_that_sees_one_diameter_changes_its_prices() {
        let dataset = Dataset::diamonds(100);
        let stones = dataset.usable().0;
        let change = |features: &[u8]| {
            let term =
                |feature: &u8| Term { basis: Basis::Value(*feature), weight: 1.0, mean: 0.0 };
            let terms = features.iter().map(term).collect();
            let header = Header::new("test", Encoder::Passthrough, Link::Log);
            let form = Form::Linear(Linear::new(1.0, terms).unwrap());
            exchanged_change(&Predictor::new(Model { header, form }), &stones)
        };
        assert_eq!(change(&[0, 8]), None);
        let ExchangedChange { mean_change_percent, max_change_percent } = change(&[6]).unwrap();
        assert!(0.0 < mean_change_percent && mean_change_percent < max_change_percent);
    }
}
