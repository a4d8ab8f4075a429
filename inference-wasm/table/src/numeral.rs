//! Reads numbers as people and programs write them in tables. They are decimal: `0x46` is not a number.

/// A number; `None` for what is none.
///
/// Behind a semicolon as separator a comma is the decimal sign, and points or spaces may group thousands: `1.234,5`. Otherwise
/// a point is the decimal sign, and commas may group thousands: `1,234.5`. A price may begin or end with `$`.
pub(crate) fn number(text: &str, separator: u8, is_price: bool) -> Option<f64> {
    let mut text = text.trim();
    if is_price {
        text = text.strip_prefix('$').or_else(|| text.strip_suffix('$')).unwrap_or(text).trim();
    }
    if let Some(number) = decimal(text) {
        return Some(number);
    }
    if separator == b';' {
        let (whole, fraction) = text.split_once(',').unwrap_or((text, ""));
        let whole = without_groups(whole, &['.', ' ', '\u{a0}', '\u{202f}'])?;
        return decimal(&if fraction.is_empty() { whole } else { whole + "." + fraction });
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let whole = without_groups(whole, &[','])?;
    decimal(&if fraction.is_empty() { whole } else { whole + "." + fraction })
}

/// A decimal number with a point. What Rust also reads, `inf` and `nan`, is none.
fn decimal(text: &str) -> Option<f64> {
    let is_decimal = |byte: u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
    text.bytes().all(is_decimal).then(|| text.parse().ok()).flatten()
}

/// A whole number without the signs that group its thousands.
fn without_groups(whole: &str, signs: &[char]) -> Option<String> {
    let mut groups = whole.split(signs);
    let first = groups.next()?;
    let digits = first.strip_prefix('-').unwrap_or(first);
    let are_digits =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let mut joined = first.to_owned();
    let mut is_grouped = false;
    for group in groups {
        if group.len() != 3 || digits.len() > 3 || !are_digits(group) {
            return None;
        }
        joined.push_str(group);
        is_grouped = true;
    }
    (are_digits(digits) || !is_grouped).then_some(joined)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_their_table_writes_them() {
        let check = |text: &str, separator: u8, expected: Option<f64>| {
            assert_eq!(number(text, separator, true), expected, "{text:?}");
        };
        for (text, expected) in [
            ("326", Some(326.0)),
            (" 61.50 ", Some(61.5)),
            ("3.26e2", Some(326.0)),
            ("-1", Some(-1.0)),
            (".5", Some(0.5)),
            ("$326", Some(326.0)),
            ("$ 18,823.50", Some(18_823.5)),
            ("1,234,567", Some(1_234_567.0)),
            ("1,23", None),
            ("1234,567", None),
            (",123", None),
            ("1,234.", Some(1234.0)),
            ("0x46", None),
            ("0b11", None),
            ("1_000", None),
            ("inf", None),
            ("NaN", None),
            ("", None),
            ("$", None),
            ("1 234", None),
        ] {
            check(text, b',', expected);
        }
        for (text, expected) in [
            ("0,23", Some(0.23)),
            ("0.23", Some(0.23)),
            ("1.234,5", Some(1234.5)),
            ("1 234,50", Some(1234.5)),
            ("1\u{202f}234", Some(1234.0)),
            ("18.823.000,5", Some(18_823_000.5)),
            (",5", Some(0.5)),
            ("1,2,3", None),
            ("1,2.3", None),
            ("12.34,5", None),
            ("0x46", None),
        ] {
            check(text, b';', expected);
        }
        check("1,234", b'\t', Some(1234.0));
        assert_eq!(number("$1", b',', false), None);
    }
}
