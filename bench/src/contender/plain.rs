//! The plainer walks.

use std::hint::black_box;

use anyhow::Result;
use inference::Features;
use inference::form::Trees;

use super::Contender;
use crate::walk::pointer;
use crate::walk::sketch::Sketch;
use crate::work::{Subject, Work};

pub(super) struct Sketched {
    sketch: Sketch,
    rows: Vec<Features>,
}

impl Sketched {
    pub(super) fn make(work: &Work, subject: Subject) -> Result<Box<dyn Contender>> {
        Ok(Box::new(Sketched { sketch: Sketch::of(&work.trees(subject)?)?, rows: vec![] }))
    }
}

impl Contender for Sketched {
    fn load(&mut self, rows: &[Features]) -> Result<()> {
        rows.clone_into(&mut self.rows);
        Ok(())
    }

    fn run(&mut self, margins: &mut [f64]) -> Result<()> {
        for (row, margin) in self.rows.iter().zip(margins) {
            *margin = self.sketch.margin(black_box(row));
        }
        Ok(())
    }
}

pub(super) struct Pointer {
    trees: Trees,
    rows: Vec<Features>,
}

impl Pointer {
    pub(super) fn make(work: &Work, subject: Subject) -> Result<Box<dyn Contender>> {
        Ok(Box::new(Pointer { trees: work.trees(subject)?, rows: vec![] }))
    }
}

impl Contender for Pointer {
    fn load(&mut self, rows: &[Features]) -> Result<()> {
        rows.clone_into(&mut self.rows);
        Ok(())
    }

    fn run(&mut self, margins: &mut [f64]) -> Result<()> {
        for (row, margin) in self.rows.iter().zip(margins) {
            *margin = pointer::margin(&self.trees, black_box(row));
        }
        Ok(())
    }
}
