//! Counts invalid rows: a wrong type, a value out of range, or an unknown grade.

use std::collections::BTreeMap;

use super::Finding;
use data::delivery::Delivery;
use learning::statistics::share;

/// How many of the rows are bad; where too many are, the file means something else.
pub(super) fn count(delivery: &Delivery, allowed: f64) -> Finding {
    let (bad, all) = (delivery.rejected.len(), delivery.read_count());
    let sentence = format!("{bad} of {all} rows are bad");
    Finding::new("bad rows", "row", share(bad, all), Some(allowed), sentence)
}

/// Whether the file is only the beginning of one: its last line has no end and is no stone.
pub(super) fn cut_short(delivery: &Delivery, ends_abruptly: bool) -> Option<Finding> {
    let last = delivery.rejected.last()?.line;
    let is_last = delivery.stones.last().is_none_or(|(line, _)| *line < last);
    let sentence = format!(
        "the file seems to be cut short: its last line, {last}, has no end and is no whole row"
    );
    (ends_abruptly && is_last).then(|| Finding::new("whole", "row", 1.0, Some(0.0), sentence))
}

/// How often each field is wrong in the same way.
pub(super) fn by_field(delivery: &Delivery) -> Vec<Finding> {
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for error in delivery.rejected.iter().flat_map(|row| &row.errors) {
        *counts.entry((&error.field, &error.message)).or_default() += 1;
    }
    let all = delivery.read_count();
    let finding = |((field, message), count)| {
        let sentence = format!("{field} {message} in {count} of {all} rows");
        Finding::new("bad values", field, share(count, all), None, sentence)
    };
    counts.into_iter().map(finding).collect()
}
