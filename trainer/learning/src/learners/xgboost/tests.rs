//! Compares the blob's trees with XGBoost's own predictions.

use inference::blob::{self, Header, Model};
use inference::features::FEATURE_COUNT;
use inference::form::Trees;
use inference::{Encoder, Explanation, Features, Form, Predictor};

use super::super::augment::without;
use super::grow::matrix;
use super::*;
use crate::evaluate::{View, metrics, predict};
use crate::{measures, price_lists};
use data::dataset::Dataset;

const SETTINGS: Settings = Settings {
    max_depth: 8,
    min_child_weight: 1.0,
    subsample: 0.8,
    colsample_bytree: 0.8,
    lambda: 1.0,
    gamma: 1e-3,
};

const GROWTH: Growth = Growth { settings: SETTINGS, eta: 0.1, patience: None, seed: 42, ..FINAL };

/// How the family sees stones like these.
fn encoder(stones: &[&Stone]) -> Encoder {
    (LEARNER.encoder)(measures::learn(stones), price_lists::learn(stones))
}

/// A form as a reader of its blob sees it.
fn through_a_blob(form: Form) -> Predictor {
    let header = Header::new(LEARNER.name, Encoder::Passthrough, LEARNER.link);
    Predictor::from_blob(&blob::encode(&Model { header, form }).unwrap()).unwrap()
}

/// Every row by XGBoost and by the blob: what XGBoost predicts, the logarithm of the price, must agree to 1e-6 relative,
/// and so the price to 1e-5. XGBoost adds its leaves in f32.
fn check(blob: &Predictor, grown: &grow::Grown, rows: &[Features]) {
    let theirs = grown.booster.predict(&matrix(rows).unwrap()).unwrap();
    assert_eq!(theirs.len(), rows.len());
    for (row, margin) in rows.iter().zip(theirs) {
        let theirs = grown.base + f64::from(margin);
        let ours = blob.form().margin(row);
        assert!((ours - theirs).abs() <= 1e-6 * theirs, "{row:?}: {ours} and {theirs}");
        let (ours, theirs) = (blob.price_of(row), Link::Log.price_usd(theirs));
        assert!((ours - theirs).abs() <= 1e-5 * theirs, "{row:?}: {ours} and {theirs}");
    }
}

/// 300 trees, grown on rows of which some lack their measures, so that they learn a direction for what is missing.
fn grown(train: &[&Stone]) -> grow::Grown {
    let rows = Matrix::of(with_unmeasured(train, &encoder(train))).unwrap();
    Growth { eta: 0.05, rounds: 300, ..GROWTH }.grow(&rows).unwrap()
}

/// The trees of one model.
fn flat(grown: &grow::Grown) -> Trees {
    flatten::flatten(std::slice::from_ref(grown)).unwrap()
}

#[test]
fn the_blob_gives_xgboosts_own_prices_whatever_is_missing() {
    let dataset = Dataset::listed_diamonds(1);
    let (stones, _) = dataset.usable();
    let (held_out, train) = stones.split_at(stones.len() / 5);
    let grown = grown(train);
    let form = Form::Trees(flat(&grown));
    let (blob, encoder) = (through_a_blob(form), encoder(train));
    let rows: Vec<Features> = held_out.iter().map(|stone| encoder.encode(&stone.diamond)).collect();
    check(&blob, &grown, &rows);
    let gappy: Vec<Features> =
        rows.iter().enumerate().map(|(at, row)| without(*row, at % (1 << FEATURE_COUNT))).collect();
    check(&blob, &grown, &gappy);
}

