//! The rows of a CSV text, one a line: no field of a diamond CSV holds a line end, and so a stray quote costs its own
//! line and no other.

use std::io::{self, Read};

use inference::FieldError;

use super::lines::{Lines, Unreadable, shown};

/// The rows after the header.
pub struct Records<R> {
    lines: Lines<R>,
    names: Vec<String>,
}

/// One row.
#[derive(Debug)]
pub struct Record {
    /// The line it stands on; the header is line 1 where nothing is before it.
    pub line: u64,
    /// As many as the header's, unless there is an error.
    pub fields: csv::StringRecord,
    /// Why the row cannot be read, where it cannot.
    pub error: Option<FieldError>,
    /// Whether the row is valid CSV but has more or fewer fields than the header.
    pub is_misfit: bool,
}

/// Why there is no header.
#[derive(Debug)]
pub enum HeaderError {
    /// The file cannot be read.
    Unreadable(io::Error),
    /// The file has no line that is not blank.
    Empty,
    /// The header cannot be read.
    Broken(FieldError),
}

impl<R: Read> Records<R> {
    /// Reads the header, the first line that is not blank.
    ///
    /// # Errors
    ///
    /// [`HeaderError`]; what the names are is the caller's concern.
    pub fn open(mut lines: Lines<R>) -> Result<Records<R>, HeaderError> {
        if !lines.advance().map_err(HeaderError::Unreadable)? {
            return Err(HeaderError::Empty);
        }
        let mut fields = csv::StringRecord::new();
        if let Some(error) = split(&lines, &["header"], &mut fields) {
            return Err(HeaderError::Broken(FieldError { field: String::from("header"), ..error }));
        }
        let names = fields.iter().map(|name| name.trim().to_owned()).collect();
        Ok(Records { lines, names })
    }

    /// The rows of a later part of a source whose header has these names.
    pub(crate) fn of_part(lines: Lines<R>, names: Vec<String>) -> Records<R> {
        Records { lines, names }
    }

    /// How many lines there were so far, blank ones among them.
    pub(crate) fn line_count(&self) -> u64 {
        self.lines.number()
    }

    /// The header's names, without the white space around them.
    pub fn names(&self) -> &[String] {
        &self.names
    }
}

impl<R: Read> Iterator for Records<R> {
    type Item = io::Result<Record>;

    fn next(&mut self) -> Option<io::Result<Record>> {
        match self.lines.advance() {
            Ok(true) => {}
            Ok(false) => return None,
            Err(error) => return Some(Err(error)),
        }
        // Made large enough at once: growing bit by bit took a sixth of the reading.
        let mut fields = csv::StringRecord::with_capacity(
            self.lines.text().map_or(0, str::len),
            self.names.len(),
        );
        let broken = split(&self.lines, &self.names, &mut fields);
        let is_misfit = broken.is_none() && fields.len() != self.names.len();
        let error = broken.or_else(|| is_misfit.then(|| misfit(&fields, self.names.len())));
        Some(Ok(Record { line: self.lines.number(), fields, error, is_misfit }))
    }
}

/// Splits a line into its fields; of one that is no CSV, as far as it goes.
fn split<R: Read>(
    lines: &Lines<R>,
    names: &[impl AsRef<str>],
    fields: &mut csv::StringRecord,
) -> Option<FieldError> {
    let name = |place: usize| names.get(place).map_or("row", AsRef::as_ref);
    match lines.text() {
        Ok(text) => push_fields(text, fields).err().map(|Unclosed| FieldError {
            field: name(fields.len() - 1).to_owned(),
            value: fields.get(fields.len() - 1).map_or_else(String::new, shown),
            message: String::from("has a quote that its line does not close"),
            allowed: String::from("quotes in pairs, and no line end within them"),
        }),
        Err(problem @ Unreadable::TooLong) => {
            Some(problem.of_field("row", &String::from_utf8_lossy(lines.bytes())))
        }
        Err(problem @ Unreadable::NotUtf8(valid)) => {
            // The first bad byte stands in the last field that the bytes before it reach.
            let before = String::from_utf8_lossy(&lines.bytes()[..valid]);
            let _ = push_fields(&before, fields);
            let place = fields.len() - 1;
            fields.clear();
            let _ = push_fields(&String::from_utf8_lossy(lines.bytes()), fields);
            Some(problem.of_field(name(place), fields.get(place).unwrap_or_default()))
        }
    }
}

