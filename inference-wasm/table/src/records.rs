//! Splits a text into records, and a record into its fields.
//!
//! A field in quotes may hold separators, line ends and doubled quotes. A quote that is never closed costs its own line: a
//! field goes on to the next line only if its quote is closed soon, and the record then has as many fields as the header.

use std::borrow::Cow;

use inference::FieldError;
use inference::text::shortened;

use crate::header::Header;

/// The longest line that is read, in bytes.
pub const LINE_MAX: usize = 1 << 20;

/// How far a quote may be from the quote that closes it, in bytes, if there is a line end between them.
const QUOTED_MAX: usize = 64 << 10;

/// One row of a table.
#[derive(Debug)]
pub struct Record<'a> {
    /// The line where it begins; the first line of the text is 1.
    pub line: u64,
    /// Its fields as written, without quotes. As many as the header has, unless there is an error.
    pub fields: Vec<Cow<'a, str>>,
}

/// The records of a text, which begins where one of them does. Blank lines are passed over.
#[derive(Debug)]
pub struct Records<'a> {
    text: &'a [u8],
    lines: u64,
    separator: u8,
    names: &'a [String],
}

/// A row that cannot be read.
type Broken<'a> = (Record<'a>, FieldError);

impl<'a> Records<'a> {
    /// The records of a part of a text, before which there were so many lines.
    #[must_use]
    pub fn of_part(part: &'a [u8], lines: u64, header: &'a Header) -> Records<'a> {
        Records { text: part, lines, separator: header.separator, names: &header.names }
    }

    /// The records of a whole text whose header was read.
    #[must_use]
    pub fn below(text: &'a [u8], header: &'a Header) -> Records<'a> {
        Records::of_part(&text[header.bytes..], header.lines, header)
    }

    /// How many bytes of the text are left.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.text.len()
    }

    /// How many lines there were so far.
    #[must_use]
    pub fn lines(&self) -> u64 {
        self.lines
    }

    fn record(&self, bytes: &'a [u8]) -> Result<Record<'a>, Box<Broken<'a>>> {
        let line = self.lines + 1;
        let name = |place: usize| self.names.get(place).map_or("row", String::as_str);
        let broken =
            |fields: Vec<Cow<'a, str>>, place: Option<usize>, message: String, allowed: String| {
                let (field, value) = match place {
                    Some(place) => (name(place), fields[place].to_string()),
                    None => ("row", String::from_utf8_lossy(bytes).into_owned()),
                };
                let field = field.to_owned();
                let error = FieldError { field, value: shortened(value), message, allowed };
                Box::new((Record { line, fields }, error))
            };
        if bytes.len() >= LINE_MAX {
            let allowed = format!("fewer than {LINE_MAX} bytes a row");
            return Err(broken(Vec::new(), None, "is too long".into(), allowed));
        }
        let (mut fields, is_open) = split(bytes, self.separator);
        if is_open {
            let allowed = "quotes in pairs".into();
            let message = "has a quote that is not closed".into();
            let place = Some(fields.len() - 1);
            return Err(broken(fields, place, message, allowed));
        }
        // Spreadsheets write a separator behind the last column too.
        while fields.len() > self.names.len()
            && fields.last().is_some_and(|it| it.trim().is_empty())
        {
            fields.pop();
        }
        if fields.len() != self.names.len() {
            let message = match fields.len() {
                1 => String::from("has 1 field"),
                count => format!("has {count} fields"),
            };
            let allowed = format!("{} fields, as many as the header", self.names.len());
            return Err(broken(fields, None, message, allowed));
        }
        Ok(Record { line, fields })
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<Record<'a>, Box<Broken<'a>>>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if self.text.is_empty() {
                return None;
            }
            let end = record_end(self.text, self.separator, self.names.len(), true)?;
            let (bytes, rest) = self.text.split_at(end);
            let record = without_line_end(bytes);
            let found = (!is_blank(record, self.separator)).then(|| self.record(record));
            self.lines += line_ends(bytes);
            self.text = rest;
            if found.is_some() {
                return found;
            }
        }
    }
}

