//! Checks that random models are read back from their blobs, and that they price by the definition of their form.

use inference::form::{Basis, Linear, MAX_DEPTH, Node, Term, Trees};
use inference::{Features, Form, Header, Model};
use proptest::array::uniform9;
use proptest::bool::weighted;
use proptest::collection::vec;
use proptest::num::{f32, f64};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::RngSeed;

#[path = "properties/model.rs"]
mod model;

#[path = "properties/stones.rs"]
mod stones;

#[path = "properties/seeds.rs"]
mod seeds;

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1000,
        rng_seed: RngSeed::Fixed(42),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_trees_are_read_back_and_price_by_definition(
        model in model_of(prop_oneof![4 => grown(), 2 => full(), 1 => stumps(), 1 => chain()].prop_map(Form::Trees)),
        rows in rows(),
    ) {
        model::check(&model, &rows);
    }

    #[test]
    fn any_weighted_sum_is_read_back(model in model_of(sum().prop_map(Form::Linear)), rows in rows()) {
        model::check(&model, &rows);
    }
}

/// A model with any header that fits the form.
fn model_of(form: impl Strategy<Value = Form>) -> impl Strategy<Value = Model> {
    (form, any::<Index>()).prop_map(|(form, which)| {
        let fits = |model: &Model| model.form.takes_missing() == form.takes_missing();
        let headers: Vec<Header> =
            seeds::models().into_iter().filter(fits).map(|model| model.header).collect();
        Model { header: which.get(&headers).clone(), form }
    })
}

/// Rows like stones, and rows of any numbers.
fn rows() -> impl Strategy<Value = Vec<Features>> {
    let value = prop_oneof![
        3 => 0.0..70.0,
        2 => (0..9_u8).prop_map(::core::primitive::f64::from),
        1 => f64::ANY,
        1 => Just(::core::primitive::f64::NAN),
    ];
    vec(uniform9(value).prop_map(Features::from_values), 0..20)
}

fn sum() -> impl Strategy<Value = Linear> {
    let basis = prop_oneof![
        1 => (0..9_u8).prop_map(Basis::Value),
        1 => (0..9_u8).prop_map(Basis::Square),
        1 => select(vec![0_u8, 4, 5, 6, 7, 8]).prop_map(Basis::Ln),
        3 => (0..9_u8, prop_oneof![3 => 0..9_u8, 1 => any::<u8>()])
            .prop_map(|(feature, level)| Basis::Level(feature, level)),
        1 => (0..9_u8, 0..9_u8).prop_map(|(one, other)| Basis::Product(one, other)),
    ];
    let term =
        (basis, number(), number()).prop_map(|(basis, weight, mean)| Term { basis, weight, mean });
    (number(), vec(term, 0..30))
        .prop_map(|(intercept, terms)| Linear::new(intercept, terms).expect("a valid sum"))
}

/// A typical number, or any finite one.
fn number() -> impl Strategy<Value = f64> {
    prop_oneof![3 => -10.0..10.0, 1 => f64::NORMAL | f64::SUBNORMAL | f64::ZERO]
}

/// What all trees of an ensemble share.
#[derive(Debug, Clone)]
struct Shared {
    base: f64,
    unit: f64,
    /// The possible thresholds: so few that they repeat on a path, or hundreds.
    thresholds: Vec<f32>,
    /// Whether leaves are whole numbers.
    whole: bool,
    /// The direction of missing values, if it is always the same.
    missing_left: Option<bool>,
}

fn shared(thresholds: impl Strategy<Value = usize>) -> impl Strategy<Value = Shared> {
    let thresholds = (thresholds, 0..3).prop_flat_map(|(count, kind)| match kind {
        0 => vec((-100..7000_i16).prop_map(|number| f32::from(number) / 100.0), count).boxed(),
        1 => {
            vec(-5..300_i16, count).prop_map(|all| all.into_iter().map(f32::from).collect()).boxed()
        }
        _ => vec(f32::NORMAL | f32::SUBNORMAL | f32::ZERO, count).boxed(),
    });
    let unit = prop_oneof![4 => 1e-4..1.0, 1 => f64::POSITIVE | f64::NORMAL | f64::SUBNORMAL];
    (number(), unit, thresholds, any::<bool>(), any::<Option<bool>>()).prop_map(
        |(base, unit, thresholds, whole, missing_left)| Shared {
            base,
            unit,
            thresholds,
            whole,
            missing_left,
        },
    )
}

/// A tree before it has thresholds and directions.
#[derive(Debug, Clone)]
enum Sketch {
    Leaf(i16, f32),
    Split(SplitSketch, Box<[Sketch; 2]>),
}

#[derive(Debug, Clone, Copy)]
struct SplitSketch {
    feature: u8,
    missing_left: bool,
    left_fraction: u16,
    threshold: Index,
}

