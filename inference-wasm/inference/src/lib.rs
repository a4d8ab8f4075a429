#![doc = include_str!("../README.md")]
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;
// The tests share code under this name, whether they are inside the crate or outside.
#[cfg(test)]
extern crate self as inference;

mod ensure;
pub mod grade;
pub mod quantity;
pub mod price_list;
pub mod prices_in;
pub mod diamond;
pub mod float32;
mod diamond_input;
pub mod text;
pub mod features;
pub mod form;
pub mod explain;
pub mod link;
pub mod interval;
pub mod rare_grades;
pub mod domain;
mod warning;
pub mod metrics;
pub mod blob;
pub mod predictor;
pub mod image;
mod ans;
mod stream;
pub mod envelope;
pub mod similar;
pub mod samples;

pub use blob::{BlobError, Header, Model, ModelId};
pub use diamond::{Diamond, Measures};
pub use diamond_input::{DiamondInput, FieldError, FieldValue};
pub use domain::Domain;
pub use envelope::EnvelopeError;
pub use explain::{Explanation, Part, PartValue};
pub use features::{Encoder, Features, MeasureImputer};
pub use form::{CompiledForm, Form, FormError};
pub use grade::{Clarity, Color, Cut};
pub use image::{Image, ImageError};
pub use interval::{ConformalTable, PredictionInterval};
pub use link::Link;
pub use metrics::Metrics;
pub use predictor::{Estimate, ListEstimate, Predictor, Range};
pub use price_list::{PriceList, PriceLists};
pub use prices_in::PricesIn;
pub use quantity::{Carat, Millimetres, OutOfRange, Percent, Usd};
pub use samples::{Sample, Samples, SamplesError};
pub use warning::Warning;

#[cfg(test)]
#[path = "../tests/properties/mod.rs"]
mod properties;
