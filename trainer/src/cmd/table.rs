//! Prints tables for people, as CSV and as Markdown.

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{Cell, CellAlignment, ContentArrangement, LineStyle, Row, Table};
use serde_json::Value;

use crate::cli::LayoutArgs;

/// The errors of a model that tables show, with how many digits people want.
pub(super) const ERRORS: [(&str, usize); 5] =
    [("mae", 2), ("rmse", 2), ("r2", 4), ("mape", 4), ("within_10_percent", 4)];

/// A part of what a command says to people.
pub(super) enum Piece {
    Line(String),
    Table(Box<Table>),
}

/// A table for people; the first column is text, the others are aligned right.
pub(super) fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table
        // Rows stand close: lines between them would be as many as the rows.
        .load_style(UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none()))
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(header);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// The same with the header in one text, its names separated by bars.
pub(super) fn columns(header: &str) -> Table {
    table(&header.split(" | ").collect::<Vec<_>>())
}

/// Aligns the words of a column left.
pub(super) fn align_left(table: &mut Table, column: usize) {
    if let Some(column) = table.column_mut(column) {
        column.set_cell_alignment(CellAlignment::Left);
    }
}

/// A number, `-` where there is none.
pub(super) fn figure(number: Option<f64>, digits: usize) -> String {
    number.map_or_else(|| String::from("-"), |number| format!("{number:.digits$}"))
}

/// A metric out of a model's metrics.
pub(super) fn metric(metrics: &Value, part: &str, name: &str, digits: usize) -> String {
    figure(metrics[part][name].as_f64(), digits)
}

/// All errors out of a part of a model's metrics.
pub(super) fn errors(metrics: &Value, part: &str) -> impl Iterator<Item = String> {
    ERRORS.iter().map(move |(name, digits)| metric(metrics, part, name, *digits))
}

/// Lines and tables as they are wanted. CSV is the first table, with the rows of those that have its columns: any other
/// would be no part of it.
pub(super) fn written(layout: LayoutArgs, pieces: &[Piece]) -> String {
    if layout.csv {
        let tables = pieces.iter().filter_map(|piece| match piece {
            Piece::Table(table) => Some(&**table),
            Piece::Line(_) => None,
        });
        return csv(&tables.collect::<Vec<_>>());
    }
    let piece = |piece: &Piece| match piece {
        Piece::Table(table) if layout.md => markdown(table),
        Piece::Table(table) => table.to_string(),
        Piece::Line(line) => line.clone(),
    };
    let between = if layout.md { "\n\n" } else { "\n" };
    pieces.iter().map(piece).collect::<Vec<_>>().join(between)
}

/// Quoted where it must be; the last line has no end, because the printer adds it.
fn csv(tables: &[&Table]) -> String {
    let field = |text: String| {
        if text.contains(['"', ',', '\n', '\r']) {
            format!("\"{}\"", text.replace('"', "\"\""))
        } else {
            text
        }
    };
    let line = |row: &Row| cells(row).map(field).collect::<Vec<_>>().join(",");
    let head = |table: &Table| table.header().map(line);
    let Some(first) = tables.first().and_then(|table| head(table)) else { return String::new() };
    let alike = tables.iter().filter(|table| head(table).as_ref() == Some(&first));
    let rows: Vec<String> = alike.flat_map(|table| table.row_iter()).map(line).collect();
    std::iter::once(first.clone()).chain(rows).collect::<Vec<_>>().join("\n")
}

fn markdown(table: &Table) -> String {
    let escaped = |text: String| text.replace('|', "\\|").replace(['\n', '\r'], " ");
    let line =
        |row: &Row| format!("| {} |", cells(row).map(escaped).collect::<Vec<_>>().join(" | "));
    let rule: Vec<&str> = (0..table.column_iter().count())
        .map(|column| if column == 0 { "---" } else { "---:" })
        .collect();
    let mut lines: Vec<String> = table.header().map(line).into_iter().collect();
    lines.push(format!("| {} |", rule.join(" | ")));
    lines.extend(table.row_iter().map(line));
    lines.join("\n")
}

fn cells(row: &Row) -> impl Iterator<Item = String> + '_ {
    row.cell_iter().map(Cell::content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_written_as_it_is_wanted() {
        let check = |csv: bool, md: bool, expected: &str| {
            let mut table = table(&["family", "why"]);
            table.add_row(["linear", "a, b"]).add_row(["x|y", "said \"no\""]);
            let pieces = [Piece::Table(table.into()), Piece::Line(String::from("so it is"))];
            assert_eq!(written(LayoutArgs { csv, md }, &pieces), expected);
        };
        check(true, false, "family,why\nlinear,\"a, b\"\nx|y,\"said \"\"no\"\"\"");
        check(
            false,
            true,
            "| family | why |\n| --- | ---: |\n| linear | a, b |\n| x\\|y | said \"no\" |\n\nso it is",
        );
    }

    #[test]
    fn csv_is_the_first_table_with_those_of_its_columns() {
        let of = |columns: &[&str], row: &[&str]| {
            let mut table = table(columns);
            table.add_row(row.to_vec());
            Piece::Table(table.into())
        };
        let same = ["a", "b"];
        let pieces = [of(&same, &["1", "2"]), of(&["c"], &["9"]), of(&same, &["3", "4"])];
        assert_eq!(written(LayoutArgs { csv: true, md: false }, &pieces), "a,b\n1,2\n3,4");
        assert_eq!(written(LayoutArgs { csv: true, md: false }, &[]), "");
    }
}
