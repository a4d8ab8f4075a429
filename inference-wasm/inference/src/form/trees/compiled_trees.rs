//! Computes margins from a layout, without the nodes that the layout was made from.

use alloc::vec::Vec;

use super::check;
use super::layout::TreeLayout;
use super::perfect_trees::ROWS;
use super::stats::MissingDirections;
use super::{EnsembleStats, FormError, IndexedThresholds, Node, Thresholds};
use crate::features::Features;
use crate::image::{ImageError, Source};

/// An ensemble compiled for margins: its layout, base and unit.
#[derive(Debug, Clone)]
pub struct CompiledTrees {
    /// The margin before any tree.
    pub(super) base: f64,
    /// What a leaf of 1 adds to the margin.
    pub(super) unit: f64,
    layout: AnyLayout,
}

/// A layout with whole or with f32 leaves.
#[derive(Debug, Clone)]
enum AnyLayout {
    Whole(TreeLayout<i16>),
    Float(TreeLayout<f32>),
}

/// The kinds of leaves in an image.
const WHOLE: u8 = 0;
const FLOAT: u8 = 1;

impl CompiledTrees {
    /// Lays checked trees out.
    pub(super) fn of(
        base: f64,
        unit: f64,
        roots: &[u32],
        nodes: &[Node],
        IndexedThresholds { thresholds, threshold_index }: &IndexedThresholds,
        stats: &EnsembleStats,
    ) -> Result<CompiledTrees, FormError> {
        let layout = if stats.is_whole {
            AnyLayout::Whole(TreeLayout::new(roots, nodes, thresholds, threshold_index, stats)?)
        } else {
            AnyLayout::Float(TreeLayout::new(roots, nodes, thresholds, threshold_index, stats)?)
        };
        Ok(CompiledTrees { base, unit, layout })
    }

    /// The margin of a stone.
    #[must_use]
    pub fn margin(&self, features: &Features) -> f64 {
        let units = match &self.layout {
            AnyLayout::Whole(layout) => layout.units(features),
            AnyLayout::Float(layout) => layout.units(features),
        };
        self.base + self.unit * units
    }

    /// Computes the margins of stones as [`Self::margin`] does, as many as the shorter slice has elements.
    pub fn margins(&self, rows: &[Features], margins: &mut [f64]) {
        let count = rows.len().min(margins.len());
        let (blocks, rest) = rows[..count].as_chunks::<ROWS>();
        let (block_margins, rest_margins) = margins[..count].as_chunks_mut::<ROWS>();
        for (rows, margins) in blocks.iter().zip(block_margins) {
            let units = match &self.layout {
                AnyLayout::Whole(layout) => layout.units_of_rows(rows),
                AnyLayout::Float(layout) => layout.units_of_rows(rows),
            };
            *margins = units.map(|units| self.base + self.unit * units);
        }
        for (row, margin) in rest.iter().zip(rest_margins) {
            *margin = self.margin(row);
        }
    }

    pub(super) fn is_whole(&self) -> bool {
        matches!(self.layout, AnyLayout::Whole(_))
    }

    /// How many bytes a walk through all trees can touch.
    pub(super) fn bytes(&self) -> usize {
        match &self.layout {
            AnyLayout::Whole(layout) => layout.bytes(),
            AnyLayout::Float(layout) => layout.bytes(),
        }
    }

    /// Appends the ensemble as an image stores it: the kind of leaves (u8: 0 whole, 1 f32), base and unit (f64), then the
    /// layout. `thresholds` and `missing` are those it was made from.
    pub(super) fn write(
        &self,
        thresholds: &Thresholds,
        missing: &MissingDirections,
        image: &mut Vec<u8>,
    ) {
        image.push(if self.is_whole() { WHOLE } else { FLOAT });
        image.extend(self.base.to_le_bytes());
        image.extend(self.unit.to_le_bytes());
        match &self.layout {
            AnyLayout::Whole(layout) => layout.write(thresholds, missing, image),
            AnyLayout::Float(layout) => layout.write(thresholds, missing, image),
        }
    }

    /// Reads what [`Self::write`] wrote.
    pub(crate) fn read(source: &mut Source<'_>) -> Result<CompiledTrees, ImageError> {
        let kind = source.byte()?;
        let (base, unit) = (source.float()?, source.float()?);
        check::scale(base, unit)?;
        let layout = match kind {
            WHOLE => AnyLayout::Whole(TreeLayout::read(source)?),
            FLOAT => AnyLayout::Float(TreeLayout::read(source)?),
            _ => {
                let why = "the leaves are of a kind that this build does not know";
                return Err(ImageError::Broken(why));
            }
        };
        Ok(CompiledTrees { base, unit, layout })
    }
}
