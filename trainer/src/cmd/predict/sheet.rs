//! Writes priced rows as CSV or NDJSON: everything of the input, and the price next to it.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::{self, BufWriter, ErrorKind, Write};

use anyhow::Result;
use inference::{DiamondInput, ListEstimate, Predictor};
use serde_json::{Map, Value, json};

use super::rows::{Cells, Row};
use super::{Price, Priced};
use crate::cli::RowFormat;
use crate::cmd::model::Blob;
use crate::cmd::{Context, io_error};

/// The columns that are added, the figures first. One of the input's own that is called the same is kept as `…_actual`.
#[derive(Clone, Copy)]
pub(super) struct Added(&'static [&'static str]);

impl Added {
    /// The columns for a model: `price_lists` only for one that knows any.
    pub(super) fn of(predictor: &Predictor) -> Added {
        let mut added: &[&str] = &["price", "low", "high", "warnings", "error", PRICE_LISTS];
        if predictor.price_lists().is_empty() {
            added = &added[..added.len() - 1];
        }
        Added(added)
    }

    fn has(self, name: &str) -> bool {
        self.0.contains(&name)
    }

    /// The name an input's column keeps next to the added columns.
    fn kept_name(self, name: &str) -> String {
        if self.has(name) { format!("{name}_actual") } else { name.to_owned() }
    }
}

/// The column of the prices by each list.
const PRICE_LISTS: &str = "price_lists";

/// Where priced rows go, with the columns that are added.
pub(super) struct Sheet<W: Write> {
    added: Added,
    form: SheetForm<W>,
}

enum SheetForm<W: Write> {
    /// `columns` are the input's, before they are renamed.
    Csv {
        writer: Box<csv::Writer<W>>,
        columns: Vec<String>,
    },
    Json(BufWriter<W>),
    /// All rows in one document.
    Document(Vec<Value>),
}

impl<W: Write> Sheet<W> {
    /// All rows in one document.
    pub(super) fn document(added: Added) -> Sheet<W> {
        Sheet { added, form: SheetForm::Document(Vec::new()) }
    }

    /// A sheet of the format asked for, else of the input's.
    ///
    /// CSV out of JSON has the columns of a diamond CSV, because the header is written before the rows are
    /// known.
    pub(super) fn new(
        output: W,
        names: Option<&[String]>,
        format: Option<RowFormat>,
        added: Added,
    ) -> Result<Sheet<W>, String> {
        let is_table = names.is_some();
        let format = format.unwrap_or(if is_table { RowFormat::Csv } else { RowFormat::Ndjson });
        if format == RowFormat::Ndjson {
            return Ok(Sheet { added, form: SheetForm::Json(BufWriter::new(output)) });
        }
        let columns: Vec<String> = match names {
            Some(names) => names.to_vec(),
            None => DiamondInput::FIELDS.into_iter().chain(["price"]).map(str::to_owned).collect(),
        };
        let mut header = Vec::with_capacity(columns.len() + added.0.len());
        for name in &columns {
            let kept = added.kept_name(name);
            if kept != *name && columns.contains(&kept) {
                return Err(format!("has both {name} and {kept}; rename one"));
            }
            header.push(kept);
        }
        header.extend(added.0.iter().copied().map(str::to_owned));
        let mut writer = Box::new(csv::Writer::from_writer(output));
        writer.write_record(&header).map_err(|error| error.to_string())?;
        Ok(Sheet { added, form: SheetForm::Csv { writer, columns } })
    }

    pub(super) fn write(&mut self, row: &Row<'_>, priced: &Priced) -> io::Result<()> {
        let added = self.added;
        match &mut self.form {
            SheetForm::Document(predictions) => predictions.push(object(row, priced, added)),
            SheetForm::Json(output) => writeln!(output, "{}", object(row, priced, added))?,
            SheetForm::Csv { writer, columns } => {
                write_csv(writer, columns, row, priced, added).map_err(io_error)?;
            }
        }
        Ok(())
    }

