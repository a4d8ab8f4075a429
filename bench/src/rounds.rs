//! Interleaved rounds: every contender takes one turn in each, so that a disturbance of the machine meets all of them and the
//! median ignores it.

use anyhow::{Context, Result};
use serde::Deserialize;

/// A name and one turn of work, which gets the number of its round and returns what it measured.
pub(crate) struct Contender<'a, T> {
    name: String,
    turn: Box<dyn FnMut(usize) -> Result<T> + 'a>,
}

/// What one contender measured, turn by turn.
#[derive(Debug, Deserialize)]
pub(crate) struct Series<T> {
    pub(crate) name: String,
    /// Turns that are not part of any figure.
    #[serde(default = "Vec::new")]
    pub(crate) warm_ups: Vec<T>,
    /// One turn per round.
    pub(crate) turns: Vec<T>,
}

/// Takes rounds that only warm up, then those that count.
pub(crate) fn run<T>(
    mut contenders: Vec<Contender<'_, T>>,
    warm_ups: usize,
    rounds: usize,
) -> Result<Vec<Series<T>>> {
    let mut series: Vec<Series<T>> = contenders
        .iter()
        .map(|it| Series { name: it.name.clone(), warm_ups: Vec::new(), turns: Vec::new() })
        .collect();
    let (count, all) = (contenders.len(), warm_ups + rounds);
    for round in 0..all {
        if round % all.div_ceil(10) == 0 {
            eprintln!("round {} of {all}, {count} contenders", round + 1);
        }
        for place in 0..count {
            // Another contender begins each round; neighbours in the list stay neighbours, which are those that are compared.
            let at = (place + 7 * round) % count;
            let contender = &mut contenders[at];
            let figure = (contender.turn)(round).with_context(|| contender.name.clone())?;
            let series = &mut series[at];
            if round < warm_ups { &mut series.warm_ups } else { &mut series.turns }.push(figure);
        }
    }
    Ok(series)
}

impl<'a, T> Contender<'a, T> {
    pub(crate) fn new(
        name: impl Into<String>,
        turn: impl FnMut(usize) -> Result<T> + 'a,
    ) -> Contender<'a, T> {
        Contender { name: name.into(), turn: Box::new(turn) }
    }
}

impl<T> Series<T> {
    /// The median of a figure.
    pub(crate) fn median(&self, figure: impl Fn(&T) -> f64) -> f64 {
        median(self.turns.iter().map(figure))
    }

    /// The figure below which so many percent of the turns lie.
    pub(crate) fn percentile(&self, percent: usize, figure: impl Fn(&T) -> f64) -> f64 {
        percentile(self.turns.iter().map(figure), percent)
    }

    /// The median of how many times another contender's figure this one's is in the same round.
    pub(crate) fn ratio(&self, other: &Series<T>, figure: impl Fn(&T) -> f64) -> f64 {
        let pairs = self.turns.iter().zip(&other.turns);
        median(pairs.map(|(own, other)| figure(own) / figure(other)))
    }
}

/// The middle of some numbers; NaN without any.
pub(crate) fn median(numbers: impl IntoIterator<Item = f64>) -> f64 {
    percentile(numbers, 50)
}

/// The number below which so many percent lie; NaN without any.
pub(crate) fn percentile(numbers: impl IntoIterator<Item = f64>, percent: usize) -> f64 {
    let mut numbers: Vec<f64> = numbers.into_iter().collect();
    numbers.sort_unstable_by(f64::total_cmp);
    numbers.get(numbers.len() * percent / 100).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_ignores_a_disturbed_round() {
        let check = |numbers: &[f64], expected: f64| {
            assert!((median(numbers.iter().copied()) - expected).abs() < 1e-12, "{numbers:?}");
        };
        check(&[3.0, 1.0, 900.0, 2.0, 2.0], 2.0);
        check(&[1.0], 1.0);
        assert!(median([]).is_nan());
        // A round in which the machine was twice as slow does not change the ratio.
        let series =
            |turns: [f64; 3]| Series { name: String::new(), warm_ups: vec![], turns: turns.into() };
        let ratio = series([4.0, 8.0, 4.0]).ratio(&series([2.0, 4.0, 2.0]), |turn| *turn);
        assert!((ratio - 2.0).abs() < 1e-12);
    }

    #[test]
    fn a_percentile_has_so_many_percent_below_it() {
        let numbers = || (0..200).rev().map(f64::from);
        for (percent, expected) in [(0, 0.0), (50, 100.0), (99, 198.0)] {
            assert!((percentile(numbers(), percent) - expected).abs() < 1e-12, "{percent}");
        }
        assert!(percentile([], 50).is_nan());
    }

    #[test]
    fn every_contender_takes_one_turn_a_round() {
        let contenders =
            (0..3).map(|own| Contender::new(own.to_string(), move |round| Ok((own, round))));
        let series = run(contenders.collect(), 1, 2).unwrap();
        for (own, series) in series.iter().enumerate() {
            assert_eq!(series.name, own.to_string());
            assert_eq!(series.warm_ups, [(own, 0)]);
            assert_eq!(series.turns, [(own, 1), (own, 2)]);
        }
    }
}
