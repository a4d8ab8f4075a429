//! Packs a data set for the database, so that it can be restored.

use std::path::{Path, PathBuf};

use inference::{PriceList, PricesIn};
use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;

use crate::dataset::Dataset;
use crate::delivery::Delivery;
use crate::stone::{REQUIRED, Stone, hex};

/// How hard to compress, of 10. On the public table 6 gives 11 bytes a row in a fifth of a second.
const LEVEL: u8 = 6;

/// The most bytes of a file's rows that are kept, compressed: some four million rows. A statement with more would be too
/// large for a server.
const CONTENTS_MAX: usize = 32 << 20;

/// The most bytes that contents give, so that damaged ones cannot fill the memory.
const TEXT_MAX: usize = 1 << 30;

/// A data set and where its rows are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// SHA-256, in hexadecimal digits.
    pub sha256: String,
    /// How many rows it has.
    pub rows: u64,
    /// Where the rows came from, for people.
    pub source: String,
    /// Where its rows are.
    pub kept: Kept,
    /// The currency and the year of the prices, where somebody said.
    pub prices_in: Option<PricesIn>,
}

/// Where the rows of a version are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// In the table of diamonds, up to this id.
    Table {
        /// The id of the last row.
        last_id: u64,
    },
    /// Here: a diamond CSV, compressed by raw DEFLATE.
    Contents(Vec<u8>),
}

impl Version {
    /// `None` for a file with more rows than a database should hold as one value: the owner of such files keeps them.
    pub fn of(dataset: &Dataset) -> Option<Version> {
        let kept = match dataset.last_id() {
            Some(last_id) => Kept::Table { last_id },
            None => Kept::Contents(compress_to_vec(&csv(dataset.in_order()), LEVEL)),
        };
        let is_small = !matches!(&kept, Kept::Contents(bytes) if bytes.len() > CONTENTS_MAX);
        is_small.then(|| Version {
            sha256: hex(&dataset.sha256()),
            rows: dataset.len() as u64,
            source: dataset.source.clone(),
            kept,
            prices_in: dataset.prices_in,
        })
    }
}

/// The data set that contents hold.
///
/// # Errors
///
/// In words, where they are damaged.
pub fn unpack(contents: &[u8], source: String) -> Result<Dataset, String> {
    let text = decompress_to_vec_with_limit(contents, TEXT_MAX)
        .map_err(|error| format!("its contents cannot be unpacked: {error}"))?;
    let delivery = Delivery::parse(Path::new(&source), text).map_err(|error| error.to_string())?;
    Ok(Dataset::from_delivery(Delivery { file: PathBuf::from(source), ..delivery }))
}

/// Rows as a diamond CSV, with their price lists if they have any. Read again, they are the same rows.
pub fn csv<'a>(stones: impl IntoIterator<Item = &'a Stone>) -> Vec<u8> {
    let stones: Vec<&Stone> = stones.into_iter().collect();
    let has_lists = stones.iter().any(|stone| stone.diamond.price_list.is_some());
    let mut text = REQUIRED.join(",");
    text.push_str(if has_lists { ",price_list\n" } else { "\n" });
    for stone in stones {
        text.push_str(&stone.canonical());
        if has_lists {
            text.push(',');
            // A name has nothing that needs quotes.
            text.push_str(stone.diamond.price_list.as_ref().map_or("", PriceList::as_str));
        }
        text.push('\n');
    }
    text.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list_rule::ListRule;

    #[test]
    fn rows_of_a_file_come_back_to_the_bit_and_take_little_room() {
        let all = Dataset::diamonds(7);
        let rows = all.rows().iter().map(|(place, stone)| match place % 3 {
            0 => (*place, ListRule::Orientation.apply(stone.clone())),
            1 => (*place, stone.clone().listed("Smith".parse().unwrap())),
            _ => (*place, stone.clone()),
        });
        let dataset = Dataset::new(String::from("rows.csv"), rows.collect());
        let version = Version::of(&dataset).unwrap();
        let Kept::Contents(contents) = &version.kept else { panic!("{:?}", version.kept) };
        let back = unpack(contents, version.source.clone()).unwrap();
        assert_eq!((back.len(), back.sha256()), (dataset.len(), dataset.sha256()));
        assert!(back.in_order().eq(dataset.in_order()));
        assert!(contents.len() < 16 * dataset.len(), "{} bytes", contents.len());
        assert!(unpack(&contents[..contents.len() / 2], String::new()).is_err());
    }
}
