//! What a libsql server and its clients send each other: the JSON of Hrana 3 over HTTP, without a way to send it.
//!
//! A pipeline is a few requests and their answers in one body. A cursor is one statement whose rows come one to a line, as
//! many as there are.
//!
//! <https://github.com/tursodatabase/libsql/blob/main/docs/HRANA_3_SPEC.md>

#![forbid(unsafe_code)]

mod request;

mod response;

mod value;

pub use self::request::{CURSOR_PATH, PIPELINE_PATH, Request, Statement, cursor, pipeline};
pub use self::response::{Answer, Cursor, Entry, Error, Refusal, ResultSet, refusal};
pub use self::value::Value;
