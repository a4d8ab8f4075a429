//! Compact trees: leaves as whole numbers of a unit, each tree making up for what rounding the trees before it has cost.

use alloc::vec;
use alloc::vec::Vec;

use super::{FormError, Node, Trees};
use crate::features::{FEATURE_COUNT, Features};

/// The unit of a leaf is the typical error of the model on the rows it learnt from, over this: what rounding then costs
/// is below a tenth of a percent of the error, and a leaf takes less than four bits.
const UNITS_A_RESIDUAL: f64 = 80.0;

impl Trees {
    /// The same trees as small as they can be written without a loss that matters: [`Self::simplified`], then
    /// [`Self::quantised`] by a unit that is fine beside the errors the trees make. `rows` are those they learnt from,
    /// `margins` what these should come to.
    ///
    /// # Errors
    ///
    /// [`FormError::NotFinite`] where a leaf is so large beside the errors that it would not fit.
    #[expect(clippy::cast_precision_loss, reason = "row counts are far below 2^53")]
    pub fn compact(&self, rows: &[Features], margins: &[f64]) -> Result<Trees, FormError> {
        let squares = rows.iter().zip(margins).map(|(row, margin)| {
            let error = margin - self.margin(row);
            error * error
        });
        let residual = libm::sqrt(squares.sum::<f64>() / rows.len().max(1) as f64);
        // A model that makes no errors is on data made up for a test; any small unit will do.
        let unit = if residual > 0.0 { residual } else { 1e-6 } / UNITS_A_RESIDUAL;
        self.simplified(rows)?.quantised(unit, rows)
    }

    /// The same trees with leaves that are whole numbers of `unit`, which is in margins.
    ///
    /// Rounding each leaf by itself would add up over hundreds of trees. So the trees are rounded one after the other,
    /// and each leaf is aimed at its own value plus what the rows in it are missing so far, on average: the errors of
    /// `rows`, which should be those the trees learnt from, stay as small as those of the last few trees. A leaf that
    /// no row reaches is rounded as it is.
    ///
    /// # Errors
    ///
    /// [`FormError::NotFinite`] for a unit that is no positive number, or one so small that a leaf would not fit.
    pub fn quantised(&self, unit: f64, rows: &[Features]) -> Result<Trees, FormError> {
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
                    let wanted = self.unit * f64::from(*value);
                    let owed = if count > 0.0 { sum / count } else { 0.0 };
                    *value = whole((wanted + owed) / unit)?;
                }
            }
            for (missing, reached) in missing.iter_mut().zip(&reached) {
                let at = *reached as usize;
                if let (Node::Leaf(wanted), Node::Leaf(given)) = (&self.nodes[at], &nodes[at]) {
                    *missing += self.unit * f64::from(*wanted) - unit * f64::from(*given);
                }
            }
        }
        Trees::new(self.base, unit, self.roots.clone(), nodes)
    }

    /// The place of the leaf that a row falls into. Ends because every child was checked to lie after its parent.
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

/// The nearest whole number, never -0.
#[expect(clippy::cast_possible_truncation, reason = "within an i16 by the check before")]
fn whole(units: f64) -> Result<f32, FormError> {
    let rounded = libm::round(units);
    if libm::fabs(rounded) <= f64::from(i16::MAX) {
        Ok(f32::from(rounded as i16))
    } else {
        Err(FormError::NotFinite { what: "quantised leaf", at: 0 })
    }
}
