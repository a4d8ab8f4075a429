//! Converts an explanation to dollars that add up to the price.

use alloc::vec::Vec;

use libm::{expm1, floor, round};

use super::Explanation;
use crate::diamond::{Diamond, Measures};
use crate::features::{Encoder, FEATURE_COUNT, FEATURE_NAMES, Features, PRICE_LIST};
use crate::link::Link;
use crate::price_list::PriceList;

/// One part of a price. Counted in cents, all parts add up to the price exactly.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// The name of the feature; `average` for the average stone, `typical_measures` or `missing_measures` for all measures
    /// that were not stated, `floor` for the part that raises a price to 0.
    pub feature: &'static str,
    /// The label for people.
    pub label: &'static str,
    /// The value of the feature, where the part belongs to one.
    pub value: Option<PartValue>,
    /// In dollars, rounded to cents; negative where it makes the stone cheaper.
    pub effect_usd: f64,
}

/// The value of a feature, as it was stated or as it follows from what was stated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PartValue {
    /// A weight in carats, a proportion in percent or a dimension in mm; rounded to thousandths where it was calculated.
    Number(f64),
    /// A grade by its name.
    Grade(&'static str),
    /// The price list.
    PriceList(PriceList),
}

/// A stone and its features as a model saw them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) diamond: &'a Diamond,
    pub(crate) encoder: &'a Encoder,
    pub(crate) features: &'a Features,
}

/// The limit for each part, 2^49 cents. Then every sum of parts is below 2^53, so that f64 holds it exactly, and converting
/// cents to dollars and back is exact.
const MAX_CENTS: f64 = 562_949_953_421_312.0;

/// The parts of a stone's price: the average stone, each stated feature in the order of [`Encoder::names`], all measures that
/// were not stated, and the part that raises a negative price to 0. Without a price list the average stone has none either.
/// `None` unless all of them are finite and can be counted in cents.
pub(crate) fn parts(
    explanation: &Explanation,
    link: Link,
    price_usd: f64,
    subject: &Subject<'_>,
) -> Option<Vec<Part>> {
    let Explanation { mut base_margin, effects } = *explanation;
    let average = Part { feature: "average", label: "Average stone", value: None, effect_usd: 0.0 };
    let mut parts = Vec::with_capacity(FEATURE_COUNT + 2);
    parts.push(average);
    let (mut margins, mut unstated) = (Vec::with_capacity(FEATURE_COUNT), None);
    for (at, effect) in effects.into_iter().enumerate() {
        if let Some(value) = subject.stated(at) {
            let feature = subject.encoder.names()[at];
            let part = Part { feature, label: label(feature), value: Some(value), effect_usd: 0.0 };
            parts.push(part);
            margins.push(effect);
        } else if at == PRICE_LIST {
            base_margin += effect;
        } else {
            *unstated.get_or_insert(0.0) += effect;
        }
    }
    if let Some(effect) = unstated {
        let feature = match subject.encoder {
            Encoder::Passthrough => "missing_measures",
            Encoder::Impute(_) | Encoder::Proportions(..) => "typical_measures",
        };
        parts.push(Part { feature, label: label(feature), value: None, effect_usd: 0.0 });
        margins.push(effect);
    }
    let cents = in_cents(base_margin, &margins, link, price_usd)?;
    for (part, cents) in parts.iter_mut().zip(cents) {
        // Adding 0 turns -0 into 0, since a caller may print the sign.
        part.effect_usd = cents / 100.0 + 0.0;
    }
    let price_cents = round(price_usd * 100.0);
    if price_cents < 0.0 {
        let (feature, effect_usd) = ("floor", -price_cents / 100.0);
        parts.push(Part { feature, label: label(feature), value: None, effect_usd });
    }
    Some(parts)
}

