//! A stone with its price: one valid row of a diamond CSV.

use std::fmt::{self, Write as _};

use inference::{
    Clarity, Color, Cut, Diamond, DiamondInput, Features, FieldError, FieldValue, Millimetres,
    Percent, Usd,
};
use sha2::{Digest, Sha256};

pub use table::FIELDS as COLUMNS;
use table::is_dimension;

/// The grades of a column from the code 0 on; `None` for a number.
pub fn grades(column: &str) -> Option<&'static [&'static str]> {
    match column {
        "cut" => Some(Cut::NAMES),
        "color" => Some(Color::NAMES),
        "clarity" => Some(Clarity::NAMES),
        _ => None,
    }
}

/// How long a row is in its canonical spelling, about.
const CANONICAL_BYTES: usize = 80;

/// A stone and what it cost.
#[derive(Debug, Clone, PartialEq)]
pub struct Stone {
    /// The stone. A dimension that was delivered as 0 was not measured.
    pub diamond: Diamond,
    /// What the stone cost.
    pub price: Usd,
    /// What the row says, and nothing else: neither its file nor its line nor the way numbers were written.
    pub identity: Identity,
}

/// The SHA-256 of a row's content.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity(pub [u8; 32]);

impl Stone {
    /// Reads a stone from its entries by column name. Every column is required; only x, y and z may be 0, which
    /// this data set writes for dimensions that were not measured.
    ///
    /// # Errors
    ///
    /// One [`FieldError`] for every bad column, in the order of [`COLUMNS`].
    pub fn parse<'a>(entry: impl Fn(&str) -> FieldValue<'a>) -> Result<Stone, Vec<FieldError>> {
        let mut input = DiamondInput::default();
        let mut errors = Vec::new();
        for field in DiamondInput::FIELDS {
            match entry(field) {
                FieldValue::Absent if is_measure(field) => errors.push(required(field)),
                FieldValue::Number(0.0) if is_dimension(field) => {}
                entry => {
                    if let Some(slot) = input.value_mut(field) {
                        *slot = entry;
                    }
                }
            }
        }
        let price = parse_price(&entry("price")).map_err(|error| errors.push(error)).ok();
        let diamond = input.parse().map_err(|found| errors.extend(found)).ok();
        match (diamond, price) {
            (Some(diamond), Some(price)) if errors.is_empty() => Ok(Stone::new(diamond, price)),
            _ => {
                errors.sort_by_key(|error| COLUMNS.iter().position(|name| *name == error.field));
                Err(errors)
            }
        }
    }

    fn new(diamond: Diamond, price: Usd) -> Stone {
        let mut stone = Stone { diamond, price, identity: Identity([0; 32]) };
        stone.identity = Identity(Sha256::digest(stone.canonical()).into());
        stone
    }

    /// The row in one spelling, whichever it arrived in: columns in their order, numbers as short as they go.
    pub(crate) fn canonical(&self) -> String {
        let Diamond { carat, cut, color, clarity, .. } = self.diamond;
        let mut text = String::with_capacity(CANONICAL_BYTES);
        push_number(carat.carats(), &mut text);
        for grade in [cut.as_str(), color.as_str(), clarity.as_str()] {
            text.push(',');
            text.push_str(grade);
        }
        let [depth, table, x, y, z] = self.measures();
        for number in [depth, table, self.price.usd(), x, y, z] {
            text.push(',');
            push_number(number, &mut text);
        }
        text
    }

    /// Depth and table in percent, x, y and z in mm; 0 where not measured.
    pub fn measures(&self) -> [f64; 5] {
        let measures = &self.diamond.measures;
        let percents = [measures.depth, measures.table].map(|share| share.map(Percent::percent));
        let sides =
            [measures.x, measures.y, measures.z].map(|side| side.map(Millimetres::millimetres));
        let ([depth, table], [x, y, z]) = (percents, sides);
        [depth, table, x, y, z].map(Option::unwrap_or_default)
    }

    /// Whether x, y and z are all known.
    pub fn is_measured(&self) -> bool {
        let measures = &self.diamond.measures;
        measures.x.is_some() && measures.y.is_some() && measures.z.is_some()
    }

    /// The stone as numbers.
    pub fn features(&self) -> Features {
        Features::of(&self.diamond)
    }
}

impl Identity {
    /// 64 lower-case hexadecimal digits.
    pub fn to_hex(self) -> String {
        hex(&self.0)
    }

