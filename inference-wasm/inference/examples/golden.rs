//! Makes the golden blobs of the format this build writes: `cargo xtask golden`.
//!
//! The files of a format are made once, when the format is new: they prove that later builds still read it to the bit. So
//! an existing folder is left as it is.

#![expect(clippy::cast_possible_truncation, reason = "the numbers here are small")]

use std::fmt::Write as _;
use std::path::Path;

use inference::blob::{self, FORMAT, Model, Origin, Scores};
use inference::form::{Basis, Linear, Node, Term, Trees};
use inference::interval::{Bounds, Scale};
use inference::{
    Carat, Clarity, Color, ConformalTable, Cut, Diamond, Encoder, Form, Header, Link,
    MeasureImputer, Measures, Metrics, Millimetres, Percent, PredictionInterval, Predictor,
};

#[path = "../tests/properties/random.rs"]
mod random;

use random::Random;

/// How many stones each blob prices.
const CASES: usize = 2_000;

fn main() -> std::io::Result<()> {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/format-{FORMAT}"));
    if folder.exists() {
        println!("{} exists already and stays as it is", folder.display());
        return Ok(());
    }
    std::fs::create_dir_all(&folder)?;
    let mut random = Random(42);
    let models = [
        ("linear.loupe", linear(Link::Identity)),
        ("log-linear.loupe", linear(Link::Log)),
        ("quantised-trees.loupe", quantised(&mut random)),
        ("exact-trees.loupe", exact(&mut random)),
    ];
    let mut predictors = Vec::new();
    let mut cases = String::from("carat,cut,color,clarity,depth,table,x,y,z");
    for (name, model) in models {
        let bytes = blob::encode(&model).expect("a golden model can be written");
        std::fs::write(folder.join(name), &bytes)?;
        predictors.push(Predictor::from_blob(&bytes).expect("and read"));
        let _ = write!(cases, ",{name}");
    }
    cases.push('\n');
    for _ in 0..CASES {
        let diamond = diamond(&mut random);
        let _ = write!(cases, "{}", row(&diamond));
        for predictor in &predictors {
            // The x keeps a spreadsheet from reading it as a number.
            let _ = write!(cases, ",x{:016x}", predictor.price_usd(&diamond).to_bits());
        }
        cases.push('\n');
    }
    std::fs::write(folder.join("cases.csv"), cases)?;
    println!("made {}", folder.display());
    Ok(())
}

fn row(diamond: &Diamond) -> String {
    let Diamond { carat, cut, color, clarity, measures } = diamond;
    let Measures { depth, table, x, y, z } = measures;
    let percent =
        |percent: &Option<Percent>| percent.map_or(String::new(), |p| p.percent().to_string());
    let mm = |mm: &Option<Millimetres>| mm.map_or(String::new(), |mm| mm.millimetres().to_string());
    let measures = [percent(depth), percent(table), mm(x), mm(y), mm(z)].join(",");
    format!("{},{cut},{color},{clarity},{measures}", carat.carats())
}

/// A stone with ordinary values, with values at the limits of the valid range, or without measures.
fn diamond(random: &mut Random) -> Diamond {
    let mut hundredths = |low: u32, high: u32| match random.below(12) {
        0 => 1e-9,
        1 => 100.0,
        2 => f64::from(low + random.below(high - low)) / 100.0 + 1e-9,
        _ => f64::from(low + random.below(high - low)) / 100.0,
    };
    let carat = Carat::new(hundredths(20, 501)).expect("0 to 100");
    let numbers = [
        hundredths(4300, 7900),
        hundredths(4300, 9500),
        hundredths(370, 1074),
        hundredths(370, 1074),
        hundredths(100, 600),
    ];
    let mut known = |number: f64| (random.below(4) > 0).then_some(number);
    let percent = |number| Percent::new(number).expect("0 to 100");
    let mm = |number| Millimetres::new(number).expect("0 to 100");
    let [depth, table, x, y, z] = numbers.map(&mut known);
    let measures = Measures {
        depth: depth.map(percent),
        table: table.map(percent),
        x: x.map(mm),
        y: y.map(mm),
        z: z.map(mm),
    };
    fn one_of<T: Copy>(random: &mut Random, grades: &[T]) -> T {
        grades[random.below(grades.len() as u32) as usize]
    }
    let (cut, color, clarity) =
        (one_of(random, Cut::ALL), one_of(random, Color::ALL), one_of(random, Clarity::ALL));
    Diamond { carat, cut, color, clarity, measures }
}

