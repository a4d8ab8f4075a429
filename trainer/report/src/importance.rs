//! Permutation importance: how much the error grows when one feature is shuffled.

use inference::Diamond;

use super::axis::Axis;
use super::figure::{Cell, Figure, Section, Sheet};
use super::plot::{Ink, Mark, Plot, PlotError};
use super::subject::Subject;
use learning::number::usd;
use learning::parallel::in_parallel;
use learning::statistics::mean;

/// How often each feature is shuffled.
const SHUFFLES: usize = 5;

/// Takes some of what is known of another stone.
type Mix = fn(Diamond, &Diamond) -> Diamond;

/// Features that say nearly the same are shuffled together first, and then one by one.
const GROUPS: [(&str, Mix); 10] = [
    ("size: carat, x, y, z", |stone, other| z(y(x(carat(stone, other), other), other), other)),
    ("clarity", |stone, other| Diamond { clarity: other.clarity, ..stone }),
    ("color", |stone, other| Diamond { color: other.color, ..stone }),
    ("cut", |stone, other| Diamond { cut: other.cut, ..stone }),
    ("depth", |mut stone, other| {
        stone.measures.depth = other.measures.depth;
        stone
    }),
    ("table", |mut stone, other| {
        stone.measures.table = other.measures.table;
        stone
    }),
    ("carat alone", carat),
    ("x alone", x),
    ("y alone", y),
    ("z alone", z),
];

fn carat(stone: Diamond, other: &Diamond) -> Diamond {
    Diamond { carat: other.carat, ..stone }
}

fn x(mut stone: Diamond, other: &Diamond) -> Diamond {
    stone.measures.x = other.measures.x;
    stone
}

fn y(mut stone: Diamond, other: &Diamond) -> Diamond {
    stone.measures.y = other.measures.y;
    stone
}

fn z(mut stone: Diamond, other: &Diamond) -> Diamond {
    stone.measures.z = other.measures.z;
    stone
}

/// How many of the groups hold what no other one holds.
const WHOLE_GROUPS: usize = 6;

/// What shuffling a group costs.
struct Cost {
    name: &'static str,
    rise_usd: f64,
    low_usd: f64,
    high_usd: f64,
}

pub(super) fn section(subject: &Subject<'_>) -> Result<Section, PlotError> {
    let mut costs = costs(subject);
    let mut alone = costs.split_off(WHOLE_GROUPS);
    costs.sort_by(|one, other| other.rise_usd.total_cmp(&one.rise_usd));
    let finding = match costs.as_slice() {
        [first, second, ..] => format!(
            "What says most about the price is the {}: without it the mean error rises by {}; then the {}, by {}.",
            first.name.split(':').next().unwrap_or(first.name),
            usd(first.rise_usd),
            second.name,
            usd(second.rise_usd),
        ),
        _ => String::new(),
    };
    costs.append(&mut alone);
    Ok(Section { name: "importance", title: "Importance", finding, figures: vec![figure(&costs)?] })
}

fn costs(subject: &Subject<'_>) -> Vec<Cost> {
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
    let rises = in_parallel(GROUPS.len() * SHUFFLES, |at| {
        let (_, mix) = GROUPS[at / SHUFFLES];
        let order = &orders[at % SHUFFLES];
        mae(&|row| mix(stones[row].diamond, &stones[order[row]].diamond)) - untouched
    });
    GROUPS
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
    let mut order: Vec<(u64, usize)> = subject
        .holdout
        .iter()
        .enumerate()
        .map(|(at, stone)| (stone.identity.draw(subject.seed, &purpose), at))
        .collect();
    order.sort_unstable();
    order.into_iter().map(|(_, at)| at).collect()
}

fn figure(costs: &[Cost]) -> Result<Figure, PlotError> {
    let most = costs.iter().map(|cost| cost.high_usd).fold(0.0, f64::max);
    let names: Vec<String> = costs.iter().map(|cost| cost.name.to_owned()).collect();
    let mut marks = Vec::new();
    let mut sheet = Sheet::new(&["feature", "MAE rise", "least", "most"]);
    for (at, row) in (0..costs.len()).zip((0_u32..).map(f64::from)) {
        let Cost { name, rise_usd, low_usd, high_usd } = costs[at];
        let opacity = if at < WHOLE_GROUPS { 0.9 } else { 0.45 };
        let y = (row + 0.2, row + 0.8);
        marks.push(Mark::Area { x: (0.0, rise_usd), y, ink: Ink::Accent, opacity });
        let text = usd(rise_usd);
        let at = (rise_usd, row + 0.5);
        marks.push(Mark::Words { at, text, ink: Ink::Muted });
        sheet.add([Cell::text(name), Cell::usd(rise_usd), Cell::usd(low_usd), Cell::usd(high_usd)]);
    }
    let x = Axis::usd("rise of the mean absolute error", most * 1.15);
    Figure::new(
        "What the model goes by",
        format!(
            "How much the mean absolute error rises where the values of a feature are shuffled among the held-out stones, the mean of \
             {SHUFFLES} shuffles. Weight and dimensions say nearly the same, so they are shuffled together; the pale bars shuffle one of \
             them alone, which makes stones that cannot be and says which of the four the model looks at."
        ),
        &Plot::list(x, &names, marks),
        sheet,
    )
}
