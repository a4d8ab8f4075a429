//! Describes the training stones of a model, and warns of stones that differ from them.

use alloc::vec::Vec;

use libm::cbrt;
use serde::{Deserialize, Serialize};

use crate::diamond::Diamond;
use crate::features::Features;
use crate::rare_grades::RareGrades;
use crate::warning::{Property, Warning};

/// How many properties of a stone a domain describes.
pub const DESCRIBED: usize = 9;

/// The properties that a domain describes, in its order. Turning a stone exchanges x and y and changes none of them.
pub const PROPERTIES: [Property; DESCRIBED] = [
    Property { name: "carat", fields: &["carat"] },
    Property { name: "cut", fields: &["cut"] },
    Property { name: "color", fields: &["color"] },
    Property { name: "clarity", fields: &["clarity"] },
    Property { name: "depth", fields: &["depth"] },
    Property { name: "table", fields: &["table"] },
    Property { name: "minimum diameter", fields: &["x", "y"] },
    Property { name: "maximum diameter", fields: &["x", "y"] },
    Property { name: "z", fields: &["z"] },
];

/// The indexes of the diameters in [`PROPERTIES`].
const DIAMETERS: [usize; 2] = [6, 7];

/// The only known diameter of a stone: perhaps the smaller one, perhaps the larger one.
const DIAMETER: Property = Property { name: "diameter", fields: &["x", "y"] };

/// The numbers of a stone in the order of [`PROPERTIES`]; NaN where not given. One diameter alone is both.
#[must_use]
pub fn describe(diamond: &Diamond) -> [f64; DESCRIBED] {
    let [carat, cut, color, clarity, depth, table, x, y, z, _] = *Features::of(diamond).values();
    // The smaller of a number and NaN is the number.
    [carat, cut, color, clarity, depth, table, x.min(y), x.max(y), z]
}

/// A summary of the stones that a model was trained on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Domain {
    /// Smallest and largest of each of [`PROPERTIES`].
    pub properties: [[f64; 2]; DESCRIBED],
    /// Lowest and highest price in dollars.
    pub price_usd: [f64; 2],
    /// The combinations of grades that few of them had.
    pub rare_grades: RareGrades,
    /// Their size relative to their weight.
    pub size: Size,
}

/// The size of stones relative to their weight: bounds that nearly all training stones keep. For one shape weight grows
/// with volume, so the sides grow with the cube root of the weight.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Size {
    /// Least and greatest `x y z / carat`, in mm³ per carat.
    pub volume_mm3: [f64; 2],
    /// Least and greatest minimum diameter, maximum diameter and z divided by the cube root of the carat: in mm for a stone
    /// of one carat.
    pub sides_mm: [[f64; 2]; 3],
}

impl Domain {
    /// Adds a warning for each way in which a stone or its estimate differs from the training stones. An ordinary stone
    /// causes no allocation.
    pub fn warn(&self, diamond: &Diamond, price_usd: f64, warnings: &mut Vec<Warning>) {
        let described = describe(diamond);
        for (property, value, [low, high]) in checked(diamond, described, self.properties) {
            if value < low || value > high {
                warnings.push(Warning::Outside { property, value, low, high });
            }
        }
        let Diamond { cut, color, clarity, .. } = *diamond;
        if self.rare_grades.contains(cut, color, clarity) {
            let fewer_than = self.rare_grades.fewer_than();
            warnings.push(Warning::RareGrades { cut, color, clarity, fewer_than });
        }
        self.size.warn(diamond, described, warnings);
        let [low_usd, high_usd] = self.price_usd;
        if price_usd < low_usd || price_usd > high_usd {
            warnings.push(Warning::PriceOutside { low_usd, high_usd });
        }
    }

    /// Whether every number makes sense.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        let ordered = |[low, high]: [f64; 2]| low.is_finite() && high.is_finite() && low <= high;
        self.properties.into_iter().all(ordered)
            && ordered(self.price_usd)
            && self.rare_grades.is_valid()
            && self.size.bounds().all(|[low, high]| low > 0.0 && ordered([low, high]))
    }
}

impl Size {
    /// Warns where the sides contradict the weight. Checks their product where all three are given, and then each side: two
    /// sides may be swapped although the product is right.
    fn warn(&self, diamond: &Diamond, described: [f64; DESCRIBED], warnings: &mut Vec<Warning>) {
        let carat = diamond.carat.carats();
        let [.., smaller, larger, z] = described;
        if diamond.measures.diameters().is_some() && !z.is_nan() {
            let (volume_mm3, [low, high]) = (smaller * larger * z, self.volume_mm3);
            if volume_mm3 < low * carat || volume_mm3 > high * carat {
                let [low_carat, high_carat] = [volume_mm3 / high, volume_mm3 / low];
                warnings.push(Warning::Volume { carat, low_carat, high_carat });
                return;
            }
        }
        let unit_mm = cbrt(carat);
        let mut bounds = [[f64::NAN; 2]; DESCRIBED];
        bounds[DIAMETERS[0]..].copy_from_slice(&self.sides_mm);
        for (side, value_mm, [low, high]) in checked(diamond, described, bounds) {
            let [low_mm, high_mm] = [low * unit_mm, high * unit_mm];
            if value_mm < low_mm || value_mm > high_mm {
                warnings.push(Warning::Side { side, value_mm, carat, low_mm, high_mm });
            }
        }
    }

