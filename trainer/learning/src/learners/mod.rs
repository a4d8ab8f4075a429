//! Every model family. A new family is one file in this folder and one row in [`LEARNERS`].

mod linear;

mod elastic_net;

mod xgboost;

mod forust;

mod design;

mod augment;

pub use crate::family::Learner;

/// Every family, in the order they are trained.
pub const LEARNERS: &[Learner] =
    &[linear::LINEAR, linear::LOG_LINEAR, elastic_net::LEARNER, xgboost::LEARNER, forust::LEARNER];

/// The family of this name.
pub fn by_name(name: &str) -> Option<&'static Learner> {
    LEARNERS.iter().find(|learner| learner.name == name)
}
