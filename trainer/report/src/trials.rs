//! Trial history: the error of each trial, and the best so far.

use super::axis::Axis;
use super::figure::{Cell, Figure, Section, Sheet};
use super::plot::{Ink, Mark, Plot, PlotError};
use learning::number::{count, usd};
use registry::history::Trial;

const NAME: &str = "trials";
const TITLE: &str = "Trial history";

pub(super) fn section(family: &str, trials: &[Trial]) -> Result<Section, PlotError> {
    let scored: Vec<(f64, f64)> = trials.iter().filter_map(scored).collect();
    if scored.is_empty() {
        let nothing = format!(
            "No trials of {family} are kept for this model: its family has no settings to search for, or it was trained before \
             trials were kept, or elsewhere."
        );
        return Ok(Section::without_figures(NAME, TITLE, nothing));
    }
    let best = best_so_far(&scored);
    let first = scored.first().map_or(f64::NAN, |(_, usd)| *usd);
    let last = best.last().map_or(f64::NAN, |(_, usd)| *usd);
    let found = best.iter().filter(|(_, usd)| *usd <= last).map(|(number, _)| *number).next();
    let cut_short = trials.iter().filter(|trial| trial.ended != "finished").count();
    let finding = format!(
        "{} settings were tried; the first gave {}, the best {} (trial {:.0}). {} were ended early. Errors are those of the search, \
         within the training rows: they tell settings apart and are no promise for unseen stones.",
        count(trials.len()),
        usd(first),
        usd(last),
        found.unwrap_or_default(),
        count(cut_short),
    );
    Ok(Section { name: NAME, title: TITLE, finding, figures: vec![figure(trials, &scored, best)?] })
}

#[expect(clippy::cast_precision_loss, reason = "trials are counted in thousands at most")]
fn scored(trial: &Trial) -> Option<(f64, f64)> {
    Some((trial.number as f64, trial.score_usd.filter(|usd| usd.is_finite())?))
}

/// The lowest error after each trial.
fn best_so_far(scored: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let best = scored.iter().scan(f64::INFINITY, |best, (number, usd)| {
        *best = best.min(*usd);
        Some((*number, *best))
    });
    best.collect()
}

fn figure(
    trials: &[Trial],
    scored: &[(f64, f64)],
    best: Vec<(f64, f64)>,
) -> Result<Figure, PlotError> {
    let low = scored.iter().map(|(_, usd)| *usd).fold(f64::INFINITY, f64::min);
    // One bad setting must not press all others to the floor.
    let mut errors: Vec<f64> = scored.iter().map(|(_, usd)| *usd).collect();
    errors.sort_unstable_by(f64::total_cmp);
    let typical = learning::statistics::quantile(&errors, 0.9).unwrap_or(low);
    let y = Axis::usd_between("mean absolute error", low, low + (typical - low).max(1.0) * 1.3);
    let last = scored.last().map_or(1.0, |(number, _)| *number);
    let x = Axis::number("trial", 0.0, last.max(5.0), 0);
    let points = |is_finished: bool| {
        let of = trials.iter().filter(|trial| (trial.ended == "finished") == is_finished);
        of.filter_map(self::scored).collect::<Vec<_>>()
    };
    let marks = vec![
        Mark::Rings { points: points(false), ink: Ink::Muted, radius: 3.0 },
        Mark::Dots { points: points(true), ink: Ink::Muted, radius: 3.0, opacity: 0.7 },
        Mark::Line { points: steps(&best, x.high), ink: Ink::Accent, width: 2.0 },
    ];
    let mut sheet =
        Sheet::new(&["trial", "MAE", "best so far", "rounds", "seconds", "ended", "settings"]);
    let mut lowest = f64::INFINITY;
    for trial in trials {
        lowest = lowest.min(trial.score_usd.unwrap_or(f64::INFINITY));
        let dollars = |usd: f64| Cell::new(format!("${usd:.2}"), usd);
        let settings: Vec<String> = trial.params.as_object().map_or_else(Vec::new, |params| {
            params.iter().map(|(name, value)| format!("{name} {}", short(value))).collect()
        });
        sheet.add([
            Cell::new(trial.number.to_string(), trial.number),
            trial.score_usd.map_or_else(Cell::none, dollars),
            if lowest.is_finite() { dollars(lowest) } else { Cell::none() },
            trial.rounds.map_or_else(Cell::none, |rounds| Cell::new(rounds.to_string(), rounds)),
            Cell::number(trial.seconds, 1),
            Cell::text(trial.ended.clone()),
            Cell::new(settings.join(", "), trial.params.clone()),
        ]);
    }
    Figure::new(
        "Error by trial, and the best so far",
        "Each dot is a setting with its error (a ring: it was ended early; at the upper edge: worse than the plot is high); the line \
         is the best until then. Where it lies flat, more trials would gain little.",
        &Plot::new(x, y, marks),
        sheet,
    )
}

/// A line that goes along and then down, to the end of the axis.
pub(super) fn steps(points: &[(f64, f64)], end: f64) -> Vec<(f64, f64)> {
    let mut line = Vec::with_capacity(2 * points.len() + 1);
    for (x, y) in points {
        if let Some((_, before)) = line.last().copied() {
            line.push((*x, before));
        }
        line.push((*x, *y));
    }
    if let Some((_, last)) = line.last().copied() {
        line.push((end, last));
    }
    line
}

/// A setting with three digits that count.
fn short(value: &serde_json::Value) -> String {
    match value.as_f64() {
        Some(number) if value.is_f64() && number.abs() < 0.01 => format!("{number:.2e}"),
        Some(number) if value.is_f64() => format!("{number:.3}"),
        _ => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_so_far_goes_down_in_steps() {
        let scored = [(0.0, 5.0), (1.0, 7.0), (3.0, 4.0)];
        let best = best_so_far(&scored);
        assert_eq!(best, [(0.0, 5.0), (1.0, 5.0), (3.0, 4.0)]);
        let line = steps(&best, 9.0);
        assert_eq!(line, [(0.0, 5.0), (1.0, 5.0), (1.0, 5.0), (3.0, 5.0), (3.0, 4.0), (9.0, 4.0)]);
    }
}
