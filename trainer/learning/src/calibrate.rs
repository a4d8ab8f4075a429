//! Calibrates the range around a price by split conformal prediction in groups of similar stones.
//!
//! The groups are Mondrian conformal prediction (Vovk, Gammerman and Shafer, *Algorithmic Learning in a Random World*,
//! 2005, chapter 4), with a quantile of its own for each side (Romano, Patterson and Candès, *Conformalized Quantile
//! Regression*, 2019, theorem 2). The errors are those of cross-validation, as in Vovk's *Cross-conformal predictors*
//! (2015): every training row calibrates, each by a model that did not see it.
//!
//! For one such model and an unseen stone of a group of n rows, drawn as they were, a range with fixed ranks holds the
//! price with a probability between 0.9 and `0.9 + 2 / (n + 1)`, equal errors aside. That the rows themselves say where
//! groups begin and whether a range is one-sided, and that the final model is fitted on all of them, is beyond the
//! theorem; so the held-out rows are asked, and their coverage is stored with every model.

use inference::interval::{Bounds, ByMeasures, GROUPS, Scale};
use inference::{ConformalTable, Link, PredictionInterval};

use crate::evaluate::{View, ViewPrices};
use data::stone::Stone;

/// The share of prices that an interval is to hold: all but one in ten.
pub(crate) const CONFIDENCE: f64 = 0.9;
const ONE_IN: usize = 10;

/// A group has so many rows or more on average: the share that its reach holds is then within 2 points of the aim (one
/// standard deviation, `sqrt(0.9 × 0.1 / 200)`).
const ROWS_A_GROUP: usize = 200;

/// Calibrates on prices of rows that should have trained nothing: for the stones as they were measured, and as if only their
/// four Cs were known; without their price list, and where the model knows lists, in it. `None` where there are too few
/// rows, or a price is no number.
pub(crate) fn calibrate(
    link: Link,
    prices: &ViewPrices,
    stones: &[&Stone],
) -> Option<PredictionInterval> {
    let all: Vec<usize> = (0..stones.len()).collect();
    let listed: Vec<usize> =
        all.iter().copied().filter(|row| stones[*row].diamond.price_list.is_some()).collect();
    let by_measures = |measured: View, four_cs: View, rows: &[usize]| {
        let of_view = |view: View| {
            let prices_usd = prices.get(view)?;
            let prices_usd: Vec<f64> = rows.iter().map(|row| prices_usd[*row]).collect();
            let stones: Vec<&Stone> = rows.iter().map(|row| stones[*row]).collect();
            spread(link, &prices_usd, &stones)
        };
        Some(ByMeasures { measured: of_view(measured)?, unmeasured: of_view(four_cs)? })
    };
    let (without_list, in_list) = match prices.get(View::MeasuredWithoutList) {
        None => (by_measures(View::Measured, View::FourCs, &all)?, None),
        Some(_) => (
            by_measures(View::MeasuredWithoutList, View::FourCsWithoutList, &all)?,
            Some(by_measures(View::Measured, View::FourCs, &listed)?),
        ),
    };
    Some(PredictionInterval { confidence: CONFIDENCE, without_list, in_list })
}

fn spread(link: Link, prices_usd: &[f64], stones: &[&Stone]) -> Option<ConformalTable> {
    let scale = match link {
        Link::Identity => Scale::Dollars,
        Link::Log => Scale::Factor,
    };
    let rows = stones.iter().zip(prices_usd);
    let errors: Vec<f64> = rows.map(|(stone, usd)| error(scale, *usd, stone.price.usd())).collect();
    if !errors.iter().all(|error| error.is_finite()) {
        return None;
    }
    let carats: Vec<f64> = stones.iter().map(|stone| stone.diamond.carat.carats()).collect();
    let of_all = reach(scale, errors.clone())?;
    let mut spread = grouped(ConformalTable::even(scale, of_all), &carats, prices_usd);
    let mut groups: [[Vec<f64>; GROUPS]; GROUPS] = Default::default();
    for ((carats, price_usd), error) in carats.iter().zip(prices_usd).zip(errors) {
        let (by_carat, by_price) = spread.group(*carats, *price_usd);
        groups[by_carat][by_price].push(error);
    }
    for (slots, groups) in spread.bounds.iter_mut().zip(groups) {
        for (slot, errors) in slots.iter_mut().zip(groups) {
            // Many equal weights can leave a group with hardly a row.
            *slot = reach(scale, errors).unwrap_or(of_all);
        }
    }
    Some(spread)
}

