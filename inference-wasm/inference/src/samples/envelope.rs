//! The envelope: what follows and whether all of it arrived.

use alloc::vec::Vec;

use super::SamplesError;
use super::law::{COLUMNS, Decimals, MOST_DECIMALS};
use crate::crc;

/// The format that this build writes and reads.
pub(super) const FORMAT: u16 = 1;

/// As a model's, with another name.
const MAGIC: [u8; 8] = *b"\x89STONE\r\n";

/// Magic (8), format (2), decimals (7), reserved (1), rows (4), payload length (4), CRC-32 (4).
const ENVELOPE_BYTES: usize = 30;

/// Where the checksum stands; it covers everything before and after it.
const CHECKSUM_AT: usize = 26;

/// A byte of payload holds at most so many rows: what is promised is bounded by what came.
const MOST_ROWS_PER_BYTE: u64 = 8;

/// What an envelope holds.
pub(super) struct Parts<'a> {
    pub(super) decimals: Decimals,
    pub(super) rows: usize,
    pub(super) payload: &'a [u8],
}

/// Puts a payload into an envelope, with zeros behind it where it holds its rows in too few bytes.
///
/// # Errors
///
/// [`SamplesError::TooMany`]
pub(super) fn seal(
    decimals: Decimals,
    rows: usize,
    mut payload: Vec<u8>,
) -> Result<Vec<u8>, SamplesError> {
    let too_many = || SamplesError::TooMany { rows };
    while (payload.len() as u64) * MOST_ROWS_PER_BYTE < rows as u64 {
        payload.extend([0; 4]);
    }
    let mut bytes = Vec::with_capacity(ENVELOPE_BYTES + payload.len());
    bytes.extend(MAGIC);
    bytes.extend(FORMAT.to_le_bytes());
    bytes.extend(decimals);
    bytes.push(0);
    bytes.extend(u32::try_from(rows).map_err(|_| too_many())?.to_le_bytes());
    bytes.extend(u32::try_from(payload.len()).map_err(|_| too_many())?.to_le_bytes());
    bytes.extend([0; 4]);
    bytes.extend(payload);
    let checksum = checksum(&bytes).to_le_bytes();
    bytes[CHECKSUM_AT..ENVELOPE_BYTES].copy_from_slice(&checksum);
    Ok(bytes)
}

/// Opens an envelope: the first thing that is wrong is the thing reported.
pub(super) fn open(bytes: &[u8]) -> Result<Parts<'_>, SamplesError> {
    check_magic(bytes)?;
    check_format(bytes)?;
    let payload = check_length(bytes)?;
    check_checksum(bytes)?;
    let decimals = check_decimals(bytes)?;
    let rows = check_rows(bytes, payload.len())?;
    Ok(Parts { decimals, rows, payload })
}

fn check_magic(bytes: &[u8]) -> Result<(), SamplesError> {
    if bytes.starts_with(&MAGIC) { Ok(()) } else { Err(SamplesError::NotSamples) }
}

fn check_format(bytes: &[u8]) -> Result<(), SamplesError> {
    match u16::from_le_bytes(field(bytes, 8)?) {
        FORMAT => Ok(()),
        found => Err(SamplesError::Format { found }),
    }
}

fn check_length(bytes: &[u8]) -> Result<&[u8], SamplesError> {
    let promised = u64::from(u32::from_le_bytes(field(bytes, 22)?)) + ENVELOPE_BYTES as u64;
    let found = bytes.len() as u64;
    if promised == found {
        Ok(&bytes[ENVELOPE_BYTES..])
    } else {
        Err(SamplesError::Length { promised, found })
    }
}

fn check_checksum(bytes: &[u8]) -> Result<(), SamplesError> {
    if u32::from_le_bytes(field(bytes, CHECKSUM_AT)?) == checksum(bytes) {
        Ok(())
    } else {
        Err(SamplesError::Damaged)
    }
}

fn check_decimals(bytes: &[u8]) -> Result<Decimals, SamplesError> {
    let decimals: [u8; COLUMNS] = field(bytes, 10)?;
    let [reserved] = field(bytes, 17)?;
    if reserved == 0 && decimals.iter().all(|decimals| *decimals <= MOST_DECIMALS) {
        Ok(decimals)
    } else {
        Err(SamplesError::Damaged)
    }
}

fn check_rows(bytes: &[u8], payload_bytes: usize) -> Result<usize, SamplesError> {
    let rows = u32::from_le_bytes(field(bytes, 18)?);
    if u64::from(rows) <= payload_bytes as u64 * MOST_ROWS_PER_BYTE {
        Ok(rows as usize)
    } else {
        Err(SamplesError::Damaged)
    }
}

/// CRC-32 (IEEE 802.3) of everything but the checksum itself.
fn checksum(bytes: &[u8]) -> u32 {
    crc::checksum([&bytes[..CHECKSUM_AT], &bytes[ENVELOPE_BYTES..]])
}

/// The `N` bytes at an offset of the envelope.
fn field<const N: usize>(bytes: &[u8], at: usize) -> Result<[u8; N], SamplesError> {
    bytes
        .get(..ENVELOPE_BYTES)
        .and_then(|envelope| envelope.get(at..at + N))
        .and_then(|field| field.try_into().ok())
        .ok_or(SamplesError::Length { promised: ENVELOPE_BYTES as u64, found: bytes.len() as u64 })
}
