//! Splits the rows of a diamond CSV into the files that every contestant reads.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use data::dataset::Dataset;
use data::delivery::{Delivery, InputFile};
use data::list_rule::ListRule;
use data::split::Split;
use data::stone::Stone;
use data::version;

use crate::dataset::shuffle;
use crate::programs::empty_folder;

/// One row in so many is held out.
const HELD_OUT: usize = 5;

/// Decides which rows are used in place of a store's export.
const SEED: u64 = 42;

/// How rows are divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// As `trainer train` does: the listings of a stone stay together.
    ByStone,
    /// Row by row: a stone's other listing may train a model that is measured on the stone.
    AtRandom,
}

/// The files of a split, alone in their folder. Each row states the price list that the order of its x and y tells.
pub(super) struct Files {
    pub(super) folder: PathBuf,
    pub(super) train: PathBuf,
    /// The held-out rows, on which everyone is measured.
    pub(super) test: PathBuf,
    /// Those of them whose stones do not train. Our trainer chooses a family by these, for it trains on no stone that it
    /// chooses by.
    pub(super) unseen: PathBuf,
}

/// Reads a file.
pub(super) fn read(file: &Path) -> Result<Dataset> {
    let input = InputFile::open(file, &[])?.with_lists(ListRule::Orientation);
    Ok(Dataset::from_delivery(Delivery::of(&input)?))
}

/// So many of the rows that can train a model, drawn at random.
pub(super) fn some(dataset: &Dataset, count: usize) -> Dataset {
    let (mut stones, _) = dataset.usable();
    shuffle(&mut stones, SEED);
    let rows = (0..).zip(stones.into_iter().take(count).cloned());
    Dataset::new(dataset.source.clone(), rows.collect())
}

/// Splits the rows that can train a model by a seed, and writes the parts.
pub(super) fn write(dataset: &Dataset, rule: Rule, seed: u64, folder: &Path) -> Result<Files> {
    empty_folder(folder)?;
    let (train, test) = match rule {
        Rule::ByStone => {
            let split = Split::seeded(dataset, seed)?;
            (split.train, split.holdout)
        }
        Rule::AtRandom => {
            let (mut rows, _) = dataset.usable();
            shuffle(&mut rows, seed);
            let train = rows.split_off(rows.len() / HELD_OUT);
            (train, rows)
        }
    };
    let seen: HashSet<[u8; 16]> = train.iter().map(|stone| stone.identity.stone()).collect();
    let unseen = test.iter().filter(|stone| !seen.contains(&stone.identity.stone())).copied();
    let unseen: Vec<&Stone> = unseen.collect();
    let write = |name: &str, rows: &[&Stone]| -> Result<PathBuf> {
        let file = folder.join(name);
        fs::write(&file, version::csv(rows.iter().copied()))?;
        Ok(file)
    };
    Ok(Files {
        folder: folder.to_owned(),
        train: write("train.csv", &train)?,
        test: write("test.csv", &test)?,
        unseen: write("unseen.csv", &unseen)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rows of a file.
    fn lines(file: &Path) -> Vec<String> {
        fs::read_to_string(file).unwrap().lines().skip(1).map(str::to_owned).collect()
    }

    #[test]
    fn a_split_has_every_usable_row_once_by_its_seed() {
        let folder = tempfile::tempdir().unwrap();
        let all = read(concat!(env!("CARGO_MANIFEST_DIR"), "/../data/diamonds.csv").as_ref());
        let dataset = some(&all.unwrap(), 3_000);
        let split = |rule, seed| write(&dataset, rule, seed, &folder.path().join("split")).unwrap();
        for rule in [Rule::ByStone, Rule::AtRandom] {
            let of_seed = |seed| {
                let files = split(rule, seed);
                (lines(&files.train), lines(&files.test), lines(&files.unseen))
            };
            let (train, test, unseen) = of_seed(1);
            assert_eq!(train.len() + test.len(), 3_000);
            assert!((500..700).contains(&test.len()), "{rule:?}: {}", test.len());
            assert_eq!(rule == Rule::ByStone, unseen.len() == test.len());
            assert!(unseen.len() > 300 && unseen.iter().all(|row| test.contains(row)));
            assert!(test.iter().any(|row| row.ends_with(",B")));
            assert_eq!((train, test.clone(), unseen), of_seed(1));
            assert_ne!(test, of_seed(2).1);
        }
    }
}
