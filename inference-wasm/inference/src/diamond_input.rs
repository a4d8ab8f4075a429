//! Parses what a caller says of a stone, and reports every bad field.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use crate::diamond::{Diamond, Measures};
use crate::float32;
use crate::grade::{Clarity, Color, Cut, UnknownGrade};
use crate::price_list::{ALLOWED_NAMES, PriceList, PriceLists};
use crate::quantity::{Carat, Millimetres, OutOfRange, Percent};

/// The value of one field of a [`DiamondInput`].
#[derive(Debug, Clone, PartialEq, Default)]
pub enum FieldValue<'a> {
    /// The field was not given.
    #[default]
    Absent,
    /// A number. One that is visibly a widened 32-bit float is read as the decimal that was widened:
    /// [`float32::without_widening`].
    Number(f64),
    /// A text.
    Text(&'a str),
    /// Anything else, as it was written.
    Other(String),
}

impl<'a> FieldValue<'a> {
    /// The value of a field in CSV or a query string. In a number field a numeral is a number; any other text stays a text, so
    /// that the error can repeat it. An empty text is absent.
    #[must_use]
    pub fn from_text(field: &str, text: &'a str) -> FieldValue<'a> {
        match text.trim() {
            "" => FieldValue::Absent,
            trimmed if DiamondInput::is_number(field) => {
                trimmed.parse().map_or(FieldValue::Text(text), FieldValue::Number)
            }
            _ => FieldValue::Text(text),
        }
    }
}

impl fmt::Display for FieldValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FieldValue::Absent => Ok(()),
            FieldValue::Number(number) => write!(f, "{number}"),
            FieldValue::Text(text) => f.write_str(text),
            FieldValue::Other(written) => f.write_str(written),
        }
    }
}

/// Why a field is invalid, and what is allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The name of the field.
    pub field: String,
    /// The value as given; empty where it was absent.
    pub value: String,
    /// What is wrong with it, in a few words.
    pub message: String,
    /// What is allowed instead.
    pub allowed: String,
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.message)?;
        if !self.value.is_empty() {
            write!(f, ", not {:?}", self.value)?;
        }
        write!(f, "; allowed: {}", self.allowed)
    }
}

impl core::error::Error for FieldError {}

/// A stone as a caller describes it. Only the four Cs are required. Depth and table are in percent, x, y and z in mm;
/// `price_list` is a name.
#[derive(Debug, Clone, PartialEq, Default)]
#[expect(missing_docs, reason = "the fields of the data set under their own names")]
pub struct DiamondInput<'a> {
    pub carat: FieldValue<'a>,
    pub cut: FieldValue<'a>,
    pub color: FieldValue<'a>,
    pub clarity: FieldValue<'a>,
    pub depth: FieldValue<'a>,
    pub table: FieldValue<'a>,
    pub x: FieldValue<'a>,
    pub y: FieldValue<'a>,
    pub z: FieldValue<'a>,
    pub price_list: FieldValue<'a>,
}

impl<'a> DiamondInput<'a> {
    /// The names of the fields, in the order of the data set's header.
    pub const FIELDS: [&'static str; 10] =
        ["carat", "cut", "color", "clarity", "depth", "table", "x", "y", "z", "price_list"];

    /// The value of a field by its name, to be set.
    pub fn value_mut(&mut self, field: &str) -> Option<&mut FieldValue<'a>> {
        Some(match field {
            "carat" => &mut self.carat,
            "cut" => &mut self.cut,
            "color" => &mut self.color,
            "clarity" => &mut self.clarity,
            "depth" => &mut self.depth,
            "table" => &mut self.table,
            "x" => &mut self.x,
            "y" => &mut self.y,
            "z" => &mut self.z,
            "price_list" => &mut self.price_list,
            _ => return None,
        })
    }

    /// Whether a field of this name holds a number (the others hold a grade or a name).
    #[must_use]
    pub fn is_number(field: &str) -> bool {
        !matches!(field, "cut" | "color" | "clarity" | "price_list")
    }

    /// Sets a field from a text of CSV or a query string. Returns whether there is such a field.
    pub fn set_text(&mut self, field: &str, text: &'a str) -> bool {
        let value = FieldValue::from_text(field, text);
        self.value_mut(field).map(|slot| *slot = value).is_some()
    }

