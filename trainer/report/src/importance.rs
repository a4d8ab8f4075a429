//! Permutation importance: how much the error grows when one feature is shuffled.

use inference::Diamond;

use super::axis::{Axis, middles};
use super::figure::{Cell, Figure, Findings, Sheet};
use super::plot::{Mark, Plot};
use super::subject::Subject;
use learning::number::usd;
use learning::parallel::in_parallel;
use learning::statistics::mean;

/// How often each feature is shuffled.
const SHUFFLES: usize = 5;

/// Features that say nearly the same are shuffled together first, and then one by one.
const GROUPS: [(&str, &[&str]); 11] = [
    ("size: carat, x, y, z", &["carat", "x", "y", "z"]),
    ("clarity", &["clarity"]),
    ("color", &["color"]),
    ("cut", &["cut"]),
    ("depth", &["depth"]),
    ("table", &["table"]),
    (PRICE_LIST, &["price_list"]),
    ("carat alone", &["carat"]),
    ("x alone", &["x"]),
    ("y alone", &["y"]),
    ("z alone", &["z"]),
];

/// The group of the price list, which only a model that knows lists goes by.
const PRICE_LIST: &str = "price list";

/// The groups that a model may go by, and how many of them hold what no other one holds.
fn groups(subject: &Subject<'_>) -> (Vec<(&'static str, &'static [&'static str])>, usize) {
    let knows_lists = !subject.predictor.price_lists().is_empty();
    let known = GROUPS.into_iter().filter(|(name, _)| knows_lists || *name != PRICE_LIST);
    (known.collect(), WHOLE_GROUPS - usize::from(!knows_lists))
}

/// A stone with some features of another one.
fn mixed(mut stone: Diamond, other: &Diamond, features: &[&str]) -> Diamond {
    for feature in features {
        match *feature {
            "carat" => stone.carat = other.carat,
            "cut" => stone.cut = other.cut,
            "color" => stone.color = other.color,
            "clarity" => stone.clarity = other.clarity,
            "depth" => stone.measures.depth = other.measures.depth,
            "table" => stone.measures.table = other.measures.table,
            "price_list" => stone.price_list = other.price_list,
            "x" => stone.measures.x = other.measures.x,
            "y" => stone.measures.y = other.measures.y,
            _ => stone.measures.z = other.measures.z,
        }
    }
    stone
}

/// How many of [`GROUPS`] hold what no other one holds.
const WHOLE_GROUPS: usize = 7;

/// What shuffling a group costs.
struct Cost {
    name: &'static str,
    rise_usd: f64,
    low_usd: f64,
    high_usd: f64,
}

pub(super) fn section(subject: &Subject<'_>) -> Findings {
    let (groups, whole) = groups(subject);
    let mut costs = costs(subject, &groups);
    let mut alone = costs.split_off(whole);
    costs.sort_by(|one, other| other.rise_usd.total_cmp(&one.rise_usd));
    let (first, second) = (&costs[0], &costs[1]);
    let finding = format!(
        "What says most about the price is the {}: without it the mean error rises by {}; then the {}, by {}.",
        first.name.split(':').next().unwrap_or(first.name),
        usd(first.rise_usd),
        second.name,
        usd(second.rise_usd),
    );
    costs.append(&mut alone);
    (finding, vec![figure(&costs, whole)])
}

fn costs(subject: &Subject<'_>, groups: &[(&'static str, &[&str])]) -> Vec<Cost> {
    let stones = &subject.holdout;
    let mae = |diamond: &dyn Fn(usize) -> Diamond| {
        let errors = stones.iter().enumerate().map(|(at, stone)| {
            // As it is answered: never below 0.
            (subject.predictor.price_usd(&diamond(at)).max(0.0) - stone.price.usd()).abs()
        });
        mean(&errors.collect::<Vec<f64>>()).unwrap_or(f64::NAN)
    };
    let untouched = mae(&|at| stones[at].diamond);
    let orders: Vec<Vec<usize>> = (0..SHUFFLES).map(|shuffle| shuffled(subject, shuffle)).collect();
    let rises = in_parallel(groups.len() * SHUFFLES, |at| {
        let (_, features) = groups[at / SHUFFLES];
        let order = &orders[at % SHUFFLES];
        mae(&|row| mixed(stones[row].diamond, &stones[order[row]].diamond, features)) - untouched
    });
    groups
        .iter()
        .zip(rises.chunks(SHUFFLES))
        .map(|((name, _), rises)| Cost {
            name,
            rise_usd: mean(rises).unwrap_or(f64::NAN),
            low_usd: rises.iter().copied().fold(f64::INFINITY, f64::min),
            high_usd: rises.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        })
        .collect()
}

/// The rows in an order that the seed decides.
fn shuffled(subject: &Subject<'_>, shuffle: usize) -> Vec<usize> {
    let purpose = format!("shuffle {shuffle}");
    let draw = |at: &usize| subject.holdout[*at].identity.draw(subject.seed, &purpose);
    let mut order: Vec<usize> = (0..subject.holdout.len()).collect();
    order.sort_by_cached_key(draw);
    order
}

fn figure(costs: &[Cost], whole_groups: usize) -> Figure {
    let most = costs.iter().map(|cost| cost.high_usd).fold(0.0, f64::max);
    let names = costs.iter().map(|cost| cost.name.to_owned()).collect();
    let mark = |(at, (row, cost)): (usize, (f64, &Cost))| {
        let opacity = if at < whole_groups { 0.9 } else { 0.45 };
        let words = Mark::Words((cost.rise_usd, row), usd(cost.rise_usd));
        [Mark::bar(row, cost.rise_usd, opacity), words]
    };
    let marks = middles().zip(costs).enumerate().flat_map(mark).collect();
    let rows = costs.iter().map(|Cost { name, rise_usd, low_usd, high_usd }| {
        let [rise, least, most] = [rise_usd, low_usd, high_usd].map(|usd| Cell::usd(*usd));
        [Cell::text(*name), rise, least, most]
    });
    let x = Axis::usd("rise of the mean absolute error", 0.0, most * 1.15);
    Figure {
        title: "What the model goes by".into(),
        reading: format!(
            "How much the mean absolute error rises where the values of a feature are shuffled among the held-out stones, the mean of \
             {SHUFFLES} shuffles. Weight and dimensions say nearly the same, so they are shuffled together; the pale bars shuffle one of \
             them alone, which makes stones that cannot be and says which of the four the model looks at."
        ),
        plot: Plot::list(x, names, marks),
        sheet: Sheet::new(["feature", "MAE rise", "least", "most"], rows),
    }
}
