//! Checks that hold for any bytes that are loaded as an image.

use inference::image::{decode, max_decode_bytes};
use inference::{EnvelopeError, Features, ImageError};

use super::sealed::sealed;
use super::stones::stones;

/// Loads bytes as they are, then in a valid envelope, so that the checksum does not protect the code behind it.
pub(crate) fn check(bytes: &[u8]) {
    check_loading(bytes);
    check_loading(&sealed(bytes));
}

/// Loads within the promised memory, and prices stones. Returns why the bytes were refused.
pub(crate) fn check_loading(bytes: &[u8]) -> Option<ImageError> {
    let mut loaded = Err(ImageError::Envelope(EnvelopeError::Magic));
    let info = allocation_counter::measure(|| loaded = decode(bytes));
    let limit = max_decode_bytes(bytes.len()) as u64;
    assert!(info.bytes_max <= limit, "{} bytes for {} bytes", info.bytes_max, bytes.len());
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

/// Rows that reach many leaves: equal values, missing values, and mixtures of different values.
fn rows() -> impl Iterator<Item = Features> {
    let values = [0.0, 0.3, 0.7, 1.0, 2.0, 3.5, 5.7, 61.5, 300.0, f64::NAN, f64::MAX, f64::MIN];
    let whole = values.into_iter().map(|value| Features::from_values([value; 9]));
    whole.chain((0..24).map(move |at| {
        Features::from_values(std::array::from_fn(|feature| {
            values[(at * 7 + feature * (at + 5)) % values.len()]
        }))
    }))
}
