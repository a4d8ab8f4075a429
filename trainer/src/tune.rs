//! The search for settings: tree-structured Parzen estimators, by the `optimizer` crate, seeded.
//!
//! Trials run side by side in batches of a fixed size: the sampler is asked for a whole batch and told its results in
//! the order of their numbers, so that the seed alone decides what is tried, however many threads there are.

mod space;

mod trial;

mod logbook;

mod halt;

mod rivals;

mod watch;

mod search;

use self::halt::Halt;
pub(crate) use self::halt::Interruption;
pub(crate) use self::logbook::Logbook;
#[cfg(test)]
pub(crate) use self::logbook::NoLogbook;
pub(crate) use self::search::{Best, Search};
pub(crate) use self::space::Range;
pub(crate) use self::trial::{Ended, Fold, Trial};
