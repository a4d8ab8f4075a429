//! The stones of the data set, to look up those that are most like one.

use api::field_errors::field_error;
use api::{FieldErrors, FieldSet, Listing, Number, Similar, Stone};
use inference::similar::MAX_RESULTS;
use inference::{Diamond, FieldError, PriceList, PriceLists, Sample, Samples};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::answer::{errors, to_js};
use crate::described::{read, written};

/// Decoded samples.
#[wasm_bindgen]
#[derive(Debug)]
pub struct SampleIndex {
    samples: Samples,
}

#[wasm_bindgen]
impl SampleIndex {
    /// Decodes samples.
    ///
    /// # Errors
    ///
    /// An `Error` that says what is wrong with the bytes and what to do.
    #[wasm_bindgen(constructor)]
    pub fn new(bytes: &[u8]) -> Result<SampleIndex, JsError> {
        Ok(SampleIndex { samples: Samples::from_bytes(bytes)? })
    }

    /// How many there are.
    #[must_use]
    #[wasm_bindgen(getter)]
    pub fn length(&self) -> usize {
        self.samples.len()
    }

    /// The n most like a diamond: `{requested, found, diamonds}` or `{errors}`.
    ///
    /// # Errors
    ///
    /// What a getter of the diamond itself throws.
    pub fn similar(&self, diamond: &JsValue, n: &JsValue) -> Result<JsValue, JsValue> {
        let mut wrong = FieldErrors::default();
        let parsed = wrong.take(read(diamond, FieldSet::FourCs, &PriceLists::NONE)?);
        let n = wrong.take_one(count(n));
        Ok(wrong.finish(parsed.zip(n)).map_or_else(errors, |(parsed, n)| {
            let Diamond { carat, cut, color, clarity, .. } = parsed.diamond;
            let carat = carat.carats();
            let found = self.samples.similar((cut, color, clarity), carat, n);
            let stone =
                |sample| Stone { also_listed: self.also_listed(sample), ..self.stone(sample) };
            to_js(&Similar::new(n, carat, found.iter().map(stone).collect()))
        }))
    }

    /// All of a diamond's cut, color and clarity, by carat: `{diamonds}` or `{errors}`.
    ///
    /// # Errors
    ///
    /// What a getter of the diamond itself throws.
    #[wasm_bindgen(js_name = ofKind)]
    pub fn of_kind(&self, diamond: &JsValue) -> Result<JsValue, JsValue> {
        Ok(read(diamond, FieldSet::FourCs, &PriceLists::NONE)?.map_or_else(errors, |parsed| {
            let Diamond { cut, color, clarity, .. } = parsed.diamond;
            let samples = self.samples.of_kind(cut, color, clarity).iter();
            to_js(&OfKind { diamonds: samples.map(|sample| self.stone(sample)).collect() })
        }))
    }
}

#[derive(Serialize)]
struct OfKind {
    diamonds: Vec<Stone>,
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a whole number from 1 to MAX_RESULTS"
)]
fn count(n: &JsValue) -> Result<usize, FieldError> {
    let whole = n.as_f64().filter(|n| n.fract() == 0.0 && (1.0..=MAX_RESULTS as f64).contains(n));
    whole.map(|n| n as usize).ok_or_else(|| {
        let allowed = format!("1 to {MAX_RESULTS}");
        field_error("n", written(n), "must be a whole number in range", allowed)
    })
}

impl SampleIndex {
    fn stone(&self, sample: &Sample) -> Stone {
        let [carat, depth, table, price, x, y, z] = sample.numbers.map(Number);
        Stone {
            id: sample.id,
            carat,
            cut: sample.cut.as_str(),
            color: sample.color.as_str(),
            clarity: sample.clarity.as_str(),
            depth,
            table,
            price,
            x,
            y,
            z,
            carat_difference: None,
            price_list: self.price_list(sample),
            also_listed: Vec::new(),
        }
    }

    fn price_list(&self, sample: &Sample) -> Option<PriceList> {
        sample.price_list.and_then(|code| self.samples.price_lists().get(code))
    }

    fn also_listed(&self, sample: &Sample) -> Vec<Listing> {
        let listing = |other: &Sample| {
            let [_, _, _, price, ..] = other.numbers.map(Number);
            let (price_list, cut) = (self.price_list(other), other.cut.as_str());
            Listing { id: other.id, price_list, cut, price }
        };
        self.samples.also_listed(sample).iter().map(listing).collect()
    }
}
