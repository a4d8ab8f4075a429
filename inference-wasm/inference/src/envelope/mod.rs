//! Reads and writes the container of blobs, images and samples: magic, format, lengths, checksum.
//!
//! A container starts with fixed fields, the front. The parts follow, and the front holds the length of each. All
//! integers are little-endian. The first check that fails is the one reported.

mod crc32;
mod hash64;

use alloc::vec::Vec;
use core::ops::Range;

use serde::{Deserialize, Serialize};

use crate::ensure::ensure;

const FORMAT_AT: usize = 8;
const CRC_BYTES: usize = 4;
const HASH_BYTES: usize = 8;

/// The layout of one kind of container with so many parts.
pub(crate) struct Layout<const PARTS: usize> {
    /// The first bytes. As in PNG, a byte above 127 and line ends show a transfer as text.
    pub(crate) magic: [u8; 8],
    /// The format that this build writes and reads.
    pub(crate) format: u16,
    /// How long the front is.
    pub(crate) front_bytes: usize,
    /// The bytes of the front that must be 0.
    pub(crate) reserved: Range<usize>,
    /// Where the front holds the length (u32) of each part.
    pub(crate) lengths_at: [usize; PARTS],
    pub(crate) checksum: Checksum,
}

/// Which checksum a container has, and where.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Checksum {
    /// CRC-32 of all other bytes, in the last four bytes of the front.
    Crc32,
    /// A hash of all bytes before it, after the last part. CRC-32 would take longer than all else that loading does.
    Hash64,
}

/// A container whose checks all passed.
pub(crate) struct Envelope<'a, const PARTS: usize> {
    pub(crate) front: &'a [u8],
    pub(crate) parts: [&'a [u8]; PARTS],
}

/// Why bytes are not a container of the expected kind, or a part of it cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the message says what each variant and its fields are")]
pub enum EnvelopeError {
    #[error("the first bytes are another format's")]
    Magic,
    #[error("format {found}; this build reads {known}")]
    Format { found: u16, known: u16 },
    #[error("a reserved byte is not 0")]
    Reserved,
    #[error("{found} bytes where {promised} were promised")]
    Length { promised: u64, found: u64 },
    #[error("checksum {found:08x} where {promised:08x} was promised")]
    Checksum { promised: u64, found: u64 },
    #[error("a part is longer than 4 GiB")]
    TooLong,
    #[error("the {part} cannot be read")]
    Unreadable { part: &'static str },
    #[error("{bytes} bytes follow the {part}")]
    Trailing { part: &'static str, bytes: usize },
}

impl<const PARTS: usize> Layout<PARTS> {
    /// Writes a container. `fields` are the fields of the front that only this kind has, each with its offset.
    pub(crate) fn seal(
        &self,
        fields: &[(usize, &[u8])],
        parts: [&[u8]; PARTS],
    ) -> Result<Vec<u8>, EnvelopeError> {
        let length = parts.iter().map(|part| part.len()).sum::<usize>();
        let mut bytes = Vec::with_capacity(self.front_bytes + length + self.trailing_bytes());
        bytes.resize(self.front_bytes, 0);
        let mut put = |at: usize, field: &[u8]| bytes[at..at + field.len()].copy_from_slice(field);
        put(0, &self.magic);
        put(FORMAT_AT, &self.format.to_le_bytes());
        fields.iter().for_each(|(at, field)| put(*at, field));
        for (at, part) in self.lengths_at.into_iter().zip(parts) {
            let length = u32::try_from(part.len()).map_err(|_| EnvelopeError::TooLong)?;
            put(at, &length.to_le_bytes());
        }
        parts.iter().for_each(|part| bytes.extend_from_slice(part));
        match self.checksum {
            Checksum::Crc32 => {
                let checksum = self.crc32(&bytes).to_le_bytes();
                bytes[self.front_bytes - CRC_BYTES..self.front_bytes].copy_from_slice(&checksum);
            }
            Checksum::Hash64 => bytes.extend(hash64::checksum(&bytes).to_le_bytes()),
        }
        Ok(bytes)
    }

    /// Checks a container and splits it into its parts.
    pub(crate) fn open<'a>(&self, bytes: &'a [u8]) -> Result<Envelope<'a, PARTS>, EnvelopeError> {
        ensure(bytes.starts_with(&self.magic), EnvelopeError::Magic)?;
        let around = (self.front_bytes + self.trailing_bytes()) as u64;
        let found = bytes.len() as u64;
        let too_short = EnvelopeError::Length { promised: around, found };
        let front = bytes.get(..self.front_bytes).ok_or(too_short)?;
        let (found_format, known) = (u16::from_le_bytes(field(front, FORMAT_AT)), self.format);
        let unknown = EnvelopeError::Format { found: found_format, known };
        ensure(found_format == known, unknown)?;
        let are_zero = front[self.reserved.clone()].iter().all(|byte| *byte == 0);
        ensure(are_zero, EnvelopeError::Reserved)?;
        // Together with the front and a trailing checksum the parts are all the bytes there are.
        let lengths = self.lengths_at.map(|at| u32::from_le_bytes(field(front, at)));
        let promised = around + lengths.iter().copied().map(u64::from).sum::<u64>();
        ensure(promised == found, EnvelopeError::Length { promised, found })?;
        self.check_checksum(front, bytes)?;
        let mut rest = &bytes[self.front_bytes..];
        let parts = lengths.map(|length| {
            let (part, after) = rest.split_at(length as usize);
            rest = after;
            part
        });
        Ok(Envelope { front, parts })
    }

    fn check_checksum(&self, front: &[u8], bytes: &[u8]) -> Result<(), EnvelopeError> {
        let (promised, found) = match self.checksum {
            Checksum::Crc32 => {
                let promised = u32::from_le_bytes(field(front, self.front_bytes - CRC_BYTES));
                (u64::from(promised), u64::from(self.crc32(bytes)))
            }
            Checksum::Hash64 => {
                let (inside, promised) = bytes.split_at(bytes.len() - HASH_BYTES);
                (u64::from_le_bytes(field(promised, 0)), hash64::checksum(inside))
            }
        };
        ensure(promised == found, EnvelopeError::Checksum { promised, found })
    }

    fn crc32(&self, bytes: &[u8]) -> u32 {
        let (front, parts) = bytes.split_at(self.front_bytes);
        crc32::checksum([&front[..self.front_bytes - CRC_BYTES], parts])
    }

    fn trailing_bytes(&self) -> usize {
        match self.checksum {
            Checksum::Crc32 => 0,
            Checksum::Hash64 => HASH_BYTES,
        }
    }
}

/// The `N` bytes at an offset of the front, which is that long.
pub(crate) fn field<const N: usize>(front: &[u8], at: usize) -> [u8; N] {
    core::array::from_fn(|index| front[at + index])
}

/// Writes a part as postcard.
pub(crate) fn write_part<T: Serialize>(
    part: &'static str,
    value: &T,
) -> Result<Vec<u8>, EnvelopeError> {
    postcard::to_allocvec(value).map_err(|_| EnvelopeError::Unreadable { part })
}

/// Reads a part that is postcard, to its end.
pub(crate) fn read_part<'a, T: Deserialize<'a>>(
    part: &'static str,
    bytes: &'a [u8],
) -> Result<T, EnvelopeError> {
    match postcard::take_from_bytes(bytes) {
        Ok((value, [])) => Ok(value),
        Ok((_, rest)) => Err(EnvelopeError::Trailing { part, bytes: rest.len() }),
        Err(_) => Err(EnvelopeError::Unreadable { part }),
    }
}
