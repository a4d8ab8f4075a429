//! How far off an estimate may be.

use serde::{Deserialize, Serialize};

/// How far the true price may lie from the estimate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The share of stones whose price lies within; 0.9 for nine in ten.
    pub confidence: f64,
    /// How far the range reaches for a stone that was measured.
    pub measured: Spread,
    /// How far it reaches for one of which only some measures are known, or none.
    pub unmeasured: Spread,
}

/// The reach of a range, on the scale on which the model's errors are even.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Spread {
    /// From `price / factor` to `price * factor`.
    Factor(f64),
    /// From `price - dollars` to `price + dollars`.
    Dollars(f64),
}

impl Spread {
    /// The range around a price, in dollars; no stone is worth less than nothing.
    #[must_use]
    pub fn around(self, price_usd: f64) -> (f64, f64) {
        let (low, high) = match self {
            Spread::Factor(factor) => (price_usd / factor, price_usd * factor),
            Spread::Dollars(dollars) => (price_usd - dollars, price_usd + dollars),
        };
        (low.max(0.0), high.max(0.0))
    }
}
