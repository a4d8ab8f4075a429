//! Splits the rows of a CSV at random into the files that every contestant reads.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::dataset::shuffle;
use crate::programs::empty_folder;

/// One row in so many is held out.
const HELD_OUT: usize = 5;

/// Decides which rows are used in place of a store's export.
const SEED: u64 = 42;

/// The rows of a diamond CSV that can train a model: with a price and every dimension.
pub(super) struct Rows {
    header: csv::StringRecord,
    rows: Vec<csv::StringRecord>,
}

/// The two files of a split, alone in their folder.
pub(super) struct Files {
    pub(super) folder: PathBuf,
    pub(super) train: PathBuf,
    pub(super) test: PathBuf,
}

impl Rows {
    /// Reads a file and leaves out the rows that the notebook leaves out.
    pub(super) fn read(file: &Path) -> Result<Rows> {
        let mut reader = csv::Reader::from_path(file)
            .with_context(|| format!("{} cannot be read", file.display()))?;
        let header = reader.headers()?.clone();
        let positive: Vec<usize> = ["price", "x", "y", "z"]
            .iter()
            .filter_map(|name| header.iter().position(|column| column == *name))
            .collect();
        let rows: Vec<_> = reader.records().collect::<Result<_, _>>()?;
        let is_usable = |row: &csv::StringRecord| {
            let number = |at: &usize| row.get(*at).and_then(|text| text.parse::<f64>().ok());
            positive.iter().all(|at| number(at).is_some_and(|number| number > 0.0))
        };
        Ok(Rows { rows: rows.into_iter().filter(is_usable).collect(), header })
    }

    /// So many of the rows, drawn at random.
    pub(super) fn some(&self, count: usize) -> Rows {
        let mut rows = self.rows.clone();
        shuffle(&mut rows, SEED);
        rows.truncate(count);
        Rows { header: self.header.clone(), rows }
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Splits the rows by a seed and writes both parts.
    pub(super) fn split(&self, seed: u64, folder: &Path) -> Result<Files> {
        empty_folder(folder)?;
        let mut rows: Vec<&csv::StringRecord> = self.rows.iter().collect();
        shuffle(&mut rows, seed);
        let (test, train) = rows.split_at(rows.len() / HELD_OUT);
        let write = |name: &str, rows: &[&csv::StringRecord]| -> Result<PathBuf> {
            let file = folder.join(name);
            let mut writer = csv::Writer::from_path(&file)?;
            writer.write_record(&self.header)?;
            rows.iter().try_for_each(|row| writer.write_record(*row))?;
            writer.flush()?;
            Ok(file)
        };
        let (train, test) = (write("train.csv", train)?, write("test.csv", test)?);
        Ok(Files { folder: folder.to_owned(), train, test })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_split_has_every_usable_row_once_by_its_seed() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let table = folder.path().join("table.csv");
        let mut text = String::from("carat,price,x,y,z\n0.5,-1,4,4,2\n0.6,900,0,4,2\n");
        for price in 100..200 {
            text.push_str(&format!("0.7,{price},5,5,3\n"));
        }
        fs::write(&table, text)?;
        let rows = Rows::read(&table)?;
        assert_eq!((rows.len(), rows.some(30).len()), (100, 30));
        let split = |seed| -> Result<(String, String)> {
            let files = rows.split(seed, &folder.path().join("split"))?;
            Ok((fs::read_to_string(files.train)?, fs::read_to_string(files.test)?))
        };
        let (train, test) = split(1)?;
        let mut lines: Vec<&str> = train.lines().skip(1).chain(test.lines().skip(1)).collect();
        assert_eq!((lines.len(), test.lines().count()), (100, 21));
        lines.sort_unstable();
        lines.dedup();
        assert_eq!(lines.len(), 100);
        assert_eq!((train, test), split(1)?);
        assert_ne!(split(1)?, split(2)?);
        Ok(())
    }
}
