//! Tests that ranges hold the share of prices they promise, on rows that trained nothing.

use inference::{Encoder, Header, Model, Predictor};

use super::*;
use crate::context::TrainingContext;
use crate::coverage::{Coverage, Part};
use crate::evaluate::{View, cross_validate};
use crate::learners::LEARNERS;
use crate::price_lists;
use crate::progress::Progress;
use crate::stop::Interruption;
use crate::trial_store::MemoryStore;
use data::dataset::Dataset;
use data::split::Split;

/// The reach of errors in dollars.
fn dollars(errors: impl IntoIterator<Item = i16>) -> Option<(f32, f32)> {
    let errors = errors.into_iter().map(f64::from).collect();
    reach(Scale::Dollars, errors).map(|Bounds { low, high }| (low, high))
}

#[test]
fn the_reach_counts_one_row_more_than_there_are() {
    assert_eq!(dollars(-8..10), None);
    assert_eq!(dollars(-9..10), Some((-9.0, 9.0)));
    assert_eq!(dollars((-49..50).rev()), Some((-45.0, 45.0)));
}

#[test]
fn the_estimate_is_in_its_range_and_the_rest_is_shared() {
    // All errors are on one side: the range holds nine in ten of them from the estimate on.
    assert_eq!(dollars(1..100), Some((0.0, 90.0)));
    assert_eq!(dollars(-99..0), Some((-90.0, 0.0)));
    // Two of the hundred ranks are on the other side already, so eight are cut off on this one.
    assert_eq!(dollars(-2..97), Some((0.0, 89.0)));
    assert_eq!(dollars(0..99), Some((0.0, 89.0)));
}

#[test]
fn rounding_leaves_out_no_row() {
    for value in [0.1, -0.1, 1.0 / 3.0, 1e-60, 1e60, 1.0, 0.0] {
        let (low, high) = (rounded_down(value), rounded_up(value));
        assert!(low.is_finite() && high.is_finite() && low <= high);
        assert!(value.abs() > 1e39 || (f64::from(low)..=f64::from(high)).contains(&value));
    }
}

#[test]
fn edges_share_values_out_evenly() {
    let check = |values: u16, groups: usize, expected: [f32; 4]| {
        let values = (0..values).rev().map(f64::from).collect();
        assert_eq!(Vec::from(edges(values, groups)), expected);
    };
    let none = f32::MIN;
    check(1000, 5, [200.0, 400.0, 600.0, 800.0]);
    check(1000, 2, [none, none, none, 500.0]);
    check(1000, 1, [none; 4]);
    check(0, 3, [none; 4]);
}

/// A family as `train` fits it, but with a single trial, and calibrated.
fn fitted(family: &str, stones: &[&Stone]) -> Predictor {
    let context = TrainingContext {
        stones,
        price_lists: price_lists::learn(stones),
        seed: 42,
        folds: 5,
        trials: 1,
        deadline: None,
        interruption: &Interruption::new(),
        trial_store: &MemoryStore::default(),
        progress: &Progress::new(),
    };
    let learner = LEARNERS.iter().find(|learner| learner.name == family).unwrap();
    let tuned = (learner.tune)(&context).unwrap();
    let prices = cross_validate(tuned.as_ref(), learner, &context).unwrap();
    let encoder = context.encoder(learner, stones);
    let header = Header {
        interval: calibrate(learner.link, &prices, stones),
        ..Header::new(family, encoder, learner.link)
    };
    Predictor::new(Model { header, form: tuned.fit(stones, &encoder).unwrap() })
}

#[test]
fn nine_in_ten_held_out_prices_are_in_range_in_every_fifth() {
    let dataset = Dataset::listed_diamonds(1);
    let split = Split::seeded(&dataset, 42).unwrap();
    // Trees take their time, and a third of the rows fills the groups too. Rows are sorted by a hash of their content.
    // The price of a weighted sum says little of its error, so its ranges are more uneven.
    for (family, one_in, of_fifth) in
        [("linear", 1, 0.05), ("log-linear", 1, 0.04), ("xgboost", 3, 0.04)]
    {
        let stones: Vec<&Stone> = split.train.iter().step_by(one_in).copied().collect();
        let predictor = fitted(family, &stones);
        for view in View::of_model(&predictor.header().encoder) {
            let coverage = Coverage::of(&predictor, &split.holdout, *view).unwrap();
            let check = |part: &Part, within: f64| {
                let off = (part.coverage - CONFIDENCE).abs();
                assert!(off <= within, "{family}, {view:?}: {part:?} of {coverage:#?}");
            };
            check(&coverage.all, 0.015);
            let fifths = [&coverage.by_price_fifth, &coverage.by_carat_fifth];
            assert!(fifths.iter().all(|fifths| fifths.len() == 5));
            fifths.into_iter().flatten().for_each(|part| check(part, of_fifth));
        }
    }
}

#[test]
fn fewer_rows_make_fewer_groups_and_in_the_end_none() {
    let groups = |every: u64, train: usize| {
        let dataset = Dataset::diamonds(every);
        let stones = &dataset.usable().0[..train];
        let prices: Vec<f64> = stones.iter().map(|stone| stone.price.usd() * 1.1).collect();
        let prices = ViewPrices::of(&Encoder::Passthrough, |_| prices.clone());
        let interval = calibrate(Link::Log, &prices, stones)?;
        assert!(interval.is_valid());
        let begin = |edges: &[f32]| 1 + edges.iter().filter(|edge| **edge > f32::MIN).count();
        let spread = interval.without_list.measured;
        Some((begin(&spread.carat_edges), begin(&spread.price_edges_usd[GROUPS - 1])))
    };
    assert_eq!(groups(10, 5000), Some((5, 5)));
    assert_eq!(groups(10, 4999), Some((4, 4)));
    assert_eq!(groups(10, 800), Some((2, 2)));
    assert_eq!(groups(10, 799), Some((1, 1)));
    assert_eq!(groups(10, 19), Some((1, 1)));
    assert_eq!(groups(10, 18), None);
}

#[test]
fn a_price_that_is_no_number_calibrates_nothing() {
    let dataset = Dataset::diamonds(100);
    let (stones, _) = dataset.usable();
    let prices = ViewPrices::of(&Encoder::Passthrough, |view| {
        vec![if view == View::FourCs { f64::NAN } else { 1.0 }; stones.len()]
    });
    assert_eq!(calibrate(Link::Log, &prices, &stones), None);
}
