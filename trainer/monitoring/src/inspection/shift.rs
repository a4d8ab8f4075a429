//! Measures how differently a file's rows are distributed from the existing rows, field by field.

use super::Finding;
use super::existing_rows::ExistingRows;
use super::fields::Field;
use crate::{chance, psi};
use data::stone::Stone;

/// Into so many parts of equal count the rows so far are cut.
const PARTS: usize = 10;

/// The population stability index of every field. What chance alone gives a file of this size is always allowed.
pub(super) fn check(existing: &ExistingRows, fresh: &[&Stone], allowed: f64) -> Vec<Finding> {
    Field::all().map(|field| check_field(field, existing, fresh, allowed)).collect()
}

fn check_field(field: Field, existing: &ExistingRows, fresh: &[&Stone], allowed: f64) -> Finding {
    let so_far: Vec<f64> = existing.stones().iter().map(|stone| field.of(stone)).collect();
    let bins = Bins::of(field, &so_far);
    let before = bins.counts(so_far.iter().copied());
    let now = bins.counts(fresh.iter().map(|stone| field.of(stone)));
    let found = psi::psi(&before, &now);
    let by_chance =
        chance::psi_of_file(psi::bins(&before, &now), fresh.len() as u64, so_far.len() as u64);
    // The bin that grew most says what is new about the file.
    let shares = (0..before.len()).map(|at| Shares {
        at,
        before: share(before[at], so_far.len()),
        now: share(now[at], fresh.len()),
    });
    let grown = shares.max_by(|one, other| one.growth().total_cmp(&other.growth()));
    let grown = grown.map_or_else(String::new, |bin| {
        let (before, now) = (100.0 * bin.before, 100.0 * bin.now);
        format!("; {}: {now:.1} percent of the rows, {before:.1} so far", bins.name(bin.at))
    });
    let sentence =
        format!("{}: a stability index of {found:.2} against the data so far{grown}", field.name);
    Finding::limited("shift", field.name, found, allowed.max(by_chance), sentence)
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

/// What a bin had and has of all rows.
struct Shares {
    at: usize,
    before: f64,
    now: f64,
}

impl Shares {
    fn growth(&self) -> f64 {
        self.now - self.before
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of rows are far below 2^53")]
fn share(count: u64, all: usize) -> f64 {
    count as f64 / all.max(1) as f64
}
