//! The fields of a stone as numbers, the price among them.

use inference::features::{FEATURE_NAMES, PRICE_LIST};

use data::stone::{Stone, grades};

/// One field of a stone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    pub(super) name: &'static str,
    /// The place among the features; none for the price.
    feature: Option<usize>,
}

impl Field {
    /// The price first, which is looked at most. The price list is none of them: a file is often of one list.
    pub(super) fn all() -> impl Iterator<Item = Field> {
        let features =
            (0..PRICE_LIST).map(|at| Field { name: FEATURE_NAMES[at], feature: Some(at) });
        std::iter::once(Field { name: "price", feature: None }).chain(features)
    }

    /// The grades in the order of their codes, where the field is one.
    pub(super) fn grades(self) -> Option<&'static [&'static str]> {
        grades(self.name)
    }

    /// The field's value, a grade as its code; NaN for what was not measured.
    pub(super) fn of(self, stone: &Stone) -> f64 {
        match self.feature {
            Some(at) => stone.features().values()[at],
            None => stone.price.usd(),
        }
    }
}
