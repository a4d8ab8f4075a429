//! Compares a file's prices with those expected of such stones: another currency, cents for dollars, a shifted
//! column.

use super::existing_rows::ExistingRows;
use super::price_reference::PriceReference;
use super::{FEWEST_ROWS, Finding};
use crate::chance;
use data::stone::Stone;
use learning::statistics::median;

/// So many stones so far say how a reference errs.
const SAMPLE: usize = 5000;

/// Into so many classes of equal count, by the reference's figure; it may err otherwise at each.
const CLASSES: usize = 10;

/// Makes a median absolute deviation one that a normal distribution's standard deviation is like.
const DEVIATION: f64 = 1.4826;

/// How far the file's prices lie from those that were to be expected, at the median.
pub(super) fn check(
    existing: &ExistingRows,
    fresh: &[&Stone],
    reference: &PriceReference,
    allowed: f64,
) -> Option<Finding> {
    let classes = Classes::of(existing, reference);
    let errors: Vec<f64> =
        fresh.iter().filter_map(|stone| classes.unexpected(reference, stone)).collect();
    if errors.len() < FEWEST_ROWS {
        return None;
    }
    let level = median(errors.clone())?;
    let deviation = DEVIATION * median(errors.iter().map(|error| (error - level).abs()).collect())?;
    let by_chance = libm::exp(chance::median_of_file(errors.len(), deviation)) - 1.0;
    // Half the price is as far off as twice the price.
    let found = libm::exp(level.abs()) - 1.0;
    let ratio = libm::exp(level);
    let sentence = format!(
        "at the median, prices are {ratio:.2} times what was to be expected by {reference}"
    );
    let limit = Some(allowed.max(by_chance));
    let finding = Finding::new("price level", "price", found, limit, sentence);
    // What only chance excuses is still worth a word.
    Some(finding.noted_above(allowed))
}

/// How prices lay beside a reference's figures so far, class by class.
struct Classes {
    /// Where each class but the first begins.
    edges: Vec<f64>,
    /// The median of ln(price / figure) in each class.
    levels: Vec<f64>,
}

impl Classes {
    fn of(existing: &ExistingRows, reference: &PriceReference) -> Classes {
        let mut points: Vec<(f64, f64)> = existing
            .sample(SAMPLE)
            .map(|stone| (reference.figure(stone), stone.price.usd()))
            .filter(|(figure, _)| *figure > 0.0)
            .collect();
        points.sort_unstable_by(|one, other| one.0.total_cmp(&other.0));
        let size = points.len().div_ceil(CLASSES).max(1);
        let (mut edges, mut levels) = (Vec::new(), Vec::new());
        for class in points.chunks(size) {
            let errors = class.iter().map(|(figure, price)| libm::log(price / figure)).collect();
            levels.push(median(errors).unwrap_or(0.0));
            edges.extend(class.first().map(|(figure, _)| *figure));
        }
        edges.drain(..edges.len().min(1));
        Classes { edges, levels }
    }

    /// The logarithm of a price over what was to be expected; none where the reference has no figure above 0.
    fn unexpected(&self, reference: &PriceReference, stone: &Stone) -> Option<f64> {
        let figure = reference.figure(stone);
        let level = self.levels.get(self.edges.partition_point(|edge| *edge <= figure))?;
        (figure > 0.0).then(|| libm::log(stone.price.usd() / figure) - level)
    }
}
