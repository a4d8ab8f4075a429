//! Partial dependence: how the price of the same stones moves as one feature of theirs changes.

use inference::{Carat, Clarity, Color, Cut, Diamond, Measures, Percent, PriceList};

use super::axis::{Axis, middles};
use super::figure::{Cell, Figure, Findings, Sheet};
use super::plot::{Ink, Mark, Plot};
use super::subject::Subject;
use data::stone::Stone;
use learning::number::plain;
use learning::parallel::in_parallel;
use learning::statistics::{mean, quantile};

/// How many held-out stones are changed.
const STONES: usize = 1_000;

/// How many values of a number are tried.
const VALUES: u32 = 40;

/// A feature, the values that are tried, and what is said of it.
struct Feature {
    title: &'static str,
    unit: &'static str,
    /// How many digits a number has on its axis; `None` for grades.
    digits: Option<usize>,
    /// Where a value lies on the axis, its name, and what gives it to a stone.
    values: Vec<(f64, String, Give)>,
    note: &'static str,
}

/// Gives a stone another value.
type Give = Box<dyn Fn(Diamond) -> Diamond + Sync>;

/// The price at one value: the mean, and what holds the middle half of the stones.
struct Point {
    value: f64,
    name: String,
    mean_usd: f64,
    low_usd: f64,
    high_usd: f64,
}

pub(super) fn section(subject: &Subject<'_>) -> Findings {
    let features = features(subject);
    let curves = in_parallel(features.len(), |at| curve(subject, &features[at]));
    let figures = features.iter().zip(curves).map(|(feature, curve)| figure(feature, &curve));
    let finding = format!(
        "Up to {STONES} held-out stones, each priced again and again with one feature changed and all else as it is. The line is the \
         mean price; the band holds the middle half of the stones."
    );
    (finding, figures.collect())
}

/// Everything else of a stone stays.
const AS_IS: &str = "Everything else of the stones stays.";

fn features(subject: &Subject<'_>) -> Vec<Feature> {
    let of = |stone: &Diamond| Some(stone.carat.carats());
    let with = |stone: Diamond, value| {
        let Measures { depth, table, .. } = stone.measures;
        let measures = Measures { depth, table, ..Measures::default() };
        Diamond { carat: Carat::new(value).unwrap_or(stone.carat), measures, ..stone }
    };
    let carat = Feature {
        title: "Price by weight",
        unit: "carat",
        digits: Some(1),
        values: numbers(subject, [0.0, 0.999], of, with),
        note: "The dimensions grow with the weight, as the model estimates them where they were not measured.",
    };
    let graded = |title, unit, values| Feature { title, unit, digits: None, values, note: AS_IS };
    let cuts = grades(Cut::ALL, Cut::as_str, |stone, cut| Diamond { cut, ..stone });
    let colors = grades(Color::ALL, Color::as_str, |stone, color| Diamond { color, ..stone });
    let clarities =
        grades(Clarity::ALL, Clarity::as_str, |stone, clarity| Diamond { clarity, ..stone });
    let with_depth = |mut stone: Diamond, value| {
        stone.measures.depth = Percent::new(value).ok();
        stone
    };
    let with_table = |mut stone: Diamond, value| {
        stone.measures.table = Percent::new(value).ok();
        stone
    };
    let depth = |stone: &Diamond| stone.measures.depth.map(Percent::percent);
    let table = |stone: &Diamond| stone.measures.table.map(Percent::percent);
    let measured =
        |title, unit, values, note| Feature { title, unit, digits: Some(0), values, note };
    let mut features = vec![
        carat,
        graded("Price by cut", "cut", cuts),
        graded("Price by color", "color", colors),
        graded("Price by clarity", "clarity", clarities),
        measured(
            "Price by depth",
            "total depth in percent",
            numbers(subject, [0.005, 0.995], depth, with_depth),
            "The dimensions stay, though they would change with the depth: a flat line says that the model goes by them.",
        ),
        measured(
            "Price by table",
            "table in percent",
            numbers(subject, [0.005, 0.995], table, with_table),
            AS_IS,
        ),
    ];
    if !subject.predictor.price_lists().is_empty() {
        features.push(graded("Price by price list", "price list", lists(subject)));
    }
    features
}

