//! Encodes a diamond as the ten numbers that a model sees. Training and serving both use this encoder.

use core::ops::Range;

use libm::cbrt;
use serde::{Deserialize, Serialize};

use crate::diamond::{Diamond, Measures};
use crate::grade::Cut;
use crate::price_list::PriceLists;
use crate::quantity::{Millimetres, Percent};

/// How many features a stone has.
pub const FEATURE_COUNT: usize = 10;

/// The names of the features, in the order of every model.
pub const FEATURE_NAMES: [&str; FEATURE_COUNT] =
    ["carat", "cut", "color", "clarity", "depth", "table", "x", "y", "z", "price_list"];

/// The names of the features with [`Encoder::Proportions`]. In place of x, y and z: the average diameter `(x + y) / 2` in
/// mm, the smaller diameter in percent of the larger, and the weight relative to the face, `100 carat / (x y)`, in carats
/// per square centimetre. All three are the same when a stone is turned, which exchanges x and y.
///
/// A split compares a single feature, so a tree needs many splits for a relation between two or three of them. With these
/// features the same trees have a two percent smaller error. The height z is not lost: it follows from depth and width.
pub const PROPORTION_NAMES: [&str; FEATURE_COUNT] = [
    "carat",
    "cut",
    "color",
    "clarity",
    "depth",
    "table",
    "average_diameter",
    "diameter_ratio",
    "face_weight",
    "price_list",
];

/// The indexes of the measures, or of what stands for them.
pub const MEASURES: Range<usize> = 4..9;

/// The index of the price list.
pub const PRICE_LIST: usize = 9;

/// One stone as numbers, in the order of [`FEATURE_NAMES`]; NaN where a measure is missing or there is no price list.
///
/// Grades are given as ordinals: cut Fair = 0 to Ideal = 4, color D = 0 to J = 6, clarity I1 = 0 to IF = 7. A price list is
/// given as its code among those that the model knows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Features([f64; FEATURE_COUNT]);

impl Features {
    /// Encodes the stone exactly as described, but without its price list; missing measures are NaN.
    #[must_use]
    pub fn of(diamond: &Diamond) -> Features {
        let Measures { depth, table, x, y, z } = diamond.measures;
        Features([
            diamond.carat.carats(),
            f64::from(diamond.cut.ordinal()),
            f64::from(diamond.color.ordinal()),
            f64::from(diamond.clarity.ordinal()),
            depth.map_or(f64::NAN, |depth| depth.percent()),
            table.map_or(f64::NAN, |table| table.percent()),
            x.map_or(f64::NAN, |x| x.millimetres()),
            y.map_or(f64::NAN, |y| y.millimetres()),
            z.map_or(f64::NAN, |z| z.millimetres()),
            f64::NAN,
        ])
    }

    /// Takes numbers as features, for rows without a [`Diamond`]: tests and imported models.
    #[must_use]
    pub const fn from_values(values: [f64; FEATURE_COUNT]) -> Features {
        Features(values)
    }

    /// The names of the measures that are missing.
    pub fn missing(&self) -> impl Iterator<Item = &'static str> {
        MEASURES.filter(|at| self.0[*at].is_nan()).map(|at| FEATURE_NAMES[at])
    }

    /// The same stone with the price list of this code, or without one.
    #[must_use]
    pub fn in_list(self, code: Option<u8>) -> Features {
        let mut values = self.0;
        values[PRICE_LIST] = code.map_or(f64::NAN, f64::from);
        Features(values)
    }

    /// The same stone with the features of [`PROPORTION_NAMES`]. Diameters are above 0, so the divisions give no NaN.
    fn proportions(self) -> Features {
        let Features([carat, cut, color, clarity, depth, table, x, y, _, list]) = self;
        let average_mm = (x + y) / 2.0;
        let ratio_percent = 100.0 * x.min(y) / x.max(y);
        let face_weight = 100.0 * carat / (x * y);
        Features([
            carat,
            cut,
            color,
            clarity,
            depth,
            table,
            average_mm,
            ratio_percent,
            face_weight,
            list,
        ])
    }

    /// The numbers.
    #[must_use]
    pub const fn values(&self) -> &[f64; FEATURE_COUNT] {
        &self.0
    }

    /// The numbers as trees compare them, rounded to f32 as in XGBoost.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "rounding is intended")]
    pub(crate) fn rounded(&self) -> [f32; FEATURE_COUNT] {
        self.0.map(|value| value as f32)
    }
}

