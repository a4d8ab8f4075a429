//! Gives the price that a stone was expected to have.

use std::fmt;

use inference::Predictor;

use data::stone::Stone;
use registry::{Registry, RegistryError};

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
    /// The champion of a registry. One that cannot be read is the gate's business.
    ///
    /// # Errors
    ///
    /// Those of the registry.
    pub async fn of(registry: &Registry) -> Result<PriceReference, RegistryError> {
        let Some(id) = registry.champion().await? else { return Ok(PriceReference::Weight) };
        Ok(match Predictor::from_blob(&registry.blob(&id).await?) {
            Ok(predictor) => PriceReference::Champion { id, predictor: Box::new(predictor) },
            Err(_) => PriceReference::Weight,
        })
    }

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
