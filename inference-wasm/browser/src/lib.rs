//! Diamond pricing in the browser: the wasm half of the npm package.
//!
//! Everything crosses the border as plain JavaScript objects of the shapes that the HTTP API has. Nothing is
//! thrown for a bad diamond: the answer is then `{errors: […]}`, and the TypeScript half makes it a `LoupeError`.

#![forbid(unsafe_code)]

mod answer;
mod described;
mod sample_index;

use api::prediction::{ExplainedPart, explanation};
use api::{FieldSet, Prediction};
use inference::{Metrics, ModelId, Predictor, PriceList, PricesIn};
use js_sys::Array;
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::answer::{errors, to_js};
use crate::described::{Described, read};

/// A decoded model, ready to price stones.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Model {
    predictor: Predictor,
    id: ModelId,
    bytes: usize,
}

#[derive(Serialize)]
struct Explained {
    explanation: Option<Vec<ExplainedPart>>,
}

#[derive(Serialize)]
struct About<'a> {
    id: &'a str,
    family: &'a str,
    bytes: usize,
    nodes: usize,
    features: &'a [String],
    prices_in: Option<PricesIn>,
    price_lists: Vec<PriceList>,
    holdout: Option<Holdout>,
}

#[derive(Serialize)]
struct Holdout {
    mae: f64,
    rmse: f64,
    r2: f64,
    mape: f64,
    within_10_percent: f64,
    n: u64,
}

#[wasm_bindgen]
impl Model {
    /// Decodes a blob.
    ///
    /// # Errors
    ///
    /// An `Error` that says what is wrong with the blob and what to do.
    #[wasm_bindgen(constructor)]
    pub fn new(blob: &[u8]) -> Result<Model, JsError> {
        let predictor = Predictor::from_blob(blob)?;
        Ok(Model { predictor, id: ModelId::of(blob), bytes: blob.len() })
    }

    /// Prices one diamond: `{price, currency, price_year?, range, price_lists?, warnings}` or `{errors}`.
    ///
    /// # Errors
    ///
    /// What a getter of the diamond itself throws.
    pub fn predict(&self, diamond: &JsValue) -> Result<JsValue, JsValue> {
        Ok(self.read(diamond)?.map_or_else(errors, |parsed| {
            let estimate = self.predictor.estimate(&parsed.diamond);
            let prices_in = self.predictor.header().prices_in;
            to_js(&Prediction::new(&estimate, prices_in, &parsed.unknown_fields))
        }))
    }

    /// The bare price of one diamond, not rounded: the number that `trainer predict` prints; or `{errors}`.
    ///
    /// # Errors
    ///
    /// What a getter of the diamond itself throws.
    pub fn price(&self, diamond: &JsValue) -> Result<JsValue, JsValue> {
        let parsed = self.read(diamond)?;
        Ok(parsed.map_or_else(errors, |parsed| self.predictor.price_usd(&parsed.diamond).into()))
    }

    /// Prices many diamonds, in order, each as [`Model::predict`] does.
    ///
    /// # Errors
    ///
    /// What a getter of a diamond throws.
    #[wasm_bindgen(js_name = predictBatch)]
    pub fn predict_batch(&self, diamonds: &Array) -> Result<Array, JsValue> {
        diamonds.iter().map(|diamond| self.predict(&diamond)).collect()
    }

    /// Explains the price of one diamond: `{explanation}`, which is null where the model has no price for it, or
    /// `{errors}`.
    ///
    /// # Errors
    ///
    /// What a getter of the diamond itself throws.
    pub fn explain(&self, diamond: &JsValue) -> Result<JsValue, JsValue> {
        Ok(self.read(diamond)?.map_or_else(errors, |parsed| {
            let explanation = self.predictor.explain(&parsed.diamond).map(explanation);
            to_js(&Explained { explanation })
        }))
    }

    /// What the model says of itself: `{id, family, bytes, nodes, features, prices_in, price_lists, holdout}`.
    #[must_use]
    pub fn about(&self) -> JsValue {
        let header = self.predictor.header();
        let holdout = |metrics: Metrics| {
            let Metrics { mae, rmse, r2, mape, within_10_percent, n } = metrics;
            Holdout { mae, rmse, r2, mape, within_10_percent, n }
        };
        to_js(&About {
            id: self.id.as_str(),
            family: &header.family,
            bytes: self.bytes,
            nodes: self.predictor.nodes(),
            features: &header.features,
            prices_in: header.prices_in,
            price_lists: self.predictor.price_lists().iter().collect(),
            holdout: header.scores.holdout.map(holdout),
        })
    }
}

impl Model {
    /// Parses a diamond for this model.
    fn read(&self, diamond: &JsValue) -> Result<Described, JsValue> {
        read(diamond, FieldSet::All, self.predictor.price_lists())
    }
}
