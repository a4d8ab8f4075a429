//! Sections of figures, each a plot with its caption and its numbers.

use serde_json::{Value, json};

use super::plot::{Plot, PlotError};

/// A part of the report.
pub(crate) struct Section {
    /// Its name in an address and in the document.
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    /// What was found, in words.
    pub(super) finding: String,
    pub(super) figures: Vec<Figure>,
}

/// A plot, what it shows, how to read it, and the numbers that it was drawn of.
pub(crate) struct Figure {
    pub(super) title: String,
    pub(super) reading: String,
    pub(super) svg: String,
    pub(super) sheet: Sheet,
}

/// Numbers as a table: for the page each as people read it, for the document as it is.
#[derive(Default)]
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
    /// # Errors
    ///
    /// [`PlotError`]
    pub(super) fn new(
        title: impl Into<String>,
        reading: impl Into<String>,
        plot: &Plot,
        sheet: Sheet,
    ) -> Result<Figure, PlotError> {
        let (title, reading) = (title.into(), reading.into());
        let svg = plot.svg(&format!("{title}. {reading} The numbers are in the table below."))?;
        Ok(Figure { title, reading, svg, sheet })
    }
}

impl Section {
    /// A section that has nothing to draw, and says why.
    pub(super) fn without_figures(
        name: &'static str,
        title: &'static str,
        finding: impl Into<String>,
    ) -> Section {
        Section { name, title, finding: finding.into(), figures: Vec::new() }
    }

    pub(super) fn to_json(&self) -> Value {
        let figures = self.figures.iter().map(|figure| {
            json!({ "title": figure.title, "reading": figure.reading, "rows": figure.sheet.to_json() })
        });
        json!({
            "title": self.title,
            "finding": self.finding,
            "figures": figures.collect::<Vec<_>>(),
        })
    }
}

impl Sheet {
    pub(super) fn new(columns: &[&'static str]) -> Sheet {
        Sheet { columns: columns.to_vec(), rows: Vec::new() }
    }

    pub(super) fn add(&mut self, row: impl IntoIterator<Item = Cell>) {
        self.rows.push(row.into_iter().collect());
    }

    fn to_json(&self) -> Value {
        let row = |row: &Vec<Cell>| {
            let named = self.columns.iter().zip(row);
            named
                .map(|(column, cell)| ((*column).replace(' ', "_"), cell.value.clone()))
                .collect::<serde_json::Map<_, _>>()
        };
        self.rows.iter().map(row).map(Value::from).collect::<Vec<_>>().into()
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

    pub(super) fn count(value: usize) -> Cell {
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
