//! Checks that hold for any model: shared by the tests with random models, with decoded bytes, and by the fuzz targets.

use inference::blob::{decode, encode};
use inference::features::FEATURE_COUNT;
use inference::form::{Linear, Node, Term, Trees};
use inference::{
    Diamond, Encoder, Explanation, Features, Form, Measures, Model, ModelId, Predictor, image,
};

use super::stones::stones;

/// The tolerance between two orders of adding f64, relative to the sum of all sizes.
const ORDER: f64 = 1e-12;

/// The tolerance for an explanation, whose numbers are multiplied dozens of times.
const EXPLAINED: f64 = 1e-9;

/// Runs all checks; `rows` are priced among others.
pub(crate) fn check(model: &Model, rows: &[Features]) {
    let rows = [rows, &edge_rows(&model.form)].concat();
    check_coding(model, &rows);
    check_rows(&model.form, &rows);
    check_stones(model);
    check_image(model, &rows);
}

/// A model is read back from its blob: the same margins to the bit, the same nodes except for rounded left fractions. Its
/// blob is written again as the same bytes.
fn check_coding(model: &Model, rows: &[Features]) {
    let blob = encode(model).expect("a model can be written");
    let found = decode(&blob).expect("what was written can be read");
    assert_eq!(found.header, model.header);
    for row in rows {
        assert_same(found.form.margin(row), model.form.margin(row), row);
    }
    match (&found.form, &model.form) {
        (Form::Trees(found), Form::Trees(given)) => check_nodes(found, given),
        (found, given) => assert_eq!(found, given),
    }
    assert!(encode(&found).expect("what was read can be written") == blob, "other bytes");
}

/// The image of a model gives the same prices, ranges and warnings as its blob, to the bit.
fn check_image(model: &Model, rows: &[Features]) {
    let blob = encode(model).expect("a model can be written");
    let image = image::encode(&blob).expect("a blob has an image");
    let loaded = image::decode(&image).expect("what was written can be read");
    let predictor = Predictor::from_blob(&blob).expect("a blob can be read");
    assert_eq!(loaded.id, ModelId::of(&blob));
    assert_eq!(loaded.predictor.header(), predictor.header());
    for row in rows {
        assert_same(loaded.predictor.price_of(row), predictor.price_of(row), row);
    }
    for stone in stones() {
        // Compared as text, in which every f64 has its own digits and NaN equals NaN.
        let [found, given] = [loaded.predictor.estimate(&stone), predictor.estimate(&stone)];
        assert_eq!(format!("{found:?}"), format!("{given:?}"));
    }
}

/// FORMAT.md: the left fraction of a root has 8 bits where leaves are whole, else 13, and is neither 0 nor 1.
fn check_nodes(found: &Trees, given: &Trees) {
    assert_eq!(found.roots(), given.roots());
    assert_eq!(found.nodes().len(), given.nodes().len());
    assert_eq!(found.is_whole(), given.is_whole());
    let without_fraction = |node: &Node| match *node {
        Node::Split { feature, missing_left, threshold, right, left_fraction: _ } => {
            Node::Split { feature, missing_left, left_fraction: 0, threshold, right }
        }
        leaf @ Node::Leaf(_) => leaf,
    };
    for (found, given) in found.nodes().iter().zip(given.nodes()) {
        assert_eq!(without_fraction(found), without_fraction(given));
    }
    let step = if given.is_whole() { 1 << 8 } else { 1 << 3 };
    for root in given.roots() {
        if let (
            Node::Split { left_fraction: found, .. },
            Node::Split { left_fraction: given, .. },
        ) = (found.nodes()[*root as usize], given.nodes()[*root as usize])
        {
            assert!(found.abs_diff(given) < step, "left fraction {given} became {found}");
        }
    }
}

/// Margins equal their definition, in a batch and one by one, and the parts of an explanation add up to them.
fn check_rows(form: &Form, rows: &[Features]) {
    let mut margins = vec![f64::NAN; rows.len()];
    form.margins(rows, &mut margins);
    for (row, together) in rows.iter().zip(margins) {
        let margin = form.margin(row);
        assert_same(together, margin, row);
        let trees = match form {
            Form::Trees(trees) => trees,
            Form::Linear(linear) => {
                // Adding 0 turns -0 into 0; the sign of a zero sum does not matter.
                assert_same(margin + 0.0, sum(linear, row) + 0.0, row);
                continue;
            }
        };
        let Defined { margin: defined, size } = Defined::of(trees, row);
        if trees.is_whole() {
            assert_same(margin, defined, row);
        }
        assert_close(margin, defined, ORDER * size, row);
        let Explanation { base_margin, effects } = Explanation::of(form, row);
        assert_close(base_margin + effects.iter().sum::<f64>(), margin, EXPLAINED * size, row);
    }
}

/// The margin by the definition of `Linear`.
fn sum(linear: &Linear, row: &Features) -> f64 {
    let summand = |term: &Term| term.weight * term.basis.of(row);
    linear.terms().iter().fold(linear.intercept(), |sum, term| sum + summand(term))
}

/// The margin by the definition of `Trees`.
struct Defined {
    margin: f64,
    /// The sum of the sizes of the base and of the largest leaf of every tree; tolerances are relative to it.
    size: f64,
}

