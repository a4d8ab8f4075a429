//! Counts rows that repeat another row.

use std::collections::HashSet;

use super::{FEWEST_ROWS, Finding, Weight};
use data::delivery::Delivery;
use data::stone::Identity;
use learning::statistics::share;

/// The share of rows that may repeat another of the same file. The public table has 0.3 percent; a file that was appended
/// to itself has 50.
const REPEATED_ALLOWED: f64 = 0.1;

/// How many good rows the data has already. A file may well hold all that was delivered before, so this refuses none.
pub(super) fn already_present(good: usize, fresh: usize) -> Finding {
    let present = good - fresh.min(good);
    Finding {
        check: "already present",
        field: String::from("row"),
        found: share(present, good),
        allowed: None,
        weight: if present == 0 { Weight::Fine } else { Weight::Note },
        sentence: format!("{present} of {good} good rows are in the data already"),
    }
}

/// How many rows of the file repeat an earlier one of it.
pub(super) fn within(delivery: &Delivery) -> Finding {
    let mut seen: HashSet<Identity> = HashSet::new();
    let good = delivery.stones.len();
    let repeated = delivery.stones.iter().filter(|(_, stone)| !seen.insert(stone.identity)).count();
    let sentence = format!("{repeated} of {good} good rows repeat an earlier row of the file");
    let found = share(repeated, good);
    if good < FEWEST_ROWS {
        let weight = if repeated == 0 { Weight::Fine } else { Weight::Note };
        let field = String::from("row");
        return Finding { check: "repeated", field, found, allowed: None, weight, sentence };
    }
    Finding::limited("repeated", "row", found, REPEATED_ALLOWED, sentence)
}
