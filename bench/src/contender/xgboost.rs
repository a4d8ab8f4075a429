//! XGBoost, in each way to predict that its C API has for rows in memory.

use anyhow::Result;
use inference::Features;
use inference::features::FEATURE_COUNT;

use super::Contender;
use crate::booster::{Booster, InPlace, Matrix};
use crate::work::{Subject, Work};

/// XGBoost, with rows that are f32 already.
pub(super) struct XgBoost {
    booster: Booster,
    rows: Vec<[f32; FEATURE_COUNT]>,
    way: Way,
}

/// How XGBoost gets its rows.
enum Way {
    /// Each by itself, from one place that is described once.
    Single(InPlace),
    /// Each by itself, in a matrix of its own.
    SingleMatrix(InPlace),
    /// All of them where they are.
    Batch(InPlace),
    /// All of them in a matrix, made when they are loaded: it would remember margins for a second time.
    BatchMatrix(Option<Matrix>),
}

impl XgBoost {
    fn with(work: &Work, way: Way) -> Result<Box<dyn Contender>> {
        Ok(Box::new(XgBoost { booster: Booster::load(&work.booster())?, rows: vec![], way }))
    }

    pub(super) fn single(work: &Work, _: Subject) -> Result<Box<dyn Contender>> {
        XgBoost::with(work, Way::Single(InPlace::new(vec![[0.0; FEATURE_COUNT]])?))
    }

    pub(super) fn single_matrix(work: &Work, _: Subject) -> Result<Box<dyn Contender>> {
        XgBoost::with(work, Way::SingleMatrix(InPlace::new(vec![[0.0; FEATURE_COUNT]])?))
    }

    pub(super) fn batch(work: &Work, _: Subject) -> Result<Box<dyn Contender>> {
        XgBoost::with(work, Way::Batch(InPlace::new(vec![])?))
    }

    pub(super) fn batch_matrix(work: &Work, _: Subject) -> Result<Box<dyn Contender>> {
        XgBoost::with(work, Way::BatchMatrix(None))
    }
}

impl Contender for XgBoost {
    #[expect(clippy::cast_possible_truncation, reason = "XGBoost works in f32")]
    fn load(&mut self, rows: &[Features]) -> Result<()> {
        self.rows = rows.iter().map(|row| row.values().map(|value| value as f32)).collect();
        match &mut self.way {
            Way::Single(_) | Way::SingleMatrix(_) => {}
            Way::Batch(rows) => *rows = InPlace::new(self.rows.clone())?,
            Way::BatchMatrix(matrix) => {
                *matrix = Some(Matrix::of(&InPlace::new(self.rows.clone())?)?);
            }
        }
        Ok(())
    }

    fn run(&mut self, margins: &mut [f64]) -> Result<()> {
        let places = margins.len();
        match &mut self.way {
            Way::Single(place) => {
                for (row, margin) in self.rows.iter().zip(margins) {
                    place.replace(row);
                    self.booster.margins_in_place(place, std::slice::from_mut(margin))?;
                }
                Ok(())
            }
            Way::SingleMatrix(place) => {
                for (row, margin) in self.rows.iter().zip(margins) {
                    place.replace(row);
                    let matrix = Matrix::of(place)?;
                    self.booster.margins_of(&matrix, std::slice::from_mut(margin))?;
                }
                Ok(())
            }
            Way::Batch(rows) => {
                rows.describe(places)?;
                self.booster.margins_in_place(rows, margins)
            }
            Way::BatchMatrix(Some(matrix)) if places == self.rows.len() => {
                self.booster.margins_of(matrix, margins)
            }
            Way::BatchMatrix(_) => {
                let rows = InPlace::new(self.rows.iter().take(places).copied().collect())?;
                self.booster.margins_of(&Matrix::of(&rows)?, margins)
            }
        }
    }
}