/// Where the first record of a text ends, its line end included. `None` if that depends on what follows the text; never if
/// nothing follows it.
#[must_use]
pub fn record_end(text: &[u8], separator: u8, width: usize, is_whole: bool) -> Option<usize> {
    let line = line_length(text);
    let first = scan(&text[..line], separator);
    if first.is_open && line < text.len() {
        let known = &text[..text.len().min(QUOTED_MAX)];
        let whole = scan(known, separator);
        let is_cut = whole.end == known.len() && !(is_whole && known.len() == text.len());
        if is_cut && known.len() < QUOTED_MAX {
            return None;
        }
        if !is_cut && !whole.is_open && whole.fields == width {
            return behind_line_end(text, whole.end, is_whole);
        }
    }
    behind_line_end(text, line, is_whole)
}

/// The place behind the line end that is here.
fn behind_line_end(text: &[u8], at: usize, is_whole: bool) -> Option<usize> {
    match (text.get(at), text.get(at + 1)) {
        (None, _) => is_whole.then_some(at),
        (Some(b'\r'), None) => is_whole.then_some(at + 1),
        (Some(b'\r'), Some(b'\n')) => Some(at + 2),
        _ => Some(at + 1),
    }
}

/// How long the first line of a text is, without its end.
pub(crate) fn line_length(text: &[u8]) -> usize {
    text.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(text.len())
}

/// How many line ends there are in a text: `\n`, `\r\n` or `\r`; the end of the text is one too.
fn line_ends(text: &[u8]) -> u64 {
    let is_end = |at: &usize| match text[*at] {
        b'\n' => true,
        b'\r' => text.get(at + 1) != Some(&b'\n'),
        _ => false,
    };
    let ends = (0..text.len()).filter(is_end).count() as u64;
    ends + u64::from(!text.ends_with(b"\n") && !text.ends_with(b"\r"))
}

fn without_line_end(record: &[u8]) -> &[u8] {
    let record = record.strip_suffix(b"\n").unwrap_or(record);
    record.strip_suffix(b"\r").unwrap_or(record)
}

/// Whether a line has nothing but white space. Separators make it a row, of empty fields: a table answers row by row.
fn is_blank(record: &[u8], separator: u8) -> bool {
    record.iter().all(|byte| *byte != separator && byte.is_ascii_whitespace())
}

/// What the first record of a text is, if a line end in quotes does not end it.
struct Scan {
    /// How many bytes it has, without its line end.
    end: usize,
    fields: usize,
    /// Whether its last field has a quote that is not closed.
    is_open: bool,
}

fn scan(text: &[u8], separator: u8) -> Scan {
    let (mut at, mut fields) = (0, 1);
    loop {
        let start = at + text[at..].iter().take_while(|byte| **byte == b' ').count();
        if text.get(start) == Some(&b'"') {
            match closing_quote(text, start + 1) {
                Some(quote) => {
                    at = quote + 1;
                    let is_multiline = line_length(&text[start..quote]) < quote - start;
                    let is_end = text
                        .get(at)
                        .is_none_or(|next| *next == separator || matches!(next, b'\r' | b'\n'));
                    if is_multiline && !is_end {
                        return Scan { end: at, fields, is_open: true };
                    }
                }
                None => return Scan { end: text.len(), fields, is_open: true },
            }
        }
        let is_stop = |byte: &u8| *byte == separator || matches!(byte, b'\r' | b'\n');
        match text[at..].iter().position(is_stop).map(|length| at + length) {
            Some(stop) if text[stop] == separator => {
                fields += 1;
                at = stop + 1;
            }
            stop => return Scan { end: stop.unwrap_or(text.len()), fields, is_open: false },
        }
    }
}

/// The quote that closes the one before `at`; two quotes are one of the content.
fn closing_quote(text: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += text[at..].iter().position(|byte| *byte == b'"')?;
        if text.get(at + 1) != Some(&b'"') {
            return Some(at);
        }
        at += 2;
    }
}

/// The fields of one record, at least one, and whether the quote of the last one is not closed; that field is then as written.
pub(crate) fn split(record: &[u8], separator: u8) -> (Vec<Cow<'_, str>>, bool) {
    let mut fields = Vec::with_capacity(12);
    let mut at = 0;
    loop {
        let start = at + record[at..].iter().take_while(|byte| **byte == b' ').count();
        let mut quoted = None;
        if record.get(start) == Some(&b'"') {
            let Some(quote) = closing_quote(record, start + 1) else {
                fields.push(String::from_utf8_lossy(&record[at..]));
                return (fields, true);
            };
            quoted = Some(&record[start + 1..quote]);
            at = quote + 1;
        }
        let stop = record[at..].iter().position(|byte| *byte == separator);
        let plain = &record[at..stop.map_or(record.len(), |length| at + length)];
        fields.push(match quoted {
            None => String::from_utf8_lossy(plain),
            Some(quoted) => unquoted(quoted, plain),
        });
        match stop {
            Some(length) => at += length + 1,
            None => return (fields, false),
        }
    }
}

