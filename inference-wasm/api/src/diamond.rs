//! A diamond from named fields, whatever wrote them: JSON, CSV, a query string or JavaScript.

use inference::{Diamond, DiamondInput, FieldError, FieldValue, PriceLists};

/// The fields that a diamond must have.
pub const FOUR_CS: [&str; 4] = ["carat", "cut", "color", "clarity"];

/// A diamond and the names of the fields next to it that no diamond has.
#[derive(Debug, Clone, PartialEq)]
pub struct ParsedDiamond {
    /// The diamond.
    pub diamond: Diamond,
    /// Fields that were ignored.
    pub unknown_fields: Vec<String>,
}

impl From<Diamond> for ParsedDiamond {
    fn from(diamond: Diamond) -> ParsedDiamond {
        ParsedDiamond { diamond, unknown_fields: Vec::new() }
    }
}

/// Which fields of a diamond are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldSet {
    /// All fields; unknown ones are collected.
    All,
    /// The four Cs; all other fields, right or wrong, are skipped.
    FourCs,
}

impl FieldSet {
    /// Whether a field of this name is read.
    #[must_use]
    pub fn contains(self, field: &str) -> bool {
        self == FieldSet::All || FOUR_CS.contains(&field)
    }
}

impl ParsedDiamond {
    /// Parses a diamond from its fields, for a model that knows these price lists.
    ///
    /// # Errors
    ///
    /// One error for every bad field.
    pub fn from_fields<'a>(
        named: impl IntoIterator<Item = (&'a str, FieldValue<'a>)>,
        fields: FieldSet,
        lists: &PriceLists,
    ) -> Result<ParsedDiamond, Vec<FieldError>> {
        let mut input = DiamondInput::default();
        let mut unknown_fields = Vec::new();
        for (field, value) in named.into_iter().filter(|(field, _)| fields.contains(field)) {
            match input.value_mut(field) {
                Some(slot) => *slot = value,
                None => unknown_fields.push(field.to_owned()),
            }
        }
        input.parse_for(lists).map(|diamond| ParsedDiamond { diamond, unknown_fields })
    }
}