    /// Checks the input, and reports all errors at once.
    ///
    /// # Errors
    ///
    /// One [`FieldError`] for every bad field, in the order of [`Self::FIELDS`].
    pub fn parse(&self) -> Result<Diamond, Vec<FieldError>> {
        let mut errors = Vec::new();
        let carat = required("carat", number("carat", &self.carat, Carat::new), &mut errors);
        let cut = required("cut", grade::<Cut>("cut", &self.cut), &mut errors);
        let color = required("color", grade::<Color>("color", &self.color), &mut errors);
        let clarity = required("clarity", grade::<Clarity>("clarity", &self.clarity), &mut errors);
        let measures = Measures {
            depth: optional(number("depth", &self.depth, Percent::new), &mut errors),
            table: optional(number("table", &self.table, Percent::new), &mut errors),
            x: optional(number("x", &self.x, Millimetres::new), &mut errors),
            y: optional(number("y", &self.y, Millimetres::new), &mut errors),
            z: optional(number("z", &self.z, Millimetres::new), &mut errors),
        };
        let price_list = optional(name(&self.price_list), &mut errors);
        match (carat, cut, color, clarity) {
            (Some(carat), Some(cut), Some(color), Some(clarity)) if errors.is_empty() => {
                Ok(Diamond { carat, cut, color, clarity, measures, price_list })
            }
            _ => Err(errors),
        }
    }

    /// Checks the input for a model that knows these price lists. Where it knows any, the price list must be one of them;
    /// a model without lists ignores it.
    ///
    /// # Errors
    ///
    /// Those of [`Self::parse`], and one for a price list that the model does not know.
    pub fn parse_for(&self, lists: &PriceLists) -> Result<Diamond, Vec<FieldError>> {
        let parsed = self.parse();
        if lists.is_empty() {
            return parsed;
        }
        let Ok(Some(list)) = name(&self.price_list) else { return parsed };
        if lists.code(list).is_some() {
            return parsed;
        }
        let mut errors = parsed.err().unwrap_or_default();
        errors.push(FieldError {
            field: String::from("price_list"),
            value: self.price_list.to_string(),
            message: String::from("is not a price list that the model knows"),
            allowed: lists.to_string(),
        });
        Err(errors)
    }
}

/// The result of a field; `None` where it is absent.
type Field<T> = Result<Option<T>, FieldError>;

fn number<T>(
    field: &str,
    value: &FieldValue<'_>,
    new: fn(f64) -> Result<T, OutOfRange>,
) -> Field<T> {
    match value {
        FieldValue::Absent => Ok(None),
        FieldValue::Number(number) => {
            let quantity = new(float32::without_widening(*number));
            quantity.map(Some).map_err(|error| refused(field, value, error.to_string()))
        }
        FieldValue::Text(_) | FieldValue::Other(_) => {
            Err(refused(field, value, String::from("must be a number")))
        }
    }
}

fn name(value: &FieldValue<'_>) -> Field<PriceList> {
    match value {
        FieldValue::Absent => Ok(None),
        FieldValue::Text(text) => text.parse().map(Some).map_err(|_| {
            refused("price_list", value, String::from("is not the name of a price list"))
        }),
        FieldValue::Number(_) | FieldValue::Other(_) => {
            Err(refused("price_list", value, String::from("must be a text")))
        }
    }
}

fn grade<T: FromStr<Err = UnknownGrade>>(field: &str, value: &FieldValue<'_>) -> Field<T> {
    match value {
        FieldValue::Absent => Ok(None),
        FieldValue::Text(text) => text
            .parse()
            .map(Some)
            .map_err(|_: UnknownGrade| refused(field, value, format!("is not a known {field}"))),
        FieldValue::Number(_) | FieldValue::Other(_) => {
            Err(refused(field, value, String::from("must be a text")))
        }
    }
}

fn refused(field: &str, value: &FieldValue<'_>, message: String) -> FieldError {
    let (field, allowed) = (String::from(field), allowed(field));
    FieldError { field, value: value.to_string(), message, allowed }
}

fn required<T>(field: &str, value: Field<T>, errors: &mut Vec<FieldError>) -> Option<T> {
    let present = value.and_then(|value| {
        value
            .map(Some)
            .ok_or_else(|| refused(field, &FieldValue::Absent, String::from("is required")))
    });
    optional(present, errors)
}

fn optional<T>(value: Field<T>, errors: &mut Vec<FieldError>) -> Option<T> {
    value.unwrap_or_else(|error| {
        errors.push(error);
        None
    })
}

