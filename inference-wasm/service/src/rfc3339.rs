//! RFC 3339: writes moments, and reads those that callers write.

use jiff::Timestamp;
use jiff::civil::Date;

/// A moment as text, in UTC with milliseconds.
pub(crate) fn text(unix_time_us: u64) -> String {
    let microseconds = i64::try_from(unix_time_us).unwrap_or(i64::MAX);
    let moment = Timestamp::from_microsecond(microseconds).unwrap_or(Timestamp::MAX);
    // Milliseconds are truncated, not rounded: a row is never dated after its id.
    let truncated = Timestamp::from_millisecond(moment.as_millisecond());
    format!("{:.3}", truncated.unwrap_or(moment))
}

/// Milliseconds since 1970 of a moment such as `2026-11-23T17:00:00.5+01:00`; finer parts are truncated. In a query string a `+`
/// stands for a space, so a space before the offset is read as `+`.
///
/// Our own code, because jiff's parser, which knows time zones and spans too, would make the component half as large again.
pub(crate) fn unix_time_ms(text: &str) -> Option<i64> {
    let (date, rest) = text.split_at_checked(10)?;
    let days = days(numbers(date, '-', [4, 2, 2])?)?;
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    let (time, rest) = rest.split_at_checked(8)?;
    let [hour, minute, second] = numbers(time, ':', [2, 2, 2])?.map(i64::from);
    let (ms, offset) = fraction_ms(rest)?;
    // The sixtieth second is a leap second.
    let is_time = hour < 24 && minute < 60 && second <= 60;
    let minutes = (days * 24 + hour) * 60 + minute - offset_minutes(offset)?;
    is_time.then_some((minutes * 60 + second) * 1000 + ms)
}

/// Days since 1970 of a date of the Gregorian calendar, if there is such a date.
fn days([year, month, day]: [i16; 3]) -> Option<i64> {
    let date = Date::new(year, month.try_into().ok()?, day.try_into().ok()?).ok()?;
    Some(date.duration_since(Date::constant(1970, 1, 1)).as_hours() / 24)
}

/// The milliseconds of `.123` at the beginning of a text, and what follows.
fn fraction_ms(text: &str) -> Option<(i64, &str)> {
    let Some(text) = text.strip_prefix('.') else { return Some((0, text)) };
    let end = text.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at_checked(end).filter(|(digits, _)| !digits.is_empty())?;
    let ms = digits.bytes().chain(*b"00").take(3);
    Some((ms.fold(0, |ms, digit| ms * 10 + i64::from(digit - b'0')), rest))
}

/// How far a time zone is ahead of UTC.
fn offset_minutes(text: &str) -> Option<i64> {
    if matches!(text, "Z" | "z") {
        return Some(0);
    }
    let (sign, text) = match text.split_at_checked(1)? {
        ("+" | " ", text) => (1, text),
        ("-", text) => (-1, text),
        _ => return None,
    };
    let [hours, minutes] = numbers(text, ':', [2, 2])?.map(i64::from);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

/// Numbers of so many digits each, with a separator between them.
fn numbers<const N: usize>(text: &str, separator: char, digits: [usize; N]) -> Option<[i16; N]> {
    let mut parts = text.split(separator);
    let mut numbers = [0; N];
    for (number, digits) in numbers.iter_mut().zip(digits) {
        let part = parts.next()?;
        let is_plain = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        *number = part.parse().ok().filter(|_| is_plain)?;
    }
    parts.next().is_none().then_some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_as_rfc_3339() {
        let check = |unix_time_us: u64, expected: &str| assert_eq!(text(unix_time_us), expected);
        check(0, "1970-01-01T00:00:00.000Z");
        check(951_782_400_000_000, "2000-02-29T00:00:00.000Z");
        check(1_795_453_199_999_999, "2026-11-23T16:59:59.999Z");
        check(4_107_542_400_000_000, "2100-03-01T00:00:00.000Z");
    }

    #[test]
    fn moments_are_those_that_jiff_reads() {
        for year in [0, 1, 4, 100, 400, 1900, 1970, 1999, 2000, 2024, 2026, 2100, 9998] {
            for month in 0..=13 {
                for day in 0..=32 {
                    for (time, offset) in
                        [("00:00:00", "Z"), ("23:59:59.999", "-23:59"), ("12:30:07.1239", "+05:45")]
                    {
                        let text = format!("{year:04}-{month:02}-{day:02}T{time}{offset}");
                        let expected = text.parse::<Timestamp>().ok();
                        let found = unix_time_ms(&text);
                        // jiff cuts towards 1970, and this towards the past.
                        let expected =
                            expected.map(|moment| moment.as_microsecond().div_euclid(1000));
                        assert_eq!(found, expected, "{text}");
                    }
                }
            }
        }
    }

    #[test]
    fn only_whole_moments_are_read() {
        let check = |text: &str, expected| assert_eq!(unix_time_ms(text), expected, "{text}");
        check("2026-11-23T17:00:00Z", Some(1_795_453_200_000));
        check("2026-11-23t17:00:00.0019z", Some(1_795_453_200_001));
        check("2026-11-23 18:00:00 01:00", Some(1_795_453_200_000));
        check("2026-11-23T12:00:00-05:00", Some(1_795_453_200_000));
        check("2016-12-31T23:59:60Z", Some(1_483_228_800_000));
        for wrong in [
            "",
            "today",
            "2026-11-23",
            "2026-11-23T17:00:00",
            "2026-11-23T17:00Z",
            "2026-11-23T17:00:00.Z",
            "2026-11-23T24:00:00Z",
            "2026-11-23T17:60:00Z",
            "2026-11-23T17:00:61Z",
            "2026-11-23T17:00:00+24:00",
            "2026-11-23T17:00:00+1:00",
            "2026-11-23T17:00:00Zx",
            "2026-1-23T17:00:00Z",
            "+026-11-23T17:00:00Z",
            "20é6-11-23T17:00:00Z",
            "2026-11-23T17:00:00é",
        ] {
            check(wrong, None);
        }
    }
}
