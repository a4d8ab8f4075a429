//! A diamond: parsed once, valid ever after.

use crate::grade::{Clarity, Color, Cut};
use crate::quantity::{Carat, Millimetres, Percent};

/// A stone by its four Cs and whatever of it was measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Diamond {
    /// Weight.
    pub carat: Carat,
    /// Quality of the cut.
    pub cut: Cut,
    /// Color.
    pub color: Color,
    /// Clarity.
    pub clarity: Clarity,
    /// What was measured beside the four Cs.
    pub measures: Measures,
}

/// The proportions and dimensions of a stone; `None` where nobody measured.
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
