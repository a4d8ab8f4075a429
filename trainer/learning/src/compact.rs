//! Makes the served form of a fitted one: short thresholds and whole leaves.

use inference::{Encoder, Form, FormError, Link};

use crate::evaluate::View;
use data::stone::Stone;

/// Trees with short thresholds and whole leaves, such that the training rows come out as before, measured or not; `None`
/// for a form without leaves, which is served as it is.
///
/// # Errors
///
/// [`FormError`] as [`inference::form::Trees::compact`] gives it.
pub(crate) fn compact(
    form: &Form,
    link: Link,
    encoder: &Encoder,
    stones: &[&Stone],
) -> Result<Option<Form>, FormError> {
    let Form::Trees(trees) = form else { return Ok(None) };
    let rows =
        |view: View| stones.iter().map(move |stone| encoder.encode(&view.of(&stone.diamond)));
    let margins = || stones.iter().map(|stone| link.margin(stone.price.usd()));
    let rows: Vec<_> = rows(View::Measured).chain(rows(View::FourCs)).collect();
    let margins: Vec<_> = margins().chain(margins()).collect();
    Ok(Some(Form::Trees(trees.compact(&rows, &margins)?)))
}
