//! Models to start from, one of each kind that a blob can hold.

use inference::blob::{Origin, Scores};
use inference::domain::Size;
use inference::form::{Basis, Linear, MAX_DEPTH, Node, Term, Trees};
use inference::interval::{Bounds, Scale};
use inference::rare_grades::{COMBINATIONS, RareGrades};
use inference::{
    ConformalTable, Domain, Encoder, Form, Header, Link, MeasureImputer, Metrics, Model,
    PredictionInterval,
};

/// All of them, the same at every call.
pub(crate) fn models() -> Vec<Model> {
    let imputer =
        MeasureImputer { depth_percent: [62.0; 5], table_percent: [57.0; 5], width_mm: [6.4; 5] };
    let plain = Header {
        family: "seed".into(),
        features: Header::feature_names(),
        encoder: Encoder::Impute(imputer),
        link: Link::Log,
        interval: None,
        domain: None,
        scores: Scores::default(),
        origin: Origin::default(),
    };
    let full = full_header(&plain);
    let model = |header: &Header, form| Model { header: header.clone(), form };
    let mut models = vec![
        model(&plain, linear([Basis::Ln(0), Basis::Level(3, 7)])),
        model(&full, linear([Basis::Value(0), Basis::Square(0), Basis::Product(0, 6)])),
        model(&full, linear([])),
    ];
    let keep = Header { encoder: Encoder::Passthrough, link: Link::Identity, ..full.clone() };
    let kinds = [
        // Whole leaves, all missing values to the right, cuts that are decimals, layers of fans.
        Kind { trees: 2, depth: 8, cuts: 20, digits: 10.0, ..Kind::default() },
        // A learner's own leaves, missing values both ways.
        Kind { trees: 3, depth: 5, cuts: 50, digits: 100.0, exact: true, mixed: true },
        // Thresholds that are no decimals, and no deep tree.
        Kind { trees: 8, depth: 2, cuts: 9, digits: 0.3, mixed: true, ..Kind::default() },
        // More lanes than a register holds: no groves.
        Kind { trees: 6, depth: 7, cuts: 700, digits: 1000.0, mixed: true, ..Kind::default() },
        // Nothing but leaves, so many that the payload is filled up.
        Kind { trees: 900, depth: 0, cuts: 1, digits: 1.0, ..Kind::default() },
    ];
    models.extend(kinds.into_iter().map(|kind| model(&keep, Form::Trees(kind.grow()))));
    models.push(model(&plain, Form::Trees(chain())));
    let shapes = Header { encoder: Encoder::Proportions(imputer), ..full.clone() };
    let kind = Kind { trees: 4, depth: 6, cuts: 90, digits: 10.0, ..Kind::default() };
    models.push(model(&shapes, Form::Trees(kind.grow())));
    models
}

/// Everything that a header can say.
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
            measured: ConformalTable::even(Scale::Factor, Bounds { low: 0.8, high: 1.25 }),
            unmeasured: ConformalTable::even(Scale::Dollars, Bounds { low: -300.0, high: 200.0 }),
        }),
        domain: Some(Domain {
            features: [[0.0, 100.0]; 9],
            price_usd: [0.0, 1e9],
            rare_grades: RareGrades::of(&[7; COMBINATIONS], 5),
            size: Size { volume_mm3: [100.0, 200.0], sides_mm: [[3.0, 7.0]; 3] },
        }),
        scores: Scores { train: Some(metrics), holdout: Some(metrics), cv: Some(metrics) },
        origin: Origin { dataset_sha256: [7; 32], split_sha256: [8; 32], seed: 42 },
        ..plain.clone()
    }
}

fn linear<const N: usize>(bases: [Basis; N]) -> Form {
    let terms = bases.map(|basis| Term { basis, weight: 1.7, mean: -0.4 });
    Form::Linear(Linear::new(8.4, terms.to_vec()).expect("a sound sum"))
}

/// A tree as deep as one may be, which asks one feature the same again and again.
fn chain() -> Trees {
    let mut nodes = Vec::new();
    for level in 1..=MAX_DEPTH {
        nodes.push(Node::Split {
            feature: 4,
            missing_left: false,
            left_share: 60_000,
            threshold: 61.5,
            right: 2 * u32::try_from(level).expect("a few levels"),
        });
        nodes.push(Node::Leaf(f32::from(u8::try_from(level).expect("a few levels"))));
    }
    nodes.push(Node::Leaf(-7.0));
    Trees::new(8.0, 0.001, vec![0], nodes).expect("sound trees")
}

/// What grown trees are like.
#[derive(Clone, Copy, Default)]
struct Kind {
    trees: usize,
    depth: usize,
    /// How many thresholds each feature has at most, and what they are divided by.
    cuts: u32,
    digits: f32,
    exact: bool,
    mixed: bool,
}

impl Kind {
    fn grow(self) -> Trees {
        let (mut nodes, mut roots, mut chance) = (Vec::new(), Vec::new(), Chance(7));
        for _ in 0..self.trees {
            roots.push(u32::try_from(nodes.len()).expect("a few nodes"));
            self.grow_node(&mut nodes, 0, &mut chance);
        }
        let unit = if self.exact { 1.0 } else { 0.001 };
        Trees::new(8.0, unit, roots, nodes).expect("sound trees")
    }

    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    fn grow_node(self, nodes: &mut Vec<Node>, level: usize, chance: &mut Chance) {
        if level == self.depth || level > 0 && chance.below(30) == 0 {
            let units = chance.below(600) as f32 - 300.0;
            nodes.push(Node::Leaf(if self.exact { units / 7.0 } else { units }));
            return;
        }
        let at = nodes.len();
        let feature = u8::try_from(chance.below(9)).expect("a feature");
        let missing_left = self.mixed && chance.below(2) == 0;
        let left_share = u16::try_from(1 + chance.below(65_535)).expect("a share");
        let threshold = chance.below(self.cuts) as f32 / self.digits;
        nodes.push(Node::Leaf(0.0));
        self.grow_node(nodes, level + 1, chance);
        let right = u32::try_from(nodes.len()).expect("a few nodes");
        nodes[at] = Node::Split { feature, missing_left, left_share, threshold, right };
        self.grow_node(nodes, level + 1, chance);
    }
}

/// A generator of numbers with a fixed start.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from(self.0 >> 33).expect("31 bits") % bound
    }
}
