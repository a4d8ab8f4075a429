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

    /// The name in `--json`.
    pub fn name(self) -> &'static str {
        match self {
            WarningKind::Estimated => "measures_estimated",
            WarningKind::Missing => "measures_missing",
            WarningKind::Outside => "feature_outside",
            WarningKind::RareGrades => "rare_grades",
            WarningKind::Volume => "volume_and_weight",
            WarningKind::Side => "side_and_weight",
            WarningKind::Depth => "depth_contradicted",
            WarningKind::PriceOutside => "price_outside",
        }
    }

    fn of(warning: &Warning) -> WarningKind {
        match warning {
            Warning::Estimated { .. } => WarningKind::Estimated,
            Warning::Missing { .. } => WarningKind::Missing,
            Warning::Outside { .. } => WarningKind::Outside,
            Warning::RareGrades { .. } => WarningKind::RareGrades,
            Warning::Volume { .. } => WarningKind::Volume,
            Warning::Side { .. } => WarningKind::Side,
            Warning::Depth { .. } => WarningKind::Depth,
            Warning::PriceOutside { .. } => WarningKind::PriceOutside,
        }
    }

    /// The kind of a warning from its words, which are all that a response holds; `None` for what the service adds of its
    /// own, which may carry a caller's words.
    fn said(text: &str) -> Option<WarningKind> {
        let begins = |start: &str| text.starts_with(start);
        let has = |part: &str| text.contains(part);
        Some(match () {
            () if begins("not fields of a diamond") => return None,
            () if begins("not given, so estimated") => WarningKind::Estimated,
            () if begins("not given, so the model went without") => WarningKind::Missing,
            () if begins("the price is outside the ") => WarningKind::PriceOutside,
            () if begins("x, y and z suit a stone of") => WarningKind::Volume,
            () if has(" mm does not suit a stone of ") => WarningKind::Side,
            () if has(" is not what x, y and z give") => WarningKind::Depth,
            () if has(" of the stones the model learnt from w") => WarningKind::RareGrades,
            () if has(" is outside the ") => WarningKind::Outside,
            () => return None,
        })
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
        warnings.into_iter().map(WarningKind::of).collect()
    }
}

impl<'a> FromIterator<&'a str> for WarningKinds {
    fn from_iter<I: IntoIterator<Item = &'a str>>(texts: I) -> WarningKinds {
        texts.into_iter().filter_map(WarningKind::said).collect()
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
            assert_eq!(
                WarningKind::said(&warning.to_string()),
                Some(WarningKind::of(warning)),
                "{warning}"
            );
        }
        let all: WarningKinds = warnings.iter().collect();
        assert_eq!(all, WarningKind::ALL.into_iter().collect());
    }

    #[test]
    fn what_the_service_adds_is_no_warning_of_the_model() {
        for text in [
            "not fields of a diamond, and ignored: carat is outside the 1 to 2",
            "the price is too large to be explained to the cent",
        ] {
            assert_eq!(WarningKind::said(text), None, "{text}");
        }
    }
}
