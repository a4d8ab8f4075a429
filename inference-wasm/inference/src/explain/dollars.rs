//! Converts an explanation to dollars that add up to the price.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use libm::{expm1, floor, round};

use super::Explanation;
use crate::diamond::Diamond;
use crate::features::{Encoder, FEATURE_COUNT, FEATURE_NAMES, Features};
use crate::link::Link;

/// One part of a price. Counted in cents, all parts add up to the price exactly.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// The name of the feature; `average` for the average stone, `floor` for the part that raises a price to 0.
    pub feature: &'static str,
    /// The label for people.
    pub label: String,
    /// The value of the feature, where the part belongs to one.
    pub value: Option<PartValue>,
    /// In dollars, rounded to cents; negative where it makes the stone cheaper.
    pub effect_usd: f64,
}

/// The value of a feature as the model saw it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PartValue {
    /// A weight in carats, a proportion in percent or a dimension in mm; rounded to hundredths where it was estimated.
    Number(f64),
    /// A grade by its name.
    Grade(&'static str),
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

/// The parts of a stone's price: the average stone, each feature in the order of [`Encoder::names`], and the part that
/// raises a negative price to 0. `None` unless all of them are finite and can be counted in cents.
pub(crate) fn parts(
    explanation: &Explanation,
    link: Link,
    price_usd: f64,
    subject: &Subject<'_>,
) -> Option<Vec<Part>> {
    let [base_cents, effects_cents @ ..] = in_cents(explanation, link, price_usd)?;
    let part = |feature, label, value, cents: f64| {
        // Adding 0 turns -0 into 0, since a caller may print the sign.
        Part { feature, label, value, effect_usd: cents / 100.0 + 0.0 }
    };
    let mut parts = Vec::with_capacity(FEATURE_COUNT + 2);
    parts.push(part("average", "Average stone".into(), None, base_cents));
    for (at, cents) in effects_cents.into_iter().enumerate() {
        let (label, value) = subject.describe(at);
        parts.push(part(subject.encoder.names()[at], label, value, cents));
    }
    let price_cents = round(price_usd * 100.0);
    if price_cents < 0.0 {
        parts.push(part("floor", "No price is below 0".into(), None, -price_cents));
    }
    Some(parts)
}

impl Subject<'_> {
    /// The label and the value of a feature.
    fn describe(&self, at: usize) -> (String, Option<PartValue>) {
        let (name, value) = (self.encoder.names()[at], self.features.values()[at]);
        let label = label(name);
        match name {
            "cut" => (label.into(), Some(PartValue::Grade(self.diamond.cut.as_str()))),
            "color" => (label.into(), Some(PartValue::Grade(self.diamond.color.as_str()))),
            "clarity" => (label.into(), Some(PartValue::Grade(self.diamond.clarity.as_str()))),
            _ if value.is_nan() => (format!("{label} (not given)"), None),
            _ if self.is_estimated(at) => (
                format!("{label} (estimated)"),
                Some(PartValue::Number(round(value * 100.0) / 100.0)),
            ),
            // A number that follows from given ones is shown in thousandths.
            _ if name != FEATURE_NAMES[at] => {
                (label.into(), Some(PartValue::Number(round(value * 1000.0) / 1000.0)))
            }
            _ => (label.into(), Some(PartValue::Number(value))),
        }
    }

    /// Whether a feature was not given, or follows from one that was not.
    fn is_estimated(&self, at: usize) -> bool {
        let given = Features::of(self.diamond);
        let [.., x, y, _] = *given.values();
        match self.encoder {
            Encoder::Proportions(_) if self.encoder.names()[at] != FEATURE_NAMES[at] => {
                x.is_nan() || y.is_nan()
            }
            _ => given.values()[at].is_nan(),
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
        "x" => "Length",
        "y" => "Width",
        "z" => "Height",
        "width" => "Mean width",
        "length_to_width" => "Length to width",
        "face_weight" => "Weight for its face",
        _ => "Other",
    }
}

/// The base and the effects in whole cents, which add up to the price in cents.
///
/// With a logarithmic link, an effect in dollars is the effect times the logarithmic mean of price and base,
/// `(price - base) / (ln price - ln base)`. These add up in any order of the features (the LMDI method, Ang 2004). Rounding
/// uses the largest remainder method: every part is rounded down, and the missing cents go one each to the parts with the
/// largest remainders; of equal ones to the first.
fn in_cents(
    explanation: &Explanation,
    link: Link,
    price_usd: f64,
) -> Option<[f64; 1 + FEATURE_COUNT]> {
    let Explanation { base_margin, effects } = *explanation;
    let base_usd = link.price_usd(base_margin);
    let usd_per_margin = match link {
        Link::Identity => 1.0,
        Link::Log => base_usd * growth(effects.iter().sum()),
    };
    let mut exact = [base_usd * 100.0; 1 + FEATURE_COUNT];
    for (cents, effect) in exact[1..].iter_mut().zip(effects) {
        *cents = effect * usd_per_margin * 100.0;
    }
    let price_cents = round(price_usd * 100.0);
    if !exact.iter().chain([&price_cents]).all(|cents| cents.abs() < MAX_CENTS) {
        return None;
    }
    Some(rounded(exact, price_cents))
}

/// `(e^d - 1) / d`, the logarithmic mean of `e^d` and 1.
fn growth(d: f64) -> f64 {
    if d == 0.0 { 1.0 } else { expm1(d) / d }
}

/// Rounds numbers to whole ones that have exactly this sum.
fn rounded(exact: [f64; 1 + FEATURE_COUNT], sum: f64) -> [f64; 1 + FEATURE_COUNT] {
    let mut whole = exact.map(floor);
    let mut by_remainder: [usize; 1 + FEATURE_COUNT] = core::array::from_fn(|at| at);
    by_remainder.sort_unstable_by(|one, other| {
        let remainder = |at: usize| exact[at] - whole[at];
        remainder(*other).total_cmp(&remainder(*one)).then(one.cmp(other))
    });
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
    use crate::properties::seeds::IMPUTER;
    use crate::properties::stones::stone;

    const NONE: [f64; FEATURE_COUNT] = [0.0; FEATURE_COUNT];

    fn of(base_margin: f64, effects: [f64; FEATURE_COUNT], link: Link) -> Option<Vec<Part>> {
        let explanation = Explanation { base_margin, effects };
        let price_usd = link.price_usd(base_margin + effects.iter().sum::<f64>());
        let features =
            Features::from_values([0.7, 2.0, 3.0, 4.0, 61.234_5, 55.5, 5.7, 5.7, f64::NAN]);
        let diamond = &stone("0.7,Very Good,G,VS1,,55.5");
        let subject = Subject { diamond, encoder: &Encoder::Passthrough, features: &features };
        parts(&explanation, link, price_usd, &subject)
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
        check([1e-12, -1e-12, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        check([0.7, -0.2, 0.1, 0.05, -0.01, 0.003, 0.2, 0.1, -0.04]);
        check([-2.0, -0.2, -0.1, -0.05, 0.01, 0.003, -0.2, -0.1, 0.04]);
        // The effects cancel out: the price is that of the average stone.
        check([1.0, -1.0, 0.5, -0.5, 0.25, -0.25, 0.0, 0.0, 0.0]);
    }

    #[test]
    fn every_part_shows_the_value_that_the_model_saw() {
        let parts = of(100.0, NONE, Link::Identity).unwrap();
        let shown: Vec<_> =
            parts.iter().map(|part| (part.feature, part.label.as_str(), part.value)).collect();
        assert_eq!(
            shown,
            [
                ("average", "Average stone", None),
                ("carat", "Weight", Some(PartValue::Number(0.7))),
                ("cut", "Cut", Some(PartValue::Grade("Very Good"))),
                ("color", "Color", Some(PartValue::Grade("G"))),
                ("clarity", "Clarity", Some(PartValue::Grade("VS1"))),
                ("depth", "Depth (estimated)", Some(PartValue::Number(61.23))),
                ("table", "Table", Some(PartValue::Number(55.5))),
                ("x", "Length (estimated)", Some(PartValue::Number(5.7))),
                ("y", "Width (estimated)", Some(PartValue::Number(5.7))),
                ("z", "Height (not given)", None),
            ]
        );
    }

    #[test]
    fn proportions_are_shown_in_place_of_the_sides() {
        let encoder = Encoder::Proportions(IMPUTER);
        let check = |row: &str, expected: [(&str, f64); 3]| {
            let diamond = stone(row);
            let features = encoder.encode(&diamond);
            let subject = Subject { diamond: &diamond, encoder: &encoder, features: &features };
            let shown: Vec<_> = (6..9).map(|at| subject.describe(at)).collect();
            let expected =
                expected.map(|(label, value)| (label.to_string(), Some(PartValue::Number(value))));
            assert_eq!(shown, expected);
        };
        check(
            "0.7,Very Good,G,VS1,,55.5,5.7,5.64",
            [("Mean width", 5.67), ("Length to width", 101.064), ("Weight for its face", 2.177)],
        );
        check(
            "0.7,Very Good,G,VS1,,55.5,5.7",
            [
                ("Mean width (estimated)", 5.7),
                ("Length to width (estimated)", 100.0),
                ("Weight for its face (estimated)", 2.15),
            ],
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
