//! Checks that hold for any bytes that are read as samples.

use inference::samples::max_decode_bytes;
use inference::{Clarity, Color, Cut, Samples};

use super::memory::within;

/// Reads bytes as they are, then in a valid envelope, so that the checksum does not protect the code behind it.
pub(crate) fn check(bytes: &[u8]) {
    check_reading(bytes);
    check_reading(&sealed(bytes));
}

/// Reads within the promised memory; what is read is written and read again as the same stones.
fn check_reading(bytes: &[u8]) {
    let (read, _) = within(max_decode_bytes(bytes.len()), || Samples::from_bytes(bytes));
    let Ok(samples) = read else { return };
    let written = samples.to_bytes().expect("what was read can be written");
    assert_eq!(Samples::from_bytes(&written).as_ref(), Ok(&samples));
    let mut of_kinds = 0;
    for (cut, color, clarity) in kinds() {
        let of_kind = samples.of_kind(cut, color, clarity);
        of_kinds += of_kind.len();
        let nearest = samples.similar((cut, color, clarity), 0.7, 3);
        assert_eq!(nearest.len(), of_kind.len().min(3));
        for sample in &nearest {
            assert!(samples.also_listed(sample).iter().all(|other| other.id != sample.id));
        }
    }
    assert_eq!(of_kinds, samples.len());
}

fn kinds() -> impl Iterator<Item = (Cut, Color, Clarity)> {
    Cut::ALL.iter().flat_map(|cut| {
        Color::ALL
            .iter()
            .flat_map(move |color| Clarity::ALL.iter().map(move |clarity| (*cut, *color, *clarity)))
    })
}

/// Samples with the same decimals, rows, price lists and payload, but with valid magic, format, lengths and checksum.
pub(crate) fn sealed(bytes: &[u8]) -> Vec<u8> {
    const FRONT_BYTES: usize = 34;
    let front = bytes.get(..FRONT_BYTES).unwrap_or(&[0; FRONT_BYTES]);
    let parts = bytes.get(FRONT_BYTES..).unwrap_or(bytes);
    let lists_bytes = u32::from_le_bytes(front[22..26].try_into().expect("four bytes"));
    let (lists, payload) = parts.split_at((lists_bytes as usize).min(parts.len()));
    let payload = &payload[..payload.len() / 4 * 4];
    // A column has at most four decimals, and a byte at most eight stones.
    let decimals = front[10..17].iter().map(|decimals| decimals % 5);
    let rows = u32::from_le_bytes(front[18..22].try_into().expect("four bytes"));
    let max_rows = u32::try_from(8 * payload.len()).expect("few bytes") + 1;
    let length = |part: &[u8]| u32::try_from(part.len()).expect("few bytes").to_le_bytes();
    let mut samples = b"\x89STONE\r\n\x01\0".to_vec();
    samples.extend(decimals);
    samples.push(0);
    samples.extend((rows % max_rows).to_le_bytes());
    samples.extend(length(lists));
    samples.extend(length(payload));
    samples.extend([0; 4]);
    samples.extend(lists);
    samples.extend(payload);
    let checksum = crc32fast::hash(&[&samples[..30], lists, payload].concat()).to_le_bytes();
    samples[30..FRONT_BYTES].copy_from_slice(&checksum);
    samples
}
