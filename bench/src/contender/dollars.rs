//! Ours, from a stone to dollars.

use std::hint::black_box;

use anyhow::{Result, ensure};
use inference::{
    Carat, Clarity, Color, Cut, Diamond, Features, Measures, Millimetres, Percent, Predictor,
};

use super::Contender;
use crate::work::{Subject, Work};

/// Everything that a caller of the library pays for: encoding, margin, exponential.
pub(super) struct Dollars {
    predictor: Predictor,
    stones: Vec<Diamond>,
}

impl Dollars {
    pub(super) fn make(work: &Work, subject: Subject) -> Result<Box<dyn Contender>> {
        let predictor = Predictor::new(work.model(subject)?);
        Ok(Box::new(Dollars { predictor, stones: vec![] }))
    }
}

impl Contender for Dollars {
    fn load(&mut self, rows: &[Features]) -> Result<()> {
        self.stones = rows.iter().filter_map(stone).collect();
        ensure!(self.stones.len() == rows.len(), "a row is no stone");
        Ok(())
    }

    fn run(&mut self, margins: &mut [f64]) -> Result<()> {
        for (stone, margin) in self.stones.iter().zip(margins) {
            *margin = self.predictor.price_usd(black_box(stone));
        }
        Ok(())
    }
}

/// The stone that a row describes; none where it describes none.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "grades are small whole numbers"
)]
pub(crate) fn stone(row: &Features) -> Option<Diamond> {
    let [carat, cut, color, clarity, depth, table, x, y, z] = *row.values();
    Some(Diamond {
        carat: Carat::new(carat).ok()?,
        cut: *Cut::ALL.get(cut as usize)?,
        color: *Color::ALL.get(color as usize)?,
        clarity: *Clarity::ALL.get(clarity as usize)?,
        measures: Measures {
            depth: Percent::new(depth).ok(),
            table: Percent::new(table).ok(),
            x: Millimetres::new(x).ok(),
            y: Millimetres::new(y).ok(),
            z: Millimetres::new(z).ok(),
        },
    })
}
