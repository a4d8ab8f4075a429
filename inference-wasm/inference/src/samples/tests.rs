//! Checks that samples are read back to the bit and that hostile bytes are refused.

use std::fs;
use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::{DiamondInput, FieldValue};

/// The price lists of the public table.
fn lists() -> PriceLists {
    PriceLists::of(["A", "B"].map(|name| name.parse().unwrap())).unwrap()
}

/// The public table, numbered from 1 on. The order of x and y tells the price list.
fn diamonds() -> Vec<Sample> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/diamonds.csv");
    let text = fs::read_to_string(file).unwrap();
    let rows = text.lines().skip(1).zip(1..);
    rows.map(|(line, id)| {
        let fields: Vec<&str> = line.split(',').collect();
        let number = |at: usize| fields[at].parse().unwrap();
        let (x, y): (f64, f64) = (number(7), number(8));
        let is_known = x > 0.0 && y > 0.0 && x.total_cmp(&y).is_ne();
        Sample {
            id,
            price_list: is_known.then(|| u8::from(x > y)),
            cut: fields[1].parse().unwrap(),
            color: fields[2].parse().unwrap(),
            clarity: fields[3].parse().unwrap(),
            numbers: [0, 4, 5, 6, 7, 8, 9].map(number),
        }
    })
    .collect()
}

fn check(samples: Vec<Sample>) -> usize {
    let samples = Samples::of(samples, lists()).unwrap();
    let bytes = samples.to_bytes().unwrap();
    assert_eq!(Samples::from_bytes(&bytes).unwrap(), samples);
    bytes.len()
}

#[test]
fn the_public_table_takes_less_than_four_bytes_per_stone() {
    let diamonds = diamonds();
    let rows = diamonds.len();
    let bytes = check(diamonds);
    assert!(bytes < 4 * rows, "{bytes} bytes");
}

#[test]
fn the_released_samples_are_the_public_table() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/samples.loupe");
    let released = fs::read(file).unwrap();
    let samples = Samples::of(diamonds(), lists()).unwrap();
    let written = samples.to_bytes().unwrap();
    assert!(written == released, "`trainer data samples` now writes other bytes");
    assert_eq!(Samples::from_bytes(&released).unwrap(), samples);
}

#[test]
fn few_and_odd_samples_are_read_back_too() {
    check(Vec::new());
    let diamonds = diamonds();
    check(diamonds[..1].to_vec());
    let same: Vec<Sample> = (1..1000).map(|id| Sample { id, ..diamonds[7] }).collect();
    check(same);
    let mut odd = diamonds[..500].to_vec();
    for (at, sample) in odd.iter_mut().enumerate() {
        sample.id *= 1 + at as i64 * 1_000_000;
        sample.numbers[at % 7] =
            [0.0, 1e300, 5e-324, 0.1 + 0.2, 123_456_789.5, 4_194_304.0][at % 6];
    }
    odd[499].id = i64::MAX;
    check(odd);
}

#[test]
fn impossible_samples_are_refused() {
    let sample = diamonds()[0];
    let with = |change: fn(&mut Sample)| {
        let mut changed = sample;
        change(&mut changed);
        Samples::of(Vec::from([sample, changed]), lists())
    };
    for change in [
        (|_| {}) as fn(&mut Sample),
        |sample| sample.id = 0,
        |sample| (sample.id, sample.numbers[0]) = (9, f64::NAN),
        |sample| (sample.id, sample.numbers[0]) = (9, -1.0),
        |sample| (sample.id, sample.numbers[6]) = (9, f64::INFINITY),
        |sample| (sample.id, sample.price_list) = (9, Some(2)),
    ] {
        assert!(matches!(with(change), Err(SamplesError::Unfit { .. })));
    }
    assert!(with(|sample| sample.id = 9).is_ok());
}

#[test]
fn similar_finds_what_a_scan_of_all_finds() {
    let diamonds = diamonds();
    let samples = Samples::of(diamonds.clone(), lists()).unwrap();
    let kinds = diamonds.iter().step_by(271);
    for (at, sample) in kinds.enumerate() {
        let carat = sample.carat() + [0.0, 0.005, -0.1, 3.0][at % 4];
        let n = [1, 5, 100][at % 3];
        let of_kind: Vec<Sample> =
            diamonds.iter().filter(|other| other.kind() == sample.kind()).copied().collect();
        assert_eq!(samples.similar(sample.kind(), carat, n), nearest(carat, of_kind, n));
    }
    assert_eq!(samples.similar((Cut::Ideal, Color::E, Clarity::VS1), 1.0, 0), []);
}

