//! The warnings that accompany an estimate.

use alloc::vec::Vec;
use core::fmt;

use crate::grade::{Clarity, Color, Cut};

/// A reason to trust an estimate less.
#[derive(Debug, Clone, PartialEq)]
pub enum Warning {
    /// Measures were not given, and were estimated from the rest of the stone.
    Estimated {
        /// The names of the features.
        features: Vec<&'static str>,
    },
    /// Measures were not given, and the model used its own rule for missing ones.
    Missing {
        /// The names of the features.
        features: Vec<&'static str>,
    },
    /// A feature lies outside the range of the training data.
    Outside {
        /// The name of the feature.
        feature: &'static str,
        /// The stone's value.
        value: f64,
        /// The smallest value trained on.
        low: f64,
        /// The largest value trained on.
        high: f64,
    },
    /// Few training stones had these grades.
    RareGrades {
        /// The stone's cut.
        cut: Cut,
        /// The stone's color.
        color: Color,
        /// The stone's clarity.
        clarity: Clarity,
        /// Fewer training stones than this had all three; at least 1.
        fewer_than: u32,
    },
    /// The dimensions suit a stone of another weight.
    Volume {
        /// The stone's weight.
        carat: f64,
        /// The least weight that the dimensions suit.
        low_carat: f64,
        /// The greatest weight that the dimensions suit.
        high_carat: f64,
    },
    /// A dimension does not suit a stone of this weight.
    Side {
        /// `x`, `y` or `z`.
        side: &'static str,
        /// The value of the dimension.
        value_mm: f64,
        /// The stone's weight.
        carat: f64,
        /// The smallest for stones of this weight.
        low_mm: f64,
        /// The largest for stones of this weight.
        high_mm: f64,
    },
    /// The total depth differs from the one that the dimensions give.
    Depth {
        /// The depth as given.
        depth_percent: f64,
        /// `100 z / mean(x, y)`.
        derived_percent: f64,
    },
    /// The price lies outside the prices of the training data.
    PriceOutside {
        /// The lowest price trained on, in dollars.
        low_usd: f64,
        /// The highest price trained on, in dollars.
        high_usd: f64,
    },
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
