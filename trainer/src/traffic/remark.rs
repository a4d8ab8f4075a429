//! Which remarks an estimate came with: its warnings by kind, without the figures that differ from model to model.

use inference::Warning;

/// A kind of warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Remark {
    Estimated,
    Missing,
    Outside,
    RareGrades,
    Volume,
    Side,
    Depth,
    PriceOutside,
}

/// A set of remarks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Remarks(u8);

impl Remark {
    pub(crate) const ALL: [Remark; 8] = [
        Remark::Estimated,
        Remark::Missing,
        Remark::Outside,
        Remark::RareGrades,
        Remark::Volume,
        Remark::Side,
        Remark::Depth,
        Remark::PriceOutside,
    ];

    /// The remarks that say that a stone is unlike the training stones.
    const OUT_OF_DOMAIN: [Remark; 5] =
        [Remark::Outside, Remark::RareGrades, Remark::Volume, Remark::Side, Remark::PriceOutside];

    /// The code of such warnings, in the API too.
    pub(crate) fn name(self) -> &'static str {
        Warning::CODES[self as usize]
    }

    fn of(warning: &Warning) -> Option<Remark> {
        Remark::coded(warning.code())
    }

    /// The kind of a warning by its code; `None` for those that the service adds, which say nothing of the stone.
    fn coded(code: &str) -> Option<Remark> {
        Remark::ALL.into_iter().find(|remark| remark.name() == code)
    }
}

impl Remarks {
    pub(crate) fn contains(self, remark: Remark) -> bool {
        self.0 & bit(remark) != 0
    }

    /// Whether a stone is unlike the training stones.
    pub(crate) fn is_out_of_domain(self) -> bool {
        Remark::OUT_OF_DOMAIN.into_iter().any(|remark| self.contains(remark))
    }

    /// Those that the other set does not have.
    pub(crate) fn beyond(self, other: Remarks) -> Remarks {
        Remarks(self.0 & !other.0)
    }

    pub(crate) fn names(self) -> impl Iterator<Item = &'static str> {
        Remark::ALL.into_iter().filter(move |remark| self.contains(*remark)).map(Remark::name)
    }
}

impl FromIterator<Remark> for Remarks {
    fn from_iter<I: IntoIterator<Item = Remark>>(remarks: I) -> Remarks {
        Remarks(remarks.into_iter().fold(0, |bits, remark| bits | bit(remark)))
    }
}

impl<'a> FromIterator<&'a Warning> for Remarks {
    fn from_iter<I: IntoIterator<Item = &'a Warning>>(warnings: I) -> Remarks {
        warnings.into_iter().filter_map(Remark::of).collect()
    }
}

impl<'a> FromIterator<&'a str> for Remarks {
    fn from_iter<I: IntoIterator<Item = &'a str>>(codes: I) -> Remarks {
        codes.into_iter().filter_map(Remark::coded).collect()
    }
}

fn bit(remark: Remark) -> u8 {
    1 << (remark as u8)
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
            Remark::Estimated,
            Remark::Missing,
            Remark::Outside,
            Remark::RareGrades,
            Remark::RareGrades,
            Remark::Volume,
            Remark::Side,
            Remark::Depth,
            Remark::PriceOutside,
        ];
        for (warning, expected) in warnings.iter().zip(expected) {
            assert_eq!(Remark::of(warning), Some(expected), "{warning}");
        }
        let all: Remarks = warnings.iter().collect();
        assert_eq!(all, Remark::ALL.into_iter().collect());
    }

    #[test]
    fn what_the_service_adds_is_no_warning_of_the_model() {
        for code in ["unknown_fields", "not_explained"] {
            assert_eq!(Remark::coded(code), None, "{code}");
        }
    }
}
