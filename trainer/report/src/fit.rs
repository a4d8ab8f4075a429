//! Goodness of fit: estimates against true prices.

use std::collections::BTreeMap;

use inference::Metrics;

use super::axis::{Axis, middles};
use super::figure::{Cell, Figure, Findings, Sheet};
use super::plot::{Ink, Mark, Plot};
use super::subject::Subject;
use super::views::{in_words, views};
use learning::evaluate;
use learning::number::{count, percent, usd};
use learning::statistics::{mean, quantile, share};

/// How many cells the plot of estimates has along each side.
const CELLS: f64 = 60.0;

/// Errors beyond this share of the price are drawn at the edge.
const MOST_ERROR: f64 = 0.4;

const ERROR_STEP: f64 = 0.02;

pub(super) fn section(subject: &Subject<'_>) -> Findings {
    let errors = errors(subject);
    let mut off: Vec<f64> = errors.iter().map(|error| error.abs()).collect();
    off.sort_unstable_by(f64::total_cmp);
    let close = off.iter().filter(|off| **off <= 0.1).count();
    let finding = format!(
        "On {} stones with known prices the estimate is off by {} on average. Half of the estimates are within {} of the true \
         price, {} within 10 %.",
        count(subject.holdout.len()),
        usd(subject.mae_usd()),
        percent(quantile(&off, 0.5).unwrap_or(f64::NAN), 1),
        percent(share(close, off.len()), 1),
    );
    (finding, vec![against_truth(subject), spread(&errors), by_view(subject)])
}

