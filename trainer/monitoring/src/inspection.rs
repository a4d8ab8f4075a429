//! Checks whether a delivery fits the existing data, and decides what becomes of the file.

pub mod existing_rows;

pub mod price_reference;

mod fields;

mod bad_rows;

mod duplicates;

mod ranges;

mod shift;

mod prices;

pub mod report;

use serde::Serialize;

use self::existing_rows::ExistingRows;
use self::price_reference::PriceReference;
use data::delivery::Delivery;
use data::stone::Stone;

/// The fewest rows whose spread says anything; a smaller file is judged by its types and ranges alone.
const FEWEST_ROWS: usize = 30;

/// The fewest rows so far that others can be compared with.
const FEWEST_IN_STOCK: usize = 100;

/// What a file may differ by before it is refused.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The share of rows that are no stones.
    pub bad_rows: f64,
    /// The population stability index of a field.
    pub shift: f64,
    /// The share by which prices lie above or below those that were to be expected.
    pub price_level: f64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { bad_rows: 0.1, shift: 0.25, price_level: 0.15 }
    }
}

/// What one check found of one field.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// The name of the check.
    pub check: &'static str,
    /// The column.
    pub field: String,
    /// What was measured.
    pub found: f64,
    /// The most that is allowed; none where nothing is asked.
    pub allowed: Option<f64>,
    /// How serious it is.
    #[serde(rename = "verdict")]
    pub weight: Weight,
    /// The same in words.
    pub sentence: String,
}

/// What a finding means for the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// As it should be.
    Fine,
    /// To be known, and no reason to refuse the file.
    Note,
    /// A reason to refuse the file.
    Refused,
}

/// What was found of a file.
#[derive(Debug)]
pub struct Inspection {
    pub(crate) findings: Vec<Finding>,
    /// How many rows the data had so far.
    pub(crate) compared_with: usize,
    /// By what prices were judged.
    pub(crate) prices_by: String,
    /// How many good rows the data has not got yet.
    pub fresh: usize,
}

impl Inspection {
    /// Compares a delivery with the data so far. Rows that the data has already are no news, so only the others are
    /// compared. A file that ends abruptly has no end of its last line.
    pub fn of(
        delivery: &Delivery,
        ends_abruptly: bool,
        existing: &ExistingRows,
        reference: &PriceReference,
        limits: &Limits,
    ) -> Inspection {
        let fresh: Vec<&Stone> = existing.fresh(&delivery.stones);
        let mut findings = vec![
            bad_rows::count(delivery, limits.bad_rows),
            duplicates::already_present(delivery.stones.len(), fresh.len()),
            duplicates::within(delivery),
        ];
        findings.extend(bad_rows::cut_short(delivery, ends_abruptly));
        findings.extend(bad_rows::by_field(delivery));
        if existing.stones.len() >= FEWEST_IN_STOCK {
            findings.extend(ranges::check(existing, &fresh));
            if fresh.len() >= FEWEST_ROWS {
                findings.extend(prices::check(existing, &fresh, reference, limits.price_level));
                findings.extend(shift::check(existing, &fresh, limits.shift));
            }
        }
        Inspection {
            findings,
            compared_with: existing.stones.len(),
            prices_by: reference.to_string(),
            fresh: fresh.len(),
        }
    }

    /// Why the file is refused; nothing where it is taken.
    pub fn refusals(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.weight == Weight::Refused)
    }

    /// Whether a check refuses the file.
    pub fn is_refused(&self) -> bool {
        self.refusals().next().is_some()
    }
}

impl Finding {
    /// A finding that refuses a file where more was found than is allowed; where nothing is asked, anything found is a note.
    fn new(
        check: &'static str,
        field: &str,
        found: f64,
        allowed: Option<f64>,
        sentence: String,
    ) -> Finding {
        let weight = match allowed {
            Some(allowed) if found > allowed => Weight::Refused,
            None if found > 0.0 => Weight::Note,
            _ => Weight::Fine,
        };
        Finding { check, field: field.to_owned(), found, allowed, weight, sentence }
    }

    /// The same as a note where it is no reason to refuse the file and yet more than this was found.
    fn noted_above(self, limit: f64) -> Finding {
        match self.weight {
            Weight::Fine if self.found > limit => Finding { weight: Weight::Note, ..self },
            _ => self,
        }
    }
}

#[cfg(test)]
mod tests;