impl Defined {
    fn of(trees: &Trees, row: &Features) -> Defined {
        let nodes = trees.nodes();
        let sum: f64 = trees.roots().iter().map(|root| leaf(nodes, *root as usize, row)).sum();
        let largest = trees.spans().map(|tree| {
            nodes[tree].iter().fold(0.0, |largest: f64, node| match *node {
                Node::Leaf(value) => largest.max(f64::from(value).abs()),
                Node::Split { .. } => largest,
            })
        });
        Defined {
            margin: trees.base() + trees.unit() * sum,
            size: trees.base().abs() + trees.unit() * largest.sum::<f64>(),
        }
    }
}

/// The leaf that a row falls into, walked test by test.
#[expect(clippy::cast_possible_truncation, reason = "the definition compares in f32")]
fn leaf(nodes: &[Node], root: usize, row: &Features) -> f64 {
    let mut at = root;
    loop {
        match nodes[at] {
            Node::Leaf(value) => return f64::from(value),
            Node::Split { feature, missing_left, threshold, right, .. } => {
                let value = row.values()[usize::from(feature)] as f32;
                let goes_left = if value.is_nan() { missing_left } else { value < threshold };
                at = if goes_left { at + 1 } else { right as usize };
            }
        }
    }
}

/// Stones have a price, a range around it, and parts that add up to it in cents. Turning a stone changes none of that.
fn check_stones(model: &Model) {
    let predictor = Predictor::new(model.clone());
    for stone in stones() {
        let estimate = predictor.estimate(&stone);
        if let Encoder::Proportions(..) = model.header.encoder {
            let turned = turned(&stone);
            // Compared as text, in which NaN equals NaN.
            assert_eq!(format!("{:?}", predictor.estimate(&turned)), format!("{estimate:?}"));
            let [one, other] = [predictor.explain(&turned), predictor.explain(&stone)];
            assert_eq!(format!("{one:?}"), format!("{other:?}"));
        }
        for listed in &estimate.price_lists {
            let by_list = predictor.estimate(&Diamond { price_list: Some(listed.list), ..stone });
            assert_same(listed.price_usd, by_list.price_usd, &Features::of(&stone));
            assert_eq!(format!("{:?}", listed.range), format!("{:?}", by_list.range));
            if let Some(range) = estimate.range
                && listed.price_usd.is_finite()
            {
                assert!(range.low_usd <= listed.price_usd, "{estimate:?}");
                assert!(range.high_usd >= listed.price_usd, "{estimate:?}");
            }
        }
        assert!(estimate.price_usd.is_nan() || estimate.price_usd >= 0.0, "{estimate:?}");
        if let Some(range) = estimate.range
            && estimate.price_usd.is_finite()
        {
            assert!(range.low_usd <= estimate.price_usd, "{estimate:?}");
            assert!(range.high_usd >= estimate.price_usd, "{estimate:?}");
        }
        let Some(parts) = predictor.explain(&stone) else { continue };
        let sum: i128 = parts.iter().map(|part| cents(part.effect_usd)).sum();
        assert_eq!(sum, cents(estimate.price_usd), "{parts:?} of {estimate:?}");
    }
}

/// The stone with x and y exchanged.
fn turned(stone: &Diamond) -> Diamond {
    let Measures { x, y, .. } = stone.measures;
    Diamond { measures: Measures { x: y, y: x, ..stone.measures }, ..*stone }
}

#[expect(clippy::cast_possible_truncation, reason = "an i128 holds any number of cents")]
fn cents(usd: f64) -> i128 {
    (usd * 100.0).round() as i128
}

/// Rows of ordinary, extreme and missing values, and rows with values at and next to the thresholds of the form.
fn edge_rows(form: &Form) -> Vec<Features> {
    let mut rows = [
        0.0,
        -0.0,
        1.0,
        0.5,
        4.0,
        7.0,
        8.0,
        256.0,
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::MAX,
        f64::MIN,
        f64::MIN_POSITIVE,
    ]
    .map(|value| Features::from_values([value; FEATURE_COUNT]))
    .to_vec();
    let Form::Trees(trees) = form else { return rows };
    let mut thresholds = [const { Vec::new() }; FEATURE_COUNT];
    for node in trees.nodes() {
        if let Node::Split { feature, threshold, .. } = *node {
            thresholds[usize::from(feature)].push(threshold);
        }
    }
    rows.extend((0..12).map(|at| {
        Features::from_values(std::array::from_fn(|feature| {
            let of_feature = &thresholds[feature];
            // Steps that share no factor, so that rows do not repeat each other's mixtures.
            let Some(threshold) = of_feature.get(at * 7919 % of_feature.len().max(1)) else {
                return f64::NAN;
            };
            match (at + feature) % 4 {
                0 => f64::from(*threshold),
                1 => f64::from(threshold.next_down()),
                2 => f64::from(*threshold).next_down(),
                _ => f64::NAN,
            }
        }))
    }));
    rows
}

/// Asserts equality to the bit; any NaN equals any other.
fn assert_same(found: f64, expected: f64, row: &Features) {
    let are_same = found.to_bits() == expected.to_bits() || found.is_nan() && expected.is_nan();
    assert!(are_same, "{found} and {expected} for {row:?}");
}

/// Asserts closeness where all are finite.
fn assert_close(found: f64, expected: f64, tolerance: f64, row: &Features) {
    if found.is_finite() && expected.is_finite() && tolerance.is_finite() {
        assert!((found - expected).abs() <= tolerance, "{found} and {expected} for {row:?}");
    }
}
