//! Reads rows to price from CSV or NDJSON; the first line shows which of them it is.

use std::io::Read;

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
    /// The fields by name; of a line that is no JSON object, its number. A CSV row with a problem may have fewer than its
    /// header.
    pub(super) fields: Map<String, Value>,
    /// Whether the fields are texts of CSV, in which numbers are written out too.
    pub(super) is_csv: bool,
    /// Why the fields cannot be trusted.
    problem: Option<String>,
}

/// Rows, one after the other.
pub(super) enum Rows<R> {
    Csv(Records<R>),
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
        check_header(records.names())?;
        Ok(Rows::Csv(records))
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
            Rows::Csv(records) => {
                let row = records.next()?.map_err(unreadable).map(|record| {
                    let names = records.names().iter().cloned();
                    Row {
                        line: record.line,
                        fields: names.zip(record.fields.iter().map(Value::from)).collect(),
                        is_csv: true,
                        problem: record.error.map(|error| error.to_string()),
                    }
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
        Ok(Ok(Value::Object(fields))) => Ok(fields),
        Ok(Ok(_)) => Err(String::from("the line is no JSON object")),
        Ok(Err(error)) => Err(format!("the line is no JSON: {error}")),
        Err(problem) => {
            Err(problem.of_field("line", &String::from_utf8_lossy(lines.bytes())).to_string())
        }
    };
    let line = lines.number();
    let (fields, problem) = match parsed {
        Ok(fields) => (fields, None),
        Err(problem) => (Map::from_iter([(String::from("line"), json!(line))]), Some(problem)),
    };
    Row { line, fields, is_csv: false, problem }
}

impl Row {
    /// The stone, or everything that is wrong with it. A dimension of 0 was not measured, as in every diamond
    /// CSV.
    pub(super) fn diamond(&self) -> Result<Diamond, Vec<String>> {
        if let Some(problem) = &self.problem {
            return Err(vec![problem.clone()]);
        }
        let mut input = DiamondInput::default();
        for (name, value) in &self.fields {
            if self.is_csv {
                input.set_text(name, value.as_str().unwrap_or_default());
            } else if let Some(slot) = input.value_mut(name) {
                *slot = field_value(value);
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
