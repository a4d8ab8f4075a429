//! Rounds leaves to whole numbers of a unit; each tree compensates for the rounding errors of the trees before it.

use alloc::vec;
use alloc::vec::Vec;

use super::{FormError, Node, Trees};
use crate::features::{FEATURE_COUNT, Features};

/// The unit of a leaf is the model's typical error on its training rows, divided by this. Rounding then adds less than a
/// tenth of a percent to the error, and a leaf takes less than four bits.
const UNITS_PER_RESIDUAL: f64 = 80.0;

/// The largest leaf before compensation, in units: half of what an i16 holds, so that there is room to compensate.
const MAX_LEAF_UNITS: f64 = 16_384.0;

impl Trees {
    /// Makes the trees small without a loss that matters: thresholds become decimals with few digits, and leaves whole
    /// numbers of a unit that is small compared with the errors of the trees. `rows` are the training rows, `margins` their
    /// true margins.
    ///
    /// # Errors
    ///
    /// [`FormError`]; never happens, since no threshold is added and every leaf fits its unit.
    #[expect(clippy::cast_precision_loss, reason = "row counts are far below 2^53")]
    pub fn compact(&self, rows: &[Features], margins: &[f64]) -> Result<Trees, FormError> {
        let squares = rows.iter().zip(margins).map(|(row, margin)| {
            let error = margin - self.margin(row);
            error * error
        });
        let residual = libm::sqrt(squares.sum::<f64>() / rows.len().max(1) as f64);
        let largest = self.nodes.iter().fold(0.0_f64, |largest, node| match *node {
            Node::Leaf(value) => largest.max(self.unit() * f64::from(value).abs()),
            Node::Split { .. } => largest,
        });
        // A model with almost no error would need more units than an i16 holds.
        let unit = (residual / UNITS_PER_RESIDUAL).max(largest / MAX_LEAF_UNITS);
        // Where all leaves and errors are 0, any unit will do.
        let unit = if unit > 0.0 { unit } else { 1.0 };
        self.simplified(rows)?.quantised(unit, rows)
    }

    /// Rounds the leaves to whole numbers of `unit`, a margin.
    ///
    /// If each leaf were rounded alone, the errors would add up over hundreds of trees. So the trees are rounded one after
    /// the other, and the target of each leaf is its value plus the average error so far of the rows that fall into it.
    /// The total error on `rows`, which should be the training rows, stays as small as that of the last few trees. A leaf
    /// without rows is rounded alone. An error for a unit that is not a positive number, or so small that a leaf would not fit
    /// an i16.
    fn quantised(&self, unit: f64, rows: &[Features]) -> Result<Trees, FormError> {
        let rows: Vec<_> = rows.iter().map(Features::rounded).collect();
        let mut nodes = self.nodes.clone();
        let mut missing = vec![0.0_f64; rows.len()];
        let mut reached: Vec<u32> = vec![0; rows.len()];
        for (root, tree) in self.roots.iter().zip(self.spans()) {
            let mut sums = vec![(0.0_f64, 0.0_f64); tree.len()];
            for ((row, missing), reached) in rows.iter().zip(&missing).zip(&mut reached) {
                *reached = self.leaf(*root, row);
                let (sum, count) = &mut sums[*reached as usize - tree.start];
                *sum += missing;
                *count += 1.0;
            }
            for (node, (sum, count)) in nodes[tree].iter_mut().zip(sums) {
                if let Node::Leaf(value) = node {
                    let wanted = self.unit() * f64::from(*value);
                    let correction = if count > 0.0 { sum / count } else { 0.0 };
                    *value = whole((wanted + correction) / unit)?;
                }
            }
            for (missing, reached) in missing.iter_mut().zip(&reached) {
                let at = *reached as usize;
                if let (Node::Leaf(wanted), Node::Leaf(given)) = (&self.nodes[at], &nodes[at]) {
                    *missing += self.unit() * f64::from(*wanted) - unit * f64::from(*given);
                }
            }
        }
        Trees::new(self.base(), unit, self.roots.clone(), nodes)
    }

    /// The index of the leaf that a row falls into. The loop ends: every child lies after its parent, which was checked.
    fn leaf(&self, root: u32, row: &[f32; FEATURE_COUNT]) -> u32 {
        let mut at = root;
        while let Node::Split { feature, missing_left, threshold, right, .. } =
            self.nodes[at as usize]
        {
            let value = row[usize::from(feature)];
            let left = if value.is_nan() { missing_left } else { value < threshold };
            at = if left { at + 1 } else { right };
        }
        at
    }
}

/// Rounds to the nearest whole number, never to -0.
#[expect(clippy::cast_possible_truncation, reason = "within an i16 by the check before")]
fn whole(units: f64) -> Result<f32, FormError> {
    let rounded = libm::round(units);
    if libm::fabs(rounded) <= f64::from(i16::MAX) {
        Ok(f32::from(rounded as i16))
    } else {
        Err(FormError::NotFinite { what: "quantised leaf", at: 0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::properties::seeds;

    /// A stump that splits at half a carat into these leaves, and a row on either side.
    fn stump(leaves: [f32; 2]) -> (Trees, [Features; 2]) {
        let row = |carat| Features::from_values([carat; FEATURE_COUNT]);
        (Trees::new(8.0, 1.0, vec![0], seeds::stump(0.5, leaves)).unwrap(), [row(0.3), row(0.7)])
    }

    #[test]
    fn trees_with_hardly_an_error_are_compacted_too() {
        let check = |leaves: [f32; 2], error: f64| {
            let (trees, rows) = stump(leaves);
            let margins = rows.each_ref().map(|row| trees.margin(row) + error);
            let compact = trees.compact(&rows, &margins).unwrap();
            assert!(compact.is_whole());
            for row in &rows {
                let (wanted, found) = (trees.margin(row), compact.margin(row));
                assert!((wanted - found).abs() <= 0.5 * compact.unit(), "{wanted} and {found}");
            }
        };
        check([-0.3, 0.2], 0.08);
        check([-0.3, 0.2], 1e-9);
        check([-0.3, 0.2], 0.0);
        check([1e-30, 900.0], 0.0);
        check([0.0, 0.0], 0.0);
    }

    #[test]
    fn a_tree_compensates_for_rounding_the_one_before() {
        let (stump, rows) = stump([0.14, -0.34]);
        let mut nodes = stump.nodes().to_vec();
        nodes.extend(stump.nodes().iter().map(|node| match *node {
            Node::Split { feature, missing_left, left_fraction, threshold, right } => {
                Node::Split { feature, missing_left, left_fraction, threshold, right: right + 3 }
            }
            leaf @ Node::Leaf(_) => leaf,
        }));
        let trees = Trees::new(8.0, 1.0, vec![0, 3], nodes).unwrap();
        let leaves: Vec<f32> = trees
            .quantised(0.1, &rows)
            .unwrap()
            .nodes()
            .iter()
            .filter_map(|node| match *node {
                Node::Leaf(value) => Some(value),
                Node::Split { .. } => None,
            })
            .collect();
        // 0.14 twice is 0.28, rounded to 1 and 2 tenths; -0.34 twice is -0.68, rounded to -3 and -4 tenths. Rounded alone,
        // all leaves would be 1 or -3.
        assert_eq!(leaves, [1.0, -3.0, 2.0, -4.0]);
        assert!(trees.quantised(0.0, &rows).is_err());
        assert!(trees.quantised(1e-6, &rows).is_err());
    }
}
