//! Rows to price, from CSV or from a JSON object a line; which of them it is shows in the first byte.

use std::io::{BufRead, BufReader, Chain, Cursor, Lines, Read};

use inference::{Claim, Diamond, Entry};
use serde_json::{Map, Value};

/// The columns no stone can be priced without.
const REQUIRED: [&str; 4] = ["carat", "cut", "color", "clarity"];

/// One row, as it came.
pub(super) struct Row {
    /// The line it stands on.
    pub(super) line: u64,
    pub(super) cells: Cells,
}

/// What a row says.
pub(super) enum Cells {
    /// Texts under the header's names; a row may be shorter or longer than its header.
    Csv { names: std::rc::Rc<Vec<String>>, texts: csv::StringRecord },
    /// An object.
    Json(Map<String, Value>),
    /// A line that is no object.
    Broken(String),
}

/// Rows, one after the other.
pub(super) enum Rows<R> {
    Csv { names: std::rc::Rc<Vec<String>>, records: Box<csv::StringRecordsIntoIter<Input<R>>> },
    Json { lines: Lines<BufReader<Input<R>>>, line: u64 },
}

/// The input with its first bytes, which were looked at, put back.
type Input<R> = Chain<Cursor<Vec<u8>>, R>;

impl<R: Read> Rows<R> {
    /// Looks at the first byte and, for CSV, reads the header.
    ///
    /// # Errors
    ///
    /// What is wrong, for people: an empty input, or a header without the four Cs.
    pub(super) fn open(mut source: R) -> Result<Rows<R>, String> {
        let first = first_bytes(&mut source)?;
        let is_json = first.last() == Some(&b'{');
        let text = first.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&first).to_vec();
        let input = Cursor::new(text).chain(source);
        if is_json {
            return Ok(Rows::Json { lines: BufReader::new(input).lines(), line: 0 });
        }
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(input);
        let header = reader.headers().map_err(|error| error.to_string())?;
        let names: Vec<String> = header.iter().map(|name| name.trim().to_owned()).collect();
        check_header(&names)?;
        Ok(Rows::Csv { names: std::rc::Rc::new(names), records: Box::new(reader.into_records()) })
    }

    /// The header's names; `None` for JSON.
    pub(super) fn names(&self) -> Option<&[String]> {
        match self {
            Rows::Csv { names, .. } => Some(names),
            Rows::Json { .. } => None,
        }
    }
}

/// The bytes up to the first that is neither white space nor part of a byte order mark.
fn first_bytes(source: &mut impl Read) -> Result<Vec<u8>, String> {
    let mut first = Vec::new();
    let mut byte = [0];
    loop {
        match source.read(&mut byte) {
            Ok(0) => {
                return Err(String::from(
                    "is empty; wanted CSV with a header, or a JSON object a line",
                ));
            }
            Ok(_) => first.push(byte[0]),
            Err(error) => return Err(format!("cannot be read: {error}")),
        }
        if !byte[0].is_ascii_whitespace() && !matches!(byte[0], 0xef | 0xbb | 0xbf) {
            return Ok(first);
        }
    }
}

fn check_header(names: &[String]) -> Result<(), String> {
    let missing: Vec<&str> =
        REQUIRED.into_iter().filter(|name| !names.iter().any(|found| found == name)).collect();
    if !missing.is_empty() {
        return Err(format!(
            "has no column {}; found the header {:?}; wanted at least {}, separated by commas",
            missing.join(", "),
            names.join(","),
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
            Rows::Csv { names, records } => Some(match records.next()? {
                Ok(texts) => {
                    let line = texts.position().map_or(0, csv::Position::line);
                    Ok(Row { line, cells: Cells::Csv { names: names.clone(), texts } })
                }
                Err(error) => Err(error.to_string()),
            }),
            Rows::Json { lines, line } => loop {
                *line += 1;
                let text = match lines.next()? {
                    Ok(text) => text,
                    Err(error) => return Some(Err(format!("line {line}: {error}"))),
                };
                if text.trim().is_empty() {
                    continue;
                }
                let cells = match serde_json::from_str(&text) {
                    Ok(Value::Object(fields)) => Cells::Json(fields),
                    Ok(_) => Cells::Broken(String::from("the line is no JSON object")),
                    Err(error) => Cells::Broken(format!("the line is no JSON: {error}")),
                };
                return Some(Ok(Row { line: *line, cells }));
            },
        }
    }
}

impl Row {
    /// The stone, or everything that is wrong with it. A dimension of 0 was not measured, as in every diamond
    /// CSV.
    pub(super) fn diamond(&self) -> Result<Diamond, Vec<String>> {
        let mut claim = Claim::default();
        match &self.cells {
            Cells::Csv { names, texts } => {
                if names.len() != texts.len() {
                    let (found, wanted) = (texts.len(), names.len());
                    return Err(vec![format!(
                        "the row has {found} fields; the header has {wanted}"
                    )]);
                }
                for (name, text) in names.iter().zip(texts) {
                    claim.set_text(name, text);
                }
            }
            Cells::Json(fields) => {
                for (name, value) in fields {
                    if let Some(slot) = claim.entry_mut(name) {
                        *slot = entry(value);
                    }
                }
            }
            Cells::Broken(problem) => return Err(vec![problem.clone()]),
        }
        for dimension in [&mut claim.x, &mut claim.y, &mut claim.z] {
            if *dimension == Entry::Number(0.0) {
                *dimension = Entry::Absent;
            }
        }
        claim.parse().map_err(|errors| errors.iter().map(ToString::to_string).collect())
    }
}

fn entry(value: &Value) -> Entry<'_> {
    match value {
        Value::Null => Entry::Absent,
        Value::Number(number) => number.as_f64().map_or(Entry::Absent, Entry::Number),
        Value::String(text) => Entry::Text(text),
        other => Entry::Other(other.to_string()),
    }
}
