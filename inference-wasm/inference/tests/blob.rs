//! Checks that random models are read back from their blobs, and that they price by the definition of their form.

use inference::form::{Basis, Linear, MAX_DEPTH, Node, Term, Trees};
use inference::{Features, Form, Header, Model};
use proptest::array::uniform10;
use proptest::bool::weighted;
use proptest::collection::vec;
use proptest::num::{f32, f64};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::RngSeed;

mod properties;

use properties::{model, seeds};

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
    vec(uniform10(value).prop_map(Features::from_values), 0..20)
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

/// What a node has as a split (feature, direction of missing values, left fraction, threshold) and as a leaf (whole, f32).
type Sketch = (u8, bool, u16, Index, i16, f32);

/// The nodes of a tree in preorder, each with whether it is a split. Where they end too early, leaves follow.
type TreeSketch = Vec<(bool, Sketch)>;

fn sketch(features: u8) -> impl Strategy<Value = Sketch> + Clone {
    let whole = prop_oneof![3 => -300..300_i16, 1 => any::<i16>()];
    let float = prop_oneof![3 => -1.0..1.0_f32, 1 => f32::NORMAL | f32::SUBNORMAL | f32::ZERO];
    (0..features, any::<bool>(), 1..=u16::MAX, any::<Index>(), whole, float)
}

/// One tree or several, of any shapes.
fn grown() -> impl Strategy<Value = Trees> {
    let tree = vec((weighted(0.6), sketch(10)), 1..60);
    let trees = prop_oneof![1 => vec(tree.clone(), 1), 3 => vec(tree, 1..12)];
    (shared(prop_oneof![1..4_usize, 20..60_usize]), trees)
        .prop_map(|(shared, trees)| shared.grow(9, &trees))
}

/// Perfect trees, or nearly perfect ones.
fn full() -> impl Strategy<Value = Trees> {
    let depth = prop_oneof![20 => 0..9_usize, 1 => Just(11)];
    let trees = depth.prop_flat_map(|depth| {
        let tree = vec((weighted(0.95), sketch(10)), 2 << depth);
        (Just(depth), vec(tree, 1..4))
    });
    (shared(20..200_usize), trees).prop_map(|(shared, (depth, trees))| shared.grow(depth, &trees))
}

/// Stumps on one or two features, with so many thresholds that each feature takes several lanes.
fn stumps() -> impl Strategy<Value = Trees> {
    let stump = vec((Just(true), sketch(2)), 3);
    (shared(300..900_usize), vec(stump, 300..900))
        .prop_map(|(shared, stumps)| shared.grow(1, &stumps))
}

/// A chain up to the maximum depth.
fn chain() -> impl Strategy<Value = Trees> {
    let links = vec((sketch(10), sketch(10), any::<bool>()), 1..=MAX_DEPTH);
    (shared(1..100_usize), links).prop_map(|(shared, links)| {
        let nodes = links.into_iter().flat_map(|(split, leaf, is_leaf_left)| {
            [(true, split), (false, leaf)].into_iter().take(if is_leaf_left { 2 } else { 1 })
        });
        shared.grow(MAX_DEPTH, &[nodes.collect()])
    })
}

impl Shared {
    fn grow(&self, max_depth: usize, trees: &[TreeSketch]) -> Trees {
        let (mut roots, mut nodes) = (Vec::new(), Vec::new());
        for tree in trees {
            roots.push(next_index(&nodes));
            let leaves = tree.iter().map(|(_, sketch)| (false, *sketch)).cycle();
            self.grow_node(max_depth, &mut tree.iter().copied().chain(leaves), &mut nodes);
        }
        Trees::new(self.base, self.unit, roots, nodes).expect("valid trees")
    }

    fn grow_node(
        &self,
        max_depth: usize,
        sketches: &mut dyn Iterator<Item = (bool, Sketch)>,
        nodes: &mut Vec<Node>,
    ) {
        let (is_split, sketch) = sketches.next().expect("leaves never end");
        let (feature, missing_left, left_fraction, threshold, whole, float) = sketch;
        let at = nodes.len();
        nodes.push(Node::Leaf(if self.whole { f32::from(whole) } else { float }));
        if is_split && max_depth > 0 {
            self.grow_node(max_depth - 1, sketches, nodes);
            let right = next_index(nodes);
            let missing_left = self.missing_left.unwrap_or(missing_left);
            let threshold = *threshold.get(&self.thresholds);
            nodes[at] = Node::Split { feature, missing_left, left_fraction, threshold, right };
            self.grow_node(max_depth - 1, sketches, nodes);
        }
    }
}

fn next_index(nodes: &[Node]) -> u32 {
    u32::try_from(nodes.len()).expect("a few nodes")
}
