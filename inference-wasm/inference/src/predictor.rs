//! What a diamond is worth: a model at work.

use alloc::vec::Vec;
use core::fmt;

use crate::blob::{self, BlobError, Header, Model};
use crate::diamond::Diamond;
use crate::explain::{self, Explanation, Part};
use crate::features::{Encoder, FEATURE_NAMES, Features};
use crate::form::Form;

/// The value of one stone.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// In dollars, not rounded, never below 0. Not finite where the model has no price for the stone.
    pub price_usd: f64,
    /// The range around it, where the model was calibrated.
    pub range: Option<Range>,
    /// What a careful appraiser would add.
    pub warnings: Vec<Warning>,
}

/// The range in which the true price lies with some confidence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// In dollars.
    pub low_usd: f64,
    /// In dollars.
    pub high_usd: f64,
    /// As a share, 0 to 1.
    pub confidence: f64,
}

/// Why an estimate deserves less trust than usual.
#[derive(Debug, Clone, PartialEq)]
pub enum Warning {
    /// Measures were not given and stand in the estimate as the rest of the stone suggests.
    Estimated {
        /// The features.
        features: Vec<&'static str>,
    },
    /// Measures were not given and the model went by its own rule for missing ones.
    Missing {
        /// The features.
        features: Vec<&'static str>,
    },
    /// No stone like this one was in the training data.
    Outside {
        /// The feature.
        feature: &'static str,
        /// The stone's value.
        value: f64,
        /// The smallest value trained on.
        low: f64,
        /// The largest value trained on.
        high: f64,
    },
    /// The price is one that no stone of the training data had.
    PriceOutside {
        /// The lowest price trained on, in dollars.
        low_usd: f64,
        /// The highest price trained on, in dollars.
        high_usd: f64,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Warning::Estimated { features } => write!(
                f,
                "not given, so estimated from the weight, the cut and the other measures: {}",
                features.join(", ")
            ),
            Warning::Missing { features } => {
                write!(f, "not given, so the model went without: {}", features.join(", "))
            }
            Warning::Outside { feature, value, low, high } => write!(
                f,
                "{feature} {value} is outside the {low} to {high} of the stones the model learnt from; treat the price with care"
            ),
            Warning::PriceOutside { low_usd, high_usd } => write!(
                f,
                "the price is outside the ${low_usd:.0} to ${high_usd:.0} of the stones the model learnt from; treat it with care"
            ),
        }
    }
}

/// A decoded model, ready to price stones.
#[derive(Debug, Clone)]
pub struct Predictor {
    model: Model,
}

impl Predictor {
    /// Decodes a blob into a predictor.
    ///
    /// # Errors
    ///
    /// [`BlobError`], with what is wrong and what to do.
    pub fn from_blob(bytes: &[u8]) -> Result<Predictor, BlobError> {
        blob::decode(bytes).map(Predictor::new)
    }

    /// Takes a model, decoded or just fitted.
    #[must_use]
    pub fn new(model: Model) -> Predictor {
        Predictor { model }
    }

    /// What the model says of itself.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.model.header
    }

    /// How many terms or tree nodes the model holds.
    #[must_use]
    pub fn nodes(&self) -> usize {
        self.model.form.nodes()
    }

    /// What the model computes.
    #[must_use]
    pub fn form(&self) -> &Form {
        &self.model.form
    }

    /// The price of a stone in dollars, not rounded.
    #[must_use]
    pub fn price_usd(&self, diamond: &Diamond) -> f64 {
        self.price_of(&self.model.header.encoder.encode(diamond))
    }

    /// The price of encoded features in dollars, not rounded.
    #[must_use]
    pub fn price_of(&self, features: &Features) -> f64 {
        self.model.header.link.price_usd(self.model.form.margin(features))
    }

    /// The price of a stone with its range and its warnings.
    #[must_use]
    pub fn estimate(&self, diamond: &Diamond) -> Estimate {
        // A straight line goes below 0 for small stones; nobody pays less than nothing.
        let raw_usd = self.price_usd(diamond);
        let price_usd = if raw_usd < 0.0 { 0.0 } else { raw_usd };
        let described = Features::of(diamond);
        let range = self.model.header.interval.map(|interval| {
            let spread = if described.missing().next().is_none() {
                interval.measured
            } else {
                interval.unmeasured
            };
            let (low_usd, high_usd) = spread.around(price_usd);
            Range { low_usd, high_usd, confidence: interval.confidence }
        });
        Estimate { price_usd, range, warnings: self.warnings(&described, price_usd) }
    }

    /// Why a stone has its price: parts in dollars that add up, in cents, to [`Estimate::price_usd`] exactly. First the
    /// average stone, then one for each feature in the order of [`FEATURE_NAMES`]; where the model's own price is below
    /// 0 there is one more, which lifts it to 0. `None` where the price or a part of it is no finite number, or so large
    /// that f64 does not hold its cents.
    #[must_use]
    pub fn explain(&self, diamond: &Diamond) -> Option<Vec<Part>> {
        let Model { header, form } = &self.model;
        let features = header.encoder.encode(diamond);
        let explanation = Explanation::of(form, &features);
        explain::parts(&explanation, header.link, self.price_of(&features), diamond, &features)
    }

    fn warnings(&self, described: &Features, price_usd: f64) -> Vec<Warning> {
        let header = &self.model.header;
        let mut warnings = Vec::new();
        let features: Vec<&'static str> = described.missing().collect();
        if !features.is_empty() {
            warnings.push(match header.encoder {
                Encoder::Keep => Warning::Missing { features },
                Encoder::Estimate(_) => Warning::Estimated { features },
            });
        }
        let Some(domain) = &header.domain else { return warnings };
        for (at, feature) in FEATURE_NAMES.into_iter().enumerate() {
            let (value, [low, high]) = (described.values()[at], domain.features[at]);
            if value < low || value > high {
                warnings.push(Warning::Outside { feature, value, low, high });
            }
        }
        let [low_usd, high_usd] = domain.price_usd;
        if price_usd < low_usd || price_usd > high_usd {
            warnings.push(Warning::PriceOutside { low_usd, high_usd });
        }
        warnings
    }
}
