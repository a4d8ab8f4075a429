//! Has a model price stones of the database, next to the champion, before it may serve.

use inference::Predictor;

use crate::gate;
use crate::registry::{Registry, RegistryError};
use data::dataset::Dataset;
use data::stone::Stone;
use learning::price_check::{MOST_ROWS, PriceCheck};

/// Prices the first stones of a data set, which come in random order, by a model that has this id or will have it.
///
/// # Errors
///
/// The registry's own.
pub async fn check(
    registry: &Registry,
    id: &str,
    model: &Predictor,
    dataset: &Dataset,
) -> Result<PriceCheck, RegistryError> {
    let champion = match registry.champion().await? {
        // A champion that cannot be read is no measure, and replacing it is the remedy.
        Some(champion) if champion != id => gate::read(registry, &champion).await?.ok(),
        _ => None,
    };
    let stones: Vec<&Stone> = dataset.stones().take(MOST_ROWS).collect();
    Ok(PriceCheck::of(model, champion.as_ref(), &stones))
}