    /// Writes what is still held back.
    pub(super) fn finish(
        self,
        context: &Context,
        blob: &Blob,
        failed: usize,
        ignored: &BTreeSet<String>,
    ) -> Result<()> {
        let written = match self.form {
            SheetForm::Document(predictions) => {
                let document = json!({
                    "model": blob.to_json(),
                    "read": predictions.len(),
                    "failed": failed,
                    "ignored": ignored,
                    "predictions": predictions,
                });
                return context.print(&document, String::new);
            }
            SheetForm::Json(mut output) => output.flush(),
            SheetForm::Csv { mut writer, .. } => writer.flush(),
        };
        match written {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            result => Ok(result?),
        }
    }
}

fn write_csv<W: Write>(
    writer: &mut csv::Writer<W>,
    columns: &[String],
    row: &Row<'_>,
    priced: &Priced,
    added: Added,
) -> csv::Result<()> {
    for (place, name) in columns.iter().enumerate() {
        match &row.cells {
            Cells::Table(_, fields) => {
                writer.write_field(fields.get(place).map_or("", AsRef::as_ref))?;
            }
            Cells::Json(members) => writer.write_field(text(members.get(name)))?,
            Cells::NoObject => writer.write_field("")?,
        }
    }
    let figures = priced.as_ref().map_or([None; 3], |price| price.figures);
    for usd in figures {
        writer.write_field(usd.map_or_else(String::new, |usd| usd.to_string()))?;
    }
    writer.write_field(priced.as_ref().map_or_else(|_| String::new(), warnings))?;
    writer.write_field(priced.as_ref().err().map_or("", String::as_str))?;
    if added.has(PRICE_LISTS) {
        writer.write_field(priced.as_ref().map_or_else(|_| String::new(), price_lists))?;
    }
    writer.write_record(None::<&[u8]>)
}

/// A cell as CSV carries it.
fn text(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// The warnings of a price as one text.
fn warnings(price: &Price) -> String {
    let messages: Vec<&str> = price.warnings.iter().map(|it| it.message.as_str()).collect();
    messages.join("; ")
}

/// The prices by each list as one text, in cents: `A=2900.12; B=3100.00`.
fn price_lists(price: &Price) -> String {
    let written =
        |ListEstimate { list, price_usd, .. }: &ListEstimate| format!("{list}={price_usd:.2}");
    price.price_lists.iter().map(written).collect::<Vec<_>>().join("; ")
}

/// A priced row as a JSON object.
fn object(row: &Row<'_>, priced: &Priced, added: Added) -> Value {
    let mut object: Map<String, Value> = match &row.cells {
        Cells::Table(names, fields) => {
            let field =
                |(name, text): (&String, &Cow<'_, str>)| (added.kept_name(name), cell(name, text));
            names.iter().zip(fields).map(field).collect()
        }
        Cells::Json(members) => {
            members.iter().map(|(name, value)| (added.kept_name(name), value.clone())).collect()
        }
        Cells::NoObject => Map::from_iter([(String::from("line"), json!(row.line))]),
    };
    match priced {
        Ok(price) => {
            let figures = price.figures.map(|usd| json!(usd));
            object.extend(added.0.iter().copied().map(str::to_owned).zip(figures));
            object.insert(String::from("warnings"), json!(price.warnings));
            if !price.price_lists.is_empty() {
                let lists = price.price_lists.iter().map(by_list).collect();
                object.insert(String::from(PRICE_LISTS), lists);
            }
        }
        Err(problem) => {
            object.insert(String::from("error"), json!(problem));
        }
    }
    Value::Object(object)
}

/// A price by one list; `low` and `high` are `null` for a model without ranges.
fn by_list(ListEstimate { list, price_usd, range }: &ListEstimate) -> Value {
    let (low, high) = (range.map(|range| range.low_usd), range.map(|range| range.high_usd));
    json!({ "name": list, "price": price_usd, "low": low, "high": high })
}

/// A field of a table as JSON: a number where the column holds numbers and the text is one, `null` where there is nothing.
fn cell(name: &str, text: &str) -> Value {
    let name = name.to_ascii_lowercase();
    let is_number = name == "price"
        || (DiamondInput::FIELDS.contains(&name.as_str()) && DiamondInput::is_number(&name));
    match text.trim() {
        "" => Value::Null,
        number if is_number => number.parse::<f64>().map_or_else(|_| json!(text), |n| json!(n)),
        _ => json!(text),
    }
}
