//! Partial dependence: how the price of the same stones moves as one feature of theirs changes.

use inference::{Clarity, Color, Cut, Features};

use super::axis::Axis;
use super::figure::{Cell, Figure, Section, Sheet};
use super::number::{mean, plain, quantile};
use super::plot::{Ink, Mark, Plot, PlotError};
use super::subject::Subject;
use crate::evaluate::in_parallel;

/// How many held-out stones are changed.
const STONES: usize = 1_000;

/// How many values of a number are tried.
const VALUES: u32 = 40;

/// A feature, what its values are, and what is said of it.
struct Feature {
    place: usize,
    title: &'static str,
    unit: &'static str,
    values: Values,
    note: &'static str,
}

enum Values {
    /// Grades by name, in the order of their codes from the worst.
    Grades(Vec<(f64, String)>),
    /// A number, from one quantile of the stones' own to another, written with so many digits.
    Between(f64, f64, usize),
}

/// The price at one value: the mean, and what holds the middle half of the stones.
struct Point {
    value: f64,
    name: String,
    mean_usd: f64,
    low_usd: f64,
    high_usd: f64,
}

pub(super) fn section(subject: &Subject<'_>) -> Result<Section, PlotError> {
    let features = features();
    let curves = in_parallel(features.len(), |at| curve(subject, &features[at]));
    let figures = features.iter().zip(curves).map(|(feature, curve)| figure(feature, &curve));
    Ok(Section {
        name: "dependence",
        title: "Partial dependence",
        finding: format!(
            "Up to {STONES} held-out stones, each priced again and again with one feature changed and all else as it is. The line is the \
             mean price; the band holds the middle half of the stones."
        ),
        figures: figures.collect::<Result<_, _>>()?,
    })
}

fn features() -> Vec<Feature> {
    fn codes(grades: impl Iterator<Item = (u8, &'static str)>) -> Values {
        Values::Grades(grades.map(|(code, name)| (f64::from(code), name.to_owned())).collect())
    }
    let as_is = "Everything else of the stones stays.";
    vec![
        Feature {
            place: 0,
            title: "Price by weight",
            unit: "carat",
            values: Values::Between(0.0, 0.999, 2),
            note: "The dimensions grow with the weight, as the model estimates them where nobody measured.",
        },
        Feature {
            place: 1,
            title: "Price by cut",
            unit: "cut",
            values: codes(Cut::ALL.iter().map(|grade| (grade.ordinal(), grade.as_str()))),
            note: as_is,
        },
        Feature {
            place: 2,
            title: "Price by color",
            unit: "color",
            values: codes(Color::ALL.iter().map(|grade| (grade.ordinal(), grade.as_str()))),
            note: as_is,
        },
        Feature {
            place: 3,
            title: "Price by clarity",
            unit: "clarity",
            values: codes(Clarity::ALL.iter().map(|grade| (grade.ordinal(), grade.as_str()))),
            note: as_is,
        },
        Feature {
            place: 4,
            title: "Price by depth",
            unit: "total depth in percent",
            values: Values::Between(0.005, 0.995, 0),
            note: "The dimensions stay, though they would change with the depth: a flat line says that the model goes by them.",
        },
        Feature {
            place: 5,
            title: "Price by table",
            unit: "table in percent",
            values: Values::Between(0.005, 0.995, 0),
            note: as_is,
        },
    ]
}

fn curve(subject: &Subject<'_>, feature: &Feature) -> Vec<Point> {
    let encoder = &subject.predictor.header().encoder;
    let own = |stone: &&crate::data::stone::Stone| stone.features().values()[feature.place];
    let values: Vec<(f64, String)> = match &feature.values {
        Values::Grades(grades) => grades.clone(),
        Values::Between(low, high, _) => {
            let mut all: Vec<f64> = subject.holdout.iter().map(own).collect();
            all.retain(|value| !value.is_nan());
            all.sort_unstable_by(f64::total_cmp);
            let end = |share| quantile(&all, share).unwrap_or(f64::NAN);
            let (low, high) = (end(*low), end(*high));
            let at = |step: u32| low + (high - low) * f64::from(step) / f64::from(VALUES - 1);
            (0..VALUES).map(|step| (at(step), plain(at(step), 2))).collect()
        }
    };
    let every = subject.holdout.len().div_ceil(STONES).max(1);
    let with = |stone: &crate::data::stone::Stone, value: f64| {
        let mut values = *stone.features().values();
        values[feature.place] = value;
        if feature.place == 0 {
            values[6..].fill(f64::NAN);
            let cut = stone.diamond.cut;
            let carat = inference::Carat::new(value).unwrap_or(stone.diamond.carat);
            let measures = inference::Measures {
                depth: stone.diamond.measures.depth,
                table: stone.diamond.measures.table,
                ..inference::Measures::default()
            };
            return encoder.encode(&inference::Diamond { carat, cut, measures, ..stone.diamond });
        }
        Features::from_values(values)
    };
    values
        .into_iter()
        .map(|(value, name)| {
            let stones = subject.holdout.iter().step_by(every);
            let mut prices: Vec<f64> = stones
                .map(|stone| subject.predictor.price_of(&with(stone, value)).max(0.0))
                .collect();
            prices.sort_unstable_by(f64::total_cmp);
            let at = |share| quantile(&prices, share).unwrap_or(f64::NAN);
            let mean_usd = mean(&prices).unwrap_or(f64::NAN);
            Point { value, name, mean_usd, low_usd: at(0.25), high_usd: at(0.75) }
        })
        .collect()
}

fn figure(feature: &Feature, curve: &[Point]) -> Result<Figure, PlotError> {
    let most = curve.iter().map(|point| point.high_usd.max(point.mean_usd)).fold(0.0, f64::max);
    let y = Axis::usd("price", most);
    let mut marks = Vec::new();
    let x = match &feature.values {
        Values::Grades(_) => {
            let names: Vec<String> = curve.iter().map(|point| point.name.clone()).collect();
            for (x, point) in (0_u32..).map(|x| f64::from(x) + 0.5).zip(curve) {
                let (low, high) = (point.low_usd, point.high_usd);
                let (x_ends, y_ends) = ((x - 0.32, x + 0.32), (low, high));
                marks.push(Mark::Area { x: x_ends, y: y_ends, ink: Ink::Accent, opacity: 0.18 });
                let points = vec![(x, point.mean_usd)];
                marks.push(Mark::Dots { points, ink: Ink::Accent, radius: 4.5, opacity: 1.0 });
            }
            Axis::names(feature.unit, &names)
        }
        Values::Between(_, _, digits) => {
            let (low, high) = match curve {
                [first, .., last] => (first.value, last.value),
                _ => (0.0, 1.0),
            };
            let band = curve.iter().map(|point| (point.value, point.low_usd, point.high_usd));
            marks.push(Mark::Band { points: band.collect(), ink: Ink::Accent, opacity: 0.18 });
            let line = curve.iter().map(|point| (point.value, point.mean_usd)).collect();
            marks.push(Mark::Line { points: line, ink: Ink::Accent, width: 2.0 });
            Axis::number(feature.unit, low, high, *digits)
        }
    };
    let mut sheet = Sheet::new(&["value", "mean price", "a quarter below", "a quarter above"]);
    for point in curve {
        sheet.add([
            Cell::text(point.name.clone()),
            Cell::usd(point.mean_usd),
            Cell::usd(point.low_usd),
            Cell::usd(point.high_usd),
        ]);
    }
    Figure::new(feature.title, feature.note, &Plot { height: 210, ..Plot::new(x, y, marks) }, sheet)
}
