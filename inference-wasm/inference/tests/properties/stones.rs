//! The stones that the tests price with every model.

use inference::{Diamond, DiamondInput};

/// The stone of a CSV row: carat, cut, color, clarity, depth, table, x, y, z, price list.
pub(crate) fn stone(row: &str) -> Diamond {
    let mut input = DiamondInput::default();
    for (field, text) in DiamondInput::FIELDS.into_iter().zip(row.split(',')) {
        assert!(input.set_text(field, text), "{field}");
    }
    input.parse().expect("a stone")
}

/// A typical stone, the same in a price list, one with the four Cs only, and one whose measures all contradict each other.
pub(crate) fn stones() -> [Diamond; 4] {
    [
        "0.7,Ideal,G,VS1,61.5,57,5.7,5.72,3.51",
        "0.7,Ideal,G,VS1,61.5,57,5.7,5.72,3.51,A",
        "1,Ideal,G,VS1",
        "1e-9,Ideal,G,VS1,1e-9,57,1e-9,5.72,9",
    ]
    .map(stone)
}
