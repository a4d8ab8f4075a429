//! Measures how differently a file's rows are distributed from the existing rows, field by field.

use super::Finding;
use super::existing_rows::ExistingRows;
use super::fields::Field;
use crate::{chance, psi};
use data::stone::Stone;

/// Into so many parts of equal count the rows so far are cut.
const PARTS: usize = 10;

/// How many rows are added to every part that has any on either side, so that its logarithm exists.
const ADDED: f64 = 0.5;

/// The population stability index of every field. What chance alone gives a file of this size is always allowed.
pub(super) fn check(existing: &ExistingRows, fresh: &[&Stone], allowed: f64) -> Vec<Finding> {
    Field::all().map(|field| check_field(field, existing, fresh, allowed)).collect()
}

fn check_field(field: Field, existing: &ExistingRows, fresh: &[&Stone], allowed: f64) -> Finding {
    let so_far: Vec<f64> = existing.stones.iter().map(|stone| field.of(stone)).collect();
    let bins = Bins::of(field, &so_far);
    let before = bins.counts(so_far.iter().copied());
    let now = bins.counts(fresh.iter().map(|stone| field.of(stone)));
    let used: Vec<usize> = (0..before.len()).filter(|at| before[*at] + now[*at] > 0).collect();
    let [before, now] = [before, now].map(|counts| shares(&counts, &used));
    let shares = || before.iter().copied().zip(now.iter().copied());
    let found = psi::of_shares(shares());
    let by_chance = chance::psi_of_file(used.len(), fresh.len() as u64, so_far.len() as u64);
    // The bin that grew most says what is new about the file.
    let growth = |(before, now): (f64, f64)| now - before;
    let bins_by_growth = used.iter().zip(shares());
    let grown = bins_by_growth.max_by(|one, other| growth(one.1).total_cmp(&growth(other.1)));
    let grown = grown.map_or_else(String::new, |(at, (before, now))| {
        let (before, now) = (100.0 * before, 100.0 * now);
        format!("; {}: {now:.1} percent of the rows, {before:.1} so far", bins.name(*at))
    });
    let sentence =
        format!("{}: a stability index of {found:.2} against the data so far{grown}", field.name);
    Finding::new("shift", field.name, found, Some(allowed.max(by_chance)), sentence)
}

/// Bins of values: between edges, each of which belongs to the bin above it. The first bin has what was not measured.
struct Bins {
    edges: Vec<f64>,
    grades: Option<&'static [&'static str]>,
}

impl Bins {
    /// A bin a grade; elsewhere tenths of the rows, fewer where many rows have the same value.
    fn of(field: Field, values: &[f64]) -> Bins {
        if let Some(grades) = field.grades() {
            let codes = (1..grades.len()).filter_map(|code| u8::try_from(code).ok());
            return Bins { edges: codes.map(f64::from).collect(), grades: Some(grades) };
        }
        let mut sorted: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let tenth = |part: usize| sorted.get(sorted.len() * part / PARTS).copied();
        let mut edges: Vec<f64> = (1..PARTS).filter_map(tenth).collect();
        edges.dedup();
        Bins { edges, grades: None }
    }

    fn counts(&self, values: impl Iterator<Item = f64>) -> Vec<u64> {
        let mut counts = vec![0; self.edges.len() + 2];
        for value in values {
            let above = self.edges.partition_point(|edge| *edge <= value);
            counts[if value.is_nan() { 0 } else { above + 1 }] += 1;
        }
        counts
    }

    /// What a bin holds, for people.
    fn name(&self, at: usize) -> String {
        let Some(at) = at.checked_sub(1) else { return String::from("not measured") };
        if let Some(grade) = self.grades.and_then(|grades| grades.get(at)) {
            return (*grade).to_owned();
        }
        let from = at.checked_sub(1).and_then(|below| self.edges.get(below));
        match (from, self.edges.get(at)) {
            (Some(from), Some(to)) => format!("from {from} to below {to}"),
            (Some(from), None) => format!("{from} and above"),
            (None, Some(to)) => format!("below {to}"),
            (None, None) => String::from("any"),
        }
    }
}

/// The shares of the used bins, each with what is added to it.
fn shares(counts: &[u64], used: &[usize]) -> Vec<f64> {
    let rows: Vec<f64> = used.iter().map(|at| counts[*at] as f64 + ADDED).collect();
    let all: f64 = rows.iter().sum();
    rows.into_iter().map(|rows| rows / all).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_row_is_added_to_every_bin_that_is_used() {
        let [before, now] = [[50, 50, 0], [0, 100, 0]].map(|counts| shares(&counts, &[0, 1]));
        assert_eq!([&before[..], &now], [[0.5, 0.5], [0.5 / 101.0, 100.5 / 101.0]]);
    }
}
