//! Diamond pricing in the browser: the wasm half of the npm package.
//!
//! Everything crosses the border as plain JavaScript objects of the shapes that the HTTP API has. Nothing is
//! thrown for a bad diamond: the answer is then `{errors: […]}`, and the TypeScript half makes it a `LoupeError`.

#![forbid(unsafe_code)]

mod answer;

mod described;

mod sample_index;

use inference::{Diamond, ModelId, Predictor};
use js_sys::{Array, Object};
use wasm_bindgen::prelude::*;

use crate::answer::{Fields, errors, explained, priced};
use crate::described::Described;

/// A decoded model, ready to price stones.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Model {
    predictor: Predictor,
    id: ModelId,
    bytes: usize,
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

    /// Prices one diamond: `{price, currency, range, warnings}` or `{errors}`.
    ///
    /// # Errors
    ///
    /// What a getter of the diamond itself throws.
    pub fn predict(&self, diamond: &JsValue) -> Result<Object, JsValue> {
        answer_to(diamond, |diamond, described| {
            priced(&self.predictor.estimate(diamond), described.unknown_fields())
        })
    }

    /// The bare price of one diamond in dollars, not rounded: the number that `trainer predict` prints; or `{errors}`.
    ///
    /// # Errors
    ///
    /// What a getter of the diamond itself throws.
    pub fn price(&self, diamond: &JsValue) -> Result<JsValue, JsValue> {
        Ok(match Described::read(diamond)? {
            Err(error) => errors(&[error]).into(),
            Ok(described) => match described.input().parse() {
                Ok(diamond) => self.predictor.price_usd(&diamond).into(),
                Err(refused) => errors(&refused).into(),
            },
        })
    }

    /// Prices many diamonds, in order, each as [`Model::predict`] does.
    ///
    /// # Errors
    ///
    /// What a getter of a diamond throws.
    #[wasm_bindgen(js_name = predictBatch)]
    pub fn predict_batch(&self, diamonds: &Array) -> Result<Array, JsValue> {
        diamonds.iter().map(|diamond| self.predict(&diamond).map(JsValue::from)).collect()
    }

    /// Explains the price of one diamond: `{explanation}`, which is null where the model has no price for it, or
    /// `{errors}`.
    ///
    /// # Errors
    ///
    /// What a getter of the diamond itself throws.
    pub fn explain(&self, diamond: &JsValue) -> Result<Object, JsValue> {
        answer_to(diamond, |diamond, _| {
            let explanation = self.predictor.explain(diamond).map(explained);
            let answer = Object::new();
            answer.put("explanation", explanation.map_or(JsValue::NULL, JsValue::from));
            answer
        })
    }

    /// What the model says of itself: `{id, family, bytes, nodes, features, holdout}`.
    #[must_use]
    pub fn about(&self) -> Object {
        let header = self.predictor.header();
        let about = Object::new();
        about.put("id", self.id.as_str());
        about.put("family", header.family.as_str());
        about.put_count("bytes", self.bytes);
        about.put_count("nodes", self.predictor.nodes());
        about.put("features", header.features.iter().map(JsValue::from).collect::<Array>());
        let holdout = header.scores.holdout.map(|metrics| {
            let object = Object::new();
            object.put("mae", metrics.mae);
            object.put("rmse", metrics.rmse);
            object.put("r2", metrics.r2);
            object.put("mape", metrics.mape);
            object.put("within_10_percent", metrics.within_10_percent);
            object.put_count("n", usize::try_from(metrics.n).unwrap_or(usize::MAX));
            object
        });
        about.put("holdout", holdout.map_or(JsValue::NULL, JsValue::from));
        about
    }
}

/// What is said of a diamond, or everything that is wrong with it.
fn answer_to(
    diamond: &JsValue,
    answer: impl FnOnce(&Diamond, &Described) -> Object,
) -> Result<Object, JsValue> {
    let described = match Described::read(diamond)? {
        Ok(described) => described,
        Err(error) => return Ok(errors(&[error])),
    };
    Ok(match described.input().parse() {
        Ok(diamond) => answer(&diamond, &described),
        Err(refused) => errors(&refused),
    })
}
