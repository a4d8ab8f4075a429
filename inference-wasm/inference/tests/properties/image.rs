//! What must hold of any bytes that are taken for an image.

use inference::image::{decode, most_memory};
use inference::{Features, ImageError};

use crate::sealed::sealed;
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
