//! Mean, median, quantile and share of a list of numbers.

/// A part of a whole; 0 of nothing.
#[expect(clippy::cast_precision_loss, reason = "row counts are far below 2^53")]
pub fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// The mean of some numbers; `None` without one.
#[expect(clippy::cast_precision_loss, reason = "row counts are far below 2^53")]
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// The middle of some numbers, between the two in the middle where there are two; `None` without one.
pub fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    if values.len() % 2 == 1 {
        return Some(upper);
    }
    Some(f64::midpoint(*values.get(values.len() / 2 - 1)?, upper))
}

/// The middle of some numbers, the lower of the two in the middle where there are two; `None` without one.
pub fn lower_median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len().saturating_sub(1) / 2).copied()
}

/// The value below which so great a share of sorted numbers lies; `None` without one.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a place in a list of rows, between 0 and its length"
)]
pub fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = share.clamp(0.0, 1.0) * last as f64;
    let low = place.floor() as usize;
    let (one, other) = (sorted.get(low)?, sorted.get(low + 1).or(sorted.get(low))?);
    Some(one + (other - one) * (place - place.floor()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_lies_between_its_neighbours() {
        let check = |values: &[f64], share: f64, expected: Option<f64>| {
            assert_eq!(quantile(values, share), expected, "{values:?}, {share}");
        };
        check(&[], 0.5, None);
        check(&[7.0], 0.9, Some(7.0));
        check(&[1.0, 2.0], 0.5, Some(1.5));
        check(&[1.0, 2.0, 3.0], 1.0, Some(3.0));
    }

    #[test]
    fn a_median_is_the_middle_or_between_the_two_there() {
        let check = |values: &[f64], expected: Option<f64>| {
            assert_eq!(median(values.to_vec()), expected, "{values:?}");
        };
        check(&[], None);
        check(&[7.0], Some(7.0));
        check(&[3.0, 1.0], Some(2.0));
        check(&[9.0, 1.0, 4.0], Some(4.0));
    }
}