/// Every price list that the model knows, and none.
fn lists(subject: &Subject<'_>) -> Vec<(f64, String, Give)> {
    let lists = subject.predictor.price_lists().iter().map(Some).chain([None]);
    let value = |(at, price_list): (f64, Option<PriceList>)| {
        let name = price_list.map_or_else(|| String::from("none"), |list| list.to_string());
        (at, name, Box::new(move |stone| Diamond { price_list, ..stone }) as Give)
    };
    middles().zip(lists).map(value).collect()
}

fn grades<G: Copy + Sync + 'static>(
    all: &'static [G],
    name: fn(G) -> &'static str,
    with: fn(Diamond, G) -> Diamond,
) -> Vec<(f64, String, Give)> {
    let value = |(at, grade): (f64, &G)| {
        let grade = *grade;
        (at, name(grade).to_owned(), Box::new(move |stone| with(stone, grade)) as Give)
    };
    middles().zip(all).map(value).collect()
}

/// Values from one quantile of the stones' own to another.
fn numbers(
    subject: &Subject<'_>,
    ends: [f64; 2],
    of: fn(&Diamond) -> Option<f64>,
    with: fn(Diamond, f64) -> Diamond,
) -> Vec<(f64, String, Give)> {
    let own = subject.holdout.iter().filter_map(|stone| of(&stone.diamond));
    let mut own: Vec<f64> = own.collect();
    own.sort_unstable_by(f64::total_cmp);
    let [low, high] = ends.map(|share| quantile(&own, share).unwrap_or(f64::NAN));
    let value = |step| {
        let value = low + (high - low) * (f64::from(step) / f64::from(VALUES - 1));
        (value, plain(value, 2), Box::new(move |stone| with(stone, value)) as Give)
    };
    (0..VALUES).map(value).collect()
}

fn curve(subject: &Subject<'_>, feature: &Feature) -> Vec<Point> {
    let every = subject.holdout.len().div_ceil(STONES).max(1);
    let point = |(value, name, give): &(f64, String, Give)| {
        let price = |stone: &&Stone| subject.predictor.price_usd(&give(stone.diamond)).max(0.0);
        let mut prices: Vec<f64> = subject.holdout.iter().step_by(every).map(price).collect();
        prices.sort_unstable_by(f64::total_cmp);
        let at = |share| quantile(&prices, share).unwrap_or(f64::NAN);
        let mean_usd = mean(&prices).unwrap_or(f64::NAN);
        let (low_usd, high_usd) = (at(0.25), at(0.75));
        Point { value: *value, name: name.clone(), mean_usd, low_usd, high_usd }
    };
    feature.values.iter().map(point).collect()
}

fn figure(feature: &Feature, curve: &[Point]) -> Figure {
    let most = curve.iter().map(|point| point.high_usd.max(point.mean_usd)).fold(0.0, f64::max);
    let line: Vec<(f64, f64)> = curve.iter().map(|point| (point.value, point.mean_usd)).collect();
    let (x, marks) = match feature.digits {
        None => {
            let names = curve.iter().map(|point| point.name.clone()).collect();
            let marks =
                curve.iter().flat_map(|Point { value, mean_usd, low_usd, high_usd, .. }| {
                    let (x, y) = ((value - 0.32, value + 0.32), (*low_usd, *high_usd));
                    let dot = Mark::dots(vec![(*value, *mean_usd)], Ink::Accent, 4.5, 1.0);
                    [Mark::area(x, y, Ink::Accent, 0.18), dot]
                });
            (Axis::names(feature.unit, names), marks.collect())
        }
        Some(digits) => {
            let band = curve.iter().map(|point| (point.value, point.low_usd, point.high_usd));
            let band = Mark::band(&band.collect::<Vec<_>>(), Ink::Accent, 0.18);
            let (low, high) = (line[0].0, line[line.len() - 1].0);
            let x = Axis::number(feature.unit, low, high, digits);
            (x, vec![band, Mark::line(line, Ink::Accent, 2.0)])
        }
    };
    let rows = curve.iter().map(|Point { name, mean_usd, low_usd, high_usd, .. }| {
        let [mean, low, high] = [mean_usd, low_usd, high_usd].map(|usd| Cell::usd(*usd));
        [Cell::text(name.clone()), mean, low, high]
    });
    Figure {
        title: feature.title.into(),
        reading: feature.note.into(),
        plot: Plot { height: 210, ..Plot::new(x, Axis::usd("price", 0.0, most), marks) },
        sheet: Sheet::new(["value", "mean price", "a quarter below", "a quarter above"], rows),
    }
}
