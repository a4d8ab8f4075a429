//! A table of diamonds in text: its columns, and its rows with their prices.

use api::Prediction;
use js_sys::Array;
use serde::Serialize;
use table::{Columns, FOUR_CS, Header, Records};
use wasm_bindgen::prelude::*;

use crate::Model;
use crate::answer::{errors, to_js};

/// A table, read row by row.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Table {
    text: Vec<u8>,
    header: Header,
    columns: Columns,
    /// How many bytes and lines are before the next row.
    bytes: usize,
    lines: u64,
}

#[derive(Serialize)]
struct About<'a> {
    columns: &'a [String],
    ignored: Vec<Ignored<'a>>,
    sentence: Option<String>,
    rows: usize,
}

#[derive(Serialize)]
struct Ignored<'a> {
    name: &'a str,
    like: Option<&'static str>,
}

#[wasm_bindgen]
impl Table {
    /// Reads the header.
    ///
    /// # Errors
    ///
    /// An `Error` that says what the file is instead and what to do.
    #[wasm_bindgen(constructor)]
    pub fn new(text: Vec<u8>) -> Result<Table, JsError> {
        let header =
            Header::read(&text).map_err(|error| JsError::new(&format!("the file {error}")))?;
        let columns = Columns::of(&header.names, &FOUR_CS, &[]).map_err(|error| {
            JsError::new(&format!("the file is not a table of diamonds: {error}"))
        })?;
        let (bytes, lines) = (header.bytes, header.lines);
        Ok(Table { text, header, columns, bytes, lines })
    }

    /// `{columns, ignored: [{name, like}], sentence, rows}`; the sentence is about the ignored columns.
    #[must_use]
    pub fn about(&self) -> JsValue {
        let ignored = self.columns.ignored.iter();
        to_js(&About {
            columns: &self.header.names,
            ignored: ignored.map(|it| Ignored { name: &it.name, like: it.like }).collect(),
            sentence: self.columns.ignored_sentence(),
            rows: Records::below(&self.text, &self.header).count(),
        })
    }

    /// The next rows, each as `[line, cells, answer]`; the answer is what [`Model::predict`] answers.
    #[must_use]
    pub fn next(&mut self, model: &Model, count: usize) -> Array {
        let rows = Array::new();
        let mut records = Records::of_part(&self.text[self.bytes..], self.lines, &self.header);
        for record in records.by_ref().take(count) {
            let (record, diamond) = match record {
                Ok(record) => {
                    let diamond = self.columns.input(&record, self.header.separator).parse();
                    let diamond =
                        diamond.map_err(|refused| self.columns.as_written(&record, refused));
                    (record, diamond)
                }
                Err(broken) => (broken.0, Err(vec![broken.1])),
            };
            let answer = match diamond {
                Ok(diamond) => to_js(&Prediction::new(&model.predictor.estimate(&diamond), &[])),
                Err(refused) => errors(refused),
            };
            let cells: Array = record.fields.iter().map(|cell| JsValue::from_str(cell)).collect();
            #[expect(clippy::cast_precision_loss, reason = "far fewer lines than 2^53")]
            let line = JsValue::from_f64(record.line as f64);
            rows.push(&Array::of3(&line, &cells, &answer));
        }
        (self.bytes, self.lines) = (self.text.len() - records.remaining(), records.lines());
        rows
    }
}
