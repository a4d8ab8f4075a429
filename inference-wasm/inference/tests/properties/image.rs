//! Checks that hold for any bytes that are loaded as an image.

use inference::features::FEATURE_COUNT;
use inference::image::{decode, max_decode_bytes};
use inference::{Features, ImageError};

use super::memory::within;
use super::sealed::sealed;
use super::stones::stones;

/// Loads bytes as they are, then in a valid envelope, so that the checksum does not protect the code behind it.
pub(crate) fn check(bytes: &[u8]) {
    check_loading(bytes);
    check_loading(&sealed(bytes));
}

/// Loads within the promised memory, and prices stones. Returns why the bytes were refused.
pub(crate) fn check_loading(bytes: &[u8]) -> Option<ImageError> {
    let predictor = match within(max_decode_bytes(bytes.len()), || decode(bytes)).0 {
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

/// Rows that reach many leaves: equal values, missing values, and mixtures of different values.
fn rows() -> impl Iterator<Item = Features> {
    let values = [0.0, 0.3, 0.7, 1.0, 2.0, 3.5, 5.7, 61.5, 300.0, f64::NAN, f64::MAX, f64::MIN];
    let whole = values.into_iter().map(|value| Features::from_values([value; FEATURE_COUNT]));
    whole.chain((0..24).map(move |at| {
        Features::from_values(std::array::from_fn(|feature| {
            values[(at * 7 + feature * (at + 5)) % values.len()]
        }))
    }))
}
