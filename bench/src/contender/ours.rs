//! Ours, from features to a margin.

use std::hint::black_box;

use anyhow::Result;
use inference::{Features, Form};

use super::{BATCH, Contender};
use crate::work::{Subject, Work};

pub(super) struct Ours {
    form: Form,
    rows: Vec<Features>,
    /// Rows a call; none where each is a call of its own.
    batch: Option<u16>,
}

impl Ours {
    pub(super) fn single(work: &Work, subject: Subject) -> Result<Box<dyn Contender>> {
        Ok(Box::new(Ours { form: work.model(subject)?.form, rows: vec![], batch: None }))
    }

    pub(super) fn batch(work: &Work, subject: Subject) -> Result<Box<dyn Contender>> {
        Ok(Box::new(Ours { form: work.model(subject)?.form, rows: vec![], batch: Some(BATCH) }))
    }
}

impl Contender for Ours {
    fn load(&mut self, rows: &[Features]) -> Result<()> {
        rows.clone_into(&mut self.rows);
        Ok(())
    }

    fn run(&mut self, margins: &mut [f64]) -> Result<()> {
        if let Some(batch) = self.batch.map(usize::from) {
            for (rows, margins) in self.rows.chunks(batch).zip(margins.chunks_mut(batch)) {
                // The last chunk of places may be shorter than its rows.
                let rows = rows.get(..margins.len()).unwrap_or(rows);
                self.form.margins(black_box(rows), margins);
            }
        } else {
            for (row, margin) in self.rows.iter().zip(margins) {
                *margin = self.form.margin(black_box(row));
            }
        }
        Ok(())
    }
}