/// What a field allows, in words.
fn allowed(field: &str) -> String {
    let (max, unit) = match field {
        "cut" => return Cut::NAMES.join(", "),
        "color" => return Color::NAMES.join(", "),
        "clarity" => return Clarity::NAMES.join(", "),
        "price_list" => return String::from(ALLOWED_NAMES),
        "carat" => (Carat::MAX, "carats"),
        "depth" | "table" => (Percent::MAX, "percent"),
        _ => (Millimetres::MAX, "mm"),
    };
    format!("a number greater than 0 and at most {max} ({unit})")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> DiamondInput<'static> {
        DiamondInput {
            carat: FieldValue::Number(1.01),
            cut: FieldValue::Text("Very Good"),
            color: FieldValue::Text("E"),
            clarity: FieldValue::Text("SI1"),
            x: FieldValue::Number(6.4),
            ..DiamondInput::default()
        }
    }

    /// Checks the fields for which an input is refused, and the message for each.
    fn check(input: &DiamondInput<'_>, expected: &[(&str, &str)]) {
        let errors = input.parse().map(|_| Vec::new()).unwrap_or_else(|errors| errors);
        let found: Vec<(&str, &str)> =
            errors.iter().map(|error| (error.field.as_str(), error.message.as_str())).collect();
        assert_eq!(found, expected);
        assert!(errors.iter().all(|error| !error.allowed.is_empty()));
    }

    #[test]
    fn the_four_cs_are_enough_and_measures_are_kept() {
        let diamond = good().parse().unwrap();
        assert_eq!(diamond.cut, Cut::VeryGood);
        assert_eq!(diamond.measures.x, Some(Millimetres::new(6.4).unwrap()));
        assert_eq!(diamond.measures.table, None);
    }

    #[test]
    fn every_bad_field_is_named_at_once() {
        check(&good(), &[]);
        check(
            &DiamondInput::default(),
            &[
                ("carat", "is required"),
                ("cut", "is required"),
                ("color", "is required"),
                ("clarity", "is required"),
            ],
        );
        let input = DiamondInput {
            carat: FieldValue::Number(0.0),
            cut: FieldValue::Number(3.0),
            color: FieldValue::Text("Z"),
            depth: FieldValue::Text("deep"),
            y: FieldValue::Other(String::from("[1]")),
            price_list: FieldValue::Text("a,b"),
            ..good()
        };
        check(
            &input,
            &[
                ("carat", "must be greater than 0 and at most 100 carats"),
                ("cut", "must be a text"),
                ("color", "is not a known color"),
                ("depth", "must be a number"),
                ("y", "must be a number"),
                ("price_list", "is not the name of a price list"),
            ],
        );
    }

    #[test]
    fn a_price_list_is_one_that_the_model_knows() {
        let lists = PriceLists::of(["A", "B"].map(|name| name.parse().unwrap())).unwrap();
        let check = |lists: &PriceLists, name: FieldValue<'static>, expected: &[&str]| {
            let parsed = DiamondInput { price_list: name, ..good() }.parse_for(lists);
            let errors = parsed.map(|_| Vec::new()).unwrap_or_else(|errors| errors);
            let said: Vec<String> = errors.iter().map(ToString::to_string).collect();
            assert_eq!(said, expected);
        };
        check(&lists, FieldValue::Text("b"), &[]);
        check(&lists, FieldValue::Absent, &[]);
        check(&PriceLists::NONE, FieldValue::Text("C"), &[]);
        check(
            &lists,
            FieldValue::Text("C"),
            &["price_list: is not a price list that the model knows, not \"C\"; allowed: A, B"],
        );
        check(
            &PriceLists::NONE,
            FieldValue::Number(1.0),
            &[
                "price_list: must be a text, not \"1\"; allowed: a name of 1 to 24 letters, digits, spaces, dots, hyphens and underscores",
            ],
        );
    }

    #[test]
    fn a_widened_number_is_read_as_its_short_decimal() {
        let short = good().parse().unwrap();
        let (carat, x) = (f64::from(1.01_f32), f64::from(6.4_f32));
        let mut input =
            DiamondInput { carat: FieldValue::Number(carat), x: FieldValue::Number(x), ..good() };
        assert_eq!(input.parse().unwrap(), short);
        let text = carat.to_string();
        input.set_text("carat", &text);
        assert_eq!(input.parse().unwrap(), short, "{text}");
    }

    #[test]
    fn texts_of_csv_and_query_strings_are_parsed() {
        let mut input = DiamondInput::default();
        for (field, text) in
            [("carat", " 0.5 "), ("cut", "ideal"), ("color", "d"), ("clarity", "IF"), ("table", "")]
        {
            assert!(input.set_text(field, text));
        }
        assert!(!input.set_text("colour", "d"));
        assert_eq!(input.parse().unwrap().carat, Carat::new(0.5).unwrap());
        for spelling in ["NaN", "inf", "-1", "0", "1e400", "0x1", "1,5"] {
            input.set_text("carat", spelling);
            assert!(input.parse().is_err(), "{spelling}");
        }
    }

    #[test]
    fn an_error_reads_as_one_sentence() {
        let input = DiamondInput { color: FieldValue::Text("Z"), ..good() };
        assert_eq!(
            input.parse().unwrap_err()[0].to_string(),
            "color: is not a known color, not \"Z\"; allowed: D, E, F, G, H, I, J"
        );
    }
}
