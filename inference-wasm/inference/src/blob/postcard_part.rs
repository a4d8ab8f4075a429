//! A part of a blob that is plain postcard.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::BlobError;

/// Writes a part.
pub(super) fn write<T: Serialize>(part: &'static str, value: &T) -> Result<Vec<u8>, BlobError> {
    postcard::to_allocvec(value).map_err(|_| BlobError::Unreadable { part })
}

/// Reads a part to its very end.
pub(super) fn read<'a, T: Deserialize<'a>>(
    part: &'static str,
    bytes: &'a [u8],
) -> Result<T, BlobError> {
    match postcard::take_from_bytes(bytes) {
        Ok((value, [])) => Ok(value),
        Ok((_, rest)) => Err(BlobError::Trailing { part, bytes: rest.len() }),
        Err(_) => Err(BlobError::Unreadable { part }),
    }
}
