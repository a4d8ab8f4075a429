//! Reads tables of diamonds in the browser, by the rules of the trainer and the service: the second wasm of the npm package.
//!
//! A page that prices one stone does not load it.

#![forbid(unsafe_code)]

mod row;

use api::ErrorItem;
use api::table::column_errors;
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use table::{Columns, FOUR_CS, Header, Records, Rename};
use wasm_bindgen::prelude::*;

use crate::row::Row;

/// A table whose header was read, and the place of its next row.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Table {
    text: Vec<u8>,
    header: Header,
    columns: Columns,
    /// How many bytes and lines were read.
    bytes: usize,
    lines: u64,
}

#[derive(Serialize)]
struct About<'a> {
    columns: &'a [String],
    ignored: Vec<IgnoredColumn<'a>>,
    ignored_sentence: Option<String>,
    separator: char,
}

#[derive(Serialize)]
struct IgnoredColumn<'a> {
    name: &'a str,
    like: Option<&'static str>,
}

#[derive(Serialize)]
struct Errors {
    errors: Vec<ErrorItem>,
}

#[wasm_bindgen]
impl Table {
    /// Reads the header of a file. Renames are written `Their name=ours`, one a line: no name has a line end.
    ///
    /// # Errors
    ///
    /// An `Error` for a file that is not a table in text and for a rename to a column that no diamond has; `{errors}` for a
    /// header without the four Cs, with a column twice, or without a column that is renamed.
    #[wasm_bindgen(constructor)]
    pub fn new(text: Vec<u8>, renames: &str) -> Result<Table, JsValue> {
        let header = Header::read(&text).map_err(|error| refused(&format!("the file {error}")))?;
        let parse = |text| Rename::parse(text).map_err(|why| refused(&format!("{text:?}: {why}")));
        let renames = renames.lines().map(parse).collect::<Result<Vec<_>, _>>()?;
        let columns = Columns::of(&header.names, &FOUR_CS, &renames).map_err(|error| {
            let errors = column_errors(error).into_iter().map(ErrorItem::from).collect();
            to_js(&Errors { errors })
        })?;
        let (bytes, lines) = (header.bytes, header.lines);
        Ok(Table { text, header, columns, bytes, lines })
    }

    /// What the header says: `{columns, ignored, ignored_sentence, separator}`.
    #[must_use]
    pub fn about(&self) -> JsValue {
        let columns = self.columns.ignored.iter();
        let described = columns.map(|it| IgnoredColumn { name: &it.name, like: it.like });
        to_js(&About {
            columns: &self.header.names,
            ignored: described.collect(),
            ignored_sentence: self.columns.ignored_sentence(),
            separator: char::from(self.header.separator),
        })
    }

    /// The next rows, at most `count`; none at the end. Each is `{line, cells, diamond}` or `{line, cells, errors}`.
    #[must_use]
    pub fn next(&mut self, count: usize) -> JsValue {
        let mut records = Records::of_part(&self.text[self.bytes..], self.lines, &self.header);
        let read = records.by_ref().take(count);
        let rows = read.map(|record| Row::of(record, &self.columns, self.header.separator));
        let rows = to_js(&rows.collect::<Vec<_>>());
        (self.bytes, self.lines) = (self.text.len() - records.remaining(), records.lines());
        rows
    }
}

fn refused(message: &str) -> JsValue {
    JsError::new(message).into()
}

/// A value as a JavaScript object.
fn to_js(value: &impl Serialize) -> JsValue {
    // Only whole numbers beyond 2^53 are refused, and no file has as many lines.
    value.serialize(&Serializer::new().serialize_missing_as_null(true)).unwrap_or(JsValue::NULL)
}
