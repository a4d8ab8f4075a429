//! Writes priced rows as CSV or NDJSON: everything of the input, and the price next to it.

use std::io::{self, BufWriter, Write};

use inference::DiamondInput;
use serde_json::{Map, Value, json};

use super::rows::{Cells, Row, Rows};
use super::{Price, Priced};
use crate::cli::RowFormat;

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
}

impl<W: Write> Sheet<W> {
    /// A sheet of the format asked for, else of the input's.
    ///
    /// CSV out of JSON has the columns of a diamond CSV, because the header is written before the rows are
    /// known.
    ///
    /// # Errors
    ///
    /// What is wrong with the input's names, for people.
    pub(super) fn new<R: io::Read>(
        output: W,
        rows: &Rows<R>,
        format: Option<RowFormat>,
    ) -> Result<Sheet<W>, String> {
        let format = format.unwrap_or(match rows {
            Rows::Csv { .. } => RowFormat::Csv,
            Rows::Json { .. } => RowFormat::Ndjson,
        });
        if format == RowFormat::Ndjson {
            return Ok(Sheet::Json(BufWriter::new(output)));
        }
        let columns = rows.names().map_or_else(
            || {
                DiamondInput::FIELDS
                    .iter()
                    .chain(&["price"])
                    .map(|name| (*name).to_owned())
                    .collect()
            },
            <[String]>::to_vec,
        );
        let mut header: Vec<String> = columns.iter().map(|name| kept_name(name)).collect();
        if let Some(twice) = columns
            .iter()
            .find(|name| kept_name(name) != **name && columns.contains(&kept_name(name)))
        {
            return Err(format!("has both {twice} and {}; rename one", kept_name(twice)));
        }
        header.extend(ADDED.map(str::to_owned));
        let mut writer = Box::new(csv::Writer::from_writer(output));
        writer.write_record(&header).map_err(|error| error.to_string())?;
        Ok(Sheet::Csv { writer, columns })
    }

    /// Writes one row.
    ///
    /// # Errors
    ///
    /// The output's own.
    pub(super) fn write(&mut self, row: &Row, priced: &Priced) -> io::Result<()> {
        match self {
            Sheet::Json(output) => writeln!(output, "{}", object(row, priced)),
            Sheet::Csv { writer, columns } => {
                let mut cells: Vec<String> = columns
                    .iter()
                    .enumerate()
                    .map(|(at, name)| text(&row.cells, at, name))
                    .collect();
                match priced {
                    Ok(price) => {
                        let figure =
                            |value: Option<f64>| value.map_or_else(String::new, |v| v.to_string());
                        cells.extend(price.columns().map(|(_, value)| figure(value)));
                        cells.push(String::new());
                    }
                    Err(problem) => {
                        cells.extend(["", "", ""].map(str::to_owned));
                        cells.push(problem.clone());
                    }
                }
                writer.write_record(&cells).map_err(io::Error::from)
            }
        }
    }

    /// Writes what is still held back.
    ///
    /// # Errors
    ///
    /// The output's own.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        match self {
            Sheet::Json(output) => output.flush(),
            Sheet::Csv { writer, .. } => writer.flush(),
        }
    }
}

/// The name an input's column keeps next to the added columns.
fn kept_name(name: &str) -> String {
    if ADDED.contains(&name) { format!("{name}_actual") } else { name.to_owned() }
}

/// A cell as CSV carries it.
fn text(cells: &Cells, at: usize, name: &str) -> String {
    match cells {
        Cells::Csv { texts, .. } => texts.get(at).unwrap_or("").to_owned(),
        Cells::Json(fields) => match fields.get(name) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        },
        Cells::Broken => String::new(),
    }
}

/// A priced row as a JSON object.
pub(super) fn object(row: &Row, priced: &Priced) -> Value {
    let mut object: Map<String, Value> = match &row.cells {
        Cells::Csv { names, texts } => names
            .iter()
            .zip(texts)
            .map(|(name, text)| (kept_name(name), value(name, text)))
            .collect(),
        Cells::Json(fields) => {
            fields.iter().map(|(name, value)| (kept_name(name), value.clone())).collect()
        }
        Cells::Broken => Map::from_iter([(String::from("line"), json!(row.line))]),
    };
    match priced {
        Ok(price) => object.extend(Price::to_json(price)),
        Err(problem) => {
            object.insert(String::from("error"), json!(problem));
        }
    }
    Value::Object(object)
}

/// A CSV cell as JSON carries it: numbers where the column holds numbers, `null` where there is nothing.
fn value(name: &str, text: &str) -> Value {
    let is_measure =
        name == "price" || (DiamondInput::FIELDS.contains(&name) && DiamondInput::is_number(name));
    match text.trim() {
        "" => Value::Null,
        number if is_measure => number.parse::<f64>().map_or_else(|_| json!(text), |n| json!(n)),
        _ => json!(text),
    }
}
