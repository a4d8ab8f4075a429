//! Counts rows that repeat another row.

use std::collections::HashSet;

use super::{FEWEST_ROWS, Finding};
use data::delivery::Delivery;
use data::stone::Identity;
use learning::statistics::share;

/// The share of rows that may repeat another of the same file. The public table has 0.3 percent; a file that was appended
/// to itself has 50.
const REPEATED_ALLOWED: f64 = 0.1;

/// How many good rows the data has already. A file may well hold all that was delivered before, so this refuses none.
pub(super) fn already_present(good: usize, fresh: usize) -> Finding {
    let present = good - fresh.min(good);
    let sentence = format!("{present} of {good} good rows are in the data already");
    Finding::new("already present", "row", share(present, good), None, sentence)
}

/// How many rows of the file repeat an earlier one of it.
pub(super) fn within(delivery: &Delivery) -> Finding {
    let mut seen: HashSet<Identity> = HashSet::new();
    let good = delivery.stones.len();
    let repeated = delivery.stones.iter().filter(|(_, stone)| !seen.insert(stone.identity)).count();
    let sentence = format!("{repeated} of {good} good rows repeat an earlier row of the file");
    let allowed = (good >= FEWEST_ROWS).then_some(REPEATED_ALLOWED);
    Finding::new("repeated", "row", share(repeated, good), allowed, sentence)
}
