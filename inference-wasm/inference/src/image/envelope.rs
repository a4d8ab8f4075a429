//! The envelope: what follows, of which blob it is, and whether all of it arrived.

use alloc::vec::Vec;

use super::checksum::checksum;
use super::{ImageError, LAYOUT};
use crate::blob::BlobError;

/// As a blob's, with another name.
const MAGIC: [u8; 8] = *b"\x89LOUPEI\n";

/// Magic (8), layout (2), reserved (2), header length (4), body length (4), SHA-256 of the blob (32).
const FRONT_BYTES: usize = 52;

/// What stands after everything else.
const CHECKSUM_BYTES: usize = 8;

/// What an envelope holds.
pub(super) struct Parts<'a> {
    pub(super) blob_sha256: &'a [u8; 32],
    pub(super) header: &'a [u8],
    pub(super) body: &'a [u8],
}

/// Puts header and body into an envelope.
pub(super) fn seal(
    blob_sha256: &[u8; 32],
    header: &[u8],
    body: &[u8],
) -> Result<Vec<u8>, BlobError> {
    let length =
        |part, bytes: &[u8]| u32::try_from(bytes.len()).map_err(|_| BlobError::Unreadable { part });
    let room = FRONT_BYTES + header.len() + body.len() + CHECKSUM_BYTES;
    let mut image = Vec::with_capacity(room);
    image.extend_from_slice(&MAGIC);
    image.extend_from_slice(&LAYOUT.to_le_bytes());
    image.extend_from_slice(&[0, 0]);
    image.extend_from_slice(&length("header", header)?.to_le_bytes());
    image.extend_from_slice(&length("body", body)?.to_le_bytes());
    image.extend_from_slice(blob_sha256);
    image.extend_from_slice(header);
    image.extend_from_slice(body);
    let checksum = checksum(&image).to_le_bytes();
    image.extend_from_slice(&checksum);
    Ok(image)
}

/// Opens an envelope: magic, layout, reserved field, length, checksum, in that order, so that the first thing wrong is
/// the thing reported.
pub(super) fn open(bytes: &[u8]) -> Result<Parts<'_>, ImageError> {
    check_magic(bytes)?;
    check_layout(bytes)?;
    check_reserved(bytes)?;
    let header_bytes = check_length(bytes)?;
    let inside = check_checksum(bytes)?;
    let blob_sha256 = field_of(bytes, 20)?;
    let (header, body) = inside
        .get(FRONT_BYTES..)
        .and_then(|parts| parts.split_at_checked(header_bytes))
        .ok_or_else(|| short(bytes))?;
    Ok(Parts { blob_sha256, header, body })
}

fn check_magic(bytes: &[u8]) -> Result<(), ImageError> {
    if bytes.starts_with(&MAGIC) { Ok(()) } else { Err(ImageError::NotAnImage) }
}

fn check_layout(bytes: &[u8]) -> Result<(), ImageError> {
    let found = u16::from_le_bytes(*field_of(bytes, 8)?);
    if found == LAYOUT { Ok(()) } else { Err(ImageError::Layout { found }) }
}

fn check_reserved(bytes: &[u8]) -> Result<(), ImageError> {
    match field_of(bytes, 10)? {
        [0, 0] => Ok(()),
        [_, _] => Err(ImageError::Header { what: "reserved field" }),
    }
}

/// The length of the header. With the body's, the front's and the checksum's it is all the bytes there are.
fn check_length(bytes: &[u8]) -> Result<usize, ImageError> {
    let header = u32::from_le_bytes(*field_of(bytes, 12)?);
    let body = u32::from_le_bytes(*field_of(bytes, 16)?);
    let around = (FRONT_BYTES + CHECKSUM_BYTES) as u64;
    let promised = around + u64::from(header) + u64::from(body);
    let found = bytes.len() as u64;
    if promised == found {
        Ok(header as usize)
    } else {
        Err(ImageError::Length { promised, found })
    }
}

/// Everything but the checksum, which is right.
fn check_checksum(bytes: &[u8]) -> Result<&[u8], ImageError> {
    let (inside, promised) =
        bytes.split_last_chunk::<CHECKSUM_BYTES>().ok_or_else(|| short(bytes))?;
    let (promised, found) = (u64::from_le_bytes(*promised), checksum(inside));
    if promised == found { Ok(inside) } else { Err(ImageError::Checksum { promised, found }) }
}

/// The `N` bytes at an offset of the front.
fn field_of<const N: usize>(bytes: &[u8], at: usize) -> Result<&[u8; N], ImageError> {
    bytes
        .get(..FRONT_BYTES)
        .and_then(|front| front.get(at..)?.first_chunk())
        .ok_or_else(|| short(bytes))
}

fn short(bytes: &[u8]) -> ImageError {
    let promised = (FRONT_BYTES + CHECKSUM_BYTES) as u64;
    ImageError::Length { promised, found: bytes.len() as u64 }
}
