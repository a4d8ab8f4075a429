//! The envelope: 24 bytes that say what follows and whether all of it arrived.

use alloc::vec::Vec;

use super::BlobError;
use crate::crc;

/// The newest format this build writes, and reads. A model that an older one can hold is written in that, so that older
/// builds read it too.
pub const FORMAT: u16 = 2;

/// The oldest format this build reads.
pub const OLDEST_FORMAT: u16 = 1;

/// A byte above 127, the name, and both line ends: a transfer as text shows in the first bytes, as in PNG.
const MAGIC: [u8; 8] = *b"\x89LOUPE\r\n";

/// Magic (8), format (2), reserved (2), header length (4), payload length (4), CRC-32 (4).
const ENVELOPE_BYTES: usize = 24;

/// Where the checksum stands; it covers everything before and after it.
const CHECKSUM_AT: usize = 20;

/// What an envelope holds.
pub(super) struct Parts<'a> {
    pub(super) format: u16,
    pub(super) header: &'a [u8],
    pub(super) payload: &'a [u8],
}

/// Puts header and payload into an envelope.
pub(super) fn seal(format: u16, header: &[u8], payload: &[u8]) -> Result<Vec<u8>, BlobError> {
    let length =
        |part, bytes: &[u8]| u32::try_from(bytes.len()).map_err(|_| BlobError::Unreadable { part });
    let mut blob = Vec::with_capacity(ENVELOPE_BYTES + header.len() + payload.len());
    blob.extend_from_slice(&MAGIC);
    blob.extend_from_slice(&format.to_le_bytes());
    blob.extend_from_slice(&[0, 0]);
    blob.extend_from_slice(&length("header", header)?.to_le_bytes());
    blob.extend_from_slice(&length("payload", payload)?.to_le_bytes());
    blob.extend_from_slice(&[0; 4]);
    blob.extend_from_slice(header);
    blob.extend_from_slice(payload);
    let checksum = checksum(&blob).to_le_bytes();
    blob[CHECKSUM_AT..ENVELOPE_BYTES].copy_from_slice(&checksum);
    Ok(blob)
}

/// Opens an envelope: magic, format, reserved field, length, checksum, in that order, so that the first thing wrong is the
/// thing reported.
pub(super) fn open(bytes: &[u8]) -> Result<Parts<'_>, BlobError> {
    check_magic(bytes)?;
    let format = check_format(bytes)?;
    check_reserved(bytes)?;
    let header_bytes = check_length(bytes)?;
    check_checksum(bytes)?;
    let (header, payload) = bytes[ENVELOPE_BYTES..].split_at(header_bytes);
    Ok(Parts { format, header, payload })
}

fn check_magic(bytes: &[u8]) -> Result<(), BlobError> {
    if bytes.starts_with(&MAGIC) { Ok(()) } else { Err(BlobError::NotABlob) }
}

fn check_format(bytes: &[u8]) -> Result<u16, BlobError> {
    let found = u16::from_le_bytes(field(bytes, 8)?);
    if (OLDEST_FORMAT..=FORMAT).contains(&found) {
        Ok(found)
    } else {
        Err(BlobError::Format { found })
    }
}

fn check_reserved(bytes: &[u8]) -> Result<(), BlobError> {
    match field(bytes, 10)? {
        [0, 0] => Ok(()),
        [_, _] => Err(BlobError::Header { what: "reserved field" }),
    }
}

/// The length of the header. With the payload's and the envelope's it is all the bytes there are.
fn check_length(bytes: &[u8]) -> Result<usize, BlobError> {
    let header = u32::from_le_bytes(field(bytes, 12)?);
    let payload = u32::from_le_bytes(field(bytes, 16)?);
    let promised = ENVELOPE_BYTES as u64 + u64::from(header) + u64::from(payload);
    let found = bytes.len() as u64;
    if promised == found { Ok(header as usize) } else { Err(BlobError::Length { promised, found }) }
}

fn check_checksum(bytes: &[u8]) -> Result<(), BlobError> {
    let promised = u32::from_le_bytes(field(bytes, CHECKSUM_AT)?);
    let found = checksum(bytes);
    if promised == found { Ok(()) } else { Err(BlobError::Checksum { promised, found }) }
}

/// CRC-32 (IEEE 802.3) of everything but the checksum itself.
fn checksum(blob: &[u8]) -> u32 {
    crc::checksum([&blob[..CHECKSUM_AT], &blob[ENVELOPE_BYTES..]])
}

/// The `N` bytes at an offset of the envelope.
fn field<const N: usize>(bytes: &[u8], at: usize) -> Result<[u8; N], BlobError> {
    bytes
        .get(..ENVELOPE_BYTES)
        .and_then(|envelope| envelope.get(at..at + N))
        .and_then(|field| field.try_into().ok())
        .ok_or(BlobError::Length { promised: ENVELOPE_BYTES as u64, found: bytes.len() as u64 })
}