/// The error by what a model is told of the same stones.
fn by_view(subject: &Subject<'_>) -> Figure {
    let predictor = &subject.predictor;
    let measured: Vec<(&'static str, Metrics)> = views(predictor)
        .iter()
        .filter_map(|view| {
            let metrics = evaluate::metrics_of(predictor, &subject.holdout, *view)?;
            Some((in_words(*view, predictor), metrics))
        })
        .collect();
    let most = measured.iter().map(|(_, metrics)| metrics.mae).fold(0.0, f64::max);
    let mark = |(row, (_, metrics)): (f64, &(&str, Metrics))| {
        [Mark::bar(row, metrics.mae, 0.9), Mark::Words((metrics.mae, row), usd(metrics.mae))]
    };
    let marks = middles().zip(&measured).flat_map(mark).collect();
    let rows = measured.iter().map(|(name, metrics)| {
        [
            Cell::text(*name),
            Cell::count(metrics.n),
            Cell::usd(metrics.mae),
            Cell::usd(metrics.rmse),
            Cell::percent(metrics.mape),
            Cell::percent(metrics.within_10_percent),
        ]
    });
    let names = measured.iter().map(|(name, _)| (*name).to_owned()).collect();
    Figure {
        title: "Error by what is known of a stone".into(),
        reading: "The mean absolute error on the same stones, by how much the model is told of each. All other figures of this page are \
                  of stones of which everything is known."
            .into(),
        plot: Plot::list(Axis::usd("mean absolute error", 0.0, most * 1.2), names, marks),
        sheet: Sheet::new(["known", "stones", "MAE", "RMSE", "MAPE", "within 10 %"], rows),
    }
}

/// By how great a share of the true price each estimate is off.
fn errors(subject: &Subject<'_>) -> Vec<f64> {
    subject.priced().map(|(stone, usd)| usd / stone.price.usd() - 1.0).collect()
}

fn against_truth(subject: &Subject<'_>) -> Figure {
    let prices = || subject.holdout.iter().map(|stone| stone.price.usd());
    let low = prices().fold(f64::INFINITY, f64::min) * 0.9;
    let high = prices().fold(0.0, f64::max) * 1.1;
    let (x, y) = (Axis::log_usd("true price", low, high), Axis::log_usd("estimate", low, high));
    let side = (x.high - x.low) / CELLS;
    let mut cells: BTreeMap<(i32, i32), u32> = BTreeMap::new();
    for (stone, price) in subject.priced() {
        let at = |axis: &Axis, usd: f64| whole((axis.place(usd) - axis.low) / side);
        *cells.entry((at(&x, stone.price.usd()), at(&y, price))).or_default() += 1;
    }
    let most = f64::from(cells.values().copied().max().unwrap_or(1));
    let edge = |axis: &Axis, at: i32| libm::pow(10.0, axis.low + f64::from(at) * side);
    let square = |((column, row), stones): (&(i32, i32), &u32)| {
        let across = (edge(&x, *column), edge(&x, column + 1));
        let upright = (edge(&y, *row), edge(&y, row + 1));
        let opacity = 0.12 + 0.88 * libm::sqrt(f64::from(*stones) / most);
        Mark::area(across, upright, Ink::Accent, opacity)
    };
    let mut marks: Vec<Mark> = cells.iter().map(square).collect();
    for (factor, ink, width) in
        [(1.0, Ink::Text, 1.0), (0.9, Ink::Muted, 0.8), (1.1, Ink::Muted, 0.8)]
    {
        marks.push(Mark::line(vec![(low, low * factor), (high, high * factor)], ink, width));
    }
    Figure {
        title: "Estimates against true prices".into(),
        reading: "Each small square holds stones of about one true price and one estimate, the stronger its colour, the more. On the diagonal an \
         estimate is right; the thin lines next to it are 10 % off. Both axes grow by factors."
            .into(),
        plot: Plot { height: 360, ..Plot::new(x, y, marks) },
        sheet: by_tenth(subject),
    }
}

/// The estimates by tenths of the true price.
fn by_tenth(subject: &Subject<'_>) -> Sheet {
    let mut rows: Vec<(f64, f64)> =
        subject.priced().map(|(stone, usd)| (stone.price.usd(), usd)).collect();
    rows.sort_by(|one, other| one.0.total_cmp(&other.0));
    let tenths = rows.chunks(rows.len().div_ceil(10).max(1)).map(|tenth| {
        let of = |value: fn(&(f64, f64)) -> f64| {
            Cell::usd(mean(&tenth.iter().map(value).collect::<Vec<_>>()).unwrap_or(f64::NAN))
        };
        [
            Cell::usd(tenth[0].0),
            Cell::usd(tenth[tenth.len() - 1].0),
            Cell::count(tenth.len()),
            of(|row| row.0),
            of(|row| row.1),
            of(|row| (row.1 - row.0).abs()),
        ]
    });
    Sheet::new(["true price from", "to", "stones", "mean price", "mean estimate", "MAE"], tenths)
}

fn spread(errors: &[f64]) -> Figure {
    let mut bars: BTreeMap<i32, usize> = BTreeMap::new();
    for error in errors {
        let within = error.clamp(-MOST_ERROR, MOST_ERROR - ERROR_STEP / 2.0);
        *bars.entry(whole(within / ERROR_STEP)).or_default() += 1;
    }
    let most = bars.values().map(|stones| share(*stones, errors.len())).fold(0.0, f64::max);
    let x = Axis::percent("estimate above or below the true price", -MOST_ERROR, MOST_ERROR);
    let y = Axis::percent("stones", 0.0, most);
    let ends = |bar: &i32| (f64::from(*bar) * ERROR_STEP, f64::from(bar + 1) * ERROR_STEP);
    let mark = |(bar, stones): (&i32, &usize)| {
        let (from, to) = ends(bar);
        let gap = ERROR_STEP * 0.06;
        let is_close = (-0.1001..=0.1001).contains(&from) && to <= 0.1001;
        let opacity = if is_close { 0.95 } else { 0.45 };
        Mark::area(
            (from + gap, to - gap),
            (0.0, share(*stones, errors.len())),
            Ink::Accent,
            opacity,
        )
    };
    let mut marks: Vec<Mark> = bars.iter().map(mark).collect();
    marks.push(Mark::upright(0.0));
    marks.push(Mark::Words((0.1, y.high * 0.93), "strong: within 10\u{a0}%".into()));
    let rows = bars.iter().map(|(bar, stones)| {
        let (from, to) = ends(bar);
        [
            Cell::signed_percent(from),
            Cell::signed_percent(to),
            Cell::count(*stones),
            Cell::percent(share(*stones, errors.len())),
        ]
    });
    Figure {
        title: "How far off the estimates are".into(),
        reading: "Stones by the error of their estimate, in steps of 2 % of the true price; the outermost bars hold all that is beyond. A \
         good model's heap is narrow and stands over 0."
            .into(),
        plot: Plot { height: 360, ..Plot::new(x, y, marks) },
        sheet: Sheet::new(["error from", "to", "stones", "share"], rows),
    }
}

/// The whole number below.
#[expect(clippy::cast_possible_truncation, reason = "the number of a cell or a bar")]
fn whole(value: f64) -> i32 {
    (value + 1e-9).floor() as i32
}
