//! The warnings that accompany an estimate.

use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use crate::grade::{Clarity, Color, Cut};

/// A reason to trust an estimate less.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the message says what the fields are")]
pub enum Warning {
    /// Measures were not given, and were estimated from the rest of the stone.
    Estimated { features: Vec<&'static str> },
    /// Measures were not given, and the model used its own rule for missing ones.
    Missing { features: Vec<&'static str> },
    /// A feature lies outside the range of the training data.
    Outside { feature: &'static str, value: f64, low: f64, high: f64 },
    /// Few training stones had these grades: fewer than `fewer_than`, which is at least 1, had all three.
    RareGrades { cut: Cut, color: Color, clarity: Clarity, fewer_than: u32 },
    /// The dimensions suit a stone of another weight.
    Volume { carat: f64, low_carat: f64, high_carat: f64 },
    /// A dimension, `x`, `y` or `z`, does not suit a stone of this weight.
    Side { side: &'static str, value_mm: f64, carat: f64, low_mm: f64, high_mm: f64 },
    /// The total depth differs from the one that the dimensions give, `100 z / mean(x, y)`.
    Depth { depth_percent: f64, derived_percent: f64 },
    /// The price lies outside the prices of the training data.
    PriceOutside { low_usd: f64, high_usd: f64 },
}

impl Warning {
    /// The codes of all kinds. They never change: callers and the journal know a warning by its code.
    pub const CODES: [&'static str; 8] = [
        "measures_estimated",
        "measures_missing",
        "feature_outside",
        "rare_grades",
        "volume_and_weight",
        "side_and_weight",
        "depth_contradicted",
        "price_outside",
    ];

    /// The kind of warning, for programs: one of [`Warning::CODES`].
    #[must_use]
    pub fn code(&self) -> &'static str {
        let [estimated, missing, outside, rare_grades, volume, side, depth, price] = Self::CODES;
        match self {
            Warning::Estimated { .. } => estimated,
            Warning::Missing { .. } => missing,
            Warning::Outside { .. } => outside,
            Warning::RareGrades { .. } => rare_grades,
            Warning::Volume { .. } => volume,
            Warning::Side { .. } => side,
            Warning::Depth { .. } => depth,
            Warning::PriceOutside { .. } => price,
        }
    }

    /// The fields of the diamond that the warning is about; empty where it is about the price.
    #[must_use]
    pub fn fields(&self) -> Vec<&'static str> {
        match self {
            Warning::Estimated { features } | Warning::Missing { features } => features.clone(),
            Warning::Outside { feature, .. } => vec![feature],
            Warning::RareGrades { .. } => vec!["cut", "color", "clarity"],
            Warning::Volume { .. } => vec!["carat", "x", "y", "z"],
            Warning::Side { side, .. } => vec!["carat", side],
            Warning::Depth { .. } => vec!["depth", "x", "y", "z"],
            Warning::PriceOutside { .. } => Vec::new(),
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
            Warning::Outside { feature, value, low, high } => write!(
                f,
                "{feature} {value} is outside the {low} to {high} of the stones the model learnt from; treat the price with care"
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
                "{side} {value_mm} mm does not suit a stone of {carat} carats, which has {low_mm:.2} to {high_mm:.2} mm; check both"
            ),
            Warning::Depth { depth_percent, derived_percent } => write!(
                f,
                "depth {depth_percent} is not what x, y and z give: 100 z / mean(x, y) is {derived_percent:.1}; check all four"
            ),
            Warning::PriceOutside { low_usd, high_usd } => write!(
                f,
                "the price is outside the ${low_usd:.0} to ${high_usd:.0} of the stones the model learnt from; treat it with care"
            ),
        }
    }
}
