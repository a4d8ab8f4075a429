//! The stones of the data set, to look up those that are most like one.

use inference::similar::{MAX_RESULTS, difference};
use inference::{Diamond, DiamondInput, FieldError, Sample, Samples};
use js_sys::{Array, Object};
use wasm_bindgen::prelude::*;

use crate::answer::{Fields, errors};
use crate::described::{Described, written};

/// The names of a sample's numbers, in their order.
const NUMBERS: [&str; 7] = ["carat", "depth", "table", "price", "x", "y", "z"];

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
    pub fn similar(&self, diamond: &JsValue, n: &JsValue) -> Result<Object, JsValue> {
        let (diamond, n) = (four_cs(diamond)?, count(n));
        let (diamond, n) = match (diamond, n) {
            (Ok(diamond), Ok(n)) => (diamond, n),
            (diamond, n) => {
                let mut refused = diamond.err().unwrap_or_default();
                refused.extend(n.err());
                return Ok(errors(&refused));
            }
        };
        let Diamond { carat, cut, color, clarity, .. } = diamond;
        let carat = carat.carats();
        let found = self.samples.similar((cut, color, clarity), carat, n);
        let answer = Object::new();
        answer.put_count("requested", n);
        answer.put_count("found", found.len());
        let diamonds = found.iter().map(|sample| {
            let object = described(sample);
            object.put("carat_difference", difference(sample.numbers[0], carat));
            object
        });
        answer.put("diamonds", diamonds.collect::<Array>());
        Ok(answer)
    }

    /// All of a diamond's cut, color and clarity, by carat: `{diamonds}` or `{errors}`.
    ///
    /// # Errors
    ///
    /// What a getter of the diamond itself throws.
    #[wasm_bindgen(js_name = ofKind)]
    pub fn of_kind(&self, diamond: &JsValue) -> Result<Object, JsValue> {
        Ok(match four_cs(diamond)? {
            Ok(Diamond { cut, color, clarity, .. }) => {
                let of_kind = self.samples.of_kind(cut, color, clarity);
                let answer = Object::new();
                answer.put("diamonds", of_kind.iter().map(described).collect::<Array>());
                answer
            }
            Err(refused) => errors(&refused),
        })
    }
}

/// The four Cs of a diamond; whatever else is said is passed over, as by the API.
fn four_cs(diamond: &JsValue) -> Result<Result<Diamond, Vec<FieldError>>, JsValue> {
    Ok(match Described::read(diamond)? {
        Ok(described) => {
            let DiamondInput { carat, cut, color, clarity, .. } = described.input();
            DiamondInput { carat, cut, color, clarity, ..DiamondInput::default() }.parse()
        }
        Err(error) => Err(vec![error]),
    })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a whole number from 1 to MAX_RESULTS"
)]
fn count(n: &JsValue) -> Result<usize, FieldError> {
    let whole = n.as_f64().filter(|n| n.fract() == 0.0 && (1.0..=MAX_RESULTS as f64).contains(n));
    whole.map(|n| n as usize).ok_or_else(|| FieldError {
        field: "n".into(),
        value: written(n),
        message: "must be a whole number in range".into(),
        allowed: format!("1 to {MAX_RESULTS}"),
    })
}

fn described(sample: &Sample) -> Object {
    let object = Object::new();
    #[expect(clippy::cast_precision_loss, reason = "memory ends long before 2^53")]
    object.put("id", sample.id as f64);
    let [carat, rest @ ..] = sample.numbers;
    object.put("carat", carat);
    object.put("cut", sample.cut.as_str());
    object.put("color", sample.color.as_str());
    object.put("clarity", sample.clarity.as_str());
    for (name, number) in NUMBERS[1..].iter().zip(rest) {
        object.put(name, number);
    }
    object
}
