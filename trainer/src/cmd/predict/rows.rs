//! Turns a record of a table or a line of JSON into a row to price.

use std::borrow::Cow;
use std::io::{self, Read};

use api::field_errors::shorten;
use api::object::field_value;
use inference::{Diamond, DiamondInput, FieldError, FieldValue, PriceLists};
use serde_json::{Map, Value};

use data::delivery::lines::Lines;
use data::delivery::{Columns, Header, RecordResult};

/// One row, as it came.
pub(super) struct Row<'a> {
    /// The line where it begins.
    pub(super) line: u64,
    pub(super) cells: Cells<'a>,
    /// The stone, or everything that is wrong with it. A dimension of 0 was not measured, as in every table of diamonds.
    pub(super) diamond: Result<Diamond, Vec<String>>,
}

/// What stands in a row.
pub(super) enum Cells<'a> {
    /// The names of the header, and the fields as written; of a row with an error there may be fewer.
    Table(&'a [String], Vec<Cow<'a, str>>),
    /// The members of an object.
    Json(Map<String, Value>),
    /// A line that is no object.
    NoObject,
}

impl<'a> Row<'a> {
    /// A row of a table, for a model that knows these price lists.
    pub(super) fn of_table(
        header: &'a Header,
        columns: &Columns,
        record: RecordResult<'a>,
        lists: &PriceLists,
    ) -> Row<'a> {
        let (record, diamond) = match record {
            Ok(record) => {
                let diamond = columns.input(&record, header.separator).parse_for(lists);
                let diamond = diamond.map_err(|errors| columns.as_written(&record, errors));
                (record, diamond)
            }
            Err(broken) => (broken.0, Err(vec![broken.1])),
        };
        let cells = Cells::Table(&header.names, record.fields);
        Row { line: record.line, cells, diamond: diamond.map_err(in_words) }
    }
}

/// Calls `each` with every line that is not blank.
pub(super) fn each_line<R: Read>(
    lines: &mut Lines<R>,
    lists: &PriceLists,
    mut each: impl FnMut(Row<'_>) -> io::Result<()>,
) -> io::Result<()> {
    while lines.advance()? {
        each(json_row(lines, lists))?;
    }
    Ok(())
}

fn json_row<R: Read>(lines: &Lines<R>, lists: &PriceLists) -> Row<'static> {
    let parsed = match lines.text().map(serde_json::from_str) {
        Ok(Ok(Value::Object(members))) => Ok(members),
        Ok(Ok(_)) => Err(String::from("the line is no JSON object")),
        Ok(Err(error)) => Err(format!("the line is no JSON: {error}")),
        Err(problem) => {
            Err(problem.of_field("line", &String::from_utf8_lossy(lines.bytes())).to_string())
        }
    };
    let (cells, diamond) = match parsed {
        Ok(members) => {
            let diamond = diamond(&members, lists).map_err(in_words);
            (Cells::Json(members), diamond)
        }
        Err(problem) => (Cells::NoObject, Err(vec![problem])),
    };
    Row { line: lines.number(), cells, diamond }
}

fn diamond(members: &Map<String, Value>, lists: &PriceLists) -> Result<Diamond, Vec<FieldError>> {
    let mut input = DiamondInput::default();
    for (name, value) in members {
        if let Some(slot) = input.value_mut(name) {
            *slot = field_value(value);
        }
    }
    for dimension in [&mut input.x, &mut input.y, &mut input.z] {
        if *dimension == FieldValue::Number(0.0) {
            *dimension = FieldValue::Absent;
        }
    }
    input.parse_for(lists)
}

fn in_words(errors: Vec<FieldError>) -> Vec<String> {
    shorten(errors).iter().map(ToString::to_string).collect()
}