fn header(family: &str, encoder: Encoder, link: Link) -> Header {
    let even = |width: f32| match link {
        Link::Log => {
            ConformalTable::even(Scale::Factor, Bounds { low: 1.0 - width, high: 1.0 + width })
        }
        Link::Identity => ConformalTable::even(
            Scale::Dollars,
            Bounds { low: -900.0 * width, high: 1000.0 * width },
        ),
    };
    let metrics =
        Metrics { mae: 300.0, rmse: 560.0, r2: 0.97, mape: 0.07, within_10_percent: 0.77, n: 999 };
    Header {
        family: family.to_owned(),
        features: Header::feature_names(),
        encoder,
        link,
        interval: Some(PredictionInterval {
            confidence: 0.9,
            measured: even(0.17),
            unmeasured: even(0.25),
        }),
        domain: None,
        scores: Scores { train: Some(metrics), holdout: Some(metrics), cv: None },
        origin: Origin { dataset_sha256: [7; 32], split_sha256: [9; 32], seed: 42 },
    }
}

fn linear(link: Link) -> Model {
    let scale = if link == Link::Log { 1.0 } else { 4000.0 };
    let term = |basis, weight: f64, mean| Term { basis, weight: weight * scale, mean };
    let mut terms = vec![
        term(Basis::Ln(0), 1.84, -0.4),
        term(Basis::Value(6), 0.07, 5.7),
        term(Basis::Square(4), -1e-5, 3815.0),
        term(Basis::Product(0, 3), 0.013, 2.4),
    ];
    for (feature, levels) in [(1, 5), (2, 7), (3, 8)] {
        for level in 1..levels {
            terms.push(term(Basis::Level(feature, level), 0.031 * f64::from(level), 0.17));
        }
    }
    let form = Form::Linear(Linear::new(7.3 * scale, terms).expect("a valid sum"));
    let encoder = Encoder::Proportions(MeasureImputer {
        depth_percent: [64.2, 62.4, 61.8, 61.3, 61.7],
        table_percent: [59.1, 58.7, 58.0, 58.7, 56.0],
        width_mm: [6.37, 6.41, 6.43, 6.46, 6.47],
    });
    Model { header: header("golden-linear", encoder, link), form }
}

/// 60 typical trees with whole leaves.
fn quantised(random: &mut Random) -> Model {
    let Model { header: Header { encoder, .. }, .. } = linear(Link::Log);
    let mut nodes = Vec::new();
    let roots = (0..60).map(|_| {
        grow(random, &mut nodes, 0, 7, &mut |random| Node::Leaf((random.below(81) as f32) - 40.0))
    });
    let roots = roots.collect();
    let form = Form::Trees(Trees::new(7.79, 0.001_25, roots, nodes).expect("whole trees"));
    Model { header: header("golden-quantised", encoder, Link::Log), form }
}

/// Trees of all depths with f32 leaves and missing values sent both ways, and one that is deep and thin.
fn exact(random: &mut Random) -> Model {
    let mut nodes = Vec::new();
    let mut leaf = |random: &mut Random| Node::Leaf((random.below(1 << 24) as f32) * 1.7e-8 - 0.14);
    let mut roots: Vec<u32> =
        (0..30).map(|at| grow(random, &mut nodes, 0, at % 11, &mut leaf)).collect();
    roots.push(nodes.len() as u32);
    for _ in 0..40 {
        nodes.push(split(random, nodes.len() as u32 + 2));
        let leaf = leaf(random);
        nodes.push(leaf);
    }
    nodes.push(Node::Leaf(0.25));
    let form = Form::Trees(Trees::new(7.79, 1.0, roots, nodes).expect("whole trees"));
    let Model { header: Header { encoder, .. }, .. } = linear(Link::Log);
    Model { header: header("golden-exact", encoder, Link::Log), form }
}

/// Grows a tree of at most this depth in preorder, and returns its root.
fn grow(
    random: &mut Random,
    nodes: &mut Vec<Node>,
    level: u32,
    depth: u32,
    leaf: &mut dyn FnMut(&mut Random) -> Node,
) -> u32 {
    let at = nodes.len();
    if level == depth || level > 2 && random.below(9) == 0 {
        let leaf = leaf(random);
        nodes.push(leaf);
        return at as u32;
    }
    nodes.push(split(random, 0));
    grow(random, nodes, level + 1, depth, leaf);
    let next = grow(random, nodes, level + 1, depth, leaf);
    if let Node::Split { right, .. } = &mut nodes[at] {
        *right = next;
    }
    at as u32
}

/// A split like those of real models: at a decimal or between two grades.
fn split(random: &mut Random, right: u32) -> Node {
    let feature = random.below(9) as u8;
    let hundredths =
        |low, high, random: &mut Random| (low + random.below(high - low)) as f32 / 100.0;
    let threshold = match feature {
        0 => hundredths(20, 501, random),
        1 => (1 + random.below(4)) as f32,
        2 => (1 + random.below(6)) as f32,
        3 => (1 + random.below(7)) as f32,
        4 | 5 => hundredths(4300, 7900, random),
        6 => hundredths(370, 1074, random),
        7 => hundredths(4_000, 25_000, random),
        _ => hundredths(20, 1_000, random),
    };
    let (missing_left, left_fraction) = (random.below(3) == 0, 1 + random.below(65_535) as u16);
    Node::Split { feature, missing_left, left_fraction, threshold, right }
}
