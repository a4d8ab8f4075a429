//! Names what a caller may tell a model of a stone.

use inference::Predictor;
use learning::evaluate::View;

/// The views that differ for a model.
pub(crate) fn views(predictor: &Predictor) -> &'static [View] {
    View::of_model(&predictor.header().encoder)
}

/// What is told in a view, in words.
pub(crate) fn in_words(view: View, predictor: &Predictor) -> &'static str {
    match (view, predictor.price_lists().is_empty()) {
        (View::Measured | View::MeasuredWithoutList, true) => "measured",
        (View::FourCs | View::FourCsWithoutList, true) => "the four Cs alone",
        (View::Measured, false) => "measured, list known",
        (View::FourCs, false) => "the four Cs, list known",
        (View::MeasuredWithoutList, false) => "measured, list not known",
        (View::FourCsWithoutList, false) => "the four Cs, list not known",
    }
}
