//! Residuals by segment: the error of estimates by cut, color, clarity and weight.

use inference::{Clarity, Color, Cut, Metrics};

use super::axis::{Axis, middles};
use super::figure::{Cell, Figure, Findings, Sheet};
use super::plot::{Ink, Mark, Plot};
use super::subject::Subject;
use data::stone::Stone;
use learning::number::{count, percent, plain, signed_percent, usd};
use learning::statistics::{mean, share};

/// Fewer stones than this say little about a segment.
pub(crate) const FEW: u64 = 30;

/// The errors on some of the held-out stones.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Segment {
    /// `cut`, `color`, `clarity`, `price list` or `carat`.
    pub by: &'static str,
    pub name: String,
    pub metrics: Metrics,
    /// How much the estimates are above the true prices in all, as a share of these.
    pub(crate) bias: f64,
    /// Twice the standard error of the bias: what chance alone may give.
    pub(crate) bias_by_chance: f64,
}

impl Segment {
    /// Every segment that has stones: grades from the worst to the best, then the price lists that
    /// the model knows, then fifths by weight from the lightest.
    pub(crate) fn all(subject: &Subject<'_>) -> Vec<Segment> {
        let rows: Vec<(&Stone, f64)> = subject.priced().collect();
        let mut segments = Vec::new();
        let mut add = |by, name: &str, is_in: &dyn Fn(&Stone) -> bool| {
            let part = rows.iter().copied().filter(|(stone, _)| is_in(stone));
            segments.extend(Segment::of(by, name.to_owned(), &part.collect::<Vec<_>>()));
        };
        for cut in Cut::ALL {
            add("cut", cut.as_str(), &|stone| stone.diamond.cut == *cut);
        }
        for color in Color::ALL {
            add("color", color.as_str(), &|stone| stone.diamond.color == *color);
        }
        for clarity in Clarity::ALL {
            add("clarity", clarity.as_str(), &|stone| stone.diamond.clarity == *clarity);
        }
        for list in subject.predictor.price_lists().iter() {
            add("price list", list.as_str(), &|stone| stone.diamond.price_list == Some(list));
        }
        let carat = |stone: &Stone| stone.diamond.carat.carats();
        let mut carats: Vec<f64> = rows.iter().map(|(stone, _)| carat(stone)).collect();
        carats.sort_unstable_by(f64::total_cmp);
        let mut from = 0.0;
        for fifth in 1..=5 {
            let last = (carats.len() * fifth / 5).checked_sub(1).and_then(|last| carats.get(last));
            let Some(to) = last.copied().filter(|to| *to > from) else { continue };
            let first = carats.iter().copied().find(|carat| *carat > from).unwrap_or(to);
            let name = format!("{} to {} ct", plain(first, 2), plain(to, 2));
            add("carat", &name, &|stone| carat(stone) > from && carat(stone) <= to);
            from = to;
        }
        segments
    }

    fn of(by: &'static str, name: String, rows: &[(&Stone, f64)]) -> Option<Segment> {
        let (prices, estimates): (Vec<f64>, Vec<f64>) =
            rows.iter().map(|(stone, usd)| (stone.price.usd(), *usd)).unzip();
        let metrics = Metrics::of(&estimates, &prices)?;
        let residuals: Vec<f64> =
            estimates.iter().zip(&prices).map(|(usd, price)| usd - price).collect();
        let (mean_price, bias_usd) = (mean(&prices)?, mean(&residuals)?);
        let squares: Vec<f64> =
            residuals.iter().map(|one| (one - bias_usd) * (one - bias_usd)).collect();
        let error_usd = libm::sqrt(mean(&squares)? * share(1, rows.len()));
        let (bias, bias_by_chance) = (bias_usd / mean_price, 2.0 * error_usd / mean_price);
        Some(Segment { by, name, metrics, bias, bias_by_chance })
    }

    /// `cut Fair`, `0.23 to 0.35 ct`.
    pub(crate) fn title(&self) -> String {
        if self.by == "carat" { self.name.clone() } else { format!("{} {}", self.by, self.name) }
    }
}