impl Subject<'_> {
    /// The value of a feature that was stated, or that follows from what was stated.
    fn stated(&self, at: usize) -> Option<PartValue> {
        let (name, value) = (self.encoder.names()[at], self.features.values()[at]);
        let Measures { depth, x, y, z, .. } = self.diamond.measures;
        let are_sides_given = x.is_some() && y.is_some();
        let given = Features::of(self.diamond).values()[at];
        match name {
            "cut" => Some(PartValue::Grade(self.diamond.cut.as_str())),
            "color" => Some(PartValue::Grade(self.diamond.color.as_str())),
            "clarity" => Some(PartValue::Grade(self.diamond.clarity.as_str())),
            "price_list" if value.is_nan() => None,
            "price_list" => self.diamond.price_list.map(PartValue::PriceList),
            _ if value.is_nan() => None,
            _ if name == FEATURE_NAMES[at] && !given.is_nan() => Some(PartValue::Number(value)),
            _ => {
                let follows = match name {
                    "average_diameter" | "diameter_ratio" | "face_weight" => are_sides_given,
                    "depth" => are_sides_given && z.is_some(),
                    "z" => are_sides_given && depth.is_some(),
                    _ => false,
                };
                follows.then(|| PartValue::Number(round(value * 1000.0) / 1000.0))
            }
        }
    }
}

/// The label of a feature.
fn label(name: &str) -> &'static str {
    match name {
        "carat" => "Weight",
        "cut" => "Cut",
        "color" => "Color",
        "clarity" => "Clarity",
        "depth" => "Depth",
        "table" => "Table",
        "x" => "Diameter x",
        "y" => "Diameter y",
        "z" => "Depth in mm",
        "average_diameter" => "Average diameter",
        "diameter_ratio" => "Smaller to larger diameter",
        "face_weight" => "Spread",
        "price_list" => "Price list",
        "typical_measures" => "Typical measures for these four Cs",
        "missing_measures" => "Measures that were not stated",
        "floor" => "No price is below 0",
        _ => "Other",
    }
}

/// The base and the effects in whole cents, which add up to the price in cents.
///
/// With a logarithmic link, an effect in dollars is the effect times the logarithmic mean of price and base,
/// `(price - base) / (ln price - ln base)`. These add up in any order of the features (the LMDI method, Ang 2004). Rounding
/// uses the largest remainder method: every part is rounded down, and the missing cents go one each to the parts with the
/// largest remainders; of equal ones to the first.
fn in_cents(base_margin: f64, effects: &[f64], link: Link, price_usd: f64) -> Option<Vec<f64>> {
    let base_usd = link.price_usd(base_margin);
    let usd_per_margin = match link {
        Link::Identity => 1.0,
        Link::Log => base_usd * growth(effects.iter().sum()),
    };
    let effects = effects.iter().map(|effect| effect * usd_per_margin * 100.0);
    let exact: Vec<f64> = [base_usd * 100.0].into_iter().chain(effects).collect();
    let price_cents = round(price_usd * 100.0);
    if !exact.iter().chain([&price_cents]).all(|cents| cents.abs() < MAX_CENTS) {
        return None;
    }
    Some(rounded(&exact, price_cents))
}

/// `(e^d - 1) / d`, the logarithmic mean of `e^d` and 1.
fn growth(d: f64) -> f64 {
    if d == 0.0 { 1.0 } else { expm1(d) / d }
}

