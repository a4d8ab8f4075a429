//! Classifies the warnings of an estimate by kind, without the figures that differ between models.

use inference::Warning;

/// A kind of warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WarningKind {
    /// Measures that were not given were estimated.
    Estimated,
    /// The model goes without measures that were not given.
    Missing,
    /// A feature lies outside the training range.
    Outside,
    /// The combination of grades is rare in the training rows.
    RareGrades,
    /// x, y and z do not suit the weight.
    Volume,
    /// One of x, y and z does not suit the weight.
    Side,
    /// The depth contradicts x, y and z.
    Depth,
    /// The price lies outside the training range.
    PriceOutside,
}

/// A set of warnings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WarningKinds(u8);

impl WarningKind {
    /// Every kind.
    pub const ALL: [WarningKind; 8] = [
        WarningKind::Estimated,
        WarningKind::Missing,
        WarningKind::Outside,
        WarningKind::RareGrades,
        WarningKind::Volume,
        WarningKind::Side,
        WarningKind::Depth,
        WarningKind::PriceOutside,
    ];

    /// The warnings that say that a stone is unlike the training stones.
    const OUT_OF_DOMAIN: [WarningKind; 5] = [
        WarningKind::Outside,
        WarningKind::RareGrades,
        WarningKind::Volume,
        WarningKind::Side,
        WarningKind::PriceOutside,
    ];

    /// The code of such warnings, in `--json` and in the API.
    pub fn name(self) -> &'static str {
        Warning::CODES[self as usize]
    }

    /// The kind of a warning by its code; `None` for the codes that the service adds, which do not concern the stone.
    fn from_code(code: &str) -> Option<WarningKind> {
        WarningKind::ALL.into_iter().find(|kind| kind.name() == code)
    }
}

impl WarningKinds {
    /// Whether the kind is among them.
    pub fn contains(self, kind: WarningKind) -> bool {
        self.0 & bit(kind) != 0
    }

    /// Whether a stone is unlike the training stones.
    pub(crate) fn is_out_of_domain(self) -> bool {
        WarningKind::OUT_OF_DOMAIN.into_iter().any(|kind| self.contains(kind))
    }

    /// Those that the other set does not have.
    pub fn beyond(self, other: WarningKinds) -> WarningKinds {
        WarningKinds(self.0 & !other.0)
    }

    /// The names of the kinds.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        WarningKind::ALL.into_iter().filter(move |kind| self.contains(*kind)).map(WarningKind::name)
    }
}

impl FromIterator<WarningKind> for WarningKinds {
    fn from_iter<I: IntoIterator<Item = WarningKind>>(warnings: I) -> WarningKinds {
        WarningKinds(warnings.into_iter().fold(0, |bits, kind| bits | bit(kind)))
    }
}

impl<'a> FromIterator<&'a Warning> for WarningKinds {
    fn from_iter<I: IntoIterator<Item = &'a Warning>>(warnings: I) -> WarningKinds {
        warnings.into_iter().map(Warning::code).collect()
    }
}

impl<'a> FromIterator<&'a str> for WarningKinds {
    fn from_iter<I: IntoIterator<Item = &'a str>>(codes: I) -> WarningKinds {
        codes.into_iter().filter_map(WarningKind::from_code).collect()
    }
}

fn bit(kind: WarningKind) -> u8 {
    1 << (kind as u8)
}

#[cfg(test)]
mod tests {
    use inference::{Clarity, Color, Cut};

    use super::*;

    #[test]
    fn every_warning_is_known_by_its_code() {
        let grades = |fewer_than| Warning::RareGrades {
            cut: Cut::Fair,
            color: Color::D,
            clarity: Clarity::IF,
            fewer_than,
        };
        let features = vec!["x", "y"];
        let (carat, low_mm, high_mm) = (1.0, 1.0, 2.0);
        let warnings = [
            Warning::Estimated { features: features.clone() },
            Warning::Missing { features },
            Warning::Outside { feature: "carat", value: 6.0, low: 0.2, high: 5.0 },
            grades(1),
            grades(10),
            Warning::Volume { carat, low_carat: 2.0, high_carat: 3.0 },
            Warning::Side { side: "x", value_mm: 9.0, carat, low_mm, high_mm },
            Warning::Depth { depth_percent: 60.0, derived_percent: 70.0 },
            Warning::PriceOutside { low_usd: 1.0, high_usd: 2.0 },
        ];
        let expected = [
            WarningKind::Estimated,
            WarningKind::Missing,
            WarningKind::Outside,
            WarningKind::RareGrades,
            WarningKind::RareGrades,
            WarningKind::Volume,
            WarningKind::Side,
            WarningKind::Depth,
            WarningKind::PriceOutside,
        ];
        for (warning, expected) in warnings.iter().zip(expected) {
            assert_eq!(WarningKind::from_code(warning.code()), Some(expected), "{warning}");
        }
        let all: WarningKinds = warnings.iter().collect();
        assert_eq!(all, WarningKind::ALL.into_iter().collect());
    }

    #[test]
    fn what_the_service_adds_is_no_warning_of_the_model() {
        for code in ["unknown_fields", "not_explained"] {
            assert_eq!(WarningKind::from_code(code), None, "{code}");
        }
    }
}