#[test]
fn other_listings_of_a_stone_are_found_in_every_cut() {
    let diamonds = diamonds();
    let samples = Samples::of(diamonds.clone(), lists()).unwrap();
    let mut listed = 0;
    for sample in diamonds.iter().step_by(53) {
        let is_other = |other: &&Sample| {
            other.id != sample.id && sample.stone().is_some() && other.stone() == sample.stone()
        };
        let expected: Vec<Sample> = diamonds.iter().filter(is_other).copied().collect();
        listed += expected.len();
        assert_eq!(samples.also_listed(sample), expected);
    }
    assert!(listed > 300, "{listed}");
}

/// A weight in billionths: with two or three digits after the point, so that many are equally far, or with nine.
fn billionths() -> impl Strategy<Value = u64> {
    let hundredths = (30_u64..60).prop_map(|weight| weight * 10_000_000);
    let thousandths = (300_u64..600).prop_map(|weight| weight * 1_000_000);
    prop_oneof![hundredths, thousandths, 300_000_000_u64..600_000_000]
}

/// The f64 that is nearest to a decimal.
fn carat(billionths: u64) -> f64 {
    format!("{billionths}e-9").parse().unwrap()
}

proptest! {
    #[test]
    fn similar_stones_are_in_the_order_of_whole_numbers(
        weights in prop::collection::vec(billionths(), 1..200),
        requested in billionths(),
        n in 0..40_usize,
    ) {
        let with_id = |(id, weight): (i64, &u64)| {
            let mut sample = Sample { id, ..Sample::EMPTY };
            sample.numbers[0] = carat(*weight);
            sample
        };
        let samples = Samples::of((1..).zip(&weights).map(with_id).collect(), PriceLists::NONE).unwrap();
        let mut scan: Vec<(u64, i64)> =
            weights.iter().zip(1..).map(|(weight, id)| (weight.abs_diff(requested), id)).collect();
        scan.sort_unstable();
        let expected: Vec<i64> = scan.iter().take(n).map(|(_, id)| *id).collect();
        // A program may have computed the requested weight.
        let decimal = carat(requested);
        for carat in [decimal, decimal.next_down(), decimal.next_up()] {
            let found = samples.similar(Sample::EMPTY.kind(), carat, n);
            let ids: Vec<i64> = found.iter().map(|sample| sample.id).collect();
            prop_assert_eq!(&ids, &expected);
        }
    }
}

#[test]
fn every_changed_byte_and_every_truncation_is_found() {
    let samples = Samples::of(diamonds()[..300].to_vec(), lists()).unwrap();
    let bytes = samples.to_bytes().unwrap();
    for at in 0..bytes.len() {
        assert!(Samples::from_bytes(&bytes[..at]).is_err(), "cut at {at}");
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        assert!(Samples::from_bytes(&changed).is_err(), "changed at {at}");
    }
}

proptest! {
    /// The checksum is right here.
    #[test]
    fn any_payload_is_read_or_refused(payload in prop::collection::vec(any::<u8>(), 0..400), rows in 0_usize..4000) {
        let payload = payload[..payload.len() / 4 * 4].to_vec();
        let bytes = seal([2, 1, 1, 0, 2, 2, 2], rows, &lists(), payload).unwrap();
        let _ = Samples::from_bytes(&bytes);
    }
}

#[test]
fn an_input_and_its_sample_have_the_same_grades() {
    let sample = diamonds()[0];
    let input = DiamondInput {
        carat: FieldValue::Number(sample.carat()),
        cut: FieldValue::Text(sample.cut.as_str()),
        color: FieldValue::Text(sample.color.as_str()),
        clarity: FieldValue::Text(sample.clarity.as_str()),
        ..DiamondInput::default()
    };
    let diamond = input.parse().unwrap();
    assert_eq!((diamond.cut, diamond.color, diamond.clarity), sample.kind());
}
