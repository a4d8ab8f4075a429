//! Formats numbers for people: dollars with separators, shares in percent.

/// Whole dollars: `$1,234`, `−$12`.
pub fn usd(value: f64) -> String {
    let digits = grouped(&format!("{:.0}", value.abs()));
    if value <= -0.5 { format!("\u{2212}${digits}") } else { format!("${digits}") }
}

/// A count: `10,695`.
pub fn count(value: impl ToString) -> String {
    grouped(&value.to_string())
}

/// A count of things in words: `1 stone`, `2 stones`.
pub fn counted(count: u64, one: &str) -> String {
    format!("{count} {one}{}", if count == 1 { "" } else { "s" })
}

/// A share in percent: `90.1 %`.
pub fn percent(share: f64, digits: usize) -> String {
    minus(&format!("{:.digits$}\u{a0}%", 100.0 * share))
}

/// A share in percent with its sign: `+0.4 %`, `−1.2 %`.
pub fn signed_percent(share: f64, digits: usize) -> String {
    minus(&format!("{:+.digits$}\u{a0}%", 100.0 * share))
}

/// A number with so many digits after the point.
pub fn plain(value: f64, digits: usize) -> String {
    minus(&format!("{value:.digits$}"))
}

/// A time of the database, to the minute: `2026-11-27 14:03 UTC`.
pub fn moment(time: &str) -> String {
    match (time.get(..10), time.get(11..16)) {
        (Some(day), Some(minute)) => format!("{day} {minute} UTC"),
        _ => time.to_owned(),
    }
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
        assert_eq!(["1", "999", "1,000", "1,234,567"], [1, 999, 1000, 1_234_567].map(count)[..]);
    }
}