    /// A number that is spread evenly over all u64 and depends on the row, the seed and the purpose alone.
    pub fn draw(self, seed: u64, purpose: &str) -> u64 {
        let digest = Sha256::new()
            .chain_update(seed.to_le_bytes())
            .chain_update(purpose)
            .chain_update(self.0)
            .finalize();
        let mut first = [0; 8];
        first.copy_from_slice(&digest[..8]);
        u64::from_le_bytes(first)
    }

    /// Whether the row is among the share, of 1, that is drawn; equal rows are drawn together.
    #[expect(clippy::cast_precision_loss, reason = "a share of 2^64 needs no more than 53 bits")]
    pub(crate) fn is_drawn(self, seed: u64, purpose: &str, share: f64) -> bool {
        self.draw(seed, purpose) as f64 / (u64::MAX as f64) < share
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex())
    }
}

/// Writes a number as short as it can be without being another, as `{}` does: most are thousandths, which are found without
/// a search. Of a double's decimals with up to 15 digits there is one, so if whole thousandths are this number they are its
/// shortest spelling.
fn push_number(number: f64, text: &mut String) {
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

/// Bytes as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

fn is_measure(field: &str) -> bool {
    is_dimension(field) || matches!(field, "depth" | "table")
}

fn parse_price(entry: &FieldValue<'_>) -> Result<Usd, FieldError> {
    let allowed = || format!("a number greater than 0 and at most {} (dollars)", Usd::MAX);
    let refused = |message: String| FieldError {
        field: String::from("price"),
        value: entry.to_string(),
        message,
        allowed: allowed(),
    };
    match entry {
        FieldValue::Absent => Err(FieldError { allowed: allowed(), ..required("price") }),
        FieldValue::Number(value) => Usd::new(*value).map_err(|error| refused(error.to_string())),
        FieldValue::Text(_) | FieldValue::Other(_) => {
            Err(refused(String::from("must be a number")))
        }
    }
}

fn required(field: &str) -> FieldError {
    let allowed = if is_dimension(field) {
        "a number of mm; 0 where it was not measured"
    } else {
        "a number of percent, greater than 0"
    };
    FieldError {
        field: String::from(field),
        value: String::new(),
        message: String::from("is required"),
        allowed: String::from(allowed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(row: &str) -> Result<Stone, Vec<FieldError>> {
        let texts: Vec<&str> = row.split(',').collect();
        Stone::parse(|field| {
            let at = COLUMNS.iter().position(|name| *name == field).unwrap();
            FieldValue::from_text(field, texts[at])
        })
    }

    #[test]
    fn spelling_of_numbers_and_grades_does_not_change_the_identity() {
        let stone = parse("1.1,Very Good,E,SI1,60,58,5000,6.6,6.7,4").unwrap();
        let check = |row: &str, same: bool| {
            assert_eq!(parse(row).unwrap().identity == stone.identity, same, "{row}");
        };
        check("1.10,very good,e,si1,60.0,58.00,5e3,6.60, 6.7 ,4.000", true);
        check("1.1,Very Good,E,SI1,60,58,5000,6.6,6.7,4.01", false);
        check("1.1,Very Good,E,SI1,60,58,5001,6.6,6.7,4", false);
        check("1.1,Good,E,SI1,60,58,5000,6.6,6.7,4", false);
    }

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

    #[test]
    fn bytes_are_written_as_two_digits_each() {
        assert_eq!(hex(&[0, 1, 0xab, 0xff]), "0001abff");
        assert_eq!(hex(&[]), "");
    }

    #[test]
    fn a_dimension_of_0_is_unmeasured_and_any_other_0_is_refused() {
        let stone = parse("1,Good,E,SI1,60,58,5000,0,0.0,-0").unwrap();
        assert!(stone.canonical().ends_with(",60,58,5000,0,0,0"), "{stone:?}");
        assert!(!stone.is_measured());
        for row in [
            "0,Good,E,SI1,60,58,5000,1,1,1",
            "1,Good,E,SI1,0,58,5000,1,1,1",
            "1,Good,E,SI1,60,0,5000,1,1,1",
            "1,Good,E,SI1,60,58,0,1,1,1",
        ] {
            assert_eq!(parse(row).unwrap_err().len(), 1, "{row}");
        }
    }

    #[test]
    fn every_bad_column_is_named_in_order() {
        let errors = parse("-1,,E,SI3,,58,,abc,1,").unwrap_err();
        let found: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(found, ["carat", "cut", "clarity", "depth", "price", "x", "z"]);
    }
}
