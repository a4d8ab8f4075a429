//! Gives the price that a stone was expected to have.

use std::fmt;

use inference::Predictor;

use data::stone::Stone;

/// The champion; or, while there is none that can be read, nothing but the weight.
pub enum PriceReference {
    /// The champion's price.
    Champion {
        /// Its id.
        id: String,
        /// Its decoded model.
        predictor: Box<Predictor>,
    },
    /// The weight alone.
    Weight,
}

impl PriceReference {
    /// A figure that grows with the price: an estimate in dollars, or carats.
    pub(super) fn figure(&self, stone: &Stone) -> f64 {
        match self {
            PriceReference::Champion { predictor, .. } => predictor.price_usd(&stone.diamond),
            PriceReference::Weight => stone.diamond.carat.carats(),
        }
    }
}

impl fmt::Display for PriceReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PriceReference::Champion { id, .. } => write!(f, "the champion {id}"),
            PriceReference::Weight => f.write_str("stones of the same weight"),
        }
    }
}
