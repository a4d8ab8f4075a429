//! What a caller may tell a model of a stone, as far as it makes a difference to the model.

use inference::Predictor;
use learning::evaluate::View;

/// The views that a model tells apart, the fullest first: a model that knows no price lists has two.
pub fn views(predictor: &Predictor) -> &'static [View] {
    if predictor.price_lists().is_empty() { &View::ALL[..2] } else { &View::ALL }
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
