//! The payload: a form as bytes. Linear forms are postcard, trees are entropy-coded.

mod table;

mod stream;

mod likelihood;

mod cuts;

mod prelude;

mod leaf;

mod share;

mod body;

mod trees;

use alloc::vec::Vec;

use super::{BlobError, postcard_part};
use crate::form::{Form, Linear};

/// The first byte of a payload.
const LINEAR: u8 = 0;
const TREES: u8 = 1;

const PART: &str = "payload";

const UNREADABLE: BlobError = BlobError::Unreadable { part: PART };

/// Writes a form.
pub(super) fn write(form: &Form) -> Result<Vec<u8>, BlobError> {
    let (kind, body) = match form {
        Form::Linear(linear) => {
            (LINEAR, postcard_part::write(PART, &(linear.intercept(), linear.terms()))?)
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
            let (intercept, terms) = postcard_part::read(PART, body)?;
            Ok(Form::Linear(Linear::new(intercept, terms)?))
        }
        Some((&TREES, body)) => Ok(Form::Trees(trees::read(body)?)),
        _ => Err(UNREADABLE),
    }
}
