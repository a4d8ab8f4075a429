//! Any model survives its blob, and prices as its form is defined to.

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
    fn any_trees_come_back_and_price_as_they_are_defined_to(
        model in model_of(prop_oneof![4 => grown(), 2 => full(), 1 => stumps(), 1 => chain()].prop_map(Form::Trees)),
        rows in rows(),
    ) {
        model::check(&model, &rows);
    }

    #[test]
    fn any_weighted_sum_comes_back(model in model_of(sum().prop_map(Form::Linear)), rows in rows()) {
        model::check(&model, &rows);
    }
}

/// A form behind any header that it can have.
fn model_of(form: impl Strategy<Value = Form>) -> impl Strategy<Value = Model> {
    (form, any::<Index>()).prop_map(|(form, which)| {
        let fits = |model: &Model| model.form.takes_missing() == form.takes_missing();
        let headers: Vec<Header> =
            seeds::models().into_iter().filter(fits).map(|model| model.header).collect();
        Model { header: which.get(&headers).clone(), form }
    })
}

/// Rows like stones, and rows of anything.
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
        .prop_map(|(intercept, terms)| Linear::new(intercept, terms).expect("a sound sum"))
}

/// A number as models have them, or any that is finite.
fn number() -> impl Strategy<Value = f64> {
    prop_oneof![3 => -10.0..10.0, 1 => f64::NORMAL | f64::SUBNORMAL | f64::ZERO]
}

/// What is the same throughout an ensemble.
#[derive(Debug, Clone)]
struct Soil {
    base: f64,
    unit: f64,
    /// Where features may be split: so few that they repeat on a path, or hundreds.
    thresholds: Vec<f32>,
    /// Whether leaves are whole numbers.
    whole: bool,
    /// Where missing values go, if it is always the same way.
    missing_left: Option<bool>,
}

fn soil(thresholds: impl Strategy<Value = usize>) -> impl Strategy<Value = Soil> {
    let thresholds = (thresholds, 0..3).prop_flat_map(|(count, kind)| match kind {
        0 => vec((-100..7000_i16).prop_map(|number| f32::from(number) / 100.0), count).boxed(),
        1 => {
            vec(-5..300_i16, count).prop_map(|all| all.into_iter().map(f32::from).collect()).boxed()
        }
        _ => vec(f32::NORMAL | f32::SUBNORMAL | f32::ZERO, count).boxed(),
    });
    let unit = prop_oneof![4 => 1e-4..1.0, 1 => f64::POSITIVE | f64::NORMAL | f64::SUBNORMAL];
    (number(), unit, thresholds, any::<bool>(), any::<Option<bool>>()).prop_map(
        |(base, unit, thresholds, whole, missing_left)| Soil {
            base,
            unit,
            thresholds,
            whole,
            missing_left,
        },
    )
}

/// A tree before it knows its soil.
#[derive(Debug, Clone)]
enum Sketch {
    Leaf(i16, f32),
    Split(Question, Box<[Sketch; 2]>),
}

#[derive(Debug, Clone, Copy)]
struct Question {
    feature: u8,
    missing_left: bool,
    left_share: u16,
    threshold: Index,
}

fn leaf() -> impl Strategy<Value = Sketch> {
    let whole = prop_oneof![3 => -300..300_i16, 1 => any::<i16>()];
    let float = prop_oneof![3 => -1.0..1.0_f32, 1 => f32::NORMAL | f32::SUBNORMAL | f32::ZERO];
    (whole, float).prop_map(|(whole, float)| Sketch::Leaf(whole, float))
}

fn question(features: u8) -> impl Strategy<Value = Question> {
    (0..features, any::<bool>(), 1..=u16::MAX, any::<Index>()).prop_map(
        |(feature, missing_left, left_share, threshold)| Question {
            feature,
            missing_left,
            left_share,
            threshold,
        },
    )
}