    fn bounds(&self) -> impl Iterator<Item = [f64; 2]> {
        self.sides_mm.into_iter().chain([self.volume_mm3])
    }
}

/// What is to be compared with bounds: each property with its value and its bounds. Where only one diameter is known, it
/// must be at least what a smaller one is and at most what a larger one is.
fn checked(
    diamond: &Diamond,
    described: [f64; DESCRIBED],
    mut bounds: [[f64; 2]; DESCRIBED],
) -> impl Iterator<Item = (Property, f64, [f64; 2])> {
    let (mut properties, mut values) = (PROPERTIES, described);
    if diamond.measures.diameters().is_none() {
        let [smaller, larger] = DIAMETERS;
        properties[smaller] = DIAMETER;
        bounds[smaller][1] = bounds[larger][1];
        values[larger] = f64::NAN;
    }
    properties
        .into_iter()
        .zip(values)
        .zip(bounds)
        .map(|((property, value), bounds)| (property, value, bounds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grade::{Clarity, Color, Cut};
    use crate::properties::stones::stone;
    use crate::rare_grades::{COMBINATIONS, index};

    /// Round stones of 0.2 to 5 carats, only one of which is Fair, D and IF. The bounds are those of the public data set.
    fn domain() -> Domain {
        let mut counts = [20; COMBINATIONS];
        counts[index(Cut::Fair, Color::D, Clarity::IF)] = 1;
        let wide = [0.0, 100.0];
        Domain {
            properties: [[0.2, 5.0], wide, wide, wide, [50.0, 70.0], wide, wide, wide, wide],
            price_usd: [326.0, 18_823.0],
            rare_grades: RareGrades::of(&counts, 10),
            size: Size {
                volume_mm3: [147.0, 173.0],
                sides_mm: [[5.98, 6.72], [6.07, 6.77], [3.70, 4.19]],
            },
        }
    }

    /// Checks the warnings for a stone, as a CSV row, and its price.
    fn check(row: &str, price_usd: f64, expected: &[&str]) {
        let mut warnings = Vec::new();
        domain().warn(&stone(row), price_usd, &mut warnings);
        let said: Vec<String> = warnings.iter().map(ToString::to_string).collect();
        assert_eq!(said, expected, "{row}");
    }

    #[test]
    fn an_ordinary_stone_has_no_warning() {
        check("1,Fair,E,VS2,62,57,6.4,6.42,3.97", 5000.0, &[]);
        check("1,Fair,E,VS2", 5000.0, &[]);
    }

    #[test]
    fn a_stone_outside_the_training_data_has_warnings() {
        check(
            "1,Fair,E,VS2,71.5,57,6.4,6.42,3.97",
            20_000.0,
            &[
                "depth 71.5 is outside the 50 to 70 of the stones the model learnt from; treat the price with care",
                "the price is outside the $326 to $18823 of the stones the model learnt from; treat it with care",
            ],
        );
    }

    #[test]
    fn a_rare_combination_of_grades_has_a_warning() {
        check(
            "1,Fair,D,IF,62,57,6.4,6.42,3.97",
            5000.0,
            &[
                "fewer than 10 of the stones the model learnt from were Fair, D and IF at once; treat the price with care",
            ],
        );
    }

    #[test]
    fn sides_that_do_not_suit_the_weight_have_warnings() {
        check(
            "1,Fair,E,VS2,62,57,8.1,8.07,5",
            5000.0,
            &[
                "x, y and z suit a stone of 1.89 to 2.22 carats, not one of 1; check the weight and the dimensions",
            ],
        );
        check(
            "1,Fair,E,VS2,62,57,8.1",
            5000.0,
            &[
                "diameter 8.1 mm does not suit a stone of 1 carats, which has 5.98 to 6.77 mm; check both",
            ],
        );
        check(
            "1,Fair,E,VS2,62,57,,8.1",
            5000.0,
            &[
                "diameter 8.1 mm does not suit a stone of 1 carats, which has 5.98 to 6.77 mm; check both",
            ],
        );
        check("1,Fair,E,VS2,62,57,,6.42", 5000.0, &[]);
        check("1,Fair,E,VS2,62,57,6.42,6.4,3.97", 5000.0, &[]);
        // The product is right, but y and z are swapped.
        check(
            "1,Fair,E,VS2,62,57,6.4,3.97,6.42",
            5000.0,
            &[
                "minimum diameter 3.97 mm does not suit a stone of 1 carats, which has 5.98 to 6.72 mm; check both",
                "z 6.42 mm does not suit a stone of 1 carats, which has 3.70 to 4.19 mm; check both",
            ],
        );
    }

    #[test]
    fn impossible_numbers_are_not_valid() {
        let check = |expected: bool, change: &dyn Fn(&mut Domain)| {
            let mut domain = domain();
            change(&mut domain);
            assert_eq!(domain.is_valid(), expected, "{domain:?}");
        };
        check(true, &|_| {});
        for broken in [[1.0, 0.0], [f64::NAN, 1.0], [0.0, f64::INFINITY]] {
            check(false, &|domain| domain.properties[8] = broken);
            check(false, &|domain| domain.price_usd = broken);
            check(false, &|domain| domain.size.volume_mm3 = broken);
            check(false, &|domain| domain.size.sides_mm[2] = broken);
        }
        // The weight is the volume divided by these.
        check(false, &|domain| domain.size.volume_mm3[0] = 0.0);
    }
}
