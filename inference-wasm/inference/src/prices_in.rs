//! The currency and the year of the prices of a data set.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::text;

/// A currency and a year, written `USD 2008`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PricesIn {
    /// Three capital letters.
    currency: [u8; 3],
    year: u16,
}

/// Why a text is not a currency and a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "is not a currency and a year; allowed: the three letters of ISO 4217 and a year, as in `USD 2008`"
)]
pub struct InvalidPricesIn;

impl PricesIn {
    /// The currency, by its code of ISO 4217.
    #[must_use]
    pub fn currency(&self) -> &str {
        // The letters are ASCII.
        core::str::from_utf8(&self.currency).unwrap_or_default()
    }

    /// The year.
    #[must_use]
    pub fn year(&self) -> u16 {
        self.year
    }
}

impl FromStr for PricesIn {
    type Err = InvalidPricesIn;

    /// Ignores case and surrounding white space.
    fn from_str(text: &str) -> Result<PricesIn, InvalidPricesIn> {
        let (currency, year) = text.trim().split_once(' ').ok_or(InvalidPricesIn)?;
        let currency: [u8; 3] = currency.as_bytes().try_into().map_err(|_| InvalidPricesIn)?;
        let year = year.trim();
        let is_valid = currency.iter().all(u8::is_ascii_alphabetic)
            && year.len() == 4
            && year.bytes().all(|byte| byte.is_ascii_digit());
        let year = year.parse().map_err(|_| InvalidPricesIn)?;
        let currency = currency.map(|letter| letter.to_ascii_uppercase());
        if is_valid { Ok(PricesIn { currency, year }) } else { Err(InvalidPricesIn) }
    }
}

impl Serialize for PricesIn {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PricesIn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<PricesIn, D::Error> {
        text::parsed(deserializer, "a currency and a year")
    }
}

impl fmt::Display for PricesIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:04}", self.currency(), self.year)
    }
}

impl fmt::Debug for PricesIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_currency_and_a_year_are_read() {
        let check = |text: &str, expected: Option<&str>| {
            let read = text.parse::<PricesIn>().ok().map(|prices_in| prices_in.to_string());
            assert_eq!(read.as_deref(), expected, "{text:?}");
        };
        check("USD 2008", Some("USD 2008"));
        check(" eur  2024 ", Some("EUR 2024"));
        check("USD 0999", Some("USD 0999"));
        for text in
            ["", "USD", "2008", "USD2008", "US 2008", "USD 08", "USD +200", "USD 20080", "US$ 2008"]
        {
            check(text, None);
        }
    }
}