/// A quote opens the last field, and nothing closes it.
struct Unclosed;

/// Adds a line's fields, at least one. One whose quote is not closed is the rest of the line as written.
fn push_fields(line: &str, fields: &mut csv::StringRecord) -> Result<(), Unclosed> {
    let mut rest = Some(line);
    while let Some(text) = rest {
        let (quoted, plain) = match text.strip_prefix('"').map(unquote) {
            None => (String::new(), text),
            Some(Some(parts)) => parts,
            Some(None) => {
                fields.push_field(text);
                return Err(Unclosed);
            }
        };
        let (field, after) = match plain.split_once(',') {
            Some((field, after)) => (field, Some(after)),
            None => (plain, None),
        };
        if quoted.is_empty() {
            fields.push_field(field);
        } else {
            fields.push_field(&(quoted + field));
        }
        rest = after;
    }
    Ok(())
}

/// The content up to the closing quote, where two quotes are one, and what is behind it.
fn unquote(mut text: &str) -> Option<(String, &str)> {
    let mut content = String::new();
    loop {
        let (part, after) = text.split_once('"')?;
        content.push_str(part);
        let Some(next) = after.strip_prefix('"') else { return Some((content, after)) };
        content.push('"');
        text = next;
    }
}

fn misfit(fields: &csv::StringRecord, wanted: usize) -> FieldError {
    FieldError {
        field: String::from("row"),
        value: shown(&fields.iter().collect::<Vec<_>>().join(",")),
        message: format!("has {} fields", fields.len()),
        allowed: format!("{wanted} fields"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_split_as_the_csv_crate_splits_them() {
        let check = |line: &str| {
            let mut fields = csv::StringRecord::new();
            assert!(push_fields(line, &mut fields).is_ok(), "{line}");
            let mut reader = csv::ReaderBuilder::new()
                .has_headers(false)
                .flexible(true)
                .from_reader(line.as_bytes());
            assert_eq!(fields, reader.records().next().unwrap().unwrap(), "{line}");
        };
        check("a");
        check(",");
        check("a,,b,");
        check("\"a,b\",c,\"\"");
        check("\"he said \"\"so\"\"\",\"\"\"\"");
        check("it's 5\" wide, \"b\"");
        check("\"a\"b\"c,d");
    }

    #[test]
    fn a_flawed_line_names_its_field_and_costs_no_other() {
        let text = b"a,b\n1,\"2\nx,caf\xe9\n\"caf\xe9\",y\n1\n\"3,\"4,5\n1,2\n";
        let records: Vec<Record> =
            Records::open(Lines::of(&text[..])).unwrap().map(Result::unwrap).collect();
        let found: Vec<(u64, usize, &str, &str)> = records
            .iter()
            .map(|row| {
                let error = row.error.as_ref();
                let (field, value) =
                    error.map_or(("", ""), |error| (error.field.as_str(), error.value.as_str()));
                (row.line, row.fields.len(), field, value)
            })
            .collect();
        assert_eq!(
            found,
            [
                (2, 2, "b", "\"2"),
                (3, 2, "b", "caf\u{fffd}"),
                (4, 2, "a", "caf\u{fffd}"),
                (5, 1, "row", "1"),
                (6, 2, "", ""),
                (7, 2, "", "")
            ]
        );
    }

    #[test]
    fn a_header_that_is_no_csv_is_refused() {
        let open = |text: &'static [u8]| Records::open(Lines::of(text)).err().unwrap();
        assert!(matches!(open(b"\r\n"), HeaderError::Empty));
        assert!(matches!(open(b"a,\"b\nc\""), HeaderError::Broken(error) if error.value == "\"b"));
        assert!(matches!(open(b"a,b\xe9"), HeaderError::Broken(error) if error.field == "header"));
    }
}
