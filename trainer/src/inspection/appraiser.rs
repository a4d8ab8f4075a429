//! Who says what a stone was to be expected to cost.

use std::fmt;

use inference::Predictor;

use crate::data::stone::Stone;

/// The champion; or, while there is none that can be read, nothing but the weight.
pub(crate) enum Appraiser {
    Champion { id: String, predictor: Box<Predictor> },
    Weight,
}

impl Appraiser {
    /// A figure that grows with the price: an estimate in dollars, or carats.
    pub(super) fn figure(&self, stone: &Stone) -> f64 {
        match self {
            Appraiser::Champion { predictor, .. } => predictor.price_usd(&stone.diamond),
            Appraiser::Weight => stone.diamond.carat.carats(),
        }
    }
}

impl fmt::Display for Appraiser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Appraiser::Champion { id, .. } => write!(f, "the champion {id}"),
            Appraiser::Weight => f.write_str("stones of the same weight"),
        }
    }
}
