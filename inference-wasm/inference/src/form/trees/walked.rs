//! What a margin takes of an ensemble: everything but the trees it was laid out from.

use alloc::vec::Vec;

use super::census::Used;
use super::check;
use super::grove::ROWS;
use super::lanes::Cuts;
use super::walker::Walker;
use super::{Census, FormError, Node, Numbered};
use crate::features::Features;
use crate::image::{ImageError, Source};

/// An ensemble that gives margins, laid out to be walked.
#[derive(Debug, Clone)]
pub struct Walked {
    base: f64,
    unit: f64,
    walker: AnyWalker,
}

/// A walker over leaves that are whole numbers, or over f32.
#[derive(Debug, Clone)]
enum AnyWalker {
    Whole(Walker<i16>),
    Float(Walker<f32>),
}

/// The kinds of leaves as an image names them.
const WHOLE: u8 = 0;
const FLOAT: u8 = 1;

impl Walked {
    /// Lays checked trees out.
    ///
    /// # Errors
    ///
    /// [`FormError::TooManyThresholds`]
    pub(super) fn of(
        base: f64,
        unit: f64,
        roots: &[u32],
        nodes: &[Node],
        Numbered { cuts, cut_of }: &Numbered,
        census: &Census,
    ) -> Result<Walked, FormError> {
        let walker = if census.is_whole {
            AnyWalker::Whole(Walker::new(roots, nodes, cuts, cut_of, census)?)
        } else {
            AnyWalker::Float(Walker::new(roots, nodes, cuts, cut_of, census)?)
        };
        Ok(Walked { base, unit, walker })
    }

    /// The margin before any tree.
    pub(super) fn base(&self) -> f64 {
        self.base
    }

    /// What a leaf of 1 adds to the margin.
    pub(super) fn unit(&self) -> f64 {
        self.unit
    }

    /// The margin of a stone.
    #[must_use]
    pub fn margin(&self, features: &Features) -> f64 {
        let units = match &self.walker {
            AnyWalker::Whole(walker) => walker.units(features),
            AnyWalker::Float(walker) => walker.units(features),
        };
        self.base + self.unit * units
    }

    /// The margins of stones, each as [`Self::margin`] gives it; as many are written as both slices have places.
    pub fn margins(&self, rows: &[Features], margins: &mut [f64]) {
        let count = rows.len().min(margins.len());
        let (blocks, rest) = rows[..count].as_chunks::<ROWS>();
        let (block_margins, rest_margins) = margins[..count].as_chunks_mut::<ROWS>();
        for (rows, margins) in blocks.iter().zip(block_margins) {
            let units = match &self.walker {
                AnyWalker::Whole(walker) => walker.units_of_rows(rows),
                AnyWalker::Float(walker) => walker.units_of_rows(rows),
            };
            *margins = units.map(|units| self.base + self.unit * units);
        }
        for (row, margin) in rest.iter().zip(rest_margins) {
            *margin = self.margin(row);
        }
    }

    pub(super) fn is_whole(&self) -> bool {
        matches!(self.walker, AnyWalker::Whole(_))
    }

    /// How many bytes a walk through all trees can touch.
    pub(super) fn bytes(&self) -> usize {
        match &self.walker {
            AnyWalker::Whole(walker) => walker.bytes(),
            AnyWalker::Float(walker) => walker.bytes(),
        }
    }

    /// Appends the ensemble as an image holds it: the kind of leaves (u8: 0 whole, 1 f32), base and unit (f64), and what
    /// [`Walker::write`] says. `cuts` and `used` are those it was laid out from.
    pub(super) fn write(&self, cuts: &Cuts, used: &Used, image: &mut Vec<u8>) {
        image.push(if self.is_whole() { WHOLE } else { FLOAT });
        image.extend(self.base.to_le_bytes());
        image.extend(self.unit.to_le_bytes());
        match &self.walker {
            AnyWalker::Whole(walker) => walker.write(cuts, used, image),
            AnyWalker::Float(walker) => walker.write(cuts, used, image),
        }
    }

    /// Reads what [`Self::write`] wrote.
    pub(crate) fn read(source: &mut Source<'_>) -> Result<Walked, ImageError> {
        let kind = source.byte()?;
        let (base, unit) = (source.float()?, source.float()?);
        check::scale(base, unit)?;
        let walker = match kind {
            WHOLE => AnyWalker::Whole(Walker::read(source)?),
            FLOAT => AnyWalker::Float(Walker::read(source)?),
            _ => {
                let why = "the leaves are of no kind that this build knows";
                return Err(ImageError::Broken { why });
            }
        };
        Ok(Walked { base, unit, walker })
    }
}
