//! What `inference` and the trainer are about to offer: this file goes when they do.

use inference::form::{Linear, Node, Term, Trees};
use inference::{Features, Form, FormError};

/// `Form::margins`.
pub(crate) fn margins(form: &Form, rows: &[Features], margins: &mut [f64]) {
    for (row, margin) in rows.iter().zip(margins) {
        *margin = form.margin(row);
    }
}

/// `Trees::walking_bytes`.
pub(crate) fn walking_bytes(trees: &Trees) -> usize {
    size_of_val(trees.nodes())
}

/// Trees whose leaves are whole numbers of a unit.
///
/// # Errors
///
/// Never, for trees that are sound.
#[expect(clippy::cast_possible_truncation, reason = "a whole number of units is small")]
pub(crate) fn quantised(trees: &Trees) -> Result<Trees, FormError> {
    // An error of up to half of this in each of 400 leaves is one of 0.15 percent in the price, where the model
    // itself is off by seven.
    const UNIT: f64 = 1.0 / 4096.0;
    let nodes = trees.nodes().iter().map(|node| match *node {
        Node::Leaf(value) => Node::Leaf((f64::from(value) * trees.unit() / UNIT).round() as f32),
        split @ Node::Split { .. } => split,
    });
    Trees::new(trees.base(), UNIT, trees.roots().to_vec(), nodes.collect())
}

/// A linear form that only takes time: weights do not matter to it.
///
/// # Errors
///
/// Never: every weight is finite.
pub(crate) fn linear(
    bases: impl IntoIterator<Item = inference::form::Basis>,
) -> Result<Form, FormError> {
    let terms = bases.into_iter().zip(1_u8..);
    let terms = terms.map(|(basis, at)| Term { basis, weight: 0.01 * f64::from(at), mean: 0.0 });
    Ok(Form::Linear(Linear::new(1.0, terms.collect())?))
}
