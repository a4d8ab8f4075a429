//! Reads a table once, from its beginning, as its rows come.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::Path;

use inference::FieldError;
use inference::text::without_byte_order_mark;
use table::{Columns, Header, HeaderError, LINE_MAX, Record, Records, Rename};

use super::Row;
use super::batches::batches;
use super::blocks::{Blocks, read_some};
use super::lines::Lines;
use super::text::{Source, Text};
use crate::DataError;
use crate::ahead::Ahead;
use crate::list_rule::ListRule;

/// Which columns a table must have, and which are renamed.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The columns that are required.
    pub required: &'static [&'static str],
    /// Columns of other names.
    pub renames: Vec<Rename>,
}

/// A table whose header was read.
pub struct TableReader {
    /// Its header.
    pub header: Header,
    /// Where the columns of a diamond are.
    pub columns: Columns,
    blocks: Blocks,
    /// How many lines are before the next row.
    lines: u64,
}

/// Rows to price.
pub enum RowSource {
    /// A table.
    Table(Box<TableReader>),
    /// A JSON object a line.
    JsonLines(Lines<Box<dyn Read + Send>>),
}

/// A record, or one that cannot be read and why.
pub type RecordResult<'a> = Result<Record<'a>, Box<(Record<'a>, FieldError)>>;

impl RowSource {
    /// Opens a file of any kind, or standard input for `-`. The rows of a pipe are read as they come.
    ///
    /// # Errors
    ///
    /// [`DataError`] for a file that is neither a table of diamonds nor JSON.
    pub fn open(file: &Path, wanted: &Wanted) -> Result<RowSource, DataError> {
        let unreadable = DataError::unreadable(file);
        let source = if file.as_os_str() == "-" {
            Source::Pipe(Box::new(io::stdin()))
        } else {
            let source = File::open(file).map_err(&unreadable)?;
            let is_file = source.metadata().map_err(&unreadable)?.is_file();
            if is_file { Source::File(source) } else { Source::Pipe(Box::new(source)) }
        };
        let mut text = Text::open(file, source)?;
        let mut start = Vec::new();
        read_header(&mut text.source, &mut start).map_err(unreadable)?;
        let first = without_byte_order_mark(&start).trim_ascii_start();
        if first.starts_with(b"{") {
            let source: Box<dyn Read + Send> = Box::new(Cursor::new(start).chain(text.source));
            return Ok(RowSource::JsonLines(Lines::of(source)));
        }
        TableReader::of(file, text, start, wanted).map(|reader| RowSource::Table(Box::new(reader)))
    }
}

impl TableReader {
    /// Reads the header of a text.
    pub(super) fn open(
        file: &Path,
        mut text: Text,
        wanted: &Wanted,
    ) -> Result<TableReader, DataError> {
        let mut start = Vec::new();
        read_header(&mut text.source, &mut start).map_err(DataError::unreadable(file))?;
        TableReader::of(file, text, start, wanted)
    }

    /// The same for a text of which `start` was read already.
    fn of(
        file: &Path,
        text: Text,
        mut start: Vec<u8>,
        wanted: &Wanted,
    ) -> Result<TableReader, DataError> {
        let file_path = || file.to_owned();
        let header =
            Header::read(&start).map_err(|error| DataError::Header { file: file_path(), error })?;
        let columns = Columns::of(&header.names, wanted.required, &wanted.renames)
            .map_err(|error| DataError::Columns { file: file_path(), error })?;
        let rest = start.split_off(header.bytes);
        let lines = if text.is_without_header_line { 0 } else { header.lines };
        let blocks = Blocks::of(text.source, text.is_live, rest, &header);
        Ok(TableReader { header, columns, blocks, lines })
    }

    /// Calls `each` with every record in its order.
    ///
    /// # Errors
    ///
    /// Those of the file, and of `each`.
    pub fn for_each<E: From<io::Error>>(
        &mut self,
        mut each: impl FnMut(&Header, &Columns, RecordResult<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        for block in &mut self.blocks {
            let block = block?;
            let mut records = Records::of_part(&block, self.lines, &self.header);
            for record in &mut records {
                each(&self.header, &self.columns, record)?;
            }
            self.lines = records.lines();
        }
        Ok(())
    }

    /// The rows as stones with a price, parsed in several threads, in the price lists of a rule.
    pub(super) fn into_stones(self, lists: ListRule) -> Ahead<Vec<Row>> {
        batches(self.blocks, self.lines, self.header, self.columns, lists)
    }
}

/// Reads until the header is there, or the text has ended.
fn read_header(source: &mut impl Read, start: &mut Vec<u8>) -> io::Result<()> {
    loop {
        if read_some(source, start)? == 0 || start.len() > 2 * LINE_MAX {
            return Ok(());
        }
        match Header::read(start) {
            // Something behind it shows that it is whole.
            Ok(header) if header.bytes < start.len() => return Ok(()),
            Ok(_)
            | Err(HeaderError::Empty | HeaderError::NotUtf8 { .. } | HeaderError::Quote { .. }) => {
            }
            Err(_) => return Ok(()),
        }
    }
}
