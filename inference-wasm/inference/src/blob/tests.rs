//! Checks that every damaged blob is refused, without a panic.

use alloc::string::ToString;
use alloc::vec;

use super::*;
use crate::domain::Size;
use crate::features::MeasureImputer;
use crate::form::{Basis, Linear, Node, Term, Trees};
use crate::interval::{Bounds, ConformalTable, Scale};
use crate::random::Random;
use crate::rare_grades::{COMBINATIONS, RareGrades};

fn header() -> Header {
    Header {
        family: "test".into(),
        features: Header::feature_names(),
        encoder: Encoder::Impute(MeasureImputer {
            depth_percent: [62.0; 5],
            table_percent: [57.0; 5],
            width_mm: [6.4; 5],
        }),
        link: Link::Log,
        interval: Some(PredictionInterval {
            confidence: 0.9,
            measured: ConformalTable::even(Scale::Factor, Bounds { low: 0.8, high: 1.2 }),
            unmeasured: ConformalTable::even(Scale::Factor, Bounds { low: 0.7, high: 1.3 }),
        }),
        domain: Some(domain()),
        scores: Scores::default(),
        origin: Origin { seed: 42, ..Origin::default() },
    }
}

fn domain() -> Domain {
    Domain {
        features: [[0.0, 10.0]; 9],
        price_usd: [300.0, 20_000.0],
        rare_grades: RareGrades::of(&[0; COMBINATIONS], 1),
        size: Size { volume_mm3: [147.0, 173.0], sides_mm: [[6.0, 6.8], [6.0, 6.8], [3.7, 4.2]] },
    }
}

fn linear() -> Model {
    let terms = vec![
        Term { basis: Basis::Ln(0), weight: 1.7, mean: -0.4 },
        Term { basis: Basis::Level(1, 4), weight: 0.1, mean: 0.4 },
    ];
    Model { header: header(), form: Form::Linear(Linear::new(8.4, terms).unwrap()) }
}

fn trees() -> Model {
    let split = |right| Node::Split {
        feature: 0,
        missing_left: true,
        left_fraction: 1 << 15,
        threshold: 1.0,
        right,
    };
    let nodes = vec![
        split(2),
        Node::Leaf(-0.5),
        Node::Leaf(0.5),
        split(5),
        Node::Leaf(0.1),
        Node::Leaf(0.2),
    ];
    Model { header: header(), form: Form::Trees(Trees::new(8.0, 1.0, vec![0, 3], nodes).unwrap()) }
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
    let blob = LAYOUT.seal(FORMAT, &[], [&header, payload]).unwrap();
    let error = decode(&blob).unwrap_err().to_string();
    assert!(error.contains(expected), "{error}");
}

#[test]
fn a_blob_has_the_oldest_format_that_can_hold_it() {
    let Encoder::Impute(imputer) = header().encoder else { panic!("measures are estimated") };
    let shapes =
        Model { header: Header { encoder: Encoder::Proportions(imputer), ..header() }, ..linear() };
    let format = |model: &Model| encode(model).unwrap()[8];
    assert_eq!((format(&linear()), format(&shapes)), (1, 2));
    let header = postcard::to_allocvec(&shapes.header).unwrap();
    let payload = payload::write(&shapes.form).unwrap();
    let sealed = |format| decode(&LAYOUT.seal(format, &[], [&header, &payload]).unwrap());
    assert_eq!(sealed(2), Ok(shapes));
    assert_eq!(sealed(1), Err(BlobError::Header { what: "encoder" }));
    let format = EnvelopeError::Format { found: 3, oldest: 1, newest: 2 };
    assert_eq!(sealed(3), Err(BlobError::Envelope(format)));
}

#[test]
fn header_and_payload_are_checked_too() {
    let model = linear();
    let payload = payload::write(&model.form).unwrap();
    check(
        &Header { features: vec!["carat".into()], ..header() },
        &payload,
        "wants the features carat",
    );
    check(&Header { encoder: Encoder::Passthrough, ..header() }, &payload, "encoder");
    let interval =
        header().interval.map(|interval| PredictionInterval { confidence: 1.0, ..interval });
    check(&Header { interval, ..header() }, &payload, "interval");
    let domain = Some(Domain { price_usd: [1.0, 0.0], ..domain() });
    check(&Header { domain, ..header() }, &payload, "domain");
    check(&header(), &payload[..payload.len() - 1], "payload cannot be read");
    check(&header(), &[payload.as_slice(), &[0]].concat(), "1 bytes follow the payload");
    let payload = payload::write(&trees().form).unwrap();
    for broken in
        [&payload[..payload.len() - 4], &[payload.as_slice(), &[0; 4]].concat(), &[2], &[]]
    {
        check(&header(), broken, "payload cannot be read");
    }
}

#[test]
fn a_newer_format_says_what_to_do() {
    let mut blob = encode(&linear()).unwrap();
    blob[8] = 3;
    assert_eq!(
        decode(&blob).unwrap_err().to_string(),
        "blob format 3; this build reads 1 to 2; re-export with `trainer export`"
    );
    assert_eq!(decode(b"PK\x03\x04").unwrap_err(), BlobError::Envelope(EnvelopeError::Magic));
}

#[test]
fn changes_inside_a_valid_envelope_never_panic() {
    let mut random = Random(7);
    let mut random = |bound: usize| random.below(u32::try_from(bound).unwrap()) as usize;
    let mut accepted = 0;
    for round in 0..20_000 {
        let model = if round % 2 == 0 { trees() } else { linear() };
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
        if let Ok(model) = decode(&LAYOUT.seal(FORMAT, &[], [&header, &payload]).unwrap()) {
            accepted += 1;
            // An accepted model passes every check when it is written again, and prices a stone without a panic.
            assert!(encode(&model).is_ok());
            let _ = model.form.margin(&crate::Features::from_values([1.0; 9]));
        }
    }
    assert!(accepted > 100, "{accepted} of 20,000 changed blobs were valid");
}
