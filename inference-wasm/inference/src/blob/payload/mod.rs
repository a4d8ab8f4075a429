//! Writes and reads the payload of a blob: linear forms as postcard, trees entropy-coded.

mod table;
mod probability_model;
mod thresholds;
mod trees_header;
mod leaf;
mod left_fraction;
mod nodes;
mod trees;

use alloc::vec::Vec;

use super::BlobError;
use crate::envelope::{self, EnvelopeError};
use crate::form::{Form, Linear};

/// The first byte of a payload: the kind of form.
const LINEAR: u8 = 0;
const TREES: u8 = 1;

const PART: &str = "payload";

const UNREADABLE: BlobError = BlobError::Envelope(EnvelopeError::Unreadable { part: PART });

/// Writes a form.
pub(super) fn write(form: &Form) -> Result<Vec<u8>, BlobError> {
    let (kind, body) = match form {
        Form::Linear(linear) => {
            (LINEAR, envelope::write_part(PART, &(linear.intercept(), linear.terms()))?)
        }
        Form::Trees(trees) => (TREES, trees::write(trees)?),
    };
    let mut payload = Vec::with_capacity(1 + body.len());
    payload.push(kind);
    payload.extend_from_slice(&body);
    Ok(payload)
}

/// Reads a form and checks it.
pub(super) fn read(payload: &[u8]) -> Result<Form, BlobError> {
    match payload.split_first() {
        Some((&LINEAR, body)) => {
            let (intercept, terms) = envelope::read_part(PART, body)?;
            Ok(Form::Linear(Linear::new(intercept, terms)?))
        }
        Some((&TREES, body)) => Ok(Form::Trees(trees::read(body)?)),
        _ => Err(UNREADABLE),
    }
}
