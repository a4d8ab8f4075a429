//! Finds values outside the range of all existing rows, which is what a wrong unit looks like.

use super::Finding;
use super::existing_rows::ExistingRows;
use super::fields::Field;
use data::stone::Stone;
use learning::statistics::share;

/// The share of rows that may lie outside of what there was.
const OUTSIDE_ALLOWED: f64 = 0.1;

/// So many rows may always: of a file of ten, one new record is no tenth that went wrong.
const ROWS_ALLOWED: usize = 2;

/// The fields in which rows lie below the smallest or above the largest value so far.
pub(super) fn check(existing: &ExistingRows, fresh: &[&Stone]) -> Vec<Finding> {
    Field::all()
        .filter(|field| field.grades().is_none())
        .filter_map(|field| outside(field, existing, fresh))
        .collect()
}

fn outside(field: Field, existing: &ExistingRows, fresh: &[&Stone]) -> Option<Finding> {
    // f64's min and max pass over what is NaN.
    let values = || existing.stones.iter().map(|stone| field.of(stone));
    let (least, most) = (values().fold(f64::NAN, f64::min), values().fold(f64::NAN, f64::max));
    let is_outside = |value: f64| value < least || value > most;
    let rows = fresh.iter().filter(|stone| is_outside(field.of(stone))).count();
    if rows == 0 {
        return None;
    }
    let (name, all) = (field.name, fresh.len());
    let sentence = format!(
        "{name} is below {least} or above {most}, which no stone so far was, in {rows} of {all} new rows"
    );
    let found = share(rows, all);
    let allowed = OUTSIDE_ALLOWED.max(share(ROWS_ALLOWED, all));
    let finding = Finding::new("range so far", name, found, Some(allowed), sentence);
    Some(finding.noted_above(0.0))
}
