//! The kinds of an estimate's warnings, without the figures that differ between models.

use inference::Warning;

/// A set of kinds of warnings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WarningKinds(pub(crate) [bool; Warning::CODES.len()]);

impl WarningKinds {
    /// Those that the other set does not have.
    pub fn beyond(self, other: WarningKinds) -> WarningKinds {
        WarningKinds(std::array::from_fn(|at| self.0[at] && !other.0[at]))
    }

    /// The codes of the kinds.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Warning::CODES.into_iter().zip(self.0).filter(|(_, is_in)| *is_in).map(|(code, _)| code)
    }
}

/// The kinds of warnings with these codes. The codes that the service adds do not concern the stone and are left out.
impl<'a> FromIterator<&'a str> for WarningKinds {
    fn from_iter<I: IntoIterator<Item = &'a str>>(codes: I) -> WarningKinds {
        let mut kinds = WarningKinds::default();
        for code in codes {
            if let Some(at) = Warning::CODES.iter().position(|known| *known == code) {
                kinds.0[at] = true;
            }
        }
        kinds
    }
}

#[cfg(test)]
mod tests {
    use inference::domain::PROPERTIES;
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
        let cases = [
            (Warning::Estimated { features: features.clone() }, "measures_estimated"),
            (Warning::Missing { features }, "measures_missing"),
            (
                Warning::Outside { property: PROPERTIES[0], value: 6.0, low: 0.2, high: 5.0 },
                "feature_outside",
            ),
            (grades(1), "rare_grades"),
            (grades(10), "rare_grades"),
            (Warning::Volume { carat, low_carat: 2.0, high_carat: 3.0 }, "volume_and_weight"),
            (
                Warning::Side { side: PROPERTIES[6], value_mm: 9.0, carat, low_mm, high_mm },
                "side_and_weight",
            ),
            (Warning::Depth { depth_percent: 60.0, derived_percent: 70.0 }, "depth_contradicted"),
            (Warning::PriceOutside { low_usd: 1.0, high_usd: 2.0 }, "price_outside"),
            (Warning::PriceListIgnored { list: "A".parse().unwrap() }, "price_list_ignored"),
        ];
        for (warning, code) in &cases {
            let found: WarningKinds = [warning.code()].into_iter().collect();
            assert_eq!(found.names().collect::<Vec<_>>(), [*code], "{warning}");
        }
        let all: WarningKinds = cases.iter().map(|(warning, _)| warning.code()).collect();
        assert_eq!(all, Warning::CODES.into_iter().collect());
    }

    #[test]
    fn what_the_service_adds_is_no_warning_of_the_model() {
        for code in ["unknown_fields", "not_explained"] {
            let found: WarningKinds = [code].into_iter().collect();
            assert_eq!(found, WarningKinds::default(), "{code}");
        }
    }
}
