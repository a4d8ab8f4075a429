//! A form without what only explanations need: what an image holds.

use alloc::vec::Vec;

use super::{Form, Linear, Margin, Walked};
use crate::blob::BlobError;
use crate::features::Features;
use crate::image::{ImageError, Source};

/// The kinds of form, as the first byte of an image's body.
const LINEAR: u8 = 0;
const TREES: u8 = 1;

/// A form that gives margins and nothing else.
#[derive(Debug, Clone)]
pub enum LeanForm {
    /// A weighted sum.
    Linear(Linear),
    /// A sum of decision trees, without the trees.
    Trees(Walked),
}

impl Margin for LeanForm {
    fn margin(&self, features: &Features) -> f64 {
        match self {
            LeanForm::Linear(linear) => linear.margin(features),
            LeanForm::Trees(walked) => walked.margin(features),
        }
    }
}

impl LeanForm {
    /// Whether the form gives a margin for a row with missing values.
    pub(crate) fn takes_missing(&self) -> bool {
        matches!(self, LeanForm::Trees(_))
    }

    /// Reads what [`Form::write_lean`] wrote.
    pub(crate) fn read(source: &mut Source<'_>) -> Result<LeanForm, ImageError> {
        match source.byte()? {
            LINEAR => Linear::read(source).map(LeanForm::Linear),
            TREES => Walked::read(source).map(LeanForm::Trees),
            _ => Err(ImageError::Broken { why: "the form is of no kind that this build knows" }),
        }
    }
}

impl Form {
    /// Appends the form as an image holds it.
    pub(crate) fn write_lean(&self, image: &mut Vec<u8>) -> Result<(), BlobError> {
        match self {
            Form::Linear(linear) => {
                image.push(LINEAR);
                linear.write(image)
            }
            Form::Trees(trees) => {
                image.push(TREES);
                Ok(trees.write_walked(image)?)
            }
        }
    }
}
