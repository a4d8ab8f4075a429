//! The rows of one statement, which the server sends while they are read.

use std::io::{BufRead, BufReader};

use hrana::{Entry, Value};
use ureq::http::Response;
use ureq::{Body, BodyReader};

use super::{State, Stream};
use crate::error::Error;

/// How much of an answer is received at a time.
const RECEIVED_BYTES: usize = 64 << 10;

/// The rows of one statement, which the server sends while they are read. The stream is free again behind the last row, or
/// when this is dropped.
pub(crate) struct Cursor {
    stream: Stream,
    lines: BufReader<BodyReader<'static>>,
    names: Vec<String>,
    line: Vec<u8>,
    is_at_end: bool,
}

impl Cursor {
    /// Reads up to the names of the columns.
    pub(super) fn open(
        stream: &Stream,
        state: &mut State,
        response: Response<Body>,
    ) -> Result<Cursor, Error> {
        let lines = BufReader::with_capacity(RECEIVED_BYTES, response.into_body().into_reader());
        let (names, line) = (Vec::new(), Vec::new());
        let mut cursor = Cursor { stream: stream.clone(), lines, names, line, is_at_end: true };
        cursor.read_line()?;
        let head = hrana::Cursor::parse(&cursor.line)?;
        state.go_on(head.baton, head.base_url);
        loop {
            match cursor.next_entry()? {
                Some(Entry::StepBegin { cols }) => {
                    cursor.names =
                        cols.into_iter().map(|column| column.name.unwrap_or_default()).collect();
                    cursor.is_at_end = false;
                    state.is_reading = true;
                    return Ok(cursor);
                }
                Some(_) => {}
                None => return Err(hrana::Error::Silent.into()),
            }
        }
    }

    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// The next row; `None` behind the last.
    pub(crate) fn next_row(&mut self) -> Result<Option<Vec<Value>>, Error> {
        while !self.is_at_end {
            match self.next_entry() {
                Ok(Some(Entry::Row { row })) => return Ok(Some(row)),
                Ok(Some(_)) => {}
                Ok(None) => self.end(),
                Err(error) => {
                    self.end();
                    return Err(error);
                }
            }
        }
        Ok(None)
    }

    fn next_entry(&mut self) -> Result<Option<Entry>, Error> {
        self.read_line()?;
        if self.line.is_empty() { Ok(None) } else { Ok(Some(Entry::parse(&self.line)?)) }
    }

    fn read_line(&mut self) -> Result<(), Error> {
        self.line.clear();
        self.lines.read_until(b'\n', &mut self.line)?;
        Ok(())
    }

    /// Receives what is left, so that the statement runs to its end and the connection can be used again.
    fn end(&mut self) {
        while self.read_line().is_ok() && !self.line.is_empty() {}
        self.is_at_end = true;
        self.stream.lock().is_reading = false;
    }
}

impl Drop for Cursor {
    fn drop(&mut self) {
        if !self.is_at_end {
            self.end();
        }
    }
}
