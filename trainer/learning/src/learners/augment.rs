//! Augments the rows that trees learn from: every stone with its price list and without, and some of them once more by their
//! four Cs alone.

use inference::features::PRICE_LIST;
use inference::{Encoder, Features};
use serde_json::{Value, json};

use crate::evaluate::View;
use data::stone::Stone;

/// How much a row counts that is shown without its list, compared with the same row in its list.
const WITHOUT_LIST_WEIGHT: f64 = 1.0;

/// Of the training rows, one in this many is shown a second time with its four Cs alone, so
/// that such stones are priced well too.
const UNMEASURED_EVERY: usize = 2;

/// How much such a row counts compared with a measured one.
const UNMEASURED_WEIGHT: f64 = 0.5;

/// Errors are in dollars and the target is a logarithm, so expensive stones count for more: a row's weight is its price over the
/// typical price, to this power. 0.3 did best of 0 to 1; 1 would leave the cheap ones behind.
pub(super) const WEIGHT_POWER: f64 = 0.3;

/// A row to learn from: the stone, what the model sees of it, and what the row counts.
pub(super) type Row<'a> = (&'a Stone, Features, f64);

/// The settings above, for the registry.
pub(super) fn params() -> Value {
    json!({
        "weight": format!("price^{WEIGHT_POWER}"),
        "without_list_weight": WITHOUT_LIST_WEIGHT,
        "unmeasured_every": UNMEASURED_EVERY,
        "unmeasured_weight": UNMEASURED_WEIGHT,
    })
}

/// The rows as they are; each that is in a list which the model learns, a second time without it.
pub(super) fn measured<'a>(
    stones: &'a [&'a Stone],
    encoder: &'a Encoder,
) -> impl Iterator<Item = Row<'a>> {
    stones.iter().flat_map(|stone| {
        let row = encoder.encode(&stone.diamond);
        let is_listed = !row.values()[PRICE_LIST].is_nan();
        let without_list = is_listed.then(|| (*stone, row.in_list(None), WITHOUT_LIST_WEIGHT));
        [(*stone, row, 1.0)].into_iter().chain(without_list)
    })
}

/// The rows, and some of them a second time without their measures: by turns in their list and without. Rows come sorted by
/// a hash of their content, so every n-th row is as good as a random draw.
pub(super) fn with_unmeasured<'a>(
    stones: &'a [&'a Stone],
    encoder: &'a Encoder,
) -> impl Iterator<Item = Row<'a>> {
    let views = [View::FourCs, View::FourCsWithoutList].into_iter().cycle();
    let unmeasured =
        stones.iter().step_by(UNMEASURED_EVERY).zip(views).map(|(stone, view)| {
            (*stone, encoder.encode(&view.of(&stone.diamond)), UNMEASURED_WEIGHT)
        });
    measured(stones, encoder).chain(unmeasured)
}

/// The row without the features whose bit is set.
#[cfg(test)]
pub(super) fn without(features: Features, gaps: usize) -> Features {
    let keep = |at: usize| if gaps & (1 << at) == 0 { features.values()[at] } else { f64::NAN };
    Features::from_values(std::array::from_fn(keep))
}
