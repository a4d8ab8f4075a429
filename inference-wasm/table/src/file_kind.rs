//! Recognises files that are not text by their first bytes.

use std::fmt;

use inference::text::without_byte_order_mark;

/// How many bytes of a file are enough to recognise it.
const ENOUGH: usize = 64;

/// A kind of file that is not a table in UTF-8 text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// Excel's workbook since 2007, `.xlsx`, or another zip archive.
    Workbook,
    /// Excel's workbook until 2003, `.xls`.
    OldWorkbook,
    /// Compressed by gzip.
    Gzip,
    /// Text in UTF-16.
    Utf16,
    /// Apache Parquet.
    Parquet,
    /// Apache Arrow's file, also called Feather.
    Feather,
    /// JSON.
    Json,
    /// PDF.
    Pdf,
}

impl FileKind {
    /// The kind that the first bytes of a file show; `None` for what may be a table in text.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<FileKind> {
        let start = &bytes[..bytes.len().min(ENOUGH)];
        let magics: [(&[u8], FileKind); 10] = [
            (b"PK\x03\x04", FileKind::Workbook),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", FileKind::OldWorkbook),
            (b"\x1f\x8b", FileKind::Gzip),
            (b"\xff\xfe", FileKind::Utf16),
            (b"\xfe\xff", FileKind::Utf16),
            (b"PAR1", FileKind::Parquet),
            (b"ARROW1", FileKind::Feather),
            (b"FEA1", FileKind::Feather),
            (b"%PDF", FileKind::Pdf),
            (b"[{", FileKind::Json),
        ];
        let magic = magics.iter().find(|(magic, _)| start.starts_with(magic));
        // UTF-16 without a byte order mark: every other byte of plain letters is 0.
        let is_wide = start.len() > 3 && (0..4).filter(|at| start[*at] == 0).count() == 2;
        let text = without_byte_order_mark(start).trim_ascii_start();
        match magic {
            Some((_, kind)) => Some(*kind),
            None if is_wide => Some(FileKind::Utf16),
            None if text.starts_with(b"{") => Some(FileKind::Json),
            None => None,
        }
    }

    /// What to do to have a table in text instead.
    #[must_use]
    pub fn remedy(self) -> &'static str {
        match self {
            FileKind::Workbook | FileKind::OldWorkbook => "save the sheet as \"CSV UTF-8\"",
            FileKind::Gzip => "unpack it with `gunzip`",
            FileKind::Utf16 => "save it as \"CSV UTF-8\"",
            FileKind::Parquet => {
                "write it as CSV: `pandas.read_parquet(file).to_csv(\"diamonds.csv\", index=False)`"
            }
            FileKind::Feather => {
                "write it as CSV: `pandas.read_feather(file).to_csv(\"diamonds.csv\", index=False)`"
            }
            FileKind::Json => "write it as CSV with a header",
            FileKind::Pdf => "copy its table into a spreadsheet and save that as \"CSV UTF-8\"",
        }
    }
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FileKind::Workbook => "a workbook (.xlsx) or another zip archive",
            FileKind::OldWorkbook => "a workbook of Excel 2003 or older (.xls)",
            FileKind::Gzip => "compressed by gzip",
            FileKind::Utf16 => "text in UTF-16",
            FileKind::Parquet => "a Parquet file",
            FileKind::Feather => "a Feather file (Arrow)",
            FileKind::Json => "JSON",
            FileKind::Pdf => "a PDF",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_recognised_by_its_first_bytes() {
        let check = |bytes: &[u8], kind: Option<FileKind>| assert_eq!(FileKind::of(bytes), kind);
        check(b"", None);
        check(b"carat,cut", None);
        check(b"\xef\xbb\xbfcarat,cut", None);
        check(b"caf\xe9,cut", None);
        check(b"PK\x03\x04 and more", Some(FileKind::Workbook));
        check(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Some(FileKind::OldWorkbook));
        check(b"\x1f\x8b\x08", Some(FileKind::Gzip));
        check(b"\xff\xfec\0a\0", Some(FileKind::Utf16));
        check(b"c\0a\0r\0", Some(FileKind::Utf16));
        check(b"\0c\0a\0r", Some(FileKind::Utf16));
        check(b"PAR1....", Some(FileKind::Parquet));
        check(b"ARROW1\0\0", Some(FileKind::Feather));
        check(b"{\"carat\": 1}", Some(FileKind::Json));
        check(b"%PDF-1.7", Some(FileKind::Pdf));
    }
}
