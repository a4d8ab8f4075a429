//! Whole leaves and short thresholds: what makes a model of trees small enough for every browser.

use inference::{Encoder, Form, FormError, Link};

use crate::data::stone::Stone;
use crate::evaluate::View;

/// The unit of a leaf is the typical error of the model on the rows it learnt from, over this: what rounding then
/// costs is below a tenth of a percent of the error, and a leaf takes less than four bits.
const UNITS_A_RESIDUAL: f64 = 80.0;

/// The form with its thresholds as short decimals and its leaves as whole numbers of one unit, such that rows like the
/// training rows come out as before; a form without leaves as it is.
///
/// # Errors
///
/// [`FormError`] where a leaf is so large beside the errors that it would not fit.
pub(crate) fn compact(
    form: &Form,
    link: Link,
    encoder: &Encoder,
    stones: &[&Stone],
) -> Result<Form, FormError> {
    let Form::Trees(trees) = form else { return Ok(form.clone()) };
    let rows =
        |view: View| stones.iter().map(move |stone| encoder.encode(&view.of(&stone.diamond)));
    let measured: Vec<_> = rows(View::Measured).collect();
    let squares = stones.iter().zip(&measured).map(|(stone, row)| {
        let error = link.margin(stone.price.usd()) - trees.margin(row);
        error * error
    });
    #[expect(clippy::cast_precision_loss, reason = "row counts are far below 2^53")]
    let residual = (squares.sum::<f64>() / stones.len().max(1) as f64).sqrt();
    // A model that makes no errors is on data made up for a test; any small unit will do.
    let unit = if residual > 0.0 { residual } else { 1e-6 } / UNITS_A_RESIDUAL;
    let rows: Vec<_> = measured.into_iter().chain(rows(View::FourCs)).collect();
    Ok(Form::Trees(trees.simplified(&rows)?.quantised(unit, &rows)?))
}
