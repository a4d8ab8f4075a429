//! Divides rows into slices in which a challenger may not be much worse: every cut, color, clarity and fifth by
//! weight.

use inference::{Clarity, Color, Cut, Diamond};
use serde_json::{Value, json};

use super::bootstrap::Bootstrap;
use crate::number::count;
use data::stone::Stone;

/// How much higher the challenger's error may be in a slice, as a share of the champion's.
pub(super) const WORSE_MAX: f64 = 0.05;

/// The fewest different rows that say something of a slice. The error of a stone is about as spread as it is large, so the
/// mean of 30 is known to a fifth; fewer rows would refuse models by chance.
pub(super) const FEWEST_ROWS: usize = 30;

/// The absolute errors of both models on one row, in dollars.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair<'a> {
    pub(super) stone: &'a Stone,
    pub(super) champion_usd: f64,
    pub(super) challenger_usd: f64,
}

impl Pair<'_> {
    /// How much lower the challenger's error is.
    pub(super) fn lower_usd(&self) -> f64 {
        self.champion_usd - self.challenger_usd
    }
}

/// Both models in one slice.
#[derive(Debug, Clone, PartialEq)]
pub struct Slice {
    /// Such as `color J` or `carat 0.23 to 0.35`.
    pub name: String,
    /// How many rows.
    pub rows: usize,
    /// Whether there are enough rows to judge by.
    pub(crate) is_judged: bool,
    /// The champion's mean absolute error, in dollars.
    pub champion_mae: f64,
    /// The challenger's mean absolute error, in dollars.
    pub challenger_mae: f64,
    /// How far the challenger's error may be above the champion's by the slice's own bootstrap, in dollars; only of a slice
    /// that is too much worse.
    pub(crate) worse_usd: Option<(f64, f64)>,
}

impl Slice {
    /// How much higher the challenger's error is, as a share of the champion's; negative where it is lower.
    pub fn worse(&self) -> f64 {
        if self.challenger_mae <= self.champion_mae && self.champion_mae == 0.0 {
            return 0.0;
        }
        self.challenger_mae / self.champion_mae - 1.0
    }

    /// Whether this slice alone keeps the challenger from being promoted.
    pub(crate) fn is_too_much_worse(&self) -> bool {
        self.is_judged && self.worse() > WORSE_MAX
    }

    /// Its name, and by how much it is better or worse; what counts against a challenger with its figures.
    pub(super) fn sentence(&self) -> String {
        let worse = self.worse();
        let side = if worse > 0.0 { "worse" } else { "better" };
        let sentence = format!("{}, {:.1} % {side}", self.name, 100.0 * worse.abs());
        if !self.is_too_much_worse() {
            return sentence;
        }
        let (champion, challenger) = (self.champion_mae, self.challenger_mae);
        let rows = count(self.rows);
        format!("{sentence} ({challenger:.2} against {champion:.2} on {rows} rows)")
    }

    pub(super) fn to_json(&self) -> Value {
        json!({
            "slice": self.name,
            "rows": self.rows,
            "judged": self.is_judged,
            "champion_mae": self.champion_mae,
            "challenger_mae": self.challenger_mae,
            "worse": self.worse(),
            "worse_usd": self.worse_usd.map(|(low, high)| json!({ "low": low, "high": high })),
        })
    }
}

/// Every slice that has a row, in the order of the grades.
pub(super) fn slices(pairs: &[Pair<'_>]) -> Vec<Slice> {
    let of_scale = |scale: &str, names: &[&str], grade: fn(&Diamond) -> &str| {
        let of_grade = |name: &&str| {
            slice(format!("{scale} {name}"), pairs, |pair| grade(&pair.stone.diamond) == *name)
        };
        names.iter().filter_map(of_grade).collect::<Vec<_>>()
    };
    [
        of_scale("cut", Cut::NAMES, |diamond| diamond.cut.as_str()),
        of_scale("color", Color::NAMES, |diamond| diamond.color.as_str()),
        of_scale("clarity", Clarity::NAMES, |diamond| diamond.clarity.as_str()),
        carat_fifths(pairs),
    ]
    .concat()
}

/// Fifths of the rows by weight; stones of one weight are in one fifth, so fifths need not be of one size.
fn carat_fifths(pairs: &[Pair<'_>]) -> Vec<Slice> {
    let mut carats: Vec<f64> = pairs.iter().map(carats).collect();
    carats.sort_unstable_by(f64::total_cmp);
    let mut edges: Vec<f64> =
        (1..5).filter_map(|fifth| carats.get(carats.len() * fifth / 5).copied()).collect();
    edges.dedup();
    let fifth_of = |carats: f64| edges.iter().filter(|edge| **edge <= carats).count();
    let fifth = |fifth: usize| {
        let mut within = carats.iter().copied().filter(|carats| fifth_of(*carats) == fifth);
        let low = within.next()?;
        let name = format!("carat {low} to {}", within.next_back().unwrap_or(low));
        slice(name, pairs, |pair| fifth_of(self::carats(pair)) == fifth)
    };
    (0..=edges.len()).filter_map(fifth).collect()
}

fn carats(pair: &Pair<'_>) -> f64 {
    pair.stone.diamond.carat.carats()
}

/// `None` where no row is in it.
#[expect(clippy::cast_precision_loss, reason = "row counts are far below 2^53")]
fn slice(name: String, pairs: &[Pair<'_>], is_in: impl Fn(&Pair<'_>) -> bool) -> Option<Slice> {
    let within: Vec<&Pair<'_>> = pairs.iter().filter(|pair| is_in(pair)).collect();
    let rows = within.len();
    let identities = within.iter().map(|pair| pair.stone.identity);
    let mut distinct: Vec<_> = identities.collect();
    distinct.dedup();
    let mae = |error: fn(&Pair<'_>) -> f64| {
        within.iter().map(|pair| error(pair)).sum::<f64>() / rows as f64
    };
    if rows == 0 {
        return None;
    }
    let mut slice = Slice {
        name,
        rows,
        is_judged: distinct.len() >= FEWEST_ROWS,
        champion_mae: mae(|pair| pair.champion_usd),
        challenger_mae: mae(|pair| pair.challenger_usd),
        worse_usd: None,
    };
    if slice.is_too_much_worse() {
        let differences = within.iter().map(|pair| (pair.stone.identity, -pair.lower_usd()));
        slice.worse_usd = Bootstrap::of(differences).map(|found| (found.low, found.high));
    }
    Some(slice)
}
