//! The linear form: a weighted sum of simple functions of the features.

mod steps;

use alloc::vec::Vec;

use libm::log;
use serde::{Deserialize, Serialize};

use self::steps::Steps;
use super::FormError;
use crate::blob::BlobError;
use crate::ensure::ensure;
use crate::envelope;
use crate::features::{FEATURE_COUNT, Features};
use crate::image::{ImageError, Source, count};

/// The length of the shortest term: a basis of one feature, a weight and a mean, as postcard.
const MIN_TERM_BYTES: usize = 18;

/// `intercept + sum of weight * basis(features)`, accumulated in f64 in the order of the terms.
#[derive(Debug, Clone)]
pub struct Linear {
    intercept: f64,
    terms: Vec<Term>,
    /// The terms as they are computed.
    steps: Steps,
}

impl PartialEq for Linear {
    fn eq(&self, other: &Linear) -> bool {
        self.intercept.total_cmp(&other.intercept).is_eq() && self.terms == other.terms
    }
}

/// One summand.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Term {
    /// The function of the features.
    pub basis: Basis,
    /// The factor of the function.
    pub weight: f64,
    /// The function's mean over the training rows, with which an explanation compares a stone.
    pub mean: f64,
}

/// A simple function of one or two features, given by their index in
/// [`FEATURE_NAMES`](crate::features::FEATURE_NAMES).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Basis {
    /// The feature itself.
    Value(u8),
    /// Its square.
    Square(u8),
    /// Its natural logarithm.
    Ln(u8),
    /// 1 where a grade has this ordinal, else 0: one column of a one-hot encoding.
    Level(u8, u8),
    /// The product of two features.
    Product(u8, u8),
}

impl Linear {
    /// Takes a fitted sum.
    ///
    /// # Errors
    ///
    /// [`FormError`] for a number that is not finite or a feature that does not exist.
    pub fn new(intercept: f64, terms: Vec<Term>) -> Result<Linear, FormError> {
        check(intercept, &terms)?;
        let steps = Steps::of(&terms);
        Ok(Linear { intercept, terms, steps })
    }

    /// The constant summand.
    #[must_use]
    pub fn intercept(&self) -> f64 {
        self.intercept
    }

    /// The summands, in the order they are added.
    #[must_use]
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// The margin of a stone; NaN where a feature it needs is missing.
    #[must_use]
    pub fn margin(&self, features: &Features) -> f64 {
        self.steps.add_to(self.intercept, features)
    }
}

impl Linear {
    /// Appends the sum as an image stores it: the intercept (f64), the number of terms (u32), and each term as postcard.
    pub(super) fn write(&self, image: &mut Vec<u8>) -> Result<(), BlobError> {
        image.extend(self.intercept.to_le_bytes());
        image.extend(count(self.terms.len()));
        for term in &self.terms {
            image.extend(envelope::write_part("form", term)?);
        }
        Ok(())
    }

    /// Reads what [`Self::write`] wrote.
    pub(super) fn read(source: &mut Source<'_>) -> Result<Linear, ImageError> {
        let (intercept, count) = (source.float()?, source.count()?);
        // Bounded by the bytes that are there, in case the count is wrong.
        let mut terms = Vec::with_capacity(count.min(source.left() / MIN_TERM_BYTES));
        for _ in 0..count {
            terms.push(source.postcard()?);
        }
        Ok(Linear::new(intercept, terms)?)
    }
}

fn check(intercept: f64, terms: &[Term]) -> Result<(), FormError> {
    ensure(intercept.is_finite(), FormError::NotFinite { what: "intercept", at: 0 })?;
    for (at, term) in terms.iter().enumerate() {
        ensure(term.weight.is_finite(), FormError::NotFinite { what: "weight", at })?;
        ensure(term.mean.is_finite(), FormError::NotFinite { what: "mean", at })?;
        ensure(!matches!(term.basis, Basis::Ln(1..=3)), FormError::LnOfGrade { at })?;
        for feature in term.basis.features() {
            let exists = usize::from(feature) < FEATURE_COUNT;
            ensure(exists, FormError::UnknownFeature { at, feature })?;
        }
    }
    Ok(())
}

impl Basis {
    /// The function's value.
    #[must_use]
    pub fn of(self, features: &Features) -> f64 {
        let value = |feature: u8| features.values()[usize::from(feature)];
        match self {
            Basis::Value(feature) => value(feature),
            Basis::Square(feature) => value(feature) * value(feature),
            Basis::Ln(feature) => log(value(feature)),
            Basis::Level(feature, level) => {
                let is_level = value(feature).total_cmp(&f64::from(level)).is_eq();
                f64::from(u8::from(is_level))
            }
            Basis::Product(one, other) => value(one) * value(other),
        }
    }

    /// The features that the function depends on.
    pub(crate) fn features(self) -> impl Iterator<Item = u8> + Clone {
        let (one, other) = match self {
            Basis::Value(one) | Basis::Square(one) | Basis::Ln(one) | Basis::Level(one, _) => {
                (one, None)
            }
            Basis::Product(one, other) => (one, Some(other)),
        };
        core::iter::once(one).chain(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STONE: Features =
        Features::from_values([2.0, 4.0, 0.0, 7.0, 60.0, 57.0, 8.0, 8.1, 5.0, 0.0]);

    #[test]
    fn the_margin_is_the_weighted_sum() {
        let check = |basis: Basis, expected: f64| {
            let linear = Linear::new(1.0, vec![Term { basis, weight: 10.0, mean: 0.0 }]).unwrap();
            assert_eq!(
                linear.margin(&STONE).to_bits(),
                (1.0 + 10.0 * expected).to_bits(),
                "{basis:?}"
            );
        };
        check(Basis::Value(0), 2.0);
        check(Basis::Square(0), 4.0);
        check(Basis::Ln(0), core::f64::consts::LN_2);
        check(Basis::Level(1, 4), 1.0);
        check(Basis::Level(1, 3), 0.0);
        check(Basis::Product(0, 3), 14.0);
    }

    #[test]
    fn an_invalid_sum_is_refused() {
        let check = |intercept, basis, weight, expected| {
            let found = Linear::new(intercept, vec![Term { basis, weight, mean: 0.0 }]);
            assert_eq!(found, Err(expected));
        };
        let value = Basis::Value(0);
        check(f64::NAN, value, 1.0, FormError::NotFinite { what: "intercept", at: 0 });
        check(0.0, value, f64::INFINITY, FormError::NotFinite { what: "weight", at: 0 });
        check(0.0, Basis::Ln(1), 1.0, FormError::LnOfGrade { at: 0 });
        let product = Basis::Product(0, 10);
        check(0.0, product, 1.0, FormError::UnknownFeature { at: 0, feature: 10 });
    }
}
