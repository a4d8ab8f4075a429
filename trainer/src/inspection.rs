//! Whether a delivery fits the data so far: what is looked at, what was found, and what becomes of the file.

pub(crate) mod stock;

pub(crate) mod appraiser;

mod chance;

mod fields;

mod bad_rows;

mod duplicates;

mod ranges;

mod shift;

mod price_level;

pub(crate) mod report;

use self::appraiser::Appraiser;
use self::stock::Stock;
use crate::data::delivery::Delivery;
use crate::data::stone::Stone;

/// The fewest rows whose spread says anything; a smaller file is judged by its types and ranges alone.
const FEWEST_ROWS: usize = 30;

/// The fewest rows so far that others can be compared with.
const FEWEST_IN_STOCK: usize = 100;

/// What a file may differ by before it is refused.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// The share of rows that are no stones.
    pub(crate) bad_rows: f64,
    /// The population stability index of a field.
    pub(crate) shift: f64,
    /// The share by which prices lie above or below those that were to be expected.
    pub(crate) price_level: f64,
}

/// What one check found of one field.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Finding {
    pub(crate) check: &'static str,
    pub(crate) field: String,
    pub(crate) found: f64,
    /// The most that is allowed; none where nothing is asked.
    pub(crate) allowed: Option<f64>,
    pub(crate) weight: Weight,
    /// The same in words.
    pub(crate) sentence: String,
}

/// What a finding means for the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    /// As it should be.
    Fine,
    /// To be known, and no reason to refuse the file.
    Note,
    /// A reason to refuse the file.
    Refuse,
}

/// What was found of a file.
#[derive(Debug)]
pub(crate) struct Inspection {
    pub(crate) findings: Vec<Finding>,
    /// How many rows the data had so far.
    pub(crate) compared_with: usize,
    /// By what prices were judged.
    pub(crate) prices_by: String,
    /// How many good rows the data has not got yet.
    pub(crate) fresh: usize,
}

impl Weight {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Weight::Fine => "fine",
            Weight::Note => "note",
            Weight::Refuse => "refused",
        }
    }
}

impl Inspection {
    /// Looks at a delivery beside the data so far. Rows that the data has already are no news, so only the others are
    /// compared. A file that ends abruptly has no end of its last line.
    pub(crate) fn of(
        delivery: &Delivery,
        ends_abruptly: bool,
        stock: &Stock,
        appraiser: &Appraiser,
        limits: &Limits,
    ) -> Inspection {
        let fresh: Vec<&Stone> = stock.fresh(&delivery.stones);
        let mut findings = vec![
            bad_rows::count(delivery, limits.bad_rows),
            duplicates::already_present(delivery.stones.len(), fresh.len()),
            duplicates::within(delivery),
        ];
        findings.extend(bad_rows::cut_short(delivery, ends_abruptly));
        findings.extend(bad_rows::by_field(delivery));
        if stock.len() >= FEWEST_IN_STOCK {
            findings.extend(ranges::check(stock, &fresh));
            if fresh.len() >= FEWEST_ROWS {
                findings.extend(price_level::check(stock, &fresh, appraiser, limits.price_level));
                findings.extend(shift::check(stock, &fresh, limits.shift));
            }
        }
        Inspection {
            findings,
            compared_with: stock.len(),
            prices_by: appraiser.to_string(),
            fresh: fresh.len(),
        }
    }

    /// Why the file is refused; nothing where it is taken.
    pub(crate) fn refusals(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.weight == Weight::Refuse)
    }

    pub(crate) fn is_refused(&self) -> bool {
        self.refusals().next().is_some()
    }
}

impl Finding {
    /// A finding that refuses a file where more was found than is allowed.
    fn limited(
        check: &'static str,
        field: impl Into<String>,
        found: f64,
        allowed: f64,
        sentence: String,
    ) -> Finding {
        let weight = if found > allowed { Weight::Refuse } else { Weight::Fine };
        Finding { check, field: field.into(), found, allowed: Some(allowed), weight, sentence }
    }
}

#[cfg(test)]
mod tests;
