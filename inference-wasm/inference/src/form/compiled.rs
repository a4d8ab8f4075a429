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
pub enum CompiledForm {
    /// A weighted sum.
    Linear(Linear),
    /// A sum of decision trees, without the trees.
    Trees(Walked),
}

impl Margin for CompiledForm {
    fn margin(&self, features: &Features) -> f64 {
        match self {
            CompiledForm::Linear(linear) => linear.margin(features),
            CompiledForm::Trees(walked) => walked.margin(features),
        }
    }
}

impl CompiledForm {
    /// Whether the form gives a margin for a row with missing values.
    pub(crate) fn takes_missing(&self) -> bool {
        matches!(self, CompiledForm::Trees(_))
    }

    /// Reads what [`Form::write_lean`] wrote.
    pub(crate) fn read(source: &mut Source<'_>) -> Result<CompiledForm, ImageError> {
        match source.byte()? {
            LINEAR => Linear::read(source).map(CompiledForm::Linear),
            TREES => Walked::read(source).map(CompiledForm::Trees),
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
