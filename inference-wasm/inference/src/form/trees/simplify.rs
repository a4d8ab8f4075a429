//! Rounds thresholds to decimals with as few digits as the training rows allow.

use alloc::vec::Vec;

use super::thresholds::index_of;
use super::{FormError, Node, Trees};
use crate::features::{FEATURE_COUNT, Features};

/// How many digits after the point are tried at most.
const MAX_DIGITS: u32 = 3;

impl Trees {
    /// Replaces thresholds by decimals of few digits that send each of `rows`, which should be the training rows, the same
    /// way. A learner puts a threshold anywhere between the values of two rows; a short decimal there takes fewer bytes.
    pub(super) fn simplified(&self, rows: &[Features]) -> Result<Trees, FormError> {
        let values: [Vec<f32>; FEATURE_COUNT] =
            core::array::from_fn(|feature| sorted(rows, feature));
        let mut nodes = self.nodes.clone();
        for node in &mut nodes {
            if let Node::Split { feature, threshold, .. } = node {
                *threshold = simplest(*threshold, &values[usize::from(*feature)]);
            }
        }
        Trees::new(self.base(), self.unit(), self.roots.clone(), nodes)
    }
}

/// The distinct values of a feature, sorted, as trees compare them.
fn sorted(rows: &[Features], feature: usize) -> Vec<f32> {
    let values = rows.iter().map(|row| row.rounded()[feature]);
    let mut values: Vec<f32> = values.filter(|value| !value.is_nan()).collect();
    values.sort_unstable_by(f32::total_cmp);
    values.dedup();
    values
}

/// The decimal with the fewest digits that separates the same values as the threshold; of several, the nearest. Returns
/// the threshold itself where there is no such decimal, or where there are values on one side only.
#[expect(clippy::cast_possible_truncation, reason = "the nearest f32 is what a decimal means")]
fn simplest(threshold: f32, values: &[f32]) -> f32 {
    let at = index_of(values, threshold);
    let (Some(below), Some(above)) = (at.checked_sub(1).map(|at| values[at]), values.get(at))
    else {
        return threshold;
    };
    let decimal = |digits: u32| {
        let scale = f64::from(10_u32.pow(digits));
        let nearest = libm::round(f64::from(threshold) * scale);
        let decimals =
            [nearest, nearest + 1.0, nearest - 1.0].map(|number| (number / scale) as f32);
        decimals.into_iter().find(|decimal| below < *decimal && decimal <= above)
    };
    (0..=MAX_DIGITS).find_map(decimal).unwrap_or(threshold)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_becomes_the_shortest_decimal_between_values() {
        let values = [0.3, 0.31, 0.7, 6.433_7, 6.433_9, 7.0];
        let check = |threshold: f32, expected: f32| {
            assert_eq!(simplest(threshold, &values).to_bits(), expected.to_bits(), "{threshold}");
        };
        check(0.31, 0.31);
        check(0.7, 0.7);
        check(0.5, 0.5);
        check(6.433_7, 6.0);
        // No decimal of three digits lies between the two.
        check(6.433_9, 6.433_9);
        check(6.9, 7.0);
        // There is no value on the other side.
        check(0.3, 0.3);
        check(8.123_4, 8.123_4);
    }
}
