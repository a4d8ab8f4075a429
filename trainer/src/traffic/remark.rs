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

    pub(crate) fn name(self) -> &'static str {
        match self {
            Remark::Estimated => "measures_estimated",
            Remark::Missing => "measures_missing",
            Remark::Outside => "feature_outside",
            Remark::RareGrades => "rare_grades",
            Remark::Volume => "volume_and_weight",
            Remark::Side => "side_and_weight",
            Remark::Depth => "depth_contradicted",
            Remark::PriceOutside => "price_outside",
        }
    }

    fn of(warning: &Warning) -> Remark {
        match warning {
            Warning::Estimated { .. } => Remark::Estimated,
            Warning::Missing { .. } => Remark::Missing,
            Warning::Outside { .. } => Remark::Outside,
            Warning::RareGrades { .. } => Remark::RareGrades,
            Warning::Volume { .. } => Remark::Volume,
            Warning::Side { .. } => Remark::Side,
            Warning::Depth { .. } => Remark::Depth,
            Warning::PriceOutside { .. } => Remark::PriceOutside,
        }
    }

    /// The kind of a warning from its words, which are all that a response holds; `None` for what the service adds of its
    /// own, which may carry a caller's words.
    fn said(text: &str) -> Option<Remark> {
        let begins = |start: &str| text.starts_with(start);
        let has = |part: &str| text.contains(part);
        Some(match () {
            () if begins("not fields of a diamond") => return None,
            () if begins("not given, so estimated") => Remark::Estimated,
            () if begins("not given, so the model went without") => Remark::Missing,
            () if begins("the price is outside the ") => Remark::PriceOutside,
            () if begins("x, y and z suit a stone of") => Remark::Volume,
            () if has(" mm does not suit a stone of ") => Remark::Side,
            () if has(" is not what x, y and z give") => Remark::Depth,
            () if has(" of the stones the model learnt from w") => Remark::RareGrades,
            () if has(" is outside the ") => Remark::Outside,
            () => return None,
        })
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
        warnings.into_iter().map(Remark::of).collect()
    }
}

impl<'a> FromIterator<&'a str> for Remarks {
    fn from_iter<I: IntoIterator<Item = &'a str>>(texts: I) -> Remarks {
        texts.into_iter().filter_map(Remark::said).collect()
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
    fn every_warning_is_known_by_its_words() {
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
        for warning in &warnings {
            assert_eq!(Remark::said(&warning.to_string()), Some(Remark::of(warning)), "{warning}");
        }
        let all: Remarks = warnings.iter().collect();
        assert_eq!(all, Remark::ALL.into_iter().collect());
    }

    #[test]
    fn what_the_service_adds_is_no_warning_of_the_model() {
        for text in [
            "not fields of a diamond, and ignored: carat is outside the 1 to 2",
            "the price is too large to be explained to the cent",
        ] {
            assert_eq!(Remark::said(text), None, "{text}");
        }
    }
}
