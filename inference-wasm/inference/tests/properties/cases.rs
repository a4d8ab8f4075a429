//! Reads the golden cases: stones, and the price of each by every golden blob.

use std::path::{Path, PathBuf};

use inference::{Diamond, DiamondInput};

use super::stones::stone;

/// How many columns describe a stone.
pub(crate) const FIELDS: usize = DiamondInput::FIELDS.len();

/// The folder of the golden blobs of a format.
pub(crate) fn folder(format: u16) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/format-{format}"))
}

/// The stones of a format, and for each blob their prices as bits.
pub(crate) fn cases(folder: &Path) -> (Vec<Diamond>, Vec<(String, Vec<u64>)>) {
    let text = std::fs::read_to_string(folder.join("cases.csv")).unwrap();
    let mut rows = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let names = rows.next().unwrap();
    assert_eq!(names[..FIELDS], DiamondInput::FIELDS);
    let mut prices: Vec<(String, Vec<u64>)> =
        names[FIELDS..].iter().map(|name| ((*name).to_owned(), Vec::new())).collect();
    let mut diamonds = Vec::new();
    for row in rows {
        diamonds.push(stone(&row[..FIELDS].join(",")));
        for ((_, prices), cell) in prices.iter_mut().zip(&row[FIELDS..]) {
            prices.push(u64::from_str_radix(cell.strip_prefix('x').unwrap(), 16).unwrap());
        }
    }
    (diamonds, prices)
}
