//! Trains model families: the search for settings, cross-validation, calibration, scores and the comparison by which a
//! challenger is promoted.

#![forbid(unsafe_code)]

pub mod statistics;

pub mod number;

pub mod progress;

pub mod parallel;

pub mod trial;

pub mod trial_store;

pub mod stop;

pub mod measures;

pub mod price_lists;

mod error;

pub mod context;

mod family;

pub mod evaluate;

mod search;

pub mod learners;

mod calibrate;

pub mod coverage;

pub mod imported;

pub mod domain;

pub mod diameters;

pub mod reading;

pub mod price_check;

pub mod train;

pub mod gate;

pub use self::context::TrainingContext;
pub use self::error::LearnError;
pub use self::family::{Learner, TunedModel};
