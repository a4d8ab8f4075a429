//! The diamond: its grades, weight and measures, all valid.

use crate::grade::{Clarity, Color, Cut};
use crate::price_list::PriceList;
use crate::quantity::{Carat, Millimetres, Percent};

/// A stone: its four Cs, its measures where known, and the price list it is to be priced by, if any.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(missing_docs, reason = "the types say what the fields are")]
pub struct Diamond {
    pub carat: Carat,
    pub cut: Cut,
    pub color: Color,
    pub clarity: Clarity,
    pub measures: Measures,
    pub price_list: Option<PriceList>,
}

/// The proportions and dimensions of a stone; `None` where not measured.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Measures {
    /// Total depth, `z / mean(x, y)`, in percent.
    pub depth: Option<Percent>,
    /// Width of the top facet relative to the widest point, in percent.
    pub table: Option<Percent>,
    /// One diameter in mm.
    pub x: Option<Millimetres>,
    /// The other diameter in mm.
    pub y: Option<Millimetres>,
    /// Depth in mm.
    pub z: Option<Millimetres>,
}

impl Measures {
    /// The smaller and the larger diameter in mm, where both are known: turning a stone exchanges x and y.
    #[must_use]
    pub fn diameters(&self) -> Option<[Millimetres; 2]> {
        let (x, y) = (self.x?, self.y?);
        Some(if x <= y { [x, y] } else { [y, x] })
    }

    /// Whether every measure is known.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        let Measures { depth, table, x, y, z } = self;
        depth.is_some() && table.is_some() && x.is_some() && y.is_some() && z.is_some()
    }
}
