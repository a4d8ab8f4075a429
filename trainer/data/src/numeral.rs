//! Spells numbers in one way, however they were written.

use std::fmt::Write as _;

/// Writes a number as short as it can be without being another, as `{}` does: most are thousandths, which are found without
/// a search. Of a double's decimals with up to 15 digits there is one, so if whole thousandths are this number they are its
/// shortest spelling.
pub(crate) fn push_number(number: f64, text: &mut String) {
    let thousandths = (number * 1000.0).round();
    // A quotient is rounded as a numeral is when it is read.
    if number.is_sign_negative()
        || !(0.0..1e12).contains(&thousandths)
        || (thousandths / 1000.0).to_bits() != number.to_bits()
    {
        // Writing to a text does not fail.
        let _ = write!(text, "{number}");
        return;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 1e12")]
    let thousandths = thousandths as u64;
    let _ = write!(text, "{}.{:03}", thousandths / 1000, thousandths % 1000);
    text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_spelled_as_the_standard_library_spells_them() {
        let check = |number: f64| {
            let mut text = String::new();
            push_number(number, &mut text);
            assert_eq!(text, number.to_string());
        };
        for number in [0.0, -0.0, 0.001, 0.5, 1.0, 10.0, 0.1 + 0.2, 1e9, 1e15, 1e-9, 18_823.0, -2.5]
        {
            check(number);
        }
        for thousandths in 0..200_000 {
            let number = f64::from(thousandths) / 1000.0;
            check(number);
            check(number.next_up());
            check(number * 1e5);
        }
    }
}