/// The content of quotes, and what stands behind them.
fn unquoted<'a>(quoted: &'a [u8], behind: &[u8]) -> Cow<'a, str> {
    let content = String::from_utf8_lossy(quoted);
    if !content.contains('"') && behind.trim_ascii().is_empty() {
        return content;
    }
    (content.replace("\"\"", "\"") + &String::from_utf8_lossy(behind)).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Header {
        Header::read(b"a,b\n").unwrap()
    }

    /// Each record as its line and its fields, or its line, the bad field and its value.
    fn records(text: &str) -> Vec<String> {
        let header = header();
        let rows = Records::of_part(text.as_bytes(), 1, &header);
        rows.map(|row| match row {
            Ok(record) => format!("{} {}", record.line, record.fields.join("|")),
            Err(broken) => format!(
                "{} {}={} {}",
                broken.0.line, broken.1.field, broken.1.value, broken.1.message
            ),
        })
        .collect()
    }

    #[test]
    fn records_are_split_like_csv() {
        let check = |text: &str, expected: &[&str]| {
            for end in ["\n", "\r\n", "\r"] {
                let text = text.replace('\n', end);
                let found: Vec<String> = records(&text);
                let expected: Vec<String> =
                    expected.iter().map(|it| it.replace('\n', end)).collect();
                assert_eq!(found, expected, "{text:?}");
            }
        };
        check("", &[]);
        check("1,2", &["2 1|2"]);
        check("1,2\n3,4\n", &["2 1|2", "3 3|4"]);
        check("\n,\n \n1,2\n", &["3 |", "5 1|2"]);
        check("\"1,2\",\"3\"", &["2 1,2|3"]);
        check(" \"1\" ,2\n", &["2 1|2"]);
        check("\"he said \"\"so\"\"\",\"\"\n", &["2 he said \"so\"|"]);
        check("it's 5\" wide,2", &["2 it's 5\" wide|2"]);
        check("1,\"two\nlines\"\n3,4", &["2 1|two\nlines", "4 3|4"]);
        check("1,\"a\n\nb \"\"c\"\",\n\"\n3,4", &["2 1|a\n\nb \"c\",\n", "6 3|4"]);
        check("1,2,\n3,4,,\n", &["2 1|2", "3 3|4"]);
    }

    #[test]
    fn a_broken_record_costs_its_own_line() {
        let check = |text: &str, expected: &[&str]| assert_eq!(records(text), expected);
        check("1,\"2\n3,4\n5,6\n", &["2 b=\"2 has a quote that is not closed", "3 3|4", "4 5|6"]);
        // The next quote opens a field instead of closing this one.
        check("\"1,2\n\"3\",4\n", &["2 a=\"1,2 has a quote that is not closed", "3 3|4"]);
        check("1\n1,2\n1,2,3\n", &["2 row=1 has 1 field", "3 1|2", "4 row=1,2,3 has 3 fields"]);
        let long = format!("1,{}\n3,4\n", "x".repeat(LINE_MAX));
        let found = records(&long);
        assert!(found[0].ends_with("is too long") && found[1] == "3 3|4", "{}", found.len());
    }

    #[test]
    fn a_record_ends_at_the_same_place_however_much_of_the_text_is_known() {
        let texts = [
            "1,2\n3,4\n",
            "1,\"2\n\"\r\n3,4",
            "1,\"2\n3,4\n",
            "1,2\r\n",
            "1,2\r",
            "\"\"\"\n\",2\n",
        ];
        for text in texts {
            let whole = record_end(text.as_bytes(), b',', 2, true).unwrap();
            for known in 0..text.len() {
                let part = record_end(&text.as_bytes()[..known], b',', 2, false);
                assert!(part.is_none_or(|end| end == whole), "{text:?} {known}");
            }
        }
    }
}
