//! Calibration of the range: how many true prices lie in it, and how wide it is.

use super::axis::Axis;
use super::figure::{Cell, Figure, Section, Sheet};
use super::plot::{Ink, Mark, Plot, PlotError};
use super::subject::Subject;
use learning::coverage::{Coverage, Part};
use learning::evaluate::View;
use learning::number::{percent, plain, usd};

const NAME: &str = "calibration";
const TITLE: &str = "Calibration of the range";

/// A row of the plots: some of the stones, measured and by their four Cs alone.
struct Row {
    name: String,
    measured: Part,
    four_cs: Part,
}

pub(super) fn section(subject: &Subject<'_>) -> Result<Section, PlotError> {
    let of = |view| Coverage::of(&subject.predictor, &subject.holdout, view);
    let interval = subject.predictor.header().interval.as_ref();
    let (Some(interval), Some(measured), Some(four_cs)) =
        (interval, of(View::Measured), of(View::FourCs))
    else {
        let nothing = "This model gives no ranges: it was not calibrated, as models that were trained elsewhere are not.";
        return Ok(Section::without_figures(NAME, TITLE, nothing));
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
    let figures = vec![coverage(confidence, &rows)?, width(&rows)?];
    Ok(Section { name: NAME, title: TITLE, finding, figures })
}

fn rows(measured: &Coverage, four_cs: &Coverage) -> Vec<Row> {
    let named = |name: String, measured: &Part, four_cs: &Part| Row {
        name,
        measured: *measured,
        four_cs: *four_cs,
    };
    let mut rows = vec![named(String::from("all stones"), &measured.all, &four_cs.all)];
    for (one, other) in measured.by_price_fifth.iter().zip(&four_cs.by_price_fifth) {
        rows.push(named(format!("{} to {}", usd(one.low), usd(one.high)), one, other));
    }
    for (one, other) in measured.by_carat_fifth.iter().zip(&four_cs.by_carat_fifth) {
        let name = format!("{} to {} ct", plain(one.low, 2), plain(one.high, 2));
        rows.push(named(name, one, other));
    }
    rows
}

fn coverage(confidence: f64, rows: &[Row]) -> Result<Figure, PlotError> {
    let shares = || rows.iter().flat_map(|row| [row.measured.coverage, row.four_cs.coverage]);
    let low = shares().fold(confidence - 0.04, f64::min);
    let high = shares().fold(confidence + 0.04, f64::max).min(1.0);
    let x = Axis::percent("true prices in the range", low, high);
    let bottom = (0_u32..).map(f64::from).nth(rows.len()).unwrap_or_default();
    let aim = vec![(confidence, 0.0), (confidence, bottom)];
    let mut marks = vec![Mark::Line { points: aim, ink: Ink::Text, width: 1.0 }];
    let mut sheet = Sheet::new(&["stones", "confidence", "in range", "in range by four Cs"]);
    for (at, row) in (0_u32..).map(|at| f64::from(at) + 0.5).zip(rows) {
        marks.extend(pair(at, row.measured.coverage, row.four_cs.coverage));
        sheet.add([
            Cell::text(row.name.clone()),
            Cell::percent(confidence),
            Cell::percent(row.measured.coverage),
            Cell::percent(row.four_cs.coverage),
        ]);
    }
    Figure::new(
        "How many true prices the range holds",
        format!(
            "All held-out stones, then fifths of them by true price and by weight. The filled dots are measured stones, the rings the \
             same stones by their four Cs alone. The line is the aim of {}: left of it a range is too narrow, right of it wider than it \
             need be.",
            percent(confidence, 0)
        ),
        &plot(x, rows, marks),
        sheet,
    )
}

fn width(rows: &[Row]) -> Result<Figure, PlotError> {
    let widths =
        rows.iter().flat_map(|row| [row.measured.mean_width_usd, row.four_cs.mean_width_usd]);
    let x = Axis::usd("mean width of the range", widths.fold(0.0, f64::max));
    let mut marks = Vec::new();
    let mut sheet = Sheet::new(&["stones", "mean width", "mean width by four Cs"]);
    for (at, row) in (0_u32..).map(|at| f64::from(at) + 0.5).zip(rows) {
        marks.extend(pair(at, row.measured.mean_width_usd, row.four_cs.mean_width_usd));
        sheet.add([
            Cell::text(row.name.clone()),
            Cell::usd(row.measured.mean_width_usd),
            Cell::usd(row.four_cs.mean_width_usd),
        ]);
    }
    if let Some(row) = rows.first() {
        let (one, other) = (row.measured.mean_width_usd, row.four_cs.mean_width_usd);
        let at = (one.max(other), 0.5);
        let text = String::from("dot: measured, ring: four Cs");
        marks.push(Mark::Words { at, text, ink: Ink::Muted });
    }
    Figure::new(
        "How wide the range is",
        "From the low to the high end, on average over the same stones. What the measures add to the four Cs is how much farther left \
         the dot is than the ring.",
        &plot(x, rows, marks),
        sheet,
    )
}

fn pair(at: f64, measured: f64, four_cs: f64) -> [Mark; 3] {
    [
        Mark::Line { points: vec![(measured, at), (four_cs, at)], ink: Ink::Grid, width: 2.0 },
        Mark::Rings { points: vec![(four_cs, at)], ink: Ink::Accent, radius: 4.0 },
        Mark::Dots { points: vec![(measured, at)], ink: Ink::Accent, radius: 4.0, opacity: 1.0 },
    ]
}

fn plot(x: Axis, rows: &[Row], mut marks: Vec<Mark>) -> Plot {
    let names: Vec<String> = rows.iter().map(|row| row.name.clone()).collect();
    let fifths = rows.len().saturating_sub(1) / 2;
    for at in [1, 1 + fifths] {
        let row = (0_u32..).map(f64::from).nth(at).unwrap_or_default();
        let points = vec![(f64::MIN, row), (f64::MAX, row)];
        marks.insert(0, Mark::Line { points, ink: Ink::Grid, width: 1.0 });
    }
    Plot::list(x, &names, marks)
}