/// One tree or several, of any shapes.
fn grown() -> impl Strategy<Value = Trees> {
    let tree = leaf().prop_recursive(9, 60, 2, |child| {
        let children = [child.clone(), child];
        (question(9), children).prop_map(|(question, children)| split(question, children))
    });
    let trees = prop_oneof![1 => vec(tree.clone(), 1), 3 => vec(tree, 1..12)];
    (soil(prop_oneof![1..4_usize, 20..60_usize]), trees).prop_map(|(soil, trees)| soil.grow(&trees))
}

/// Trees with all nodes that their depth has place for, or nearly all.
fn full() -> impl Strategy<Value = Trees> {
    let tree = prop_oneof![20 => 0..9_u32, 1 => Just(11)].prop_flat_map(|depth| {
        let leaves = 1_usize << depth;
        (vec((question(9), weighted(0.95)), leaves - 1), vec(leaf(), leaves))
    });
    (soil(20..200_usize), vec(tree, 1..4)).prop_map(|(soil, trees)| {
        let trees = trees.into_iter().map(|(questions, leaves)| raise(questions, leaves));
        soil.grow(&trees.collect::<Vec<_>>())
    })
}

/// Raises a tree from its leaves up. Where a question is not asked, what is to its left stands in its place.
fn raise(questions: Vec<(Question, bool)>, leaves: Vec<Sketch>) -> Sketch {
    let (mut questions, mut level) = (questions.into_iter(), leaves);
    while level.len() > 1 {
        let mut below = level.into_iter();
        let pairs = std::iter::from_fn(|| Some([below.next()?, below.next()?]));
        level = pairs
            .zip(questions.by_ref())
            .map(|([left, right], (question, is_asked))| match is_asked {
                true => split(question, [left, right]),
                false => left,
            })
            .collect();
    }
    level.remove(0)
}

/// So many thresholds of one feature or two that each takes several lanes.
fn stumps() -> impl Strategy<Value = Trees> {
    let stump =
        (question(2), [leaf(), leaf()]).prop_map(|(question, leaves)| split(question, leaves));
    (soil(300..900_usize), vec(stump, 300..900)).prop_map(|(soil, stumps)| soil.grow(&stumps))
}

/// A tree up to as deep as one may be.
fn chain() -> impl Strategy<Value = Trees> {
    let link = (question(9), leaf(), any::<bool>());
    (soil(1..100_usize), leaf(), vec(link, 1..=MAX_DEPTH)).prop_map(|(soil, end, links)| {
        let chain = links.into_iter().fold(end, |below, (question, leaf, goes_left)| {
            split(question, if goes_left { [below, leaf] } else { [leaf, below] })
        });
        soil.grow(&[chain])
    })
}

fn split(question: Question, children: [Sketch; 2]) -> Sketch {
    Sketch::Split(question, Box::new(children))
}

impl Soil {
    fn grow(&self, sketches: &[Sketch]) -> Trees {
        let (mut roots, mut nodes) = (Vec::new(), Vec::new());
        for sketch in sketches {
            roots.push(place(&nodes));
            self.grow_node(sketch, &mut nodes);
        }
        Trees::new(self.base, self.unit, roots, nodes).expect("sound trees")
    }

    fn grow_node(&self, sketch: &Sketch, nodes: &mut Vec<Node>) {
        match sketch {
            Sketch::Leaf(whole, _) if self.whole => nodes.push(Node::Leaf(f32::from(*whole))),
            Sketch::Leaf(_, float) => nodes.push(Node::Leaf(*float)),
            Sketch::Split(question, children) => {
                let Question { feature, missing_left, left_share, threshold } = *question;
                let missing_left = self.missing_left.unwrap_or(missing_left);
                let threshold = *threshold.get(&self.thresholds);
                let at = nodes.len();
                nodes.push(Node::Leaf(0.0));
                self.grow_node(&children[0], nodes);
                let right = place(nodes);
                nodes[at] = Node::Split { feature, missing_left, left_share, threshold, right };
                self.grow_node(&children[1], nodes);
            }
        }
    }
}

fn place(nodes: &[Node]) -> u32 {
    u32::try_from(nodes.len()).expect("a few nodes")
}
