//! The diamond: its grades, weight and measures, all valid.

use crate::grade::{Clarity, Color, Cut};
use crate::quantity::{Carat, Millimetres, Percent};

/// A stone: its four Cs, and its measures where known.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(missing_docs, reason = "the types say what the fields are")]
pub struct Diamond {
    pub carat: Carat,
    pub cut: Cut,
    pub color: Color,
    pub clarity: Clarity,
    pub measures: Measures,
}

/// The proportions and dimensions of a stone; `None` where not measured.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Measures {
    /// Total depth, `z / mean(x, y)`, in percent.
    pub depth: Option<Percent>,
    /// Width of the top facet relative to the widest point, in percent.
    pub table: Option<Percent>,
    /// Length in mm.
    pub x: Option<Millimetres>,
    /// Width in mm.
    pub y: Option<Millimetres>,
    /// Depth in mm.
    pub z: Option<Millimetres>,
}
