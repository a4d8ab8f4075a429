//! The plainer walks.

use std::hint::black_box;

use anyhow::Result;
use inference::Features;

use super::Contender;
use crate::walk::pointer;
use crate::walk::sketch::Sketch;
use crate::work::{Subject, Work};

/// A walk, one row after the other.
struct Plain<W> {
    walk: W,
    rows: Vec<Features>,
}

impl<W: Fn(&Features) -> f64 + 'static> Plain<W> {
    fn make(walk: W) -> Box<dyn Contender> {
        Box::new(Plain { walk, rows: vec![] })
    }
}

/// The sketch.
pub(super) fn sketched(work: &Work, subject: Subject) -> Result<Box<dyn Contender>> {
    let sketch = Sketch::of(&work.trees(subject)?)?;
    Ok(Plain::make(move |row| sketch.margin(row)))
}

/// Pointer chasing.
pub(super) fn pointer(work: &Work, subject: Subject) -> Result<Box<dyn Contender>> {
    let trees = work.trees(subject)?;
    Ok(Plain::make(move |row| pointer::margin(&trees, row)))
}

impl<W: Fn(&Features) -> f64> Contender for Plain<W> {
    fn load(&mut self, rows: &[Features]) -> Result<()> {
        rows.clone_into(&mut self.rows);
        Ok(())
    }

    fn run(&mut self, margins: &mut [f64]) -> Result<()> {
        for (row, margin) in self.rows.iter().zip(margins) {
            *margin = (self.walk)(black_box(row));
        }
        Ok(())
    }
}
