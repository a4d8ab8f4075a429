//! `trainer logs export`: writes the journal as NDJSON or CSV in the order of the requests.

use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::json;

use super::journal;
use crate::cli::{LogFormat, LogsExportArgs};
use crate::cmd::output::Output;
use crate::cmd::{Context, io_error};
use data::stone::hex;
use monitoring::journal::{BODIES, COLUMNS, Column, Filter, Journal, Moment, Record, to_json};

/// How many rows are in memory at once: with bodies of 64 KiB on both sides, some 25 MB.
const PAGE: u32 = 200;

pub(in crate::cmd) async fn run(context: &Context, args: &LogsExportArgs) -> Result<()> {
    let journal = journal(context).await?;
    let filter = Filter {
        behind: args.since.map(Moment::key),
        before: args.until.map(Moment::key),
        ..Filter::default()
    };
    match &args.output {
        Some(path) => to_file(context, &journal, filter, args, path).await,
        None => to_stdout(context, &journal, filter, args).await,
    }
}

async fn to_file(
    context: &Context,
    journal: &Journal,
    filter: Filter,
    args: &LogsExportArgs,
    path: &Path,
) -> Result<()> {
    let name = path.display();
    let unwritten = || format!("{name}: cannot be written");
    let output = Output::create(path).with_context(unwritten)?;
    let mut sheet = Sheet::new(BufWriter::new(output), Style::of(args.format));
    let exported = copy(journal, filter, &mut sheet).await.with_context(unwritten)?;
    let output = sheet.finish().with_context(unwritten)?;
    let output = output.into_inner().map_err(io::IntoInnerError::into_error);
    output.and_then(Output::finish).with_context(unwritten)?;
    let format = args.format.name();
    let document = json!({ "exported": exported, "file": path, "format": format });
    context.print(&document, || format!("wrote {exported} requests to {name}"))
}

async fn to_stdout(
    context: &Context,
    journal: &Journal,
    filter: Filter,
    args: &LogsExportArgs,
) -> Result<()> {
    let style = if context.json { Style::Document } else { Style::of(args.format) };
    let mut sheet = Sheet::new(BufWriter::new(io::stdout().lock()), style);
    let copied = match copy(journal, filter, &mut sheet).await {
        Ok(_) => sheet.finish().and_then(|mut stdout| stdout.flush()).map_err(Into::into),
        Err(error) => Err(error),
    };
    match copied {
        // The reader closed the output.
        Err(error) if is_broken_pipe(&error) => Ok(()),
        result => result,
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let kind = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref().map(io::Error::kind) == Some(ErrorKind::BrokenPipe)
    };
    error.chain().any(kind)
}

/// Copies page by page, each a short read, so that a running service can tidy its file up meanwhile; how many rows.
async fn copy<W: Write>(
    journal: &Journal,
    mut filter: Filter,
    sheet: &mut Sheet<W>,
) -> Result<u64> {
    let mut exported = 0;
    sheet.begin()?;
    loop {
        let rows = journal.page(&filter, PAGE).await?;
        for row in &rows {
            sheet.write(row, exported == 0)?;
            exported += 1;
        }
        match rows.last() {
            Some(last) if rows.len() == PAGE as usize => filter.behind = Some(last.id.clone()),
            _ => return Ok(exported),
        }
    }
}

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    Ndjson,
    Csv,
    /// One JSON document: `{"requests": […]}`.
    Document,
}

impl Style {
    fn of(format: LogFormat) -> Style {
        match format {
            LogFormat::Ndjson => Style::Ndjson,
            LogFormat::Csv => Style::Csv,
        }
    }
}

/// Rows on their way out.
struct Sheet<W> {
    output: W,
    style: Style,
}

impl<W: Write> Sheet<W> {
    fn new(output: W, style: Style) -> Sheet<W> {
        Sheet { output, style }
    }

    fn begin(&mut self) -> io::Result<()> {
        match self.style {
            Style::Ndjson => Ok(()),
            Style::Csv => self.record(&header()),
            Style::Document => self.output.write_all(b"{\"requests\":["),
        }
    }

    fn write(&mut self, row: &Record, is_first: bool) -> io::Result<()> {
        match self.style {
            Style::Ndjson => writeln!(self.output, "{}", to_json(row)),
            Style::Csv => self.record(&fields(row)),
            Style::Document => {
                let comma = if is_first { "" } else { "," };
                write!(self.output, "{comma}\n{}", to_json(row))
            }
        }
    }

    fn finish(mut self) -> io::Result<W> {
        if self.style == Style::Document {
            self.output.write_all(b"]}\n")?;
        }
        Ok(self.output)
    }

    fn record(&mut self, fields: &[String]) -> io::Result<()> {
        let mut writer = csv::Writer::from_writer(&mut self.output);
        writer.write_record(fields).map_err(io_error)?;
        writer.flush()
    }
}

/// The columns of the table, and behind each body how it is written.
fn header() -> Vec<String> {
    let with_encoding = |column: &&str| {
        let encoding = BODIES.contains(column).then(|| format!("{column}_encoding"));
        std::iter::once((*column).to_owned()).chain(encoding).collect::<Vec<_>>()
    };
    COLUMNS.iter().flat_map(with_encoding).collect()
}

fn fields(record: &Record) -> Vec<String> {
    let with_encoding = |(name, column): (&&str, Column<'_>)| {
        let (field, encoding) = match column {
            Column::Null => (String::new(), ""),
            Column::Integer(number) => (number.to_string(), ""),
            Column::Text(text) => (text.to_owned(), "text"),
            Column::Blob(bytes) => (hex(bytes), "hexadecimal"),
        };
        let encoding = BODIES.contains(name).then(|| encoding.to_owned());
        std::iter::once(field).chain(encoding).collect::<Vec<_>>()
    };
    COLUMNS.iter().zip(record.columns()).flat_map(with_encoding).collect()
}

impl LogFormat {
    fn name(self) -> &'static str {
        match self {
            LogFormat::Ndjson => "ndjson",
            LogFormat::Csv => "csv",
        }
    }
}
