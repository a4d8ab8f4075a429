//! Reads the numbers of an image one after the other, arrays in bulk.

use alloc::vec::Vec;

use serde::Deserialize;

use super::ImageError;
use crate::envelope::EnvelopeError;

/// The bytes of a part that are not read yet.
pub(crate) struct Source<'a> {
    part: &'static str,
    rest: &'a [u8],
}

impl<'a> Source<'a> {
    /// `part` is its name in errors.
    pub(crate) fn new(part: &'static str, bytes: &'a [u8]) -> Source<'a> {
        Source { part, rest: bytes }
    }

    /// The next `count` items of `N` bytes, borrowed: a count that is too large allocates nothing.
    pub(crate) fn items<const N: usize>(
        &mut self,
        count: usize,
    ) -> Result<&'a [[u8; N]], ImageError> {
        let bytes = count.checked_mul(N).ok_or_else(|| self.short())?;
        let (items, rest) = self.rest.split_at_checked(bytes).ok_or_else(|| self.short())?;
        self.rest = rest;
        Ok(items.as_chunks().0)
    }

    /// The next `N` bytes.
    fn item<const N: usize>(&mut self) -> Result<[u8; N], ImageError> {
        let (item, rest) = self.rest.split_first_chunk().ok_or_else(|| self.short())?;
        self.rest = rest;
        Ok(*item)
    }

    pub(crate) fn byte(&mut self) -> Result<u8, ImageError> {
        self.item().map(|[byte]| byte)
    }

    /// A number of items.
    pub(crate) fn count(&mut self) -> Result<usize, ImageError> {
        self.item().map(|count| u32::from_le_bytes(count) as usize)
    }

    pub(crate) fn float(&mut self) -> Result<f64, ImageError> {
        self.item().map(f64::from_le_bytes)
    }

    /// The next `count` f32.
    pub(crate) fn floats(&mut self, count: usize) -> Result<Vec<f32>, ImageError> {
        Ok(self.items(count)?.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
    }

    /// The next `count` u32.
    pub(crate) fn numbers(&mut self, count: usize) -> Result<Vec<u32>, ImageError> {
        Ok(self.items(count)?.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect())
    }

    /// A value of bounded size, as postcard.
    pub(crate) fn postcard<T: Deserialize<'a>>(&mut self) -> Result<T, ImageError> {
        let (value, rest) = postcard::take_from_bytes(self.rest).map_err(|_| self.short())?;
        self.rest = rest;
        Ok(value)
    }

    /// How many bytes are not read yet.
    pub(crate) fn left(&self) -> usize {
        self.rest.len()
    }

    /// Checks that all bytes were read.
    pub(crate) fn end(self) -> Result<(), ImageError> {
        match self.rest {
            [] => Ok(()),
            rest => Err(EnvelopeError::Trailing { part: self.part, bytes: rest.len() }.into()),
        }
    }

    fn short(&self) -> ImageError {
        EnvelopeError::Unreadable { part: self.part }.into()
    }
}

/// A number of items as an image stores it.
#[expect(clippy::cast_possible_truncation, reason = "a form has fewer than 2^32 of anything")]
pub(crate) fn count(items: usize) -> [u8; 4] {
    (items as u32).to_le_bytes()
}
