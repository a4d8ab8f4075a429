//! Trial history: the error of each trial, and the best so far.

use super::axis::Axis;
use super::figure::{Cell, Figure, Findings, Sheet};
use super::plot::{Ink, Mark, Plot};
use learning::number::{count, usd};
use registry::history::Trial;

pub(super) fn section(family: &str, trials: &[Trial]) -> Findings {
    let scored: Vec<(f64, f64)> = trials.iter().filter_map(scored).collect();
    let best = best_so_far(&scored);
    let (Some((_, first)), Some((_, lowest))) = (scored.first(), best.last()) else {
        let nothing = format!(
            "No trials of {family} are kept for this model: its family has no settings to search for, or it was trained before \
             trials were kept, or elsewhere."
        );
        return (nothing, Vec::new());
    };
    let found = best.iter().find(|(_, usd)| usd <= lowest).map_or(0.0, |(number, _)| *number);
    let cut_short = trials.iter().filter(|trial| trial.ended != "finished").count();
    let finding = format!(
        "{} settings were tried; the first gave {}, the best {} (trial {:.0}). {} were ended early. Errors are those of the search, \
         within the training rows: they tell settings apart and are no promise for unseen stones.",
        count(trials.len()),
        usd(*first),
        usd(*lowest),
        found,
        count(cut_short),
    );
    (finding, vec![figure(trials, &scored, &best)])
}

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

fn figure(trials: &[Trial], scored: &[(f64, f64)], best: &[(f64, f64)]) -> Figure {
    let mut errors: Vec<f64> = scored.iter().map(|(_, usd)| *usd).collect();
    errors.sort_unstable_by(f64::total_cmp);
    let low = errors[0];
    // One bad setting must not press all others to the floor.
    let typical = learning::statistics::quantile(&errors, 0.9).unwrap_or(low);
    let y = Axis::usd("mean absolute error", low, low + (typical - low).max(1.0) * 1.3);
    let last = scored.last().map_or(1.0, |(number, _)| *number);
    let x = Axis::number("trial", 0.0, last.max(5.0), 0);
    let points = |is_finished: bool| {
        let of = trials.iter().filter(|trial| (trial.ended == "finished") == is_finished);
        of.filter_map(self::scored).collect::<Vec<_>>()
    };
    let marks = vec![
        Mark::rings(points(false), Ink::Muted, 3.0),
        Mark::dots(points(true), Ink::Muted, 3.0, 0.7),
        Mark::line(steps(best, x.high), Ink::Accent, 2.0),
    ];
    let mut lowest = f64::INFINITY;
    let rows = trials.iter().map(|trial| {
        lowest = lowest.min(trial.score_usd.unwrap_or(f64::INFINITY));
        let dollars = |usd: f64| Cell::new(format!("${usd:.2}"), usd);
        let settings = trial.params.as_object().into_iter().flatten();
        let settings: Vec<String> =
            settings.map(|(name, value)| format!("{name} {}", short(value))).collect();
        [
            Cell::new(trial.number.to_string(), trial.number),
            trial.score_usd.map_or_else(Cell::none, dollars),
            if lowest.is_finite() { dollars(lowest) } else { Cell::none() },
            trial.rounds.map_or_else(Cell::none, |rounds| Cell::new(rounds.to_string(), rounds)),
            Cell::number(trial.seconds, 1),
            Cell::text(trial.ended.clone()),
            Cell::new(settings.join(", "), trial.params.clone()),
        ]
    });
    let columns = ["trial", "MAE", "best so far", "rounds", "seconds", "ended", "settings"];
    Figure {
        title: "Error by trial, and the best so far".into(),
        reading: "Each dot is a setting with its error (a ring: it was ended early; at the upper edge: worse than the plot is high); the line \
         is the best until then. Where it lies flat, more trials would gain little."
            .into(),
        plot: Plot::new(x, y, marks),
        sheet: Sheet::new(columns, rows),
    }
}

/// A line that goes along and then down, to the end of the axis.
pub(super) fn steps(points: &[(f64, f64)], end: f64) -> Vec<(f64, f64)> {
    let ends = points.iter().skip(1).map(|(x, _)| *x).chain([end]);
    points.iter().zip(ends).flat_map(|((x, y), to)| [(*x, *y), (to, *y)]).collect()
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
