//! Reads the line that names the columns, and finds the separator.

use inference::text::{shortened, without_byte_order_mark};

use crate::columns::FIELDS;
use crate::file_kind::FileKind;
use crate::records::{LINE_MAX, line_length, split};

/// The names of a table's columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The names without the white space around them.
    pub names: Vec<String>,
    /// The byte between two fields: a comma, a semicolon or a tab.
    pub separator: u8,
    /// How many bytes of the text the header takes, with all that is before it.
    pub bytes: usize,
    /// How many lines they are.
    pub lines: u64,
}

/// Why a text has no header.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the message says what each variant and its fields are")]
pub enum HeaderError {
    #[error("is empty; wanted a header that names the columns, and a row for each stone")]
    Empty,
    #[error("is {kind}; {}", kind.remedy())]
    Kind { kind: FileKind },
    #[error(
        "is not UTF-8 text ({found:?}), but perhaps latin-1 (Windows-1252); save it as \"CSV UTF-8\""
    )]
    NotUtf8 { found: String },
    #[error("has a header with a quote that is not closed: {found:?}")]
    Quote { found: String },
    #[error(
        "has a first line of more than {LINE_MAX} bytes; wanted a header that names the columns"
    )]
    TooLong,
}

impl Header {
    /// Reads the first line that is not blank. A byte order mark and Excel's `sep=;` before it are passed over.
    ///
    /// # Errors
    ///
    /// [`HeaderError`]; what the names are is the concern of [`Columns::of`](crate::Columns::of).
    pub fn read(text: &[u8]) -> Result<Header, HeaderError> {
        if let Some(kind) = FileKind::of(text) {
            return Err(HeaderError::Kind { kind });
        }
        let mut at = text.len() - without_byte_order_mark(text).len();
        let mut lines = 0;
        loop {
            if at == text.len() {
                return Err(HeaderError::Empty);
            }
            let line = &text[at..at + line_length(&text[at..])];
            if line.len() >= LINE_MAX {
                return Err(HeaderError::TooLong);
            }
            at += line.len();
            at += match &text[at..] {
                [b'\r', b'\n', ..] => 2,
                [] => 0,
                _ => 1,
            };
            lines += 1;
            let is_separator_line =
                line.len() == 5 && line.to_ascii_lowercase().starts_with(b"sep=");
            if !line.trim_ascii().is_empty() && !is_separator_line {
                return Header::of_line(line, at, lines);
            }
        }
    }

    fn of_line(line: &[u8], bytes: usize, lines: u64) -> Result<Header, HeaderError> {
        let found = || shortened(String::from_utf8_lossy(line).into_owned());
        if std::str::from_utf8(line).is_err() {
            return Err(HeaderError::NotUtf8 { found: found() });
        }
        // The separator that finds the most columns of a diamond; a comma, if no column is known.
        let known = |separator: &u8| {
            let (names, _) = split(line, *separator);
            let is_field =
                |name: &str| FIELDS.iter().any(|field| field.eq_ignore_ascii_case(name.trim()));
            (names.iter().filter(|name| is_field(name)).count(), names.len())
        };
        let separator = *[b'\t', b';', b','].iter().max_by_key(|it| known(it)).unwrap_or(&b',');
        let (names, is_open) = split(line, separator);
        if is_open {
            return Err(HeaderError::Quote { found: found() });
        }
        let mut names: Vec<String> = names.iter().map(|name| name.trim().to_owned()).collect();
        // A separator behind the last name; one before the first is a column without a name.
        while names.len() > 1 && names.last().is_some_and(String::is_empty) {
            names.pop();
        }
        Ok(Header { names, separator, bytes, lines })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_shows_the_separator() {
        let check = |text: &str, separator: char, names: &[&str], lines: u64| {
            let header = Header::read(text.as_bytes()).unwrap();
            assert_eq!(char::from(header.separator), separator, "{text:?}");
            assert_eq!(
                (header.names, header.lines),
                (names.iter().map(|it| (*it).to_owned()).collect(), lines)
            );
        };
        check("carat,cut\n1", ',', &["carat", "cut"], 1);
        check("\u{feff}Carat; CUT ;note, or not\r\n1", ';', &["Carat", "CUT", "note, or not"], 1);
        check("\n \r\ncarat\tcut", '\t', &["carat", "cut"], 3);
        check("\"carat\",\"cut;color\"\n", ',', &["carat", "cut;color"], 1);
        check("sep=;\ncarat;cut\n", ';', &["carat", "cut"], 2);
        check(",carat,cut,\n", ',', &["", "carat", "cut"], 1);
        check("what", ',', &["what"], 1);
        check("a;b;c\n", ';', &["a", "b", "c"], 1);
    }

    #[test]
    fn what_has_no_header_is_refused_by_its_kind() {
        let check = |text: &[u8], expected: &str| {
            let message = Header::read(text).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        };
        check(b"", "is empty");
        check(b"\xef\xbb\xbf\r\n \n", "is empty");
        check(b"PK\x03\x04", "is a workbook (.xlsx)");
        check(b"carat,caf\xe9\n", "perhaps latin-1");
        check(b"carat,\"cut\n", "a quote that is not closed");
        check(&b"x".repeat(LINE_MAX), "a first line of more than");
    }
}
