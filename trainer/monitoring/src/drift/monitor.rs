//! Counts the training stones first, then every stone of the requests as it passes.

use inference::domain::{DESCRIBED, PROPERTIES, describe};
use inference::features::{FEATURE_NAMES, PRICE_LIST};
use inference::{Diamond, Estimate, Predictor, PriceLists, Warning};

use super::feature::{FeatureDrift, Grade, Values};
use super::histogram::EmpiricalHistogram;
use super::price_level::{FIFTHS, LogHistogram, PriceLevel, at_one_carat, power_of_weight};
use super::rate::{OUT_OF_DOMAIN, Rate};
use super::refused::{RefusalCounts, Refused};
use crate::traffic::{AnsweredRequest, Refusal};
use data::stone::{Stone, grades};

/// What is counted; memory grows with the training stones and with nothing else.
pub(super) struct DriftMonitor<'a> {
    predictor: &'a Predictor,
    features: Vec<FeatureCounts>,
    /// The weights that all fifths but the last end at.
    fifths_end: [f64; FIFTHS - 1],
    /// The power of the weight that prices of training stones grow with.
    power: f64,
    training: StoneCounts,
    requests: StoneCounts,
    refusals: RefusalCounts,
}

/// What a monitor comes to.
pub(super) struct Findings {
    pub(super) features: Vec<FeatureDrift>,
    pub(super) out_of_domain: Rate,
    pub(super) price_level: PriceLevel,
    pub(super) refused: Refused,
}

/// A feature.
enum FeatureCounts {
    Number(EmpiricalHistogram),
    Grades(Vec<Grade>),
}

/// What is counted of training stones and requests alike.
struct StoneCounts {
    stones: u64,
    out_of_domain: u64,
    prices: Vec<LogHistogram>,
}

impl<'a> DriftMonitor<'a> {
    /// Looks at the training stones, of which there is at least one.
    pub(super) fn new(stones: &[&Stone], predictor: &'a Predictor) -> DriftMonitor<'a> {
        let lists = predictor.price_lists();
        let described: Vec<[f64; WATCHED]> =
            stones.iter().map(|stone| numbers(&stone.diamond, lists)).collect();
        let column = |at: usize| {
            described.iter().map(move |values| values[at]).filter(|value| !value.is_nan())
        };
        let watched = |(at, name): (usize, &str)| match categories(name, lists) {
            None => FeatureCounts::Number(EmpiricalHistogram::new(column(at).collect())),
            Some(mut categories) => {
                column(at).for_each(|code| categories[place(code)].training += 1);
                FeatureCounts::Grades(categories)
            }
        };
        let features = watched_names(lists).enumerate().map(watched).collect();
        let estimates: Vec<Estimate> =
            stones.iter().map(|stone| predictor.estimate(&stone.diamond)).collect();
        let mut carats: Vec<f64> =
            stones.iter().map(|stone| stone.diamond.carat.carats()).collect();
        let prices = carats.iter().copied().zip(estimates.iter().map(|one| one.price_usd));
        let prices: Vec<(f64, f64)> = prices.filter(|(_, usd)| usd.is_finite()).collect();
        carats.sort_unstable_by(f64::total_cmp);
        let fifths_end = std::array::from_fn(|at| {
            let last = ((at + 1) * carats.len()).div_ceil(FIFTHS).saturating_sub(1);
            carats.get(last).copied().unwrap_or_default()
        });
        let power = power_of_weight(&prices);
        let [mut training, requests] = [StoneCounts::new(), StoneCounts::new()];
        for (stone, estimate) in stones.iter().zip(&estimates) {
            training.see(&fifths_end, power, &stone.diamond, estimate);
        }
        let refusals = RefusalCounts::default();
        DriftMonitor { predictor, features, fifths_end, power, training, requests, refusals }
    }

    /// Looks at a request.
    pub(super) fn see(&mut self, request: &AnsweredRequest) {
        request.stones.iter().for_each(|stone| self.see_stone(&stone.diamond));
        request.refusals.iter().for_each(|refusal| self.see_refusal(refusal));
    }

    /// Looks at a refused stone.
    pub(super) fn see_refusal(&mut self, refusal: &Refusal) {
        self.refusals.see(refusal);
    }

    /// Looks at a stone of a request.
    pub(super) fn see_stone(&mut self, diamond: &Diamond) {
        let numbers = numbers(diamond, self.predictor.price_lists());
        for (feature, value) in self.features.iter_mut().zip(numbers) {
            match feature {
                _ if value.is_nan() => {}
                FeatureCounts::Number(histogram) => histogram.see(value),
                FeatureCounts::Grades(grades) => grades[place(value)].requests += 1,
            }
        }
        let estimate = self.predictor.estimate(diamond);
        self.requests.see(&self.fifths_end, self.power, diamond, &estimate);
    }

    /// What it comes to.
    pub(super) fn conclude(self) -> Findings {
        let DriftMonitor { predictor, features, fifths_end, training, requests, refusals, .. } =
            self;
        let stones = [training.stones, requests.stones];
        let names = watched_names(predictor.price_lists());
        let features = names.zip(features).map(|(name, counts)| {
            let values = match counts {
                FeatureCounts::Number(histogram) => Values::Numbers {
                    bins: histogram.bins(),
                    kolmogorov_smirnov: histogram.kolmogorov_smirnov(),
                    mean: histogram.means(),
                },
                FeatureCounts::Grades(grades) => Values::Grades { grades },
            };
            FeatureDrift::new(name, values, stones)
        });
        let [trained, asked] =
            [&training, &requests].map(|counts| [counts.stones, counts.out_of_domain]);
        Findings {
            features: features.collect(),
            out_of_domain: Rate::of(OUT_OF_DOMAIN, trained, asked),
            price_level: PriceLevel::of(fifths_end, &training.prices, &requests.prices),
            refused: refusals.conclude(requests.stones, training.stones),
        }
    }
}

impl StoneCounts {
    fn new() -> StoneCounts {
        StoneCounts { stones: 0, out_of_domain: 0, prices: vec![LogHistogram::new(); FIFTHS] }
    }