/// Rounds numbers to whole ones that have exactly this sum.
fn rounded(exact: &[f64], sum: f64) -> Vec<f64> {
    let mut whole: Vec<f64> = exact.iter().copied().map(floor).collect();
    let remainder = |at: usize| exact[at] - whole[at];
    let mut by_remainder: Vec<usize> = Vec::with_capacity(exact.len());
    // Each to its place: a sort would add kilobytes to the browser's download.
    for at in 0..exact.len() {
        let is_before = |other: &usize| remainder(*other).total_cmp(&remainder(at)).is_ge();
        by_remainder.insert(by_remainder.partition_point(is_before), at);
    }
    for at in by_remainder {
        if whole.iter().sum::<f64>() < sum {
            whole[at] += 1.0;
        }
    }
    // Adds 0, unless the numbers are so large that their own sum is wrong by cents.
    whole[0] += sum - whole.iter().sum::<f64>();
    whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::price_list::PriceLists;
    use crate::properties::seeds::IMPUTER;
    use crate::properties::stones::stone;

    const NONE: [f64; FEATURE_COUNT] = [0.0; FEATURE_COUNT];

    const ROW: &str = "0.7,Very Good,G,VS1,61.2,55.5,5.7,5.72,3.51,A";

    fn of(base_margin: f64, effects: [f64; FEATURE_COUNT], link: Link) -> Option<Vec<Part>> {
        of_row(ROW, &Encoder::Proportions(IMPUTER, lists()), base_margin, effects, link)
    }

    fn of_row(
        row: &str,
        encoder: &Encoder,
        base_margin: f64,
        effects: [f64; FEATURE_COUNT],
        link: Link,
    ) -> Option<Vec<Part>> {
        let explanation = Explanation { base_margin, effects };
        let price_usd = link.price_usd(base_margin + effects.iter().sum::<f64>());
        let diamond = &stone(row);
        let features = &encoder.encode(diamond);
        parts(&explanation, link, price_usd, &Subject { diamond, encoder, features })
    }

    fn lists() -> PriceLists {
        PriceLists::of(["A".parse().unwrap()]).unwrap()
    }

    /// The effects in cents.
    fn cents(parts: &[Part]) -> Vec<f64> {
        parts.iter().map(|part| round(part.effect_usd * 100.0)).collect()
    }

    #[test]
    fn cents_go_to_the_largest_remainders_and_add_up() {
        let check = |base, effects: &[f64], expected: &[f64]| {
            let mut all = NONE;
            all[..effects.len()].copy_from_slice(effects);
            let found = cents(&of(base, all, Link::Identity).unwrap());
            assert_eq!(found[..expected.len()], *expected);
            assert!(found[expected.len()..].iter().all(|cents| cents.total_cmp(&0.0).is_eq()));
        };
        check(100.0, &[0.004, 0.004, 0.004], &[10_000.0, 1.0, 0.0, 0.0]);
        check(100.0, &[0.004, 0.005, 0.003], &[10_000.0, 0.0, 1.0, 0.0]);
        check(100.0, &[0.007, 0.007, 0.007], &[10_000.0, 1.0, 1.0, 0.0]);
        check(100.0, &[-0.004, -0.004, 0.0], &[10_000.0, 0.0, -1.0, 0.0]);
        check(0.0, &[], &[0.0]);
    }

    #[test]
    fn cents_add_up_with_a_logarithmic_link_too() {
        let check = |effects: [f64; FEATURE_COUNT]| {
            let found = cents(&of(8.0, effects, Link::Log).unwrap());
            let price_usd = libm::exp(8.0 + effects.iter().sum::<f64>());
            let (sum, price) = (found.iter().sum::<f64>(), round(price_usd * 100.0));
            assert!(sum.total_cmp(&price).is_eq(), "{sum} and {price}");
            assert!(found[0].total_cmp(&298_096.0).is_eq(), "{found:?}");
            for (cents, effect) in found[1..].iter().zip(effects) {
                assert!(cents * effect >= 0.0, "{found:?} has a sign that {effects:?} has not");
            }
        };
        check(NONE);
        check([1e-12, -1e-12, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        check([0.7, -0.2, 0.1, 0.05, -0.01, 0.003, 0.2, 0.1, -0.04, 0.02]);
        check([-2.0, -0.2, -0.1, -0.05, 0.01, 0.003, -0.2, -0.1, 0.04, -0.02]);
        // The effects cancel out: the price is that of the average stone.
        check([1.0, -1.0, 0.5, -0.5, 0.25, -0.25, 0.0, 0.0, 0.0, 0.0]);
    }

    /// Checks the parts of a row, of which each feature has one more dollar than the one before it.
    fn check_parts(row: &str, encoder: Encoder, expected: &[(&str, Option<&str>, &str)]) {
        let effects = core::array::from_fn(|at| 1.0 + f64::from(u8::try_from(at).unwrap()));
        let parts = of_row(row, &encoder, 100.0, effects, Link::Identity).unwrap();
        let found: Vec<_> = parts
            .iter()
            .map(|part| {
                let value = part.value.map(|value| match value {
                    PartValue::Number(number) => number.to_string(),
                    PartValue::Grade(grade) => grade.to_string(),
                    PartValue::PriceList(list) => list.to_string(),
                });
                (part.feature, value, part.effect_usd.to_string())
            })
            .collect();
        let found: Vec<_> = found
            .iter()
            .map(|(feature, value, effect)| (*feature, value.as_deref(), effect.as_str()))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn every_part_shows_what_was_stated() {
        let four_cs = [
            ("carat", Some("0.7"), "1"),
            ("cut", Some("Very Good"), "2"),
            ("color", Some("G"), "3"),
            ("clarity", Some("VS1"), "4"),
        ];
        let check = |row: &str, encoder, average, rest: &[(&str, Option<&str>, &str)]| {
            let expected = [&[("average", None, average)], &four_cs[..], rest].concat();
            check_parts(row, encoder, &expected);
        };
        check(
            ROW,
            Encoder::Proportions(IMPUTER, lists()),
            "100",
            &[
                ("depth", Some("61.2"), "5"),
                ("table", Some("55.5"), "6"),
                ("average_diameter", Some("5.71"), "7"),
                ("diameter_ratio", Some("99.65"), "8"),
                ("face_weight", Some("2.147"), "9"),
                ("price_list", Some("A"), "10"),
            ],
        );
        check(
            "0.7,Very Good,G,VS1,,55.5,5.7,5.64,3.5",
            Encoder::Impute(IMPUTER),
            "110",
            &[
                ("depth", Some("61.728"), "5"),
                ("table", Some("55.5"), "6"),
                ("x", Some("5.7"), "7"),
                ("y", Some("5.64"), "8"),
                ("z", Some("3.5"), "9"),
            ],
        );
    }

    #[test]
    fn what_nobody_stated_is_one_part() {
        let check = |row: &str, encoder, expected: &[(&str, Option<&str>, &str)]| {
            check_parts(
                row,
                encoder,
                &[
                    &[
                        ("average", None, "110"),
                        ("carat", Some("0.7"), "1"),
                        ("cut", Some("Very Good"), "2"),
                        ("color", Some("G"), "3"),
                        ("clarity", Some("VS1"), "4"),
                    ],
                    expected,
                ]
                .concat(),
            );
        };
        let four_cs = "0.7,Very Good,G,VS1";
        check(four_cs, Encoder::Proportions(IMPUTER, lists()), &[("typical_measures", None, "35")]);
        check(four_cs, Encoder::Passthrough, &[("missing_measures", None, "35")]);
        check(
            "0.7,Very Good,G,VS1,61.5,,5.7,,,C",
            Encoder::Proportions(IMPUTER, lists()),
            &[("depth", Some("61.5"), "5"), ("typical_measures", None, "30")],
        );
    }

    #[test]
    fn a_part_of_its_own_raises_a_negative_price_to_zero() {
        let mut effects = NONE;
        effects[0] = -150.0;
        let parts = of(100.0, effects, Link::Identity).unwrap();
        assert_eq!(parts.len(), FEATURE_COUNT + 2);
        let floor = parts.last().unwrap();
        assert_eq!((floor.feature, floor.effect_usd.to_string()), ("floor", "50".to_string()));
        assert!(cents(&parts).iter().sum::<f64>().total_cmp(&0.0).is_eq());
    }

    #[test]
    fn what_cannot_be_counted_in_cents_is_not_explained() {
        let check = |base, link| assert_eq!(of(base, NONE, link), None, "{base}");
        check(f64::NAN, Link::Identity);
        check(f64::INFINITY, Link::Identity);
        check(1e14, Link::Identity);
        check(6e12, Link::Identity);
        check(1e3, Link::Log);
    }
}
