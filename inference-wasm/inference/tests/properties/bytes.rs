//! What must hold of any bytes.

use std::sync::LazyLock;

use inference::Model;
use inference::blob::{BlobError, decode, encode, most_memory};

use crate::{model, seeds};

/// Decodes bytes as they are; then with an envelope put right around them, so that a checksum does not shield what is
/// inside; then, where their header is none or was one before the format changed, their payload behind a header that is.
pub(crate) fn check(bytes: &[u8]) {
    check_decoding(bytes);
    let (header, payload) = parts(bytes);
    let refused = check_decoding(&seal(header, payload));
    if let Some(
        BlobError::Unreadable { part: "header" }
        | BlobError::Trailing { part: "header", .. }
        | BlobError::Features { .. }
        | BlobError::Header { .. },
    ) = refused
    {
        check_decoding(&seal(parts(&SEEDS[0]).0, payload));
    }
}

/// Takes the first byte for which valid blob, and every four bytes after it for a change of it: which change, where (two
/// bytes), and a byte that is put there.
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

/// Decodes within the memory that was promised; what comes out is a model like any other. Returns why it was refused.
fn check_decoding(blob: &[u8]) -> Option<BlobError> {
    let mut decoded = Err(BlobError::NotABlob);
    let info = allocation_counter::measure(|| decoded = decode(blob));
    let most = most_memory(blob.len()) as u64;
    assert!(info.bytes_max <= most, "{} bytes for {} bytes", info.bytes_max, blob.len());
    match decoded {
        Ok(found) => {
            model::check(&found, &[]);
            None
        }
        Err(refused) => Some(refused),
    }
}

/// What of any bytes would be a header and a payload, going by the length that an envelope gives the header.
fn parts(bytes: &[u8]) -> (&[u8], &[u8]) {
    let inside = bytes.get(24..).unwrap_or(bytes);
    let field = bytes.get(12..16).and_then(|field| field.try_into().ok());
    let header_bytes = field.map_or(0, u32::from_le_bytes);
    inside.split_at((header_bytes as usize).min(inside.len()))
}

/// An envelope, as FORMAT.md describes it.
fn seal(header: &[u8], payload: &[u8]) -> Vec<u8> {
    let length = |part: &[u8]| u32::try_from(part.len()).expect("less than 4 GiB").to_le_bytes();
    let front =
        [b"\x89LOUPE\r\n".as_slice(), &[1, 0, 0, 0], &length(header), &length(payload)].concat();
    let inside = [header, payload].concat();
    let checksum = crc32fast::hash(&[front.as_slice(), &inside].concat()).to_le_bytes();
    [front.as_slice(), &checksum, &inside].concat()
}
