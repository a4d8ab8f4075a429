//! The design matrix of the linear families: one column for each basis function.

use inference::form::{Basis, Linear, Term};
use inference::{Clarity, Color, Cut, Encoder, Features, Form, FormError, Link};
use ndarray::{Array1, Array2, ShapeBuilder};

use data::stone::Stone;

/// A feature's place in the rows that the encoder makes.
pub(super) const CARAT: u8 = 0;
pub(super) const CUT: u8 = 1;
pub(super) const COLOR: u8 = 2;
pub(super) const CLARITY: u8 = 3;
pub(super) const DEPTH: u8 = 4;
pub(super) const TABLE: u8 = 5;
/// x, or the average diameter in its place.
pub(super) const X: u8 = 6;

/// Columns of mean 0 and variance 1 with their targets. The carat and the length of a stone say nearly the
/// same, so a solver fed with them as they are loses digits.
pub(super) struct Design {
    pub(super) columns: Array2<f64>,
    pub(super) targets: Array1<f64>,
    /// What each column is, and the mean and deviation it had.
    bases: Vec<(Basis, f64, f64)>,
}

/// One-hot columns of cut, color and clarity. The lowest ordinal of each is left out, as the intercept covers
/// it; which one is left out changes no prediction.
pub(super) fn grades() -> impl Iterator<Item = Basis> {
    let scales = [(CUT, Cut::NAMES), (COLOR, Color::NAMES), (CLARITY, Clarity::NAMES)];
    scales.into_iter().flat_map(|(feature, levels)| {
        (0..).zip(levels).skip(1).map(move |(ordinal, _)| Basis::Level(feature, ordinal))
    })
}

impl Design {
    /// Lays the rows out. A column that is the same in every row says nothing and is left out.
    #[expect(clippy::cast_precision_loss, reason = "row counts are far below 2^53")]
    pub(super) fn of(
        stones: &[&Stone],
        encoder: &Encoder,
        link: Link,
        bases: impl IntoIterator<Item = Basis>,
    ) -> Design {
        let features: Vec<Features> =
            stones.iter().map(|stone| encoder.encode(&stone.diamond)).collect();
        let rows = features.len();
        let mut values = Vec::new();
        let mut kept = Vec::new();
        for basis in bases {
            let column: Vec<f64> = features.iter().map(|row| basis.of(row)).collect();
            let mean = column.iter().sum::<f64>() / rows as f64;
            let variance = column.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>()
                / rows as f64;
            let deviation = variance.sqrt();
            if deviation > 0.0 {
                values.extend(column.iter().map(|value| (value - mean) / deviation));
                kept.push((basis, mean, deviation));
            }
        }
        // Column-major: the solvers walk columns. The shape is that of the values by construction.
        let columns = Array2::from_shape_vec((rows, kept.len()).f(), values)
            .unwrap_or_else(|_| Array2::zeros((rows, 0)));
        let targets = stones.iter().map(|stone| link.margin(stone.price.usd())).collect();
        Design { columns, targets, bases: kept }
    }

    /// The form over the plain features from weights over these columns, which must be finite.
    pub(super) fn form(&self, intercept: f64, weights: &Array1<f64>) -> Result<Form, FormError> {
        let mut plain_intercept = intercept;
        let mut terms = Vec::with_capacity(self.bases.len());
        for ((basis, mean, deviation), weight) in self.bases.iter().zip(weights) {
            let plain = weight / deviation;
            plain_intercept -= plain * mean;
            if plain != 0.0 {
                terms.push(Term { basis: *basis, weight: plain, mean: *mean });
            }
        }
        Ok(Form::Linear(Linear::new(plain_intercept, terms)?))
    }
}
