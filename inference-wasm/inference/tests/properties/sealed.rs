//! Puts the header and body of an image into a valid envelope.

use inference::image::LAYOUT;

/// An image with the same header and body, but with valid magic, layout, lengths and checksum.
pub(crate) fn sealed(bytes: &[u8]) -> Vec<u8> {
    const FRONT_BYTES: usize = 52;
    let front = bytes.get(..FRONT_BYTES).unwrap_or_default();
    let inside = bytes.get(FRONT_BYTES..).unwrap_or(bytes);
    let inside = &inside[..inside.len().saturating_sub(8)];
    let promised = front.get(12..16).and_then(|field| field.try_into().ok());
    let header_bytes = promised.map_or(0, u32::from_le_bytes) as usize;
    let (header, body) = inside.split_at(header_bytes.min(inside.len()));
    let length = |part: &[u8]| u32::try_from(part.len()).expect("less than 4 GiB").to_le_bytes();
    let mut image = [
        b"\x89LOUPEI\n".as_slice(),
        &LAYOUT.to_le_bytes(),
        &[0, 0],
        &length(header),
        &length(body),
        front.get(20..).unwrap_or(&[7; 32]),
        inside,
    ]
    .concat();
    let checksum = checksum(&image);
    image.extend(checksum.to_le_bytes());
    image
}

/// The checksum of `envelope/hash64.rs` in its simplest form: words in four lanes, padded with zeros, at least one round.
fn checksum(bytes: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let step = |lane: u64, word: u64| (lane ^ word).wrapping_mul(FACTOR).rotate_left(29);
    let mut padded = bytes.to_vec();
    padded.resize(32 * (bytes.len() / 32 + 1), 0);
    let mut lanes = [1, 2, 3, 4].map(|lane: u64| lane.wrapping_mul(FACTOR));
    for (at, word) in padded.as_chunks().0.iter().enumerate() {
        lanes[at % 4] = step(lanes[at % 4], u64::from_le_bytes(*word));
    }
    let sum = lanes.into_iter().fold(bytes.len() as u64, step);
    let sum = (sum ^ sum >> 32).wrapping_mul(FACTOR);
    sum ^ sum >> 29
}
