//! The three graded Cs: cut, color and clarity, each an ordered scale.

use alloc::string::String;
use core::fmt;
use core::str::FromStr;

/// Why a text is not a grade of a scale.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("is not a {scale}; allowed: {}", .allowed.join(", "))]
pub struct UnknownGrade {
    /// The scale: `cut`, `color` or `clarity`.
    pub scale: &'static str,
    /// Every grade of the scale, in its order.
    pub allowed: &'static [&'static str],
}

/// Defines one scale: the enum, its names and its order, from one list.
macro_rules! scale {
    ($(#[$about:meta])* $name:ident, $scale:literal, $($grade:ident = $text:literal),+ $(,)?) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "the trade's names of the grades")]
        #[repr(u8)]
        pub enum $name {
            $($grade),+
        }

        impl $name {
            /// Every grade, in the order of the scale.
            pub const ALL: &'static [Self] = &[$(Self::$grade),+];

            /// Every grade's name, in the order of the scale.
            pub const NAMES: &'static [&'static str] = &[$($text),+];

            /// The grade's name as the trade writes it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                Self::NAMES[self as usize]
            }

            /// The grade's index in the scale, from 0.
            #[must_use]
            pub const fn ordinal(self) -> u8 {
                self as u8
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownGrade;

            /// Ignores case and surrounding white space, since people type `vs1`.
            fn from_str(text: &str) -> Result<Self, UnknownGrade> {
                let text = text.trim();
                Self::ALL
                    .iter()
                    .copied()
                    .find(|grade| grade.as_str().eq_ignore_ascii_case(text))
                    .ok_or(UnknownGrade { scale: $scale, allowed: Self::NAMES })
            }
        }

        impl From<$name> for String {
            fn from(grade: $name) -> String {
                String::from(grade.as_str())
            }
        }
    };
}

scale! {
    /// How well the stone is cut, from worst to best.
    Cut, "cut",
    Fair = "Fair",
    Good = "Good",
    VeryGood = "Very Good",
    Premium = "Premium",
    Ideal = "Ideal",
}

scale! {
    /// How colorless the stone is, from best to worst of the data set: D to F are colorless, G to J near colorless.
    Color, "color",
    D = "D",
    E = "E",
    F = "F",
    G = "G",
    H = "H",
    I = "I",
    J = "J",
}

scale! {
    /// How free of inclusions the stone is, from worst to best: included, slightly included (SI), very slightly included
    /// (VS), very, very slightly included (VVS), internally flawless. 1 is better than 2.
    Clarity, "clarity",
    I1 = "I1",
    SI2 = "SI2",
    SI1 = "SI1",
    VS2 = "VS2",
    VS1 = "VS1",
    VVS2 = "VVS2",
    VVS1 = "VVS1",
    IF = "IF",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinals_are_the_codes_of_the_contract() {
        assert_eq!((Cut::Fair.ordinal(), Cut::Ideal.ordinal()), (0, 4));
        assert_eq!((Color::D.ordinal(), Color::J.ordinal()), (0, 6));
        assert_eq!((Clarity::I1.ordinal(), Clarity::IF.ordinal()), (0, 7));
    }

    #[test]
    fn every_name_parses_to_its_grade_in_any_case() {
        for (grade, name) in Cut::ALL.iter().zip(Cut::NAMES) {
            assert_eq!(name.parse(), Ok(*grade));
            assert_eq!(name.to_uppercase().parse(), Ok(*grade));
        }
        assert_eq!(" vvs2 ".parse(), Ok(Clarity::VVS2));
        assert_eq!("g".parse(), Ok(Color::G));
    }

    #[test]
    fn an_unknown_grade_names_what_is_allowed() {
        let error = "Excellent".parse::<Cut>().unwrap_err();
        assert_eq!(
            format!("{error}"),
            "is not a cut; allowed: Fair, Good, Very Good, Premium, Ideal"
        );
    }
}
