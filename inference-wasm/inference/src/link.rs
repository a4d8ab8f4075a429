//! Converts a margin to a price and back.

use serde::{Deserialize, Serialize};

/// How a margin becomes a price in dollars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Link {
    /// The margin is the price.
    Identity,
    /// The margin is the natural logarithm of the price.
    Log,
}

impl Link {
    /// The price in dollars. `exp` is that of libm on every target, so native and wasm agree to the bit.
    #[must_use]
    pub fn price_usd(self, margin: f64) -> f64 {
        match self {
            Link::Identity => margin,
            Link::Log => libm::exp(margin),
        }
    }

    /// The margin of a price in dollars, which a learner fits.
    #[must_use]
    pub fn margin(self, price_usd: f64) -> f64 {
        match self {
            Link::Identity => price_usd,
            Link::Log => libm::log(price_usd),
        }
    }

    /// The link's name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Link::Identity => "identity",
            Link::Log => "log",
        }
    }
}