/// How a model wants a stone encoded, missing measures included.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Encoder {
    /// Missing measures stay NaN: the model has its own rule for them.
    Passthrough,
    /// Missing measures are imputed from the rest of the stone.
    Impute(MeasureImputer),
    /// Missing measures are imputed, and then the sides are replaced by proportions: see [`PROPORTION_NAMES`]. The model
    /// knows these price lists.
    Proportions(MeasureImputer, PriceLists),
}

impl Encoder {
    /// Encodes a stone as the model sees it.
    #[must_use]
    pub fn encode(&self, diamond: &Diamond) -> Features {
        let features = Features::of(diamond);
        match self {
            Encoder::Passthrough => features,
            Encoder::Impute(imputer) => imputer.fill(features, diamond.cut),
            Encoder::Proportions(imputer, lists) => imputer
                .fill(features, diamond.cut)
                .proportions()
                .in_list(diamond.price_list.and_then(|list| lists.code(list))),
        }
    }

    /// The price lists that the model knows.
    #[must_use]
    pub const fn price_lists(&self) -> &PriceLists {
        match self {
            Encoder::Passthrough | Encoder::Impute(_) => &PriceLists::NONE,
            Encoder::Proportions(_, lists) => lists,
        }
    }

    /// The names of the features that [`Self::encode`] returns.
    #[must_use]
    pub const fn names(&self) -> &'static [&'static str; FEATURE_COUNT] {
        match self {
            Encoder::Passthrough | Encoder::Impute(_) => &FEATURE_NAMES,
            Encoder::Proportions(..) => &PROPORTION_NAMES,
        }
    }

    /// The imputer of missing measures, if there is one.
    #[must_use]
    pub const fn imputer(&self) -> Option<&MeasureImputer> {
        match self {
            Encoder::Passthrough => None,
            Encoder::Impute(imputer) | Encoder::Proportions(imputer, _) => Some(imputer),
        }
    }
}

/// Imputes the missing measures of a stone from its weight, its cut and the given measures.
///
/// The volume of a stone is proportional to its weight, so its width grows with the cube root of the carat. Total depth is
/// by definition `100 z / mean(x, y)`. There is one number for each cut, in the order of [`Cut::ALL`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct MeasureImputer {
    /// Typical total depth in percent.
    pub depth_percent: [f64; 5],
    /// Typical table in percent.
    pub table_percent: [f64; 5],
    /// Typical mean of x and y in mm, for a stone of one carat.
    pub width_mm: [f64; 5],
}

impl MeasureImputer {
    /// Replaces NaN. Known measures stay. A measure that follows from known ones is derived (x from y or from z and depth,
    /// z from depth, depth from z); only the others are estimated.
    fn fill(&self, features: Features, cut: Cut) -> Features {
        let Features([carat, cut_code, color, clarity, depth, table, x, y, z, list]) = features;
        let of_cut = |by_cut: &[f64; 5]| by_cut[usize::from(cut.ordinal())];
        let from_depth_mm = in_range(100.0 * z / depth, Millimetres::MAX);
        let width_mm = first_known([x, y, from_depth_mm, of_cut(&self.width_mm) * cbrt(carat)]);
        let (x, y) = (first_known([x, width_mm]), first_known([y, width_mm]));
        let mean_mm = (x + y) / 2.0;
        let derived_percent = in_range(100.0 * z / mean_mm, Percent::MAX);
        let depth = first_known([depth, derived_percent, of_cut(&self.depth_percent)]);
        let z = first_known([z, depth * mean_mm / 100.0]);
        let table = first_known([table, of_cut(&self.table_percent)]);
        Features([carat, cut_code, color, clarity, depth, table, x, y, z, list])
    }

    /// Whether every number is positive and finite.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        [self.depth_percent, self.table_percent, self.width_mm]
            .as_flattened()
            .iter()
            .all(|number| number.is_finite() && *number > 0.0)
    }
}

/// Returns a derived measure, or NaN where contradictory measures put it outside the valid range.
fn in_range(value: f64, max: f64) -> f64 {
    if value > 0.0 && value <= max { value } else { f64::NAN }
}

