//! What crosses the wire, defined once: diamonds as JSON, CSV, query strings and JavaScript objects; predictions,
//! warnings, problems; the journal's record.
//!
//! The types write themselves through `serde`, so the service writes them as JSON and the npm package as JavaScript
//! objects, with the same names in the same order. Nothing here knows HTTP, SQL or a model's bytes.

#![forbid(unsafe_code)]

pub mod number;
pub mod hex;
pub mod field_errors;
pub mod diamond;
#[cfg(feature = "json")]
pub mod object;
pub mod query;
#[cfg(feature = "csv")]
pub mod table;
pub mod warning;
pub mod prediction;
pub mod stone;
pub mod problem;
#[cfg(feature = "journal")]
pub mod journal;

pub use diamond::{FieldSet, ParsedDiamond};
pub use field_errors::{FieldErrors, ParseError};
pub use number::Number;
#[cfg(feature = "json")]
pub use object::Object;
pub use prediction::{ModelName, Prediction};
pub use problem::{ErrorItem, ProblemBody, RowError};
pub use query::Query;
pub use stone::{Listing, Similar, Stone};
pub use warning::Warning;