/// The spread with edges that share the rows out evenly, by weight and then by price. They know nothing of the errors.
fn grouped(mut spread: ConformalTable, carats: &[f64], prices_usd: &[f64]) -> ConformalTable {
    let groups = (1..=GROUPS).rev().find(|n| n * n * ROWS_A_GROUP <= carats.len()).unwrap_or(1);
    spread.carat_edges = edges(carats.to_vec(), groups);
    for by_carat in 0..GROUPS {
        let rows = carats.iter().zip(prices_usd);
        let of_group = rows.filter(|(carats, usd)| spread.group(**carats, **usd).0 == by_carat);
        spread.price_edges_usd[by_carat] = edges(of_group.map(|(_, usd)| *usd).collect(), groups);
    }
    spread
}

/// The values at which the later ones of so many groups begin; where that is fewer than [`GROUPS`], no value falls below
/// the first edges.
#[expect(clippy::cast_possible_truncation, reason = "an edge may lie anywhere near")]
fn edges(mut values: Vec<f64>, groups: usize) -> [f32; GROUPS - 1] {
    values.sort_unstable_by(f64::total_cmp);
    let mut edges = [f32::MIN; GROUPS - 1];
    for group in 1..groups {
        if let Some(value) = values.get(group * values.len() / groups) {
            edges[GROUPS - 1 + group - groups] = *value as f32;
        }
    }
    edges
}

/// The reach that holds [`CONFIDENCE`] of unseen errors: half of the others fall below it and half above, unless that
/// would leave out the estimate itself; then it begins or ends there, and more of them fall on the other side. `None` for
/// fewer than 19 errors.
///
/// An unseen error is as likely to be the k-th smallest among the n + 1 as any other, so each rank that is cut off at
/// either end loses `1 / (n + 1)` of them.
fn reach(scale: Scale, mut errors: Vec<f64>) -> Option<Bounds> {
    errors.sort_unstable_by(f64::total_cmp);
    let (n, none) = (errors.len(), no_error(scale));
    let cut = (n + 1) / ONE_IN;
    let half = cut / 2;
    let below = errors.partition_point(|error| *error < none);
    let above = n - errors.partition_point(|error| *error <= none);
    let (low, high) = if half == 0 {
        return None;
    } else if below < half {
        (none, errors[n - (cut - below)])
    } else if above < half {
        (errors[cut - above - 1], none)
    } else {
        (errors[half - 1], errors[n - half])
    };
    Some(Bounds { low: rounded_down(low), high: rounded_up(high) })
}

/// How far a true price is from the estimate.
fn error(scale: Scale, estimated_usd: f64, true_usd: f64) -> f64 {
    match scale {
        Scale::Factor => true_usd / estimated_usd,
        Scale::Dollars => true_usd - estimated_usd,
    }
}

/// The error of an estimate that is right.
fn no_error(scale: Scale) -> f64 {
    match scale {
        Scale::Factor => 1.0,
        Scale::Dollars => 0.0,
    }
}

/// The largest f32 that is not above a number: rounding must leave out no row that decided the reach.
#[expect(clippy::cast_possible_truncation, reason = "that is what is done here")]
fn rounded_down(value: f64) -> f32 {
    let near = value as f32;
    let down = if f64::from(near) > value { near.next_down() } else { near };
    down.clamp(f32::MIN, f32::MAX)
}

fn rounded_up(value: f64) -> f32 {
    -rounded_down(-value)
}

#[cfg(test)]
mod tests;
