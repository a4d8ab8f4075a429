//! Ours, in the guest.

use anyhow::Result;
use inference::Features;

use super::{BATCH, Contender};
use crate::guest::Guest;
use crate::work::{Subject, Work};

pub(super) struct Wasm {
    guest: Guest,
    batch: Option<u16>,
}

impl Wasm {
    pub(super) fn single(work: &Work, subject: Subject) -> Result<Box<dyn Contender>> {
        Ok(Box::new(Wasm { guest: Guest::with(&work.guest(), &work.blob(subject)?)?, batch: None }))
    }

    pub(super) fn batch(work: &Work, subject: Subject) -> Result<Box<dyn Contender>> {
        let guest = Guest::with(&work.guest(), &work.blob(subject)?)?;
        Ok(Box::new(Wasm { guest, batch: Some(BATCH) }))
    }
}

impl Contender for Wasm {
    fn load(&mut self, rows: &[Features]) -> Result<()> {
        self.guest.load(rows)
    }

    fn run(&mut self, margins: &mut [f64]) -> Result<()> {
        match self.batch {
            Some(batch) => self.guest.in_batches(u32::from(batch), margins)?,
            None => self.guest.one_by_one(margins)?,
        }
        Ok(())
    }
}
