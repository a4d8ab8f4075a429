//! Reads diamonds from a table in text, with the same rules in the trainer's files, the service's bodies and the browser.
//!
//! The first line names the columns, in any order and case. Commas, semicolons or tabs separate them; the header shows which.
//! A row that is wrong costs no other row.
//!
//! ```
//! use table::{Columns, FOUR_CS, Header, Records};
//!
//! let text = b"Color;Carat;Clarity;Cut;Shop\nE;0,23;SI2;Ideal;\"Paris\nRivoli\"\n";
//! let header = Header::read(text).unwrap();
//! let columns = Columns::of(&header.names, &FOUR_CS, &[]).unwrap();
//! assert_eq!(columns.ignored[0].name, "Shop");
//!
//! for record in Records::below(text, &header) {
//!     let record = record.unwrap();
//!     let diamond = columns.input(&record, header.separator).parse().unwrap();
//!     assert_eq!(diamond.carat.carats(), 0.23);
//! }
//! ```

#![forbid(unsafe_code)]

mod columns;

mod file_kind;

mod header;

mod numeral;

mod records;

pub use self::columns::{
    ColumnProblem, Columns, ColumnsError, FIELDS, FOUR_CS, Ignored, Rename, is_dimension,
};
pub use self::file_kind::FileKind;
pub use self::header::{Header, HeaderError};
pub use self::records::{LINE_MAX, Record, Records, record_end};
