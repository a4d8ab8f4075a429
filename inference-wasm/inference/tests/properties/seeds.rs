//! Builds seed models, one of each kind that a blob can hold.

use inference::blob::{Origin, Scores};
use inference::domain::{DESCRIBED, Size};
use inference::form::{Basis, Linear, MAX_DEPTH, Node, Term, Trees};
use inference::interval::{Bounds, ByMeasures, Scale};
use inference::rare_grades::{COMBINATIONS, RareGrades};
use inference::{
    ConformalTable, Domain, Encoder, Form, Header, Link, MeasureImputer, Metrics, Model,
    PredictionInterval, PriceLists,
};

use super::random::Random;

pub(crate) const IMPUTER: MeasureImputer =
    MeasureImputer { depth_percent: [62.0; 5], table_percent: [57.0; 5], width_mm: [6.4; 5] };

/// All seed models, the same at every call.
pub(crate) fn models() -> Vec<Model> {
    let plain = Header::new("seed", Encoder::Impute(IMPUTER), Link::Log);
    let full = full_header(&plain);
    let model = |header: &Header, form| Model { header: header.clone(), form };
    let mut models = vec![
        model(&plain, linear([Basis::Ln(0), Basis::Level(3, 7)])),
        model(&full, linear([Basis::Value(0), Basis::Square(0), Basis::Product(0, 6)])),
        model(&full, linear([])),
    ];
    let keep = Header { encoder: Encoder::Passthrough, link: Link::Identity, ..full.clone() };
    let kinds = [
        // Whole leaves, all missing values to the right, decimal thresholds, several layers of blocks.
        Kind { trees: 2, depth: 8, thresholds: 20, digits: 10.0, ..Kind::default() },
        // A learner's own leaves, missing values in both directions.
        Kind { trees: 3, depth: 5, thresholds: 50, digits: 100.0, exact: true, mixed: true },
        // Thresholds that are not decimals, shallow trees.
        Kind { trees: 8, depth: 2, thresholds: 9, digits: 0.3, mixed: true, ..Kind::default() },
        // More lanes than fit a register: no perfect trees.
        Kind {
            trees: 6,
            depth: 7,
            thresholds: 700,
            digits: 1000.0,
            mixed: true,
            ..Kind::default()
        },
        // Single leaves, so many that the payload is padded.
        Kind { trees: 900, depth: 0, thresholds: 1, digits: 1.0, ..Kind::default() },
    ];
    models.extend(kinds.into_iter().map(|kind| model(&keep, Form::Trees(kind.grow()))));
    models.push(model(&plain, Form::Trees(chain())));
    let lists = PriceLists::of(["A", "B"].map(|name| name.parse().expect("a name")));
    let lists = lists.expect("two lists");
    let mut shapes = Header { encoder: Encoder::Proportions(IMPUTER, lists), ..full.clone() };
    let interval = shapes.interval.as_mut().expect("every optional field");
    let in_list = ConformalTable::even(Scale::Factor, Bounds { low: 0.9, high: 1.125 });
    interval.in_list = Some(ByMeasures { measured: in_list, unmeasured: in_list });
    let kind = Kind { trees: 4, depth: 6, thresholds: 90, digits: 10.0, ..Kind::default() };
    models.push(model(&shapes, Form::Trees(kind.grow())));
    models
}

/// A header with every optional field.
fn full_header(plain: &Header) -> Header {
    let metrics = Metrics {
        mae: 268.9,
        rmse: 530.0,
        r2: 0.98,
        mape: 0.06,
        within_10_percent: 0.8,
        n: 10_695,
    };
    Header {
        interval: Some(PredictionInterval {
            confidence: 0.9,
            without_list: ByMeasures {
                measured: ConformalTable::even(Scale::Factor, Bounds { low: 0.8, high: 1.25 }),
                unmeasured: ConformalTable::even(
                    Scale::Dollars,
                    Bounds { low: -300.0, high: 200.0 },
                ),
            },
            in_list: None,
        }),
        domain: Some(Domain {
            properties: [[0.0, 100.0]; DESCRIBED],
            price_usd: [0.0, 1e9],
            rare_grades: RareGrades::of(&[7; COMBINATIONS], 5),
            size: Size { volume_mm3: [100.0, 200.0], sides_mm: [[3.0, 7.0]; 3] },
        }),
        prices_in: Some("USD 2008".parse().expect("a currency and a year")),
        scores: Scores { train: Some(metrics), holdout: Some(metrics), cv: Some(metrics) },
        origin: Origin { dataset_sha256: [7; 32], split_sha256: [8; 32], seed: 42 },
        ..plain.clone()
    }
}

fn linear<const N: usize>(bases: [Basis; N]) -> Form {
    let terms = bases.map(|basis| Term { basis, weight: 1.7, mean: -0.4 });
    Form::Linear(Linear::new(8.4, terms.to_vec()).expect("a valid sum"))
}

/// A split of the carat, which sends missing values left, with two leaves.
pub(crate) fn stump(threshold: f32, [left, right]: [f32; 2]) -> Vec<Node> {
    let (missing_left, left_fraction) = (true, 1 << 15);
    let split = Node::Split { feature: 0, missing_left, left_fraction, threshold, right: 2 };
    vec![split, Node::Leaf(left), Node::Leaf(right)]
}

/// A tree of the maximum depth that repeats one test.
fn chain() -> Trees {
    let mut nodes = Vec::new();
    for level in 1..=MAX_DEPTH {
        nodes.push(Node::Split {
            feature: 4,
            missing_left: false,
            left_fraction: 60_000,
            threshold: 61.5,
            right: 2 * u32::try_from(level).expect("a few levels"),
        });
        nodes.push(Node::Leaf(f32::from(u8::try_from(level).expect("a few levels"))));
    }
    nodes.push(Node::Leaf(-7.0));
    Trees::new(8.0, 0.001, vec![0], nodes).expect("valid trees")
}

/// The properties of a random ensemble.
#[derive(Clone, Copy, Default)]
struct Kind {
    trees: usize,
    depth: usize,
    /// How many thresholds each feature has at most, and what they are divided by.
    thresholds: u32,
    digits: f32,
    exact: bool,
    mixed: bool,
}

impl Kind {
    fn grow(self) -> Trees {
        let (mut nodes, mut roots, mut random) = (Vec::new(), Vec::new(), Random(7));
        for _ in 0..self.trees {
            roots.push(u32::try_from(nodes.len()).expect("a few nodes"));
            self.grow_node(&mut nodes, 0, &mut random);
        }
        let unit = if self.exact { 1.0 } else { 0.001 };
        Trees::new(8.0, unit, roots, nodes).expect("valid trees")
    }

    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    fn grow_node(self, nodes: &mut Vec<Node>, level: usize, random: &mut Random) {
        if level == self.depth || level > 0 && random.below(30) == 0 {
            let units = random.below(600) as f32 - 300.0;
            nodes.push(Node::Leaf(if self.exact { units / 7.0 } else { units }));
            return;
        }
        let at = nodes.len();
        let feature = u8::try_from(random.below(10)).expect("a feature");
        let missing_left = self.mixed && random.below(2) == 0;
        let left_fraction = u16::try_from(1 + random.below(65_535)).expect("a fraction");
        let threshold = random.below(self.thresholds) as f32 / self.digits;
        nodes.push(Node::Leaf(0.0));
        self.grow_node(nodes, level + 1, random);
        let right = u32::try_from(nodes.len()).expect("a few nodes");
        nodes[at] = Node::Split { feature, missing_left, left_fraction, threshold, right };
        self.grow_node(nodes, level + 1, random);
    }
}
