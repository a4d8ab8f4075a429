//! The compiled form: what an image holds, without what only explanations need.

use alloc::vec::Vec;

use super::{CompiledTrees, Form, Linear, Margin};
use crate::blob::BlobError;
use crate::features::Features;
use crate::image::{ImageError, Source};

/// The kinds of form, as the first byte of an image's body.
const LINEAR: u8 = 0;
const TREES: u8 = 1;

/// A form that computes margins and nothing else.
#[derive(Debug, Clone)]
pub enum CompiledForm {
    /// A weighted sum.
    Linear(Linear),
    /// A sum of decision trees, without their nodes.
    Trees(CompiledTrees),
}

impl Margin for CompiledForm {
    fn margin(&self, features: &Features) -> f64 {
        match self {
            CompiledForm::Linear(linear) => linear.margin(features),
            CompiledForm::Trees(trees) => trees.margin(features),
        }
    }
}

impl CompiledForm {
    /// Whether the form accepts rows with missing values.
    pub(crate) fn takes_missing(&self) -> bool {
        matches!(self, CompiledForm::Trees(_))
    }

    /// Reads what [`Form::write_compiled`] wrote.
    pub(crate) fn read(source: &mut Source<'_>) -> Result<CompiledForm, ImageError> {
        match source.byte()? {
            LINEAR => Linear::read(source).map(CompiledForm::Linear),
            TREES => CompiledTrees::read(source).map(CompiledForm::Trees),
            _ => Err(ImageError::Broken("the form is of a kind that this build does not know")),
        }
    }
}

impl Form {
    /// Appends the form as an image stores it.
    pub(crate) fn write_compiled(&self, image: &mut Vec<u8>) -> Result<(), BlobError> {
        match self {
            Form::Linear(linear) => {
                image.push(LINEAR);
                linear.write(image)
            }
            Form::Trees(trees) => {
                image.push(TREES);
                Ok(trees.write_compiled(image)?)
            }
        }
    }
}
