//! Champion history: every promotion with its error.

use super::axis::Axis;
use super::figure::{Cell, Figure, Section, Sheet};
use super::plot::{Ink, Mark, Plot, PlotError};
use super::trials::steps;
use learning::number::{count, usd};
use registry::history::PastPromotion;

const NAME: &str = "champions";
const TITLE: &str = "Champion history";

/// More promotions than this do not fit next to each other; the latest are drawn, the table has all.
const MOST: usize = 40;

pub(super) fn section(promotions: &[PastPromotion]) -> Result<Section, PlotError> {
    let Some(last) = promotions.last() else {
        let nothing = "There has been no champion yet: no model was promoted.";
        return Ok(Section::without_figures(NAME, TITLE, nothing));
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
    Ok(Section { name: NAME, title: TITLE, finding, figures: vec![figure(promotions, last)?] })
}

fn figure(promotions: &[PastPromotion], last: &PastPromotion) -> Result<Figure, PlotError> {
    let drawn = promotions.get(promotions.len().saturating_sub(MOST)..).unwrap_or(promotions);
    let places = || (0_u32..).map(|at| f64::from(at) + 0.5);
    let measured: Vec<(f64, f64, bool)> = places()
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
    let x = Axis::names("promoted", &names.collect::<Vec<_>>());
    let points = |same: bool| {
        measured.iter().filter(|one| one.2 == same).map(|(x, y, _)| (*x, *y)).collect::<Vec<_>>()
    };
    let all: Vec<(f64, f64)> = measured.iter().map(|(x, y, _)| (*x, *y)).collect();
    let marks = vec![
        Mark::Line { points: steps(&all, x.high), ink: Ink::Accent, width: 1.5 },
        Mark::Dots { points: points(true), ink: Ink::Accent, radius: 4.5, opacity: 1.0 },
        Mark::Rings { points: points(false), ink: Ink::Accent, radius: 4.5 },
    ];
    let mut sheet = Sheet::new(&["promoted", "model", "family", "holdout MAE", "why"]);
    for promotion in promotions.iter().rev() {
        sheet.add([
            Cell::text(promotion.promoted_at.clone()),
            Cell::text(promotion.model_id.clone()),
            promotion.family.clone().map_or_else(Cell::none, Cell::text),
            promotion.holdout_mae_usd.map_or_else(Cell::none, |mae| Cell::new(usd(mae), mae)),
            Cell::text(promotion.reason.clone()),
        ]);
    }
    Figure::new(
        "Error of each champion, from promotion to promotion",
        "The mean absolute error by which each champion was registered. A ring is one that was measured on other rows than the present \
         champion, so its height is not strictly to be compared. Models that were pruned are in the table only.",
        &Plot::new(x, Axis::usd("holdout MAE", most), marks),
        sheet,
    )
}

/// The day of a time: `2026-11-27`.
fn day(time: &str) -> &str {
    time.get(..10).unwrap_or(time)
}

/// A time as it fits under a plot: `11-27 14:03`.
fn moment(time: &str) -> String {
    time.get(5..16).unwrap_or(time).replace('T', " ")
}