    fn see(&mut self, fifths_end: &[f64], power: f64, diamond: &Diamond, estimate: &Estimate) {
        self.stones += 1;
        self.out_of_domain += u64::from(estimate.warnings.iter().any(says_out_of_domain));
        let carat = diamond.carat.carats();
        // A price that is not finite is not counted.
        if estimate.price_usd.is_finite() {
            let fifth = fifths_end.partition_point(|end| *end < carat);
            self.prices[fifth].see(at_one_carat(power, carat, estimate.price_usd));
        }
    }
}

/// How many features are compared at most: the properties of a stone, which are the same when it is turned, and its price
/// list.
const WATCHED: usize = DESCRIBED + 1;

/// The names of the features that are compared; the price list only where the model knows any.
fn watched_names(lists: &PriceLists) -> impl Iterator<Item = &'static str> {
    let properties = PROPERTIES.into_iter().map(|property| property.name);
    let list = Some(FEATURE_NAMES[PRICE_LIST]).filter(|_| !lists.is_empty());
    properties.chain(list)
}

/// The numbers of a stone that are compared; NaN where not given.
fn numbers(diamond: &Diamond, lists: &PriceLists) -> [f64; WATCHED] {
    let mut numbers = [f64::NAN; WATCHED];
    numbers[..DESCRIBED].copy_from_slice(&describe(diamond));
    if let Some(code) = diamond.price_list.and_then(|list| lists.code(list)) {
        numbers[DESCRIBED] = f64::from(code);
    }
    numbers
}

/// The grades of a feature, or the price lists, before any stone; `None` for a feature that is a number.
fn categories(name: &str, lists: &PriceLists) -> Option<Vec<Grade>> {
    let none = |grade: &str| Grade { grade: grade.to_owned(), training: 0, requests: 0 };
    if name == FEATURE_NAMES[PRICE_LIST] {
        return Some(lists.iter().map(|list| none(list.as_str())).collect());
    }
    grades(name).map(|names| names.iter().map(|name| none(name)).collect())
}

/// Whether a warning says that a stone is unlike the training stones.
fn says_out_of_domain(warning: &Warning) -> bool {
    use Warning::{Outside, PriceOutside, RareGrades, Side, Volume};
    matches!(
        warning,
        Outside { .. } | RareGrades { .. } | Volume { .. } | Side { .. } | PriceOutside { .. }
    )
}

/// A grade's place among the grades by its ordinal, or a price list's among the lists by its code.
#[expect(clippy::cast_possible_truncation, reason = "a u8 made it")]
fn place(code: f64) -> usize {
    code as usize
}
