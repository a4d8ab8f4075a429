//! The fields of a stone as numbers, the price among them.

use inference::domain::{PROPERTIES, describe};

use data::stone::{Stone, grades};

/// One field of a stone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    pub(super) name: &'static str,
    /// The place among the properties of a stone; none for the price.
    property: Option<usize>,
}

impl Field {
    /// The price first, which is looked at most. The price list is none of them: a file is often of one list. Diameters are
    /// the smaller and the larger one, for a file may state them in another order.
    pub(super) fn all() -> impl Iterator<Item = Field> {
        let properties = PROPERTIES.into_iter().enumerate();
        let properties =
            properties.map(|(at, property)| Field { name: property.name, property: Some(at) });
        std::iter::once(Field { name: "price", property: None }).chain(properties)
    }

    /// The grades in the order of their codes, where the field is one.
    pub(super) fn grades(self) -> Option<&'static [&'static str]> {
        grades(self.name)
    }

    /// The field's value, a grade as its code; NaN for what was not measured.
    pub(super) fn of(self, stone: &Stone) -> f64 {
        match self.property {
            Some(at) => describe(&stone.diamond)[at],
            None => stone.price.usd(),
        }
    }
}
