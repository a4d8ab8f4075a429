//! What must hold of any bytes that are taken for an image.

use inference::image::{LAYOUT, decode, most_memory};
use inference::{Features, ImageError};

use crate::stones::stones;

/// Loads bytes as they are; then with an envelope put right around them, so that no checksum shields what is inside.
pub(crate) fn check(bytes: &[u8]) {
    check_loading(bytes);
    check_loading(&sealed(bytes));
}

/// Loads within the memory that was promised; what is loaded prices any stone. Returns why it was refused.
pub(crate) fn check_loading(bytes: &[u8]) -> Option<ImageError> {
    let mut loaded = Err(ImageError::NotAnImage);
    let info = allocation_counter::measure(|| loaded = decode(bytes));
    let most = most_memory(bytes.len()) as u64;
    assert!(info.bytes_max <= most, "{} bytes for {} bytes", info.bytes_max, bytes.len());
    let predictor = match loaded {
        Ok(image) => image.predictor,
        Err(refused) => {
            assert!(refused.to_string().contains("trainer migrate"), "{refused}");
            return Some(refused);
        }
    };
    for row in rows() {
        let price_usd = predictor.price_of(&row);
        assert_eq!(price_usd.to_bits(), predictor.price_of(&row).to_bits());
    }
    for stone in stones() {
        let estimate = predictor.estimate(&stone);
        assert!(estimate.price_usd.is_nan() || estimate.price_usd >= 0.0, "{estimate:?}");
    }
    None
}

/// Rows that lead to many places: nothing special, missing values, and what steps that share no factor mix.
fn rows() -> impl Iterator<Item = Features> {
    let values = [0.0, 0.3, 0.7, 1.0, 2.0, 3.5, 5.7, 61.5, 300.0, f64::NAN, f64::MAX, f64::MIN];
    let whole = values.into_iter().map(|value| Features::from_values([value; 9]));
    whole.chain((0..24).map(move |at| {
        Features::from_values(std::array::from_fn(|feature| {
            values[(at * 7 + feature * (at + 5)) % values.len()]
        }))
    }))
}

/// An image of the same header and body whose magic, layout, lengths and checksum are right.
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

/// As `image/checksum.rs` computes it, in as few words as there are: four lanes, filled up with zeros, at least one.
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