fn leaf() -> impl Strategy<Value = Sketch> {
    let whole = prop_oneof![3 => -300..300_i16, 1 => any::<i16>()];
    let float = prop_oneof![3 => -1.0..1.0_f32, 1 => f32::NORMAL | f32::SUBNORMAL | f32::ZERO];
    (whole, float).prop_map(|(whole, float)| Sketch::Leaf(whole, float))
}

fn split_sketch(features: u8) -> impl Strategy<Value = SplitSketch> {
    (0..features, any::<bool>(), 1..=u16::MAX, any::<Index>()).prop_map(
        |(feature, missing_left, left_fraction, threshold)| SplitSketch {
            feature,
            missing_left,
            left_fraction,
            threshold,
        },
    )
}

/// One tree or several, of any shapes.
fn grown() -> impl Strategy<Value = Trees> {
    let tree = leaf().prop_recursive(9, 60, 2, |child| {
        let children = [child.clone(), child];
        (split_sketch(9), children)
            .prop_map(|(split_sketch, children)| split(split_sketch, children))
    });
    let trees = prop_oneof![1 => vec(tree.clone(), 1), 3 => vec(tree, 1..12)];
    (shared(prop_oneof![1..4_usize, 20..60_usize]), trees)
        .prop_map(|(shared, trees)| shared.grow(&trees))
}

/// Perfect trees, or nearly perfect ones.
fn full() -> impl Strategy<Value = Trees> {
    let tree = prop_oneof![20 => 0..9_u32, 1 => Just(11)].prop_flat_map(|depth| {
        let leaves = 1_usize << depth;
        (vec((split_sketch(9), weighted(0.95)), leaves - 1), vec(leaf(), leaves))
    });
    (shared(20..200_usize), vec(tree, 1..4)).prop_map(|(shared, trees)| {
        let trees = trees.into_iter().map(|(split_sketchs, leaves)| build(split_sketchs, leaves));
        shared.grow(&trees.collect::<Vec<_>>())
    })
}

/// Builds a tree from its leaves up. Where a split is left out, its left child takes its place.
fn build(split_sketchs: Vec<(SplitSketch, bool)>, leaves: Vec<Sketch>) -> Sketch {
    let (mut split_sketchs, mut level) = (split_sketchs.into_iter(), leaves);
    while level.len() > 1 {
        let mut below = level.into_iter();
        let pairs = std::iter::from_fn(|| Some([below.next()?, below.next()?]));
        level = pairs
            .zip(split_sketchs.by_ref())
            .map(|([left, right], (split_sketch, is_kept))| match is_kept {
                true => split(split_sketch, [left, right]),
                false => left,
            })
            .collect();
    }
    level.remove(0)
}

/// Stumps on one or two features, with so many thresholds that each feature takes several lanes.
fn stumps() -> impl Strategy<Value = Trees> {
    let stump = (split_sketch(2), [leaf(), leaf()])
        .prop_map(|(split_sketch, leaves)| split(split_sketch, leaves));
    (shared(300..900_usize), vec(stump, 300..900)).prop_map(|(shared, stumps)| shared.grow(&stumps))
}

/// A chain up to the maximum depth.
fn chain() -> impl Strategy<Value = Trees> {
    let link = (split_sketch(9), leaf(), any::<bool>());
    (shared(1..100_usize), leaf(), vec(link, 1..=MAX_DEPTH)).prop_map(|(shared, end, links)| {
        let chain = links.into_iter().fold(end, |below, (split_sketch, leaf, goes_left)| {
            split(split_sketch, if goes_left { [below, leaf] } else { [leaf, below] })
        });
        shared.grow(&[chain])
    })
}

fn split(split_sketch: SplitSketch, children: [Sketch; 2]) -> Sketch {
    Sketch::Split(split_sketch, Box::new(children))
}

impl Shared {
    fn grow(&self, sketches: &[Sketch]) -> Trees {
        let (mut roots, mut nodes) = (Vec::new(), Vec::new());
        for sketch in sketches {
            roots.push(next_index(&nodes));
            self.grow_node(sketch, &mut nodes);
        }
        Trees::new(self.base, self.unit, roots, nodes).expect("valid trees")
    }

    fn grow_node(&self, sketch: &Sketch, nodes: &mut Vec<Node>) {
        match sketch {
            Sketch::Leaf(whole, _) if self.whole => nodes.push(Node::Leaf(f32::from(*whole))),
            Sketch::Leaf(_, float) => nodes.push(Node::Leaf(*float)),
            Sketch::Split(split_sketch, children) => {
                let SplitSketch { feature, missing_left, left_fraction, threshold } = *split_sketch;
                let missing_left = self.missing_left.unwrap_or(missing_left);
                let threshold = *threshold.get(&self.thresholds);
                let at = nodes.len();
                nodes.push(Node::Leaf(0.0));
                self.grow_node(&children[0], nodes);
                let right = next_index(nodes);
                nodes[at] = Node::Split { feature, missing_left, left_fraction, threshold, right };
                self.grow_node(&children[1], nodes);
            }
        }
    }
}

fn next_index(nodes: &[Node]) -> u32 {
    u32::try_from(nodes.len()).expect("a few nodes")
}
