//! Checks that hold for any bytes that are decoded as a blob.

use std::sync::LazyLock;

use inference::blob::{BlobError, decode, encode, max_decode_bytes};
use inference::{EnvelopeError, Model};

use super::memory::within;
use super::{model, seeds};

/// Decodes bytes as they are; then in a valid envelope, so that the checksum does not protect the code behind it; then,
/// where their header is refused, the payload behind a valid header.
pub(crate) fn check(bytes: &[u8]) {
    check_decoding(bytes);
    let (header, payload) = parts(bytes);
    let refused = check_decoding(&seal(header, payload));
    if let Some(
        BlobError::Envelope(
            EnvelopeError::Unreadable { part: "header" }
            | EnvelopeError::Trailing { part: "header", .. },
        )
        | BlobError::Features(_)
        | BlobError::Header(_),
    ) = refused
    {
        check_decoding(&seal(parts(&SEEDS[0]).0, payload));
    }
}

/// Changes a valid blob. The first byte selects the blob, every four bytes after it describe a change: which one, where (two
/// bytes), and a byte for it.
pub(crate) fn check_changes(bytes: &[u8]) {
    let Some((which, changes)) = bytes.split_first() else { return };
    let (header, payload) = parts(&SEEDS[usize::from(*which) % SEEDS.len()]);
    let (mut header, mut payload) = (header.to_vec(), payload.to_vec());
    for [which, lower, upper, byte] in changes.as_chunks().0 {
        let part = if which % 4 == 0 { &mut header } else { &mut payload };
        let at = usize::from(u16::from_le_bytes([*lower, *upper])) % (part.len() + 1);
        let run = at..part.len().min(at + usize::from(*byte));
        match which / 4 % 6 {
            0 => part.insert(at, *byte),
            1 => drop(part.drain(run)),
            2 => part.truncate(at),
            3 => part.extend_from_within(run),
            kind => {
                if let Some(changed) = part.get_mut(at) {
                    *changed = if kind == 4 { *byte } else { *changed ^ 1 << (byte % 8) };
                }
            }
        }
    }
    check_decoding(&seal(&header, &payload));
}

/// Valid blobs, one of each kind.
static SEEDS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let blob = |model: &Model| encode(model).expect("a seed can be written");
    seeds::models().iter().map(blob).collect()
});

/// Decodes within the promised memory, and checks the model. Returns why the bytes were refused.
fn check_decoding(blob: &[u8]) -> Option<BlobError> {
    match within(max_decode_bytes(blob.len()), || decode(blob)).0 {
        Ok(found) => {
            model::check(&found, &[]);
            None
        }
        Err(refused) => Some(refused),
    }
}

/// Splits any bytes into header and payload, by the length of the header that an envelope would hold.
fn parts(bytes: &[u8]) -> (&[u8], &[u8]) {
    let inside = bytes.get(24..).unwrap_or(bytes);
    let field = bytes.get(12..16).and_then(|field| field.try_into().ok());
    let header_bytes = field.map_or(0, u32::from_le_bytes);
    inside.split_at((header_bytes as usize).min(inside.len()))
}

/// Seals header and payload in an envelope as FORMAT.md describes it.
fn seal(header: &[u8], payload: &[u8]) -> Vec<u8> {
    let length = |part: &[u8]| u32::try_from(part.len()).expect("less than 4 GiB").to_le_bytes();
    let front =
        [b"\x89LOUPE\r\n".as_slice(), &[1, 0, 0, 0], &length(header), &length(payload)].concat();
    let inside = [header, payload].concat();
    let checksum = crc32fast::hash(&[front.as_slice(), &inside].concat()).to_le_bytes();
    [front.as_slice(), &checksum, &inside].concat()
}
