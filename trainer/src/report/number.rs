//! Numbers as people read them: dollars with separators, shares in percent.

/// Whole dollars: `$1,234`, `−$12`.
pub(crate) fn usd(value: f64) -> String {
    let digits = grouped(&format!("{:.0}", value.abs()));
    if value <= -0.5 { format!("\u{2212}${digits}") } else { format!("${digits}") }
}

/// A count: `10,695`.
pub(crate) fn count(value: usize) -> String {
    grouped(&value.to_string())
}

/// A share in percent: `90.1 %`.
pub(crate) fn percent(share: f64, digits: usize) -> String {
    minus(&format!("{:.digits$}\u{a0}%", 100.0 * share))
}

/// A share in percent with its sign: `+0.4 %`, `−1.2 %`.
pub(crate) fn signed_percent(share: f64, digits: usize) -> String {
    minus(&format!("{:+.digits$}\u{a0}%", 100.0 * share))
}

/// A number with so many digits after the point.
pub(crate) fn plain(value: f64, digits: usize) -> String {
    minus(&format!("{value:.digits$}"))
}

/// A time of the database, to the minute: `2026-11-27 14:03 UTC`.
pub(crate) fn moment(time: &str) -> String {
    match (time.get(..10), time.get(11..16)) {
        (Some(day), Some(minute)) => format!("{day} {minute} UTC"),
        _ => time.to_owned(),
    }
}

/// A part of a whole; 0 of nothing.
#[expect(clippy::cast_precision_loss, reason = "row counts are far below 2^53")]
pub(crate) fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// The mean of some numbers; `None` without one.
#[expect(clippy::cast_precision_loss, reason = "row counts are far below 2^53")]
pub(crate) fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// The value below which so great a share of sorted numbers lies; `None` without one.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a place in a list of rows, between 0 and its length"
)]
pub(crate) fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = share.clamp(0.0, 1.0) * last as f64;
    let low = place.floor() as usize;
    let (one, other) = (sorted.get(low)?, sorted.get(low + 1).or(sorted.get(low))?);
    Some(one + (other - one) * (place - place.floor()))
}

/// The sign that numbers have in print.
fn minus(text: &str) -> String {
    text.replace('-', "\u{2212}")
}

fn grouped(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!(
            [usd(1_234_567.4), usd(999.0), usd(-12.3), usd(-0.2)],
            ["$1,234,567", "$999", "\u{2212}$12", "$0"]
        );
        assert_eq!(signed_percent(-0.0123, 1), "\u{2212}1.2\u{a0}%");
        assert_eq!(count(10_695), "10,695");
    }

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
}
