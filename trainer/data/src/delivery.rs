//! Reads a file of diamonds of any kind: its valid rows, and what is wrong with each of the others.

pub mod lines;

mod blocks;

mod batches;

mod parquet;

mod workbook;

mod text;

mod table_reader;

mod input_file;

use std::path::{Path, PathBuf};

use inference::FieldError;

pub use self::input_file::InputFile;
pub use self::table_reader::{RecordResult, RowSource, TableReader, Wanted};
use crate::DataError;
use crate::stone::Stone;
pub use table::{Columns, FOUR_CS, Header, Record, Rename};

/// One file, read to its end.
#[derive(Debug)]
pub struct Delivery {
    /// The path as it was given.
    pub file: PathBuf,
    /// Of the file's bytes.
    pub sha256: String,
    /// A sentence that names the columns that were ignored.
    pub ignored: Option<String>,
    /// The good rows, each with the line it stands on.
    pub stones: Vec<(u64, Stone)>,
    /// The bad rows.
    pub rejected: Vec<Rejected>,
}

/// A row that is no stone.
#[derive(Debug, Clone, PartialEq)]
pub struct Rejected {
    /// The line it stands on; the header is line 1.
    pub line: u64,
    /// Every field that is wrong, with its value as written; of a long one, its first 200 characters.
    pub errors: Vec<FieldError>,
}

/// One row of a file.
#[derive(Debug)]
pub struct Row {
    /// The line it stands on; the header is line 1. In Parquet its number; the first is 1.
    pub line: u64,
    /// What it is, or every field that is wrong.
    pub stone: Result<Stone, Vec<FieldError>>,
}

impl Delivery {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// [`DataError`] for a file that is no diamond CSV at all; bad rows are part of the result.
    pub fn read(file: &Path) -> Result<Delivery, DataError> {
        Delivery::renamed(file, &[])
    }

    /// Reads a file in which some columns have other names.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub fn renamed(file: &Path, renames: &[Rename]) -> Result<Delivery, DataError> {
        Delivery::of(&InputFile::open(file, renames)?)
    }

    /// Reads the bytes of a file.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub fn parse(file: &Path, bytes: Vec<u8>) -> Result<Delivery, DataError> {
        Delivery::of(&InputFile::of_bytes(file, bytes)?)
    }

    /// Reads a file that was input.
    ///
    /// # Errors
    ///
    /// [`DataError::Unreadable`]
    pub fn of(input: &InputFile) -> Result<Delivery, DataError> {
        Delivery::start_of(input, usize::MAX)
    }

    /// Reads the beginning of a file that was input: at least this many rows, or all.
    ///
    /// # Errors
    ///
    /// [`DataError::Unreadable`]
    pub fn start_of(input: &InputFile, rows: usize) -> Result<Delivery, DataError> {
        let mut delivery = Delivery {
            file: input.file.clone(),
            sha256: input.sha256.clone(),
            ignored: input.columns.ignored_sentence(),
            stones: Vec::new(),
            rejected: Vec::new(),
        };
        for batch in input.rows()? {
            for Row { line, stone } in batch? {
                match stone {
                    Ok(stone) => delivery.stones.push((line, stone)),
                    Err(errors) => delivery.rejected.push(Rejected { line, errors }),
                }
            }
            if delivery.read_count() >= rows {
                break;
            }
        }
        Ok(delivery)
    }

    /// How many rows the file holds.
    pub fn read_count(&self) -> usize {
        self.stones.len() + self.rejected.len()
    }
}

