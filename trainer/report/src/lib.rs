//! The report: what is known of a model, as a page of plots, as numbers and as a card in Markdown. Only `plot` knows
//! plotters, only `page` HTML.

#![forbid(unsafe_code)]

mod report;

pub mod card;

pub mod subject;

mod views;

mod prices;

mod fit;

mod segments;

mod calibration;

mod importance;

mod dependence;

mod learning_curve;

mod trials;

mod champions;

mod drift;

mod figure;

mod plot;

mod axis;

mod page;

pub use self::plot::PlotError;
pub use self::report::Report;
