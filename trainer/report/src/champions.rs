//! Champion history: every promotion with its error.

use super::axis::{Axis, middles};
use super::figure::{Cell, Figure, Findings, Sheet};
use super::plot::{Ink, Mark, Plot};
use super::trials::steps;
use learning::number::count;
use registry::history::PastPromotion;

/// More promotions than this do not fit next to each other; the latest are drawn, the table has all.
const MOST: usize = 40;

pub(super) fn section(promotions: &[PastPromotion]) -> Findings {
    let Some(last) = promotions.last() else {
        return ("There has been no champion yet: no model was promoted.".into(), Vec::new());
    };
    let back = promotions.iter().filter(|promotion| promotion.rolls_back).count();
    let finding = format!(
        "{} promotions, {} of them back to an earlier champion. The champion is {}, since {}: {}",
        count(promotions.len()),
        count(back),
        last.model_id,
        day(&last.promoted_at),
        last.reason,
    );
    (finding, vec![figure(promotions, last)])
}

fn figure(promotions: &[PastPromotion], last: &PastPromotion) -> Figure {
    let drawn = promotions.get(promotions.len().saturating_sub(MOST)..).unwrap_or(promotions);
    let measured: Vec<(f64, f64, bool)> = middles()
        .zip(drawn)
        .filter_map(|(at, promotion)| {
            let same =
                promotion.split_sha256.is_some() && promotion.split_sha256 == last.split_sha256;
            Some((at, promotion.holdout_mae_usd?, same))
        })
        .collect();
    let most = measured.iter().map(|(_, usd, _)| *usd).fold(1.0, f64::max);
    let every = drawn.len().div_ceil(5).max(1);
    let names = drawn.iter().enumerate().map(|(at, promotion)| {
        if at.is_multiple_of(every) { moment(&promotion.promoted_at) } else { String::new() }
    });
    let x = Axis::names("promoted", names.collect());
    let points = |which: &[bool]| -> Vec<(f64, f64)> {
        let chosen = measured.iter().filter(|(_, _, same)| which.contains(same));
        chosen.map(|(x, y, _)| (*x, *y)).collect()
    };
    let marks = vec![
        Mark::line(steps(&points(&[true, false]), x.high), Ink::Accent, 1.5),
        Mark::dots(points(&[true]), Ink::Accent, 4.5, 1.0),
        Mark::rings(points(&[false]), Ink::Accent, 4.5),
    ];
    let rows = promotions.iter().rev().map(|promotion| {
        [
            Cell::text(promotion.promoted_at.clone()),
            Cell::text(promotion.model_id.clone()),
            promotion.family.clone().map_or_else(Cell::none, Cell::text),
            promotion.holdout_mae_usd.map_or_else(Cell::none, Cell::usd),
            Cell::text(promotion.reason.clone()),
        ]
    });
    Figure {
        title: "Error of each champion, from promotion to promotion".into(),
        reading: "The mean absolute error by which each champion was registered. A ring is one that was measured on other rows than the present \
         champion, so its height is not strictly to be compared. Models that were pruned are in the table only."
            .into(),
        plot: Plot::new(x, Axis::usd("holdout MAE", 0.0, most), marks),
        sheet: Sheet::new(["promoted", "model", "family", "holdout MAE", "why"], rows),
    }
}

/// The day of a time: `2026-11-27`.
fn day(time: &str) -> &str {
    time.get(..10).unwrap_or(time)
}

/// A time as it fits under a plot: `11-27 14:03`.
fn moment(time: &str) -> String {
    time.get(5..16).unwrap_or(time).replace('T', " ")
}