pub(super) fn section(subject: &Subject<'_>) -> Findings {
    let segments = Segment::all(subject);
    let enough = || segments.iter().filter(|segment| segment.metrics.n >= FEW);
    let worst = enough().max_by(|one, other| one.metrics.mape.total_cmp(&other.metrics.mape));
    let slanted: Vec<String> = enough()
        .filter(|segment| segment.bias.abs() > segment.bias_by_chance && segment.bias.abs() > 0.01)
        .map(|segment| format!("{} ({})", segment.title(), signed_percent(segment.bias, 1)))
        .collect();
    let mut finding = String::new();
    if let Some(worst) = worst {
        let (title, mape) = (worst.title(), percent(worst.metrics.mape, 1));
        finding = format!(
            "The estimates are least certain for {title}: off by {mape} of the price on average. "
        );
    }
    if slanted.is_empty() {
        finding +=
            "No segment is priced too high or too low by more than 1 % and more than chance gives.";
    } else {
        finding += "Priced too high or too low by more than 1 % and more than chance gives: ";
        finding += &format!("{}.", slanted.join(", "));
    }
    (finding, vec![absolute(&segments), bias(&segments)])
}

/// The rows of both plots: a segment a row.
fn names(segments: &[Segment]) -> Vec<String> {
    segments.iter().map(Segment::title).collect()
}

fn absolute(segments: &[Segment]) -> Figure {
    let most = segments.iter().map(|segment| segment.metrics.mae).fold(0.0, f64::max);
    let mut marks = groups(segments);
    for (row, segment) in middles().zip(segments) {
        let opacity = if segment.metrics.n < FEW { 0.4 } else { 0.9 };
        marks.push(Mark::bar(row, segment.metrics.mae, opacity));
        let words = format!("{} \u{b7} {}", usd(segment.metrics.mae), count(segment.metrics.n));
        marks.push(Mark::Words((segment.metrics.mae, row), words));
    }
    // Room for the words behind the longest bar.
    let x = Axis::usd("mean absolute error", 0.0, most * 1.35);
    let rows = segments.iter().map(|segment| {
        [
            Cell::text(segment.title()),
            Cell::count(segment.metrics.n),
            Cell::usd(segment.metrics.mae),
            Cell::percent(segment.metrics.mape),
            Cell::signed_percent(segment.bias),
            Cell::percent(segment.metrics.within_10_percent),
        ]
    });
    Figure {
        title: "Error in dollars by segment".into(),
        reading: "How many dollars an estimate is off on average; behind each bar its length and how many stones it is of. Dear \
                  stones have greater errors in dollars, so bars of weights differ most."
            .into(),
        plot: Plot::list(x, names(segments), marks),
        sheet: Sheet::new(["segment", "stones", "MAE", "MAPE", "bias", "within 10 %"], rows),
    }
}

fn bias(segments: &[Segment]) -> Figure {
    let reach = |segment: &Segment| segment.bias.abs() + segment.bias_by_chance;
    let enough = segments.iter().filter(|segment| segment.metrics.n >= FEW);
    let most = enough.map(reach).fold(0.01, f64::max);
    let x = Axis::percent("estimates above or below the true prices", -most, most);
    let mut marks = vec![Mark::upright(0.0)];
    marks.extend(groups(segments));
    for (row, Segment { bias, bias_by_chance, .. }) in middles().zip(segments) {
        let ends = [bias - bias_by_chance, bias + bias_by_chance].map(|end| (end, row));
        marks.push(Mark::line(ends.to_vec(), Ink::Accent, 1.5));
        marks.push(Mark::dots(vec![(*bias, row)], Ink::Accent, 4.0, 1.0));
    }
    let rows = segments.iter().map(|segment| {
        [
            Cell::text(segment.title()),
            Cell::count(segment.metrics.n),
            Cell::signed_percent(segment.bias),
            Cell::percent(segment.bias_by_chance),
        ]
    });
    Figure {
        title: "Bias in percent by segment".into(),
        reading: "How much the estimates of a segment are above (right) or below (left) its true prices in all. The line through a \
                  dot is what chance gives in 19 of 20 cases: where it crosses 0, nothing is known to be wrong."
            .into(),
        plot: Plot::list(x, names(segments), marks),
        sheet: Sheet::new(["segment", "stones", "bias", "by chance up to"], rows),
    }
}

/// Thin lines between cut, color, clarity, price list and carat.
fn groups(segments: &[Segment]) -> Vec<Mark> {
    let ends = (1..segments.len()).filter(|at| segments[*at].by != segments[at - 1].by);
    ends.map(|at| Mark::across(at as f64)).collect()
}
