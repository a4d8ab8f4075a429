//! Residuals by segment: the error of estimates by cut, color, clarity and weight.

use inference::{Clarity, Color, Cut};

use super::axis::Axis;
use super::figure::{Cell, Figure, Section, Sheet};
use super::plot::{Ink, Mark, Plot, PlotError};
use super::subject::Subject;
use data::stone::Stone;
use learning::number::{count, percent, plain, signed_percent, usd};
use learning::statistics::{mean, share};

/// Fewer stones than this say little about a segment.
pub(crate) const FEW: usize = 30;

/// The errors on some of the held-out stones.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Segment {
    /// `cut`, `color`, `clarity` or `carat`.
    pub by: &'static str,
    pub name: String,
    pub stones: usize,
    pub mae_usd: f64,
    /// The mean absolute error as a share of the true price.
    pub mape: f64,
    /// How much the estimates are above the true prices in all, as a share of these.
    pub(crate) bias: f64,
    /// Twice the standard error of the bias: what chance alone may give.
    pub(crate) bias_by_chance: f64,
    pub within_10_percent: f64,
}

impl Segment {
    /// Every segment that has stones: grades from the worst to the best, then fifths by weight from the lightest.
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
        let each = |value: fn(f64, f64) -> f64| -> Vec<f64> {
            rows.iter().map(|(stone, usd)| value(*usd, stone.price.usd())).collect()
        };
        let mean_price = mean(&each(|_, price| price))?;
        let residuals = each(|usd, price| usd - price);
        let bias_usd = mean(&residuals)?;
        let squares: Vec<f64> =
            residuals.iter().map(|one| (one - bias_usd) * (one - bias_usd)).collect();
        let close = rows
            .iter()
            .filter(|(stone, usd)| (usd - stone.price.usd()).abs() <= 0.1 * stone.price.usd());
        let error_usd = libm::sqrt(mean(&squares)? * share(1, rows.len()));
        Some(Segment {
            by,
            name,
            stones: rows.len(),
            mae_usd: mean(&each(|usd, price| (usd - price).abs()))?,
            mape: mean(&each(|usd, price| (usd - price).abs() / price))?,
            bias: bias_usd / mean_price,
            bias_by_chance: 2.0 * error_usd / mean_price,
            within_10_percent: share(close.count(), rows.len()),
        })
    }

    /// `cut Fair`, `0.23 to 0.35 ct`.
    pub(crate) fn title(&self) -> String {
        if self.by == "carat" { self.name.clone() } else { format!("{} {}", self.by, self.name) }
    }
}

pub(super) fn section(subject: &Subject<'_>) -> Result<Section, PlotError> {
    let segments = Segment::all(subject);
    let enough = || segments.iter().filter(|segment| segment.stones >= FEW);
    let worst = enough().max_by(|one, other| one.mape.total_cmp(&other.mape));
    let slanted: Vec<String> = enough()
        .filter(|segment| segment.bias.abs() > segment.bias_by_chance && segment.bias.abs() > 0.01)
        .map(|segment| format!("{} ({})", segment.title(), signed_percent(segment.bias, 1)))
        .collect();
    let mut finding = worst.map_or_else(String::new, |worst| {
        format!(
            "The estimates are least certain for {}: off by {} of the price on average. ",
            worst.title(),
            percent(worst.mape, 1)
        )
    });
    finding += &match slanted.as_slice() {
        [] => String::from(
            "No segment is priced too high or too low by more than 1 % and more than chance gives.",
        ),
        slanted => format!(
            "Priced too high or too low by more than 1 % and more than chance gives: {}.",
            slanted.join(", ")
        ),
    };
    let figures = vec![absolute(&segments)?, bias(&segments)?];
    Ok(Section { name: "segments", title: "Residuals by segment", finding, figures })
}

/// The rows of both plots: a segment a row.
fn names(segments: &[Segment]) -> Vec<String> {
    segments.iter().map(Segment::title).collect()
}