/// The first of the candidates that is not NaN, or NaN.
fn first_known<const N: usize>(candidates: [f64; N]) -> f64 {
    candidates.into_iter().find(|value| !value.is_nan()).unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::properties::seeds::IMPUTER;
    use crate::properties::stones::stone;

    const MISSING: f64 = f64::NAN;

    /// Imputes the measures (depth, table, x, y, z) of a stone of 8 carats, whose cube root is 2.
    fn check(given: [f64; 5], expected: [f64; 5]) {
        let [depth, table, x, y, z] = given;
        let features = Features([8.0, 4.0, 0.0, 0.0, depth, table, x, y, z, MISSING]);
        let filled = IMPUTER.fill(features, Cut::Ideal);
        for (found, expected) in filled.0[MEASURES].iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12, "{filled:?}");
        }
    }

    #[test]
    fn known_measures_stay_as_they_are() {
        check([61.0, 55.0, 12.0, 12.2, 7.0], [61.0, 55.0, 12.0, 12.2, 7.0]);
    }

    #[test]
    fn what_follows_is_derived_and_the_rest_is_estimated() {
        check([MISSING; 5], [62.0, 57.0, 12.8, 12.8, 12.8 * 0.62]);
        check([MISSING, MISSING, 12.0, 13.0, 8.0], [64.0, 57.0, 12.0, 13.0, 8.0]);
        check([60.0, MISSING, 12.0, MISSING, MISSING], [60.0, 57.0, 12.0, 12.0, 7.2]);
        check([MISSING, MISSING, MISSING, 12.0, MISSING], [62.0, 57.0, 12.0, 12.0, 12.0 * 0.62]);
        check([60.0, MISSING, MISSING, MISSING, 7.2], [60.0, 57.0, 12.0, 12.0, 7.2]);
    }

    #[test]
    fn proportions_replace_the_sides_and_nothing_else() {
        let of = |x, y| Features([2.0, 4.0, 3.0, 5.0, 62.0, 57.0, x, y, 5.0, 1.0]).proportions().0;
        let found = of(8.0, 10.0);
        assert_eq!(found.map(f64::to_bits), of(10.0, 8.0).map(f64::to_bits));
        assert_eq!(found[..6], [2.0, 4.0, 3.0, 5.0, 62.0, 57.0]);
        for (found, expected) in found[6..].iter().zip([9.0, 80.0, 2.5, 1.0]) {
            assert!((found - expected).abs() < 1e-12, "{found}");
        }
        for side in [f64::MIN_POSITIVE, 1e-320, 100.0] {
            assert!(of(side, side).iter().all(|number| !number.is_nan()), "{side}");
            assert!(of(100.0, side).iter().all(|number| !number.is_nan()), "{side}");
        }
    }

    #[test]
    fn a_price_list_is_its_code_among_those_of_the_model() {
        let lists = PriceLists::of(["A", "B"].map(|name| name.parse().unwrap())).unwrap();
        let check = |encoder: Encoder, row: &str, expected: f64| {
            let found = encoder.encode(&stone(row)).values()[PRICE_LIST];
            assert_eq!(found.to_bits(), expected.to_bits(), "{row}");
        };
        check(Encoder::Proportions(IMPUTER, lists), "1,Ideal,E,VS2,,,,,,b", 1.0);
        check(Encoder::Proportions(IMPUTER, lists), "1,Ideal,E,VS2,,,,,,C", MISSING);
        check(Encoder::Proportions(IMPUTER, lists), "1,Ideal,E,VS2", MISSING);
        check(Encoder::Proportions(IMPUTER, PriceLists::NONE), "1,Ideal,E,VS2,,,,,,A", MISSING);
        check(Encoder::Impute(IMPUTER), "1,Ideal,E,VS2,,,,,,A", MISSING);
    }

    #[test]
    fn measures_that_contradict_each_other_derive_nothing() {
        check([MISSING, MISSING, 0.04, MISSING, 4.0], [62.0, 57.0, 0.04, 0.04, 4.0]);
        check([MISSING, MISSING, 1e-310, 1e-310, 5.0], [62.0, 57.0, 1e-310, 1e-310, 5.0]);
        check([1e-300, MISSING, MISSING, MISSING, 5.0], [1e-300, 57.0, 12.8, 12.8, 5.0]);
    }
}
