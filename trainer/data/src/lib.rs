//! Diamond rows: how a file is read, which rows are valid, and which of them are held out.

#![forbid(unsafe_code)]

pub mod ahead;

mod numeral;

mod identity;

pub mod stone;

pub mod list_rule;

pub mod delivery;

pub mod dataset;

pub mod version;

pub mod split;

pub mod listings;

pub mod sample;

mod error;

pub use self::error::DataError;
