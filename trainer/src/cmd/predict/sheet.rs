//! Writes priced rows as CSV or NDJSON: everything of the input, and the price next to it.

use std::io::{self, BufWriter, ErrorKind, Write};

use anyhow::Result;
use inference::DiamondInput;
use serde_json::{Map, Value, json};

use super::Priced;
use super::rows::{Row, Rows};
use crate::cli::RowFormat;
use crate::cmd::Context;
use crate::cmd::model::Blob;

/// The columns that are added. One of the input's own that is called the same is kept as `…_actual`.
const ADDED: [&str; 4] = ["price", "low", "high", "error"];

/// Where priced rows go.
pub(super) enum Sheet<W: Write> {
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
    /// A sheet of the format asked for, else of the input's.
    ///
    /// CSV out of JSON has the columns of a diamond CSV, because the header is written before the rows are
    /// known.
    pub(super) fn new<R: io::Read>(
        output: W,
        rows: &Rows<R>,
        format: Option<RowFormat>,
    ) -> Result<Sheet<W>, String> {
        let format = format.unwrap_or(match rows {
            Rows::Csv(_) => RowFormat::Csv,
            Rows::Json(_) => RowFormat::Ndjson,
        });
        if format == RowFormat::Ndjson {
            return Ok(Sheet::Json(BufWriter::new(output)));
        }
        let columns: Vec<String> = match rows {
            Rows::Csv(records) => records.names().to_vec(),
            Rows::Json(_) => {
                DiamondInput::FIELDS.into_iter().chain(["price"]).map(str::to_owned).collect()
            }
        };
        let mut header = Vec::with_capacity(columns.len() + ADDED.len());
        for name in &columns {
            let kept = kept_name(name);
            if kept != *name && columns.contains(&kept) {
                return Err(format!("has both {name} and {kept}; rename one"));
            }
            header.push(kept);
        }
        header.extend(ADDED.map(str::to_owned));
        let mut writer = Box::new(csv::Writer::from_writer(output));
        writer.write_record(&header).map_err(|error| error.to_string())?;
        Ok(Sheet::Csv { writer, columns })
    }

    pub(super) fn write(&mut self, row: &Row, priced: &Priced) -> io::Result<()> {
        match self {
            Sheet::Document(predictions) => predictions.push(object(row, priced)),
            Sheet::Json(output) => writeln!(output, "{}", object(row, priced))?,
            Sheet::Csv { writer, columns } => {
                let (figures, problem) = match priced {
                    Ok(figures) => (*figures, ""),
                    Err(problem) => ([None; 3], problem.as_str()),
                };
                let cells = columns.iter().map(|name| text(row.fields.get(name)));
                let figures =
                    figures.map(|usd| usd.map_or_else(String::new, |usd| usd.to_string()));
                writer.write_record(cells.chain(figures).chain([problem.to_owned()]))?;
            }
        }
        Ok(())
    }

    /// Writes what is still held back.
    pub(super) fn finish(self, context: &Context, blob: &Blob, failed: usize) -> Result<()> {
        let written = match self {
            Sheet::Document(predictions) => {
                let document = json!({
                    "model": blob.to_json(),
                    "read": predictions.len(),
                    "failed": failed,
                    "predictions": predictions,
                });
                return context.print(&document, String::new);
            }
            Sheet::Json(mut output) => output.flush(),
            Sheet::Csv { mut writer, .. } => writer.flush(),
        };
        match written {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            result => Ok(result?),
        }
    }
}

/// The name an input's column keeps next to the added columns.
fn kept_name(name: &str) -> String {
    if ADDED.contains(&name) { format!("{name}_actual") } else { name.to_owned() }
}

/// A cell as CSV carries it.
fn text(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// A priced row as a JSON object.
fn object(row: &Row, priced: &Priced) -> Value {
    let field = |(name, value): (&String, &Value)| match value {
        Value::String(text) if row.is_csv => (kept_name(name), json_value(name, text)),
        value => (kept_name(name), value.clone()),
    };
    let mut object: Map<String, Value> = row.fields.iter().map(field).collect();
    match priced {
        Ok(figures) => {
            let figures = figures.iter().map(|usd| json!(usd));
            object.extend(ADDED.map(str::to_owned).into_iter().zip(figures));
        }
        Err(problem) => {
            object.insert(String::from("error"), json!(problem));
        }
    }
    Value::Object(object)
}

/// A CSV cell as JSON carries it: numbers where the column holds numbers, `null` where there is nothing.
fn json_value(name: &str, text: &str) -> Value {
    let is_measure =
        name == "price" || (DiamondInput::FIELDS.contains(&name) && DiamondInput::is_number(name));
    match text.trim() {
        "" => Value::Null,
        number if is_measure => number.parse::<f64>().map_or_else(|_| json!(text), |n| json!(n)),
        _ => json!(text),
    }
}
