//! A prediction as it is written: the price, its range, warnings and, if asked for, its explanation.

use inference::{Estimate, ListEstimate, Part, PartValue, PriceList, PricesIn, Range};
use serde::Serialize;

use crate::number::Number;
use crate::warning::Warning;

/// The price of one diamond, rounded to cents.
#[derive(Debug, Serialize)]
pub struct Prediction {
    /// The price.
    pub price: Number,
    currency: String,
    /// The year of the prices that the model learnt from, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    price_year: Option<u16>,
    /// `None` where the model has no interval.
    pub range: Option<PriceRange>,
    /// The price by each list that the model knows; empty where it knows none or the diamond names one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub price_lists: Vec<ListPrice>,
    /// What to know about the price.
    pub warnings: Vec<Warning>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<Vec<ExplainedPart>>,
}

/// The range around a price.
#[derive(Debug, Serialize)]
pub struct PriceRange {
    /// Its lower end.
    pub low: Number,
    /// Its upper end.
    pub high: Number,
    /// The share of stones whose price is within their range.
    pub confidence: Number,
}

/// The price of a diamond by one price list.
#[derive(Debug, Serialize)]
pub struct ListPrice {
    /// The name of the list.
    pub name: PriceList,
    /// The price.
    pub price: Number,
    /// `None` where the model has no interval.
    pub range: Option<PriceRange>,
}

/// A part of a price; all parts add up to it, to the cent.
#[derive(Debug, Serialize)]
pub struct ExplainedPart {
    feature: &'static str,
    label: &'static str,
    value: Option<ExplainedValue>,
    effect: Number,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum ExplainedValue {
    Number(Number),
    Grade(&'static str),
    PriceList(PriceList),
}

/// The model that was used.
#[derive(Debug, Clone, Serialize)]
pub struct ModelName {
    /// Its id in the registry.
    pub id: String,
    /// Its family, such as `xgboost`.
    pub family: String,
}

/// The currency of a model that does not say in what its prices are.
const DEFAULT_CURRENCY: &str = "USD";

impl From<Range> for PriceRange {
    fn from(range: Range) -> PriceRange {
        PriceRange {
            low: Number::dollars(range.low_usd),
            high: Number::dollars(range.high_usd),
            confidence: Number(range.confidence),
        }
    }
}

impl From<&ListEstimate> for ListPrice {
    fn from(estimate: &ListEstimate) -> ListPrice {
        ListPrice {
            name: estimate.list,
            price: Number::dollars(estimate.price_usd),
            range: estimate.range.map(PriceRange::from),
        }
    }
}

impl Prediction {
    /// A prediction from an estimate, the currency and year of the model's prices, and the fields of the diamond that were
    /// ignored.
    #[must_use]
    pub fn new(
        estimate: &Estimate,
        prices_in: Option<PricesIn>,
        unknown_fields: &[String],
    ) -> Prediction {
        let warnings = estimate.warnings.iter().map(Warning::from);
        let currency = prices_in.as_ref().map_or(DEFAULT_CURRENCY, PricesIn::currency);
        Prediction {
            price: Number::dollars(estimate.price_usd),
            currency: currency.to_owned(),
            price_year: prices_in.map(|prices_in| prices_in.year()),
            range: estimate.range.map(PriceRange::from),
            price_lists: estimate.price_lists.iter().map(ListPrice::from).collect(),
            warnings: warnings.chain(Warning::unknown_fields(unknown_fields)).collect(),
            explanation: None,
        }
    }

    /// Adds the explanation, or the warning that there is none: an absurd stone, ten centimetres wide, has an absurd
    /// price, and `f64` does not hold its cents.
    #[must_use]
    pub fn explained_by(mut self, parts: Option<Vec<Part>>) -> Prediction {
        match parts {
            Some(parts) => self.explanation = Some(explanation(parts)),
            None => self.warnings.push(Warning::not_explained()),
        }
        self
    }
}

/// The parts of a price as they are written.
#[must_use]
pub fn explanation(parts: Vec<Part>) -> Vec<ExplainedPart> {
    let explained = |Part { feature, label, value, effect_usd }| {
        let value = value.map(|value| match value {
            PartValue::Number(number) => ExplainedValue::Number(Number(number)),
            PartValue::Grade(grade) => ExplainedValue::Grade(grade),
            PartValue::PriceList(list) => ExplainedValue::PriceList(list),
        });
        ExplainedPart { feature, label, value, effect: Number(effect_usd) }
    };
    parts.into_iter().map(explained).collect()
}
