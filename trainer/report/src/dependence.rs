//! Partial dependence: how the price of the same stones moves as one feature of theirs changes.

use inference::{Carat, Clarity, Color, Cut, Diamond, Measures, Percent};

use super::axis::Axis;
use super::figure::{Cell, Figure, Section, Sheet};
use super::plot::{Ink, Mark, Plot, PlotError};
use super::subject::Subject;
use data::stone::Stone;
use learning::number::plain;
use learning::parallel::in_parallel;
use learning::statistics::{mean, quantile};

/// How many held-out stones are changed.
const STONES: usize = 1_000;

/// How many values of a number are tried.
const VALUES: u32 = 40;

/// A feature, what its values are, and what is said of it.
struct Feature {
    title: &'static str,
    unit: &'static str,
    values: Values,
    note: &'static str,
}

/// Gives a stone another grade.
type Give = Box<dyn Fn(Diamond) -> Diamond + Sync>;

enum Values {
    /// Grades by name, each with what gives it to a stone.
    Grades(Vec<(String, Give)>),
    /// A number of a stone and what gives it another one, from one quantile of the stones' own to another, written with so
    /// many digits.
    Numbers {
        of: fn(&Diamond) -> Option<f64>,
        with: fn(Diamond, f64) -> Diamond,
        ends: [f64; 2],
        digits: usize,
    },
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

/// Everything else of a stone stays.
const AS_IS: &str = "Everything else of the stones stays.";

fn features() -> Vec<Feature> {
    fn graded<G: Copy + Sync + 'static>(
        all: &[G],
        name: fn(G) -> &'static str,
        with: fn(Diamond, G) -> Diamond,
    ) -> Values {
        let grade = |grade: &G| {
            let grade = *grade;
            let give: Give = Box::new(move |stone| with(stone, grade));
            (name(grade).to_owned(), give)
        };
        Values::Grades(all.iter().map(grade).collect())
    }
    let graded_feature = |title, unit, values| Feature { title, unit, values, note: AS_IS };
    vec![
        weight(),
        graded_feature(
            "Price by cut",
            "cut",
            graded(Cut::ALL, Cut::as_str, |stone, cut| Diamond { cut, ..stone }),
        ),
        graded_feature(
            "Price by color",
            "color",
            graded(Color::ALL, Color::as_str, |stone, color| Diamond { color, ..stone }),
        ),
        graded_feature(
            "Price by clarity",
            "clarity",
            graded(Clarity::ALL, Clarity::as_str, |stone, clarity| Diamond { clarity, ..stone }),
        ),
        Feature {
            title: "Price by depth",
            unit: "total depth in percent",
            values: Values::Numbers {
                of: |stone| stone.measures.depth.map(Percent::percent),
                with: |mut stone, value| {
                    stone.measures.depth = Percent::new(value).ok();
                    stone
                },
                ends: [0.005, 0.995],
                digits: 0,
            },
            note: "The dimensions stay, though they would change with the depth: a flat line says that the model goes by them.",
        },
        Feature {
            title: "Price by table",
            unit: "table in percent",
            values: Values::Numbers {
                of: |stone| stone.measures.table.map(Percent::percent),
                with: |mut stone, value| {
                    stone.measures.table = Percent::new(value).ok();
                    stone
                },
                ends: [0.005, 0.995],
                digits: 0,
            },
            note: AS_IS,
        },
    ]
}

fn weight() -> Feature {
    Feature {
        title: "Price by weight",
        unit: "carat",
        values: Values::Numbers {
            of: |stone| Some(stone.carat.carats()),
            with: |stone, value| {
                let Measures { depth, table, .. } = stone.measures;
                Diamond {
                    carat: Carat::new(value).unwrap_or(stone.carat),
                    measures: Measures { depth, table, ..Measures::default() },
                    ..stone
                }
            },
            ends: [0.0, 0.999],
            digits: 1,
        },
        note: "The dimensions grow with the weight, as the model estimates them where they were not measured.",
    }
}

fn curve(subject: &Subject<'_>, feature: &Feature) -> Vec<Point> {
    let point = |value: f64, name: String, give: &dyn Fn(Diamond) -> Diamond| {
        let every = subject.holdout.len().div_ceil(STONES).max(1);
        let price = |stone: &&Stone| subject.predictor.price_usd(&give(stone.diamond)).max(0.0);
        let mut prices: Vec<f64> = subject.holdout.iter().step_by(every).map(price).collect();
        prices.sort_unstable_by(f64::total_cmp);
        let at = |share| quantile(&prices, share).unwrap_or(f64::NAN);
        let mean_usd = mean(&prices).unwrap_or(f64::NAN);
        Point { value, name, mean_usd, low_usd: at(0.25), high_usd: at(0.75) }
    };
    match &feature.values {
        Values::Grades(grades) => {
            let places = (0_u32..).map(|at| f64::from(at) + 0.5);
            places.zip(grades).map(|(at, (name, give))| point(at, name.clone(), give)).collect()
        }
        Values::Numbers { of, with, ends, .. } => {
            let own = subject.holdout.iter().filter_map(|stone| of(&stone.diamond));
            let mut all: Vec<f64> = own.collect();
            all.sort_unstable_by(f64::total_cmp);
            let [low, high] = ends.map(|share| quantile(&all, share).unwrap_or(f64::NAN));
            let steps = (0..VALUES).map(|step| f64::from(step) / f64::from(VALUES - 1));
            steps
                .map(|share| low + (high - low) * share)
                .map(|value| point(value, plain(value, 2), &|stone| with(stone, value)))
                .collect()
        }
    }
}

fn figure(feature: &Feature, curve: &[Point]) -> Result<Figure, PlotError> {
    let most = curve.iter().map(|point| point.high_usd.max(point.mean_usd)).fold(0.0, f64::max);
    let y = Axis::usd("price", most);
    let mut marks = Vec::new();
    let x = match &feature.values {
        Values::Grades(_) => {
            let names: Vec<String> = curve.iter().map(|point| point.name.clone()).collect();
            for point in curve {
                let x = point.value;
                let (low, high) = (point.low_usd, point.high_usd);
                let (x_ends, y_ends) = ((x - 0.32, x + 0.32), (low, high));
                marks.push(Mark::Area { x: x_ends, y: y_ends, ink: Ink::Accent, opacity: 0.18 });
                let points = vec![(x, point.mean_usd)];
                marks.push(Mark::Dots { points, ink: Ink::Accent, radius: 4.5, opacity: 1.0 });
            }
            Axis::names(feature.unit, &names)
        }
        Values::Numbers { digits, .. } => {
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
