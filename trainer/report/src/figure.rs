//! Figures of the report, each a plot with its caption and its numbers.

use serde_json::{Map, Value, json};

use super::plot::Plot;

/// What a section of the report says: a finding in words, and the figures behind it.
pub(crate) type Findings = (String, Vec<Figure>);

/// A section: its name in an address and in the document, its title, and what it says.
pub(crate) type Section = (&'static str, &'static str, Findings);

/// A plot, what it shows, how to read it, and the numbers that it was drawn of.
pub(crate) struct Figure {
    pub(super) title: String,
    pub(super) reading: String,
    pub(super) plot: Plot,
    pub(super) sheet: Sheet,
}

/// Numbers as a table: for the page each as people read it, for the document as it is.
pub(crate) struct Sheet {
    pub(super) columns: Vec<&'static str>,
    pub(super) rows: Vec<Vec<Cell>>,
}

/// One number or word.
pub(crate) struct Cell {
    pub(super) shown: String,
    value: Value,
}

impl Figure {
    pub(super) fn to_json(&self) -> Value {
        let Sheet { columns, rows } = &self.sheet;
        let row = |row: &Vec<Cell>| -> Map<String, Value> {
            let named = columns.iter().zip(row);
            named.map(|(column, cell)| (column.replace(' ', "_"), cell.value.clone())).collect()
        };
        let rows: Vec<_> = rows.iter().map(row).collect();
        json!({ "title": self.title, "reading": self.reading, "rows": rows })
    }
}

impl Sheet {
    pub(super) fn new<const N: usize>(
        columns: [&'static str; N],
        rows: impl Iterator<Item = [Cell; N]>,
    ) -> Sheet {
        Sheet { columns: columns.to_vec(), rows: rows.map(Vec::from).collect() }
    }
}

impl Cell {
    /// Something that is shown otherwise than it is kept.
    pub(super) fn new(shown: impl Into<String>, value: impl Into<Value>) -> Cell {
        Cell { shown: shown.into(), value: value.into() }
    }

    pub(super) fn text(text: impl Into<String>) -> Cell {
        let text = text.into();
        Cell { value: text.clone().into(), shown: text }
    }

    pub(super) fn usd(value: f64) -> Cell {
        Cell::new(learning::number::usd(value), value)
    }

    pub(super) fn percent(share: f64) -> Cell {
        Cell::new(learning::number::percent(share, 1), share)
    }

    pub(super) fn signed_percent(share: f64) -> Cell {
        Cell::new(learning::number::signed_percent(share, 1), share)
    }

    pub(super) fn count(value: impl ToString + Copy + Into<Value>) -> Cell {
        Cell::new(learning::number::count(value), value)
    }

    pub(super) fn number(value: f64, digits: usize) -> Cell {
        Cell::new(learning::number::plain(value, digits), value)
    }

    pub(super) fn is_number(&self) -> bool {
        self.value.is_number()
    }

    /// Nothing there.
    pub(super) fn none() -> Cell {
        Cell::new("\u{2013}", Value::Null)
    }
}
