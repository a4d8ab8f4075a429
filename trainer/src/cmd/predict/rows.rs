//! Reads rows to price from CSV or NDJSON; the first line shows which of them it is.

use std::io::Read;
use std::rc::Rc;

use api::object::field_value;
use inference::{Diamond, DiamondInput, FieldValue};
use serde_json::{Map, Value, json};

use data::delivery::lines::{Lines, shown};
use data::delivery::records::{HeaderError, Records};

/// The columns no stone can be priced without.
const REQUIRED: [&str; 4] = ["carat", "cut", "color", "clarity"];

/// One row, as it came.
pub(super) struct Row {
    /// The line it stands on.
    pub(super) line: u64,
    pub(super) cells: Cells,
    /// Why its cells cannot be trusted.
    problem: Option<String>,
}

/// What a row says.
pub(super) enum Cells {
    /// Texts under the header's names; a row with a problem may be shorter or longer than its header.
    Csv { names: Rc<Vec<String>>, texts: csv::StringRecord },
    /// An object; of a line that is none, its number.
    Json(Map<String, Value>),
}

/// Rows, one after the other.
pub(super) enum Rows<R> {
    Csv { names: Rc<Vec<String>>, records: Records<R> },
    Json(Lines<R>),
}

impl<R: Read> Rows<R> {
    /// Looks at the first line and, for CSV, reads it as the header. An input is refused that is empty, or whose header is
    /// without the four Cs.
    pub(super) fn open(source: R) -> Result<Rows<R>, String> {
        let mut lines = Lines::of(source);
        if lines.advance().map_err(unreadable)? {
            lines.hold();
        }
        if lines.bytes().trim_ascii_start().starts_with(b"{") {
            return Ok(Rows::Json(lines));
        }
        let records = Records::open(lines).map_err(|error| match error {
            HeaderError::Unreadable(error) => unreadable(error),
            HeaderError::Empty => {
                String::from("is empty; wanted CSV with a header, or a JSON object a line")
            }
            HeaderError::Broken(error) => error.to_string(),
        })?;
        let names = records.names().to_vec();
        check_header(&names)?;
        Ok(Rows::Csv { names: Rc::new(names), records })
    }
}

fn unreadable(error: std::io::Error) -> String {
    format!("cannot be read: {error}")
}

fn check_header(names: &[String]) -> Result<(), String> {
    let missing: Vec<&str> =
        REQUIRED.into_iter().filter(|name| !names.iter().any(|found| found == name)).collect();
    if !missing.is_empty() {
        return Err(format!(
            "has no column {}; found the header {:?}; wanted at least {}, separated by commas",
            missing.join(", "),
            shown(&names.join(",")),
            REQUIRED.join(",")
        ));
    }
    match names.iter().enumerate().find(|(at, name)| names[..*at].contains(name)) {
        Some((_, name)) => Err(format!("has the column {name:?} twice")),
        None => Ok(()),
    }
}

impl<R: Read> Iterator for Rows<R> {
    type Item = Result<Row, String>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Rows::Csv { names, records } => {
                let row = records.next()?.map_err(unreadable).map(|record| Row {
                    line: record.line,
                    cells: Cells::Csv { names: names.clone(), texts: record.fields },
                    problem: record.error.map(|error| error.to_string()),
                });
                Some(row)
            }
            Rows::Json(lines) => match lines.advance() {
                Ok(true) => Some(Ok(json_row(lines))),
                Ok(false) => None,
                Err(error) => Some(Err(unreadable(error))),
            },
        }
    }
}

fn json_row<R: Read>(lines: &Lines<R>) -> Row {
    let parsed = match lines.text().map(serde_json::from_str) {
        Ok(Ok(Value::Object(fields))) => Ok(Cells::Json(fields)),
        Ok(Ok(_)) => Err(String::from("the line is no JSON object")),
        Ok(Err(error)) => Err(format!("the line is no JSON: {error}")),
        Err(problem) => {
            Err(problem.of_field("line", &String::from_utf8_lossy(lines.bytes())).to_string())
        }
    };
    let line = lines.number();
    match parsed {
        Ok(cells) => Row { line, cells, problem: None },
        Err(problem) => {
            let cells = Cells::Json(Map::from_iter([(String::from("line"), json!(line))]));
            Row { line, cells, problem: Some(problem) }
        }
    }
}

impl Row {
    /// The stone, or everything that is wrong with it. A dimension of 0 was not measured, as in every diamond
    /// CSV.
    pub(super) fn diamond(&self) -> Result<Diamond, Vec<String>> {
        if let Some(problem) = &self.problem {
            return Err(vec![problem.clone()]);
        }
        let mut input = DiamondInput::default();
        match &self.cells {
            Cells::Csv { names, texts } => {
                for (name, text) in names.iter().zip(texts) {
                    input.set_text(name, text);
                }
            }
            Cells::Json(fields) => {
                for (name, value) in fields {
                    if let Some(slot) = input.value_mut(name) {
                        *slot = field_value(value);
                    }
                }
            }
        }
        for dimension in [&mut input.x, &mut input.y, &mut input.z] {
            if *dimension == FieldValue::Number(0.0) {
                *dimension = FieldValue::Absent;
            }
        }
        input.parse().map_err(|errors| {
            let described = errors.into_iter().map(|mut error| {
                error.value = shown(&error.value);
                error.to_string()
            });
            described.collect()
        })
    }
}
