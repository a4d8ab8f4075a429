//! Reads numbered lines of text with any of the three line ends.

use std::io::{self, BufRead, BufReader, Read};

use inference::FieldError;
use inference::text::shortened;

/// The longest line that is read, in bytes; the rest of a longer one is passed over, so that memory has a bound.
const LINE_MAX: usize = 1 << 20;

/// The lines of a source that are not blank. `\n`, `\r\n` and `\r` end one; a byte order mark is no part of it.
pub struct Lines<R> {
    source: BufReader<R>,
    bytes: Vec<u8>,
    number: u64,
    /// Whether the line before ended in `\r`, so that a `\n` right behind belongs to that end.
    after_return: bool,
    is_too_long: bool,
    is_held: bool,
}

impl<R: Read> Lines<R> {
    /// The lines of a source from its beginning.
    pub fn of(source: R) -> Lines<R> {
        Lines {
            source: BufReader::new(source),
            bytes: Vec::new(),
            number: 0,
            after_return: false,
            is_too_long: false,
            is_held: false,
        }
    }

    /// Goes to the next line that is not blank; `false` at the end.
    ///
    /// # Errors
    ///
    /// The source's own.
    pub fn advance(&mut self) -> io::Result<bool> {
        if std::mem::take(&mut self.is_held) {
            return Ok(true);
        }
        while self.read()? {
            if !self.bytes.trim_ascii().is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Lets the next [`advance`](Self::advance) stay on this line.
    pub fn hold(&mut self) {
        self.is_held = true;
    }

    /// The line's number; the first is 1 and blank ones count.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The line without its end.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The line as text.
    ///
    /// # Errors
    ///
    /// A line that is too long or not UTF-8.
    pub fn text(&self) -> Result<&str, Unreadable> {
        if self.is_too_long {
            return Err(Unreadable::TooLong);
        }
        std::str::from_utf8(&self.bytes).map_err(|error| Unreadable::NotUtf8(error.valid_up_to()))
    }

    fn read(&mut self) -> io::Result<bool> {
        self.bytes.clear();
        self.is_too_long = false;
        let mut is_end = true;
        loop {
            let chunk = match self.source.fill_buf() {
                Ok(chunk) => chunk,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if chunk.is_empty() {
                break;
            }
            if std::mem::take(&mut self.after_return) && chunk[0] == b'\n' {
                self.source.consume(1);
                continue;
            }
            is_end = false;
            let end = chunk.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
            let part = &chunk[..end.unwrap_or(chunk.len())];
            let kept = part.len().min(LINE_MAX - self.bytes.len());
            self.is_too_long |= kept < part.len();
            self.bytes.extend_from_slice(&part[..kept]);
            self.after_return = end.is_some_and(|end| chunk[end] == b'\r');
            let passed = part.len() + usize::from(end.is_some());
            self.source.consume(passed);
            if end.is_some() {
                break;
            }
        }
        if is_end {
            return Ok(false);
        }
        self.number += 1;
        // Spreadsheets put a byte order mark before UTF-8.
        if self.number == 1 && self.bytes.starts_with(b"\xef\xbb\xbf") {
            self.bytes.drain(..3);
        }
        Ok(true)
    }
}

/// Why a line is no text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Unreadable {
    /// The line is too long.
    TooLong,
    /// With the bytes that are.
    NotUtf8(usize),
}

impl Unreadable {
    /// The error of the field whose value it is.
    pub fn of_field(self, field: &str, value: &str) -> FieldError {
        let (message, allowed) = match self {
            Unreadable::TooLong => ("is too long", format!("at most {LINE_MAX} bytes a line")),
            Unreadable::NotUtf8(_) => ("is not UTF-8 text", String::from("text saved as UTF-8")),
        };
        FieldError {
            field: field.to_owned(),
            value: shortened(value.to_owned()),
            message: message.to_owned(),
            allowed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One byte at a time, as a slow pipe gives them.
    struct Drops<'a>(&'a [u8]);

    impl Read for Drops<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0.read(&mut buffer[..1])
        }
    }

    #[test]
    fn lines_are_numbered_the_same_with_any_line_end_or_chunking() {
        for end in ["\n", "\r\n", "\r"] {
            let text = "\u{feff}a\n\n \nb\nc".replace('\n', end);
            let mut lines = Lines::of(Drops(text.as_bytes()));
            for expected in [(1, "a"), (4, "b"), (5, "c")] {
                assert!(lines.advance().unwrap());
                assert_eq!((lines.number(), lines.text().unwrap()), expected, "{end:?}");
            }
            assert!(!lines.advance().unwrap());
        }
    }

    #[test]
    fn a_line_that_is_too_long_is_passed_over() {
        let text = format!("{}\n{}\nb\n", "a".repeat(LINE_MAX), "a".repeat(5 * LINE_MAX));
        let mut lines = Lines::of(text.as_bytes());
        assert!(lines.advance().unwrap() && lines.text().is_ok());
        assert!(lines.advance().unwrap());
        assert_eq!(lines.text(), Err(Unreadable::TooLong));
        assert_eq!(lines.bytes().len(), LINE_MAX);
        assert!(lines.advance().unwrap());
        assert_eq!((lines.number(), lines.text()), (3, Ok("b")));
    }
}
