//! What a model family provides: how to find its settings and how to fit rows with them.

use inference::{Encoder, Form, Link, MeasureImputer, PriceLists};
use serde_json::Value;

use data::stone::Stone;

use crate::context::TrainingContext;
use crate::error::LearnError;

/// One model family.
pub struct Learner {
    /// Its name on the command line, in the registry and in the blob.
    pub name: &'static str,
    /// What it is, in one line.
    pub about: &'static str,
    /// What its margin is: the price or its logarithm.
    pub link: Link,
    /// How its models encode a stone, given how measures that are missing are imputed, and the price lists to learn.
    pub encoder: fn(MeasureImputer, PriceLists) -> Encoder,
    /// Finds the settings with the lowest error on the training rows.
    pub tune: fn(&TrainingContext<'_>) -> Result<Box<dyn TunedModel>, LearnError>,
    /// The settings of a model that was fitted before, from what the registry keeps of it and its seed; `None` where they
    /// are incomplete, or something else wrote them.
    pub recall: fn(&Value, u64) -> Option<Box<dyn TunedModel>>,
}

/// A family with its settings: it fits the same form to the same rows every time.
pub trait TunedModel: Sync {
    /// The settings, for the registry.
    fn params(&self) -> Value;

    /// Fits the rows as the encoder makes them.
    ///
    /// # Errors
    ///
    /// [`LearnError`]
    fn fit(&self, stones: &[&Stone], encoder: &Encoder) -> Result<Form, LearnError>;
}