fn absolute(segments: &[Segment]) -> Result<Figure, PlotError> {
    let most = segments.iter().map(|segment| segment.mae_usd).fold(0.0, f64::max);
    let mut marks = groups(segments);
    for (row, segment) in (0_u32..).map(f64::from).zip(segments) {
        let end = segment.mae_usd;
        let opacity = if segment.stones < FEW { 0.4 } else { 0.9 };
        marks.push(Mark::Area {
            x: (0.0, end),
            y: (row + 0.2, row + 0.8),
            ink: Ink::Accent,
            opacity,
        });
        let text = format!("{} \u{b7} {}", usd(segment.mae_usd), count(segment.stones));
        let at = (end, row + 0.5);
        marks.push(Mark::Words { at, text, ink: Ink::Muted });
    }
    // Room for the words behind the longest bar.
    let x = Axis::usd("mean absolute error", most * 1.35);
    let plot = Plot::list(x, &names(segments), marks);
    let mut sheet = Sheet::new(&["segment", "stones", "MAE", "MAPE", "bias", "within 10 %"]);
    for segment in segments {
        sheet.add([
            Cell::text(segment.title()),
            Cell::count(segment.stones),
            Cell::usd(segment.mae_usd),
            Cell::percent(segment.mape),
            Cell::signed_percent(segment.bias),
            Cell::percent(segment.within_10_percent),
        ]);
    }
    Figure::new(
        "Error in dollars by segment",
        "How many dollars an estimate is off on average; behind each bar its length and how many stones it is of. Dear stones have \
         greater errors in dollars, so bars of weights differ most.",
        &plot,
        sheet,
    )
}

fn bias(segments: &[Segment]) -> Result<Figure, PlotError> {
    let reach = |segment: &Segment| segment.bias.abs() + segment.bias_by_chance;
    let enough = segments.iter().filter(|segment| segment.stones >= FEW);
    let most = enough.map(reach).fold(0.01, f64::max);
    let x = Axis::percent("estimates above or below the true prices", -most, most);
    let mut marks = groups(segments);
    let rows = names(segments);
    let mut sheet = Sheet::new(&["segment", "stones", "bias", "by chance up to"]);
    for (row, segment) in (0_u32..).map(|row| f64::from(row) + 0.5).zip(segments) {
        let ends = [-segment.bias_by_chance, segment.bias_by_chance];
        let ends = ends.map(|end| (segment.bias + end, row)).to_vec();
        marks.push(Mark::Line { points: ends, ink: Ink::Accent, width: 1.5 });
        let points = vec![(segment.bias, row)];
        marks.push(Mark::Dots { points, ink: Ink::Accent, radius: 4.0, opacity: 1.0 });
        sheet.add([
            Cell::text(segment.title()),
            Cell::count(segment.stones),
            Cell::signed_percent(segment.bias),
            Cell::percent(segment.bias_by_chance),
        ]);
    }
    let bottom = Axis::names("", &rows).high;
    marks.insert(
        0,
        Mark::Line { points: vec![(0.0, 0.0), (0.0, bottom)], ink: Ink::Text, width: 1.0 },
    );
    Figure::new(
        "Bias in percent by segment",
        "How much the estimates of a segment are above (right) or below (left) its true prices in all. The line through a dot is what \
         chance gives in 19 of 20 cases: where it crosses 0, nothing is known to be wrong.",
        &Plot::list(x, &rows, marks),
        sheet,
    )
}

/// Thin lines between cut, color, clarity and carat.
fn groups(segments: &[Segment]) -> Vec<Mark> {
    let rows = (1_u32..).map(f64::from).zip(segments.windows(2));
    rows.filter_map(|(row, pair)| match pair {
        [one, other] if one.by != other.by => {
            let points = vec![(f64::MIN, row), (f64::MAX, row)];
            Some(Mark::Line { points, ink: Ink::Grid, width: 1.0 })
        }
        _ => None,
    })
    .collect()
}
