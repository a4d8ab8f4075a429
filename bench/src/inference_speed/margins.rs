//! Computes margins of rows in memory, which is what the contenders are timed at.

use std::hint::black_box;

use anyhow::Result;
use inference::{Features, Form};

/// Computes margins in one way.
pub(crate) trait Margins {
    /// Takes rows; not timed.
    fn load(&mut self, rows: &[Features]) -> Result<()>;

    /// Computes the margins of the first rows, as many as there is room for; timed.
    fn compute(&mut self, margins: &mut [f64]) -> Result<()>;
}

/// A function over rows that are converted when they are loaded.
struct OverRows<R, F> {
    convert: fn(&Features) -> Result<R>,
    compute: F,
    rows: Vec<R>,
}

impl<R, F: FnMut(&[R], &mut [f64]) -> Result<()>> Margins for OverRows<R, F> {
    fn load(&mut self, rows: &[Features]) -> Result<()> {
        self.rows = rows.iter().map(self.convert).collect::<Result<_>>()?;
        Ok(())
    }

    fn compute(&mut self, margins: &mut [f64]) -> Result<()> {
        let count = margins.len().min(self.rows.len());
        (self.compute)(&self.rows[..count], margins)
    }
}

/// Computes all rows in one call.
pub(crate) fn all_at_once<R: 'static>(
    convert: fn(&Features) -> Result<R>,
    compute: impl FnMut(&[R], &mut [f64]) -> Result<()> + 'static,
) -> Box<dyn Margins> {
    Box::new(OverRows { convert, compute, rows: Vec::new() })
}

/// Computes one row in each call.
pub(crate) fn one_by_one<R: 'static>(
    convert: fn(&Features) -> Result<R>,
    margin: impl Fn(&R) -> f64 + 'static,
) -> Box<dyn Margins> {
    all_at_once(convert, move |rows, margins| {
        for (row, place) in rows.iter().zip(margins) {
            *place = margin(black_box(row));
        }
        Ok(())
    })
}

/// A form in this process, so many rows per call.
pub(crate) fn native(form: Form, rows_per_call: usize) -> Box<dyn Margins> {
    let same = |row: &Features| Ok(*row);
    if rows_per_call == 1 {
        return one_by_one(same, move |row| form.margin(row));
    }
    all_at_once(same, move |rows, margins| {
        for (rows, margins) in rows.chunks(rows_per_call).zip(margins.chunks_mut(rows_per_call)) {
            form.margins(black_box(rows), margins);
        }
        Ok(())
    })
}