#[test]
fn explanations_are_xgboosts_contributions_whatever_is_missing() {
    let dataset = Dataset::listed_diamonds(1);
    let (stones, _) = dataset.usable();
    let (held_out, train) = stones.split_at(stones.len() / 5);
    let grown = grown(train);
    // A blob keeps the shares of the branches less finely than the form in memory.
    let form = Form::Trees(flat(&grown));
    let encoder = encoder(train);
    let rows: Vec<Features> = held_out
        .iter()
        .take(2 << FEATURE_COUNT)
        .map(|stone| encoder.encode(&stone.diamond))
        .enumerate()
        .map(|(at, row)| without(row, if at % 2 == 0 { 0 } else { at / 2 }))
        .collect();
    let (theirs, (count, columns)) =
        grown.booster.predict_contributions(&matrix(&rows).unwrap()).unwrap();
    assert_eq!((count, columns), (2 << FEATURE_COUNT, FEATURE_COUNT + 1));
    for (row, theirs) in rows.iter().zip(theirs.chunks_exact(columns)) {
        let Explanation { base_margin, effects } = Explanation::of(&form, row);
        // Theirs end with the base, relative to ours.
        for (ours, theirs) in effects.into_iter().chain([base_margin - grown.base]).zip(theirs) {
            assert!((ours - f64::from(*theirs)).abs() <= 1e-4, "{row:?}: {ours} and {theirs}");
        }
        let sum = base_margin + effects.iter().sum::<f64>();
        assert!((sum - form.margin(row)).abs() <= 1e-9, "{row:?}: {sum}");
    }
}

#[test]
fn stones_with_only_the_four_cs_are_priced_nearly_as_well() {
    let dataset = Dataset::listed_diamonds(1);
    let (stones, _) = dataset.usable();
    let (held_out, train) = stones.split_at(stones.len() / 5);
    let encoder = encoder(train);
    let rows = Matrix::of(with_unmeasured(train, &encoder)).unwrap();
    let grown = Growth { rounds: 150, ..GROWTH }.grow(&rows).unwrap();
    let form = Form::Trees(flat(&grown));
    let mae = |view: View| {
        let prices = predict(&form, LEARNER.link, &encoder, held_out, view);
        metrics(&prices, held_out).unwrap().mae
    };
    let (measured, four_cs) = (mae(View::Measured), mae(View::FourCs));
    assert!(measured < 280.0, "{measured}");
    assert!(four_cs < 1.12 * measured, "{four_cs} and {measured}");
}

#[test]
fn the_same_seed_grows_the_same_trees_and_another_seed_others() {
    let dataset = Dataset::listed_diamonds(1);
    let (stones, _) = dataset.usable();
    let train = Matrix::of(measured(&stones[..3000], &encoder(&stones))).unwrap();
    let train = train.binned(512).unwrap();
    let grow = |seed| flat(&Growth { rounds: 20, seed, ..GROWTH }.grow(&train).unwrap());
    // Eight at once on however many processors there are.
    let grown = in_parallel(8, |_| grow(42));
    assert!(grown.iter().all(|trees| *trees == grown[0]));
    assert_ne!(grown[0], grow(43));
}

#[test]
fn the_fewest_rounds_that_are_good_enough_are_taken() {
    let check = |curves: &[Vec<f64>], rounds| assert_eq!(enough_rounds(curves), rounds);
    check(&[vec![300.0, 200.1, 200.0, 200.3]], 2);
    check(&[vec![300.0, 260.0, 200.0], vec![300.0, 240.0, 200.0, 100.0]], 3);
    check(&[vec![]], 1);
}

#[test]
fn an_average_of_ensembles_is_the_average_of_their_margins() {
    let dataset = Dataset::listed_diamonds(20);
    let (stones, _) = dataset.usable();
    let encoder = encoder(&stones);
    let rows = Matrix::of(measured(&stones, &encoder)).unwrap();
    let growth = Growth { max_bin: 64, rounds: 30, ..GROWTH };
    let grow = |seed| Growth { seed, ..growth }.grow(&rows).unwrap();
    let grown = [grow(1), grow(2), grow(3)];
    let average = flatten::flatten(&grown).unwrap();
    let each = grown.each_ref().map(flat);
    assert_eq!(average.roots().len(), 90);
    for stone in &stones {
        let row = encoder.encode(&stone.diamond);
        let mean = each.iter().map(|trees| trees.margin(&row)).sum::<f64>() / 3.0;
        assert!((average.margin(&row) - mean).abs() < 1e-12, "{mean}");
    }
}
