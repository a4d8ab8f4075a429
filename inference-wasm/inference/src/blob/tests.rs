//! Checks that every damaged blob is refused, without a panic.

use super::*;
use crate::features::FEATURE_COUNT;
use crate::properties::random::Random;
use crate::properties::seeds;

/// A weighted sum, with every field of the header.
fn linear() -> Model {
    seeds::models().swap_remove(1)
}

/// Small trees, with every field of the header. Their left fractions are rounded as a blob holds them.
fn trees() -> Model {
    decode(&encode(&seeds::models().swap_remove(5)).unwrap()).unwrap()
}

#[test]
fn a_model_is_read_back_and_written_as_the_same_bytes() {
    for model in [linear(), trees()] {
        let blob = encode(&model).unwrap();
        assert_eq!(decode(&blob).unwrap(), model);
        assert_eq!(encode(&model).unwrap(), blob);
        assert_eq!(ModelId::of(&blob).as_str().len(), 12);
    }
}

#[test]
fn a_header_is_read_from_the_start_of_a_blob() {
    for model in seeds::models() {
        let blob = encode(&model).unwrap();
        let start = &blob[..blob.len().min(HEADER_WITHIN)];
        assert_eq!(header(start), Some(model.header));
        assert_eq!(header(&blob[..40]), None);
        assert_eq!(header(&blob[1..]), None);
    }
    assert_eq!(header(&[]), None);
}

#[test]
fn a_flipped_bit_anywhere_is_refused() {
    let blob = encode(&trees()).unwrap();
    for at in 0..blob.len() {
        for bit in 0..8 {
            let mut flipped = blob.clone();
            flipped[at] ^= 1 << bit;
            assert!(decode(&flipped).is_err(), "byte {at} bit {bit}");
        }
    }
}

#[test]
fn a_shorter_or_longer_blob_is_refused() {
    let blob = encode(&linear()).unwrap();
    for length in 0..blob.len() {
        assert!(decode(&blob[..length]).is_err(), "{length} bytes");
    }
    let mut longer = blob.clone();
    longer.push(0);
    assert!(matches!(decode(&longer), Err(BlobError::Envelope(EnvelopeError::Length { .. }))));
}

/// Seals header and payload in a valid envelope, and checks why they are refused.
fn check(header: &Header, payload: &[u8], expected: &str) {
    let header = postcard::to_allocvec(header).unwrap();
    let blob = LAYOUT.seal(&[], [&header, payload]).unwrap();
    let error = decode(&blob).unwrap_err().to_string();
    assert!(error.contains(expected), "{error}");
}

#[test]
fn header_and_payload_are_checked_too() {
    let Model { header, form } = linear();
    let payload = payload::write(&form).unwrap();
    let changed = |change: fn(&mut Header), expected: &str| {
        let mut header = header.clone();
        change(&mut header);
        check(&header, &payload, expected);
    };
    changed(|header| header.features.truncate(1), "wants the features carat;");
    changed(|header| header.encoder = Encoder::Passthrough, "encoder");
    changed(|header| header.interval.as_mut().unwrap().confidence = 1.0, "interval");
    changed(
        |header| {
            let interval = header.interval.as_mut().unwrap();
            interval.in_list = Some(interval.without_list);
        },
        "interval by price list",
    );
    changed(|header| header.domain.as_mut().unwrap().price_usd = [1.0, 0.0], "domain");
    check(&header, &payload[..payload.len() - 1], "payload cannot be read");
    check(&header, &[payload.as_slice(), &[0]].concat(), "1 bytes follow the payload");
    let mut with_lists = seeds::models().pop().unwrap();
    with_lists.header.interval.as_mut().unwrap().in_list = None;
    let payload = payload::write(&with_lists.form).unwrap();
    check(&with_lists.header, &payload, "interval by price list");
    let payload = payload::write(&trees().form).unwrap();
    for broken in
        [&payload[..payload.len() - 4], &[payload.as_slice(), &[0; 4]].concat(), &[2], &[]]
    {
        check(&header, broken, "payload cannot be read");
    }
}

#[test]
fn a_newer_format_says_what_to_do() {
    let mut blob = encode(&linear()).unwrap();
    blob[8] = 3;
    assert_eq!(
        decode(&blob).unwrap_err().to_string(),
        "blob format 3; this build reads 1; re-export with `trainer export`"
    );
    assert_eq!(decode(b"PK\x03\x04").unwrap_err(), BlobError::Envelope(EnvelopeError::Magic));
}

#[test]
fn changes_inside_a_valid_envelope_never_panic() {
    let mut random = Random(7);
    let mut random = |bound: usize| random.below(u32::try_from(bound).unwrap()) as usize;
    let mut accepted = 0;
    let models = [trees(), linear()];
    for round in 0..20_000 {
        let model = &models[round % 2];
        let mut header = postcard::to_allocvec(&model.header).unwrap();
        let mut payload = payload::write(&model.form).unwrap();
        for _ in 0..1 + random(3) {
            let part = if random(3) == 0 { &mut header } else { &mut payload };
            match random(4) {
                0 => part.truncate(random(part.len() + 1)),
                1 => part.insert(random(part.len() + 1), u8::try_from(random(256)).unwrap()),
                _ if part.is_empty() => {}
                _ => {
                    let at = random(part.len());
                    part[at] ^= 1 << random(8);
                }
            }
        }
        if let Ok(model) = decode(&LAYOUT.seal(&[], [&header, &payload]).unwrap()) {
            accepted += 1;
            // An accepted model passes every check when it is written again, and prices a stone without a panic.
            assert!(encode(&model).is_ok());
            let _ = model.form.margin(&crate::Features::from_values([1.0; FEATURE_COUNT]));
        }
    }
    assert!(accepted > 100, "{accepted} of 20,000 changed blobs were valid");
}
