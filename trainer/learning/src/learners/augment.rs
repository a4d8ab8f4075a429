//! Augments the rows that trees learn from: every stone as it is, and some of them once more by their four Cs alone.

use inference::{Encoder, Features};

use crate::evaluate::View;
use data::stone::Stone;

/// Of the training rows, one in this many is shown a second time with its four Cs alone, so
/// that such stones are priced well too.
pub(super) const UNMEASURED_EVERY: usize = 2;

/// How much such a row counts compared with a measured one.
pub(super) const UNMEASURED_WEIGHT: f64 = 0.5;

/// Errors are in dollars and the target is a logarithm, so expensive stones count for more: a row's weight is its price over the
/// typical price, to this power. 0.3 did best of 0 to 1; 1 would leave the cheap ones behind.
pub(super) const WEIGHT_POWER: f64 = 0.3;

/// The rows as they are, each with what it counts.
pub(super) fn measured<'a>(
    stones: &'a [&'a Stone],
    encoder: &'a Encoder,
) -> impl Iterator<Item = (&'a Stone, Features, f64)> {
    stones.iter().map(|stone| (*stone, encoder.encode(&stone.diamond), 1.0))
}

/// The rows, and some of them a second time without their measures. Rows come sorted by a hash of their content, so
/// every n-th row is as good as a random draw.
pub(super) fn with_unmeasured<'a>(
    stones: &'a [&'a Stone],
    encoder: &'a Encoder,
) -> impl Iterator<Item = (&'a Stone, Features, f64)> {
    let unmeasured = stones
        .iter()
        .step_by(UNMEASURED_EVERY)
        .map(|stone| (*stone, encoder.encode(&View::FourCs.of(&stone.diamond)), UNMEASURED_WEIGHT));
    measured(stones, encoder).chain(unmeasured)
}

/// The row without the features whose bit is set.
#[cfg(test)]
pub(super) fn without(features: Features, gaps: usize) -> Features {
    let keep = |at: usize| if gaps & (1 << at) == 0 { features.values()[at] } else { f64::NAN };
    Features::from_values(std::array::from_fn(keep))
}