impl Rejected {
    /// Whether all that is wrong is a price that is a number, but not above 0: what the notebook drops before
    /// it trains.
    pub(crate) fn is_unpriced(&self) -> bool {
        match self.errors.as_slice() {
            [error] => {
                error.field == "price"
                    && error.value.trim().parse().is_ok_and(|price: f64| price <= 0.0)
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "carat,cut,color,clarity,depth,table,price,x,y,z\n";
    const ROW: &str = "0.23,Ideal,E,SI2,61.5,55,326,3.95,3.98,2.43\n";

    fn parse(text: impl AsRef<[u8]>) -> Result<Delivery, DataError> {
        Delivery::parse(Path::new("some.csv"), text.as_ref().to_vec())
    }

    #[test]
    fn column_order_line_ends_quotes_and_bom_do_not_matter() {
        let plain = parse(format!("{HEADER}{ROW}")).unwrap();
        let check = |text: &str| {
            let delivery = parse(text).unwrap();
            assert_eq!(delivery.stones[0].1, plain.stones[0].1, "{text}");
            assert!(delivery.rejected.is_empty());
        };
        check(
            "z,y,x,price,table,depth,clarity,color,cut,carat\r\n2.43,3.98,3.95,326,55,61.5,SI2,E,Ideal,0.23\r\n",
        );
        check(&format!("\u{feff}{HEADER}{ROW}"));
        check(&format!("{HEADER}\n\"0.23\",\"Ideal\",E,SI2,61.50,55.0,326.00,3.95,3.98,2.43"));
        check(&format!("{}{ROW}", HEADER.replace(",price,", ", price ,")));
        check(&format!(",{}0,{ROW}", HEADER.to_uppercase()));
        check(&format!("{}{}", HEADER.replace(',', ";"), ROW.replace(',', ";").replace('.', ",")));
        check(&format!("{}{}", HEADER.replace(',', "\t"), ROW.replace(',', "\t")));
        check(&format!("{HEADER}{}", ROW.replace("326", "\"$326.00\"")));
        check(&format!("{},note\n{},\"a\nb\"\n", HEADER.trim(), ROW.trim()));
    }

    #[test]
    fn a_bad_row_is_named_by_line_field_and_value_as_written() {
        let text = format!(
            "{HEADER}{ROW}0.3,Ideal,E,SI2,61.5,55,-1.00,3.95,3.98,2.43\n0.3,Ideal,E\n\n{}",
            ROW.replace("Ideal", "\"Quite Good\"").replace("326", "cheap")
        );
        let delivery = parse(text).unwrap();
        let found: Vec<(u64, &str, &str)> = delivery
            .rejected
            .iter()
            .flat_map(|row| {
                row.errors.iter().map(|e| (row.line, e.field.as_str(), e.value.as_str()))
            })
            .collect();
        assert_eq!(
            found,
            [
                (3, "price", "-1.00"),
                (4, "row", "0.3,Ideal,E"),
                (6, "cut", "Quite Good"),
                (6, "price", "cheap")
            ]
        );
        assert_eq!(delivery.read_count(), 4);
        let unpriced: Vec<bool> = delivery.rejected.iter().map(Rejected::is_unpriced).collect();
        assert_eq!(unpriced, [true, false, false]);
    }

    #[test]
    fn lines_are_counted_the_same_whatever_ends_them() {
        let bad = ROW.replace("326", "-1");
        for end in ["\n", "\r\n", "\r"] {
            let text = format!("{HEADER}{ROW}{bad}\n{ROW}{bad}").replace('\n', end);
            let lines: Vec<u64> =
                parse(text).unwrap().rejected.iter().map(|row| row.line).collect();
            assert_eq!(lines, [3, 6], "{end:?}");
        }
    }

    #[test]
    fn a_stray_quote_costs_its_own_line_and_a_long_value_is_cut() {
        let stray = ROW.replace("Ideal", "\"Ideal");
        let long = ROW.replace("Ideal", &"x".repeat(5000));
        let delivery = parse(format!("{HEADER}{stray}{ROW}{long}{}", ROW.repeat(700))).unwrap();
        assert_eq!((delivery.stones.len(), delivery.rejected.len()), (701, 2));
        let [stray, long] = &delivery.rejected[..] else { panic!("{:?}", delivery.rejected) };
        assert_eq!((stray.line, stray.errors[0].field.as_str()), (2, "cut"));
        assert_eq!(stray.errors[0].value, "\"Ideal,E,SI2,61.5,55,326,3.95,3.98,2.43");
        assert_eq!((long.line, long.errors[0].value.chars().count()), (4, 201));
    }

    #[test]
    fn a_file_of_another_kind_is_refused_whole() {
        let check = |text: &[u8], expected: &str| {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.starts_with("some.csv: ") && error.contains(expected), "{error}");
        };
        check(b"", "is empty");
        check(b"\n\n", "is empty");
        check(b"caf\xe9,cut\n", "perhaps latin-1");
        check(HEADER.replace(',', "|").as_bytes(), "carat is missing");
        check(HEADER.replace("table", "tisch").as_bytes(), "table is missing");
        check(HEADER.replace("carat", "Weight").as_bytes(), "give --map \"Weight=carat\"");
        check(HEADER.replace("y,z", "y,y").as_bytes(), "y is there twice, z is missing");
        check(b"carat,\"cut\n1,2\n", "a header with a quote that is not closed");
        check(&b"PK\x03\x04 something"[..], "cannot be read as a workbook");
        check(&b"ARROW1\0\0"[..], "is a Feather file");
        check(&b"\xff\xfec\0a\0"[..], "is text in UTF-16");
        check(&b"PAR1 something"[..], "cannot be read as Parquet");
    }

    #[test]
    fn lines_are_numbered_through_blocks_and_rows_stay_in_order() {
        let bad = ROW.replace("326", "-1");
        let text = format!("{HEADER}{}", format!("{}{bad}\n", ROW.repeat(9)).repeat(9000));
        for end in ["\n", "\r\n", "\r"] {
            let delivery = parse(text.replace('\n', end)).unwrap();
            assert_eq!((delivery.stones.len(), delivery.rejected.len()), (81_000, 9000));
            assert!((0..).zip(&delivery.rejected).all(|(at, row)| row.line == 11 + 11 * at));
            assert!(delivery.stones.is_sorted_by_key(|(line, _)| *line));
        }
    }

    #[test]
    fn gzip_and_workbooks_are_read_like_text() {
        let text = format!("{HEADER}{ROW}{}", ROW.replace("326", "-1"));
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut packed, text.as_bytes()).unwrap();
        let delivery = parse(packed.finish().unwrap()).unwrap();
        assert_eq!((delivery.stones.len(), delivery.rejected[0].line), (1, 3));
    }

    #[test]
    fn a_header_alone_is_a_diamond_csv_without_rows() {
        assert_eq!(parse(HEADER).unwrap().read_count(), 0);
    }
}
