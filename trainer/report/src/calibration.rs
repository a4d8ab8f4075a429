//! Calibration of the range: how many true prices lie in it, and how wide it is.

use super::axis::{Axis, middles};
use super::figure::{Cell, Figure, Findings, Sheet};
use super::plot::{Ink, Mark, Plot};
use super::subject::Subject;
use learning::coverage::{Coverage, Part};
use learning::evaluate::View;
use learning::number::{percent, plain, usd};

/// A row of the plots: some of the stones, measured and by their four Cs alone.
struct Row {
    name: String,
    measured: Part,
    four_cs: Part,
}

pub(super) fn section(subject: &Subject<'_>) -> Findings {
    let of = |view| Coverage::of(&subject.predictor, &subject.holdout, view);
    let interval = subject.predictor.header().interval.as_ref();
    let (Some(interval), Some(measured), Some(four_cs)) =
        (interval, of(View::Measured), of(View::FourCs))
    else {
        let nothing = "This model gives no ranges: it was not calibrated, as models that were imported without rows are not.";
        return (nothing.into(), Vec::new());
    };
    let confidence = interval.confidence;
    let finding = format!(
        "The range is to hold {} of the true prices. Around measured stones it holds {}, {} wide on average; around the same \
         stones by their four Cs alone {}, {} wide.",
        percent(confidence, 0),
        percent(measured.all.coverage, 1),
        usd(measured.all.mean_width_usd),
        percent(four_cs.all.coverage, 1),
        usd(four_cs.all.mean_width_usd),
    );
    let rows = rows(&measured, &four_cs);
    (finding, vec![coverage(confidence, &rows), width(&rows)])
}

fn rows(measured: &Coverage, four_cs: &Coverage) -> Vec<Row> {
    let row = |name, measured: &Part, four_cs: &Part| Row {
        name,
        measured: *measured,
        four_cs: *four_cs,
    };
    let mut rows = vec![row(String::from("all stones"), &measured.all, &four_cs.all)];
    for (one, other) in measured.by_price_fifth.iter().zip(&four_cs.by_price_fifth) {
        rows.push(row(format!("{} to {}", usd(one.low), usd(one.high)), one, other));
    }
    for (one, other) in measured.by_carat_fifth.iter().zip(&four_cs.by_carat_fifth) {
        let name = format!("{} to {} ct", plain(one.low, 2), plain(one.high, 2));
        rows.push(row(name, one, other));
    }
    rows
}

fn coverage(confidence: f64, rows: &[Row]) -> Figure {
    let shares = || rows.iter().flat_map(|row| [row.measured.coverage, row.four_cs.coverage]);
    let low = shares().fold(confidence - 0.04, f64::min);
    let high = shares().fold(confidence + 0.04, f64::max).min(1.0);
    let mut marks = marks(rows, |part| part.coverage);
    marks.insert(2, Mark::upright(confidence));
    let cells = rows.iter().map(|row| {
        [
            Cell::text(row.name.clone()),
            Cell::percent(confidence),
            Cell::percent(row.measured.coverage),
            Cell::percent(row.four_cs.coverage),
        ]
    });
    Figure {
        title: "How many true prices the range holds".into(),
        reading: format!(
            "All held-out stones, then fifths of them by true price and by weight. The filled dots are measured stones, the rings the \
             same stones by their four Cs alone. The line is the aim of {}: left of it a range is too narrow, right of it wider than it \
             need be.",
            percent(confidence, 0)
        ),
        plot: Plot::list(Axis::percent("true prices in the range", low, high), names(rows), marks),
        sheet: Sheet::new(["stones", "confidence", "in range", "in range by four Cs"], cells),
    }
}

fn width(rows: &[Row]) -> Figure {
    let widths =
        rows.iter().flat_map(|row| [row.measured.mean_width_usd, row.four_cs.mean_width_usd]);
    let x = Axis::usd("mean width of the range", 0.0, widths.fold(0.0, f64::max));
    let mut marks = marks(rows, |part| part.mean_width_usd);
    if let Some(Row { measured, four_cs, .. }) = rows.first() {
        let at = (measured.mean_width_usd.max(four_cs.mean_width_usd), 0.5);
        marks.push(Mark::Words(at, "dot: measured, ring: four Cs".into()));
    }
    let cells = rows.iter().map(|row| {
        [
            Cell::text(row.name.clone()),
            Cell::usd(row.measured.mean_width_usd),
            Cell::usd(row.four_cs.mean_width_usd),
        ]
    });
    Figure {
        title: "How wide the range is".into(),
        reading: "From the low to the high end, on average over the same stones. What the measures add to the four Cs is how much \
                  farther left the dot is than the ring."
            .into(),
        plot: Plot::list(x, names(rows), marks),
        sheet: Sheet::new(["stones", "mean width", "mean width by four Cs"], cells),
    }
}

/// Thin lines between all stones, the fifths by price and the fifths by weight; and in each row a dot and a ring.
fn marks(rows: &[Row], value: fn(&Part) -> f64) -> Vec<Mark> {
    let fifths = rows.len().saturating_sub(1) / 2;
    let mut marks = vec![Mark::across(1.0 + fifths as f64), Mark::across(1.0)];
    for (at, row) in middles().zip(rows) {
        let (measured, four_cs) = ((value(&row.measured), at), (value(&row.four_cs), at));
        marks.push(Mark::line(vec![measured, four_cs], Ink::Grid, 2.0));
        marks.push(Mark::rings(vec![four_cs], Ink::Accent, 4.0));
        marks.push(Mark::dots(vec![measured], Ink::Accent, 4.0, 1.0));
    }
    marks
}

fn names(rows: &[Row]) -> Vec<String> {
    rows.iter().map(|row| row.name.clone()).collect()
}
