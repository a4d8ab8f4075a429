//! Calibration of the range: how many true prices lie in it, and how wide it is.

use inference::Predictor;

use super::axis::{Axis, middles};
use super::figure::{Cell, Figure, Findings, Sheet};
use super::plot::{Ink, Mark, Plot};
use super::subject::Subject;
use super::views::{in_words, views};
use learning::coverage::{Coverage, Part};
use learning::evaluate::View;
use learning::number::{percent, plain, usd};

/// A row of the plots: some of the stones, measured and by their four Cs alone.
struct Row {
    name: String,
    measured: Part,
    four_cs: Part,
}

/// The rows of stones whose price lists are told, or are not told.
struct Rows {
    /// What is told of measured stones and of those by their four Cs, in words.
    known: [&'static str; 2],
    rows: Vec<Row>,
}

pub(super) fn section(subject: &Subject<'_>) -> Findings {
    let predictor = &subject.predictor;
    let of = |views: &[View]| Rows::of(predictor, subject, views);
    let all = views(predictor).chunks(2).map(of).collect::<Option<Vec<Rows>>>();
    let (Some(interval), Some(all)) = (predictor.header().interval.as_ref(), all) else {
        let nothing = "This model gives no ranges: it was not calibrated, as models that were imported without rows are not.";
        return (nothing.into(), Vec::new());
    };
    let confidence = interval.confidence;
    let mut finding =
        format!("The range is to hold {} of the true prices.", percent(confidence, 0));
    for Rows { known, rows } in &all {
        let Some(Row { measured, four_cs, .. }) = rows.first() else { continue };
        for (known, part) in known.iter().zip([measured, four_cs]) {
            finding += &format!(
                " Where a stone is told as {known}, it holds {} and is {} wide on average.",
                percent(part.coverage, 1),
                usd(part.mean_width_usd)
            );
        }
    }
    let figures = all.iter().flat_map(|rows| [rows.coverage(confidence), rows.width()]);
    (finding, figures.collect())
}

impl Rows {
    /// The ranges in two views: of measured stones, and of the same ones by their four Cs.
    fn of(predictor: &Predictor, subject: &Subject<'_>, views: &[View]) -> Option<Rows> {
        let [measured_view, four_cs_view] = views else { return None };
        let of = |view: &View| Coverage::of(predictor, &subject.holdout, *view);
        let (measured, four_cs) = (of(measured_view)?, of(four_cs_view)?);
        let known = [measured_view, four_cs_view].map(|view| in_words(*view, predictor));
        Some(Rows { known, rows: rows(&measured, &four_cs) })
    }

    /// `measured`, or `list known` where that tells more.
    fn title(&self, title: &str) -> String {
        let [measured, _] = self.known;
        let list = measured.split_once(", ").map(|(_, list)| format!(", {list}"));
        title.to_owned() + &list.unwrap_or_default()
    }

    fn coverage(&self, confidence: f64) -> Figure {
        let rows = &self.rows;
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
            title: self.title("How many true prices the range holds"),
            reading: format!(
                "All held-out stones, then fifths of them by true price and by weight. The filled dots are measured stones, the rings the \
                 same stones by their four Cs alone. The line is the aim of {}: left of it a range is too narrow, right of it wider than it \
                 need be.",
                percent(confidence, 0)
            ),
            plot: Plot::list(
                Axis::percent("true prices in the range", low, high),
                names(rows),
                marks,
            ),
            sheet: Sheet::new(["stones", "confidence", "in range", "in range by four Cs"], cells),
        }
    }

    fn width(&self) -> Figure {
        let rows = &self.rows;
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
            title: self.title("How wide the range is"),
            reading: "From the low to the high end, on average over the same stones. What the measures add to the four Cs is how much \
                      farther left the dot is than the ring."
                .into(),
            plot: Plot::list(x, names(rows), marks),
            sheet: Sheet::new(["stones", "mean width", "mean width by four Cs"], cells),
        }
    }
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
