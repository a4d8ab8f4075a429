//! A point in time, as it is given on the command line.

use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;

/// A moment, in milliseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(i64);

impl Moment {
    /// Reads RFC 3339, or a time before now such as `90s`, `10m`, `6h` or `30d`.
    ///
    /// # Errors
    ///
    /// A sentence that says what is allowed.
    pub fn parse(text: &str) -> Result<Moment, String> {
        if let Some(ago_ms) = ago_ms(text) {
            return Ok(Moment(Moment::now().0.saturating_sub(ago_ms)));
        }
        text.parse::<Timestamp>().map(|moment| Moment(moment.as_millisecond())).map_err(|_| {
            String::from(
                "give RFC 3339 such as 2026-11-23T17:00:00Z, or a time before now such as 90s, 10m, 6h or 30d",
            )
        })
    }

    /// The present time.
    pub fn now() -> Moment {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Moment(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    /// So many days before.
    pub fn days_before(self, days: u32) -> Moment {
        Moment(self.0.saturating_sub(i64::from(days) * 86_400_000))
    }

    /// So many seconds earlier.
    pub fn seconds_before(self, seconds: u32) -> Moment {
        Moment(self.0.saturating_sub(i64::from(seconds) * 1_000))
    }

    /// Lies before the key of every row that was received in this millisecond or later, and behind all others.
    pub fn key(self) -> String {
        api::journal::first_id(self.0)
    }
}

impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match Timestamp::from_millisecond(self.0) {
            Ok(moment) => write!(f, "{moment:.3}"),
            Err(_) => write!(f, "{} ms", self.0),
        }
    }
}

fn ago_ms(text: &str) -> Option<i64> {
    let (at, unit) = text.char_indices().next_back()?;
    let unit_ms = match unit {
        's' => 1_000,
        'm' => 60_000,
        'h' => 3_600_000,
        'd' => 86_400_000,
        _ => return None,
    };
    i64::from(text[..at].parse::<u32>().ok()?).checked_mul(unit_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_given_by_itself_or_by_how_long_ago_it_was() {
        let check = |text: &str, expected: Option<i64>| {
            assert_eq!(Moment::parse(text).ok(), expected.map(Moment), "{text}");
        };
        check("2026-11-23T17:00:00.001Z", Some(1_795_453_200_001));
        check("2026-11-23T18:00:00+01:00", Some(1_795_453_200_000));
        check("yesterday", None);
        check("-1d", None);
        check("", None);
        for (text, ago) in
            [("90s", 90_000), ("10m", 600_000), ("6h", 21_600_000), ("30d", 2_592_000_000)]
        {
            let off = Moment::now().0 - ago - Moment::parse(text).unwrap().0;
            assert!((0..60_000).contains(&off), "{text}: {off}");
        }
    }

    #[test]
    fn a_key_lies_before_the_ids_of_its_moment() {
        let key = Moment(0x01a2_10f8_4708).key();
        assert!(key.as_str() < "01a210f8-4708-73d1-a851-e1f2f0b65c9b");
        assert!(key.as_str() > "01a210f8-4707-7fff-bfff-ffffffffffff");
    }
}
