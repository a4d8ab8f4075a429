//! Checks that pricing does not allocate. A component's memory only grows, so each allocation per stone would count.

use allocation_counter::measure;
use inference::features::FEATURE_COUNT;
use inference::{Diamond, Features, Form, Predictor};

mod properties;

use properties::{seeds, stones};

/// Checks that `price` allocates nothing, with every kind of form and header. The stone has all measures and a
/// price list where the model knows some, so that no model warns.
fn check<T>(what: &str, price: impl Fn(&Predictor, &Diamond) -> T) {
    let [stone, listed, ..] = stones::stones();
    for model in seeds::models() {
        let predictor = Predictor::new(model);
        let stone = if predictor.price_lists().is_empty() { stone } else { listed };
        let info = measure(|| drop(price(&predictor, &stone)));
        assert_eq!(info.count_total, 0, "{what}, {:?}", predictor.header());
    }
}

#[test]
fn a_price_allocates_nothing() {
    check("price_usd", Predictor::price_usd);
    check("price_of", |predictor, stone| predictor.price_of(&Features::of(stone)));
    check("price_of, missing", |predictor, _| {
        predictor.price_of(&Features::from_values([f64::NAN; FEATURE_COUNT]))
    });
}

#[test]
fn the_margins_of_a_batch_allocate_nothing() {
    check("margins", |predictor, stone| {
        let mut margins = [0.0; 35];
        predictor.form().margins(&[Features::of(stone); 35], &mut margins);
        margins
    });
}

#[test]
fn an_estimate_without_a_warning_allocates_nothing() {
    check("estimate", |predictor, stone| {
        let estimate = predictor.estimate(stone);
        assert!(estimate.warnings.is_empty(), "{estimate:?}");
        estimate
    });
}

#[test]
fn an_allocation_is_counted() {
    let trees = seeds::models().into_iter().find(|model| matches!(model.form, Form::Trees(_)));
    let predictor = Predictor::new(trees.expect("a model of trees"));
    let [stone, ..] = stones::stones();
    assert!(measure(|| drop(predictor.explain(&stone))).count_total > 0);
}
