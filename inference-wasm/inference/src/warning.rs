//! The warnings that accompany an estimate.

use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use crate::grade::{Clarity, Color, Cut};
use crate::price_list::PriceList;

/// What a warning is about: its name in sentences, and the fields of the diamond that state it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Property {
    /// The name: that of the field, or `minimum diameter`.
    pub name: &'static str,
    /// The fields. A diameter is stated by x and y, in either order.
    pub fields: &'static [&'static str],
}

/// A reason to trust an estimate less.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the message says what the fields are")]
pub enum Warning {
    /// Measures were not given, and were estimated from the rest of the stone.
    Estimated { features: Vec<&'static str> },
    /// Measures were not given, and the model used its own rule for missing ones.
    Missing { features: Vec<&'static str> },
    /// A property lies outside the range of the training data.
    Outside { property: Property, value: f64, low: f64, high: f64 },
    /// Few training stones had these grades: fewer than `fewer_than`, which is at least 1, had all three.
    RareGrades { cut: Cut, color: Color, clarity: Clarity, fewer_than: u32 },
    /// The dimensions suit a stone of another weight.
    Volume { carat: f64, low_carat: f64, high_carat: f64 },
    /// A dimension, a diameter or z, does not suit a stone of this weight.
    Side { side: Property, value_mm: f64, carat: f64, low_mm: f64, high_mm: f64 },
    /// The total depth differs from the one that the dimensions give, `100 z / mean(x, y)`.
    Depth { depth_percent: f64, derived_percent: f64 },
    /// The price lies outside the prices of the training data.
    PriceOutside { low_usd: f64, high_usd: f64 },
    /// A price list was given, but the model knows none.
    PriceListIgnored { list: PriceList },
}

impl Warning {
    /// The codes of all kinds. They never change: callers and the journal know a warning by its code.
    pub const CODES: [&'static str; 9] = [
        "measures_estimated",
        "measures_missing",
        "feature_outside",
        "rare_grades",
        "volume_and_weight",
        "side_and_weight",
        "depth_contradicted",
        "price_outside",
        "price_list_ignored",
    ];

    /// The kind of warning, for programs: one of [`Warning::CODES`].
    #[must_use]
    pub fn code(&self) -> &'static str {
        let [estimated, missing, outside, rare_grades, volume, side, depth, price, list] =
            Self::CODES;
        match self {
            Warning::Estimated { .. } => estimated,
            Warning::Missing { .. } => missing,
            Warning::Outside { .. } => outside,
            Warning::RareGrades { .. } => rare_grades,
            Warning::Volume { .. } => volume,
            Warning::Side { .. } => side,
            Warning::Depth { .. } => depth,
            Warning::PriceOutside { .. } => price,
            Warning::PriceListIgnored { .. } => list,
        }
    }

    /// The fields of the diamond that the warning is about; empty where it is about the price.
    #[must_use]
    pub fn fields(&self) -> Vec<&'static str> {
        match self {
            Warning::Estimated { features } | Warning::Missing { features } => features.clone(),
            Warning::Outside { property, .. } => property.fields.to_vec(),
            Warning::RareGrades { .. } => vec!["cut", "color", "clarity"],
            Warning::Volume { .. } => vec!["carat", "x", "y", "z"],
            Warning::Side { side, .. } => [&["carat"], side.fields].concat(),
            Warning::Depth { .. } => vec!["depth", "x", "y", "z"],
            Warning::PriceOutside { .. } => Vec::new(),
            Warning::PriceListIgnored { .. } => vec!["price_list"],
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Warning::Estimated { features } => write!(
                f,
                "not given, so estimated from the weight, the cut and the other measures: {}",
                features.join(", ")
            ),
            Warning::Missing { features } => {
                write!(f, "not given, so the model went without: {}", features.join(", "))
            }
            Warning::Outside { property, value, low, high } => write!(
                f,
                "{} {value} is outside the {low} to {high} of the stones the model learnt from; treat the price with care",
                property.name
            ),
            Warning::RareGrades { cut, color, clarity, fewer_than: ..=1 } => write!(
                f,
                "none of the stones the model learnt from was {cut}, {color} and {clarity} at once; treat the price with care"
            ),
            Warning::RareGrades { cut, color, clarity, fewer_than } => write!(
                f,
                "fewer than {fewer_than} of the stones the model learnt from were {cut}, {color} and {clarity} at once; treat the price with care"
            ),
            Warning::Volume { carat, low_carat, high_carat } => write!(
                f,
                "x, y and z suit a stone of {low_carat:.2} to {high_carat:.2} carats, not one of {carat}; check the weight and the dimensions"
            ),
            Warning::Side { side, value_mm, carat, low_mm, high_mm } => write!(
                f,
                "{} {value_mm} mm does not suit a stone of {carat} carats, which has {low_mm:.2} to {high_mm:.2} mm; check both",
                side.name
            ),
            Warning::Depth { depth_percent, derived_percent } => write!(
                f,
                "depth {depth_percent} is not what x, y and z give: 100 z / mean(x, y) is {derived_percent:.1}; check all four"
            ),
            Warning::PriceOutside { low_usd, high_usd } => write!(
                f,
                "the price is outside the ${low_usd:.0} to ${high_usd:.0} of the stones the model learnt from; treat it with care"
            ),
            Warning::PriceListIgnored { list } => write!(
                f,
                "the model does not know price lists, so the price is not that of list {list}"
            ),
        }
    }
}
